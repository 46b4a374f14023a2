"""`{% load desk_forms %}`: what a ticket of its kind is about, as a block of the ticket's page."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from jingwei.accounts.roles import May, may
from jingwei.assets.models import Application, Institution, Target
from jingwei.desk import queries
from jingwei.desk.actions.forms import OPEN
from jingwei.desk.completion import answer_due, owed
from jingwei.desk.forms import Field, Form, Type, Value, of_kind, shown
from jingwei.desk.models import DataChange, Effort, Kind, Receipt, SparePart, Ticket, TicketForm
from jingwei.web.pages import data_steps
from jingwei.web.pages import ticket_forms_acts as acts

register = template.Library()
# Parts are fitted to mend something; nobody fits one for a training.
WITH_PARTS = frozenset({Kind.INCIDENT, Kind.SPARE_PART, Kind.CHANGE, Kind.SERVICE_REQUEST})


@register.inclusion_tag("web/forms/block.html", takes_context=True)
def ticket_form(context: template.Context, ticket: Ticket) -> dict[str, Any]:
    """The block: form, receipts, parts, days of work, or the data change; nothing if none fits."""
    request: HttpRequest = context["request"]
    sent = context.get("sent")
    role = getattr(request.user, "role", "")
    helps, decides = may(role, May.HANDLE_TICKETS), may(role, May.APPROVE_TICKETS)
    declared, held = acts.form_of(ticket)
    writable = helps and ticket.state in OPEN
    left = owed(ticket) if not ticket.ended else None
    found: dict[str, Any] = {
        "request": request, "user": request.user, "csrf_token": context.get("csrf_token"),
        "as_of": context.get("as_of"), "ticket": ticket, "declared": declared, "held": held,
        "offered": of_kind(ticket.kind), "rows": _rows(declared.fields, held) if declared else [],
        "helps": helps, "decides": decides, "writable": writable, "owed": left, "sent": sent,
        "data_change": ticket.kind == Kind.DATA_CHANGE,
    }  # fmt: skip
    if writable and declared is not None and not found["data_change"]:
        found["fill"] = _form(acts.FillForm, ticket, sent)
    if decides and declared is not None and not ticket.ended and held is not None:
        word = _form(acts.WordForm, ticket, sent)
        found["word"] = word if word.declared else None
    if helps and ticket.kind == Kind.DISTRIBUTION and not ticket.ended:
        found["links"] = _links(request, ticket)
    return found | _of_kind(ticket, sent, writable=writable, user=request.user)


def _links(request: HttpRequest, ticket: Ticket) -> list[tuple[Receipt, str]]:
    """Where each institution signs and downloads without a login."""
    rows = queries.receipts(ticket).exclude(sent_at=None)
    return [
        (row, request.build_absolute_uri(reverse("distributed", args=(queries.link_of(row),))))
        for row in rows
    ]


def _of_kind(ticket: Ticket, sent: object, *, writable: bool, user: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kind = Kind(ticket.kind)
    if kind is Kind.DISTRIBUTION:
        found["receipts"] = queries.receipts(ticket)
        found["missing"] = len(queries.missing_receipts(ticket))
        if not ticket.ended and may(user.role, May.HANDLE_TICKETS):
            found["send"] = _form(acts.SendForm, ticket, sent)
            found["receive"] = _form(acts.ReceiptForm, ticket, sent)
    elif kind is Kind.DEV_EFFORT:
        found["efforts"] = Effort.objects.filter(ticket=ticket).select_related(
            "person", "corrects", "corrected_by"
        )
        if not ticket.ended and may(user.role, May.HANDLE_TICKETS):
            found["book"] = _form(acts.BookForm, ticket, sent)
            found["undo"] = _form(acts.UndoForm, ticket, sent)
    elif kind is Kind.COMPLAINT:
        found["answer"] = answer_due(ticket, timezone.now())
    elif kind is Kind.DATA_CHANGE:
        found |= _data(ticket, user, sent)
    if kind in WITH_PARTS:
        found["parts"] = SparePart.objects.filter(ticket=ticket).select_related(
            "target", "end_of_service"
        )
        if writable:
            found["part"] = _form(acts.PartForm, ticket, sent)
    return found


def _data(ticket: Ticket, user: Any, sent: object) -> dict[str, Any]:
    held = DataChange.objects.select_related(
        "database", "applied_by", "reviewed_by", "approved_by", "second_approved_by",
        "executed_by", "checked_by", "ticket",
    ).filter(ticket=ticket).first()  # fmt: skip
    if held is None:
        return {"change": None}
    return {
        "change": held,
        "steps": data_steps.steps(held, user, sent),
        "paper": _form(data_steps.PaperForm, ticket, sent),
        "destruction": _form(data_steps.DestructionForm, ticket, sent),
        "mismatch": held.actual_rows is not None and held.actual_rows != held.expected_rows,
    }


def _form(kind: type[Any], ticket: Ticket, sent: object) -> Any:
    """The form as it was sent and refused, else a fresh one."""
    return sent if isinstance(sent, kind) and type(sent) is kind else kind(ticket=ticket)


def _rows(fields: tuple[Field, ...], held: TicketForm | None) -> list[tuple[str, str, bool]]:
    """(label, text, whether it is the client's word) of what is filled in."""
    if held is None:
        return []
    known = [(one, held.values.get(one.name)) for one in fields]
    return [(one.label, _text(one, value), one.client) for one, value in known if value]


def _text(one: Field, value: Value) -> str:
    """A value in words: what the register knows by its name, not by its key."""
    if one.type not in (Type.INSTITUTION, Type.INSTITUTIONS, Type.APPLICATION, Type.TARGET):
        return shown(one, value)
    keys = value if isinstance(value, list) else [value]
    if one.type is Type.APPLICATION:
        names = dict(Application.objects.filter(code__in=keys).values_list("code", "name"))
    elif one.type is Type.TARGET:
        rows = Target.objects.filter(key__in=keys)
        names = {row.key: f"{row.key} {row.label}" for row in rows}
    else:
        names = dict(Institution.objects.filter(code__in=keys).values_list("code", "name"))
    return "、".join(names.get(key, key) for key in keys)


@register.simple_tag
def fresh_form(ticket: Ticket, declared: Form) -> acts.FillForm:
    """An empty form of that kind, for a ticket that was opened without one."""
    return acts.FillForm(ticket=ticket, form_id=declared.id)
