"""停止服务公告 and 开发工作量: what makers announced, what was booked of the 10 person-months."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.accounts.roles import May
from jingwei.assets.models import AssetRow
from jingwei.contract import queries as contract
from jingwei.desk import actions, queries
from jingwei.desk.models import EndOfService
from jingwei.desk.queries.parts import earlier
from jingwei.web.access import Request, requires
from jingwei.web.forms import DateInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.ticket_forms import refuse


class AnnouncementForm(Styled, forms.Form):
    """What a maker announced."""

    maker = forms.CharField(
        label="厂商", max_length=100, error_messages={"required": "请填写厂商"},
        widget=forms.TextInput(attrs={"list": "makers"}),
    )  # fmt: skip
    model = forms.CharField(
        label="型号或版本", max_length=100, error_messages={"required": "请填写型号或版本"},
        widget=forms.TextInput(attrs={"list": "models"}),
        help_text="与台账的型号一致，才能找出受影响的设备",
    )  # fmt: skip
    production_ends = forms.DateField(label="停产日期", required=False, widget=DateInput())
    support_ends = forms.DateField(label="停止支持日期", required=False, widget=DateInput())
    source = forms.CharField(
        label="依据", max_length=300, error_messages={"required": "请填写依据"},
        widget=forms.TextInput(attrs={"placeholder": "厂商公告编号、日期、来源"}),
    )  # fmt: skip


class NoticeForm(Styled, forms.Form):
    """The notice to the client."""

    impact = forms.CharField(
        label="影响", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写影响"},
    )  # fmt: skip
    advice = forms.CharField(
        label="建议", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写建议"},
    )  # fmt: skip


@require_GET
@requires(May.SEE_DESK)
def announcements(request: Request) -> HttpResponse:
    """The row in force of every model, the earliest end first."""
    context = {"rows": queries.announcements(request.day)}
    return render(request, "web/forms/announcements.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request) -> HttpResponse:
    """Write down what a maker announced; a correction is a new row."""
    given = {name: request.GET.get(name, "")[:100] for name in ("maker", "model")}
    form = AnnouncementForm(posted(request), initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.record_end_of_service(
                **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except actions.DeskError as error:
            refuse(form, error)
        else:
            messages.success(request, "公告已登记。请通知甲方。")
            return redirect("end-of-service-row", row.pk)
    rows = AssetRow.objects.exclude(model="")
    makers = {name for pair in rows.values_list("vendor_cn", "vendor") for name in pair}
    context = {
        "form": form,
        "makers": sorted(makers),
        "models": sorted(set(rows.values_list("model", flat=True))),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/forms/announcement_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def announcement(request: Request, pk: int) -> HttpResponse:
    """One announcement: the devices it concerns; sent, the notice to the client."""
    row = get_object_or_404(EndOfService, pk=pk)
    form = NoticeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            ticket = actions.open_eos_notice(
                row, form.cleaned_data["impact"], form.cleaned_data["advice"], request.user,
                timezone.now(),
            )  # fmt: skip
        except actions.ForbiddenError as error:
            return render(request, "403.html", {"exception": error.message}, status=403)
        except actions.DeskError as error:
            refuse(form, error)
        else:
            messages.success(request, f"停止服务通知 {ticket.number} 已建，待甲方确认。")
            return redirect("ticket", ticket.number)
    context = {
        "row": row, "form": form, "before": earlier(row),
        "units": queries.affected(row.maker, row.model, request.day),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/forms/announcement.html", context, status=status)


@require_GET
@requires(May.SEE_DESK)
def effort(request: Request) -> HttpResponse:
    """The ledger of the contract's period; 超出 is for both sides to decide, not refused."""
    in_force = contract.current(request.day)
    if in_force is not None:
        start, end = in_force.period_start, in_force.period_end
    else:  # no contract covers the day: the calendar year, and the page says so
        start, end = date(request.day.year, 1, 1), date(request.day.year, 12, 31)
    context = {"contract": in_force, "ledger": queries.ledger(start, end)}
    return render(request, "web/forms/effort.html", context)


urlpatterns = [
    path("end-of-service/", announcements, name="end-of-service"),
    path("end-of-service/new/", new, name="end-of-service-new"),
    path("end-of-service/<int:pk>/", announcement, name="end-of-service-row"),
    path("effort/", effort, name="effort"),
]
