"""合同履约: a light for every obligation, each opening to its evidence and its reading."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django import forms
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.contract import queries
from jingwei.contract.models import Ambiguity
from jingwei.contract.queries import Assessed
from jingwei.contract.queries.waiting import waiting
from jingwei.sla.measures import MEASURES
from jingwei.sla.measures.periods import Every, periods
from jingwei.sla.owed import Owed, between
from jingwei.terms import SHANGHAI
from jingwei.terms.obligation import Proof, Standing
from jingwei.web import assessed
from jingwei.web.access import Request, allowed, requires
from jingwei.web.assessed import View
from jingwei.web.burndown import lines_of
from jingwei.web.forms import Styled
from jingwei.web.paging import paginate

KINDS = {
    "cadence": "周期", "response-time": "时限", "threshold": "指标", "budget": "额度",
    "document": "文件", "staffing": "人员", "prohibition": "禁止", "on-demand": "按需",
    "training": "培训", "scope": "范围", "process": "过程", "qualification": "资质",
    "commercial": "商务",
}  # fmt: skip
WEEK = timedelta(days=6)


class ComplianceFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False, max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "原文 / 条款 / 代码"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), *((each.value, each.label) for each in Standing)],
    )  # fmt: skip
    kind = forms.ChoiceField(label="性质", required=False, choices=[("", "全部"), *KINDS.items()])
    proof = forms.ChoiceField(
        label="取证", required=False,
        choices=[("", "全部"), *((each.value, each.label) for each in Proof)],
    )  # fmt: skip
    report = forms.CharField(label="所在报告", required=False, max_length=32)


def view(request: Request) -> View | None:
    """The contract of the day asked for, assessed as of it; None without a contract."""
    contract = queries.current(request.day)
    if contract is None:
        return None
    return assessed.assessed(contract, moment(request), past=request.as_of is not None)


def moment(request: Request) -> datetime:
    """Now, or the last second of a past day."""
    if request.as_of is None:
        return timezone.now()
    after = datetime.combine(request.as_of + timedelta(days=1), time(), SHANGHAI)
    return after - timedelta(seconds=1)


@require_GET
@requires(May.SEE_DESK)
def compliance(request: Request) -> HttpResponse:
    """All obligations by clause, what is wrong countable at a glance."""
    found = view(request)
    if found is None:
        return render(request, "web/contract/none.html")
    form = ComplianceFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = [row for row in found.rows if _fits(row, wanted)]
    context = {
        "contract": found.contract, "as_known": found.now, "lines": lines_of(found.budgets),
        "waiting": waiting(found.contract, found.rows, found.owed),
        "form": form, "shown": len(rows), "total": len(found.rows),
        "filtered": any(wanted.values()), "counts": _counts(found.rows),
        "clauses": [
            (clause, list(group))
            for clause, group in groupby(rows, key=lambda row: row.obligation.clause)
        ],
    }  # fmt: skip
    return render(request, "web/contract/compliance.html", context)


def _fits(row: Assessed, wanted: dict[str, str]) -> bool:
    held, verdict = row.obligation, row.assessment.verdict
    text = f"{held.key} {held.clause} {held.text} {held.note}".lower()
    return (
        all(word.lower() in text for word in wanted.get("q", "").split())
        and wanted.get("state") in (None, "", verdict.standing)
        and wanted.get("kind") in (None, "", held.kind)
        and wanted.get("proof") in (None, "", held.proof)
        and (not wanted.get("report") or wanted["report"] in held.reports)
    )


def _counts(rows: Iterable[Assessed]) -> list[tuple[Standing, int]]:
    counts = Counter(row.assessment.verdict.standing for row in rows)
    return [(each, counts[each]) for each in Standing]


@require_GET
@requires(May.SEE_DESK)
def obligation(request: Request, key: str) -> HttpResponse:
    """One obligation: its words, how it is judged, every row of evidence."""
    found = view(request)
    row = next((r for r in found.rows if r.obligation.key == key), None) if found else None
    if found is None or row is None:
        raise Http404(f"没有代码为 {key} 的义务")
    held = row.obligation
    questions = Ambiguity.objects.filter(
        contract=queries.origin(found.contract), key__in=held.ambiguities
    )
    context = {
        "contract": found.contract, "row": row, "verdict": row.assessment.verdict,
        "kind": KINDS.get(held.kind, held.kind), "measure": MEASURES[held.measure],
        "questions": questions, "page_obj": paginate(request, row.assessment.verdict.lines),
        "decides": allowed(request, May.APPROVE_TICKETS), "days": _history(found),
        "lines": lines_of([each for each in found.budgets if each.obligation == key]),
    }  # fmt: skip
    return render(request, "web/contract/obligation.html", context)


def _history(found: View) -> list[date]:
    """The last day of every month of the term that is over, the newest first."""
    months = periods(Every.MONTH, queries.term_of(found.contract))
    return [month.last for month in reversed(months) if month.due <= found.now]


@require_GET
@requires(May.SEE_DESK)
def stood(request: Request, key: str, day: str) -> HttpResponse:
    """Where one obligation stood at the end of a past day, for the history: loaded when seen."""
    contract = queries.current(request.day)
    asked = _day(day)
    if contract is None or asked is None or not asked < timezone.localdate():
        raise Http404("没有这一天的评定")
    if not contract.period_start <= asked <= contract.period_end:
        raise Http404("这一天不在服务期内")
    found = assessed.on(contract, asked).get(key)
    if found is None:
        raise Http404(f"没有代码为 {key} 的义务")
    return render(request, "web/contract/_stood.html", {"standing": found[0], "value": found[1]})


def _day(given: str) -> date | None:
    """A day as written in an address, `2023-05-31`; None for anything else."""
    try:
        return parse_date(given) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", given) else None
    except ValueError:  # a day no month has
        return None


@require_GET
@requires(May.SEE_DESK)
def manager(request: Request) -> HttpResponse:
    """One page for a phone: how it stands, what is broken, what he must decide, what comes."""
    found = view(request)
    if found is None:
        return render(request, "web/contract/none.html")
    today = found.now.astimezone(SHANGHAI).date()
    context = {
        "contract": found.contract, "counts": _counts(found.rows),
        "lines": lines_of(found.budgets),
        "waiting": waiting(found.contract, found.rows, found.owed),
        "broken": [r for r in found.rows if _is(r, Standing.BREACHED)],
        "undecided": [r for r in found.rows if _is(r, Standing.NOT_AGREED)],
        "coming": [
            d for d in between(found.owed, today, today + WEEK)
            if d.what != "daily" and d.last <= today + WEEK
        ],
        "labels": queries.labels(found.contract),
        "missed": _recent(queries.missed(found.owed)),
    }  # fmt: skip
    return render(request, "web/contract/manager.html", context)


def _is(row: Assessed, standing: Standing) -> bool:
    return row.assessment.verdict.standing is standing


def _recent(rows: list[Owed], most: int = 10) -> list[Owed]:
    return sorted(rows, key=lambda row: row.due, reverse=True)[:most]


urlpatterns = [
    path("compliance/", compliance, name="compliance"),
    path("compliance/manager/", manager, name="compliance-manager"),
    path("compliance/<str:key>/", obligation, name="obligation"),
    path("compliance/<str:key>/on/<str:day>/", stood, name="obligation-on"),
]
