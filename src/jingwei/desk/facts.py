"""What a ticket's log amounts to: its instants in force, gradings, pauses, what waits.

Reads only, and only what is handed to it; actions guard with it and queries compute with it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, cast

from jingwei.desk.models import EventKind, Ticket, TicketEvent
from jingwei.sla.clock import Pause
from jingwei.terms.incident import Instant, Severity


@dataclass
class Facts:
    """The log read once from its first line to its last.

    `events` holds the line in force of each instant; `waiting` what the client has not answered;
    `severities` only gradings in force, in order; `excluded` the client's word not to count it.
    """

    events: dict[Instant, TicketEvent] = field(default_factory=dict)
    severities: list[Severity] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    waiting: list[TicketEvent] = field(default_factory=list)
    open_pause: TicketEvent | None = None
    excluded: TicketEvent | None = None
    remote: bool = False

    @property
    def instants(self) -> dict[Instant, datetime]:
        """The instants in force, as they were written down."""
        return {name: event.at for name, event in self.events.items()}

    @property
    def resident(self) -> bool:
        """Whether the engineer was on site before anybody called."""
        arrived = self.events.get(Instant.ARRIVED)
        return arrived is not None and arrived.resident


def facts_of(ticket: Ticket, known: datetime | None = None) -> Facts:
    """The facts of a ticket (one query, none when its events are prefetched).

    With `known` only what was written down by then: what somebody enters later was not known.
    """
    lines = sorted(ticket.events.all(), key=lambda event: event.pk)
    return read(line for line in lines if known is None or line.entered_at <= known)


class Bare(NamedTuple):
    """What `read` looks at of a line of the log, where nobody asks for more of it."""

    pk: int
    kind: str
    at: datetime
    instant: str
    value: str
    granted: bool | None
    resident: bool
    reason: str
    refers_to_id: int | None


# Steps and messages move no clock; a resident engineer's first step is asked for where it counts.
_TOLD = (
    EventKind.INSTANT, EventKind.REMOTE, EventKind.SEVERITY, EventKind.PAUSE, EventKind.EXCLUDE,
    EventKind.ANSWER, EventKind.RESUME,
)  # fmt: skip
_AT_ONCE = 10_000  # ids in one query: a database takes only so many


def prefetched(ticket: Ticket) -> bool:
    """Whether the log is in memory already."""
    return "events" in getattr(ticket, "_prefetched_objects_cache", {})


def bare_logs(
    tickets: Iterable[int], known: datetime | None = None
) -> dict[int, list[TicketEvent]]:
    """Ticket id → the lines that `read` looks at, in the order they were written, as bare rows.

    With `known` only those written down by then.
    """
    found: dict[int, list[TicketEvent]] = defaultdict(list)
    ids = list(tickets)
    for low in range(0, len(ids), _AT_ONCE):
        rows = TicketEvent.objects.filter(ticket__in=ids[low : low + _AT_ONCE], kind__in=_TOLD)
        if known is not None:
            rows = rows.filter(entered_at__lte=known)
        for ticket, *line in rows.order_by("id").values_list("ticket", *Bare._fields):
            found[ticket].append(cast("TicketEvent", Bare._make(line)))
    return found


def read(events: Iterable[TicketEvent]) -> Facts:
    """The facts of a log, in the order it was written."""
    facts = Facts()
    asked: dict[int, TicketEvent] = {}
    for event in events:
        if event.kind == EventKind.INSTANT:
            facts.events[Instant(event.instant)] = event
        elif event.kind == EventKind.REMOTE:
            facts.remote = bool(event.granted)
        elif event.kind == EventKind.SEVERITY and event.granted:
            facts.severities.append(Severity(event.value))
        elif event.kind in (EventKind.SEVERITY, EventKind.PAUSE, EventKind.EXCLUDE):
            asked[event.pk] = event
        elif event.kind == EventKind.ANSWER:
            _answered(facts, asked.pop(event.refers_to_id or 0), event)
        elif event.kind == EventKind.RESUME and facts.open_pause is not None:
            standing, facts.open_pause = facts.open_pause, None
            facts.pauses[-1] = Pause(standing.at, event.at, standing.reason)
    facts.waiting = list(asked.values())
    return facts


def _answered(facts: Facts, asked: TicketEvent, answer: TicketEvent) -> None:
    if not answer.granted:
        return
    if asked.kind == EventKind.EXCLUDE:
        facts.excluded = answer
    elif asked.kind == EventKind.SEVERITY:
        facts.severities.append(Severity(asked.value))
    else:
        facts.open_pause = asked
        facts.pauses.append(Pause(asked.at, None, asked.reason))
