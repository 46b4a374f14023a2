"""`{% load emergency %}`: how levels, limits and lines of an event look."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template

from jingwei.emergency.models import EntryKind, Level
from jingwei.emergency.queries import Line
from jingwei.sla.availability import Downtime

register = template.Library()
LIMITS = {
    "emergency_respond": "5 分钟响应", "emergency_arrive": "1 小时到场",
    "disaster_diagnose": "2 小时诊断（灾难）", "disaster_repair": "4 小时基本修复（灾难）",
    "phone": "电话响应", "on_site": "到场", "repair": "排除故障",
}  # fmt: skip
_BAD = frozenset({EntryKind.DECLARED, EntryKind.LEVEL})
_WARN = frozenset({EntryKind.END, EntryKind.WITHDRAW, EntryKind.EXCLUDE})


@register.filter
def limit_word(name: str) -> str:
    """What a limit is called on the page."""
    return LIMITS.get(name, name)


@register.inclusion_tag("web/_badge.html")
def level_badge(level: int) -> dict[str, str]:
    """A level as sign and word; 1 is the worse one."""
    one = level == Level.ONE
    word = "一级" if one else "二级"
    return {
        "sign": "▲" if one else "◆", "word": word, "title": Level(level).label,
        "kind": "abnormal" if one else "attention",
    }  # fmt: skip


@register.filter
def at(values: Sequence[Any], index: int) -> Any:
    """One of several by its place."""
    return values[index]


@register.filter
def spell(length: timedelta | None) -> str:
    """A duration in hours and minutes, as in the report."""
    if length is None:
        return "—"
    minutes = int(abs(length).total_seconds()) // 60
    sign = "-" if length < timedelta() else ""
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours} 小时 {rest} 分" if hours else f"{sign}{rest} 分"


@register.filter
def lasting(down: Downtime, now: datetime) -> str:
    """How long it was down; up to now while it is."""
    return spell((down.end or max(now, down.start)) - down.start)


@register.filter
def line_class(line: Line) -> str:
    """The colour of a line's dot."""
    if line.kind in _BAD or (line.kind == EntryKind.CALL and not line.granted):
        return "is-bad" if line.kind in _BAD else "is-warn"
    if line.kind in _WARN:
        return "is-warn"
    good = line.kind in (EntryKind.ANSWER, EntryKind.CALL, EntryKind.STEP) and line.granted
    return "is-ok" if good or line.kind == "instant" else ""


@register.filter
def first_line(text: str) -> str:
    """The first lines of a list, drawn together."""
    return "；".join(text.splitlines()[:3])
