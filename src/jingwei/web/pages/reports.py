"""Pages of the room reports: the list, one version with its preview, the rows behind a number."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.checks.content import ContentError
from jingwei.reports import actions, kinds, periodic, queries
from jingwei.reports.daily.sheet import Counts, count
from jingwei.reports.document import Behind, RowsRef
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.files import FORMATS, name_of
from jingwei.reports.fonts import FontsMissingError
from jingwei.reports.life import OPEN
from jingwei.reports.models import Report, ReportState
from jingwei.reports.preview import preview
from jingwei.reports.snapshot import data_of, document_of, subject_of, thaw
from jingwei.terms import Result
from jingwei.web import days
from jingwei.web.access import Request, address_of, requires
from jingwei.web.once import once
from jingwei.web.pages import report_figures, report_forms, report_templates
from jingwei.web.paging import paginate

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BADGES = {
    ReportState.DRAFT: ("◇", "info"),
    ReportState.REVIEWED: ("◈", "info"),
    ReportState.SUBMITTED: ("◆", "attention"),
    ReportState.DELIVERED: ("◆", "attention"),
    ReportState.SIGNED: ("●", "normal"),
    ReportState.RETURNED: ("✕", "abnormal"),
    ReportState.ARCHIVED: ("●", "normal"),
}
APPENDIX = "附件"
_SHOWN_CHANGES = 12


@requires(May.SEE_REPORTS)
def reports(request: Request) -> HttpResponse:
    """The list: every version, the newest day first."""
    given = request.GET
    problems: list[str] = []
    day = _date(given.get("date"), "日期", problems)
    start = day or _date(given.get("from"), "起始日期", problems)
    end = day or _date(given.get("to"), "截止日期", problems) or request.as_of
    state = given.get("state", "") if given.get("state") in ReportState.values else ""
    newest_only = given.get("all") != "1"
    kind = given.get("kind", "") if given.get("kind") in kinds.KINDS else ""
    found = queries.reports(
        kind=kind,
        state=state,
        start=start,
        end=end,
        text=given.get("q", ""),
        newest_only=newest_only,
    )
    page = paginate(request, found)
    for one in page:
        one.badge = _badge(one)
        one.label = kinds.of(one.kind).label
    context = {
        "page_obj": page, "states": ReportState.choices, "state": state, "problems": problems,
        "start": given.get("from", ""), "end": given.get("to", ""), "date": given.get("date", ""),
        "q": given.get("q", ""), "all": not newest_only, "build_day": day or request.day,
        "kinds": kinds.KINDS.values(), "kind": kind, "periodic": _offered(request),
        "filtered": bool(kind or state or start or end or given.get("q")),
    }  # fmt: skip
    return render(request, "web/reports/list.html", context)


@requires(May.SEE_REPORTS)
def report(request: Request, pk: int) -> HttpResponse:
    """One version: preview, state, steps, versions, downloads and what may be done next."""
    return page(request, _get(pk))


def page(request: Request, held: Report, *, status: int = 200, **refused: Any) -> HttpResponse:
    """The page of one version; `refused` are forms that come back with their errors."""
    pk = held.pk
    kind = kinds.of(held.kind)
    _, facts = data_of(held)
    daily = kind is kinds.DAILY
    here = reverse("report-rows", args=[pk])

    def link(rows: RowsRef | Behind) -> str:
        if isinstance(rows, Behind):
            return report_figures.address(pk, rows)
        chosen = {"section": rows.section, "item": rows.item, "result": rows.result,
                  "target": rows.target}  # fmt: skip
        return f"{here}?{urlencode({key: value for key, value in chosen.items() if value})}"

    full = request.GET.get("appendix") == "1" or not daily
    document = document_of(held)
    state, sentence = kind.conclude(facts)
    newest = queries.is_newest(held)
    context = {
        "report": held, "badge": _badge(held), "result": state, "conclusion": sentence,
        "tiles": _tiles(count(facts.answers)) if daily else [], "cover": document.cover,
        "kind": kind, "subject": subject_of(held),
        "blocks": preview(document, link, until="" if full else APPENDIX), "full": full,
        "versions": _versions(held), "newest": newest, "steps": list(held.steps.all()),
        "problems": queries.verify(held).problems, "compared": _compared(held) if daily else None,
        "demonstration": facts.project.demonstration,
        "draft": held.state in OPEN, **report_forms.life(request, held, newest, **refused),
    }  # fmt: skip
    return render(request, "web/reports/report.html", context, status=status)


@requires(May.SEE_REPORTS)
def rows(request: Request, pk: int) -> HttpResponse:
    """The rows behind one number of a report, as they were frozen."""
    held = _get(pk)
    if held.kind != kinds.DAILY.name:
        raise Http404("只有日检报告可查看明细")
    sheet = thaw(held).sheet
    given = {name: request.GET.get(name, "") for name in ("section", "item", "result", "target")}
    found = list(queries.rows(sheet, **given))
    page = paginate(request, found, per=50)
    context = {
        "report": held, "badge": _badge(held), "page_obj": page, "day": held.period_start,
        "chosen": [word for word in _chosen(sheet.sections, given) if word], "total": len(found),
    }  # fmt: skip
    return render(request, "web/reports/rows.html", context)


@require_GET
@requires(May.SEE_REPORTS)
def fresh(request: Request, pk: int) -> HttpResponse:
    """A line when the day's answers changed after a draft was made; loaded after the page."""
    held = _get(pk)
    stale = (
        held.state in OPEN and queries.is_newest(held) and queries.outdated(held, timezone.now())
    )
    return render(request, "web/reports/_fresh.html", {"report": held, "stale": stale})


@require_GET
@requires(May.SEE_REPORTS)
def file(request: Request, pk: int, suffix: str) -> HttpResponse:
    """Download: a submitted version's kept file, or a draft drawn now."""
    held = _get(pk)
    if suffix not in FORMATS:
        raise Http404("没有这种格式")
    try:
        data = actions.contents_of(held, (suffix,))[suffix]
    except (ReportError, FontsMissingError) as error:
        messages.error(request, str(error))
        return redirect("report", pk=pk)
    name = name_of(held.number, held.version, suffix)
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        data, content_type=MEDIA[suffix], headers={"Content-Disposition": disposition}
    )


@require_POST
@requires(May.BUILD_REPORTS)
@once
def build(request: Request) -> HttpResponse:
    """Build the report of a day; a frozen one is shown, never changed."""
    problems: list[str] = []
    day = _date(request.POST.get("date"), "日期", problems)
    if day is None:
        messages.error(request, problems[0] if problems else "请选择日期")
        return redirect("reports")
    try:
        made = actions.build_daily(day, request.user, timezone.now(), address=address_of(request))
    except FrozenError as error:
        messages.warning(request, str(error))
        held = queries.of_day("daily", day)
        return redirect("report", pk=held.pk) if held else redirect("reports")
    except (ReportError, ContentError) as error:
        messages.error(request, str(error))
        return redirect("reports")
    return redirect("report", pk=made.pk)


@require_POST
@requires(May.BUILD_REPORTS)
@once
def build_period(request: Request) -> HttpResponse:
    """Build a report asked for by its period or subject; a frozen one is shown, never changed."""
    kind, subject = request.POST.get("kind", ""), request.POST.get("period", "").strip()
    if kind not in {one.name for one in (*kinds.ASKED, *kinds.OF_TICKET)}:
        messages.error(request, "请选择要生成的报告类别")
        return redirect("reports")
    try:
        made = actions.build(
            kind, subject, request.user, timezone.now(), address=address_of(request)
        )
    except FrozenError as error:
        messages.warning(request, str(error))
        held = queries.newest(kinds.of(kind).number(subject))
        return redirect("report", pk=held.pk) if held else redirect("reports")
    except (ReportError, ContentError) as error:
        messages.error(request, str(error))
        return redirect("reports")
    return redirect("report", pk=made.pk)


@require_POST
@requires(May.BUILD_REPORTS)
@once
def new_version(request: Request, pk: int) -> HttpResponse:
    """A new version of a submitted, signed or returned one, with its reason."""
    held = _get(pk)
    reason = request.POST.get("reason", "")
    try:
        made = actions.new_version(
            held, reason, request.user, timezone.now(), address=address_of(request)
        )
    except (ReportError, ContentError) as error:
        messages.error(request, str(error))
        return redirect("report", pk=pk)
    return redirect("report", pk=made.pk)


def _offered(request: Request) -> list[dict[str, str]]:
    """The periodic kinds with how a period is written, and the one that holds the day."""
    now = periodic.proposed(request.day)
    return [
        {"name": one.name, "label": one.label, "shape": one.asked,
         "period": now.get(one.span, "")}
        for one in kinds.ASKED
    ]  # fmt: skip


def _get(pk: int) -> Report:
    try:
        return queries.report(pk)
    except Report.DoesNotExist:
        raise Http404("没有这份报告") from None


def _date(text: str | None, name: str, problems: list[str]) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return days.read(text, name)
    except ValueError as error:
        problems.append(str(error))
        return None


def _badge(held: Report) -> dict[str, str]:
    sign_, kind = BADGES[ReportState(held.state)]
    return {"sign": sign_, "word": held.get_state_display(), "kind": kind}


def _tiles(counts: Counts) -> list[tuple[str, int, str]]:
    """What the numbers beside the preview are called, and the rows they open."""
    return [
        ("应检", counts.planned, ""), ("已检", counts.checked, "checked"),
        ("正常", counts.normal, Result.NORMAL), ("异常", counts.abnormal, Result.ABNORMAL),
        ("关注", counts.attention, Result.ATTENTION), ("未检", counts.unchecked, Result.UNCHECKED),
    ]  # fmt: skip


def _versions(held: Report) -> list[dict[str, Any]]:
    found = queries.versions(held.number)
    return [
        {"report": one, "badge": _badge(one), "here": one.pk == held.pk} for one in reversed(found)
    ]


def _compared(held: Report) -> dict[str, Any] | None:
    """What this version says otherwise than the one before it."""
    if held.version == 1:
        return None
    before = Report.objects.filter(number=held.number, version=held.version - 1).first()
    if before is None:
        return None
    changes = queries.changes(thaw(before).sheet, thaw(held).sheet)
    return {"version": before.version, "pk": before.pk, "total": len(changes),
            "lines": changes[:_SHOWN_CHANGES]}  # fmt: skip


def _chosen(sections: Any, given: dict[str, str]) -> list[str]:
    """The filter in words: section, item, result, target."""
    section = next((one.label for one in sections if one.id == given["section"]), "")
    items = [item for one in sections for item in one.items if item.id == given["item"]]
    words = {"checked": "已检"} | {result.value: result.label for result in Result}
    word = words.get(given["result"], "")
    return [section, items[0].label if items else "", word, given["target"]]


urlpatterns = [
    *report_figures.urlpatterns,
    *report_templates.urlpatterns,
    path("reports/", reports, name="reports"),
    path("reports/build/", build, name="report-build"),
    path("reports/build-period/", build_period, name="report-build-period"),
    path("reports/<int:pk>/", report, name="report"),
    path("reports/<int:pk>/rows/", rows, name="report-rows"),
    path("reports/<int:pk>/fresh/", fresh, name="report-fresh"),
    path("reports/<int:pk>/file/<slug:suffix>/", file, name="report-file"),
    path("reports/<int:pk>/new-version/", new_version, name="report-new-version"),
]
