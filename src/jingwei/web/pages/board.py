"""今日: the daily routine of one date. Exceptions first, one tap to confirm, live."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.calendars import queries as calendars
from jingwei.checks import queries
from jingwei.checks.models import Finding
from jingwei.checks.queries.board import Board, BoardItem, BoardSection, Progress, Row
from jingwei.terms import Result
from jingwei.web import days
from jingwei.web.access import Request, requires
from jingwei.web.paging import paginate

ROUTINE = "daily"
PACE = {Progress.ASKED: 3, Progress.RUNNING: 3}  # seconds between live refreshes
CALM = 30


class BadDateError(ValueError):
    """`?date=` is no date; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """An exception with what is known of its finding."""

    row: Row
    finding: Finding | None

    @property
    def notes(self) -> int:
        """How many follow-ups there are."""
        return int(getattr(self.finding, "note_count", 0))


def day_of(request: Request) -> date:
    """The date of `?date=` (or of the form), else the as-of date or today."""
    text = (request.POST.get("date") or request.GET.get("date") or "").strip()
    if not text:
        return request.day
    try:
        return days.read(text)
    except ValueError as error:
        raise BadDateError(f"{error}。") from None


@require_GET
@requires(May.SEE_BOARD)
def board(request: Request) -> HttpResponse:
    """The page. `?state=` lists every row in one state; `?section=` opens one section."""
    try:
        day = day_of(request)
    except BadDateError as error:
        return render(request, "400.html", {"reason": str(error)}, status=400)
    found = queries.board(ROUTINE, day)
    context = page(found) | {"opened": request.GET.get("section", "")}
    wanted = request.GET.get("state", "")
    if wanted:
        context["wanted"] = wanted
        context["page_obj"] = paginate(request, filtered(found, wanted), per=50)
    return render(request, "web/board/board.html", context)


@require_GET
@requires(May.SEE_BOARD)
def live(request: Request) -> HttpResponse:
    """Only what moves: head, counters, exceptions, what waits, every section's progress."""
    try:
        found = queries.board(ROUTINE, day_of(request))
    except BadDateError as error:
        return HttpResponse(str(error), status=400)
    return live_response(request, found)


@require_GET
@requires(May.SEE_BOARD)
def section(request: Request, section_id: str) -> HttpResponse:
    """The rows of one section, fetched when somebody opens it."""
    try:
        found = queries.board(ROUTINE, day_of(request))
    except BadDateError as error:
        return HttpResponse(str(error), status=400)
    one = next((one for one in found.sections if one.id == section_id), None)
    if one is None:
        raise Http404(f"没有分节 {section_id}")
    return render(request, "web/board/_section.html", page(found) | section_page(one))


def live_response(request: HttpRequest, found: Board) -> HttpResponse:
    """The moving parts as out-of-band fragments, and how soon to ask again."""
    html = render_to_string("web/board/_live.html", page(found) | {"oob": True}, request)
    response = HttpResponse(html)
    response["X-Live"] = str(PACE.get(found.progress, CALM))
    response["X-Version"] = version(found)
    response["X-Open-Findings"] = str(queries.open_counts().total)
    return response


def version(found: Board) -> str:
    """Changes when any answer does: open sections are fetched again only then."""
    newest = max((row.result_id or 0 for row in found.rows), default=0)
    return f"{newest}-{found.progress}"


def page(found: Board) -> dict[str, object]:
    """What the board's templates show."""
    now = timezone.now()
    run = found.run
    return {
        "board": found,
        "run": run,
        "day": found.date,
        "is_today": found.date == timezone.localdate(now),
        "before": date.fromordinal(found.date.toordinal() - 1),
        "after": date.fromordinal(found.date.toordinal() + 1),
        "day_name": calendars.day_name(found.date),
        "working": calendars.working(found.date),
        "safeguard": calendars.safeguard(found.date),
        "exceptions": exceptional(found.exceptions),
        "waiting": by_item(found.waiting),
        "can_confirm_run": bool(run and run.finished_at and not run.confirmed_at),
        "busy": found.progress in PACE,
        "unconfirmed": sum(1 for row in found.exceptions if not row.confirmed),
        "pace": PACE.get(found.progress, CALM),
        "version": version(found),
    }


def exceptional(rows: Iterable[Row]) -> list[Exceptional]:
    """Exceptions with their findings and how many follow-ups each has: one query."""
    rows = list(rows)
    ids = [row.finding_id for row in rows if row.finding_id]
    findings = (
        queries.findings(open_only=False).filter(pk__in=ids).annotate(note_count=Count("notes"))
    )
    held = {finding.pk: finding for finding in findings} if ids else {}
    return [Exceptional(row, held.get(row.finding_id or 0)) for row in rows]


def by_item(rows: Iterable[Row]) -> list[tuple[str, str, str, list[Row]]]:
    """Manual rows grouped by item: (id, label, standard, rows)."""
    return [
        (item, label, standard, list(group))
        for (item, label, standard), group in groupby(
            rows, key=lambda row: (row.item, row.item_label, row.standard)
        )
    ]


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of an open section: unchecked rows that share a reason stand as one line."""

    item: BoardItem
    rows: list[Row]
    alike: list[tuple[str, list[Row]]]
    confirmable: int


def item_view(item: BoardItem) -> ItemView:
    """More than three unchecked rows with one reason say it once."""
    reasons = Counter(row.reason for row in item.rows if row.result is Result.UNCHECKED)
    folded = {reason for reason, count in reasons.items() if count > 3 and item.mode == "automatic"}
    alone = [
        row for row in item.rows if row.result is not Result.UNCHECKED or row.reason not in folded
    ]
    alike = [
        (
            reason,
            [row for row in item.rows if row.result is Result.UNCHECKED and row.reason == reason],
        )
        for reason in reasons
        if reason in folded
    ]
    return ItemView(item, alone, alike, sum(1 for row in alone if confirmable(row)))


def confirmable(row: Row) -> bool:
    """A normal automatic answer nobody has confirmed yet."""
    return row.result is Result.NORMAL and row.source == "automatic" and not row.confirmed


def section_page(one: BoardSection) -> dict[str, object]:
    """What an open section shows."""
    views = [item_view(item) for item in one.items]
    return {
        "section": one,
        "views": views,
        "confirmable": sum(view.confirmable for view in views),
    }


def filtered(found: Board, wanted: str) -> list[Row]:
    """The rows behind one of the counters."""
    checked = (Result.NORMAL, Result.ATTENTION, Result.ABNORMAL)
    if wanted == "planned":
        return found.rows
    if wanted == "checked":
        return [row for row in found.rows if row.result in checked]
    return [row for row in found.rows if row.result == wanted]


urlpatterns = [
    path("", board, name="board"),
    path("board/live/", live, name="board-live"),
    path("board/section/<slug:section_id>/", section, name="board-section"),
]
