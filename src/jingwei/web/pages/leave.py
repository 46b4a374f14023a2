"""请假与人员更换: asked for, shown with what it leaves behind, decided by the client."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May, may
from jingwei.assets.models import Person
from jingwei.desk.actions import DeskError
from jingwei.desk.actions import leave as actions
from jingwei.desk.actions.leave import Replacement, Wish
from jingwei.desk.models import Asked, Leave, StaffChange
from jingwei.desk.queries import roster
from jingwei.desk.queries.roster import Shortfall
from jingwei.web.access import Request, allowed, requires
from jingwei.web.forms import DateInput, MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.roster import add_error, at_risk, show
from jingwei.web.paging import paginate


class LeaveForm(Styled, forms.Form):
    """Ask for leave (tender L515, L606)."""

    person = forms.ModelChoiceField(label="请假人", queryset=Person.objects.none())
    start = forms.DateTimeField(label="开始", widget=MomentInput())
    end = forms.DateTimeField(label="结束", widget=MomentInput())
    reason = forms.CharField(label="事由", max_length=200)
    whereabouts = forms.CharField(label="去向", max_length=200)
    phone = forms.CharField(label="联系电话（保持畅通）", max_length=32)
    stand_in = forms.ModelChoiceField(
        label="顶岗人", error_messages={"required": "请选择顶岗人"},
        help_text="二线人员顶岗才能补足现场人数；一线互相顶岗不增加人数。",
        queryset=Person.objects.exclude(line=Person.Line.CLIENT).filter(valid_to=None),
    )  # fmt: skip
    entered_late = forms.BooleanField(
        label="事后补登（已经离开）", required=False, help_text="如实登记为事后申请，不算提前请假。"
    )

    def __init__(self, request: Request) -> None:
        me = roster.person_of(request.user.pk)
        super().__init__(posted(request), initial={"person": me, "phone": me.phone if me else ""})
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        rows = Person.objects.exclude(line=Person.Line.CLIENT).filter(valid_to=None)
        field.queryset = (
            rows if allowed(request, May.MANAGE_ROSTER) else rows.filter(user=request.user)
        )


class ChangeForm(Styled, forms.Form):
    """Ask for one person to be replaced by another (tender L595, L614)."""

    leaving = forms.ModelChoiceField(
        label="原人员",
        queryset=Person.objects.exclude(line=Person.Line.CLIENT).filter(valid_to=None),
    )
    joining_name = forms.CharField(label="接替人", max_length=64)
    joining_phone = forms.CharField(label="接替人电话", max_length=32, required=False)
    qualification = forms.CharField(label="接替人资质", max_length=200)
    on = forms.DateField(label="更换日期", widget=DateInput())
    reason = forms.CharField(label="原因", max_length=200)


@dataclass(frozen=True, slots=True)
class Line:
    """One leave with what it would leave behind."""

    leave: Leave
    short: list[Shortfall]
    late: bool
    own: bool


@require_GET
@requires(May.SEE_DESK)
def page(request: Request) -> HttpResponse:
    """What waits for consent first, then every leave and replacement."""
    waiting = Leave.objects.filter(state=Asked.WAITING).select_related("person", "stand_in")
    shown = paginate(
        request,
        Leave.objects.exclude(state=Asked.WAITING).select_related(
            "person", "stand_in", "answered_by"
        ),
    )
    context = {
        "waiting": [_line(request, each) for each in waiting],
        "page_obj": shown, "rows": [_line(request, each, quiet=True) for each in shown],
        "changes": list(roster.changes()[:30]), "now": timezone.now(),
        "decides": allowed(request, May.APPROVE_TICKETS),
    }  # fmt: skip
    return render(request, "web/roster/leave.html", context)


def _line(request: Request, leave: Leave, *, quiet: bool = False) -> Line:
    late = leave.asked_at >= leave.start or (
        leave.answered_at is not None and leave.answered_at > leave.start
    )
    own = leave.person.user_id == request.user.pk or may(request.user.role, May.MANAGE_ROSTER)
    return Line(leave, [] if quiet else at_risk(leave), late, own)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request) -> HttpResponse:
    """Ask; `preview` shows first what the leave would leave behind."""
    form = LeaveForm(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "preview" in request.POST and _fits(data):
            short = _preview(data)
            return render(
                request, "web/roster/form.html",
                {"form": form, "title": "请假", "back": "leave", "short": short, "asked": data,
                 "preview": True},
            )  # fmt: skip
        try:
            actions.ask_leave(Wish(**data), request.user, timezone.now())
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "请假已提交，待甲方同意。同意前不得离开。")
            return redirect("leave")
    return show(request, form, "请假", "leave", preview=True)


def _fits(data: dict[str, Any]) -> bool:
    """A span that is not refused anyway: of any other nobody says that enough are there."""
    span: timedelta = data["end"] - data["start"]
    return timedelta() < span < timedelta(days=181)


def _preview(data: dict[str, Any]) -> list[Shortfall]:
    """What this leave would leave behind."""
    return at_risk(
        Leave(
            person=data["person"], start=data["start"], end=data["end"],
            stand_in=data["stand_in"],
        )
    )  # fmt: skip


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def answer(request: Request, pk: int) -> HttpResponse:
    """The client decides."""
    held = get_object_or_404(Leave, pk=pk)
    granted = request.POST.get("granted") == "yes"
    try:
        actions.answer_leave(
            held, granted, request.user, timezone.now(), opinion=request.POST.get("opinion", "")
        )
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "答复已记录。")
    return redirect("leave")


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take it back before it begins."""
    held = get_object_or_404(Leave, pk=pk)
    try:
        actions.withdraw_leave(held, request.POST.get("reason", ""), request.user, timezone.now())
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "请假已撤回。")
    return redirect("leave")


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def change_new(request: Request) -> HttpResponse:
    """Ask for a replacement."""
    form = ChangeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_change(Replacement(**form.cleaned_data), request.user, timezone.now())
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "人员更换已登记。")
            return redirect("leave")
    return show(request, form, "人员更换", "leave")


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def change_answer(request: Request, pk: int) -> HttpResponse:
    """The client decides on a replacement."""
    held = get_object_or_404(StaffChange, pk=pk)
    try:
        actions.answer_change(
            held, request.POST.get("granted") == "yes", request.user, timezone.now(),
            opinion=request.POST.get("opinion", ""),
        )  # fmt: skip
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "答复已记录。")
    return redirect("leave")


urlpatterns = [
    path("leave/", page, name="leave"),
    path("leave/new/", new, name="leave-new"),
    path("leave/<int:pk>/answer/", answer, name="leave-answer"),
    path("leave/<int:pk>/withdraw/", withdraw, name="leave-withdraw"),
    path("leave/changes/new/", change_new, name="staff-change-new"),
    path("leave/changes/<int:pk>/answer/", change_answer, name="staff-change-answer"),
]
