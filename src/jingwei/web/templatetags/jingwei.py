"""`{% load jingwei %}`: states, times, links that keep their filters, forms, versioned assets."""

import hashlib
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from jingwei.accounts.roles import May
from jingwei.rules import units
from jingwei.terms import SHANGHAI, Result
from jingwei.web import access, links, words
from jingwei.web.once import new_key

register = template.Library()


@register.filter
def state(value: object) -> SafeString:
    """A result (or its stored value) as colour + sign + word. Anything else reads 未检."""
    try:
        result = Result(str(value))
    except ValueError:
        result = Result.UNCHECKED
    return badge(result.sign, result.label, result.value.replace("_", "-"))


@register.filter
def word(text: object) -> str:
    """A word of a form or a state in the reader's language; what has no English stays as it is."""
    return gettext(str(text)) if text else ""


@register.simple_tag
def badge(sign: str, word: str, kind: str) -> SafeString:
    """A badge in one of our kinds: normal, attention, abnormal, unchecked, maintenance, info."""
    return format_html(
        '<span class="state state-{}"><span class="sign" aria-hidden="true">{}</span>{}</span>',
        kind,
        sign,
        gettext(word) if word else "",
    )


@register.filter
def beijing(value: datetime | date | None, style: str = "") -> str:
    """An instant in Asia/Shanghai: 11-23 10:35, with the year when it is another one.

    Styles: "full" 2026-11-23 10:35:07; "time" 10:35; "date" 2026-11-23. None reads —.
    """
    if value is None or value == "":
        return "—"
    if not isinstance(value, datetime):
        return value.isoformat()
    local = value.astimezone(SHANGHAI)
    if style == "full":
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if style == "time":
        return local.strftime("%H:%M")
    if style == "date":
        return local.strftime("%Y-%m-%d")
    this_year = local.year == timezone.localtime().year
    return local.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


@register.filter
def lasted(value: datetime | None, until: datetime | None = None) -> str:
    """How long since an instant (until another, or now): 3 天 4 小时, 2 小时 5 分, 40 秒."""
    if value is None:
        return "—"
    seconds = max(0, int(((until or datetime.now(UTC)) - value).total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分" if minutes else f"{seconds} 秒"


@register.filter
def every(seconds: int) -> str:
    """A period in words: 30 秒, 5 分钟, 2 小时."""
    for size, word in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} 秒"


_DAYS = "一二三四五六日"


@register.filter
def weekday(value: date) -> str:
    """星期一 to 星期日."""
    return f"星期{_DAYS[value.weekday()]}"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """This page's own query string with some parameters changed; None or "" drops one."""
    request: HttpRequest | None = context.get("request")
    parameters = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def keep(context: template.Context, url: str, **parameters: object) -> str:
    """A link to another page that stays in the as-of date this page was asked for."""
    as_of = context.get("as_of")
    chosen = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
    if as_of:
        chosen["as_of"] = as_of.isoformat()
    return f"{url}?{urlencode(chosen)}" if chosen else url


@register.simple_tag(takes_context=True)
def can(context: template.Context, what: str) -> bool:
    """Whether the reader may: `{% can "edit_assets" as editable %}`."""
    request: HttpRequest = context["request"]
    return access.allowed(request, May(what))


@register.simple_tag
def once_key() -> SafeString:
    """The hidden idempotency key of a form whose view is `web.once.once`."""
    return format_html('<input type="hidden" name="once" value="{}">', new_key())


@register.simple_tag
def asset(path: str) -> str:
    """A static file's URL with its content's hash, so that an upgrade is seen at once."""
    return f"{static(path)}?v={_digest(path)}"


@lru_cache(maxsize=64)
def _digest(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        return "0"
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]


@register.inclusion_tag("web/_field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, object]:
    """A form field: label, input, help, its errors beside it."""
    return {"field": bound, "wide": wide, "check": bound.widget_type == "checkbox"}


@register.filter
def percent(part: int, whole: int) -> int:
    """A share in whole percent, 100 only when complete: 999 of 1000 is 99."""
    return part * 100 // whole if whole else 0


@register.filter
def number(value: float | None) -> str:
    """A measured number as people write it: at most four figures after the point, no tail."""
    if value is None:
        return "—"
    text = f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}"
    return re.sub(r"\.?0+$", "", text) if "." in text else text


@register.filter
def item(item_id: str) -> str:
    """A routine item's words."""
    return links.item_label(item_id)


@register.simple_tag(takes_context=True)
def target_link(context: template.Context, kind: str, key: str) -> str:
    """The page of a target, in the as-of date this page was asked for."""
    url = links.target_url(kind, key)
    as_of = context.get("as_of")
    if as_of:
        url += f"{'&' if '?' in url else '?'}as_of={as_of.isoformat()}"
    return url


@register.filter
def unit(value: str) -> str:
    """A unit as people write it: °C becomes ℃."""
    return units.UNITS.get(value, value)


@register.filter
def unlocalized(value: float) -> str:
    """A number for SVG, always with a point."""
    return f"{value:.1f}"


@register.filter
def audit_word(action: str) -> str:
    """What an audit entry's action is called."""
    return words.audit_word(action)


@register.filter
def pairs(value: object) -> list[tuple[str, str]]:
    """A stored table of facts as (name, text) pairs; anything else as one nameless pair."""
    if isinstance(value, dict):
        return [(str(key), str(item)) for key, item in value.items()]
    return [] if value is None else [("", str(value))]
