"""The forms of a ticket's page; each act of the page has one."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from jingwei.accounts.models import User
from jingwei.accounts.roles import ALLOWED, May
from jingwei.assets.models import Site
from jingwei.desk.models import FileKind, SupportLevel, Ticket
from jingwei.terms.incident import Cause, Instant, Severity
from jingwei.web.forms import MomentInput, Styled
from jingwei.web.pages.intake import InstitutionField, SystemField
from jingwei.web.pages.maintenance import TargetField

MINUTE = timedelta(minutes=1)


class ActForm(Styled, forms.Form):
    """What one act takes beside the version. Ids carry the act's name: many stand on one page."""

    name = ""

    def __init__(self, data: Any = None, files: Any = None, *, ticket: Ticket) -> None:
        self.ticket = ticket
        super().__init__(data, files, auto_id=f"{self.name}_%s")


def reason_field(label: str, *, required: bool = True) -> forms.CharField:
    """Why: a short text."""
    return forms.CharField(
        label=label, required=required, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": f"请填写{label}"},
    )  # fmt: skip


class AdvanceForm(ActForm):
    """A step of the table with the facts it may need; the action says which."""

    name = "advance"
    step = forms.CharField(max_length=32, widget=forms.HiddenInput)
    reason = reason_field("原因", required=False)
    solution = forms.CharField(
        label="处理结果", required=False, max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "故障原因、做了什么、如何验证"}),
    )  # fmt: skip
    precheck_ref = forms.CharField(label="变更前健康检查报告编号", required=False, max_length=150)


class ClassifyForm(ActForm):
    """Why it was down."""

    name = "classify"
    cause = forms.ChoiceField(label="原因分类", choices=[(one.value, one.label) for one in Cause])
    reason = reason_field("依据", required=False)


class ExcludeForm(ActForm):
    """Ask that the downtime is not counted."""

    name = "exclude"
    reason = reason_field("申请不计入的理由")


class InstantForm(ActForm):
    """When something happened; empty is now."""

    name = "instant"
    instant = forms.ChoiceField(
        label="时间点", choices=[(one.value, one.label) for one in Instant],
        widget=forms.HiddenInput,
    )  # fmt: skip
    at = forms.DateTimeField(label="发生时间", required=False, widget=MomentInput())
    resident = forms.BooleanField(label="驻场在岗（永和路）", required=False)
    children = forms.BooleanField(label="归入的工单一并记录", required=False)
    reason = reason_field("更正原因", required=False)


class AmendForm(ActForm):
    """What was taken down wrong."""

    name = "amend"
    title = forms.CharField(label="标题", max_length=200, error_messages={"required": "请填写标题"})
    institution = InstitutionField(label="机构", required=False, max_length=120)
    application = SystemField(label="系统", required=False, max_length=220)
    target = TargetField(
        label="设备", required=False, max_length=200,
        widget=forms.TextInput(attrs={"list": "targets"}),
    )  # fmt: skip
    site = forms.ModelChoiceField(
        label="站点", required=False, queryset=Site.objects.all(), to_field_name="code",
        empty_label="（未登记）",
    )  # fmt: skip
    reporter = forms.CharField(label="报修人", required=False, max_length=64)
    phone = forms.CharField(label="联系电话", required=False, max_length=32)
    text = forms.CharField(
        label="说明", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = reason_field("更正原因")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "reporter", "phone", "text"):
            self.fields[name].initial = getattr(self.ticket, name)
        for name in ("institution", "application"):
            row = getattr(self.ticket, name)
            self.fields[name].initial = f"{row.code} {row.name}" if row else ""
        if self.ticket.target is not None:
            self.fields["target"].initial = self.ticket.target.key
        if self.ticket.site is not None:
            self.fields["site"].initial = self.ticket.site.code


class RegradeForm(ActForm):
    """Another severity."""

    name = "regrade"
    severity = forms.ChoiceField(label="改为", choices=[(one.value, one.label) for one in Severity])
    reason = reason_field("改级原因")


class PauseForm(ActForm):
    """The clocks stand still from here, if the client agrees."""

    name = "pause"
    at = forms.DateTimeField(label="自何时起", required=False, widget=MomentInput(),
                             help_text="留空为现在")  # fmt: skip
    reason = reason_field("暂停原因")


class ResumeForm(ActForm):
    """They run on."""

    name = "resume"
    at = forms.DateTimeField(label="恢复时间", required=False, widget=MomentInput(),
                             help_text="留空为现在")  # fmt: skip


class AnswerForm(ActForm):
    """The client's yes or no."""

    name = "answer"
    asked = forms.IntegerField(widget=forms.HiddenInput)
    granted = forms.ChoiceField(label="答复", choices=[("yes", "同意"), ("no", "不同意")])
    reason = reason_field("意见", required=False)


class RemoteForm(ActForm):
    """Solved from afar, or not after all."""

    name = "remote"
    remote = forms.ChoiceField(label="方式", choices=[("yes", "远程解决"), ("no", "非远程解决")])
    reason = reason_field("说明")


class AssignForm(ActForm):
    """Who takes care; empty is the team."""

    name = "assign"
    to = forms.ModelChoiceField(
        label="处理人", queryset=User.objects.none(), required=False, empty_label="团队（不指定）"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        roles = [role for role, allowed in ALLOWED.items() if May.HANDLE_TICKETS in allowed]
        field.queryset = User.objects.filter(is_active=True, role__in=roles).order_by("full_name")
        field.initial = self.ticket.assignee_id


class WorkForm(ActForm):
    """What was done."""

    name = "work"
    text = forms.CharField(
        label="处理内容", max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "做了什么，结果如何，下一步…"}),
        error_messages={"required": "请填写处理内容"},
    )  # fmt: skip
    minutes = forms.IntegerField(
        label="用时（分钟）", required=False, min_value=1, max_value=1440,
        error_messages={"invalid": "用时须为整数分钟，例如 30"},
    )  # fmt: skip
    at = forms.DateTimeField(label="时间", required=False, widget=MomentInput(),
                             help_text="留空为现在")  # fmt: skip


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class AttachForm(ActForm):
    """Photos from the phone's camera, documents, scans of what was signed."""

    name = "attach"
    photos = forms.Field(
        label="拍照", required=False,
        widget=Files(attrs={"accept": "image/*", "capture": "environment"}),
    )  # fmt: skip
    papers = forms.Field(
        label="选择文件", required=False,
        widget=Files(attrs={"accept": "image/*,.pdf,.docx,.xlsx,.txt,.csv"}),
        help_text="图片、PDF、DOCX、XLSX、文本；单个不超过 10 MB，一次最多 10 个。",
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="文件种类", required=False,
        choices=[(one.value, one.label) for one in
                 (FileKind.DOCUMENT, FileKind.SCAN, FileKind.PHOTO)],
    )  # fmt: skip
    caption = forms.CharField(label="说明", required=False, max_length=200)


class LinkForm(ActForm):
    """Another unit or application."""

    name = "link"
    target = TargetField(
        label="设备或应用", max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "如 HW-016-1 或 APP-10"}),
        error_messages={"required": "请填写设备号或应用号"},
    )  # fmt: skip


class FindingForm(ActForm):
    """A finding by its number."""

    name = "finding"
    finding = forms.IntegerField(
        label="异常编号", min_value=1, max_value=2**62,
        error_messages={"required": "请填写异常编号", "invalid": "异常编号是数字"},
    )  # fmt: skip


class EscalateForm(ActForm):
    """A higher support level."""

    name = "escalate"
    level = forms.ChoiceField(label="升级到", choices=[])
    reason = reason_field("升级原因")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = higher(self.ticket.level)


class GroupForm(ActForm):
    """Under which one it belongs."""

    name = "group"
    parent = forms.CharField(
        label="归入单号", max_length=20, error_messages={"required": "请填写单号"},
        widget=forms.TextInput(attrs={"placeholder": "GD-2026-00001"}),
    )  # fmt: skip


class Picked(forms.MultipleChoiceField):
    """What was ticked; the action says whether it exists."""

    def valid_value(self, value: str) -> bool:
        """Anything short enough to be a number and a version."""
        return len(value) <= 40


class MergeForm(ActForm):
    """Which of the similar ones belong under this one: "number:version" each."""

    name = "merge"
    pick = Picked(label="归入本单", error_messages={"required": "请勾选要归入的工单"})


class UngroupForm(ActForm):
    """Another fault after all."""

    name = "ungroup"
    reason = reason_field("移出的原因")


def higher(level: str) -> list[tuple[str, str]]:
    """The support levels above one."""
    order = list(SupportLevel)
    return [(one.value, one.label) for one in order[order.index(SupportLevel(level)) + 1 :]]


def moment(typed: datetime | None, known: list[datetime], now: datetime) -> datetime:
    """What somebody typed to the minute; empty is now.

    An instant known in that same minute is not later than what was typed: 09:00 typed after a
    report at 09:00:30 means 09:00:30.
    """
    if typed is None:
        return now
    return max((at for at in known if typed <= at < typed + MINUTE), default=typed)
