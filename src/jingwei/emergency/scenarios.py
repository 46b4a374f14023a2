"""Drill scenarios as content: content/drills/*.toml, read and validated with file and line.

Whether the miniature region can play a fault at a target is asked in `run`, which knows both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from jingwei.checks.content.reader import Table
from jingwei.emergency.models.words import DrillAction, Level
from jingwei.rules.document import ContentError, load

FOLDER = "drills"
LONGEST = 7200  # seconds of a script: two hours
MEASURES = {
    "detect": "发现",
    "respond": "响应",
    "diagnose": "诊断",
    "restore": "恢复",
    "rto": "RTO",
    "rpo": "RPO",
}
REQUIRED = ("detect", "respond", "restore")  # without these a drill proves nothing
MOST_MINUTES = 7 * 24 * 60
_FAULTY = (DrillAction.INJECT, DrillAction.CLEAR)


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing a drill looks at: its register key, and the check items that are asked."""

    name: str
    key: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault the script may inject, and at which thing (by its register key)."""

    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script; for `expect`, `after` is until when it is to be done."""

    after: int
    action: str
    text: str
    fault: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. `targets` are minutes; `data` is the database whose rows measure the RPO.

    `lines` maps what can be wrong only against a region ("watch.0", "plan" ...) to its line.
    """

    key: str
    title: str
    plan: str
    level: int
    background: str
    roles: Mapping[str, str]
    targets: Mapping[str, int]
    watch: tuple[Watch, ...]
    faults: tuple[Fault, ...]
    script: tuple[Line, ...]
    data: str = ""
    filename: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        """When the last line of the script falls due."""
        return max(line.after for line in self.script)

    def error(self, where: str, message: str) -> ContentError:
        """An error at "watch.0" or "fault.1", ready to raise."""
        return ContentError(self.filename, self.lines.get(where, 1), message)


def read(content: Path) -> dict[str, Scenario]:
    """Every scenario of the content folder by key. Raises ContentError with file and line.

    Read again when a file changed.
    """
    files = sorted((content / FOLDER).glob("*.toml"))
    return dict(_read(tuple((path, path.stat().st_mtime_ns) for path in files)))


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    titles: dict[str, str] = {}
    for path, _ in files:
        one = parse(path.read_text(encoding="utf-8"), path.stem, f"{FOLDER}/{path.name}")
        if one.title in titles:
            raise ContentError(one.filename, 1, f"“{one.title}”与 {titles[one.title]} 重名")
        titles[one.title] = one.filename
        found[one.key] = one
    return found


def parse(text: str, key: str, filename: str) -> Scenario:
    """One file. Raises ContentError naming the line."""
    document = load(text, filename)
    top = Table(document, (), document.data)
    top.only(
        "title", "plan", "level", "background", "data", "role", "targets", "watch", "fault", "step"
    )
    watch = tuple(_watch(row) for row in top.rows("watch"))
    if not watch:
        raise top.error((), "至少要有一个 [[watch]]：没有被观察的对象就没有测量")
    _once(top, "watch", [one.name for one in watch])
    keys = {one.name: one.key for one in watch}
    faults = tuple(_fault(row, keys) for row in top.rows("fault"))
    if not faults:
        raise top.error((), "至少要有一个 [[fault]]")
    script = tuple(_line(row, keys, faults) for row in top.rows("step"))
    _in_order(top, script)
    data = top.choice("data", keys, "") if "data" in top.data else ""
    found = Scenario(
        key=key, title=top.text("title"), plan=top.text("plan"),
        level=top.whole("level", 0, min(Level.values), max(Level.values)),
        background=top.text("background"), roles=_roles(top), targets=_targets(top), watch=watch,
        faults=faults, script=script, data=keys.get(data, ""), filename=filename,
        lines={key: document.line((key,)) for key in ("data", "plan")} | {
            f"{name}.{number}": document.line((name, number))
            for name, rows in (("watch", watch), ("fault", faults))
            for number in range(len(rows))
        },
    )  # fmt: skip
    if found.data and "rpo" not in found.targets:
        raise top.error("data", "写了 data（测 RPO 的数据库）就要写 targets.rpo")
    return found


def _watch(row: Table) -> Watch:
    row.only("name", "key", "items")
    items = row.texts("items")
    if not items:
        raise row.error((), "items 至少要有一个检查项")
    return Watch(row.text("name"), row.text("key"), items)


def _fault(row: Table, keys: Mapping[str, str]) -> Fault:
    row.only("name", "on")
    return Fault(row.text("name"), keys[row.choice("on", keys)])


def _line(row: Table, keys: Mapping[str, str], faults: Iterable[Fault]) -> Line:
    row.only("after", "action", "fault", "on", "text")
    action = row.choice("action", DrillAction.values)
    after = row.whole("after", -1, 0, LONGEST)
    text = row.text("text")
    if len(text) > 300:
        raise row.error("text", f"text 最长 300 字，现有 {len(text)} 字")
    if action not in _FAULTY:
        for key in ("fault", "on"):
            if key in row.data:
                raise row.error(key, f"动作 {action} 不写 {key}，只有注入和解除故障才写")
        return Line(after, action, text)
    line = Line(after, action, text, row.text("fault"), keys[row.choice("on", keys)])
    if Fault(line.fault, line.target) not in faults:
        raise row.error("fault", f"{line.fault} 不在本场景的 [[fault]] 中（对象 {line.target}）")
    return line


def _roles(top: Table) -> dict[str, str]:
    roles: dict[str, str] = {}
    for row in top.rows("role"):
        row.only("role", "who")
        name = row.text("role")
        if name in roles:
            raise row.error("role", f"角色“{name}”写了两次")
        roles[name] = row.text("who")
    if not roles:
        raise top.error((), "至少要有一个 [[role]]")
    return roles


def _targets(top: Table) -> dict[str, int]:
    table = top.table("targets")
    table.only(*MEASURES)
    for key in REQUIRED:
        if key not in table.data:
            raise table.error((), f"[targets] 缺少 {key}（{MEASURES[key]}，分钟）")
    return {key: table.whole(key, 0, 1, MOST_MINUTES) for key in MEASURES if key in table.data}


def _once(top: Table, key: str, names: list[str]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise top.error((key, number), f"{key} 的名称“{name}”写了两次")


def _in_order(top: Table, script: tuple[Line, ...]) -> None:
    """Every fault that is injected is cleared later, and nothing is cleared before."""
    if problem := problem_of(script):
        number, message = problem
        raise top.error(("step", number), message)


def problem_of(script: Iterable[Line]) -> tuple[int, str] | None:
    """What is wrong with a script as a whole: the position of the line and why; None when sound.

    Lines come in the order of their seconds; without an injection nothing can be measured, and a
    fault that stays on can never show a recovery.
    """
    lines = list(script)
    on: dict[tuple[str, str], int] = {}
    injected, last = False, 0
    for number, line in enumerate(lines):
        if line.after < last:
            return number, f"第 {number + 1} 行（{line.after} 秒）早于上一行（{last} 秒）"
        last, place = line.after, (line.fault, line.target)
        if line.action == DrillAction.INJECT:
            if place in on:
                return number, f"故障 {line.fault} 在 {line.target} 上已注入，须先解除"
            on[place], injected = number, True
        elif line.action == DrillAction.CLEAR:
            if place not in on:
                return number, f"故障 {line.fault} 没有注入到 {line.target}，不能解除"
            del on[place]
    if not injected:
        return max(0, len(lines) - 1), "剧本没有注入任何故障"
    if on:
        return next(iter(on.values())), "这一行注入的故障后面没有解除"
    return None
