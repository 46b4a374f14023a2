"""Filling in the data change form (数据修改报告单), and the papers that may come after."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Database
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.forms import checked, keep
from jingwei.desk.actions.intake import Intake, make
from jingwei.desk.actions.writing import audit, demand, take, wanted, whole
from jingwei.desk.forms import Value
from jingwei.desk.forms.others import BY_BUSINESS, DATA_CHANGE
from jingwei.desk.models import DataChange, Kind, Purpose, State, Ticket, TicketForm


@dataclass(frozen=True, slots=True)
class Form:
    """The form as the applicant fills it in.

    `sealed_by` is the head of the applying unit who put the seal on it; `medical_batch` says that
    it changes many or deletes medical records, which asks for a second approval. The last four
    are for an extraction.
    """

    purpose: Purpose
    cause: str
    sealed_by: str
    script: str
    count_query: str
    expected_rows: int
    rollback_script: str = ""
    database: Database | None = None
    medical_batch: bool = False
    fields: str = ""
    masking: str = ""
    medium: str = ""
    expires_on: date | None = None


_REQUIRED = {
    "cause": "修改原因分类",
    "sealed_by": "单位负责人（签章）",
    "script": "脚本",
    "count_query": "行数核对语句",
}
_EXTRACT = {"fields": "取数字段", "masking": "脱敏方式", "medium": "交付介质"}


def open_data_change(
    intake: Intake, form: Form, by: User, now: datetime,
    details: Mapping[str, object] | None = None,
) -> Ticket:  # fmt: skip
    """A data change ticket in draft; `details` are the declared form's own fields, if filled in.

    Raises ForbiddenError, BadInputError naming the field.
    """
    demand(by, May.HANDLE_TICKETS)
    if intake.kind is not Kind.DATA_CHANGE:
        raise BadInputError("kind", "报告单只用于数据修改")
    _complete(form)
    with transaction.atomic():
        ticket = make(intake, by, now)
        made = DataChange.objects.create(ticket=ticket, **_values(form))
        audit(ticket, "form", by, now, after=summary(made))
        if details is not None:
            keep(ticket, DATA_CHANGE, _details(form, details), by, now)
    return ticket


@whole
def edit_form(
    ticket: Ticket, form: Form, by: User, now: datetime, *, version: int,
    details: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Fill it in anew, while it is a draft or was returned: what was applied for stays.

    Raises ForbiddenError, BadInputError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.state not in (State.DRAFT, State.RETURNED):
        raise BadInputError("state", f"报告单{ticket.get_state_display()}，不能再改；请先退回")
    _complete(form)
    held = form_of(ticket)
    before = summary(held)
    for name, value in _values(form).items():
        setattr(held, name, value)
    held.save()
    audit(ticket, "form", by, now, before=before, after=summary(held))
    if details is not None:
        filled = TicketForm.objects.filter(ticket=ticket).first()
        keep(ticket, DATA_CHANGE, _details(form, details), by, now, held=filled)


@whole
def complete_paper(
    ticket: Ticket, reference: str, by: User, now: datetime, *, version: int
) -> None:
    """The client puts an oral approval on paper. Raises BadInputError when there was none."""
    demand(by, May.APPROVE_TICKETS)
    take(ticket, version)
    held = form_of(ticket)
    if not held.oral_by or held.paper_ref:
        raise BadInputError("paper_ref", "没有待补办的口头批准")
    held.paper_ref = wanted("paper_ref", reference, "书面批准编号")[:100]
    if by.pk in (held.executed_by_id, held.second_approved_by_id):
        raise BadInputError("by", "执行人或二级批准人不能补办同一数据修改的批准")
    held.approved_by = by
    held.save(update_fields=("paper_ref", "approved_by"))
    audit(ticket, "paper", by, now, after={"paper_ref": held.paper_ref})


@whole
def note_destruction(
    ticket: Ticket, reference: str, by: User, now: datetime, *, version: int
) -> None:
    """The proof that extracted data was destroyed. Raises BadInputError for a modification."""
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    held = form_of(ticket)
    if held.purpose != Purpose.EXTRACT:
        raise BadInputError("destruction_ref", "只有提取数据须销毁证明")
    held.destruction_ref = wanted("destruction_ref", reference, "销毁证明编号")[:200]
    held.save(update_fields=("destruction_ref",))
    audit(ticket, "destruction", by, now, after={"destruction_ref": held.destruction_ref})


def form_of(ticket: Ticket) -> DataChange:
    """The ticket's form, fresh. Raises BadInputError for a ticket of another kind."""
    held = DataChange.objects.filter(ticket=ticket).first()
    if held is None:
        raise BadInputError("kind", f"{ticket.number}不是数据修改单")
    return held


def digest(form: DataChange) -> str:
    """SHA-256 over script, rollback and count query: what was approved is what is run."""
    parts = (form.script, form.rollback_script, form.count_query)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def summary(form: DataChange) -> dict[str, object]:
    """What the audit chain keeps of a form: the scripts by their hash, never their text."""
    return {
        "purpose": form.purpose, "cause": form.cause, "sealed_by": form.sealed_by,
        "scripts": digest(form), "expected_rows": form.expected_rows,
        "medical_batch": form.medical_batch,
    }  # fmt: skip


def _details(form: Form, given: Mapping[str, object]) -> dict[str, Value]:
    kept = checked(DATA_CHANGE, given)
    if kept.get("correction") == BY_BUSINESS:
        raise BadInputError("correction", "能在业务系统冲正的不应改库，请改走业务冲正")
    if form.purpose is Purpose.EXTRACT and not kept.get("use"):
        raise BadInputError("use", "提取数据须填写取数用途")
    return kept


def _values(form: Form) -> dict[str, object]:
    return {each.name: getattr(form, each.name) for each in fields(form)}


def _complete(form: Form) -> None:
    required = dict(_REQUIRED)
    if form.purpose is Purpose.EXTRACT:
        required |= _EXTRACT
        if form.expires_on is None:
            raise BadInputError("expires_on", "请填写销毁期限")
    else:
        required["rollback_script"] = "回滚脚本"
    for name, what in required.items():
        wanted(name, getattr(form, name), what)
    if form.expected_rows < 0:
        raise BadInputError("expected_rows", f"预期行数不能为负，收到 {form.expected_rows}")
    if not form.count_query.lstrip().lower().startswith(("select", "with")):
        raise BadInputError("count_query", "行数核对语句须为 SELECT 查询")
