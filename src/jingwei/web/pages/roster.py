"""排班与请假: who is there this month, who will be missing, attendance, 7x24 periods."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Person
from jingwei.contract import queries as contract
from jingwei.desk.actions import DeskError, attendance
from jingwei.desk.models import GuardPeriod, Leave, Shift
from jingwei.desk.queries import roster
from jingwei.desk.queries.roster import Duty, Shortfall
from jingwei.terms import SHANGHAI
from jingwei.web.access import Request, allowed, requires
from jingwei.web.forms import MomentInput, Styled, posted
from jingwei.web.once import once

_DAY = timedelta(days=1)
_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the month: who is due, who is away, what is short."""

    day: date
    duty: Duty | None  # None outside the month


@require_GET
@requires(May.SEE_DESK)
def page(request: Request) -> HttpResponse:
    """The month with its shortfalls, and what is short within the next sixty days."""
    month = _month(request.GET.get("month", ""), request.day)
    me = roster.person_of(request.user.pk)
    today = roster.on_duty(request.day, hours=contract.hours(request.day))
    context = {
        "month": month, "weeks": _weeks(month), "before": month - _DAY, "today": today,
        "after": month.replace(day=28) + timedelta(days=4),
        "short": roster.shortfalls(
            request.day, request.day + _AHEAD, hours=contract.hours(request.day)
        ),
        "unknown": roster.unknown_from(request.day, request.day + _AHEAD),
        "me": me, "here": me is not None and me in today.came,
        "periods": GuardPeriod.objects.filter(
            cancelled_at=None, end__gte=timezone.now()
        ).prefetch_related("shifts__person"),
        "seconds": roster.people(Person.Line.SECOND, request.day),
        "manages": allowed(request, May.MANAGE_ROSTER), "now": timezone.now(),
        "decides": allowed(request, May.APPROVE_TICKETS),
    }  # fmt: skip
    return render(request, "web/roster/month.html", context)


def _month(text: str, today: date) -> date:
    """The first of a month; nonsense is this month."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year < 2100 else today.replace(day=1)


def _weeks(month: date) -> list[list[Cell]]:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    duties = roster.on_duties(month, last, hours=contract.hours(month))
    cells = [Cell(month - _DAY * n, None) for n in range(month.weekday(), 0, -1)]
    cells += [Cell(duty.day, duty) for duty in duties]
    cells += [Cell(last + _DAY * n, None) for n in range(1, 7 - last.weekday())]
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


class AttendanceForm(Styled, forms.Form):
    """Attendance written down afterwards."""

    person = forms.ModelChoiceField(label="人员", queryset=Person.objects.none())
    came = forms.DateTimeField(label="到岗", widget=MomentInput())
    left = forms.DateTimeField(label="离岗", required=False, widget=MomentInput())
    reason = forms.CharField(label="补登或更正的原因", max_length=200)

    def __init__(self, request: Request) -> None:
        super().__init__(posted(request))
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        rows = Person.objects.exclude(line=Person.Line.CLIENT).filter(valid_to=None)
        field.queryset = (
            rows if allowed(request, May.MANAGE_ROSTER) else rows.filter(user=request.user)
        )


class PeriodForm(Styled, forms.Form):
    """A 7x24 period."""

    name = forms.CharField(label="名称", max_length=100)
    start = forms.DateTimeField(label="开始", widget=MomentInput())
    end = forms.DateTimeField(label="结束", widget=MomentInput())
    needed = forms.IntegerField(label="任一时刻在岗人数", initial=2, min_value=1, max_value=20)


class ShiftForm(Styled, forms.Form):
    """One person's turn."""

    person = forms.ModelChoiceField(
        label="人员", queryset=Person.objects.exclude(line=Person.Line.CLIENT).filter(valid_to=None)
    )
    start = forms.DateTimeField(label="开始", widget=MomentInput())
    end = forms.DateTimeField(label="结束", widget=MomentInput())
    on_call = forms.BooleanField(label="仅备勤（不计在岗）", required=False)


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def come(request: Request) -> HttpResponse:
    """I am here."""
    return _said(request, lambda: attendance.come(request.user, timezone.now()), "已签到。")


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def go(request: Request) -> HttpResponse:
    """I leave for today."""
    return _said(
        request, lambda: attendance.leave_for_today(request.user, timezone.now()), "已签退。"
    )


def _said(request: Request, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("roster")


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def enter(request: Request) -> HttpResponse:
    """Attendance afterwards."""
    form = AttendanceForm(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            attendance.enter(
                data["person"], data["came"], data["left"], data["reason"], request.user,
                timezone.now(),
            )  # fmt: skip
        except DeskError as error:
            add_error(form, error, {"came_at": "came", "left_at": "left", "at": "came"})
        else:
            messages.success(request, "考勤已登记。")
            return redirect("roster")
    return show(request, form, "补登考勤", "roster")


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def period_new(request: Request) -> HttpResponse:
    """Open a 7x24 period."""
    form = PeriodForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            attendance.open_period(
                data["name"], data["start"], data["end"], request.user, timezone.now(),
                needed=data["needed"],
            )  # fmt: skip
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "值守期已登记，请排班。")
            return redirect("roster")
    return show(request, form, "登记 7×24 值守期", "roster")


@require_http_methods(["GET", "POST"])
@requires(May.MANAGE_ROSTER)
@once
def shift_new(request: Request, pk: int) -> HttpResponse:
    """Add a turn to a period."""
    period = get_object_or_404(GuardPeriod, pk=pk)
    form = ShiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            attendance.add_shift(
                period, data["person"], data["start"], data["end"], request.user,
                timezone.now(), on_call=data["on_call"],
            )  # fmt: skip
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "班次已登记。")
            return redirect("roster")
    return show(request, form, f"{period.name}：登记班次", "roster")


@require_POST
@requires(May.MANAGE_ROSTER)
@once
def shift_cancel(request: Request, pk: int) -> HttpResponse:
    """Take a turn off the roster."""
    shift = get_object_or_404(Shift, pk=pk)
    return _said(
        request,
        lambda: attendance.cancel_shift(shift, request.user, timezone.now()),
        "班次已取消。",
    )


def add_error(form: forms.Form, error: DeskError, names: dict[str, str] | None = None) -> None:
    """A refusal beside its field, or above the form when it has none."""
    name = (names or {}).get(error.field, error.field)
    form.add_error(name if name in form.fields else None, error.message)


def show(request: Request, form: forms.Form, title: str, back: str, **more: object) -> HttpResponse:
    """A plain form page; 422 when it comes back with errors."""
    context = {"form": form, "title": title, "back": back, **more}
    status = 422 if request.method == "POST" else 200
    return render(request, "web/roster/form.html", context, status=status)


def at_risk(leave: Leave) -> list[Shortfall]:
    """What would be short while somebody is away, this leave counted."""
    low, high = (at.astimezone(SHANGHAI).date() for at in (leave.start, leave.end))
    found = roster.shortfalls(
        low, min(high, low + timedelta(days=180)), hours=contract.hours(low), also=[leave]
    )
    whole = datetime.combine(low, time(), SHANGHAI), leave.end
    return [each for each in found if each.start < whole[1] and each.end > whole[0]]


urlpatterns = [
    path("roster/", page, name="roster"),
    path("roster/come/", come, name="roster-come"),
    path("roster/go/", go, name="roster-go"),
    path("roster/attendance/", enter, name="roster-attendance"),
    path("roster/periods/new/", period_new, name="roster-period"),
    path("roster/periods/<int:pk>/shifts/new/", shift_new, name="roster-shift"),
    path("roster/shifts/<int:pk>/cancel/", shift_cancel, name="roster-shift-cancel"),
]
