"""From rows of the desk to the shapes of the interface."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.contract import queries as contract
from jingwei.desk.models import DataChange, EventKind, Ticket, TicketEvent
from jingwei.desk.transitions import from_here
from jingwei.sla.clock import Clock
from jingwei.web.api.shapes import (
    ClockShape,
    ClocksShape,
    DataChangeShape,
    FileLine,
    FormShape,
    LogLine,
    PartShape,
    ReceiptShape,
    StepShape,
    Thing,
    TicketLine,
    TurningClock,
    WholeTicket,
    WorkLine,
)

# What a caller may read of the log: where it stands, when what happened, what he wrote himself.
_CALLERS = {EventKind.OPENED, EventKind.STATE, EventKind.INSTANT, EventKind.MESSAGE}


def line(ticket: Ticket) -> TicketLine:
    """One ticket in a list; select_related what it names."""
    return TicketLine(**_line(ticket))


def whole(ticket: Ticket, user: User, now: datetime) -> WholeTicket:
    """Everything of a ticket that this person may read."""
    inside = may(user.role, May.SEE_DESK)
    events = [e for e in ticket.events.all() if inside or e.kind in _CALLERS]
    found = contract.ticket_clocks(ticket, now)
    return WholeTicket(
        **_line(ticket), text=ticket.text, solution=ticket.solution, impact=ticket.impact,
        urgency=ticket.urgency,
        findings=sorted(ticket.finding_links.values_list("finding_id", flat=True)),
        targets=[
            Thing(code=each.target.key, name=each.target.label)
            for each in ticket.target_links.select_related("target").order_by("id")
        ],
        clocks=[ClockShape(**_clock(each)) for each in found.all],
        log=[_event(each) for each in sorted(events, key=lambda event: event.pk)],
        work=_work(ticket) if inside else [], files=_files(ticket) if inside else [],
        form=_form(ticket) if inside else None,
        data_change=_data_change(ticket) if inside else None,
        receipts=_receipts(ticket) if inside else [], parts=_parts(ticket) if inside else [],
        steps=_steps(ticket, user) if inside else [],
    )  # fmt: skip


def clocks(ticket: Ticket, as_of: datetime) -> ClocksShape:
    """The clocks of a ticket as of a moment."""
    found = contract.ticket_clocks(ticket, as_of)
    return ClocksShape(
        number=ticket.number, as_of=as_of, severity=found.severity or "", due=found.due,
        overdue=found.overdue, clocks=[_turning(each) for each in found.all],
    )  # fmt: skip


def _line(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number, "version": ticket.version, "kind": ticket.kind,
        "kind_label": ticket.get_kind_display(), "state": ticket.state,
        "state_label": ticket.get_state_display(), "ended": ticket.ended,
        "severity": ticket.severity, "title": ticket.title,
        "institution": _thing(ticket.institution), "application": _thing(ticket.application),
        "target": ticket.target and Thing(code=ticket.target.key, name=ticket.target.label),
        "site": _thing(ticket.site),
        "assignee": ticket.assignee
        and Thing(code=ticket.assignee.username, name=str(ticket.assignee)),
        "level": ticket.level, "cause": ticket.cause, "channel": ticket.channel,
        "reporter": ticket.reporter, "phone": ticket.phone,
        "parent": ticket.parent.number if ticket.parent else None,
        "created_at": ticket.created_at,
    }  # fmt: skip


def _thing(row: Any) -> Thing | None:
    return Thing(code=row.code, name=row.name) if row is not None else None


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "name": clock.limit.name, "calendar": clock.calendar, "state": clock.state.value,
        "started": clock.started, "due": clock.due, "stopped": clock.stopped,
        "allowed_seconds": int(clock.limit.allowed.total_seconds()),
        "clause": clock.limit.clause, "note": clock.note,
    }  # fmt: skip


def _turning(clock: Clock) -> TurningClock:
    return TurningClock(
        **_clock(clock),
        used_seconds=clock.used.total_seconds() if clock.used is not None else None,
        left_seconds=clock.left.total_seconds() if clock.left is not None else None,
    )


def _event(event: TicketEvent) -> LogLine:
    return LogLine(
        id=event.pk, kind=event.kind, kind_label=event.get_kind_display(), at=event.at,
        entered_at=event.entered_at, late=event.late, instant=event.instant, state=event.state,
        value=event.value, granted=event.granted, resident=event.resident, reason=event.reason,
        refers_to=event.refers_to_id, by=event.by_name,
    )  # fmt: skip


def _work(ticket: Ticket) -> list[WorkLine]:
    return [
        WorkLine(
            at=each.at, entered_at=each.entered_at, late=each.late, minutes=each.minutes,
            text=each.text, by=each.by_name,
        )
        for each in ticket.work.all()
    ]  # fmt: skip


def _files(ticket: Ticket) -> list[FileLine]:
    return [
        FileLine(
            kind=each.kind, name=each.name, caption=each.caption, media_type=each.media_type,
            size=each.size, sha256=each.sha256, at=each.at, by=each.by_name,
        )
        for each in ticket.files.all()
    ]  # fmt: skip


def _form(ticket: Ticket) -> FormShape | None:
    held = getattr(ticket, "form", None)
    return FormShape(form=held.form, values=held.values) if held is not None else None


def _data_change(ticket: Ticket) -> DataChangeShape | None:
    held: DataChange | None = getattr(ticket, "data_change", None)
    if held is None:
        return None
    named = {
        name: getattr(held, name) for name in DataChangeShape.model_fields if name != "database"
    }
    return DataChangeShape(**named, database=held.database.code if held.database else None)


def _receipts(ticket: Ticket) -> list[ReceiptShape]:
    return [
        ReceiptShape(
            institution=Thing(code=each.institution.code, name=each.institution.name),
            sent_at=each.sent_at, received_at=each.received_at, receiver=each.receiver,
        )
        for each in ticket.receipts.select_related("institution").order_by("institution__code")
    ]  # fmt: skip


def _parts(ticket: Ticket) -> list[PartShape]:
    return [
        PartShape(
            name=each.name, maker=each.maker, model=each.model, serial_out=each.serial_out,
            serial_in=each.serial_in, origin=each.origin, fitted_at=each.fitted_at,
            by=each.by_name,
        )
        for each in ticket.parts.all()
    ]  # fmt: skip


def _steps(ticket: Ticket, user: User) -> list[StepShape]:
    ways: Sequence[Any] = from_here(ticket.kind, ticket.state)
    return [
        StepShape(step=way.step, label=way.label, to=way.end.value, needs=list(way.needs))
        for way in ways
        if may(user.role, way.may)
    ]
