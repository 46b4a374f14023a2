"""登记报修: a call taken down in a minute, by keyboard alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Institution, Site, Target
from jingwei.assets.pinyin import initials
from jingwei.assets.queries import ApplicationFilter, applications, institutions
from jingwei.desk import actions, queries
from jingwei.desk.actions import Intake
from jingwei.desk.models import Channel, Impact, Kind, Ticket, Urgency
from jingwei.sla.priority import Suggestion, suggest
from jingwei.terms.incident import Severity
from jingwei.web.access import Request, requires
from jingwei.web.forms import MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.maintenance import TargetField

MOST_OFFERED = 8
_LATER = (Channel.FINDING,)  # not how a person calls


class MeantField(forms.CharField):
    """Something of the register by code, name or pinyin; ambiguous text names what it may mean."""

    what = ""
    find: Callable[[str], Sequence[Any]]

    def clean(self, value: object) -> Any:
        """The row itself, None when nothing was typed."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(f"没有名称、代码或拼音首字母含“{text[:30]}”的{self.what}")
        names = "、".join(one.name for one in found[:MOST_OFFERED])
        raise forms.ValidationError(f"“{text[:30]}”可能是：{names}，请选定一个")


class InstitutionField(MeantField):
    """An institution."""

    what = "机构"

    def find(self, text: str) -> Sequence[Institution]:
        """Whom a text may mean."""
        return meant(text)


class SystemField(MeantField):
    """A system of the scope list; any of them, whatever the institution has."""

    what = "系统"

    def find(self, text: str) -> Sequence[Application]:
        """Which one a text may mean."""
        first = text.split(" ", maxsplit=1)[0]
        known = list(applications(ApplicationFilter(), timezone.localdate()))
        exact = [one for one in known if one.code == first.upper() or one.name == text]
        return exact or list(applications(ApplicationFilter(text=text), timezone.localdate()))


def picker(name: str, placeholder: str, **more: object) -> forms.TextInput:
    """An input whose list is offered while one types (desk.js)."""
    return forms.TextInput(attrs={
        "autocomplete": "off", "role": "combobox", "aria-expanded": "false",
        "aria-controls": f"{name}-list", "aria-autocomplete": "list", "placeholder": placeholder,
        **more,
    })  # fmt: skip


class IntakeForm(Styled, forms.Form):
    """What is asked while the caller is on the line, in the order of the call."""

    institution = InstitutionField(
        label="机构", required=False, max_length=120,
        widget=picker("institution", "名称或拼音首字母，如 sb", autofocus=True),
    )  # fmt: skip
    application = SystemField(
        label="系统", required=False, max_length=220,
        widget=picker("application", "名称或拼音首字母，可留空", **{"data-with": "id_institution"}),
    )  # fmt: skip
    title = forms.CharField(
        label="现象", max_length=200, error_messages={"required": "请填写现象"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": "如 PACS 调不出片子，全院"}
        ),
    )  # fmt: skip
    impact = forms.ChoiceField(
        label="影响范围", required=False, choices=Impact.choices, initial=Impact.INSTITUTION
    )
    urgency = forms.ChoiceField(
        label="紧急程度", required=False, choices=[("", "请选择"), *Urgency.choices]
    )
    severity = forms.ChoiceField(
        label="故障级别", required=False,
        choices=[("", "按建议"), *((one.value, one.label) for one in Severity)],
    )  # fmt: skip
    severity_reason = forms.CharField(
        label="不按建议的理由", required=False, max_length=200,
        help_text="只在所选级别与建议不同时填写。",
    )  # fmt: skip
    occurred_at = forms.DateTimeField(label="何时开始", required=False, widget=MomentInput(),
                                      help_text="不清楚可留空")  # fmt: skip
    reported_at = forms.DateTimeField(label="报修时间", widget=MomentInput())
    channel = forms.ChoiceField(
        label="报修方式", choices=[one for one in Channel.choices if one[0] not in _LATER]
    )
    reporter = forms.CharField(label="报修人", required=False, max_length=64)
    phone = forms.CharField(
        label="联系电话", required=False, max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="类别", choices=[one for one in Kind.choices if one[0] != Kind.DATA_CHANGE],
        widget=forms.Select(attrs={"data-kind": True}),
    )  # fmt: skip
    text = forms.CharField(
        label="补充说明", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    target = TargetField(
        label="设备", required=False, max_length=200,
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1"}),
    )  # fmt: skip
    site = forms.ModelChoiceField(
        label="站点", required=False, queryset=Site.objects.all(), to_field_name="code",
        empty_label="（按设备）",
    )  # fmt: skip
    parent = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A fault is graded: by the suggestion, or otherwise with a reason."""
        data = super().clean() or {}
        if data.get("kind") != Kind.INCIDENT:
            return data
        if not data.get("urgency"):
            self.add_error("urgency", "请选择紧急程度")
            return data
        found = advice(data)
        chosen = data.get("severity")
        if found and chosen and chosen != found.severity and not data.get("severity_reason"):
            self.add_error("severity_reason", f"建议为“{found.severity.label}”，改选请写明理由")
        return data


def meant(text: str) -> list[Institution]:
    """Whom a text may mean: the one whose code comes first, or whose name it is, else a search."""
    known = {one.code.lower(): one for one in institutions(timezone.localdate())}
    first = known.get(text.split(" ", maxsplit=1)[0].lower())
    if first is not None:
        return [first]
    exact = [one for one in known.values() if one.name == text]
    return exact or institutions(timezone.localdate(), text=text)


def advice(data: Mapping[str, Any]) -> Suggestion | None:
    """The suggested severity of a form's data, None while impact or urgency is missing."""
    impact, urgency = data.get("impact") or Impact.INSTITUTION.value, data.get("urgency")
    if impact not in Impact.values or urgency not in Urgency.values:
        return None
    return suggest(impact, urgency, core=actions.core(data.get("application")))


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def intake(request: Request) -> HttpResponse:
    """The page."""
    now = timezone.now()
    initial = {"reported_at": timezone.localtime(now).replace(second=0, microsecond=0)}
    form = IntakeForm(posted(request), initial=initial)
    form.fields["institution"].widget.attrs["data-picker"] = reverse("intake-institutions")
    form.fields["application"].widget.attrs["data-picker"] = reverse("intake-systems")
    if request.method == "POST" and form.is_valid():
        try:
            ticket = actions.open_ticket(_intake(form.cleaned_data), request.user, now)
        except actions.DeskError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return redirect("intake-done", ticket.number)
    context = {
        "form": form,
        "targets": Target.objects.filter(valid_to__isnull=True).values_list("key", "label"),
        "suggestion": advice(form.cleaned_data) if form.is_bound else None,
        "more": any(form.errors.get(name) for name in ("text", "target", "site")),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "web/tickets/intake.html", context, status=status)


def _intake(data: dict[str, Any]) -> Intake:
    kind = Kind(data["kind"])
    fault = kind is Kind.INCIDENT
    found = advice(data) if fault else None
    severity = Severity(data["severity"]) if fault and data["severity"] else None
    reason = data["severity_reason"]
    if found is not None and severity in (None, found.severity):
        severity, reason = found.severity, f"建议：{found.reason}"
    parent = queries.by_number(data["parent"]) if data["parent"] else None
    if data["parent"] and parent is None:
        raise actions.BadInputError("parent", f"没有单号为 {data['parent']} 的工单")
    return Intake(
        kind=kind, title=data["title"], text=data["text"], channel=Channel(data["channel"]),
        reporter=data["reporter"], phone=data["phone"], institution=data["institution"],
        application=data["application"], target=data["target"], site=data["site"],
        severity=severity, severity_reason=reason,
        impact=Impact(data["impact"]) if fault and data["impact"] else None,
        urgency=Urgency(data["urgency"]) if fault and data["urgency"] else None,
        occurred_at=data["occurred_at"], reported_at=data["reported_at"], parent=parent,
    )  # fmt: skip


@require_GET
@requires(May.HANDLE_TICKETS)
def offered(request: Request) -> HttpResponse:
    """The institutions that fit what was typed so far."""
    text = request.GET.get("q", "")[:60].strip()
    found = institutions(timezone.localdate(), text=text) if text else []
    # Whose initials or name begin so comes before who only contains it.
    found.sort(key=lambda one: not begins(one, text.lower()))
    found = found[:MOST_OFFERED]
    return render(request, "web/tickets/_institutions.html", {"found": found, "text": text})


def begins(one: Institution, text: str) -> bool:
    """Whether the name, the code or one reading of the initials begins with this."""
    spellings = (one.name.lower(), one.code.lower(), *initials(one.name).split())
    return any(each.startswith(text) for each in spellings)


@require_GET
@requires(May.HANDLE_TICKETS)
def systems(request: Request) -> HttpResponse:
    """The systems that fit, those the institution has first; without a word, only those."""
    text = request.GET.get("q", "")[:60].replace("\0", "").strip()
    of = meant(request.GET["with"][:120]) if request.GET.get("with", "").strip() else []
    today = timezone.localdate()
    found = list(applications(ApplicationFilter(text=text), today))
    own: set[int] = set()
    if len(of) == 1:
        covered = applications(ApplicationFilter(institution=of[0].code), today)
        own = set(covered.values_list("pk", flat=True))
    found.sort(key=lambda one: one.pk not in own)
    rows = [(one, one.pk in own) for one in found if text or not own or one.pk in own]
    context = {"rows": rows, "text": text}
    return render(request, "web/tickets/_systems.html", context)


@require_GET
@requires(May.HANDLE_TICKETS)
def alike(request: Request) -> HttpResponse:
    """Open tickets that may be the same fault, and the suggested severity, while one types."""
    form = IntakeForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    title = str(request.GET.get("title", ""))[:200]
    target = given.get("target")
    known = {"institution": given.get("institution"), "application": given.get("application")}
    asked = bool(title.strip()) or any(known.values()) or target is not None
    found = queries.similar(**known, target=target, text=title) if asked else []
    context = {"similar": found[:5], "asked": asked, "suggestion": advice(given)}
    return render(request, "web/tickets/_similar.html", context)


@require_GET
@requires(May.HANDLE_TICKETS)
def done(request: Request, number: str) -> HttpResponse:
    """The number, large, and the caller's link."""
    ticket = queries.by_number(number)
    if ticket is None:
        raise Http404(f"没有单号为 {number} 的工单")
    context = {"ticket": ticket, "link": link(request, ticket)}
    return render(request, "web/tickets/done.html", context)


def link(request: Request, ticket: Ticket) -> str:
    """The caller's link, whole."""
    return request.build_absolute_uri(reverse("tracking", args=[ticket.token]))


urlpatterns = [
    path("intake/", intake, name="intake"),
    path("intake/institutions/", offered, name="intake-institutions"),
    path("intake/systems/", systems, name="intake-systems"),
    path("intake/similar/", alike, name="intake-similar"),
    path("intake/<slug:number>/", done, name="intake-done"),
]
