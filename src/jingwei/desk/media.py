"""The ways a notice travels: what each needs to know, which of it is secret. Pure.

A channel's address is a table of texts. Base addresses can be changed everywhere: these networks
reach nothing outside but through relays of their own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from jingwei.desk.models.words import Medium

MASK = "••••••"
_MAIL = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9.\-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_TOKEN = re.compile(r"[A-Za-z0-9_\-.~]{4,200}")
_MENTION = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_PHONES = re.compile(r"\+?\d{3,20}")
SHORTEST_SECRET = 16
PLACES = ("phone", "text", "title")  # what an SMS gateway's template may name


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `secret` is sealed and never shown again; `choices` value and word."""

    name: str
    label: str
    help: str = ""
    default: str = ""
    required: bool = True
    secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False


_SECURITY = (("starttls", "STARTTLS"), ("tls", "TLS"), ("none", "不加密（仅限内网）"))
_WAYS = (("POST", "POST"), ("GET", "GET"))
_BASE = "内网中转时改为中转地址"

FIELDS: Mapping[Medium, tuple[Field, ...]] = {
    Medium.MAIL: (
        Field("host", "SMTP 服务器", "主机名或地址，如 mail.example.org"),
        Field("port", "端口", default="587"),
        Field("security", "加密", choices=_SECURITY, default="starttls"),
        Field("username", "用户名", "留空表示不登录", required=False),
        Field("password", "密码", required=False, secret=True),
        Field("sender", "发件人", "一个邮箱地址"),
        Field("recipients", "收件人", "邮箱地址，多个用逗号或换行分开", long=True),
    ),
    Medium.WECOM: (
        Field("base", "服务地址", _BASE, default="https://qyapi.weixin.qq.com"),
        Field("key", "机器人 key", "群机器人 Webhook 地址里 key= 之后的部分", secret=True),
    ),
    Medium.DINGTALK: (
        Field("base", "服务地址", _BASE, default="https://oapi.dingtalk.com"),
        Field("token", "access_token", "机器人 Webhook 地址里 access_token= 之后", secret=True),
        Field("secret", "加签密钥", "安全设置选“加签”时填写", required=False, secret=True),
    ),
    Medium.FEISHU: (
        Field("base", "服务地址", _BASE, default="https://open.feishu.cn"),
        Field("token", "机器人令牌", "Webhook 地址里 hook/ 之后的部分", secret=True),
        Field("secret", "签名密钥", "启用“签名校验”时填写", required=False, secret=True),
    ),
    Medium.WEBHOOK: (
        Field("url", "接收地址", "以 http:// 或 https:// 开头，不跟随重定向"),
        Field("secret", "签名密钥", f"至少 {SHORTEST_SECRET} 位，接收方用它核对签名", secret=True),
    ),
    Medium.SMS: (
        Field("url", "网关地址", "可含 {phone}、{text}、{title}"),
        Field("way", "请求方式", choices=_WAYS, default="POST"),
        Field("type", "内容类型", default="application/json"),
        Field(
            "template", "请求内容", "可含 {phone}、{text}、{title}，按内容类型转义",
            default='{"mobile": "{phone}", "content": "{text}"}', required=False, long=True,
        ),
        Field("header", "鉴权请求头", "如 Authorization", required=False),
        Field("token", "鉴权值", "放入上面的请求头", required=False, secret=True),
        Field("success", "成功标志", "应答须含这段文字才算成功，如 \"code\":0", required=False),
        Field("phones", "手机号", "多个用逗号或换行分开", long=True),
    ),
}  # fmt: skip

# What a person says of himself; the rest is the shared channel's that his own one goes through.
OWN: Mapping[Medium, Field] = {
    Medium.MAIL: Field("recipients", "本人邮箱"),
    Medium.SMS: Field("phones", "本人手机号"),
    Medium.WECOM: Field("mention", "本人企业微信账号", "群机器人用它 @ 到本人，即通讯录里的账号"),
    Medium.DINGTALK: Field("mention", "本人钉钉手机号或 userId", "群机器人用它 @ 到本人"),
    Medium.FEISHU: Field("mention", "本人飞书 open_id", "群机器人用它 @ 到本人，如 ou_7d8a…"),
}


def seal_name(channel: str) -> str:
    """The name an address is sealed under: a sealed text cannot be moved to another channel."""
    return f"notice:{channel}"


def split(text: str) -> list[str]:
    """The parts of a list a person typed, in order, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,;，；、]+", text) if part))


def problems(medium: Medium, address: Mapping[str, str]) -> dict[str, str]:
    """Field → what is wrong with it, in Chinese; empty when the address can be used."""
    found: dict[str, str] = {}
    for field in FIELDS[medium]:
        text = address.get(field.name, "")
        if not text and field.required:
            found[field.name] = f"请填写{field.label}"
        elif text and (wrong := _wrong(medium, field, text)):
            found[field.name] = wrong
    if medium is Medium.MAIL and address.get("password") and not address.get("username"):
        found.setdefault("username", "填了密码，也须填写用户名")
    if medium is Medium.MAIL and address.get("password") and address.get("security") == "none":
        found.setdefault("security", "要登录就须加密：密码不能明文传送")
    if medium is Medium.SMS and address.get("token") and not address.get("header"):
        found.setdefault("header", "填了鉴权值，也须填写请求头的名称")
    return found


def own_problem(medium: Medium, text: str) -> str:
    """What is wrong with what a person said of himself; empty when it can be used."""
    field = OWN[medium]
    if not text:
        return f"请填写{field.label}"
    if wrong := _wrong(medium, field, text):
        return wrong
    return "个人渠道只填一个" if len(split(text)) > 1 else ""


def own_shown(medium: Medium, text: str) -> str:
    """How it is shown: enough to know it again."""
    if medium is Medium.MAIL:
        return _mail_shown(text)
    if medium is Medium.SMS:
        return f"{text[:3]}****{text[-2:]}"
    return f"@{text[:2]}***{text[-1:]}" if len(text) > 3 else "@***"


def shown(medium: Medium, address: Mapping[str, str]) -> str:
    """How the address is shown: enough to know it again, nothing that lets anybody in."""
    if medium is Medium.MAIL:
        people = [_mail_shown(each) for each in split(address.get("recipients", ""))]
        more = f" 等 {len(people)} 人" if len(people) > 2 else ""
        return (
            f"{address.get('host', '')}:{address.get('port', '')} → {'、'.join(people[:2])}{more}"
        )
    if medium is Medium.SMS:
        phones = [f"{each[:3]}****{each[-2:]}" for each in split(address.get("phones", ""))]
        more = f" 等 {len(phones)} 个号码" if len(phones) > 2 else ""
        return f"{_place(address.get('url', ''))} → {'、'.join(phones[:2])}{more}"
    return _place(address.get("url") or address.get("base", ""))


def secrets_of(medium: Medium, address: Mapping[str, str]) -> list[str]:
    """Every text that must not appear in a log or on a page, the longest first."""
    held = [address.get(field.name, "") for field in FIELDS[medium] if field.secret]
    held += [address.get("url", ""), *_query_values(address.get("url", ""))]
    return sorted((each for each in held if len(each) > 3), key=len, reverse=True)


def mask(text: str, secrets: list[str]) -> str:
    """The text without any of these in it."""
    for each in secrets:
        text = text.replace(each, MASK)
    return text


def _wrong(medium: Medium, field: Field, text: str) -> str:
    if any(ord(sign) < 32 and not (field.long and sign in "\r\n\t") for sign in text):
        return f"{field.label}含有控制字符"
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return f"{field.label}含有无法保存的字符"
    if len(text) > (4000 if field.long else 500):
        return f"{field.label}过长"
    if field.choices and text not in dict(field.choices):
        return f"{field.label}应为 {'、'.join(dict(field.choices))} 之一"
    check = _CHECKS.get(f"{medium}.{field.name}") or _CHECKS.get(field.name)
    return check(text) if check else ""


def _url(text: str) -> str:
    wrong = "应为 http:// 或 https:// 开头的完整地址，不含用户名和密码"
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return wrong
    return "" if fine and "@" not in parts.netloc and not re.search(r"\s", text) else wrong


def _base(text: str) -> str:
    if wrong := _url(text):
        return wrong
    parts = urlsplit(text)
    return "服务地址不含 ? 和 #" if parts.query or parts.fragment else ""


def _port(text: str) -> str:
    fine = text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536
    return "" if fine else f"端口应为 1 到 65535，收到“{text[:20]}”"


def _mails(text: str) -> str:
    wrong = [each for each in split(text) if not _MAIL.fullmatch(each)]
    return f"不是邮箱地址：{wrong[0][:60]}" if wrong else "" if split(text) else "请填写邮箱地址"


def _phones(text: str) -> str:
    wrong = [each for each in split(text) if not _PHONES.fullmatch(each)]
    return f"不是手机号：{wrong[0][:30]}" if wrong else "" if split(text) else "请填写手机号"


def _template(text: str) -> str:
    names = re.findall(r"\{([a-z_]+)\}", text)
    unknown = [name for name in names if name not in PLACES]
    if unknown:
        return f"没有 {{{unknown[0]}}}；可用：{{phone}}、{{text}}、{{title}}"
    return ""


def _sms_url(text: str) -> str:
    return _url(re.sub(r"\{[a-z_]+\}", "x", text)) or _template(text)


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "base": _base,
    "url": _url,
    "sms.url": _sms_url,
    "port": _port,
    "host": lambda text: "" if _HOST.fullmatch(text) else "应为主机名或地址，不含 http://",
    "sender": lambda text: "" if _MAIL.fullmatch(text) else "应为一个邮箱地址",
    "recipients": _mails,
    "phones": _phones,
    "mention": lambda text: (
        "" if _MENTION.fullmatch(text) else "只含字母、数字、点、横线和下划线，不含 @"
    ),
    "template": _template,
    "key": lambda text: "" if _TOKEN.fullmatch(text) else "只填 key= 之后的部分，不含网址",
    "dingtalk.token": lambda text: (
        "" if _TOKEN.fullmatch(text) else "只填 access_token= 之后的部分，不含网址"
    ),
    "feishu.token": lambda text: (
        "" if _TOKEN.fullmatch(text) else "只填 hook/ 之后的部分，不含网址"
    ),
    "webhook.secret": lambda text: (
        "" if len(text) >= SHORTEST_SECRET else f"签名密钥至少 {SHORTEST_SECRET} 位"
    ),
    "header": lambda text: (
        "" if re.fullmatch(r"[A-Za-z0-9\-]{1,60}", text) else "请求头名称只含字母、数字和连字符"
    ),
    "type": lambda text: (
        "" if re.fullmatch(r"[\w.+\-]+/[\w.+\-]+(; ?charset=[\w\-]+)?", text, re.ASCII)
        else "应为内容类型，如 application/json"
    ),
}  # fmt: skip


def _place(url: str) -> str:
    """Host and port only: path and query of such addresses often are the key itself."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…"[:120]
    except ValueError:
        return "…"


def _mail_shown(address: str) -> str:
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"[:60]


def _query_values(url: str) -> list[str]:
    """Path and query of an address: where gateways and bots carry their keys."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    return [each for each in [*values, parts.path] if len(each) > 7]
