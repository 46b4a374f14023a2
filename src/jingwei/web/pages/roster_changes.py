"""更正与取消: a 7x24 period that changed or is over, a leave that changed or ended early."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jingwei.accounts.roles import May
from jingwei.desk.actions import DeskError, attendance
from jingwei.desk.actions import leave as actions
from jingwei.desk.actions.leave import Wish
from jingwei.desk.models import GuardPeriod, Leave
from jingwei.web.access import Request, allowed, requires
from jingwei.web.forms import MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.leave import LeaveForm
from jingwei.web.pages.roster import PeriodForm, add_error, show


class CorrectPeriodForm(PeriodForm):
    """A period as it should be."""

    reason = forms.CharField(
        label="更正原因", max_length=200, error_messages={"required": "请填写更正原因"}
    )


class CancelForm(Styled, forms.Form):
    """Why it does not stand."""

    reason = forms.CharField(
        label="取消原因", max_length=200, error_messages={"required": "请填写取消原因"}
    )


class CorrectLeaveForm(LeaveForm):
    """A leave as it should be; the client is asked again."""

    why = forms.CharField(
        label="更正原因", max_length=200, error_messages={"required": "请填写更正原因"},
        help_text="原请假撤回，更正后的请假重新待甲方同意。",
    )  # fmt: skip

    def __init__(self, request: Request, leave: Leave) -> None:
        super().__init__(request)
        self.initial = {
            name: getattr(leave, name)
            for name in ("person", "start", "end", "reason", "whereabouts", "phone", "stand_in")
        }
        del self.fields["entered_late"]


class ReturnForm(Styled, forms.Form):
    """Back before it ended."""

    at = forms.DateTimeField(label="实际返岗", widget=MomentInput())
    why = forms.CharField(
        label="销假说明", max_length=200, error_messages={"required": "请填写销假说明"}
    )


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def period_correct(request: Request, pk: int) -> HttpResponse:
    """Other times or another number, with a reason."""
    period = _period(request, pk)
    held = {name: getattr(period, name) for name in ("name", "start", "end", "needed")}
    form = CorrectPeriodForm(posted(request), initial=held)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            attendance.correct_period(
                period, data["name"], data["start"], data["end"], data["reason"], request.user,
                timezone.now(), needed=data["needed"],
            )  # fmt: skip
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "值守期已更正。")
            return redirect("roster")
    return show(request, form, f"更正值守期：{period.name}", "roster")


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def period_cancel(request: Request, pk: int) -> HttpResponse:
    """It is over early, or was a mistake."""
    period = _period(request, pk)
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            attendance.cancel_period(
                period, form.cleaned_data["reason"], request.user, timezone.now()
            )
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "值守期已取消。")
            return redirect("roster")
    return show(request, form, f"取消值守期：{period.name}", "roster")


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def leave_correct(request: Request, pk: int) -> HttpResponse:
    """The same leave, otherwise."""
    held = get_object_or_404(Leave, pk=pk)
    form = CorrectLeaveForm(request, held)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        why = data.pop("why")
        try:
            actions.correct_leave(held, Wish(**data), why, request.user, timezone.now())
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "已更正，重新待甲方同意。同意前不得离开。")
            return redirect("leave")
    return show(request, form, f"更正请假：{held.person.name}", "leave")


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def leave_return(request: Request, pk: int) -> HttpResponse:
    """Back on duty earlier than asked for."""
    held = get_object_or_404(Leave, pk=pk)
    now = timezone.now()
    form = ReturnForm(posted(request), initial={"at": _minute(now)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.return_early(held, data["at"], data["why"], request.user, now)
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "已销假。")
            return redirect("leave")
    return show(request, form, f"提前销假：{held.person.name}", "leave")


def _period(request: Request, pk: int) -> GuardPeriod:
    if not (allowed(request, May.MANAGE_ROSTER) or allowed(request, May.APPROVE_TICKETS)):
        raise PermissionDenied("值守期由甲方或管理排班的人更正、取消。")
    return get_object_or_404(GuardPeriod, pk=pk)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


urlpatterns = [
    path("roster/periods/<int:pk>/correct/", period_correct, name="roster-period-correct"),
    path("roster/periods/<int:pk>/cancel/", period_cancel, name="roster-period-cancel"),
    path("leave/<int:pk>/correct/", leave_correct, name="leave-correct"),
    path("leave/<int:pk>/return/", leave_return, name="leave-return"),
]
