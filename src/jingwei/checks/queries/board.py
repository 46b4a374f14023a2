"""The board of one routine on one date: counts, exceptions first, every row behind them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count

from jingwei.checks import content
from jingwei.checks.models import ItemResult, RoutineRun
from jingwei.checks.queries import plan
from jingwei.checks.queries.status import standing
from jingwei.terms import Result

NOT_YET = "尚未检查"
RUNNING = "正在检查"
MANUAL = "待人工检查"


class Progress(StrEnum):
    """How far the routine is on that date."""

    NONE = "none"  # nobody asked for it
    ASKED = "asked"  # requested, a worker has not begun
    RUNNING = "running"
    DONE = "done"  # the automatic part; people may still answer


@dataclass(frozen=True, slots=True)
class Counts:
    """应检 = 已检 (normal, attention, abnormal) + 未检 + 不适用: always, nothing is skipped."""

    planned: int = 0
    normal: int = 0
    attention: int = 0
    abnormal: int = 0
    unchecked: int = 0
    not_applicable: int = 0

    @property
    def checked(self) -> int:
        """已检: a verdict was reached."""
        return self.normal + self.attention + self.abnormal

    @property
    def worst(self) -> Result:
        """The result that colours a tile. Nothing planned is 不适用."""
        if self.abnormal:
            return Result.ABNORMAL
        if self.attention:
            return Result.ATTENTION
        if self.unchecked:
            return Result.UNCHECKED
        return Result.NORMAL if self.normal else Result.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Row:
    """One item at one target and its answer. `result_id` is None while there is no answer."""

    item: str
    item_label: str
    section: str
    standard: str
    mode: str  # "automatic" | "manual"
    until: str  # the room that will judge it, or ""
    target_id: int
    target: str
    target_kind: str
    target_label: str
    result: Result
    reading: str = ""
    threshold: str = ""
    trend: str = ""
    reason: str = ""
    note: str = ""
    at: datetime | None = None
    source: str = ""  # "automatic" | "manual" | ""
    by_name: str = ""
    confirmed: bool = False  # a person stands behind it
    late: bool = False
    finding_id: int | None = None
    result_id: int | None = None
    check_id: int | None = None
    files: int = 0

    @property
    def waiting(self) -> bool:
        """A person is expected to answer this."""
        return self.mode == "manual" and self.result is Result.UNCHECKED


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One item of the sheet with its rows, exceptions first."""

    id: str
    label: str
    standard: str
    mode: str
    until: str
    counts: Counts
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class BoardSection:
    """One section of the sheet."""

    id: str
    number: int
    label: str
    counts: Counts
    items: tuple[BoardItem, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the page 今日, the wall and the daily report show of one date."""

    routine: str
    label: str
    date: date
    run: RoutineRun | None
    progress: Progress
    counts: Counts
    sections: tuple[BoardSection, ...]
    exceptions: tuple[Row, ...]  # abnormal, then attention
    waiting: tuple[Row, ...]  # manual items nobody answered yet
    unchecked_reasons: tuple[tuple[str, int], ...]  # most frequent first

    @property
    def rows(self) -> list[Row]:
        """All rows, in the sheet's order of sections and items."""
        return [row for section in self.sections for item in section.items for row in item.rows]


def board(routine: str | content.Routine, on: date) -> Board:
    """The board of a routine on a date. Raises UnknownRoutineError.

    A finished run shows exactly the answers it has; before that, what is planned and has no
    answer yet is 未检 and says so.
    """
    asked = plan.routine(routine) if isinstance(routine, str) else routine
    run = RoutineRun.objects.filter(routine=asked.id, date=on).first()
    answers = _answers(run) if run else {}
    done = bool(run and run.finished_at)
    targets = plan.live_targets(on)
    known = set(answers) if done else None
    blank = RUNNING if run and run.started_at and not done else NOT_YET
    checks = _checks()
    rows = [
        answers.get((place.item.id, place.target.id)) or _blank(place, blank)
        for place in plan.places(asked, targets)
        if known is None or (place.item.id, place.target.id) in known
    ]
    shown = {(row.item, row.target_id) for row in rows}
    rows += [row for key, row in answers.items() if key not in shown]
    items = {item.id: item for item in asked.items}
    return assemble(asked, on, run, [_complete(row, items, checks) for row in rows])


def assemble(
    asked: content.Routine, on: date, run: RoutineRun | None, rows: Sequence[Row]
) -> Board:
    """Sort rows into sections and items, exceptions first, and count them. Pure."""
    by_item: dict[str, list[Row]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    sections = []
    for section in asked.sections:
        items = [
            _item(item, by_item.get(item.id, [])) for item in asked.items
            if item.section == section.id
        ]  # fmt: skip
        held = [row for item in items for row in item.rows]
        sections.append(
            BoardSection(section.id, section.number, section.label, count(held), tuple(items))
        )
    if dropped := [row for row in rows if row.item not in {item.id for item in asked.items}]:
        sections.append(_dropped(dropped))
    ordered = sorted(rows, key=_severity)
    reasons = Counter(row.reason for row in rows if row.result is Result.UNCHECKED)
    return Board(
        routine=asked.id,
        label=asked.label,
        date=on,
        run=run,
        progress=_progress(run),
        counts=count(rows),
        sections=tuple(sections),
        exceptions=tuple(row for row in ordered if _severity(row) < 2),
        waiting=tuple(row for row in rows if row.waiting),
        unchecked_reasons=tuple(reasons.most_common()),
    )


def count(rows: Iterable[Row]) -> Counts:
    """Count rows by result. Pure."""
    tally = Counter(row.result for row in rows)
    return Counts(
        planned=tally.total(),
        normal=tally[Result.NORMAL],
        attention=tally[Result.ATTENTION],
        abnormal=tally[Result.ABNORMAL],
        unchecked=tally[Result.UNCHECKED],
        not_applicable=tally[Result.NOT_APPLICABLE],
    )


def _severity(row: Row) -> int:
    order = (Result.ABNORMAL, Result.ATTENTION, Result.UNCHECKED, Result.NORMAL)
    return order.index(row.result) if row.result in order else len(order)


def _item(item: content.Item, rows: Sequence[Row]) -> BoardItem:
    ordered = tuple(sorted(rows, key=_severity))
    return BoardItem(
        item.id, item.label, item.standard, item.mode, item.until, count(rows), ordered
    )


def _dropped(rows: Sequence[Row]) -> BoardSection:
    """Answers to items the content no longer has: kept in sight, so that the sums stay true."""
    items = []
    for item_id in dict.fromkeys(row.item for row in rows):
        held = [row for row in rows if row.item == item_id]
        items.append(BoardItem(item_id, held[0].item_label, "", "", "", count(held), tuple(held)))
    return BoardSection("dropped", 99, "已取消的检查项", count(rows), tuple(items))


def _progress(run: RoutineRun | None) -> Progress:
    if run is None:
        return Progress.NONE
    if run.finished_at:
        return Progress.DONE if run.due is None else Progress.RUNNING
    return Progress.RUNNING if run.started_at else Progress.ASKED


def _blank(place: plan.Place, reason: str) -> Row:
    item, target = place.item, place.target
    if item.mode == "manual":
        reason = MANUAL
    return Row(
        item=item.id, item_label=item.label, section=item.section, standard=item.standard,
        mode=item.mode, until=item.until, target_id=target.id, target=target.key,
        target_kind=target.kind, target_label=target.label, result=Result.UNCHECKED, reason=reason,
    )  # fmt: skip


def _answers(run: RoutineRun) -> dict[tuple[str, int], Row]:
    """The current answer of every (item, target id) of a run. Two queries."""
    files = dict(
        ItemResult.objects.filter(run=run, current=True, files__isnull=False)
        .annotate(number=Count("files"))
        .values_list("id", "number")
    )
    found = ItemResult.objects.filter(run=run, current=True).values_list(
        "id", "item", "target_id", "target__key", "target__kind", "target__label", "result",
        "reading", "threshold", "trend", "reason", "note", "at", "source", "by_id", "by_name",
        "late", "finding_id",
    ).order_by("target__order", "target__key")  # fmt: skip
    return {
        (item, target_id): Row(
            item=item, item_label=item, section="", standard="", mode="", until="",
            target_id=target_id, target=key, target_kind=kind, target_label=label,
            result=Result(result), reading=reading, threshold=threshold, trend=trend,
            reason=reason, note=note, at=at, source=source, by_name=by_name,
            confirmed=by_id is not None, late=late, finding_id=finding, result_id=pk,
            files=files.get(pk, 0),
        )
        for (
            pk, item, target_id, key, kind, label, result, reading, threshold, trend, reason,
            note, at, source, by_id, by_name, late, finding,
        ) in found
    }  # fmt: skip


def _checks() -> dict[tuple[str, int], int]:
    found = standing().order_by("-id")
    return {(item, target): pk for pk, item, target in found.values_list("id", "item", "target")}


def _complete(
    row: Row, items: Mapping[str, content.Item], checks: Mapping[tuple[str, int], int]
) -> Row:
    """Add what content and checks know of the item to an answer from the database."""
    check_id = checks.get((row.item, row.target_id))
    item = items.get(row.item)
    if item is None:  # content dropped the item after the day it was asked
        return replace(row, check_id=check_id)
    return replace(
        row, check_id=check_id, item_label=item.label, section=item.section,
        standard=item.standard, mode=item.mode, until=item.until,
    )  # fmt: skip
