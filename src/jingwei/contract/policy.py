"""The `[policy]` table of a contract version: how long each step may take, and working hours.

Kept with the stored version as plain JSON (whole minutes, hours as "08:30"), so that what was
judged under it stays judged so. A version without one has the tender's own values, which are the
defaults of `sla.limits.Policy` (tender L513-516, L633-650, L680-681).
"""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from jingwei.rules import duration
from jingwei.rules.document import Document
from jingwei.sla.calendar import Hours
from jingwei.sla.limits import Policy
from jingwei.terms.incident import Severity

STEPS = (
    "phone", "on_site", "emergency_respond", "emergency_arrive", "disaster_diagnose",
    "disaster_repair",
)  # fmt: skip
_TABLES = ("repair", "hours", "source")
_MOST = 366 * 24 * 60  # minutes: no promise is longer than the service year
Path = tuple[str | int, ...]


def read(document: Document) -> dict[str, Any]:
    """The table as it is stored; empty when the file has none.

    Raises ContentError at the line of what is wrong: once there, the table is whole.
    """
    table = document.data.get("policy", {})
    if table == {}:
        return {}
    _known(document, ("policy",), table, (*STEPS, *_TABLES))
    repair = table.get("repair", {})
    _known(document, ("policy", "repair"), repair, tuple(Severity))
    found: dict[str, Any] = {
        name: _minutes(document, ("policy", name), table.get(name)) for name in STEPS
    }
    found["repair"] = {
        each.value: _minutes(document, ("policy", "repair", each.value), repair.get(each))
        for each in Severity
    }
    found["hours"] = _hours(document, table.get("hours"))
    found["source"] = _source(document, table.get("source", {}))
    return found


def policy_of(stored: Mapping[str, Any]) -> Policy:
    """The limits of a stored version; the tender's where it has none."""
    if not stored:
        return Policy()
    steps = {name: timedelta(minutes=stored[name]) for name in STEPS}
    repair = {each: timedelta(minutes=stored["repair"][each]) for each in Severity}
    return Policy(repair=repair, **steps)


def hours_of(stored: Mapping[str, Any]) -> Hours:
    """The working hours of a stored version; 08:30-12:00, 13:00-17:30 where it has none."""
    if not stored:
        return Hours()
    return Hours(
        tuple((time.fromisoformat(low), time.fromisoformat(high)) for low, high in stored["hours"])
    )


def _known(document: Document, path: Path, table: Any, keys: tuple[str, ...]) -> None:
    if not isinstance(table, dict):
        raise document.error(path, f"{path[-1]} 应为表")
    for key in table:
        if key not in keys:
            raise document.error((*path, key), f"未知的键 {key}，应为：{'、'.join(keys)}")


def _minutes(document: Document, path: Path, value: Any) -> int:
    if value is None:
        raise document.error(path, f"缺少 {path[-1]}（时限），例如 “30 min”“2 h”")
    try:
        seconds = duration.parse(value) if isinstance(value, str) else 0.0
    except ValueError as error:
        raise document.error(path, f"{path[-1]}：{error}") from None
    if seconds <= 0 or seconds % 60 or seconds > _MOST * 60:
        raise document.error(path, f"{path[-1]} 应为一分钟至一年的整分钟数，例如 “30 min”“2 h”")
    return int(seconds) // 60


def _hours(document: Document, value: Any) -> list[list[str]]:
    """Spans such as "08:30-12:00", in order, none overlapping."""
    path: Path = ("policy", "hours")
    wanted = "hours 应为先后有序、互不重叠的时段，例如 [“08:30-12:00”, “13:00-17:30”]"
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise document.error(path, wanted)
    try:
        spans = [[time.fromisoformat(edge) for edge in each.split("-")] for each in value]
        Hours(tuple((low, high) for low, high in spans))
    except ValueError:
        raise document.error(path, wanted) from None
    return [[f"{edge:%H:%M}" for edge in span] for span in spans]


def _source(document: Document, value: Any) -> dict[str, str]:
    """Where the tender says each of them: `phone = "L638"`."""
    path: Path = ("policy", "source")
    _known(document, path, value, (*STEPS, "repair", "hours"))
    for key, text in value.items():
        if not isinstance(text, str):
            raise document.error((*path, key), f"{key} 的依据应为行号，如 “L638”")
    return dict(value)
