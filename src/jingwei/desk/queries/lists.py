"""What is to be done, by time left: mine, the team's, due soon, overdue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from jingwei.accounts.models import User
from jingwei.calendars.queries import UNPUBLISHED
from jingwei.desk.models import ENDED, DataChange, Ticket
from jingwei.desk.queries.clocks import TicketClocks, clocks_of
from jingwei.sla.clock import ClockState

HOUR = timedelta(hours=1)
# How clocks are read: `contract.queries.clocks_of` knows each ticket's contract version; this
# room's own has the tender's limits.
Reckon = Callable[[Sequence[Ticket], datetime], dict[int, TicketClocks]]


@dataclass(frozen=True, slots=True)
class Work:
    """One open ticket with its clocks; `left` until the next deadline, negative once overdue."""

    ticket: Ticket
    clocks: TicketClocks
    due: datetime | None
    left: timedelta | None

    @property
    def calendar_note(self) -> str:
        """Says so when a clock needs a year that is not published."""
        states = {clock.state for clock in self.clocks.all}
        return UNPUBLISHED if ClockState.UNPUBLISHED in states else ""


def open_tickets() -> QuerySet[Ticket]:
    """Every ticket on which something is still to be done."""
    return Ticket.objects.exclude(state__in=ENDED).select_related(
        "institution", "application", "target", "assignee", "parent"
    )


def team_work(now: datetime, *, reckon: Reckon = clocks_of) -> list[Work]:
    """Every open ticket, least time left first; without a running clock last, oldest first."""
    return _sorted(open_tickets(), now, reckon)


def my_work(user: User, now: datetime, *, reckon: Reckon = clocks_of) -> list[Work]:
    """What is assigned to this person."""
    return _sorted(open_tickets().filter(assignee=user), now, reckon)


def due_within(now: datetime, ahead: timedelta = HOUR, *, reckon: Reckon = clocks_of) -> list[Work]:
    """What runs out from now on within so long; what ran out already is `overdue`."""
    return [
        work
        for work in team_work(now, reckon=reckon)
        if any(
            clock.due is not None and now <= clock.due <= now + ahead
            for clock in work.clocks.all
            if clock.state is ClockState.RUNNING
        )
    ]


def overdue(now: datetime, *, reckon: Reckon = clocks_of) -> list[Work]:
    """What is past a limit on either calendar, the longest first."""
    return [work for work in team_work(now, reckon=reckon) if work.clocks.overdue]


def papers_owed() -> QuerySet[DataChange]:
    """Oral approvals still to be put on paper, the earliest due first, 未公布 last."""
    return (
        DataChange.objects.exclude(oral_by="")
        .filter(paper_ref="")
        .exclude(ticket__state__in=ENDED)
        .select_related("ticket")
        .order_by(F("paper_due").asc(nulls_last=True), "ticket__number")
    )


def _sorted(rows: QuerySet[Ticket], now: datetime, reckon: Reckon) -> list[Work]:
    tickets = list(rows.prefetch_related("events"))
    clocks = reckon(tickets, now)
    work = []
    for ticket in tickets:
        due = clocks[ticket.pk].due
        left = due - now if due is not None else None
        work.append(Work(ticket, clocks[ticket.pk], due, left))
    return sorted(
        work,
        key=lambda each: (each.due is None, each.due or each.ticket.created_at, each.ticket.pk),
    )
