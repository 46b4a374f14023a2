"""Heartbeat: something calls us, and its silence is the finding. Nobody is asked.

Whoever receives the calls (room `checks`) keeps the last one and asks `heard` as of now.
"""

from dataclasses import dataclass
from datetime import datetime

from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option
from jingwei.terms import Outcome, Reading, Reason, Target


@dataclass(frozen=True, kw_only=True)
class HeartbeatOptions:
    """Options of `heartbeat`, in seconds."""

    every: int = option(86400, label="周期（秒）", minimum=1, maximum=366 * 86400)
    grace: int = option(3600, label="宽限（秒）", minimum=0, maximum=31 * 86400)


@probe(
    "heartbeat",
    label="心跳",
    options=HeartbeatOptions,
    readings={
        "heartbeat.age": ("s", "距上次心跳的秒数"),
        "heartbeat.overdue": ("", "是否超过周期与宽限之和"),
    },
    passive=True,
)
async def heartbeat(target: Target, options: HeartbeatOptions) -> list[Reading]:
    """被动：由备份任务等主动调用静卫，静默即异常。不访问网络。"""
    raise ProbeError("心跳由对方上报，不能主动探测", Reason.COLLECTOR)


def age_reading(last_seen: datetime, now: datetime) -> Reading:
    """How long ago the last call came. Both aware; a call from the future is age 0."""
    return Reading("heartbeat.age", max(0.0, (now - last_seen).total_seconds()), "s")


def heard(last_seen: datetime | None, now: datetime, options: HeartbeatOptions) -> Outcome:
    """The outcome as of `now`. Never called is silence, not a reading."""
    if last_seen is None:
        return Outcome((), 0.0, 1, "从未收到心跳", Reason.TIMEOUT)
    age = age_reading(last_seen, now)
    overdue = float(age.value) > options.every + options.grace
    return Outcome((age, Reading("heartbeat.overdue", overdue)), 0.0)
