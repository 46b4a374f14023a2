"""What is filled in about a drill: its outline, roles and script as rows, gaps, small words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from jingwei.emergency.actions.drills import FASTEST, MOST_LINES, MOST_ROLES, Outline
from jingwei.emergency.models import Drill, DrillAction, DrillKind, Level, Plan
from jingwei.emergency.scenarios import LONGEST, MEASURES, MOST_MINUTES, REQUIRED, Line, Scenario
from jingwei.web.forms import MomentInput, Styled

_FAULTY = (DrillAction.INJECT, DrillAction.CLEAR)
_HELP = {
    "respond": "招标文件为 5 分钟，只可更严",
    "diagnose": "可空：不评",
    "rto": "可空：不评",
    "rpo": "可空：不评；只有数据库场景能测",
}


class OutlineForm(Styled, forms.Form):
    """The drill itself; its targets are fields of their own."""

    title = forms.CharField(label="名称", max_length=190, error_messages={"required": "请填写名称"})
    kind = forms.ChoiceField(label="方式", choices=DrillKind.choices)
    plan = forms.ModelChoiceField(label="预案", queryset=Plan.objects.none(), empty_label=None)
    level = forms.TypedChoiceField(label="模拟级别", choices=Level.choices, coerce=int)
    planned_at = forms.DateTimeField(
        label="计划时间", widget=MomentInput(),
        error_messages={"required": "请填写计划时间", "invalid": "请填写年月日和时分"},
    )  # fmt: skip
    background = forms.CharField(
        label="情景设定",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写情景设定"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        plan.queryset = Plan.objects.filter(valid_to=None).order_by("key")
        for key, label in MEASURES.items():
            field = forms.IntegerField(
                label=f"{label}（分钟）", required=key in REQUIRED, min_value=1,
                max_value=5 if key == "respond" else MOST_MINUTES, help_text=_HELP.get(key, ""),
                error_messages={"invalid": "请填写整数分钟"},
            )  # fmt: skip
            field.widget.attrs |= {"class": "form-control form-control-sm", "inputmode": "numeric"}
            self.fields[f"target_{key}"] = field

    def target_fields(self) -> list[forms.BoundField]:
        """The targets as bound fields, for the template."""
        return [self[f"target_{key}"] for key in MEASURES]


class RoleForm(Styled, forms.Form):
    """One role; an empty row is left out."""

    role = forms.CharField(label="角色", max_length=64, required=False)
    who = forms.CharField(label="人员", max_length=200, required=False)


class LineForm(Styled, forms.Form):
    """One line of the script; a row without words is left out."""

    after = forms.IntegerField(
        label="秒", min_value=0, max_value=LONGEST, required=False,
        error_messages={"invalid": "请填写整数秒"},
    )  # fmt: skip
    action = forms.ChoiceField(label="动作", choices=DrillAction.choices, required=False)
    fault = forms.ChoiceField(label="故障", required=False)
    text = forms.CharField(label="内容", max_length=300, required=False)

    def __init__(self, *args: Any, faults: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["fault"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", "—"), *faults]
        self.fields["after"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        """A row with words has its second, its action, and its fault where it needs one."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("text"):
            return data
        if data.get("after") is None and "after" not in self.errors:
            self.add_error("after", "请填写秒数")
        if not data.get("action") and "action" not in self.errors:
            self.add_error("action", "请选择动作")
        if data.get("action") in _FAULTY and not data.get("fault"):
            self.add_error("fault", "请选择故障")
        return data


RoleRows = forms.formset_factory(RoleForm, extra=2, max_num=MOST_ROLES, absolute_max=MOST_ROLES)
LineRows = forms.formset_factory(LineForm, extra=3, max_num=MOST_LINES, absolute_max=MOST_LINES)


class Planning:
    """The whole form of a plan: outline, roles, script."""

    def __init__(
        self, scenario: Scenario, data: Mapping[str, Any] | None, initial: dict[str, Any]
    ) -> None:
        faults = [(f"{f.name}@{f.target}", f"{f.name} @ {f.target}") for f in scenario.faults]
        self.form = OutlineForm(data, initial=initial)
        self.roles = RoleRows(data, prefix="role", initial=initial["roles"])
        self.lines = LineRows(
            data, prefix="line", initial=initial["script"], form_kwargs={"faults": faults}
        )

    def is_valid(self) -> bool:
        """All three, so that every error is shown at once."""
        return all([self.form.is_valid(), self.roles.is_valid(), self.lines.is_valid()])

    def outline(self) -> Outline:
        """What was filled in; the script in the order of its seconds."""
        data = self.form.cleaned_data
        script = sorted(
            (_line(row) for row in self.lines.cleaned_data if row.get("text")),
            key=lambda line: line.after,
        )
        return Outline(
            title=data["title"], kind=DrillKind(data["kind"]), plan=data["plan"],
            level=data["level"], planned_at=data["planned_at"], background=data["background"],
            roles=self._roles(),
            targets={
                key: data[f"target_{key}"] for key in MEASURES
                if data[f"target_{key}"] is not None
            },
            script=script,
        )  # fmt: skip

    def _roles(self) -> dict[str, str]:
        """Role by role; several rows of one role are several people."""
        found: dict[str, str] = {}
        for row in self.roles.cleaned_data:
            role, who = row.get("role", ""), row.get("who", "")
            if role or who:
                found[role] = f"{found[role]}、{who}" if found.get(role) and who else who
        return found

    def refuse(self, field: str, message: str) -> None:
        """An error of the action, beside its field."""
        self.form.add_error(field if field in self.form.fields else None, message)


def _line(row: Mapping[str, Any]) -> Line:
    fault, _, target = (row["fault"] if row["action"] in _FAULTY else "").partition("@")
    return Line(row["after"], row["action"], row["text"], fault, target)


def of_scenario(scenario: Scenario, plan: Plan | None) -> dict[str, Any]:
    """A new plan's first values."""
    lines = scenario.script
    return {
        "title": scenario.title, "kind": DrillKind.REGION, "plan": plan, "level": scenario.level,
        "background": scenario.background,
        **{f"target_{key}": minutes for key, minutes in scenario.targets.items()},
        "roles": [{"role": role, "who": who} for role, who in scenario.roles.items()],
        "script": [_row(one.after, one.action, one.fault, one.target, one.text) for one in lines],
    }  # fmt: skip


def of_drill(drill: Drill) -> dict[str, Any]:
    """What a drill's plan says now."""
    lines = drill.script.all()
    return {
        "title": drill.title, "kind": drill.kind, "plan": drill.plan, "level": drill.level,
        "planned_at": drill.planned_at, "background": drill.background,
        **{f"target_{key}": minutes for key, minutes in drill.targets.items()},
        "roles": [{"role": role, "who": who} for role, who in drill.roles.items()],
        "script": [_row(one.after, one.action, one.fault, one.target, one.text) for one in lines],
    }  # fmt: skip


def _row(after: int, action: str, fault: str, target: str, text: str) -> dict[str, Any]:
    return {
        "after": after, "action": action, "fault": f"{fault}@{target}" if fault else "",
        "text": text,
    }  # fmt: skip


class StartForm(Styled, forms.Form):
    """How fast the script runs."""

    speed = forms.FloatField(
        label="时间倍率", initial=1, min_value=1, max_value=FASTEST,
        help_text="1 为正式演练。大于 1 是试演：不计入年度次数。",
        error_messages={"invalid": "请填写 1 到 60 的数字", "required": "请填写时间倍率"},
    )  # fmt: skip


class ReasonForm(Styled, forms.Form):
    """Why it is called off or stopped."""

    reason = forms.CharField(
        label="原因", max_length=150, error_messages={"required": "请填写原因"},
        widget=forms.TextInput(attrs={"placeholder": "必填"}),
    )  # fmt: skip


class GapForm(Styled, forms.Form):
    """Something the drill showed to be missing."""

    text = forms.CharField(
        label="差距", max_length=300, error_messages={"required": "请写明差距"},
        widget=forms.TextInput(attrs={"placeholder": "如：值班表电话已停用，改打第二联系人"}),
    )  # fmt: skip
