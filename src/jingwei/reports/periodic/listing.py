"""The rows behind an account's numbers, from the same records the numbers were counted from."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from jingwei.desk import queries as desk
from jingwei.desk.models import Channel, Kind, State, Ticket
from jingwei.desk.queries import TicketClocks
from jingwei.reports.masking import masked
from jingwei.reports.periodic import rows as frozen
from jingwei.reports.periodic import tickets
from jingwei.reports.periodic.spans import Span
from jingwei.reports.periodic.upkeep import ROUTINE
from jingwei.sla.measures.facts import Facts
from jingwei.sla.measures.periods import day_of
from jingwei.sla.owed import Owed


def rows(
    span: Span, known: Facts, owed: Sequence[Owed], found: Sequence[Ticket],
    clocks: Mapping[int, TicketClocks],
) -> frozen.Rows:  # fmt: skip
    """Every set of rows of one period."""
    return frozen.Rows(
        tickets=tuple(opened(row) for row in found),
        clocks=tuple(each for row in found if row.pk in clocks
                     for each in _timed(row, clocks[row.pk])),
        downs=_downs(span, known), days=_days(span, known), duties=_duties(span, owed, known),
        efforts=_efforts(span),
        presence=tuple(
            frozen.Present(each.date, each.there) for each in known.presence
            if each.line == "first" and span.first <= each.date <= span.last
        ),
    )  # fmt: skip


def opened(row: Ticket) -> frozen.Opened:
    """One ticket as a row."""
    form = tickets.form_of(row)
    fault = row.kind == Kind.INCIDENT
    return frozen.Opened(
        row.number, Kind(row.kind).label, masked(row.title), row.created_at,
        Channel(row.channel).label, tickets.system(row), tickets.institution(row),
        tickets.severity(row) if fault else "", tickets.cause(row) if fault else "",
        form.label if form else "", row.get_state_display(), _ended(row),
    )  # fmt: skip


def _ended(row: Ticket) -> str:
    if row.state == State.CANCELLED:
        return frozen.CANCELLED
    return frozen.DONE if row.state in tickets.DONE else frozen.OPEN


def _timed(row: Ticket, held: TicketClocks) -> list[frozen.Timed]:
    if held.severity is None:
        return []
    return [
        frozen.Timed(
            row.number, held.severity.label, tickets.LIMITS.get(clock.limit.name, clock.limit.name),
            clock.calendar, tickets.outcome(clock.state), int(clock.limit.allowed.total_seconds()),
            None if clock.used is None else int(clock.used.total_seconds()),
        )
        for clock in held.all
    ]  # fmt: skip


def _downs(span: Span, known: Facts) -> tuple[frozen.Down, ...]:
    """Downtimes of the contract year up to the end of the period, the first first."""
    return tuple(
        frozen.Down(ref.key, each.start, each.end, each.cause.label, each.excluded_by)
        for ref, each in sorted(known.downtimes, key=lambda both: both[1].start)
        if each.start < span.as_of
    )


def _days(span: Span, known: Facts) -> tuple[frozen.Day, ...]:
    """Every day that is a working day, or on which a daily check was finished."""
    runs = {run.date: run for run in known.runs if run.routine == ROUTINE and run.finished}
    last = min(span.last, day_of(span.as_of - timedelta(microseconds=1)))
    made = []
    day = span.first
    while day <= last:
        works, run = known.working.get(day), runs.get(day)
        if works or run is not None:
            items = list(run.items.values()) if run is not None else []
            made.append(
                frozen.Day(
                    day, works, run is not None, sum(both[0] for both in items),
                    sum(both[1] for both in items),
                )
            )  # fmt: skip
        day += timedelta(days=1)
    return tuple(made)


def _duties(span: Span, owed: Sequence[Owed], known: Facts) -> tuple[frozen.Duty, ...]:
    return tuple(
        frozen.Duty(
            known.labels.get(row.what, row.what), row.label, row.opens, row.last, row.number,
            row.done, row.standing.label,
        )
        for row in sorted(owed, key=lambda row: (row.last, row.what))
        if span.first <= row.last <= span.last and row.what != ROUTINE
    )  # fmt: skip


def _efforts(span: Span) -> tuple[frozen.Booked, ...]:
    last = min(span.last, day_of(span.as_of))
    return tuple(
        frozen.Booked(
            each.effort.ticket.number, each.effort.date, str(each.effort.days),
            each.effort.person.name, masked(each.effort.work),
        )
        for each in desk.ledger(span.year_first, last).entries
    )  # fmt: skip
