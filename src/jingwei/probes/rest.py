"""JSON over HTTP as interfaces answer it, and what went wrong in the user's words."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from jingwei.probes.errors import ProbeError
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.http1 import decoded
from jingwei.probes.options import OptionError, option
from jingwei.terms import Reason, Target

MOST_BYTES = 16_777_216


@dataclass(frozen=True, kw_only=True)
class PlaceOptions:
    """Where an interface is: the options every probe of this kind has besides its port."""

    port: int = option(0, label="端口", minimum=0, maximum=65535, help="0 为默认")
    scheme: Literal["http", "https"] = option("https", label="协议")
    host: str = option("", label="Host 头", help="虚拟主机名，也用于核对证书；空为地址本身")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")

    def page(self, **more: Any) -> HttpOptions:
        """One request to it. Raises OptionError for what could not be sent."""
        return HttpOptions(
            port=self.port, scheme=self.scheme, host=self.host, verify=self.verify,
            ca_file=self.ca_file, max_body=MOST_BYTES, **more,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the document (None when there is no body), seconds it took."""

    status: int
    document: Any
    took: float


def base_path(text: str) -> str:
    """A base path without its last slash. Raises OptionError when it is none."""
    if not text.startswith("/") or "?" in text:
        raise OptionError("base", f"应以 / 开头，不含查询串，得到 {text!r}")
    return text.rstrip("/")


async def answer(
    target: Target, page: HttpOptions, *, who: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Ask once. `who` names the other side in errors; a token becomes a Bearer header.

    Raises ProbeError when the login is refused, the answer is cut, or is no JSON.
    """
    sent = {**(headers or {}), **bearer(target.secrets)}
    started = time.perf_counter()
    _, response = await fetched(target, replace(page, headers={**page.headers, **sent}))
    took = time.perf_counter() - started
    if response.status in (401, 403):
        raise ProbeError(
            f"{who}拒绝访问（{response.status}）：账号、令牌或权限不对", Reason.REFUSED
        )
    if response.truncated:
        raise ProbeError(f"{who}的应答超过 {MOST_BYTES} 字节，未读完，不取部分结果")
    body = decoded(response, MOST_BYTES)
    if not body.strip():
        return Answer(response.status, None, took)
    try:
        return Answer(response.status, json.loads(body), took)
    except (ValueError, RecursionError):
        if response.status >= 400:  # an error page is no JSON, and its status says enough
            return Answer(response.status, None, took)
        raise ProbeError(f"{who}的应答不是 JSON") from None


def bearer(secrets: Mapping[str, str]) -> dict[str, str]:
    """The header of a token, when there is one (RFC 6750)."""
    return {"Authorization": f"Bearer {secrets['token']}"} if secrets.get("token") else {}


def part(document: Any, key: str) -> Any:
    """A member of an object; None of anything else."""
    return document.get(key) if isinstance(document, dict) else None
