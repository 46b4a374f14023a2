"""From the rooms below to one frozen sheet: the only place where reports read checks."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from jingwei.assets import queries as assets
from jingwei.calendars import queries as calendars
from jingwei.checks import queries as checks
from jingwei.checks.models import Finding, Observation, RoutineRun, Series
from jingwei.checks.queries import Board, BoardItem, BoardSection, Row
from jingwei.contract import queries as contract
from jingwei.reports.daily.sheet import (
    Answer,
    FollowUp,
    Head,
    Incident,
    Item,
    Project,
    Section,
    Sheet,
)
from jingwei.reports.daily.words import natural
from jingwei.terms import SHANGHAI, Result

ROUTINE = "daily"
NO_CONTRACT = "（合同未载入）"
_TIMED_SECTION = "application"  # response times are asked for in section 四
_AROUND = timedelta(minutes=15)  # an observation this near an answer is the one it was judged by


def daily(day: date) -> Sheet:
    """The daily check of one date as it stands now. Items without an answer are 未检."""
    board = checks.board(ROUTINE, day)
    times = _response_times(board)
    return Sheet(
        project=project(day),
        head=_head(day, board.run),
        sections=tuple(_section(section, times) for section in board.sections),
        incidents=_incidents(board, day),
        coverage=_coverage(board, day),
    )


def project(day: date) -> Project:
    """Whose report it is on that day: the contract in force, or the first there is."""
    demo = assets.demo_active()
    held = contract.current(day) or contract.contracts().first()
    if held is None:
        return Project(NO_CONTRACT, NO_CONTRACT, demonstration=demo)
    return Project(
        title=held.title,
        client=held.client,
        provider=held.provider,
        contract=f"{held.code} v{held.version}",
        demonstration=demo or held.demonstration,
    )


def _head(day: date, run: RoutineRun | None) -> Head:
    safeguard = calendars.safeguard(day)
    name = calendars.day_name(day)
    said: Mapping[str, Any] = run.header if run else {}
    return Head(
        date=day,
        working_day=calendars.working(day),
        day_name="" if name in ("工作日", calendars.UNPUBLISHED) else name,
        safeguard=safeguard.name if safeguard else "",
        weather=str(said.get("weather", "")),
        inspector=str(said.get("inspector", "")) or (run.by_name if run else ""),
        reviewer=str(said.get("reviewer", "")),
        present=_present(said.get("present")),
        started_at=run.started_at if run else None,
        finished_at=run.finished_at if run else None,
        automatic_only=bool(run and run.automatic_only),
        confirmed_at=run.confirmed_at if run else None,
        confirmed_by=run.by_name if run and run.confirmed_at else "",
        run=run.pk if run else None,
    )


def _present(said: object) -> tuple[str, ...] | None:
    """The staff signed in, from a list or from one line of names; None when nobody filled it in."""
    if isinstance(said, str):
        said = [name for name in re.split(r"[、,，;；\s]+", said) if name]
    if not isinstance(said, list) or not said:
        return None
    return tuple(str(name) for name in said)


def _section(section: BoardSection, times: Mapping[int, float]) -> Section:
    items = tuple(_item(item, times) for item in section.items)
    return Section(section.id, section.number, section.label, items)


def _item(item: BoardItem, times: Mapping[int, float]) -> Item:
    rows = sorted(item.rows, key=lambda row: natural(row.target))
    answers = tuple(_answer(row, times) for row in rows)
    return Item(item.id, item.label, item.standard, item.mode, item.until, answers)


def _answer(row: Row, times: Mapping[int, float]) -> Answer:
    return Answer(
        target=row.target, label=row.target_label, kind=row.target_kind, result=row.result,
        id=row.result_id, reading=row.reading, threshold=row.threshold, trend=row.trend,
        reason=row.reason, note=row.note, at=row.at, source=row.source, by=row.by_name,
        late=row.late, finding=row.finding_id, files=row.files,
        took_ms=times.get(row.check_id) if row.check_id and row.result_id else None,
    )  # fmt: skip


def _response_times(board: Board) -> dict[int, float]:
    """check id → ms of the observation nearest its answer, for the application section."""
    asked = {
        row.check_id: row.at
        for section in board.sections
        if section.id == _TIMED_SECTION
        for item in section.items
        for row in item.rows
        if row.check_id is not None and row.at is not None
    }
    if not asked:
        return {}
    series = dict(
        Series.objects.filter(check_ref__in=asked, name__endswith=".time", unit="ms").values_list(
            "id", "check_ref_id"
        )
    )
    first, last = min(asked.values()) - _AROUND, max(asked.values()) + _AROUND
    found = Observation.objects.filter(
        series__in=series, epoch__gte=first.timestamp(), epoch__lte=last.timestamp()
    ).values_list("series_id", "epoch", "value")
    nearest: dict[int, tuple[float, float]] = {}
    for series_id, epoch, value in found:
        check = series[series_id]
        apart = abs(epoch - asked[check].timestamp())
        near = apart <= _AROUND.total_seconds()
        if value is not None and near and apart < nearest.get(check, (float("inf"), 0.0))[0]:
            nearest[check] = (apart, value)
    return {check: round(value, 1) for check, (_, value) in nearest.items()}


def _incidents(board: Board, day: date) -> tuple[Incident, ...]:
    """Findings the answers name, and those of the day: opened by its end, not closed before it."""
    start = datetime.combine(day, time(), SHANGHAI)
    named = {row.finding_id for row in board.rows if row.finding_id is not None}
    of_day = checks.findings(day, open_only=False).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=start)
    )
    held = {found.pk: found for found in of_day.prefetch_related("notes")}
    missing = named - held.keys()
    rest = checks.findings(open_only=False).filter(pk__in=missing).prefetch_related("notes")
    held |= {found.pk: found for found in rest}
    labels = {row.item: row.item_label for row in board.rows}
    ordered = sorted(held.values(), key=lambda found: (found.opened_at, found.pk))
    return tuple(_incident(found, labels) for found in ordered)


def _incident(found: Finding, labels: Mapping[str, str]) -> Incident:
    by = found.acknowledged_by
    notes: Sequence[Any] = list(found.notes.all())
    return Incident(
        id=found.pk, target=found.target.key, label=found.target.label, item=found.item,
        item_label=labels.get(found.item, found.item), result=Result(found.result),
        opened_at=found.opened_at, closed_at=found.closed_at, reading=found.reading,
        threshold=found.threshold, detail=found.detail, acknowledged_at=found.acknowledged_at,
        acknowledged_by=str(by) if by else "",
        follow_ups=tuple(FollowUp(note.at, note.by_name, note.text) for note in notes),
    )  # fmt: skip


def _coverage(board: Board, day: date) -> dict[str, str]:
    """Application key → the tender's own words for what it covers."""
    if not any(row.target_kind == "application" for row in board.rows):
        return {}
    found = assets.applications(assets.ApplicationFilter(), day)
    return {held.code: held.coverage_raw or "招标文件未写明" for held in found}
