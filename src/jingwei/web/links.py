"""Where things are shown: the page of a target, the words of a check item."""

from functools import lru_cache

from django.urls import reverse
from django.utils.http import urlencode

from jingwei.checks.queries import plan
from jingwei.terms.source import SOURCES

_WITHOUT_PAGE = ("database", "room", "site")


@lru_cache(maxsize=4096)
def target_url(kind: str, key: str) -> str:
    """The page of a target: its register page, or its checks when the register has no page."""
    if kind == "application":
        return reverse("application", args=[key])
    if kind in _WITHOUT_PAGE:
        return f"{reverse('checks')}?{urlencode({'target': key})}"
    return reverse("unit", args=[key])


def item_label(item_id: str) -> str:
    """The words of a routine item or of where an event came from; else the id itself."""
    return item_labels().get(item_id) or SOURCES.get(item_id.removeprefix("event."), item_id)


def item_labels() -> dict[str, str]:
    """Every item of every routine, in the sheets' order."""
    return {
        item.id: item.label
        for routine_id in plan.routine_ids()
        for item in plan.routine(routine_id).items
    }
