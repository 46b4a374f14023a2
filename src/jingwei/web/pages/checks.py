"""检查与曲线: every check, what it knows now, and its history as a chart."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei import probes
from jingwei.accounts.mask import masked
from jingwei.accounts.roles import May
from jingwei.checks import actions, queries
from jingwei.checks.models import Check, Series
from jingwei.checks.queries.history import Span
from jingwei.checks.queries.status import CheckRow
from jingwei.rules import rule as rules
from jingwei.rules import units
from jingwei.terms import SHANGHAI, Result
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled
from jingwei.web.links import item_label, item_labels
from jingwei.web.paging import paginate

RANGES = {
    "24h": ("24 小时", timedelta(hours=24)),
    "7d": ("7 天", timedelta(days=7)),
    "35d": ("35 天", timedelta(days=34)),
    "year": ("一年", timedelta(days=365)),
}
MOST_LINES = 8  # lines of one chart a person can still tell apart
_WORST = (
    Result.ABNORMAL, Result.ATTENTION, Result.UNCHECKED, Result.NORMAL, Result.NOT_APPLICABLE,
)  # fmt: skip


class CheckFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "对象 / 检查 / 读数"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), *((one.value, one.label) for one in _WORST)],
    )  # fmt: skip
    item = forms.ChoiceField(label="检查项", required=False)
    probe = forms.ChoiceField(label="探针", required=False)
    target = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: object) -> None:
        super().__init__(data)
        found = {probe.name: probe.label for probe in probes.all_probes()}
        for name, choices in (("item", item_labels()), ("probe", found)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
            field.choices = [("", "全部"), *choices.items()]


@require_GET
@requires(May.SEE_BOARD)
def checks(request: Request) -> HttpResponse:
    """The list: worst first, filters in the URL."""
    form = CheckFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.check_status(
        request.as_of, target=wanted.get("target") or None, item=wanted.get("item") or None
    )
    counts = queries.status_counts(rows)
    rows = sorted(
        (row for row in rows if _fits(row, wanted)), key=lambda row: _WORST.index(row.result)
    )
    context = {
        "form": form,
        "page_obj": paginate(request, rows),
        "counts": [(one, counts[one]) for one in _WORST if counts[one]],
        "wanted": wanted,
        "overdue": queries.overdue(timezone.now()) if request.as_of is None else 0,
    }
    return render(request, "web/checks/list.html", context)


def _fits(row: CheckRow, wanted: dict[str, Any]) -> bool:
    if wanted.get("state") and row.result != wanted["state"]:
        return False
    if wanted.get("probe") and row.probe != wanted["probe"]:
        return False
    text = f"{row.target} {row.target_label} {row.label} {row.reading} {row.reason}".lower()
    return all(word in text for word in str(wanted.get("q", "")).lower().split())


@require_GET
@requires(May.SEE_BOARD)
def check(request: Request, pk: int) -> HttpResponse:
    """One check: what it knows now, why it says so, and its history."""
    found = _get(pk)
    state = getattr(found, "state", None)
    now = timezone.now()
    key, (_, span) = _range(request)
    spans = queries.timeline(found.pk, now - span, now)
    stoppages = list(queries.stoppages(found))
    context = {
        "check": found,
        "state": state,
        "item": item_label(found.item),
        "readings": [
            _reading(table, _measured(found.probe)) for table in (state.readings if state else [])
        ],
        "rules": [_rule_words(one) for one in rules.parse_all(found.rules)],
        "options": _options(found),
        "probe": _probe_label(found.probe),
        "ranges": [(name, label) for name, (label, _) in RANGES.items()],
        "range": key,
        "charts": charts(found),
        "band": band(spans, now - span, now),
        "spans": spans[::-1][:20],
        "finding": queries.open_by_check().get(found.pk),
        "stoppages": stoppages[:10],
        "off": next((one for one in stoppages if one.ended_at is None), None),
    }
    return render(request, "web/checks/check.html", context)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: a reading, its instances as lines."""

    name: str
    label: str
    unit: str
    ids: list[int]
    left_out: int


def charts(found: Check) -> list[Chart]:
    """One chart a reading and unit. Words have no chart: the state band shows them."""
    known = {
        table["key"]: table for table in getattr(getattr(found, "state", None), "readings", [])
    }
    parsed = rules.parse_all(found.rules)
    groups: dict[tuple[str, str], list[Series]] = {}
    for series in queries.series_of(found):
        value = known.get(str(series), {}).get("value")
        if isinstance(value, str | bool) or (value is None and not series.unit):
            continue
        groups.setdefault((series.name, series.unit), []).append(series)
    judged = {one.reading for one in parsed if one.limits()}
    made = []
    for (name, unit), members in groups.items():
        labels = [one.label_alone for one in parsed if one.reading == name]
        label = labels[0] if labels else _measured(found.probe).get(name, name)
        shown = members[:MOST_LINES]
        made.append(Chart(name, label, unit, [one.pk for one in shown], len(members) - len(shown)))
    return sorted(made, key=lambda chart: chart.name not in judged)


@require_GET
@requires(May.SEE_BOARD)
def history(request: Request, pk: int) -> HttpResponse:
    """The points of one chart as JSON: epoch milliseconds, value, worst result; and its limits."""
    found = _get(pk)
    now = timezone.now()
    _, (_, span) = _range(request)
    ids = [int(text) for text in request.GET.get("series", "").split(",") if text.isdigit()]
    members = list(queries.series_of(found).filter(pk__in=ids[:MOST_LINES]))
    if not members:
        return JsonResponse({"error": "没有这条曲线"}, status=404)
    lines = []
    for series in members:
        past = queries.history(series, now - span, now + timedelta(seconds=1), now=now)
        points = [[point.epoch * 1000, point.value, point.low, point.high, point.code]
                  for point in past.points]  # fmt: skip
        lines.append({"name": series.instance or "", "points": points, "grain": past.grain})
    return JsonResponse({
        "unit": units.shown(0, members[0].unit).removeprefix("0").strip(),
        "start": int((now - span).timestamp() * 1000), "end": int(now.timestamp() * 1000),
        "limits": limits_of(members[0]), "lines": lines,
    })  # fmt: skip


def limits_of(series: Series) -> list[dict[str, object]]:
    """The thresholds a chart draws as lines. What judges growth has no line among the values."""
    return [
        {
            "level": level.value,
            "label": f"{level.label} {units.shown(value, series.unit)}",
            "value": value,
        }
        for one in rules.parse_all(series.check_ref.rules)
        if one.reading == series.name and not one.delta
        for level, value in one.limits()
    ]


@require_POST
@requires(May.RUN_CHECKS)
def recheck(request: Request, pk: int) -> HttpResponse:
    """Run this check at once."""
    actions.recheck(_get(pk), timezone.now())
    messages.info(request, "已安排立即检查，几秒后刷新可见结果。")
    return redirect("check", pk)


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of the state band, in thousandths of its width."""

    x: float
    width: float
    result: str
    title: str


def band(spans: list[Span], start: datetime, end: datetime) -> list[Block]:
    """The hard states of a span as blocks of an SVG 1000 wide."""
    whole = (end - start).total_seconds()
    blocks = []
    for span in spans:
        left = (max(span.start, start) - start).total_seconds() / whole * 1000
        right = ((span.end or end) - start).total_seconds() / whole * 1000
        at = span.start.astimezone(SHANGHAI)
        title = f"{span.result.label} 自 {at:%m-%d %H:%M} {span.reading}".strip()
        width = max(1.0, right - left)
        blocks.append(Block(round(left, 1), round(width, 1), span.result.value, title))
    return blocks


def _range(request: Request) -> tuple[str, tuple[str, timedelta]]:
    key = request.GET.get("range", "24h")
    return (key, RANGES[key]) if key in RANGES else ("24h", RANGES["24h"])


def _get(pk: int) -> Check:
    try:
        return queries.check(pk)
    except Check.DoesNotExist:
        raise Http404(f"没有编号为 {pk} 的检查") from None


def _reading(table: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """A stored verdict for the page. What no rule judges is named by its probe and only shown."""
    value, judged = table.get("value"), bool(table.get("result"))
    if judged or value is None:
        return table | {"judged": judged}
    name, _, instance = str(table.get("key", "")).partition("[")
    label = f"{labels.get(name, name)} {instance.removesuffix(']')}".strip()
    finite = isinstance(value, bool | str) or math.isfinite(value)
    shown = units.shown(value, table.get("unit", "")) if finite else "—"
    return table | {"judged": False, "label": label, "shown": shown}


def _measured(probe: str) -> dict[str, str]:
    """What the readings of a probe are called; its own running time is in every check."""
    try:
        named = {measure.name: measure.label for measure in probes.find(probe).readings}
    except probes.UnknownProbeError:
        named = {}
    return {"check.took": "检查用时", **named}


def _rule_words(one: rules.Rule) -> dict[str, str]:
    """One rule in words."""
    words = dict(one.words)
    lasting = f"，持续 {round(one.hold / 60)} 分钟以上" if one.hold >= 60 else ""
    return {
        "label": one.label_alone + ("（增量）" if one.delta else ""),
        "good": one.threshold(),
        "warn": one.warn.bad(one.unit, words) + lasting if one.warn else "",
        "crit": one.crit.bad(one.unit, words) + lasting if one.crit else "",
        "when": one.when.reason if one.when else "",
        "why": one.why,
    }


def _options(found: Check) -> list[tuple[str, str]]:
    """The probe's options with their labels; secrets never leave the credential store."""
    try:
        labels = {field.name: field.label for field in probes.describe(probes.find(found.probe))}
    except probes.UnknownProbeError:
        labels = {}
    endpoint = found.endpoint
    given = {**(endpoint.settings if endpoint else {}), **found.options}
    return [(labels.get(name, name), str(value)) for name, value in masked(given).items()]


def _probe_label(name: str) -> str:
    try:
        return probes.find(name).label
    except probes.UnknownProbeError:
        return name


urlpatterns = [
    path("checks/", checks, name="checks"),
    path("checks/<int:pk>/", check, name="check"),
    path("checks/<int:pk>/history/", history, name="check-history"),
    path("checks/<int:pk>/recheck/", recheck, name="check-recheck"),
]
