"""演练: the list with the yearly duty, and the form to plan one."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.contract import queries as contract
from jingwei.desk.actions.errors import DeskError
from jingwei.emergency import scenarios
from jingwei.emergency.actions import drills as actions
from jingwei.emergency.models import Drill, DrillState, Plan
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scenarios import Scenario
from jingwei.rules.document import ContentError
from jingwei.web.access import Request, requires
from jingwei.web.forms import posted
from jingwei.web.once import once
from jingwei.web.pages import drill_forms as forms
from jingwei.web.paging import paginate

SIGNS = {
    DrillState.PLANNED: ("○", "info"),
    DrillState.RUNNING: ("▶", "attention"),
    DrillState.ENDED: ("✓", "normal"),
    DrillState.ABORTED: ("✕", "abnormal"),
    DrillState.CANCELLED: ("–", "not-applicable"),
}


@require_GET
@requires(May.SEE_DESK)
def drills(request: Request) -> HttpResponse:
    """Every drill, and what the contract year still owes (tender L683)."""
    day = request.day
    held = contract.current(day)
    duty = queries.duty(held.period_start, held.period_end) if held else None
    page = paginate(request, queries.drills())
    for row in page:
        row.sign, row.look = SIGNS[DrillState(row.state)]
        row.scored = queries.result(row) if row.state == DrillState.ENDED else None
    return render(request, "web/drills/list.html", {"page_obj": page, "duty": duty})


@require_GET
@requires(May.PLAN_DRILLS)
def pick(request: Request) -> HttpResponse:
    """Which scenario."""
    try:
        found = list(_scenarios().values())
    except ContentError as error:
        messages.error(request, f"演练场景有误：{error}")
        return redirect("drills")
    return render(request, "web/drills/pick.html", {"scenarios": found})


@require_http_methods(["GET", "POST"])
@requires(May.PLAN_DRILLS)
@once
def new(request: Request, scenario: str) -> HttpResponse:
    """Plan one: everything comes from the scenario and may be changed."""
    chosen = _scenario(scenario)
    plan = Plan.objects.filter(key=chosen.plan, valid_to=None).first()
    initial = forms.of_scenario(chosen, plan) | {"planned_at": _next_week(timezone.now())}
    form = forms.Planning(chosen, posted(request), initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_drill(form.outline(), chosen, request.user, timezone.now())
        except DeskError as error:
            form.refuse(error.field, error.message)
        else:
            messages.success(request, f"{made.number} 已列入计划。")
            return redirect("drill", made.number)
    return _form_page(request, form, chosen)


@require_http_methods(["GET", "POST"])
@requires(May.PLAN_DRILLS)
@once
def edit(request: Request, number: str) -> HttpResponse:
    """Change a plan that was not started."""
    drill = get(number)
    chosen = _scenario(drill.scenario)
    form = forms.Planning(chosen, posted(request), forms.of_drill(drill))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_drill(
                drill, form.outline(), chosen, request.user, timezone.now(),
                version=version_of(request),
            )  # fmt: skip
        except DeskError as error:
            form.refuse(error.field, error.message)
        else:
            messages.success(request, "计划已修改。")
            return redirect("drill", number)
    return _form_page(request, form, chosen, drill)


def _form_page(
    request: Request, form: forms.Planning, scenario: Scenario, drill: Drill | None = None
) -> HttpResponse:
    context = {
        "form": form.form, "roles": form.roles, "lines": form.lines, "scenario": scenario,
        "drill": drill, "version": request.POST.get("version") or (drill.version if drill else 0),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/drills/form.html", context, status=status)


@require_POST
@requires(May.PLAN_DRILLS)
@once
def cancel(request: Request, number: str) -> HttpResponse:
    """Call it off."""
    drill = get(number)
    form = forms.ReasonForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        actions.cancel_drill(
            drill, reason, request.user, timezone.now(), version=version_of(request)
        )
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{number} 已取消。")
    return redirect("drill", number)


def get(number: str) -> Drill:
    """The drill, or 404 in words."""
    try:
        return queries.by_drill_number(number)
    except Drill.DoesNotExist:
        raise Http404(f"没有编号为 {number} 的演练") from None


def scenario_of(drill: Drill) -> Scenario | None:
    """Its scenario; None when content has it no more."""
    try:
        return _scenarios().get(drill.scenario)
    except ContentError:
        return None


def version_of(request: Request) -> int:
    """Which version the page showed; nonsense is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _scenarios() -> dict[str, Scenario]:
    return scenarios.read(Path(settings.JINGWEI_CONTENT))


def _scenario(key: str) -> Scenario:
    try:
        return _scenarios()[key]
    except KeyError:
        raise Http404(f"没有名为 {key} 的演练场景") from None
    except ContentError as error:
        raise Http404(f"演练场景有误：{error}") from None


def _next_week(now: datetime) -> datetime:
    """A first proposal: the same weekday next week at 14:00."""
    local = timezone.localtime(now) + timedelta(days=7)
    return local.replace(hour=14, minute=0, second=0, microsecond=0)


urlpatterns = [
    path("drills/", drills, name="drills"),
    path("drills/new/", pick, name="drill-pick"),
    path("drills/new/<slug:scenario>/", new, name="drill-new"),
    path("drills/<slug:number>/edit/", edit, name="drill-edit"),
    path("drills/<slug:number>/cancel/", cancel, name="drill-cancel"),
]
