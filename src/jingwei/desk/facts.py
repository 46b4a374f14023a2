"""What a ticket's log amounts to: its instants in force, gradings, pauses, what waits.

Reads only, and only what is handed to it; actions guard with it and queries compute with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

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


def facts_of(ticket: Ticket) -> Facts:
    """The facts of a ticket (one query, none when its events are prefetched)."""
    return read(sorted(ticket.events.all(), key=lambda event: event.pk))


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
