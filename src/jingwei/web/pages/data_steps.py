"""数据修改 on a ticket's page: each step of the guarded flow, who may, what it takes."""

from dataclasses import dataclass
from typing import Any

from django import forms

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.desk import actions
from jingwei.desk.models import DataChange, Ticket
from jingwei.desk.transitions import Transition, from_here
from jingwei.web.forms import MomentInput
from jingwei.web.pages.tickets_acts import Act, Sent, views
from jingwei.web.pages.tickets_forms import ActForm, reason_field

_ASIDE = frozenset({"approve_orally", "return", "cancel", "roll_back"})
_ROWS = "受影响的行数；与预期不符只能回滚"


class DataStepForm(ActForm):
    """A step with the facts it may need; the action says which."""

    name = "data-step"
    step = forms.CharField(max_length=32, widget=forms.HiddenInput)
    window_start = forms.DateTimeField(label="时间窗开始", required=False, widget=MomentInput())
    window_end = forms.DateTimeField(label="时间窗结束", required=False, widget=MomentInput())
    oral_by = forms.CharField(label="口头批准人（甲方）", required=False, max_length=64)
    backup_ref = forms.CharField(
        label="备份编号", required=False, max_length=200, help_text="执行前备份的编号和位置"
    )
    session_ref = forms.CharField(label="堡垒机会话号", required=False, max_length=200)
    actual_rows = forms.IntegerField(
        label="实际行数", required=False, min_value=0, max_value=2**31 - 1, help_text=_ROWS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    images_ref = forms.CharField(
        label="前后镜像编号", required=False, max_length=200,
        help_text="加密存放处的编号；镜像本身不存入工单",
    )  # fmt: skip
    verified_by = forms.CharField(label="申请方验证人", required=False, max_length=64)
    reason = reason_field("原因", required=False)


class PaperForm(ActForm):
    """An oral approval put on paper."""

    name = "data-paper"
    paper_ref = forms.CharField(
        label="书面批准编号", max_length=100, error_messages={"required": "请填写书面批准编号"}
    )


class DestructionForm(ActForm):
    """The proof that extracted data was destroyed."""

    name = "data-destruction"
    destruction_ref = forms.CharField(
        label="销毁证明编号", max_length=200, error_messages={"required": "请填写销毁证明编号"}
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A step from here; `why_not` says why this reader can't make it, empty when he can."""

    way: Transition
    form: DataStepForm
    fields: tuple[str, ...]
    why_not: str = ""

    @property
    def bound_fields(self) -> list[forms.BoundField]:
        """The fields this step asks for."""
        return [self.form[name] for name in self.fields]

    @property
    def onward(self) -> bool:
        """Whether it is the usual way on, not a way back or round."""
        return self.way.step not in _ASIDE

    @property
    def opened(self) -> bool:
        """Whether it was just refused and shows what was sent."""
        return self.form.is_bound


def steps(held: DataChange, user: User, sent: object) -> list[Step]:
    """Every way on from here for this reader's role, with what stands against it."""
    ticket, found = held.ticket, []
    for way in from_here(ticket.kind, ticket.state):
        if not may(user.role, way.may) or (way.step == "approve_again" and not held.medical_batch):
            continue
        form = DataStepForm(ticket=ticket)
        if isinstance(sent, DataStepForm) and sent.data.get("step") == way.step:
            form = sent
        form.auto_id = f"{way.step}_%s"
        fields = (*way.needs, "actual_rows") if way.step == "roll_back" else way.needs
        found.append(Step(way, form, fields, _why_not(way.step, held, user)))
    return found


def _why_not(step: str, held: DataChange, user: User) -> str:
    """The two-person rule, said before somebody fills in a form in vain; the action guards."""
    deciders = (held.reviewed_by_id, held.approved_by_id, held.second_approved_by_id)
    if step == "check" and held.executed_by_id == user.pk:
        return "复核须由执行人以外的人作出"
    if step == "finish" and held.executed_by_id != user.pk:
        return f"执行结果由执行人（{held.executed_by}）登记"
    if step == "approve_again" and held.approved_by_id == user.pk:
        return "二级批准须由另一位甲方审批人作出"
    if step == "execute" and user.pk in deciders:
        return "审核人或批准人不能执行"
    if step == "execute" and held.medical_batch and held.second_approved_by_id is None:
        return "批量修改或删除医疗记录，须先经二级批准"
    return ""


def _step(ticket: Ticket, sent: Sent) -> object:
    facts: dict[str, Any] = {
        name: value for name, value in sent.data.items()
        if name not in ("step", "reason") and value not in (None, "")
    }  # fmt: skip
    return actions.data_step(
        ticket, sent.data["step"], *sent.last, version=sent.version, reason=sent.data["reason"],
        facts=facts,
    )  # fmt: skip


def _paper(ticket: Ticket, sent: Sent) -> object:
    return actions.complete_paper(ticket, sent.data["paper_ref"], *sent.last, version=sent.version)


def _destruction(ticket: Ticket, sent: Sent) -> object:
    return actions.note_destruction(
        ticket, sent.data["destruction_ref"], *sent.last, version=sent.version
    )


ACTS: tuple[Act, ...] = (
    Act("data-step", May.SEE_DESK, DataStepForm, _step, "已记录。", anchor="form", audited=True),
    Act("data-paper", May.APPROVE_TICKETS, PaperForm, _paper, "书面批准已补办。", anchor="form"),
    Act("data-destruction", May.HANDLE_TICKETS, DestructionForm, _destruction,
        "销毁证明已登记。", anchor="form"),
)  # fmt: skip
urlpatterns = views(ACTS)
