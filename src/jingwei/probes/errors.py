"""What can go wrong while asking, sorted by whose fault it is.

The target's silence and our own inability are different facts: a broken collector must never
look like the target's downtime. `classify` is the one place that decides.
"""

import errno
import socket
import ssl
from collections.abc import Sequence

from jingwei.terms import Reason


class ProbeError(Exception):
    """The target gave no usable readings. `message` is Chinese, short, and free of secrets."""

    def __init__(self, message: str, reason: Reason = Reason.PROTOCOL) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason


def by_words(text: str, words: Sequence[tuple[str, Reason, str]]) -> ProbeError | None:
    """The error of the first words that stand in what a library said, whatever their case. Pure."""
    lowered = text.lower()
    for part, reason, message in words:
        if part in lowered:
            return ProbeError(message, reason)
    return None


# Ours: the machine that asks is out of something, or not allowed to.
_OURS = {
    errno.EMFILE: "本机打开的文件或连接过多",
    errno.ENFILE: "本机打开的文件或连接过多",
    errno.ENOBUFS: "本机网络缓冲区不足",
    errno.ENOMEM: "本机内存不足",
    errno.EADDRNOTAVAIL: "本机没有可用的端口或地址",
    errno.EACCES: "本机没有权限",
    errno.EPERM: "本机没有权限（可能被本机防火墙拦截）",
    errno.ENETUNREACH: "本机没有到该网段的路由",
    errno.ENETDOWN: "本机网络已断开",
    errno.EAFNOSUPPORT: "本机不支持该地址类型",
}
# Theirs: nothing came back (RFC 792 destination unreachable, or the kernel gave up).
_SILENT = {
    errno.EHOSTUNREACH: "主机不可达",
    errno.EHOSTDOWN: "主机不可达",
    errno.ETIMEDOUT: "连接超时",
}
_CUT = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError)


def classify(error: BaseException) -> tuple[Reason, str]:
    """Whose fault `error` is, and a short Chinese message. Anything unforeseen is ours."""
    if isinstance(error, ProbeError):
        return error.reason, error.message
    if isinstance(error, ssl.SSLError | socket.gaierror | OSError | EOFError):
        known = _network(error)
        if known is not None:
            return known
    if isinstance(error, ImportError):
        return Reason.COLLECTOR, f"本机缺少组件 {error.name or error}"
    return Reason.COLLECTOR, f"{UNFORESEEN}：{type(error).__name__}：{error}"


UNFORESEEN = "采集程序出错"


def _network(error: OSError | EOFError) -> tuple[Reason, str] | None:
    """What a socket, a name lookup or TLS said. The order matters: all of these are OSErrors."""
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Reason, str], ...] = (
        (ssl.SSLCertVerificationError, Reason.PROTOCOL, "证书不可信：{verify_message}"),
        ((ssl.SSLEOFError, ssl.SSLZeroReturnError), Reason.PROTOCOL, "TLS 握手时对方断开连接"),
        (ssl.SSLError, Reason.PROTOCOL, "TLS 握手失败：{reason}"),
        (_CUT, Reason.PROTOCOL, "对方中途断开连接"),
        (ConnectionRefusedError, Reason.REFUSED, "连接被拒绝：端口没有服务"),
        (socket.gaierror, Reason.COLLECTOR, "本机无法解析该域名"),
    )
    for kind, reason, message in kinds:
        if isinstance(error, kind):
            return reason, message.format_map(_Attributes(error))
    number = getattr(error, "errno", None)
    if number in _OURS:
        return Reason.COLLECTOR, _OURS[number]
    if number in _SILENT:
        return Reason.TIMEOUT, _SILENT[number]
    return (Reason.TIMEOUT, "没有应答") if isinstance(error, TimeoutError) else None


class _Attributes(dict[str, str]):
    """The attributes of an error, for a message that names them."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def __missing__(self, name: str) -> str:
        return str(getattr(self._error, name, None) or self._error)
