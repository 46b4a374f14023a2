"""How a ticket's columns stood at a moment: its log says what they were before later lines.

`Ticket.state` and `Ticket.cause` repeat the last line of the log. Who judges a past day must not
see a line that was written down after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jingwei.desk.models import EventKind, State, Ticket, TicketEvent

_COLUMNS = (EventKind.STATE, EventKind.CAUSE)


@dataclass(frozen=True, slots=True)
class Stood:
    """The state and the cause that were written down by the moment."""

    state: State
    cause: str


def stood(tickets: Iterable[Ticket], at: datetime) -> dict[int, Stood]:
    """Ticket id → how it stood, only of tickets whose state or cause was written after `at`.

    One query where nothing was, two otherwise; of the rest the columns are what they were.
    """
    rows = {row.pk: row for row in tickets}
    log = TicketEvent.objects.filter(kind__in=_COLUMNS)
    moved = set(
        log.filter(entered_at__gt=at, ticket__created_at__lte=at).values_list("ticket", flat=True)
    ) & set(rows)
    if not moved:
        return {}
    before = {pk: Stood(State.NEW, "") for pk in moved}
    lines = log.filter(ticket__in=moved, entered_at__lte=at).order_by("id")
    for ticket, kind, state, value in lines.values_list("ticket", "kind", "state", "value"):
        held = before[ticket]
        before[ticket] = (
            Stood(State(state), held.cause) if kind == EventKind.STATE else Stood(held.state, value)
        )
    return before
