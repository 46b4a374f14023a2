"""LDAP: can one log in to the directory and find who must be in it, and how long that takes?"""

import importlib
import ssl
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import net
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import ProbeError, by_words
from jingwei.probes.frame import probe
from jingwei.probes.http1 import tls_context
from jingwei.probes.options import OptionError, option
from jingwei.terms import Reading, Reason, Target

_THREADS = Threads("ldap", 8)
_PORTS = {"off": 389, "starttls": 389, "ldaps": 636}


@dataclass(frozen=True, kw_only=True)
class LdapOptions:
    """Options of `ldap`."""

    port: int = option(0, label="端口", minimum=0, maximum=65535, help="0 为默认：389，LDAPS 636")
    tls: Literal["off", "starttls", "ldaps"] = option("off", label="加密")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    base: str = option("", label="查找起点", help="如 ou=people,dc=example；空为只登录")
    filter: str = option("(objectClass=*)", label="查找条件", help="LDAP 过滤式（RFC 4515）")
    scope: Literal["base", "one", "subtree"] = option("subtree", label="范围")
    most: int = option(1000, label="条目数上限", minimum=1, maximum=10_000)

    def __post_init__(self) -> None:
        """Refuse a filter that is none, and a base that is no name."""
        if not (self.filter.startswith("(") and self.filter.endswith(")")):
            raise OptionError("filter", "应以括号括住，如 (uid=watcher)")
        if self.base and "=" not in self.base:
            raise OptionError("base", "应为目录中的名字，如 ou=people,dc=example")


@probe(
    "ldap",
    label="LDAP 目录",
    options=LdapOptions,
    readings={
        "ldap.connect": ("ms", "连接用时，含加密握手"),
        "ldap.bind": ("ms", "登录用时"),
        "ldap.search": ("ms", "查找用时，给出起点才有"),
        "ldap.entries": ("count", "找到的条目数，给出起点才有"),
        "ldap.more": ("", "是否超过上限而未全取，给出起点才有"),
    },
    secrets=("user", "password"),
    silence="地址不通，或目录服务不应答",
)
async def ldap(target: Target, options: LdapOptions) -> list[Reading]:
    """登录目录（未给账号则匿名），按条件查找并计数；只取名字，不取属性值，只读。"""
    _load()
    place = await net.reachable(target.address, options.port or _PORTS[options.tls])
    left = time_left()
    return await _THREADS.call(lambda: _asked(place, target, options, left))


def _load() -> None:
    """Import ldap3 (2.9.1 asks pyasn1 0.6 by names that this calls deprecated) once, and here:
    what is done to warnings is done in the loop's thread."""
    if "ldap3" not in sys.modules:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            importlib.import_module("ldap3")


def _asked(place: net.Place, target: Target, options: LdapOptions, seconds: float) -> list[Reading]:
    """Connect, log in, search, leave; blocks. Raises ProbeError."""
    # Imported late: only where there is a directory.
    import ldap3  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    from ldap3.core import (  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
        exceptions,
    )

    server = ldap3.Server(
        place.ip, port=options.port or _PORTS[options.tls], use_ssl=options.tls == "ldaps",
        tls=_tls(target, options), connect_timeout=seconds, get_info=ldap3.NONE,
    )  # fmt: skip
    user, password = _account(target.secrets)
    connection = ldap3.Connection(
        server, user or None, password or None, receive_timeout=max(1, round(seconds)),
        raise_exceptions=False, read_only=True, auto_referrals=False,
        authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
    )  # fmt: skip
    try:
        started = time.perf_counter()
        connection.open(read_server_info=False)
        if options.tls == "starttls" and not connection.start_tls(read_server_info=False):
            raise ProbeError("对方不支持 StartTLS，口令没有发出", Reason.REFUSED)
        connected = time.perf_counter()
        if not connection.bind():
            raise refusal(connection.result)
        bound = time.perf_counter()
        readings = [
            Reading("ldap.connect", (connected - started) * 1000, "ms"),
            Reading("ldap.bind", (bound - connected) * 1000, "ms"),
        ]
        return readings + (_searched(connection, options) if options.base else [])
    except exceptions.LDAPExceptionError as error:
        raise ldap_error(error) from None
    finally:
        _leave(connection)


def _leave(connection: Any) -> None:
    """Close the socket whatever state it is in; a goodbye that fails is no finding."""
    from ldap3.core import (  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
        exceptions,
    )

    opened = connection.socket
    with suppress(exceptions.LDAPExceptionError, OSError):
        connection.unbind()
    if opened is not None:
        opened.close()


def _account(secrets: Mapping[str, str]) -> tuple[str, str]:
    """User and password. A name without a password would "log in" as nobody (RFC 4513 5.1.2)."""
    user = secrets.get("user") or secrets.get("username") or ""
    password = secrets.get("password", "")
    if user and not password:
        raise ProbeError("登记了用户但没有口令", Reason.COLLECTOR)
    return user, password


def _tls(target: Target, options: LdapOptions) -> Any:
    """TLS as the other probes do it: ldap3's own check of names is deprecated in Python."""
    if options.tls == "off":
        return None
    import ldap3  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    context, name = tls_context(options.verify, options.ca_file), target.address.strip("[]")

    class Checked(ldap3.Tls):  # type: ignore[misc,unused-ignore]
        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            connection.socket = context.wrap_socket(
                connection.socket, server_hostname=name, do_handshake_on_connect=do_handshake
            )
            if do_handshake:
                connection.socket.do_handshake()

    return Checked(validate=ssl.CERT_REQUIRED if options.verify else ssl.CERT_NONE)


def _searched(connection: Any, options: LdapOptions) -> list[Reading]:
    import ldap3  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    scopes = {"base": ldap3.BASE, "one": ldap3.LEVEL, "subtree": ldap3.SUBTREE}
    started = time.perf_counter()
    connection.search(
        options.base, options.filter, scopes[options.scope], attributes=["1.1"],
        size_limit=options.most,
    )  # fmt: skip
    took = time.perf_counter() - started
    code = connection.result["result"]
    if code not in (0, 4):  # 4: sizeLimitExceeded, what there is has been sent (RFC 4511 4.1.9)
        raise refusal(connection.result)
    found = sum(1 for row in connection.response or () if row.get("type") == "searchResEntry")
    return [
        Reading("ldap.search", took * 1000, "ms"),
        Reading("ldap.entries", found, "count"),
        Reading("ldap.more", code == 4),
    ]


# Result codes (RFC 4511 appendix A).
_CODES: dict[int, tuple[Reason, str]] = {
    1: (Reason.PROTOCOL, "目录服务内部出错"),
    2: (Reason.PROTOCOL, "目录服务认为请求不合协议"),
    3: (Reason.TIMEOUT, "查找超过服务器的时限"),
    7: (Reason.REFUSED, "目录服务不接受这种登录方式"),
    8: (Reason.REFUSED, "目录服务要求更强的登录方式（加密后再登录）"),
    13: (Reason.REFUSED, "目录服务要求加密"),
    32: (Reason.PROTOCOL, "目录中没有查找起点，核对 base"),
    34: (Reason.PROTOCOL, "名字的写法不对，核对 base 与账号"),
    48: (Reason.REFUSED, "不允许匿名登录"),
    49: (Reason.REFUSED, "登录被拒绝：用户或口令不对"),
    50: (Reason.REFUSED, "账号没有查找权限"),
    51: (Reason.REFUSED, "目录服务忙"),
    52: (Reason.REFUSED, "目录服务暂不可用"),
    53: (Reason.REFUSED, "目录服务拒绝执行"),
}


def refusal(result: Mapping[str, Any]) -> ProbeError:
    """A result code in words. Pure."""
    code = int(result.get("result", -1))
    reason, message = _CODES.get(
        code, (Reason.PROTOCOL, f"目录服务报错（{code} {result.get('description', '')}）")
    )
    return ProbeError(message, reason)


_WORDS = (
    ("refused", Reason.REFUSED, "连接被拒绝：端口没有服务"),
    ("timed out", Reason.TIMEOUT, "目录服务没有在时限内应答"),
    ("timeout", Reason.TIMEOUT, "目录服务没有在时限内应答"),
    ("starttls", Reason.REFUSED, "对方不支持 StartTLS，口令没有发出"),
    ("invalid filter", Reason.COLLECTOR, "查找条件的写法不对，核对 filter"),
    ("malformed filter", Reason.COLLECTOR, "查找条件的写法不对，核对 filter"),
)


def ldap_error(error: Exception) -> ProbeError:
    """An error of ldap3 in words. Pure."""
    line = " ".join(str(error).split())
    lowered = line.lower()
    if "certificate" in lowered or "hostname" in lowered:
        return ProbeError(f"证书不可信：{line[:120]}")
    known = by_words(f"{type(error).__name__} {line}", _WORDS)
    if known is not None:
        return known
    if "ssl" in lowered or "tls" in lowered:
        return ProbeError(f"TLS 握手失败：{line[:120]}")
    return ProbeError(f"对方中途断开，或不是目录服务：{line[:120]}")
