"""A ticket with its form: opened together or not at all, filled in further until it is resolved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Application, Database, Institution, Person, Target
from jingwei.desk import forms
from jingwei.desk.actions.distribution import plan
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.intake import Intake, open_ticket
from jingwei.desk.actions.writing import demand, take, whole, write
from jingwei.desk.forms import Form, Type
from jingwei.desk.models import ENDED, EventKind, Kind, State, Ticket, TicketForm

# Until here the people who do the work may still write into it.
OPEN = frozenset({
    State.NEW, State.ACCEPTED, State.APPROVED, State.PRECHECKED, State.WORKING,
})  # fmt: skip
_FIELD = {
    "institution": Type.INSTITUTION, "application": Type.APPLICATION, "target": Type.TARGET,
}  # fmt: skip


class BadFormError(BadInputError):
    """Some fields of a form are wrong: `errors` has all of them, `field` the first."""

    def __init__(self, form: Form, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        name = next(iter(self.errors))
        super().__init__(name, self.errors[name])
        self.form = form


def look(what: Type, text: str) -> str | None:
    """The register's key for what was written, "HW-001-1 服务器" included; None when unknown."""
    key = text.split(" ", maxsplit=1)[0].upper()
    if what in (Type.INSTITUTION, Type.INSTITUTIONS):
        rows = Institution.objects.filter(valid_to=None)
        named = rows.filter(code__iexact=key).first() or rows.filter(name=text).first()
        return named.code if named else None
    if what is Type.APPLICATION:
        system = Application.objects.filter(valid_to=None, code__iexact=key).first()
        return system.code if system else None
    if what is Type.DATABASE:
        database = Database.objects.filter(valid_to=None, code__iexact=key).first()
        return database.code if database else None
    if what is Type.TARGET:
        target = Target.objects.filter(valid_to=None, key__iexact=key).first()
        return target.key if target else None
    person = Person.objects.filter(name=text).first()
    return person.name if person else None


def open_request(
    form_id: str, values: Mapping[str, object], intake: Intake, by: User, now: datetime
) -> Ticket:
    """A ticket of the form's kind with its form. What both ask for, the form answers.

    Raises BadFormError with every wrong field, BadInputError for an unknown form and for what
    the ticket itself refuses, ForbiddenError; nothing is left behind then.
    """
    demand(by, May.HANDLE_TICKETS)
    form = forms.by_id(form_id)
    if form is None or form.kind is Kind.DATA_CHANGE:
        raise BadInputError("form", f"没有表单“{form_id[:40]}”；数据修改请从报告单建单")
    kept = checked(form, _own(form, values))
    with transaction.atomic():
        ticket = open_ticket(_known(form, kept, intake), by, now)
        keep(ticket, form, kept, by, now)
    return ticket


@whole
def fill(
    ticket: Ticket, values: Mapping[str, object], by: User, now: datetime, *, version: int,
    form_id: str = "",
) -> TicketForm:  # fmt: skip
    """Write into the form; fields that are not named stay as they were, an empty one is emptied.

    The provider until the ticket is resolved, the client only his own fields and until it has
    ended. A ticket that was opened without a form gets one of its kind. Raises BadFormError,
    BadInputError, ForbiddenError, StaleError.
    """
    client = may(by.role, May.APPROVE_TICKETS)
    demand(by, May.APPROVE_TICKETS if client else May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.kind == Kind.DATA_CHANGE:
        raise BadInputError("form", "数据修改报告单在草稿或退回时整单修改")
    held = TicketForm.objects.filter(ticket=ticket).first()
    form = _form(ticket, held, form_id)
    _may_write(ticket, form, values, client=client)
    before = dict(held.values) if held is not None else {}
    kept = _merged(form, before, values)
    keep(ticket, form, kept, by, now, held=held)
    return TicketForm.objects.get(ticket=ticket)


def checked(form: Form, values: Mapping[str, object]) -> dict[str, forms.Value]:
    """The values as they are kept. Raises BadFormError."""
    found = forms.check(form, values, look)
    if found.errors:
        raise BadFormError(form, found.errors)
    return found.values


def _merged(
    form: Form, before: Mapping[str, forms.Value], values: Mapping[str, object]
) -> dict[str, forms.Value]:
    """What is kept with what is written over it; only what is written is judged anew.

    An institution that was retired since would otherwise stop every later word.
    """
    found = forms.check(form, {**before, **values}, look)
    errors = {name: text for name, text in found.errors.items() if name in values}
    if errors:
        raise BadFormError(form, errors)
    untouched = {name: value for name, value in before.items() if name not in values}
    return {**found.values, **untouched}


def keep(
    ticket: Ticket, form: Form, values: Mapping[str, forms.Value], by: User, now: datetime,
    *, held: TicketForm | None = None,
) -> None:  # fmt: skip
    """Store checked values, with one line of the log that says which fields changed."""
    before = dict(held.values) if held is not None else {}
    if held is None:
        TicketForm.objects.create(ticket=ticket, form=form.id, values=dict(values))
    else:
        held.values = dict(values)
        held.save(update_fields=("values",))
    named = [one for one in form.fields if before.get(one.name) != values.get(one.name)]
    if ticket.kind == Kind.DISTRIBUTION:
        plan(ticket, list(values.get("institutions", [])))
    text = f"{form.label}：" + "、".join(one.label for one in named)
    write(
        ticket, EventKind.FORM, by, now, value=text if len(text) <= 200 else text[:199] + "…",
        before={"form": form.id, "values": {n.name: before.get(n.name) for n in named}},
        more={"form": form.id, "values": {n.name: values.get(n.name) for n in named}},
    )  # fmt: skip


def _own(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Without the client's own fields: the provider opens the ticket."""
    for one in form.fields:
        if one.client and values.get(one.name):
            raise ForbiddenError(one.name, f"{one.label}由甲方填写")
    return dict(values)


def _known(form: Form, kept: Mapping[str, forms.Value], intake: Intake) -> Intake:
    """The intake of the form's kind, about what the form names."""
    found: dict[str, object] = {"kind": form.kind}
    for name, what in _FIELD.items():
        key = kept.get(name)
        if form.field(name) is None or not key:
            continue
        if what is Type.INSTITUTION:
            found[name] = Institution.objects.get(code=key)
        elif what is Type.APPLICATION:
            found[name] = Application.objects.get(code=key)
        else:
            found[name] = Target.objects.get(key=key)
    return replace(intake, **found)  # type: ignore[arg-type]  # names and types of Intake's own


def _form(ticket: Ticket, held: TicketForm | None, form_id: str) -> Form:
    if held is not None:
        form = forms.by_id(held.form)
        if form is None:
            raise BadInputError("form", f"表单“{held.form}”已不再使用，不能再填")
        return form
    offered = forms.of_kind(ticket.kind)
    form = next((one for one in offered if one.id == form_id), None)
    if form is None and len(offered) == 1 and not form_id:
        form = offered[0]
    if form is None:
        names = "、".join(one.label for one in offered) or "（无）"
        raise BadInputError("form", f"{ticket.get_kind_display()}单的表单应为：{names}")
    return form


def _may_write(ticket: Ticket, form: Form, values: Mapping[str, object], *, client: bool) -> None:
    for name in values:
        one = form.field(name)
        if one is not None and one.client != client:
            whose = "甲方" if one.client else "维保商"
            raise ForbiddenError(name, f"{one.label}由{whose}填写")
    if (ticket.state in ENDED) if client else (ticket.state not in OPEN):
        raise BadInputError("state", f"{ticket.number}{ticket.get_state_display()}，表单不能再改")
