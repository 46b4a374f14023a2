"""From the desk to one frozen value; the same records always give the same one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from jingwei.contract import queries as contract
from jingwei.desk import queries
from jingwei.desk.facts import Facts, facts_of
from jingwei.desk.models import EventKind, Kind, State, SupportLevel, Ticket, TicketEvent
from jingwei.desk.queries.availability import outage_of
from jingwei.emergency import queries as emergencies
from jingwei.reports import gather as shared
from jingwei.reports.emergency.facts import Line, Moment, Timer
from jingwei.reports.emergency.words import STATES
from jingwei.reports.errors import ReportError
from jingwei.reports.fault import facts as frozen
from jingwei.reports.masking import masked
from jingwei.sla.availability import AVAILABILITY_COUNTS
from jingwei.sla.clock import Clock
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Cause, Instant, Severity

LIMITS = {"phone": "电话响应", "on_site": "到达现场", "repair": "排除故障（到场后）"}
_GRADED = (State.CONFIRMED, State.CLOSED)


def gather(number: str) -> frozen.Fault:
    """The fault of that number as of its last record.

    Raises ReportError: there is none, it is no fault, or it was withdrawn.
    """
    ticket = queries.by_number(number)
    if ticket is None:
        raise ReportError(f"没有单号为 {number[:40]} 的故障单")
    if ticket.kind != Kind.INCIDENT:
        raise ReportError(f"{number} 是{ticket.get_kind_display()}，不是故障")
    if ticket.state == State.CANCELLED:
        raise ReportError(f"{number} 已撤销，不出故障处理报告")
    facts, known = facts_of(ticket), as_of(ticket)
    events = sorted(ticket.events.all(), key=lambda event: event.pk)
    clocks = contract.ticket_clocks(ticket, known)
    return frozen.Fault(
        project=shared.project(ticket.created_at.astimezone(SHANGHAI).date()),
        number=ticket.number, title=masked(ticket.title), text=masked(ticket.text),
        state=ticket.get_state_display(), ended=ticket.state in _GRADED,
        severity=clocks.severity.label if clocks.severity else "",
        opened_at=ticket.created_at, as_of=known, reporter=masked(ticket.reporter),
        institution=ticket.institution.name if ticket.institution else "",
        channel=ticket.get_channel_display(), taken_by=_taken(events, ticket),
        assignee=name(ticket.assignee), warranty=_warranty(ticket),
        system=ticket.application.name if ticket.application else "",
        target=str(ticket.target) if ticket.target else "",
        site=ticket.site.name if ticket.site else "",
        level=SupportLevel(ticket.level).label, cause=Cause(ticket.cause).label if ticket.cause
        else "", cause_reason=_last_reason(events, EventKind.CAUSE),
        solution=masked(ticket.solution), remote=facts.remote, confirmed=_confirmed(facts),
        files=len(ticket.files.all()), gradings=_gradings(events), moments=_moments(facts),
        timers=_timers(clocks.working, clocks.wall), lines=lines(ticket),
        pauses=tuple(frozen.Pausing(p.start, p.end, masked(p.reason)) for p in facts.pauses),
        escalations=_escalations(events), parts=_parts(ticket), down=_down(ticket, facts, known),
        parent=ticket.parent.number if ticket.parent else "",
        children=tuple(ticket.children.order_by("id").values_list("number", flat=True)),
        events=_emergencies(ticket), findings=_findings(ticket), articles=_articles(ticket),
    )  # fmt: skip


def as_of(ticket: Ticket) -> datetime:
    """When the last record was made: the report changes when the records do, not by itself."""
    written = [event.entered_at for event in ticket.events.all()]
    written += [entry.entered_at for entry in ticket.work.all()]
    written += [part.entered_at for part in ticket.parts.all()]
    return max([*written, ticket.created_at])


def name(user: object) -> str:
    """Who somebody is on paper; "" for nobody."""
    return str(getattr(user, "full_name", "") or getattr(user, "username", ""))


def _taken(events: Iterable[TicketEvent], ticket: Ticket) -> str:
    """Who took it up: who accepted it, else who wrote it down."""
    taken = next((event.by_name for event in events if event.state == State.ACCEPTED), "")
    return taken or name(ticket.created_by)


def _warranty(ticket: Ticket) -> str:
    """The tender's own word for the device: 过保 or 保内."""
    unit = ticket.target.unit if ticket.target is not None else None
    return unit.row.tender_status if unit is not None else ""


def _last_reason(events: Iterable[TicketEvent], kind: EventKind) -> str:
    return next((masked(e.reason) for e in reversed(list(events)) if e.kind == kind), "")


def _confirmed(facts: Facts) -> str:
    event = facts.events.get(Instant.CONFIRMED)
    if event is None:
        return ""
    return f"{event.by_name} {event.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _gradings(events: list[TicketEvent]) -> tuple[frozen.Grading, ...]:
    """Every grading in order, with the client's answer where one was needed."""
    answers = {event.refers_to_id: event for event in events if event.kind == EventKind.ANSWER}
    made = []
    for event in events:
        if event.kind != EventKind.SEVERITY:
            continue
        answer = answers.get(event.pk)
        if answer is not None:
            consent = f"{answer.by_name}{'同意' if answer.granted else '不同意'}"
        else:
            consent = "初次定级" if event.granted else "待甲方答复"
        label = Severity(event.value).label
        made.append(frozen.Grading(event.at, label, event.by_name, consent, masked(event.reason)))
    return tuple(made)


def _moments(facts: Facts) -> tuple[Moment, ...]:
    made = []
    for name in Instant:
        event = facts.events.get(name)
        if event is None:
            made.append(Moment(name.label))
            continue
        words = (
            "驻场在岗" if event.resident else "",
            "更正" if event.refers_to_id else "",
            masked(event.reason),
        )
        note = "；".join(word for word in words if word)
        made.append(Moment(name.label, event.at, event.by_name, event.late, note))
    return tuple(made)


def _timers(working: tuple[Clock, ...], wall: tuple[Clock, ...]) -> tuple[Timer, ...]:
    """Every limit on both calendars: which one counts is for the client to settle (A03)."""
    return tuple(
        Timer(
            label=LIMITS.get(clock.limit.name, clock.limit.name), calendar=clock.calendar,
            judged=clock.calendar == "5x8", allowed=int(clock.limit.allowed.total_seconds()),
            started=clock.started, due=clock.due, stopped=clock.stopped,
            used=None if clock.used is None else int(clock.used.total_seconds()),
            state=STATES[clock.state], note=clock.note,
        )
        for pair in zip(working, wall, strict=True)
        for clock in pair
    )  # fmt: skip


def lines(ticket: Ticket) -> tuple[Line, ...]:
    """Everything that was written down, by when it happened."""
    rows = [
        Line(line.at, line.what, masked("；".join(w for w in (line.text, line.reason) if w)),
             line.who, line.late)
        for line in reversed(queries.log(ticket))
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda line: line.at))


def _escalations(events: Iterable[TicketEvent]) -> tuple[Line, ...]:
    return tuple(
        Line(e.at, e.value, masked(e.reason), e.by_name, e.late)
        for e in events
        if e.kind == EventKind.ESCALATE
    )


def _parts(ticket: Ticket) -> tuple[frozen.Fitted, ...]:
    rows = ticket.parts.select_related("end_of_service")
    return tuple(
        frozen.Fitted(
            row.fitted_at, row.name, f"{row.maker} {row.model}".strip(), row.serial_out,
            row.serial_in, row.get_origin_display(),
            row.end_of_service.source if row.end_of_service else "", row.disk_kept,
        )
        for row in rows
    )  # fmt: skip


def _down(ticket: Ticket, facts: Facts, as_of: datetime) -> frozen.Down | None:
    """The downtime, as the availability page reckons it; None where it never was an outage."""
    outage = outage_of(ticket, facts)
    if outage is None:
        return None
    down = outage.downtime
    end = down.end or as_of
    moment = timedelta(seconds=1)  # so that what lasted no time, or began just now, is found
    known = queries.outages(down.start - moment, max(end, as_of) + moment)
    core = ticket.pk in {each.ticket.pk for each in known}
    return frozen.Down(
        down.start, down.end, max(0, int((end - down.start).total_seconds())), outage.assumed,
        core, core and not down.excluded_by and down.cause in AVAILABILITY_COUNTS,
        down.excluded_by,
    )  # fmt: skip


def _emergencies(ticket: Ticket) -> tuple[str, ...]:
    rows = emergencies.of_ticket(ticket).filter(drill=None).order_by("id")
    return tuple(f"{row.number} {masked(row.title)}" for row in rows)


def _findings(ticket: Ticket) -> tuple[str, ...]:
    links = ticket.finding_links.select_related("finding__target").order_by("id")
    return tuple(f"{link.finding.target.label} {link.finding.reading}".strip() for link in links)


def _articles(ticket: Ticket) -> tuple[str, ...]:
    rows = ticket.articles.order_by("number", "version")
    return tuple({row.number: masked(str(row)) for row in rows}.values())
