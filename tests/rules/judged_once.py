"""What the tests of judging share: two rules, and judging one of them at a time."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from jingwei.rules.judge import judge
from jingwei.rules.rule import parse
from jingwei.rules.verdict import Judgement
from jingwei.terms import SHANGHAI, Reading, Value

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
DISK = {
    "reading": "disk.health",
    "label": "磁盘 {instance} 状态",
    "crit": "not normal",
    "words": {"normal": "正常"},
}
ROOM = {
    "reading": "room.temperature",
    "label": "机房温度",
    "unit": "°C",
    "warn": "not 18..27",
    "crit": "not 18..28",
}
CRC = {
    "reading": "crc",
    "label": "端口 {instance} 误码",
    "unit": "count",
    "delta": True,
    "crit": "> 0",
}
WHEN = {"when": {"reading": "cooling.running", "is": "= true", "reason": "空调未开机"}}


def once(
    table: Mapping[str, Any],
    *readings: Reading,
    memory: Mapping[str, Mapping[str, Any]] | None = None,
    after: timedelta = timedelta(),
) -> Judgement:
    """Judge readings by one rule. Memory goes through JSON, as in the database."""
    kept = json.loads(json.dumps(memory or {}))
    return judge([parse(table)], readings, kept, NOW + after)


def warm(value: Value) -> Reading:
    """A room temperature."""
    return Reading("room.temperature", value, "°C")


def disks(**states: str) -> list[Reading]:
    """Disk states by location."""
    return [Reading("disk.health", state, "", name) for name, state in states.items()]
