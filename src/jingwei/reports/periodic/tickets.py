"""What the desk says about a period: counts, limits, lists."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from jingwei.contract import queries as contract
from jingwei.desk import forms, queries
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Kind, SparePart, State, Ticket
from jingwei.desk.queries import TicketClocks
from jingwei.desk.queries.availability import outage_of
from jingwei.desk.queries.forms import requests_by_form
from jingwei.reports.masking import masked
from jingwei.reports.periodic import facts as frozen
from jingwei.reports.periodic.spans import Span
from jingwei.sla.clock import ClockState
from jingwei.sla.measures.periods import midnight
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Cause, Instant, Severity

LIMITS = {"phone": "电话响应", "on_site": "到达现场", "repair": "排除故障"}
DONE = frozenset({State.RESOLVED, State.CONFIRMED, State.CLOSED, State.VERIFIED, State.ARCHIVED,
                  State.EXECUTED, State.CHECKED})  # fmt: skip
_LATE = (ClockState.BREACHED, ClockState.OVERDUE)
_RUNS = (ClockState.RUNNING, ClockState.PAUSED, ClockState.NOT_STARTED)


def opened(span: Span) -> list[Ticket]:
    """Every ticket opened in the period, the first first."""
    rows = Ticket.objects.filter(
        created_at__gte=midnight(span.first), created_at__lte=span.as_of,
        created_at__lt=midnight(span.last + timedelta(days=1)),
    ).select_related("application", "institution", "target", "form")  # fmt: skip
    return list(rows.prefetch_related("events", "parts").order_by("created_at", "id"))


def tally(rows: Iterable[Ticket], label: Callable[[Ticket], str]) -> tuple[frozen.Tally, ...]:
    """Counts by what `label` says, the most first."""
    opened_, done, gone = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        name = label(row)
        opened_[name] += 1
        done[name] += row.state in DONE
        gone[name] += row.state == State.CANCELLED
    return tuple(
        frozen.Tally(name, number, done[name], gone[name])
        for name, number in sorted(opened_.items(), key=lambda each: (-each[1], each[0]))
    )


def by_kind(rows: Sequence[Ticket]) -> tuple[frozen.Tally, ...]:
    """Every kind of ticket there is, 0 where nothing was asked."""
    found = {each.label: each for each in tally(rows, lambda row: Kind(row.kind).label)}
    return tuple(found.get(kind.label, frozen.Tally(kind.label, 0)) for kind in Kind)


def requests(span: Span) -> tuple[frozen.Tally, ...]:
    """The tender's kinds of occasional work one by one (L570-578), in its order."""
    last = min(span.last, span.as_of.astimezone(SHANGHAI).date())
    return tuple(
        frozen.Tally(each.label, each.opened, each.done, each.cancelled)
        for each in requests_by_form(span.first, last)
    )


def standing(rows: Iterable[Ticket]) -> list[Ticket]:
    """Faults that were not withdrawn."""
    return [row for row in rows if row.kind == Kind.INCIDENT and row.state != State.CANCELLED]


def kept(
    rows: Sequence[Ticket], clocks: dict[int, TicketClocks]
) -> tuple[tuple[frozen.Kept, ...], tuple[frozen.Late, ...]]:
    """Each limit by severity on both calendars (A03), and every single one that was not kept."""
    counts: dict[tuple[Severity, str, str], Counter[str]] = defaultdict(Counter)
    late = []
    for row in rows:
        held = clocks[row.pk]
        if held.severity is None:
            continue
        for clock in held.all:
            counts[held.severity, clock.limit.name, clock.calendar][outcome(clock.state)] += 1
            if clock.state in _LATE:
                late.append(
                    frozen.Late(
                        row.number, masked(row.title),
                        LIMITS.get(clock.limit.name, clock.limit.name), clock.calendar,
                        int(clock.limit.allowed.total_seconds()),
                        None if clock.used is None else int(clock.used.total_seconds()),
                    )
                )  # fmt: skip
    made = [
        frozen.Kept(severity.label, LIMITS[name], calendar, **counts[severity, name, calendar])
        for severity in Severity
        for name in LIMITS
        for calendar in ("5x8", "7x24")
        if counts.get((severity, name, calendar))
    ]
    return tuple(made), tuple(late)


def outcome(state: ClockState) -> str:
    """Which count of `facts.Kept` a clock falls into."""
    if state is ClockState.MET:
        return "met"
    if state in _LATE:
        return "late"
    if state is ClockState.NOT_APPLICABLE:
        return "remote"
    return "running" if state in _RUNS else "unclear"


def fault(row: Ticket, clocks: TicketClocks | None) -> frozen.Fault:
    """One line of the list of faults."""
    graded = clocks.severity if clocks is not None else None
    severity = graded.label if graded else ""
    instants = facts_of(row).instants
    return frozen.Fault(
        row.number, masked(row.title), where(row), severity,
        Cause(row.cause).label if row.cause else "", row.created_at,
        instants.get(Instant.RESTORED), row.get_state_display(),
    )  # fmt: skip


def where(row: Ticket) -> str:
    """The system, the device and the institution a ticket is about."""
    names = [str(thing.name) for thing in (row.application, row.institution) if thing is not None]
    return "；".join([*names, *([str(row.target)] if row.target is not None else [])]) or "—"


def system(row: Ticket) -> str:
    """The application a ticket is about."""
    return row.application.name if row.application else "未指明系统"


def institution(row: Ticket) -> str:
    """The institution a ticket is about."""
    return row.institution.name if row.institution else "未指明机构"


def severity(row: Ticket) -> str:
    """How a fault was graded, in the tender's words."""
    return Severity(row.severity).label if row.severity else "未定级"


def cause(row: Ticket) -> str:
    """What a fault was put down to."""
    return (Cause(row.cause) if row.cause else Cause.UNCLASSIFIED).label


def form_of(row: Ticket) -> forms.Form | None:
    """The form a ticket was taken down on."""
    return forms.by_id(row.form.form) if hasattr(row, "form") else None


def changes(rows: Iterable[Ticket]) -> tuple[frozen.Change, ...]:
    """Every change, with who approved it and the health check before it (L622)."""
    return tuple(_change(row) for row in rows if row.kind == Kind.CHANGE)


def _change(row: Ticket) -> frozen.Change:
    events = sorted(row.events.all(), key=lambda event: event.pk)
    checked = [event for event in events if event.state == State.PRECHECKED]
    approved = [event for event in events if event.kind == EventKind.ANSWER and event.granted]
    signed = (approved or checked)[-1:]
    form = form_of(row)
    return frozen.Change(
        row.number, row.created_at, where(row),
        "：".join(word for word in (form.label if form else "", masked(row.title)) if word),
        signed[0].by_name if signed else "", checked[-1].at if checked else None,
        row.get_state_display(),
    )  # fmt: skip


def left(span: Span, now: datetime) -> tuple[frozen.Fault, ...]:
    """Tickets opened by the end of the period that are not ended yet, the oldest first."""
    rows = list(
        queries.open_tickets()
        .filter(created_at__lte=span.as_of)
        .prefetch_related("events")
        .order_by("created_at", "id")
    )
    clocks = contract.clocks_of(rows, now)
    return tuple(fault(row, clocks[row.pk]) for row in rows)


def parts(span: Span) -> tuple[frozen.Part, ...]:
    """Parts replaced in the period with their ticket's downtime (L530, L591, L704)."""
    rows = SparePart.objects.filter(
        fitted_at__gte=midnight(span.first), fitted_at__lte=span.as_of
    ).select_related("ticket", "target", "end_of_service")
    return tuple(
        frozen.Part(
            row.ticket.number, row.fitted_at, str(row.target or "—"),
            f"{row.name} {row.maker} {row.model}".strip(), row.serial_out, row.serial_in,
            row.get_origin_display(), row.end_of_service.source if row.end_of_service else "",
            row.disk_kept, down(row.ticket),
        )
        for row in rows
    )  # fmt: skip


def down(row: Ticket) -> int | None:
    """Seconds its ticket was down; None where it was no outage or still is down."""
    outage = outage_of(row, facts_of(row))
    if outage is None or outage.length is None:
        return None
    return int(outage.length.total_seconds())
