"""What the desk does by itself, as data: content/desk/*.toml, each mistake told with its line."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jingwei.checks.content.reader import Table
from jingwei.rules import duration
from jingwei.rules.document import load
from jingwei.terms.incident import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding that opens a ticket, and how severe that is. Empty kinds: any."""

    id: str
    label: str
    items: frozenset[str]
    kinds: frozenset[str]
    core: bool
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """When findings open tickets by themselves."""

    rules: tuple[Rule, ...] = ()
    hourly: int = 10
    flapping: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Watch:
    """When people are told without anybody asking."""

    working: bool = False
    manager: timedelta = timedelta(minutes=10)
    client: timedelta = timedelta(minutes=20)
    soon: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(minutes=15))
    past: timedelta = timedelta(minutes=30)
    most: int = 10


def load_automatic(path: Path) -> Automatic:
    """The rules of a file. Raises ContentError (file, line, what was expected)."""
    document = load(path.read_text(encoding="utf-8"), str(path))
    root = Table(document, (), document.data)
    root.only("limits", "rule")
    limits = root.table("limits")
    limits.only("hourly", "flapping")
    rules: list[Rule] = []
    for row in root.rows("rule"):
        row.only("id", "label", "kinds", "items", "core", "severity", "reason")
        rule = Rule(
            row.text("id"), row.text("label"), frozenset(row.texts("items")),
            frozenset(row.texts("kinds")), row.flag("core"),
            Severity(row.choice("severity", [each.value for each in Severity])),
            row.text("reason"),
        )  # fmt: skip
        if rule.id in [other.id for other in rules]:
            raise row.error("id", f"规则 {rule.id} 重复")
        if not rule.items:
            raise row.error("items", "items 至少给一个检查项，如 app.available")
        if rule.core and rule.kinds != {"application"}:
            raise row.error("core", 'core 只用于应用：kinds 应为 ["application"]')
        rules.append(rule)
    return Automatic(
        tuple(rules), limits.whole("hourly", 10, 1, 1000),
        timedelta(seconds=limits.seconds("flapping", "30 min")),
    )  # fmt: skip


def load_watch(path: Path) -> Watch:
    """When people are told. Raises ContentError (file, line, what was expected)."""
    document = load(path.read_text(encoding="utf-8"), str(path))
    root = Table(document, (), document.data)
    root.only("untaken", "soon", "past")
    untaken, soon, past = root.table("untaken"), root.table("soon"), root.table("past")
    untaken.only("calendar", "manager", "client")
    soon.only("before")
    past.only("after", "most")
    manager, client = untaken.seconds("manager", "10 min"), untaken.seconds("client", "20 min")
    if client < manager:
        raise untaken.error("client", "甲方应晚于项目负责人得知：client 不能小于 manager")
    return Watch(
        untaken.choice("calendar", ("7x24", "5x8"), "7x24") == "5x8",
        timedelta(seconds=manager), timedelta(seconds=client), _before(soon),
        timedelta(seconds=past.seconds("after", "30 min")), past.whole("most", 10, 1, 200),
    )  # fmt: skip


def _before(table: Table) -> tuple[timedelta, ...]:
    found = []
    for text in table.texts("before"):
        try:
            seconds = duration.parse(text)
        except ValueError as error:
            raise table.error("before", f"before：{error}") from None
        if seconds <= 0:
            raise table.error("before", f"before 应大于 0，得到 “{text}”")
        found.append(timedelta(seconds=seconds))
    return tuple(sorted(set(found), reverse=True))
