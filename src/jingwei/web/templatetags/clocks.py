"""`{% load clocks %}`: a deadline that turns in the browser, and reads right without a script."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jingwei.sla.clock import Clock, ClockState
from jingwei.terms import SHANGHAI

register = template.Library()
_HOUR = timedelta(hours=1)
_TURNS = frozenset({ClockState.RUNNING, ClockState.OVERDUE})


@register.simple_tag
def due(value: Clock | datetime | None, now: datetime | None = None) -> SafeString:
    """What is left until a deadline, or of a clock; a dash where nothing runs.

    The text is that of the moment the page was made; `web/clocks.js` lets it turn.
    """
    at = value
    if isinstance(value, Clock):
        if value.state is ClockState.PAUSED:
            return format_html('<span class="is-warn">‖ 暂停计时</span>')
        at = value.due if value.state in _TURNS else None
    if not isinstance(at, datetime):
        return format_html('<span class="muted">—</span>')
    moment = now or timezone.now()
    kind = " is-bad" if at < moment else " is-warn" if at - moment < _HOUR else ""
    iso = at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return format_html(
        '<time class="clock{}" datetime="{}" data-due="{}">{}</time>', kind, iso, iso,
        left(at - moment),
    )  # fmt: skip


@register.filter
def left(span: timedelta | None) -> str:
    """A span in words: 剩余 1 小时 05 分, or how far it is over."""
    if span is None:
        return "—"
    seconds = int(abs(span).total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if span < timedelta():
        days = f"{hours // 24} 天 " if hours >= 24 else ""
        return f"▲ 已超 {days}{hours % 24:02d}:{minutes:02d}:{seconds % 60:02d}"
    if hours >= 24:
        return f"剩余 {hours // 24} 天 {hours % 24} 小时"
    if hours:
        return f"剩余 {hours} 小时 {minutes:02d} 分"
    return f"◆ 剩余 {minutes:02d}:{seconds % 60:02d}"


@register.filter
def hours(span: timedelta | None) -> str:
    """A length of time in words: 1 小时 05 分; None reads —."""
    if span is None:
        return "—"
    minutes = round(abs(span).total_seconds() / 60)
    sign = "−" if span < timedelta() else ""
    if minutes < 60:
        return f"{sign}{minutes} 分"
    return f"{sign}{minutes // 60} 小时 {minutes % 60:02d} 分"


@register.filter
def percent(ratio: float) -> str:
    """A ratio as a percentage with three decimals: 99.900 %."""
    return f"{ratio * 100:.3f} %"
