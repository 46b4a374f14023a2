"""The forms of emergencies: what each act takes beside the version."""

from datetime import datetime
from typing import Any

from django import forms

from jingwei.assets.models import Application
from jingwei.emergency import queries
from jingwei.emergency.models import Emergency, Level, Plan
from jingwei.terms.incident import Cause, Instant
from jingwei.web.forms import MomentInput, Styled

EARLIEST = 2000  # a year before this is a slip of the hand
DAMAGES = (
    ("业务中断", "业务中断"), ("功能受限", "功能受限，业务未中断"),
    ("数据受损或疑似泄露", "数据受损或疑似泄露"), ("机房环境或供电受损", "机房环境或供电受损"),
)  # fmt: skip
LEVELS = [(each.value, each.label) for each in Level]


class PastField(forms.DateTimeField):
    """A minute in Shanghai of this century; empty is now, or not known."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label, required=False, widget=MomentInput(), help_text=help_text,
            error_messages={"invalid": "时间应写成 2026-03-01 08:30"},
        )  # fmt: skip

    def clean(self, value: Any) -> datetime | None:
        """The instant. Raises ValidationError for a year that is none of ours."""
        wrong = forms.ValidationError(f"年份应在 {EARLIEST} 至 2099 之间")
        try:
            found: datetime | None = super().clean(value)
        except OverflowError:
            raise wrong from None
        if found is not None and not EARLIEST <= found.year <= 2099:
            raise wrong
        return found


def reason_field(label: str, *, required: bool = True) -> forms.CharField:
    """A reason in words."""
    return forms.CharField(
        label=label, required=required, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": f"请填写{label}"},
    )  # fmt: skip


class DeclareForm(Styled, forms.Form):
    """The one form that starts an emergency. Most of it is filled in already."""

    application = forms.ModelChoiceField(
        label="应用系统", required=False, queryset=Application.objects.none(),
        empty_label="（机房、网络等，不限于一个系统）",
    )  # fmt: skip
    title = forms.CharField(
        label="标题", max_length=200, error_messages={"required": "请填写标题"},
        widget=forms.TextInput(attrs={"placeholder": "如：区域PACS 全部机构无法调阅"}),
    )  # fmt: skip
    damage = forms.ChoiceField(label="受损程度", choices=DAMAGES)
    level = forms.TypedChoiceField(
        label="级别", choices=LEVELS, coerce=lambda value: Level(int(value)),
        widget=forms.RadioSelect, error_messages={"required": "请选择级别"},
    )  # fmt: skip
    text = forms.CharField(
        label="情况", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    reporter = forms.CharField(label="报告人", required=False, max_length=64)
    occurred_at = PastField("发生时间", "不清楚可留空；灾难须填写")
    detected_at = PastField("告警时间", "监控发现的时间，没有告警可留空")
    reported_at = PastField("报告时间", "留空为现在")
    at = PastField("启动时间", "留空为现在；事后补录时填写")
    importance = forms.CharField(
        label="系统重要程度", required=False, max_length=200, help_text="留空按台账填写"
    )
    hours = forms.CharField(
        label="服务时段", required=False, max_length=200, help_text="留空按日历填写"
    )
    disaster = forms.BooleanField(
        label="灾难：系统不能运行（同时计 2 小时诊断、4 小时基本修复）", required=False
    )
    plan = forms.ModelChoiceField(
        label="启用预案", required=False, queryset=Plan.objects.none(), empty_label="（稍后选择）"
    )
    ticket = forms.CharField(
        label="关联故障单", required=False, max_length=20, help_text="留空则同时建一张故障单",
        widget=forms.TextInput(attrs={"placeholder": "GD-2026-00001"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"].queryset = (  # type: ignore[attr-defined]
            Application.objects.filter(valid_to__isnull=True).order_by("-core", "row_no")
        )
        self.fields["plan"].queryset = queries.plans()  # type: ignore[attr-defined]


class ActForm(Styled, forms.Form):
    """What one act takes. Ids carry the act's name: many stand on one page."""

    name = ""

    def __init__(self, data: Any = None, *, emergency: Emergency) -> None:
        self.emergency = emergency
        super().__init__(data, auto_id=f"{self.name}_%s")


class NoteForm(ActForm):
    """An instant: now, or when it was."""

    name = "note"
    instant = forms.ChoiceField(choices=[(each.value, each.label) for each in Instant])
    at = PastField("时间")
    resident = forms.BooleanField(label="告警时驻场人员已在岗（永和路）", required=False)
    reason = reason_field("原因", required=False)


class MessageForm(ActForm):
    """What was seen or done."""

    name = "message"
    text = forms.CharField(
        label="处置记录", max_length=500, error_messages={"required": "请填写处置记录"},
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": "看到什么、做了什么、结果如何"}
        ),
    )  # fmt: skip
    at = PastField("时间", "留空为现在")


class CallForm(ActForm):
    """Reached or not."""

    name = "call"
    callee = forms.IntegerField()
    reached = forms.ChoiceField(choices=[("yes", "已接通"), ("no", "未接通")])
    at = PastField("时间")


class CalleeForm(ActForm):
    """One more to call."""

    name = "callee"
    person = forms.CharField(label="姓名", max_length=64, error_messages={"required": "请填写姓名"})
    role = forms.CharField(
        label="职责", max_length=64, initial="原厂工程师",
        error_messages={"required": "请填写职责"},
    )  # fmt: skip
    phone = forms.CharField(
        label="电话", max_length=32, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )


class StepForm(ActForm):
    """A step of the plan: done, or left out and why."""

    name = "step"
    step = forms.IntegerField()
    done = forms.ChoiceField(choices=[("yes", "已执行"), ("no", "未执行")])
    reason = reason_field("原因", required=False)


class PlanForm(ActForm):
    """Which plan is used."""

    name = "plan"
    plan = forms.ModelChoiceField(label="预案", queryset=Plan.objects.none())

    def __init__(self, data: Any = None, *, emergency: Emergency) -> None:
        super().__init__(data, emergency=emergency)
        self.fields["plan"].queryset = queries.plans()  # type: ignore[attr-defined]


class LevelForm(ActForm):
    """Another level."""

    name = "level"
    level = forms.TypedChoiceField(
        label="改为", choices=LEVELS, coerce=lambda value: Level(int(value))
    )
    reason = reason_field("变更原因")


class AnswerForm(ActForm):
    """The client's yes or no."""

    name = "answer"
    asked = forms.IntegerField()
    granted = forms.ChoiceField(choices=[("yes", "同意"), ("no", "不同意")])
    at = PastField("答复时间", "留空为现在")
    reason = reason_field("意见", required=False)


class EndForm(ActForm):
    """It is over, as the provider holds."""

    name = "end"
    reason = reason_field("说明", required=False)


class WithdrawForm(ActForm):
    """It was none."""

    name = "withdraw"
    reason = reason_field("撤销原因")


class CauseForm(ActForm):
    """Why it happened."""

    name = "cause"
    cause = forms.TypedChoiceField(
        label="原因分类", choices=[(each.value, each.label) for each in Cause], coerce=Cause
    )
    reason = reason_field("依据")


class ExcludeForm(ActForm):
    """Not to be counted in the year's 24 h."""

    name = "exclude"
    reason = reason_field("不计入的原因")
