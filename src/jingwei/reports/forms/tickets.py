"""From one ticket of the desk to one frozen slip; the same records always give the same one."""

from collections.abc import Iterable, Mapping
from typing import Any

from jingwei.assets.models import Application, Database, Institution, Target
from jingwei.desk import forms, queries
from jingwei.desk.forms import Field, Type, Value, shown
from jingwei.desk.models import EventKind, Kind, State, Ticket
from jingwei.reports import gather as shared
from jingwei.reports.errors import ReportError
from jingwei.reports.fault.gather import as_of, lines, name
from jingwei.reports.forms.facts import Attached, Entry, Step, day
from jingwei.reports.masking import masked

_REGISTER: dict[Type, tuple[Any, str, str]] = {
    Type.INSTITUTION: (Institution, "code", "name"),
    Type.INSTITUTIONS: (Institution, "code", "name"),
    Type.APPLICATION: (Application, "code", "name"),
    Type.DATABASE: (Database, "code", "name"),
    Type.TARGET: (Target, "key", "label"),
}


def find(subject: str, *wanted: Kind) -> Ticket:
    """The ticket of that number. Raises ReportError: there is none, or it is of another kind."""
    said = subject.strip()
    ticket = queries.by_number(said) if said.isascii() else None
    words = "、".join(kind.label for kind in wanted)
    if ticket is None:
        raise ReportError(f"没有单号为“{said[:40]}”的工单；应为{words}单的单号，如 GD-2026-00001")
    if ticket.kind not in wanted:
        raise ReportError(f"{ticket.number} 是{ticket.get_kind_display()}，应为{words}单的单号")
    return ticket


def common(ticket: Ticket) -> dict[str, Any]:
    """The fields of `facts.Slip`, by name."""
    held = getattr(ticket, "form", None)
    form = forms.by_id(held.form) if held is not None else None
    return {
        "project": shared.project(day(ticket.created_at)),
        "number": ticket.number, "kind": ticket.get_kind_display(),
        "title": masked(ticket.title), "text": masked(ticket.text),
        "state": ticket.get_state_display(), "ended": ticket.ended,
        "cancelled": ticket.state == State.CANCELLED,
        "opened_at": ticket.created_at, "as_of": as_of(ticket),
        "form": form.label if form else "", "clause": form.clause if form else "",
        "opened_by": name(ticket.created_by), "reporter": masked(ticket.reporter),
        "phone": masked(ticket.phone),
        "institution": ticket.institution.name if ticket.institution else "",
        "system": ticket.application.name if ticket.application else "",
        "target": str(ticket.target) if ticket.target else "",
        "site": ticket.site.name if ticket.site else "",
        "channel": ticket.get_channel_display(), "assignee": name(ticket.assignee),
        "solution": masked(ticket.solution),
        "entries": entries(form, held.values) if form and held else (),
        "steps": steps(ticket), "lines": lines(ticket),
        "files": tuple(
            Attached(file.get_kind_display(), masked(file.name), file.sha256)
            for file in ticket.files.all()
        ),
    }  # fmt: skip


def entries(form: forms.Form, values: Mapping[str, Value]) -> tuple[Entry, ...]:
    """Every field the form has, what nobody filled in too; codes of the register with names."""
    return tuple(
        Entry(
            one.name, one.label, masked(read(one, values.get(one.name, ""))), one.client,
            one.closing or one.required,
        )
        for one in form.fields
    )  # fmt: skip


def read(one: Field, value: Value) -> str:
    """A kept value as people read it; "" where there is none."""
    if not value:
        return ""
    if one.type not in _REGISTER:
        return shown(one, value)
    model, key, label = _REGISTER[one.type]
    codes = value if isinstance(value, list) else [value]
    known = dict(model.objects.filter(**{f"{key}__in": codes}).values_list(key, label))
    return "、".join(f"{known[code]}（{code}）" if code in known else code for code in codes)


def steps(ticket: Ticket) -> tuple[Step, ...]:
    """Every move from state to state in the order it was written down, how it began first."""
    events = sorted(ticket.events.all(), key=lambda event: event.pk)
    return tuple(
        Step(
            event.state, State(event.state).label if event.state else event.get_kind_display(),
            event.at, event.by_name, masked(_joined((event.value, event.reason))), event.late,
        )
        for event in events
        if event.kind in (EventKind.OPENED, EventKind.STATE)
    )  # fmt: skip


def _joined(words: Iterable[str]) -> str:
    return "；".join(word for word in words if word)
