"""应急预案: to read and to print, every version of each."""

from itertools import groupby

from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.emergency import queries
from jingwei.emergency.models import Plan
from jingwei.web.access import Request, requires


@require_GET
@requires(May.SEE_DESK)
def plans(request: Request) -> HttpResponse:
    """The plans in force; `q` finds by sign or title, for somebody who sees a symptom."""
    text = request.GET.get("q", "").strip()[:100]
    rows = list(queries.plans())
    if text:
        rows = [
            plan for plan in rows
            if text.lower() in f"{plan.title}{plan.scope}{plan.signs}".lower()
        ]  # fmt: skip
    return render(request, "web/emergency/plans.html", {"plans": rows, "q": text})


@require_GET
@requires(May.SEE_DESK)
def plan(request: Request, key: str, version: int | None = None) -> HttpResponse:
    """One plan, phase by phase."""
    try:
        held = queries.plan(key, version)
    except Plan.DoesNotExist:
        raise Http404("没有这份预案") from None
    steps = groupby(held.steps.all(), key=lambda step: step.get_phase_display())
    context = {
        "plan": held, "phases": [(phase, list(rows)) for phase, rows in steps],
        "versions": queries.plan_versions(key),
    }  # fmt: skip
    return render(request, "web/emergency/plan.html", context)


urlpatterns = [
    path("plans/", plans, name="plans"),
    path("plans/<slug:key>/", plan, name="plan"),
    path("plans/<slug:key>/<int:version>/", plan, name="plan-version"),
]
