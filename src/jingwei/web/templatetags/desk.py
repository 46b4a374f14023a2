"""`{% load desk %}`: how clocks, severities and kinds of ticket look."""

from datetime import datetime, timedelta

from django import template

from jingwei.desk.models import Channel, EventKind, Ticket
from jingwei.sla.clock import Clock, ClockState
from jingwei.terms.incident import Instant, Severity

register = template.Library()

CLOCKS = {"phone": "电话响应", "on_site": "到场", "repair": "排除故障"}
_STATES = {
    "new": ("!", "attention"),
    "accepted": ("○", "info"),
    "working": ("○", "info"),
    "resolved": ("◇", "info"),
    "confirmed": ("✓", "normal"),
    "closed": ("✓", "not-applicable"),
    "archived": ("✓", "not-applicable"),
    "cancelled": ("–", "not-applicable"),
    "returned": ("!", "attention"),
    "rolled_back": ("!", "attention"),
}
_SEVERITIES = {
    Severity.OUTAGE: ("✕", "中断", "abnormal"),
    Severity.DEGRADED: ("◆", "受影响", "attention"),
    Severity.NO_IMPACT: ("○", "不影响", "info"),
}
NEARLY = 0.75  # of a limit used: from here on it is marked


@register.filter
def hms(value: timedelta | None) -> str:
    """A span as hh:mm:ss without its sign, hours may pass 24; None reads —."""
    if value is None:
        return "—"
    seconds = abs(int(value.total_seconds()))
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@register.filter
def clock_word(name: str) -> str:
    """What a limit is called."""
    return CLOCKS.get(name, name)


@register.filter
def instant_word(value: str) -> str:
    """The Chinese word of an instant."""
    return Instant(value).label


@register.filter
def iso(value: datetime) -> str:
    """An instant for `data-due`: ISO 8601 with its offset."""
    return value.isoformat()


@register.filter
def severity_word(value: str) -> str:
    """The tender's words for a severity; nothing for a ticket without one."""
    return Severity(value).label if value else ""


@register.inclusion_tag("web/_badge.html")
def severity_badge(value: str) -> dict[str, str]:
    """A severity as sign and word; nothing for a ticket without one."""
    if not value:
        return {}
    sign, word, kind = _SEVERITIES[Severity(value)]
    return {"sign": sign, "word": word, "kind": kind, "title": Severity(value).label}


@register.inclusion_tag("web/_badge.html")
def state_badge(ticket: Ticket) -> dict[str, str]:
    """A ticket's state as sign and word."""
    sign, kind = _STATES.get(ticket.state, ("○", "info"))
    return {"sign": sign, "word": ticket.get_state_display(), "kind": kind}


@register.inclusion_tag("web/tickets/_clock.html")
def clock(one: Clock | None, calendar: bool = False) -> dict[str, object]:
    """One clock: what is left or was used, by when; `calendar` names its calendar too."""
    if one is None:
        return {"clock": None}
    used, allowed = one.used, one.limit.allowed
    return {
        "clock": one,
        "state": one.state.value,
        "turns": one.state in {ClockState.RUNNING, ClockState.OVERDUE} and one.due is not None,
        "nearly": used is not None and used >= allowed * NEARLY,
        "over": used - allowed if used is not None and used > allowed else None,
        "calendar": calendar,
    }


@register.simple_tag
def severities() -> list[tuple[str, str]]:
    """The three severities for a select."""
    return [(one.value, one.label) for one in Severity]


@register.filter
def channel_word(value: str) -> str:
    """How it was reported."""
    return Channel(value).label


@register.filter
def is_pause(kind: str) -> bool:
    """Whether what waits for an answer is a pause (else a re-grading)."""
    return kind == EventKind.PAUSE


@register.filter
def pair(first: object, second: object) -> tuple[object, object]:
    """Two things to loop over."""
    return first, second


@register.filter
def instant_known(value: str) -> str:
    """The word of an instant as it was sent; nonsense stays empty."""
    return Instant(value).label if value in set(Instant) else ""
