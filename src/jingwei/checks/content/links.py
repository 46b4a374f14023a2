"""How a check hangs together with others: what its fault breaks, and what it suffers from."""

from collections.abc import Mapping

from jingwei.checks.content.reader import Table
from jingwei.checks.content.words import Break
from jingwei.rules import condition
from jingwei.rules.cause import KINDS


def breaks(row: Table, readings: Mapping[str, str]) -> tuple[Break, ...]:
    """`breaks = ["network"]`, or `[{ kind = "power", reading = "ups.source", is = "in none" }]`,
    or `[{ kind = "storage", silent = true }]`.

    Raises ContentError for a kind there is not, a reading the check does not give and a condition
    that cannot be read.
    """
    given = row.data.get("breaks", [])
    if not isinstance(given, list):
        raise row.error("breaks", f"breaks 应为列表，得到 {given!r}")
    found = []
    for number, one in enumerate(given):
        table = {"kind": one} if isinstance(one, str) else one
        found.append(_break(Table(row.document, (*row.path, "breaks", number), table), readings))
    return tuple(found)


def _break(row: Table, readings: Mapping[str, str]) -> Break:
    row.only("kind", "reading", "is", "silent")
    kind = row.choice("kind", KINDS)
    reading, wanted = row.text("reading", ""), row.text("is", "")
    if bool(reading) != bool(wanted):
        raise row.error((), "reading 与 is 应同时给出：哪个读数、是什么值时")
    if reading and reading not in readings:
        there = "、".join(readings) or "无"
        raise row.error("reading", f"该检查不会给出读数 “{reading}”。可给出：{there}")
    if wanted:
        try:
            condition.parse(wanted)
        except condition.ConditionError as error:
            raise row.error("is", str(error)) from None
    return Break(kind, reading, wanted, row.flag("silent"))


def suffers(row: Table) -> tuple[str, ...]:
    """The kinds of need whose loss makes this check 异常 although the target answers."""
    found = row.texts("suffers")
    for kind in found:
        if kind not in KINDS:
            raise row.error("suffers", f"没有依赖种类 “{kind}”。可用：{'、'.join(KINDS)}")
    return found
