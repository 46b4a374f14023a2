"""The declared forms of tickets over the interface: what there is to fill in, and filling it in."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from jingwei.accounts.roles import May
from jingwei.desk import actions, forms
from jingwei.desk.forms.declared import REGISTER
from jingwei.web.api import versions
from jingwei.web.api.frame import api, caller, needs
from jingwei.web.api.idempotency import Answer, once
from jingwei.web.api.shapes import WholeTicket
from jingwei.web.api.ticket_writes import OPTIONAL_KEY, Filled, made, shown
from jingwei.web.api.tickets import TAGS, find
from jingwei.web.api.values import Word


class FieldShape(Schema):
    """One field. `coded`: its value is a code of the register; `closing`: due to resolve."""

    name: str
    label: str
    type: str
    required: bool
    closing: bool
    client: bool
    coded: bool
    choices: list[str]
    unit: str
    help: str


class DeclaredForm(Schema):
    """One form of a kind of ticket, with the tender's words it comes from."""

    id: str
    kind: str
    label: str
    clause: str
    fields: list[FieldShape]


@api.get("/forms", response=list[DeclaredForm], summary="表单", tags=TAGS)
def declared(request: HttpRequest) -> list[DeclaredForm]:
    """各类工单的表单与字段；建单时放进 form，或以后填写。数据修改报告单在页面填写。"""
    needs(request, May.SEE_DESK)
    return [
        DeclaredForm(
            id=form.id, kind=form.kind, label=form.label, clause=form.clause,
            fields=[
                FieldShape(
                    name=one.name, label=one.label, type=one.type, required=one.required,
                    closing=one.closing, client=one.client, coded=one.type in REGISTER,
                    choices=list(one.choices), unit=one.unit, help=one.help,
                )
                for one in form.fields
            ],
        )
        for form in forms.FORMS
    ]  # fmt: skip


@api.post(
    "/tickets/{number}/form", response=WholeTicket, summary="填写表单", tags=TAGS,
    openapi_extra={"parameters": [versions.IF_MATCH, OPTIONAL_KEY]},
)  # fmt: skip
@once()
def fill(request: HttpRequest, number: Word, body: Filled) -> Answer:
    """只写给出的字段，其余不变；空值即清空。甲方的字段由甲方填写。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    version = versions.seen(request, ticket)
    actions.fill(ticket, body.values, user, now, version=version, form_id=body.form)
    return made(shown(ticket, user, now))
