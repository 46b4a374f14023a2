"""The clocks of tickets, computed on read from their logs, on both calendars."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects

from jingwei.calendars.queries import days
from jingwei.desk.facts import Facts, bare_logs, facts_of, prefetched
from jingwei.desk.facts import read as log
from jingwei.desk.models import Kind, State, Ticket
from jingwei.desk.queries.known import stood
from jingwei.sla.calendar import Calendar, Hours, WallCalendar, WorkingCalendar
from jingwei.sla.clock import Clock, ClockState, Limit, measure
from jingwei.sla.limits import Policy, fault_limits, judged_severity
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.OVERDUE})
_AHEAD = timedelta(days=370)  # a pause and a long holiday may move a deadline into the next year
_NOTHING_PUBLISHED: Mapping[date, bool] = {date(1970, 1, 1): False}


@dataclass(frozen=True, slots=True)
class TicketClocks:
    """Every clock of a ticket on both calendars, printed beside each other (ambiguity A03).

    `severity` is the one that is judged, the worst reached; None for a ticket without clocks.
    """

    severity: Severity | None
    working: tuple[Clock, ...] = ()
    wall: tuple[Clock, ...] = ()

    @property
    def all(self) -> tuple[Clock, ...]:
        """Both calendars' clocks."""
        return self.working + self.wall

    @property
    def due(self) -> datetime | None:
        """The next deadline of a running clock on either calendar; None when none runs."""
        known = [c.due for c in self.all if c.state in OPEN and c.due is not None]
        return min(known, default=None)

    @property
    def overdue(self) -> bool:
        """Whether a clock that still runs is past its limit on either calendar."""
        return any(clock.state is ClockState.OVERDUE for clock in self.all)


def calendars(
    start: datetime, now: datetime, hours: Hours | None = None
) -> tuple[Calendar, Calendar]:
    """The 5x8 calendar from `start` to a year after `now`, and the 7x24 one.

    What no published year covers is absent: a clock that needs it says 未公布.
    """
    first = start.astimezone(SHANGHAI).date() - timedelta(days=1)
    known = days(first, now.astimezone(SHANGHAI).date() + _AHEAD)
    return WorkingCalendar(known or _NOTHING_PUBLISHED, hours or Hours()), WallCalendar()


def clocks(
    ticket: Ticket,
    now: datetime,
    *,
    known: datetime | None = None,
    policy: Policy | None = None,
    hours: Hours | None = None,
) -> TicketClocks:
    """The clocks of one ticket as of `now`. `policy` is the contract version's; default tender's.

    A rule of `sla` says what a clock says when facts are missing or contradict each other.
    """
    prefetch_related_objects([ticket], "events")
    return clocks_of([ticket], now, known=known, policy=policy, hours=hours)[ticket.pk]


def clocks_of(
    tickets: Iterable[Ticket],
    now: datetime,
    *,
    known: datetime | None = None,
    policy: Policy | None = None,
    hours: Hours | None = None,
) -> dict[int, TicketClocks]:
    """Ticket id → clocks, for many at the cost of three queries.

    Logs that are not prefetched are read as bare rows: for a year of tickets making a model of
    every line takes longer than all the clocks. With `known` what was written down after it is
    left out: who judges a past day sees what was known then. Who looks at today sees the whole
    log, though the server's clock be set back behind it.
    """
    rows = list(tickets)
    lines = bare_logs((row.pk for row in rows if not prefetched(row)), known)
    read = {row.pk: facts_of(row, known) if prefetched(row) else log(lines[row.pk]) for row in rows}
    # Whose engineer was there already is asked for more: when the work began.
    prefetch_related_objects([row for row in rows if read[row.pk].resident], "events")
    first = min((e.at for facts in read.values() for e in facts.events.values()), default=now)
    both = calendars(first, now, hours)
    limits = {each: fault_limits(policy or Policy(), each) for each in Severity}
    before = stood(rows, known) if known is not None else {}
    withdrawn = {
        row.pk for row in rows
        if (before[row.pk].state if row.pk in before else row.state) == State.CANCELLED
    }  # fmt: skip
    return {
        row.pk: TicketClocks(None)
        if row.pk in withdrawn
        else _clocks(row, read[row.pk], both, now, limits, known)
        for row in rows
    }


def _clocks(
    ticket: Ticket,
    facts: Facts,
    both: tuple[Calendar, Calendar],
    now: datetime,
    limits: Mapping[Severity, tuple[Limit, ...]],
    known: datetime | None,
) -> TicketClocks:
    if ticket.kind != Kind.INCIDENT or not facts.severities:
        return TicketClocks(None)
    severity = judged_severity(facts.severities)
    instants = effective(facts, _started(ticket, facts, known))
    working, wall = (
        tuple(
            measure(limit, instants, calendar, now, pauses=facts.pauses, remote=facts.remote)
            for limit in limits[severity]
        )
        for calendar in both
    )
    return TicketClocks(severity, working, wall)


def effective(facts: Facts, started: datetime | None) -> dict[Instant, datetime]:
    """The instants the clocks run on: who was there before the report arrived when he took it up.

    Domain.md section 4, rule 3: arrival is then the phone response or the start of work, whichever
    is known first; before either, nobody has arrived as far as this fault goes.
    """
    instants = facts.instants
    arrived, reported = instants.get(Instant.ARRIVED), instants.get(Instant.REPORTED)
    if arrived is None or reported is None or arrived >= reported or not facts.resident:
        return instants
    taken = [at for at in (instants.get(Instant.PHONE_RESPONDED), started) if at is not None]
    if taken:
        instants[Instant.ARRIVED] = min(taken)
    else:
        del instants[Instant.ARRIVED]
    return instants


def _started(ticket: Ticket, facts: Facts, known: datetime | None) -> datetime | None:
    """When work first began, where the log needs to be asked at all."""
    return first_move(ticket, State.WORKING, known) if facts.resident else None


def first_move(ticket: Ticket, to: State, known: datetime | None = None) -> datetime | None:
    """When the ticket first came to a state; with `known` only by what was written down then."""
    lines = (event for event in ticket.events.all() if event.state == to)
    at = (line.at for line in lines if known is None or line.entered_at <= known)
    return min(at, default=None)
