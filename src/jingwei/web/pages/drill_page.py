"""One drill: plan, the run as it goes, the result with its score, gaps and report."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.desk.actions.errors import DeskError
from jingwei.desk.models import Kind
from jingwei.emergency.actions import drill_runs, drills
from jingwei.emergency.facts import facts_of
from jingwei.emergency.models import Drill, DrillAction, DrillGap, DrillKind, DrillState, DrillStep
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scenarios import MEASURES
from jingwei.emergency.scoring import ARRIVE, minutes_text
from jingwei.reports import actions as reports
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.models import Report
from jingwei.terms.incident import Instant
from jingwei.web.access import Request, address_of, requires
from jingwei.web.once import once
from jingwei.web.pages import drill_forms as forms
from jingwei.web.pages.drills import SIGNS, get, scenario_of, version_of

LIVE = 3  # seconds between two looks while it runs
_INSTANTS = (
    Instant.OCCURRED, Instant.DETECTED, Instant.PHONE_RESPONDED, Instant.ARRIVED,
    Instant.DIAGNOSED, Instant.RESTORED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script as the page shows it."""

    row: DrillStep
    due: datetime | None
    state: str  # done, late, missed, next, waiting
    tickable: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant of the event: when, and how long after its start."""

    label: str
    at: datetime | None
    by_system: bool


@require_GET
@requires(May.SEE_DESK)
def drill(request: Request, number: str) -> HttpResponse:
    """The page, whatever state the drill is in."""
    return _page(request, get(number))


@require_GET
@requires(May.SEE_DESK)
def live(request: Request, number: str) -> HttpResponse:
    """The moving part while it runs; when it has ended the whole page is asked for again."""
    found = get(number)
    if found.state != DrillState.RUNNING:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "web/drills/_run.html", context_of(found, timezone.now()))


def _page(request: Request, found: Drill, status: int = 200, **more: Any) -> HttpResponse:
    context = context_of(found, timezone.now()) | {
        "start": forms.StartForm(), "reason": forms.ReasonForm(), "gap": forms.GapForm(),
        "scenario": scenario_of(found), "live_every": LIVE,
    }  # fmt: skip
    return render(request, "web/drills/drill.html", context | more, status=status)


def context_of(found: Drill, now: datetime) -> dict[str, Any]:
    """What the whole page and its live part show."""
    sign, look = SIGNS[DrillState(found.state)]
    event = queries.event_of(found)
    own = facts_of(event).own if event else {}
    places = queries.places(found)
    labels = dict(
        Target.objects.filter(key__in={one.target for one in places}).values_list("key", "label")
    )
    measured = queries.measures(found) if event else None
    return {
        "drill": found, "sign": sign, "look": look, "event": event, "now": now,
        "lines": lines(found, now), "elapsed": _elapsed(found, now),
        "length": max((row.after for row in found.script.all()), default=0),
        "moments": [
            Moment(one.label, own[one].at if one in own else None,
                   one in own and own[one].by is None)
            for one in _INSTANTS
        ] if event else [],
        "spans": _spans(found, measured.minutes) if measured else [],
        "places": places, "labels": labels, "tabletop": found.kind == DrillKind.TABLETOP,
        "scored": queries.result(found) if found.state == DrillState.ENDED else None,
        "gaps": found.gaps.select_related("ticket").order_by("id"),
        "proposed": queries.proposed_gaps(found),
        "running": found.state == DrillState.RUNNING,
        "over": found.state in (DrillState.ENDED, DrillState.ABORTED),
        "targets": [(MEASURES[key], minutes) for key, minutes in found.targets.items()],
    }  # fmt: skip


def _spans(found: Drill, minutes: dict[str, float] | Any) -> list[dict[str, Any]]:
    """What is measured so far against its targets."""
    rows = []
    for key, label in (*MEASURES.items(), ("arrive", "到场")):
        limit = ARRIVE if key == "arrive" else found.targets.get(key)
        taken = minutes.get(key)
        if limit is None and taken is None:
            continue
        rows.append(
            {
                "label": label,
                "taken": "" if taken is None else minutes_text(taken),
                "limit": "未设" if limit is None else minutes_text(limit),
                "late": taken is not None and limit is not None and taken > limit,
            }
        )
    return rows


def lines(found: Drill, now: datetime) -> list[Line]:
    """The script: what is done, in time or late, what comes next, what waits."""
    made: list[Line] = []
    running = found.state == DrillState.RUNNING and found.started_at is not None
    for row in found.script.all():
        due = queries.deadline(found, row)
        expectation = row.action == DrillAction.EXPECT
        if row.done_at is not None:
            late = expectation and not queries.in_time(found, row)
            state = "late" if late else "done"
        elif expectation and due is not None and due < now:
            state = "missed"
        else:
            state = "waiting" if running else "planned"
        made.append(Line(row, due, state, running and expectation and row.done_at is None))
    return made


def _elapsed(found: Drill, now: datetime) -> timedelta | None:
    if found.started_at is None:
        return None
    return (found.ended_at or now) - found.started_at


@require_POST
@requires(May.PLAN_DRILLS)
@once
def start(request: Request, number: str) -> HttpResponse:
    """Declare its event; a worker picks it up within seconds."""
    found = get(number)
    form = forms.StartForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, start=form)
    try:
        drills.start_drill(
            found, scenario_of(found), request.user, timezone.now(),
            version=version_of(request), speed=form.cleaned_data["speed"],
        )  # fmt: skip
    except DeskError as error:
        form.add_error("speed" if error.field == "speed" else None, error.message)
        return _page(request, get(number), 422, start=form)
    messages.success(request, "演练已开始。参演人员请在事件页上处置，计时与真实事件相同。")
    return redirect("drill", number)


@require_POST
@requires(May.PLAN_DRILLS)
@once
def abort(request: Request, number: str) -> HttpResponse:
    """Stop a running drill."""
    found = get(number)
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, reason=form)
    try:
        drill_runs.abort_drill(found, form.cleaned_data["reason"], request.user, timezone.now())
    except DeskError as error:
        form.add_error(None, error.message)
        return _page(request, get(number), 422, reason=form)
    messages.success(request, "演练已中止。")
    return redirect("drill", number)


@require_POST
@requires(May.PLAN_DRILLS)
@once
def end(request: Request, number: str) -> HttpResponse:
    """End a tabletop drill."""
    return _done(request, number, lambda one: drills.end_tabletop(
        one, request.user, timezone.now(), version=version_of(request)
    ), "演练已结束。")  # fmt: skip


@require_POST
@requires(May.SEE_DESK)
@once
def tick(request: Request, number: str, pk: int) -> HttpResponse:
    """An expected action is done."""
    step = get_object_or_404(DrillStep, pk=pk, drill__number=number)
    return _done(request, number, lambda one: drills.tick(
        one, step, request.POST.get("note", ""), request.user, timezone.now()
    ), f"已记录：{step.text}", "script")  # fmt: skip


@require_POST
@requires(May.SEE_DESK)
@once
def gap(request: Request, number: str) -> HttpResponse:
    """Something was missing."""
    found = get(number)
    form = forms.GapForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, gap=form)
    try:
        drills.add_gap(found, form.cleaned_data["text"], request.user, timezone.now())
    except DeskError as error:
        form.add_error("text" if error.field == "text" else None, error.message)
        return _page(request, found, 422, gap=form)
    messages.success(request, "差距已记录。")
    return _to(number, "gaps")


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def gap_ticket(request: Request, number: str) -> HttpResponse:
    """One tap: the gap (written down, or only shown by the result) becomes a ticket."""

    def act(one: Drill) -> None:
        text, now = request.POST.get("text", ""), timezone.now()
        kind = request.POST.get("kind", "")
        held = DrillGap.objects.filter(drill=one, text=text.strip()).first()
        if held is None:
            held = drills.add_gap(one, text, request.user, now)
        drills.gap_ticket(
            held, Kind.SERVICE_REQUEST if kind == "service_request" else Kind.PROBLEM,
            request.user, now,
        )  # fmt: skip

    return _done(request, number, act, "已转为工单。", "gaps")


@require_POST
@requires(May.BUILD_REPORTS)
@once
def report(request: Request, number: str) -> HttpResponse:
    """Draft the drill report (tender L682), or open the one there is."""
    get(number)
    try:
        made = reports.build(
            "drill", number, request.user, timezone.now(), address=address_of(request)
        )
    except FrozenError as error:
        messages.warning(request, str(error))
        held = Report.objects.filter(number=f"JAWS-{number}").order_by("-version").first()
        return redirect("report", held.pk) if held else redirect("drill", number)
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("drill", number)
    return redirect("report", made.pk)


def _done(request: Request, number: str, act: Any, said: str, anchor: str = "") -> HttpResponse:
    """Do one small thing; what is refused is told on the page, which is shown anew."""
    found = get(number)
    try:
        act(found)
    except DeskError as error:
        messages.error(request, error.message)
        return _page(request, get(number), 422)
    messages.success(request, said)
    return _to(number, anchor)


def _to(number: str, anchor: str) -> HttpResponse:
    response = redirect("drill", number)
    if anchor:
        response["Location"] += f"#{anchor}"
    return response


urlpatterns = [
    path("drills/<slug:number>/", drill, name="drill"),
    path("drills/<slug:number>/live/", live, name="drill-live"),
    path("drills/<slug:number>/start/", start, name="drill-start"),
    path("drills/<slug:number>/abort/", abort, name="drill-abort"),
    path("drills/<slug:number>/end/", end, name="drill-end"),
    path("drills/<slug:number>/tick/<int:pk>/", tick, name="drill-tick"),
    path("drills/<slug:number>/gap/", gap, name="drill-gap"),
    path("drills/<slug:number>/gap/ticket/", gap_ticket, name="drill-gap-ticket"),
    path("drills/<slug:number>/report/", report, name="drill-report"),
]
