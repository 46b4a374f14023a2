"""WeChat official accounts and WeCom: does the account get a token, and does its template stand?

Nothing is sent to anybody. The token is asked for by `stable_token`: the older interface would
take the running application's own token from it.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from jingwei.probes import rest
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions
from jingwei.probes.options import OptionError, option
from jingwei.probes.rest import Answer, PlaceOptions, part
from jingwei.terms import Reading, Reason, Target

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_LISTS = "/cgi-bin/template/get_all_private_template"
_AGENTS = "/cgi-bin/agent/list"


@dataclass(frozen=True, kw_only=True)
class WeChatOptions(PlaceOptions):
    """Options of `wechat`."""

    kind: Literal["official", "wecom"] = option("official", label="类型", help="公众号或企业微信")
    base: str = option("/", label="基础路径", help="经代理转发时的前缀")
    template: str = option("", label="模板 ID", help="公众号的消息模板，应仍在")
    agent: int = option(0, label="应用 AgentId", minimum=0, help="企业微信的应用，应可见")

    def __post_init__(self) -> None:
        """Refuse what belongs to the other kind."""
        rest.base_path(self.base)
        if self.kind == "wecom" and self.template:
            raise OptionError("template", "企业微信没有消息模板，请用 agent")
        if self.kind == "official" and self.agent:
            raise OptionError("agent", "公众号没有 AgentId，请用 template")
        self.page()


@probe(
    "wechat",
    label="微信消息接口",
    options=WeChatOptions,
    readings={
        "wechat.errcode": ("", "取令牌的返回码，0 为成功"),
        "wechat.token.time": ("ms", "取令牌用时"),
        "wechat.expires": ("s", "令牌剩余有效时间"),
        "wechat.list.errcode": ("", "查询模板或应用的返回码，0 为成功"),
        "wechat.list.time": ("ms", "查询模板或应用用时"),
        "wechat.count": ("count", "模板或应用的个数"),
        "wechat.present": ("", "所要的模板或应用是否还在，给出选项才有"),
    },
    secrets=("app_id", "app_secret"),
    silence="地址不通，或微信接口不应答",
)
async def wechat(target: Target, options: WeChatOptions) -> list[Reading]:
    """用 app_id、app_secret 取令牌，再查询消息模板（企业微信为应用）；不向任何人发送消息。

    返回码是读数：40001、40125 密钥不对，40164 本机 IP 不在白名单，45009 当日次数用尽。
    """
    names = [target.secrets.get(key) for key in ("app_id", "app_secret")]
    if not all(names):
        raise ProbeError("没有为该目标配置 app_id 与 app_secret", Reason.COLLECTOR)
    said = await rest.answer(target, _token_page(options, *map(str, names)), who="微信接口")
    token, readings = token_read(said)
    if token:
        path = _AGENTS if options.kind == "wecom" else _LISTS
        page = _get(options, path, {"access_token": token})
        readings += list_read(await rest.answer(target, page, who="微信接口"), options)
    return readings


def _token_page(options: WeChatOptions, app_id: str, app_secret: str) -> HttpOptions:
    if options.kind == "wecom":
        return _get(options, "/cgi-bin/gettoken", {"corpid": app_id, "corpsecret": app_secret})
    wanted = {"grant_type": "client_credential", "appid": app_id, "secret": app_secret}
    path = f"{rest.base_path(options.base)}/cgi-bin/stable_token"
    return options.page(path=path, method="POST", body=json.dumps(wanted), headers=_JSON)


def _get(options: WeChatOptions, path: str, query: dict[str, str]) -> HttpOptions:
    return options.page(path=f"{rest.base_path(options.base)}{path}?{urlencode(query)}")


def token_read(said: Answer) -> tuple[str, list[Reading]]:
    """The token ("" when none was given) and the readings. Pure. Raises ProbeError for nonsense."""
    code = _code(said, wanted="access_token")
    readings = [
        Reading("wechat.errcode", str(code)),
        Reading("wechat.token.time", said.took * 1000, "ms"),
    ]
    if code:
        return "", readings
    expires = part(said.document, "expires_in")
    if isinstance(expires, int) and not isinstance(expires, bool):
        readings.append(Reading("wechat.expires", expires, "s"))
    return str(part(said.document, "access_token")), readings


def list_read(said: Answer, options: WeChatOptions) -> list[Reading]:
    """The readings of the templates, or of WeCom's agents. Pure."""
    wecom = options.kind == "wecom"
    key, name = ("agentlist", "agentid") if wecom else ("template_list", "template_id")
    wanted: str | int = options.agent if wecom else options.template
    code = _code(said, wanted=key)
    readings = [
        Reading("wechat.list.errcode", str(code)),
        Reading("wechat.list.time", said.took * 1000, "ms"),
    ]
    if code:
        return readings
    rows = part(said.document, key)
    found = [part(row, name) for row in rows] if isinstance(rows, list) else []
    readings.append(Reading("wechat.count", len(found), "count"))
    if wanted:
        readings.append(Reading("wechat.present", wanted in found))
    return readings


def _code(said: Answer, *, wanted: str) -> int:
    """The return code; 0 when what was wanted is there. Raises ProbeError when neither is."""
    code: Any = part(said.document, "errcode")
    if isinstance(code, int) and not isinstance(code, bool) and code:
        return code
    if part(said.document, wanted) is None:
        status = f"，状态码 {said.status}" if said.status != 200 else ""
        raise ProbeError(f"应答里没有 {wanted}{status}，对方可能不是微信接口")
    return 0
