"""The 24 h of a contract year: real events of both levels, never a drill."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from jingwei.emergency.facts import Facts, cause_of, facts_of, withdrawn
from jingwei.emergency.models import Emergency, Stage
from jingwei.sla.availability import Budget, Downtime, Term, emergency_budget
from jingwei.terms.incident import Cause, Instant

_STARTS = (Instant.OCCURRED, Instant.DETECTED, Instant.REPORTED)
LIMIT = timedelta(hours=24)  # tender L684


@dataclass(frozen=True, slots=True)
class Spell:
    """One event and the downtime it stands for, so that every figure opens to its row."""

    emergency: Emergency
    downtime: Downtime


def events(*, real: bool = True) -> QuerySet[Emergency]:
    """Real events, or drills; newest first. The two are never in one list."""
    return Emergency.objects.filter(drill__isnull=real).select_related(
        "application", "target", "site", "ticket", "plan", "drill", "declared_by"
    )


def spells(start: datetime, end: datetime, known: datetime | None = None) -> list[Spell]:
    """The downtime of each real event that touches [start, end), oldest first.

    It runs from when it occurred, or from the first alarm or report where that is not known, to
    the recovery; one whose recovery the client disputes is still down (ambiguity A05). With
    `known` only what was written down by then counts.
    """
    rows = events().prefetch_related("entries", "ticket__events")
    if known is not None:
        rows = rows.filter(declared_at__lte=known)
    found = []
    for row in rows:
        if withdrawn(row, known) if known is not None else row.stage == Stage.WITHDRAWN:
            continue
        downtime = downtime_of(row, facts_of(row, known))
        if downtime.start < end and (downtime.end is None or downtime.end > start):
            found.append(Spell(row, downtime))
    return sorted(found, key=lambda spell: (spell.downtime.start, spell.emergency.pk))


def downtimes(start: datetime, end: datetime) -> list[Downtime]:
    """What `sla.availability.emergency_budget` reads."""
    return [spell.downtime for spell in spells(start, end)]


def budget(term: Term, now: datetime, *, at_most: timedelta = LIMIT) -> Budget:
    """What of the 24 h is used: the union of overlapping events, the plain sum beside it."""
    return emergency_budget(downtimes(term.start, term.end), term, now, at_most=at_most)


def downtime_of(emergency: Emergency, facts: Facts) -> Downtime:
    """The downtime one event stands for."""
    instants = facts.instants
    known = [instants[name] for name in _STARTS if name in instants]
    start = min(known, default=emergency.declared_at)
    restored = None if facts.disputed else instants.get(Instant.RESTORED)
    by = f"{emergency.number} {facts.excluded.by_name}" if facts.excluded is not None else ""
    cause = cause_of(emergency) or Cause.UNCLASSIFIED
    if restored is not None and restored < start:
        restored = start
    return Downtime(start, restored, cause, by)


def length(downtimes: Iterable[Downtime], now: datetime) -> timedelta:
    """The plain sum, up to `now` for what still is down."""
    return sum(((each.end or now) - each.start for each in downtimes), timedelta())
