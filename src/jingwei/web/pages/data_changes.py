"""数据修改: the list, the 报告单 itself, its printed form, what keeps coming back."""

from dataclasses import fields as dataclass_fields
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Database, Institution
from jingwei.desk import actions, queries
from jingwei.desk.actions import Intake
from jingwei.desk.actions.writing import SCRIPT
from jingwei.desk.forms import shown
from jingwei.desk.forms.others import DATA_CHANGE
from jingwei.desk.models import Channel, DataChange, Kind, Purpose, State, Ticket
from jingwei.desk.queries.data_changes import causes
from jingwei.web import declaredform
from jingwei.web.access import Request, requires
from jingwei.web.forms import DateInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.data_steps import urlpatterns as step_patterns
from jingwei.web.pages.ticket_forms import refuse
from jingwei.web.paging import paginate

_STATES = (
    State.DRAFT, State.APPLIED, State.REVIEWED, State.APPROVED, State.BACKED_UP, State.EXECUTING,
    State.EXECUTED, State.CHECKED, State.VERIFIED, State.ARCHIVED, State.RETURNED,
    State.ROLLED_BACK, State.CANCELLED,
)  # fmt: skip
_TICKET = ("title", "institution", "application", "reporter", "phone", "text")


def _code(label: str, rows: int, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=SCRIPT, strip=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "class": "mono", "spellcheck": "false"}),
        error_messages={"required": f"请填写{label}"},
    )  # fmt: skip


class ReportForm(Styled, forms.Form):
    """数据修改报告单 as the applicant fills it in (domain.md section 14)."""

    title = forms.CharField(label="标题", max_length=200, error_messages={"required": "请填写标题"})
    purpose = forms.ChoiceField(label="用途", choices=Purpose.choices)
    institution = forms.ModelChoiceField(
        Institution.objects.filter(valid_to=None), label="涉及机构", required=False,
        empty_label="（不涉及）", to_field_name="code",
    )  # fmt: skip
    application = forms.ModelChoiceField(
        Application.objects.filter(valid_to=None), label="系统", empty_label="请选择",
        to_field_name="code", error_messages={"required": "请选择系统"},
    )  # fmt: skip
    database = forms.ModelChoiceField(
        Database.objects.filter(valid_to=None), label="数据库", required=False,
        empty_label="（未登记）", to_field_name="code",
    )  # fmt: skip
    reporter = forms.CharField(
        label="申请人", max_length=64, error_messages={"required": "请填写申请人"}
    )
    phone = forms.CharField(
        label="联系电话", required=False, max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    sealed_by = forms.CharField(
        label="单位负责人（签章）", max_length=64, error_messages={"required": "请填写单位负责人"}
    )
    cause = forms.CharField(
        label="修改原因分类", max_length=64, error_messages={"required": "请填写修改原因分类"},
        widget=forms.TextInput(attrs={"list": "causes"}),
        help_text="同一系统同一原因 90 天内 3 次即提示建问题单",
    )  # fmt: skip
    text = forms.CharField(
        label="业务原因", max_length=5000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写业务原因"},
    )  # fmt: skip
    script = _code("脚本", 5, "申请后以 SHA-256 锁定；与申请时不一致即不能执行")
    rollback_script = _code("回滚脚本", 4, "修改数据必填", required=False)
    count_query = _code("行数核对语句", 2, "SELECT 查询，得出预期行数")
    expected_rows = forms.IntegerField(
        label="预期行数", min_value=0, max_value=2**31 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "请填写预期行数", "invalid": "预期行数须为整数"},
    )  # fmt: skip
    medical_batch = forms.BooleanField(label="批量修改或删除医疗记录（须二级批准）", required=False)
    fields_wanted = forms.CharField(
        label="取数字段", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    masking = forms.CharField(label="脱敏方式", required=False, max_length=200)
    medium = forms.CharField(label="交付介质", required=False, max_length=100)
    expires_on = forms.DateField(label="销毁期限", required=False, widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declaredform.add(self, DATA_CHANGE.fields, due=True)


class ListFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "单号 / 系统 / 原因"}),
    )  # fmt: skip
    purpose = forms.ChoiceField(
        label="用途", required=False, choices=[("", "全部"), *Purpose.choices]
    )
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), *((one.value, one.label) for one in _STATES)],
    )  # fmt: skip


@require_GET
@requires(May.SEE_DESK)
def data_changes(request: Request) -> HttpResponse:
    """The list, what must be put on paper, what keeps coming back."""
    form = ListFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.data_changes(
        text=wanted.get("q", ""), state=wanted.get("state", ""), purpose=wanted.get("purpose", "")
    )
    context = {
        "form": form, "page_obj": paginate(request, rows), "filtered": bool(request.GET),
        "papers": queries.papers_owed(), "repeated": queries.repeated(request.day),
        "today": request.day,
    }  # fmt: skip
    return render(request, "web/data_changes/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request) -> HttpResponse:
    """A 报告单 in draft."""
    form = ReportForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        intake = Intake(
            kind=Kind.DATA_CHANGE, channel=Channel.OTHER, **{name: data[name] for name in _TICKET}
        )
        try:
            ticket = actions.open_data_change(
                intake, _form(data), request.user, timezone.now(), _details(data)
            )
        except actions.DeskError as error:
            _refuse(form, error)
        else:
            messages.success(request, f"报告单 {ticket.number} 已存为草稿，请核对后提交申请。")
            return redirect("ticket", ticket.number)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def edit(request: Request, number: str) -> HttpResponse:
    """Fill it in anew, as a draft or when it was returned; the ticket's own lines stay."""
    held = _get(number)
    ticket = held.ticket
    form = ReportForm(posted(request), initial=_initial(held))
    for name in _TICKET:
        form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        version = request.POST.get("version", "")
        try:
            actions.edit_form(
                ticket, _form(form.cleaned_data), request.user, timezone.now(),
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                details=_details(form.cleaned_data),
            )  # fmt: skip
        except actions.DeskError as error:
            _refuse(form, error)
        else:
            messages.success(request, "报告单已修改。")
            return redirect("ticket", ticket.number)
    return _page(request, form, ticket)


@require_GET
@requires(May.SEE_DESK)
def printed(request: Request, number: str) -> HttpResponse:
    """数据修改报告单 on A4, with places to sign."""
    held = _get(number)
    filled = getattr(held.ticket, "form", None)
    rows = [
        (one.label, shown(one, filled.values[one.name]))
        for one in DATA_CHANGE.fields if filled is not None and filled.values.get(one.name)
    ]  # fmt: skip
    context = {"change": held, "ticket": held.ticket, "rows": rows}
    return render(request, "web/data_changes/print.html", context)


@require_GET
@requires(May.SEE_DESK)
def months(request: Request) -> HttpResponse:
    """The month's statistics by system and cause."""
    month = request.day.replace(day=1)
    asked = request.GET.get("month", "")
    try:
        month = date.fromisoformat(f"{asked}-01") if asked else month
    except ValueError:
        asked = ""
    if not 2000 <= month.year <= 2100:
        month = request.day.replace(day=1)
    lines = queries.by_month(month)
    context = {
        "month": month, "lines": lines, "total": sum(line.total for line in lines),
        "repeated": queries.repeated(request.day),
    }  # fmt: skip
    return render(request, "web/data_changes/months.html", context)


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def problem(request: Request) -> HttpResponse:
    """One tap: a problem ticket for what keeps coming back."""
    system, cause = request.POST.get("system", ""), request.POST.get("cause", "")
    found = next(
        (
            one for one in queries.repeated(timezone.localdate())
            if one.cause == cause and (one.application.code if one.application else "") == system
        ),
        None,
    )  # fmt: skip
    if found is None:
        return render(request, "400.html", {"reason": "没有这样反复出现的原因"}, status=422)
    try:
        ticket = actions.open_problem(found, request.user, timezone.now())
    except actions.DeskError as error:
        return render(request, "400.html", {"reason": error.message}, status=422)
    messages.success(request, f"已建问题单 {ticket.number}，请补填负责人。")
    return redirect("ticket", ticket.number)


def _get(number: str) -> DataChange:
    held = DataChange.objects.select_related(
        "ticket__application", "ticket__institution", "ticket__form", "database"
    ).filter(ticket__number=number).first()  # fmt: skip
    if held is None:
        raise Http404(f"没有单号为 {number} 的数据修改报告单")
    return held


def _form(data: dict[str, Any]) -> actions.Form:
    names = {one.name for one in dataclass_fields(actions.Form)} - {"fields", "purpose"}
    return actions.Form(
        purpose=Purpose(data["purpose"]), fields=data["fields_wanted"],
        **{name: data[name] for name in names},
    )  # fmt: skip


def _details(data: dict[str, Any]) -> dict[str, object]:
    return declaredform.written(DATA_CHANGE.fields, data)


def _refuse(form: ReportForm, error: actions.DeskError) -> None:
    """`fields` is a form's own word, so the form calls it otherwise."""
    if error.field == "fields":
        form.add_error("fields_wanted", error.message)
    else:
        refuse(form, error)


def _initial(held: DataChange) -> dict[str, Any]:
    filled = getattr(held.ticket, "form", None)
    ticket = held.ticket
    return {
        **{name: getattr(held, name) for name in (
            "purpose", "cause", "sealed_by", "script", "rollback_script", "count_query",
            "expected_rows", "medical_batch", "masking", "medium", "expires_on",
        )},
        "fields_wanted": held.fields,
        "database": held.database.code if held.database else None,
        "title": ticket.title, "reporter": ticket.reporter, "phone": ticket.phone,
        "text": ticket.text,
        "institution": ticket.institution.code if ticket.institution else None,
        "application": ticket.application.code if ticket.application else None,
        **declaredform.initial(DATA_CHANGE.fields, filled.values if filled else {}),
    }  # fmt: skip


def _page(request: Request, form: ReportForm, ticket: Ticket | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form, "ticket": ticket, "causes": causes(),
        "declared": [form[one.name] for one in DATA_CHANGE.fields],
    }  # fmt: skip
    return render(request, "web/data_changes/form.html", context, status=status)


urlpatterns = [
    path("data-changes/", data_changes, name="data-changes"),
    path("data-changes/new/", new, name="data-change-new"),
    path("data-changes/months/", months, name="data-change-months"),
    path("data-changes/problem/", problem, name="data-change-problem"),
    path("data-changes/<slug:number>/edit/", edit, name="data-change-edit"),
    path("data-changes/<slug:number>/print/", printed, name="data-change-print"),
    *step_patterns,
]
