"""The clocks of an incident, computed on read from its events, the limits and a calendar.

A clock runs from one instant to another and has a limit. Limits are inclusive: exactly 30:00
passes (domain.md section 4, rule 4). Nothing is stored; the same facts give the same clocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jingwei.sla.calendar import MICROSECOND, Calendar, UnpublishedError, elapsed
from jingwei.terms.incident import Instant

REMOTE = "不适用（远程解决）"  # counted in its own column, never as met


class ClockState(StrEnum):
    """What a clock says."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    BREACHED = "breached"
    NOT_APPLICABLE = "not_applicable"
    DEFECT = "defect"  # the facts contradict each other or one is missing: never a pass
    UNPUBLISHED = "unpublished"  # the calendar it needs is not published


@dataclass(frozen=True, slots=True)
class Limit:
    """One promise in time. It starts at the earliest known of `starts` and ends at `stop`.

    `applies_without_arrival` is False for repair, which starts on arrival: a fault solved
    remotely has no repair clock, and on-site work without an arrival is a data defect. Arrival
    itself is `waived_by` restoration: once solved remotely, nobody has to come any more.
    """

    name: str
    starts: tuple[Instant, ...]
    stop: Instant
    allowed: timedelta
    clause: str
    applies_without_arrival: bool = True
    waived_by: Instant | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """An interval the client agreed not to count. `end` None: still paused.

    The tender grants no pauses; only those with a reason and the client's consent get here.
    """

    start: datetime
    end: datetime | None
    reason: str

    def __post_init__(self) -> None:
        """Raises ValueError for a pause without reason or that ends before it starts."""
        if not self.reason.strip():
            raise ValueError("暂停须有原因")
        if self.end is not None and self.end < self.start:
            raise ValueError("暂停的结束早于开始")


@dataclass(frozen=True, slots=True)
class Clock:
    """What one limit comes to on one calendar. `left` is negative once overdue."""

    limit: Limit
    calendar: str
    state: ClockState
    started: datetime | None = None
    due: datetime | None = None
    stopped: datetime | None = None
    used: timedelta | None = None
    left: timedelta | None = None
    note: str = ""


def measure(
    limit: Limit,
    instants: Mapping[Instant, datetime],
    calendar: Calendar,
    now: datetime,
    *,
    pauses: Sequence[Pause] = (),
    remote: bool = False,
) -> Clock:
    """One clock of one incident.

    `instants` are the incident's valid instants; `remote` says that it was solved without going
    there. Never raises for facts that contradict each other: the clock says DEFECT and why.
    """
    known = [instants[start] for start in limit.starts if start in instants]
    stopped = instants.get(limit.stop)
    away = _without_arrival(limit, instants, calendar, remote=remote)
    if away is not None:
        return away
    if not known:
        if stopped is not None:
            return Clock(
                limit, calendar.name, ClockState.DEFECT, stopped=stopped, note="缺少起算时间"
            )
        return Clock(limit, calendar.name, ClockState.NOT_STARTED)
    started = min(known)
    if stopped is not None and stopped < started:
        note = f"{limit.stop.label}早于起算时间"
        return Clock(
            limit, calendar.name, ClockState.DEFECT, started=started, stopped=stopped, note=note
        )
    try:
        return _run(limit, calendar, started, stopped, now, pauses)
    except UnpublishedError as error:
        return Clock(
            limit,
            calendar.name,
            ClockState.UNPUBLISHED,
            started=started,
            stopped=stopped,
            note=str(error),
        )


def _without_arrival(
    limit: Limit, instants: Mapping[Instant, datetime], calendar: Calendar, *, remote: bool
) -> Clock | None:
    """What a limit about being there comes to when nobody came; None where it is measured."""
    stopped = instants.get(limit.stop)
    if Instant.ARRIVED in instants:
        return None
    if limit.applies_without_arrival:
        if not (remote and limit.waived_by in instants):
            return None
        state, note = ClockState.NOT_APPLICABLE, REMOTE
    elif remote:
        state, note = ClockState.NOT_APPLICABLE, REMOTE
    elif stopped is not None:
        state, note = ClockState.DEFECT, "已恢复但无到场时间，且未标明远程解决"
    else:
        state, note = ClockState.NOT_STARTED, ""
    known = [instants[start] for start in limit.starts if start in instants]
    return Clock(
        limit, calendar.name, state, started=min(known, default=None), stopped=stopped, note=note
    )


def _run(
    limit: Limit,
    calendar: Calendar,
    started: datetime,
    stopped: datetime | None,
    now: datetime,
    pauses: Sequence[Pause],
) -> Clock:
    end = stopped if stopped is not None else max(now, started)
    merged = _within(pauses, started, end) if pauses else []
    calendar.check(started, end)
    begun, allowed = calendar.position(started), limit.allowed // MICROSECOND
    used = calendar.position(end) - begun
    if merged:
        used -= sum(elapsed(calendar, low, high) // MICROSECOND for low, high in merged)
    open_pause = stopped is None and any(p.start <= now and p.end is None for p in pauses)
    if stopped is not None:
        state = ClockState.MET if used <= allowed else ClockState.BREACHED
    elif used > allowed:
        state = ClockState.OVERDUE
    else:
        state = ClockState.PAUSED if open_pause else ClockState.RUNNING
    return Clock(
        limit,
        calendar.name,
        state,
        started,
        None if open_pause else _due(calendar, started, begun + allowed, merged),
        stopped,
        used * MICROSECOND,
        (allowed - used) * MICROSECOND,
    )


def _within(
    pauses: Sequence[Pause], started: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The pauses as far as they fall into the time that is measured, overlaps joined."""
    return merge(
        [
            (max(pause.start, started), min(pause.end or end, end))
            for pause in pauses
            if pause.start < end and (pause.end is None or pause.end > started)
        ]
    )


def _due(
    calendar: Calendar,
    started: datetime,
    target: int,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """The instant at that position, moved by every pause that begins before it."""
    for start, end in pauses:
        low = calendar.position(start)
        if low < target:
            target += calendar.position(end) - low
    due = calendar.instant(target)
    calendar.check(started, due)
    return due


def merge(
    intervals: Sequence[tuple[datetime, datetime]],
) -> list[tuple[datetime, datetime]]:
    """The union of intervals: sorted, disjoint, empty ones dropped."""
    union: list[tuple[datetime, datetime]] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return union
