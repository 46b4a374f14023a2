"""The guarded way of a data change (domain.md section 14): recorded facts, nothing is run here.

No one person both executes and reviews; no backup, no execution; other rows than expected, rolled
back. Refusals are audited.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingwei.accounts.models import User
from jingwei.calendars.queries import next_working_day
from jingwei.desk.actions.data_form import digest, form_of
from jingwei.desk.actions.errors import BadInputError, DeskError, StaleError
from jingwei.desk.actions.state import allowed, move
from jingwei.desk.actions.writing import refused, take, whole
from jingwei.desk.models import DataChange, Kind, Purpose, Ticket, TicketEvent
from jingwei.terms import SHANGHAI

_LABELS = {
    "reason": "原因",
    "window_start": "时间窗开始",
    "window_end": "时间窗结束",
    "oral_by": "口头批准人",
    "backup_ref": "备份编号",
    "session_ref": "堡垒机会话号",
    "actual_rows": "实际行数",
    "images_ref": "前后镜像编号",
    "verified_by": "验证人",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is asked for: who, when, and what he gives."""

    by: User
    now: datetime
    given: Mapping[str, Any]


def step(
    ticket: Ticket,
    name: str,
    by: User,
    now: datetime,
    *,
    version: int,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> TicketEvent:
    """One step of the table for a data change, with its facts by name.

    Raises ForbiddenError for a step that does not lead on from here or is not for this person,
    BadInputError for what a guard refuses, StaleError. Nothing is changed then but the audit.
    """
    try:
        return _step(ticket, name, Step(by, now, {**(facts or {}), "reason": reason}), version)
    except StaleError:
        raise
    except DeskError as error:
        refused(ticket, name, by, now, error)
        raise


@whole
def _step(ticket: Ticket, name: str, step: Step, version: int) -> TicketEvent:
    if ticket.kind != Kind.DATA_CHANGE:
        raise BadInputError("kind", f"{ticket.number}不是数据修改单")
    take(ticket, version)
    way = allowed(ticket, name, step.by)
    for need in way.needs:
        value = step.given.get(need)
        if value is None or not str(value).strip():
            raise BadInputError(need, f"请填写{_LABELS[need]}")
    form = form_of(ticket)
    if name in _GUARDS:
        _GUARDS[name](form, step)
    form.save()
    value = "；".join(
        f"{_LABELS[need]} {step.given[need]}" for need in way.needs if need != "reason"
    )
    return move(ticket, way, step.by, step.now, reason=step.given["reason"], value=value)


def _apply(form: DataChange, step: Step) -> None:
    form.script_hash = digest(form)
    form.applied_by = step.by


def _review(form: DataChange, step: Step) -> None:
    form.reviewed_by = step.by


def _approve(form: DataChange, step: Step) -> None:
    _window(form, step)
    form.approved_by = step.by


def _approve_orally(form: DataChange, step: Step) -> None:
    """By word of mouth in an emergency: on paper by the next working day."""
    _window(form, step)
    form.oral_by = str(step.given["oral_by"]).strip()[:64]
    form.paper_due = next_working_day(step.now.astimezone(SHANGHAI).date())


def _approve_again(form: DataChange, step: Step) -> None:
    if not form.medical_batch:
        raise BadInputError("step", "只有批量修改或删除医疗记录须二级批准")
    if form.approved_by_id == step.by.pk:
        raise BadInputError("by", "二级批准须由另一位甲方审批人作出")
    form.second_approved_by = step.by


def _back_up(form: DataChange, step: Step) -> None:
    form.backup_ref = str(step.given["backup_ref"]).strip()[:200]


def _execute(form: DataChange, step: Step) -> None:
    if not form.backup_ref:
        raise BadInputError("backup_ref", "没有备份编号，不能执行")
    if form.medical_batch and form.second_approved_by_id is None:
        raise BadInputError("second_approved_by", "批量修改或删除医疗记录须先经二级批准")
    if form.script_hash != digest(form):
        raise BadInputError("script", "脚本与申请时不一致，不能执行")
    start, end = form.window_start, form.window_end
    if start is None or end is None or not start <= step.now <= end:
        raise BadInputError("window_start", "不在批准的时间窗内，不能执行")
    if step.by.pk in (form.reviewed_by_id, form.approved_by_id, form.second_approved_by_id):
        raise BadInputError("by", "审核人或批准人不能执行同一数据修改")
    form.executed_by = step.by
    form.session_ref = str(step.given["session_ref"]).strip()[:200]


def _finish(form: DataChange, step: Step) -> None:
    rows = _rows(step)
    if rows != form.expected_rows:
        raise BadInputError(
            "actual_rows", f"实际 {rows} 行，预期 {form.expected_rows} 行：不一致，须回滚"
        )
    _by_executor(form, step)
    form.actual_rows = rows
    form.images_ref = str(step.given["images_ref"]).strip()[:200]


def _roll_back(form: DataChange, step: Step) -> None:
    """Rolled back; the rows it had touched are kept where they were counted."""
    if step.given.get("actual_rows") is not None:
        form.actual_rows = _rows(step)


def _check(form: DataChange, step: Step) -> None:
    if step.by.pk == form.executed_by_id:
        raise BadInputError("by", "复核人不能是执行人")
    form.checked_by = step.by


def _verify(form: DataChange, step: Step) -> None:
    if step.by.pk == form.executed_by_id:
        raise BadInputError("by", "执行人不能验证同一数据修改")
    form.verified_by = str(step.given["verified_by"]).strip()[:64]


def _archive(form: DataChange, step: Step) -> None:
    if form.oral_by and not form.paper_ref:
        raise BadInputError("paper_ref", "口头批准尚未补办书面手续，不能归档")
    if form.purpose == Purpose.EXTRACT and form.checked_by_id and not form.destruction_ref:
        raise BadInputError("destruction_ref", "提取的数据尚无销毁证明，不能归档")


def _return(form: DataChange, step: Step) -> None:
    """What was agreed to is no longer what will be applied for: every word has to be given anew."""
    form.reviewed_by = form.approved_by = form.second_approved_by = None
    form.window_start = form.window_end = form.paper_due = None
    form.oral_by = form.paper_ref = form.script_hash = ""


def _window(form: DataChange, step: Step) -> None:
    start, end = step.given["window_start"], step.given["window_end"]
    for name, at in (("window_start", start), ("window_end", end)):
        if not isinstance(at, datetime) or at.tzinfo is None:
            raise BadInputError(name, f"{_LABELS[name]}须为带时区的时间")
    if not start < end or end <= step.now:
        raise BadInputError("window_end", "时间窗的结束须晚于开始，且不能已经过去")
    form.window_start, form.window_end = start, end


def _by_executor(form: DataChange, step: Step) -> None:
    if step.by.pk != form.executed_by_id:
        raise BadInputError("by", "执行结果须由执行人登记")


def _rows(step: Step) -> int:
    rows = step.given["actual_rows"]
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
        raise BadInputError("actual_rows", f"实际行数须为不小于 0 的整数，收到 {rows!r}")
    return rows


_GUARDS: dict[str, Callable[[DataChange, Step], None]] = {
    "apply": _apply,
    "review": _review,
    "approve": _approve,
    "approve_orally": _approve_orally,
    "approve_again": _approve_again,
    "back_up": _back_up,
    "execute": _execute,
    "finish": _finish,
    "roll_back": _roll_back,
    "check": _check,
    "verify": _verify,
    "archive": _archive,
    "return": _return,
}
