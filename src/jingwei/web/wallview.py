"""What the wall shows, computed once for all screens: tiles worst first, findings, rooms."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.assets.models import Target
from jingwei.checks import queries
from jingwei.checks.models import Finding, Series
from jingwei.checks.queries.board import BoardSection
from jingwei.checks.queries.status import CheckRow
from jingwei.emergency import queries as emergency
from jingwei.emergency.models import Emergency
from jingwei.terms import Result, worst

MAINTENANCE = "maintenance"
KEPT_SECONDS = 4.0  # one computation serves every screen that long
STOPPED = timedelta(minutes=15)  # no check at all for that long: the collector is down
SHOWN = 7  # findings the screen has room for
_SEVERITY = {
    Result.ABNORMAL: 0, Result.ATTENTION: 1, Result.UNCHECKED: 2, MAINTENANCE: 3,
    Result.NORMAL: 4, Result.NOT_APPLICABLE: 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """One thing with one state. `text` says what is wrong; empty when nothing is."""

    name: str
    state: str  # a Result's value, or "maintenance"
    sign: str
    word: str
    text: str = ""
    total: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class RoomLine:
    """Temperature or humidity of one room now, with the series behind its curve."""

    room: str
    label: str
    shown: str
    state: str
    check_id: int
    series_id: int


@dataclass(frozen=True, slots=True)
class Wall:
    """One picture of everything."""

    at: datetime
    applications: tuple[Tile, ...]
    sections: tuple[Tile, ...]
    sites: tuple[Tile, ...]
    rooms: tuple[RoomLine, ...]
    findings: tuple[Finding, ...]
    abnormal: int
    attention: int
    planned: int
    checked: int
    unchecked: int
    last_check: datetime | None
    emergencies: tuple[Emergency, ...] = ()

    @property
    def more(self) -> int:
        """Open findings there was no room for."""
        return self.abnormal + self.attention - len(self.findings)

    @property
    def stopped(self) -> bool:
        """Whether checking itself has stopped: then nothing here is true any more."""
        return self.last_check is None or self.at - self.last_check > STOPPED


_lock = threading.Lock()
_kept: dict[str, object] = {}


def wall(now: datetime, day: date) -> Wall:
    """The picture, at most `KEPT_SECONDS` old."""
    with _lock:
        made, until = _kept.get("wall"), _kept.get("until", 0.0)
        if isinstance(made, Wall) and isinstance(until, float) and time.monotonic() < until:
            return made
        made = compute(now, day)
        _kept.update({"wall": made, "until": time.monotonic() + KEPT_SECONDS})
        return made


def forget() -> None:
    """Let the next look compute anew: for tests."""
    _kept.clear()


def compute(now: datetime, day: date) -> Wall:
    """Read everything once. Some ten queries."""
    rows = queries.check_status()
    by_target: dict[str, list[CheckRow]] = defaultdict(list)
    for row in rows:
        by_target[row.target].append(row)
    targets = list(
        Target.objects.filter(valid_to__isnull=True)
        .select_related("unit__row__site", "room__site")
        .order_by("order", "key")
    )
    resting = {window.target_id for window in queries.maintenances(now)}
    board = queries.board("daily", day)
    found = queries.open_counts()
    return Wall(
        at=now,
        applications=_ordered(
            _target_tile(target, by_target[target.key], resting)
            for target in targets
            if target.kind == "application"
        ),
        sections=_ordered(_section(one) for one in board.sections),
        sites=_sites(targets, by_target),
        rooms=_rooms(rows),
        findings=tuple(
            queries.findings(roots=True).order_by("result", "-opened_at")[:SHOWN]
        ),
        abnormal=found.abnormal,
        attention=found.attention,
        planned=board.counts.planned,
        checked=board.counts.checked,
        unchecked=board.counts.unchecked,
        last_check=max((row.last_at for row in rows if row.last_at), default=None),
        emergencies=tuple(emergency.on_top()),
    )  # fmt: skip


def _ordered(tiles: Iterable[Tile]) -> tuple[Tile, ...]:
    """Worst first; the register's order within one state."""
    return tuple(sorted(tiles, key=lambda tile: _SEVERITY[_as_result(tile.state)]))


def _as_result(state: str) -> Result | str:
    return state if state == MAINTENANCE else Result(state)


def _target_tile(target: Target, rows: list[CheckRow], resting: set[int | None]) -> Tile:
    result = worst([row.result for row in rows])
    if target.pk in resting or None in resting:
        return Tile(target.label, MAINTENANCE, "‖", "维护")
    bad = [row for row in rows if row.result is result and result in _BAD]
    text = f"{bad[0].label} {bad[0].reading or bad[0].reason}".strip() if bad else ""
    word = "无数据" if result is Result.UNCHECKED else result.label
    return Tile(target.label, result.value, result.sign, word, text, len(rows), len(bad))


_BAD = (Result.ABNORMAL, Result.ATTENTION)


def _section(one: BoardSection) -> Tile:
    """A section of today's sheet, with how many of it are as its state says."""
    counts, result = one.counts, one.counts.worst
    number = {
        Result.ABNORMAL: counts.abnormal,
        Result.ATTENTION: counts.attention,
        Result.UNCHECKED: counts.unchecked,
    }.get(result)
    word = result.label if number is None else f"{result.label} {number}"
    name = one.label.removesuffix("检查")
    return Tile(name, result.value, result.sign, word, total=counts.planned)


def _sites(targets: list[Target], by_target: dict[str, list[CheckRow]]) -> tuple[Tile, ...]:
    """Each site by the devices and rooms in it that can be checked at all."""
    members: dict[str, list[Result]] = defaultdict(list)
    for target in targets:
        site = None
        if target.unit is not None:
            site = target.unit.row.site
        elif target.room is not None:
            site = target.room.site
        if site is not None and by_target[target.key]:
            members[site.name].append(worst([row.result for row in by_target[target.key]]))
    return _ordered(
        Tile(name, worst(results).value, worst(results).sign, worst(results).label,
             total=len(results), bad=sum(one in _BAD for one in results))
        for name, results in members.items()
    )  # fmt: skip


def _rooms(rows: list[CheckRow]) -> tuple[RoomLine, ...]:
    """Temperature and humidity where a room has them."""
    wanted = {"room.temperature": "温度", "room.humidity": "湿度"}
    checks = {row.id: row for row in rows if row.item in wanted}
    series = Series.objects.filter(check_ref_id__in=checks, name__in=wanted)
    lines: list[RoomLine] = []
    for one in series.order_by("check_ref__target__order", "name", "instance"):
        row = checks[one.check_ref_id]
        if one.name != row.item or any(line.check_id == row.id for line in lines):
            continue
        shown = row.reading.rsplit(" ", 2)[-2:]
        lines.append(
            RoomLine(row.target_label, wanted[row.item], " ".join(shown), row.result.value,
                     row.id, one.pk)
        )  # fmt: skip
    return tuple(lines)
