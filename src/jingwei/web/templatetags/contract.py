"""`{% load contract %}`: lights of obligations, and where a row of evidence is to be seen."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jingwei.terms.obligation import Proof, Ref, Standing
from jingwei.web.templatetags.jingwei import badge

register = template.Library()
_LIGHTS = {
    Standing.MET: ("✓", "normal"),
    Standing.BREACHED: ("✕", "abnormal"),
    Standing.DUE: ("○", "info"),
    Standing.NOT_DUE: ("–", "not-applicable"),
    Standing.NOT_AGREED: ("!", "attention"),
    Standing.NO_EVIDENCE: ("?", "unchecked"),
    Standing.NOT_APPLICABLE: ("–", "not-applicable"),
}
_PAGES = {"ticket": "ticket", "emergency": "emergency", "drill": "drill", "duty": "duty-record"}


@register.filter
def light(standing: Standing) -> SafeString:
    """Where an obligation stands: colour, sign and word."""
    sign, kind = _LIGHTS[standing]
    return badge(sign, standing.label, kind)


@register.filter
def proof_word(value: str) -> str:
    """How it is proven."""
    return Proof(value).label


@register.filter
def opens(ref: Ref | None) -> SafeString | str:
    """A link to the row behind a line; its name alone where it has no page."""
    if ref is None:
        return "—"
    where = _where(ref)
    return format_html('<a href="{}">{}</a>', where, ref) if where else str(ref)


def _where(ref: Ref) -> str:
    """The page of a row; nothing where it has none."""
    try:
        if ref.kind in _PAGES:
            return reverse(_PAGES[ref.kind], args=[ref.key])
        if ref.kind == "finding":
            return reverse("finding", args=[int(ref.key.removeprefix("finding-"))])
    except (NoReverseMatch, ValueError):
        return ""
    return {
        "routine": f"{reverse('board')}?as_of={ref.key.rsplit('/', 1)[-1]}",
        "document": f"{reverse('papers')}#paper-{ref.key}",
        "leave": reverse("leave"),
        "staff-change": reverse("leave"),
        "attendance": reverse("roster"),
    }.get(ref.kind, "")


_WAITS = {
    "decisions": ("decisions", ""), "records": ("inspections", ""), "papers": ("papers", ""),
    "missed": ("duties", "?show=missed"), "breached": ("compliance", "?state=breached"),
    "no_evidence": ("compliance", "?state=no_evidence"),
}  # fmt: skip


@register.filter
def waits_at(kind: str) -> str:
    """The page that has what waits."""
    page, query = _WAITS[kind]
    return f"{reverse(page)}{query}"


@register.filter
def at(table: dict[str, str], key: str) -> str:
    """What a table has for a key; empty when it has nothing."""
    return table.get(key, "")


@register.filter
def named(labels: dict[str, str], key: str) -> str:
    """The Chinese name of a duty, paper or routine."""
    return labels.get(key, key)
