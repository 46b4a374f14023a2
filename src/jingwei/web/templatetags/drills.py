"""`{% load drills %}`: how the times of a drill look."""

from datetime import datetime, timedelta

from django import template

from jingwei.terms import SHANGHAI

register = template.Library()


@register.filter
def script_clock(seconds: int) -> str:
    """Seconds of the script as +mm:ss."""
    return f"+{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


@register.filter
def script_seconds(elapsed: timedelta | None, speed: float) -> int:
    """How many seconds of the script have passed."""
    return int(elapsed.total_seconds() * speed) if elapsed is not None else 0


@register.filter
def second(value: datetime | None) -> str:
    """The time of day in Asia/Shanghai to the second; None reads —."""
    return value.astimezone(SHANGHAI).strftime("%H:%M:%S") if value is not None else "—"
