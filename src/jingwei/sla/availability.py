"""Availability and the emergency budget: two filters over one tree of causes.

Availability is judged by 99.9 % and by 8.8 h, the stricter wins (domain.md section 4, rule 8);
the 24 h budget takes level 1 and 2 emergencies together as a union of intervals (rule 10).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jingwei.sla.clock import merge
from jingwei.terms.incident import Cause

# What counts as downtime of core devices (rule 9), and what the 24 h budget leaves out. What
# nobody has classified yet counts in both: an unknown cause is never an excuse.
AVAILABILITY_COUNTS = frozenset({Cause.HARDWARE, Cause.SYSTEM_SOFTWARE, Cause.UNCLASSIFIED})
EMERGENCY_EXCLUDES = frozenset(
    {Cause.BUSINESS_SYSTEM, Cause.BUSINESS_DEPLOYMENT, Cause.NETWORK_DEPLOYMENT}
)


@dataclass(frozen=True, slots=True)
class Downtime:
    """One interval in which something was down. `end` None: it still is.

    `excluded_by` names the client's approval of an exclusion; without it nothing is excluded.
    """

    start: datetime
    end: datetime | None
    cause: Cause = Cause.UNCLASSIFIED
    excluded_by: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for an interval that ends before it starts."""
        if self.end is not None and self.end < self.start:
            raise ValueError("停机的结束早于开始")


@dataclass(frozen=True, slots=True)
class Term:
    """The period that is judged: `start` inclusive, `end` exclusive."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long the term is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Availability:
    """The verdict as of `now`; `projected` extends the rate so far to the term's end."""

    counted: timedelta
    excluded: timedelta
    ratio: float
    limit: timedelta
    left: timedelta
    met: bool
    projected: timedelta


@dataclass(frozen=True, slots=True)
class Budget:
    """Time used of a budget: `used` is the union, `sum` the same with overlaps counted twice."""

    used: timedelta
    sum: timedelta
    excluded: timedelta
    limit: timedelta
    left: timedelta
    met: bool
    projected: timedelta


def availability(
    downtimes: Iterable[Downtime],
    term: Term,
    now: datetime,
    *,
    at_least: float = 0.999,
    at_most: timedelta = timedelta(hours=8.8),
) -> Availability:
    """Availability over the whole term, and the stricter of the two limits."""
    inside = [item for item in downtimes if item.cause in AVAILABILITY_COUNTS]
    counted = _total(_clip((i for i in inside if not i.excluded_by), term, now))
    everything = _total(_clip(inside, term, now))
    limit = min(term.length * (1 - at_least), at_most)
    return Availability(
        counted=counted,
        excluded=everything - counted,
        ratio=1 - counted / term.length,
        limit=limit,
        left=limit - counted,
        met=counted <= limit,
        projected=_project(counted, term, now),
    )


def emergency_budget(
    downtimes: Iterable[Downtime],
    term: Term,
    now: datetime,
    *,
    at_most: timedelta = timedelta(hours=24),
) -> Budget:
    """Level 1 and level 2 emergencies together.

    The tender's exclusions count as such only with the client's approval.
    """
    items = list(downtimes)
    excluded = [i for i in items if i.cause in EMERGENCY_EXCLUDES and i.excluded_by]
    kept = _clip((i for i in items if i not in excluded), term, now)
    used = _total(kept)
    return Budget(
        used=used,
        sum=sum((end - start for start, end in kept), timedelta()),
        excluded=_total(_clip(items, term, now)) - used,
        limit=at_most,
        left=at_most - used,
        met=used <= at_most,
        projected=_project(used, term, now),
    )


def _clip(
    downtimes: Iterable[Downtime], term: Term, now: datetime
) -> list[tuple[datetime, datetime]]:
    until = min(now, term.end)
    return [
        (max(item.start, term.start), min(item.end or until, until))
        for item in downtimes
        if item.start < until and (item.end is None or item.end > term.start)
    ]


def _total(intervals: Sequence[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - start for start, end in merge(intervals)), timedelta())


def _project(counted: timedelta, term: Term, now: datetime) -> timedelta:
    """The same rate to the end of the term; before it began, nothing."""
    passed = min(now, term.end) - term.start
    return counted * (term.length / passed) if passed > timedelta() else timedelta()
