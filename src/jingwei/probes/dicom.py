"""DICOM C-ECHO: does this application entity answer (PS3.4 annex A, PS3.8 for refusals)?"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jingwei.probes import net
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

T = TypeVar("T")
_THREADS = Threads("dicom", 16)
_VERIFICATION = "1.2.840.10008.1.1"

# (source, reason) of an A-ASSOCIATE-RJ, PS3.8 table 9-21.
_REJECTED = {
    (1, 1): "未给出原因",
    (1, 2): "不支持该应用上下文",
    (1, 3): "不认识主叫 AE",
    (1, 7): "不认识被叫 AE",
    (2, 1): "未给出原因",
    (2, 2): "不支持该协议版本",
    (3, 1): "暂时拥塞",
    (3, 2): "连接数已满",
}


@dataclass(frozen=True, kw_only=True)
class DicomOptions:
    """Options of `dicom.echo`."""

    port: int = port(104)
    ae_title: str = option("ANY-SCP", label="被叫 AE")
    calling_ae: str = option("JINGWEI", label="主叫 AE")

    def __post_init__(self) -> None:
        """Refuse what is no AE title (PS3.5 section 6.2: 1 to 16 characters, no backslash)."""
        for name in ("ae_title", "calling_ae"):
            title = getattr(self, name)
            plain = title.isascii() and title.isprintable() and "\\" not in title
            if not (plain and title.strip() and len(title) <= 16):
                raise OptionError(name, f"AE 应为 1 至 16 个 ASCII 字符，得到 {title!r}")


@probe(
    "dicom.echo",
    label="DICOM 连通",
    options=DicomOptions,
    protocol="dicom",
    readings={"echo.time": ("ms", "建立关联并完成 C-ECHO 用时")},
    silence="地址不通，或 PACS 不应答",
)
async def dicom_echo(target: Target, options: DicomOptions) -> list[Reading]:
    """建立 DICOM 关联并发送 C-ECHO。被拒绝时给出对方的拒绝原因。"""
    took = await asked(target, options, lambda ip, left: _echo(ip, options, left))
    return [Reading("echo.time", (took or 0.0) * 1000, "ms")]


def _echo(ip: str, options: DicomOptions, seconds: float) -> float | None:
    """Associate, echo, release; blocks. Seconds, or None when TCP did not connect.

    Raises ProbeError.
    """
    started = time.perf_counter()
    association = associated(ip, options, (_VERIFICATION,), seconds, "C-ECHO（验证服务")
    if association is None:
        return None
    try:
        status = association.send_c_echo()
        took = time.perf_counter() - started
    finally:
        association.release()
    code = getattr(status, "Status", None)
    if code is None:
        if took >= seconds * 0.95:
            raise ProbeError("关联已建立，但 C-ECHO 没有应答", Reason.TIMEOUT)
        raise ProbeError("关联已建立，但对方在 C-ECHO 时断开")
    if code != 0x0000:
        raise ProbeError(f"C-ECHO 状态 0x{code:04X}")
    return took


def associated(
    ip: str, options: DicomOptions, contexts: tuple[str, ...], seconds: float, service: str
) -> Any:
    """An established association for these services; None when TCP did not connect. Blocks.

    The caller releases it. Raises ProbeError that says why there is none.
    """
    # Imported late: it takes a third of a second, and many districts have no PACS to ask.
    from pynetdicom import AE, evt  # noqa: PLC0415

    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # we report; it need not
    entity = AE(ae_title=options.calling_ae)
    entity.connection_timeout = entity.acse_timeout = seconds
    entity.dimse_timeout = entity.network_timeout = seconds
    for context in contexts:
        entity.add_requested_context(context)
    opened: list[bool] = []
    started = time.perf_counter()
    association = entity.associate(
        ip,
        options.port,
        ae_title=options.ae_title,
        evt_handlers=[(evt.EVT_CONN_OPEN, lambda _: opened.append(True))],
    )
    took = time.perf_counter() - started
    if not opened:
        return None
    if not association.is_established:
        raise _unestablished(association, took >= seconds * 0.95, service)
    return association


async def asked(target: Target, options: DicomOptions, work: Callable[[str, float], T]) -> T:
    """Run blocking work (address, seconds) in DICOM's threads; what could not connect is told."""
    place = await net.reachable(target.address, options.port)
    left = time_left()
    found = await _THREADS.call(lambda: work(place.ip, left))
    if found is None:
        # The library keeps to itself why it could not connect: find out on our own.
        (await net.connect(place)).close()
        raise ProbeError("对方不是 DICOM 节点，或中途断开")
    return found


def _unestablished(association: Any, late: bool, service: str) -> ProbeError:
    """Why there is no association."""
    if association.is_rejected:
        answer = association.acceptor.primitive
        return rejection(answer.result, answer.result_source, answer.diagnostic)
    if late:
        return ProbeError("没有在时限内建立关联", Reason.TIMEOUT)
    accepted = getattr(association, "accepted_contexts", None)
    if association.rejected_contexts and not accepted:
        return ProbeError(f"对方不支持 {service}被拒绝）", Reason.REFUSED)
    return ProbeError("对方不是 DICOM 节点，或中途断开")


def rejection(result: int | None, source: int | None, reason: int | None) -> ProbeError:
    """A refused association in words. Pure."""
    why = _REJECTED.get((source or 0, reason or 0), f"来源 {source}，原因 {reason}")
    lasting = "永久" if result == 1 else "暂时"
    return ProbeError(f"关联被{lasting}拒绝：{why}", Reason.REFUSED)
