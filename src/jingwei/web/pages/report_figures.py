"""The rows behind one number of a periodic report, as they were frozen with it."""

from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from jingwei.accounts.roles import May
from jingwei.reports import kinds, queries
from jingwei.reports.document import Behind
from jingwei.reports.models import Report
from jingwei.reports.periodic import appendix
from jingwei.reports.periodic.rows import APPENDICES, Rows, chosen
from jingwei.reports.snapshot import data_of
from jingwei.web.access import Request, requires
from jingwei.web.paging import paginate

SET = "rows"  # the name of the set in the address; every other name is a field of its rows
_PER_PAGE = 50


def address(pk: int, ref: Behind) -> str:
    """Where the rows behind a number of a report are shown."""
    asked = [(SET, ref.rows), *((name, word) for name, said in ref.where for word in said)]
    return f"{reverse('report-figures', args=[pk])}?{urlencode(asked)}"


@requires(May.SEE_REPORTS)
def figures(request: Request, pk: int) -> HttpResponse:
    """The rows a number counts: a table of their set, tickets opened from it."""
    try:
        held = queries.report(pk)
    except Report.DoesNotExist:
        raise Http404("没有这份报告") from None
    if not _has_rows(held):
        raise Http404("这类报告没有数字明细")
    ref = _asked(request)
    _, facts = data_of(held)
    shown = appendix.FIELDS[ref.rows]
    page = paginate(request, chosen(facts.rows, ref), per=_PER_PAGE)
    lines = [[(field, field.read(row)) for field in shown] for row in page]
    context = {
        "report": held, "page_obj": page, "lines": lines, "fields": shown,
        "title": APPENDICES[ref.rows], "chosen": _words(ref),
    }  # fmt: skip
    return render(request, "web/reports/figures.html", context)


def _has_rows(held: Report) -> bool:
    """Whether its kind freezes the rows its numbers count."""
    return any(
        field.name == SET and field.type is Rows for field in fields(kinds.of(held.kind).shape)
    )


def _asked(request: Request) -> Behind:
    """The reference an address holds; what names no set or no field of it is not found."""
    name = request.GET.get(SET, "")
    if name not in APPENDICES:
        raise Http404("没有这类明细")
    known = {field.name for field in fields(_row_of(name))}
    where = tuple(
        (field, tuple(request.GET.getlist(field))) for field in request.GET if field in known
    )
    return Behind(name, where)


def _row_of(name: str) -> Any:
    """The dataclass of a set's rows."""
    hints: dict[str, Any] = Rows.__annotations__
    (made,) = [each for each in hints[name].__args__ if is_dataclass(each)]
    return made


def _words(ref: Behind) -> list[str]:
    """The filter as a person reads it."""
    said = []
    for field, words in ref.where:
        shown = [appendix.OUTCOMES.get(word, word) for word in words]
        if field in ("works", "finished"):
            shown = [{"True": "是", "False": "否"}.get(word, word) for word in words]
        said.append("或".join(word or "未填" for word in shown))
    return said


urlpatterns = [path("reports/<int:pk>/figures/", figures, name="report-figures")]
