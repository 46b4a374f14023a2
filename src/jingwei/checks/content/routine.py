"""Routines: content/routines/*.toml, the sheets people fill and the report prints."""

import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path

from jingwei.checks.content.reader import Table
from jingwei.checks.content.words import Item, Routine, Section, Sheet
from jingwei.rules.document import load

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MODES = ("automatic", "manual")
EACH = ("", "unit", "application")
KNOWS = ("items", "time", "summary")


def load_routine(path: Path) -> Routine:
    """One routine. Raises ContentError (file, line, what was expected)."""
    document = load(path.read_text(encoding="utf-8"), str(path))
    root = Table(document, (), document.data)
    root.only("routine", "section", "item")
    head = root.table("routine")
    head.only("id", "label", "calendar", "due", "start", "source", "sheet")
    sections = _sections(root)
    items = _items(root, [section.id for section in sections])
    return Routine(
        id=head.text("id"),
        label=head.text("label"),
        calendar=head.text("calendar"),
        due=_time(head, "due"),
        start=_time(head, "start"),
        source=head.text("source"),
        sections=sections,
        items=items,
        sheet=_sheet(head, items) if "sheet" in head.data else None,
    )


def routine_items(folder: Path) -> set[str]:
    """The items of every routine in a folder: what checks may prove."""
    return {item.id for path in sorted(folder.glob("*.toml")) for item in load_routine(path).items}


def _sections(root: Table) -> tuple[Section, ...]:
    found: list[Section] = []
    for row in root.rows("section"):
        row.only("id", "number", "label")
        section = Section(row.text("id"), row.whole("number", 0, 1, 99), row.text("label"))
        if section.id in [other.id for other in found]:
            raise row.error("id", f"分节 {section.id} 重复")
        if section.number in [other.number for other in found]:
            raise row.error("number", f"分节编号 {section.number} 重复")
        found.append(section)
    return tuple(found)


def _items(root: Table, sections: Sequence[str]) -> tuple[Item, ...]:
    found: list[Item] = []
    for row in root.rows("item"):
        row.only("id", "section", "label", "applies", "mode", "until", "standard")
        applies = row.table("applies")
        applies.only("kinds", "keys")
        item = Item(
            id=row.text("id"),
            section=row.choice("section", sections),
            label=row.text("label"),
            kinds=applies.texts("kinds"),
            keys=applies.texts("keys"),
            mode=row.choice("mode", _MODES),
            until=row.text("until", ""),
            standard=row.text("standard"),
        )
        if item.id in [other.id for other in found]:
            raise row.error("id", f"检查项 {item.id} 重复")
        if not item.kinds and not item.keys:
            raise row.error("applies", "applies 至少给 kinds 或 keys")
        if item.until and item.mode == "manual":
            raise row.error("until", "人工项不等待其他模块，不能写 until")
        found.append(item)
    return tuple(found)


def _sheet(head: Table, items: Sequence[Item]) -> Sheet:
    """What a finished sheet settles. Raises ContentError for what it cannot be filled from."""
    table = head.table("sheet")
    table.only("duty", "each", "fills")
    fills = table.table("fills")
    known = [*KNOWS, *(item.id for item in items)]
    for item in items:
        if item.mode != "manual":
            raise table.error("duty", f"{item.id}：人工填写的表不能有自动项")
    return Sheet(
        table.text("duty"),
        table.choice("each", EACH, ""),
        {name: fills.choice(name, known) for name in fills.data},
    )


def _time(table: Table, key: str) -> time:
    text = table.text(key)
    found = _TIME.fullmatch(text)
    if found is None:
        raise table.error(key, f"{key} 应为 24 小时制时间，如 “08:30”，得到 “{text}”")
    return time(int(found[1]), int(found[2]))
