"""Downtime of core things, from the outages people worked on (tender L700)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, prefetch_related_objects

from jingwei.assets.models import Application
from jingwei.desk.facts import Facts, bare_logs, facts_of, read
from jingwei.desk.models import Kind, State, Ticket
from jingwei.desk.queries.known import stood
from jingwei.sla.availability import Downtime
from jingwei.terms.incident import Cause, Instant, Severity

# What takes applications down with it: the tender leaves "core devices" open (ambiguity A04).
CORE_KINDS = frozenset({"storage", "fc-switch", "ups", "crac", "load-balancer"})
_CORE = (Application.Core.YES, Application.Core.PROPOSED)
_STARTS = (Instant.OCCURRED, Instant.DETECTED, Instant.REPORTED)


@dataclass(frozen=True, slots=True)
class Outage:
    """One ticket and the downtime it stands for; `assumed` when nobody knows when it occurred."""

    ticket: Ticket
    downtime: Downtime
    assumed: bool

    @property
    def length(self) -> timedelta | None:
        """How long it was; None while it lasts."""
        return self.downtime.end - self.downtime.start if self.downtime.end else None


def outages(start: datetime, end: datetime, known: datetime | None = None) -> list[Outage]:
    """Outages of core things that touch [start, end), oldest first.

    An incident counts that ever was graded as an outage: it was one, whatever it was called later.
    Each runs from when it occurred, or from the earliest instant that is known, to the recovery.
    Children of a group are the same fault and are counted with their parent. With `known` only
    what was written down by then counts, states and causes too.
    """
    rows = _incident_rows(end, known)
    lines = bare_logs((row.pk for row in rows), known)
    logs = {row.pk: read(lines[row.pk]) for row in rows}
    # Bare lines do not say who agreed to leave one out: those few are read whole.
    prefetch_related_objects([row for row in rows if logs[row.pk].excluded], "events")
    found = []
    for row in rows:
        facts = facts_of(row, known) if logs[row.pk].excluded else logs[row.pk]
        outage = outage_of(row, facts)
        if outage is None or outage.downtime.start >= end:
            continue
        if outage.downtime.end is None or outage.downtime.end > start:
            found.append(outage)
    return sorted(found, key=lambda each: (each.downtime.start, each.ticket.pk))


def outage_of(ticket: Ticket, facts: Facts) -> Outage | None:
    """The downtime a ticket stands for; None when it never was an outage."""
    if Severity.OUTAGE not in facts.severities:
        return None
    instants = facts.instants
    known = [instants[name] for name in _STARTS if name in instants]
    start = min(known, default=ticket.created_at)
    restored = instants.get(Instant.RESTORED)
    if restored is not None and restored < start:
        restored = start
    by = f"{ticket.number} {facts.excluded.by_name}" if facts.excluded is not None else ""
    cause = Cause(ticket.cause) if ticket.cause else Cause.UNCLASSIFIED
    return Outage(ticket, Downtime(start, restored, cause, by), Instant.OCCURRED not in instants)


def unclassified(outages: Iterable[Outage]) -> list[Outage]:
    """Those nobody has said a cause of: they count in every budget."""
    return [each for each in outages if each.downtime.cause is Cause.UNCLASSIFIED]


def _incident_rows(end: datetime, known: datetime | None) -> list[Ticket]:
    """Those that were not withdrawn, with the cause they had; neither is saved again."""
    rows = _incidents().filter(created_at__lt=end)
    if known is None:
        return list(rows.exclude(state=State.CANCELLED))
    held = list(rows.filter(created_at__lte=known))
    for pk, before in stood(held, known).items():
        row = next(each for each in held if each.pk == pk)
        row.state, row.cause = before.state, before.cause
    return [row for row in held if row.state != State.CANCELLED]


def _incidents() -> QuerySet[Ticket]:
    # Proposed core systems count until the client says otherwise: the stricter reading (A04).
    core = Q(application__core__in=_CORE) | Q(target__application__core__in=_CORE)
    return (
        Ticket.objects.filter(kind=Kind.INCIDENT, parent=None)
        .filter(core | Q(target__kind__in=CORE_KINDS))
        .select_related("application", "target", "institution")
    )
