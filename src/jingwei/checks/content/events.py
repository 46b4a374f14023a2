"""What of syslog and SNMP traps becomes a finding: content/events.toml."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jingwei.checks.content.reader import Table
from jingwei.probes.syslog import SEVERITIES, Line
from jingwei.probes.trap import Trap
from jingwei.rules.document import load
from jingwei.terms import Result

_RESULTS = {"abnormal": Result.ABNORMAL, "attention": Result.ATTENTION, "ignore": None}
_OID = re.compile(r"\d+(\.\d+)+\.?")


@dataclass(frozen=True, slots=True)
class LineRule:
    """One kind of log line. Without a result it is left out, unless it heals."""

    match: "re.Pattern[str]"
    severity: int
    result: Result | None
    label: str
    heals: bool = False

    def fits(self, line: Line) -> bool:
        """Whether it decides over this line."""
        return line.severity <= self.severity and bool(
            self.match.search(f"{line.app}: {line.text}")
        )


@dataclass(frozen=True, slots=True)
class TrapRule:
    """One notification, or a subtree of them. `by` are columns that tell two things apart."""

    oid: str
    result: Result | None
    label: str
    by: tuple[str, ...] = ()
    heals: bool = False

    def fits(self, trap: Trap) -> bool:
        """Whether it decides over this notification."""
        return trap.oid.startswith(self.oid) if self.oid.endswith(".") else trap.oid == self.oid

    def which(self, trap: Trap) -> str:
        """Of which thing it speaks: the values of the columns of `by`."""
        return " ".join(
            str(value)
            for column in self.by
            for oid, value in trap.variables
            if oid.startswith(f"{column}.")
        )


@dataclass(frozen=True, slots=True)
class EventRules:
    """All of them, in order: the first that fits decides."""

    lines: tuple[LineRule, ...]
    traps: tuple[TrapRule, ...]

    def of_line(self, line: Line) -> LineRule | None:
        """The rule for a log line; None when nobody asked for it, or it is to be left out."""
        return _wanted(next((rule for rule in self.lines if rule.fits(line)), None))

    def of_trap(self, trap: Trap) -> TrapRule | None:
        """The rule for a notification."""
        return _wanted(next((rule for rule in self.traps if rule.fits(trap)), None))


R = TypeVar("R", LineRule, TrapRule)


def _wanted(rule: R | None) -> R | None:
    return rule if rule and (rule.result or rule.heals) else None


def load_events(path: Path) -> EventRules:
    """Read the file. Raises ContentError (file, line, what was expected)."""
    document = load(path.read_text(encoding="utf-8"), str(path))
    root = Table(document, (), document.data)
    root.only("syslog", "trap")
    return EventRules(
        tuple(_line(row) for row in root.rows("syslog")),
        tuple(_trap(row) for row in root.rows("trap")),
    )


def _line(row: Table) -> LineRule:
    row.only("match", "from", "result", "label", "heals")
    try:
        pattern = re.compile(row.text("match"))
    except re.error as error:
        raise row.error("match", f"match 不是有效的正则表达式：{error}") from None
    severity = SEVERITIES.index(row.choice("from", list(SEVERITIES), "debug"))
    return LineRule(pattern, severity, _result(row), row.text("label"), row.flag("heals"))


def _trap(row: Table) -> TrapRule:
    row.only("oid", "result", "label", "by", "heals")
    oid = row.text("oid")
    for key, found in (("oid", oid), *(("by", column) for column in row.texts("by"))):
        if not _OID.fullmatch(found):
            raise row.error(key, f"{key} 应为数字写法的 OID，得到 “{found}”")
    return TrapRule(oid, _result(row), row.text("label"), row.texts("by"), row.flag("heals"))


def _result(row: Table) -> Result | None:
    if row.flag("heals"):
        if "result" in row.data:
            raise row.error("result", "heals 的行不写 result：它只恢复")
        return None
    return _RESULTS[row.choice("result", list(_RESULTS))]
