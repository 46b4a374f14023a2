"""The slow reference: clocks counted minute by minute, sharing nothing with `sla`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime | None]


def counts(now: datetime, days: Mapping[date, bool] | None) -> bool:
    """Whether the minute that begins now counts: always (7x24), or in working hours of `days`."""
    if days is None:
        return True
    moment = now.time()
    return days[now.date()] and (
        time(8, 30) <= moment < time(12) or time(13) <= moment < time(17, 30)
    )


def paused(now: datetime, pauses: Iterable[Span]) -> bool:
    """Whether the client agreed that this minute does not count."""
    return any(start <= now and (end is None or now < end) for start, end in pauses)


def slow_minutes(
    start: datetime, end: datetime, pauses: list[Span], days: Mapping[date, bool] | None
) -> int:
    """How many minutes count between two instants: look at every one on its own."""
    found, now = 0, start
    while now < end:
        found += counts(now, days) and not paused(now, pauses)
        now += MINUTE
    return found


def slow_due(
    start: datetime, allowed: int, pauses: list[Span], days: Mapping[date, bool] | None
) -> datetime:
    """The first instant by which so many minutes have counted."""
    now = start
    while allowed:
        allowed -= counts(now, days) and not paused(now, pauses)
        now += MINUTE
    return now
