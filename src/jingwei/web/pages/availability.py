"""可用性与时限: the 8.8 h and the 24 h of the contract, used so far and where it leads."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.contract import queries as contracts
from jingwei.desk import queries as desk
from jingwei.desk.queries import Outage
from jingwei.emergency import queries as emergency
from jingwei.emergency.queries import Spell
from jingwei.sla.availability import (
    Availability,
    Budget,
    Downtime,
    Term,
    availability,
    emergency_budget,
)
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Cause
from jingwei.web.access import Request, requires

PERCENT, HOURS = 0.999, timedelta(hours=8.8)  # tender L700
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page shows about one term."""

    term: Term
    watched: datetime | None
    outages: list[Outage]
    spells: list[Spell]
    percent: Availability
    hours: Availability
    budget: Budget

    @property
    def judged(self) -> bool:
        """Whether anybody watched in this term: before that no figure is one."""
        return self.watched is not None

    @property
    def conflict(self) -> bool:
        """Between 8.76 h and 8.8 h the tender contradicts itself (ambiguity A02)."""
        return self.percent.met != self.hours.met


@require_GET
@requires(May.SEE_DESK)
def page(request: Request) -> HttpResponse:
    """Both budgets with the rows behind them."""
    contract = contracts.current(request.day)
    now = _moment(request)
    context = {
        "contract": contract, "now": now,
        "figures": _figures(contracts.term_of(contract), now) if contract else None,
        "causes": list(Cause),
    }  # fmt: skip
    return render(request, "web/todo/availability.html", context)


@require_GET
@requires(May.SEE_DESK)
def history(request: Request) -> JsonResponse:
    """The burn-down of both budgets, one point a day, as `chart.js` reads it."""
    contract = contracts.current(request.day)
    if contract is None:
        return JsonResponse({"error": "这一天没有在服务期内的合同"}, status=404)
    now = _moment(request)
    figures = _figures(contracts.term_of(contract), now)
    kind = request.GET.get("budget", "downtime")
    downs = (
        [each.downtime for each in figures.spells]
        if kind == "emergency"
        else [each.downtime for each in figures.outages]
    )
    return JsonResponse(_chart(kind, figures, downs, now))


def _moment(request: Request) -> datetime:
    if request.as_of is None:
        return timezone.now()
    return datetime.combine(request.as_of + _DAY, time(), SHANGHAI) - timedelta(seconds=1)


def _figures(term: Term, now: datetime) -> Figures:
    until = min(term.end, now)
    outages = desk.outages(term.start, until)
    spells = emergency.spells(term.start, until)
    downs = [each.downtime for each in outages]
    return Figures(
        term=term,
        watched=contracts.watched_from(term, now),
        outages=outages,
        spells=spells,
        percent=availability(downs, term, now, at_least=PERCENT, at_most=term.length),
        hours=availability(downs, term, now, at_least=0.0, at_most=HOURS),
        budget=emergency.budget(term, now),
    )


def _chart(kind: str, figures: Figures, downs: list[Downtime], now: datetime) -> dict[str, object]:
    """Hours used by the end of each day, as `chart.js` draws a daily line, and the limit."""
    points = []
    until = min(figures.term.end, now)
    # Before anybody watched there is no line: nothing known is not nothing lost.
    known = [down.start for down in downs] + ([figures.watched] if figures.watched else [])
    day = day_of(max(figures.term.start, min(known, default=until)))
    while figures.watched is not None and midnight(day) < until:
        at = min(midnight(day + _DAY), until)
        if kind == "emergency":
            used = emergency_budget(downs, figures.term, at).used
        else:
            used = availability(downs, figures.term, at).counted
        hours = round(used.total_seconds() / 3600, 3)
        points.append([_ms(at), hours, hours, hours, 0])
        day += _DAY
    limit = figures.budget.limit if kind == "emergency" else figures.percent.limit
    hours = round(limit.total_seconds() / 3600, 2)
    return {
        "start": _ms(figures.term.start), "end": _ms(figures.term.end), "unit": "小时",
        "limits": [{"value": hours, "label": f"限值 {hours:g} 小时", "level": "abnormal"}],
        "lines": [{"name": "已用", "grain": "daily", "points": points}],
    }  # fmt: skip


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


urlpatterns = [
    path("availability/", page, name="availability"),
    path("availability/history/", history, name="availability-history"),
]
