"""Log forwarding: a device sends us its log lines, and its silence is the finding. Nobody is asked.

Whoever receives the lines (`run.events`) keeps when the last one came; `received` judges as of now.
A silence that may be ours is told as ours: when nobody's lines came in, the receiver is in doubt.
"""

from dataclasses import dataclass
from datetime import datetime

from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option
from jingwei.terms import Outcome, Reading, Reason, Target


@dataclass(frozen=True, kw_only=True)
class ForwardingOptions:
    """Options of `syslog.received`, in seconds."""

    quiet: int = option(3600, label="全无日志多久怀疑接收端（秒）", minimum=60, maximum=7 * 86400)


@probe(
    "syslog.received",
    label="日志转发",
    options=ForwardingOptions,
    protocol="syslog",
    readings={"syslog.age": ("h", "距该设备最近一条日志的小时数")},
    passive=True,
)
async def syslog_received(target: Target, options: ForwardingOptions) -> list[Reading]:
    """被动：设备把日志发到静卫，久无日志即异常；从未收到、或谁的日志都没有收到，则为未检。端点写设备发日志的地址。"""
    raise ProbeError("日志由设备发来，不能主动探测", Reason.COLLECTOR)


def received(
    last: datetime | None, newest: datetime | None, now: datetime, options: ForwardingOptions
) -> Outcome:
    """The outcome as of `now`: `last` line of this device, `newest` of any registered device.

    Never heard is no data. When even the newest line of all is older than `quiet`, nothing shows
    that we receive at all. A line from the future is age 0.
    """
    if last is None:
        return Outcome((), 0.0, 1, "从未收到该地址发来的日志", Reason.TIMEOUT)
    latest = max(last, newest or last)
    if (now - latest).total_seconds() > options.quiet:
        said = "没有收到任何设备的日志，先查静卫的接收端"
        return Outcome((), 0.0, 1, said, Reason.COLLECTOR)
    hours = max(0.0, (now - last).total_seconds() / 3600)
    return Outcome((Reading("syslog.age", round(hours, 2), "h"),), 0.0)
