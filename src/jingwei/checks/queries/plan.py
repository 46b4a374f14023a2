"""What a routine asks on a day: one place for every item at every target it applies to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from jingwei.assets.models import Target
from jingwei.checks import content


class UnknownRoutineError(ValueError):
    """No content defines this routine. The message lists those there are."""


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What a board needs of a target."""

    id: int
    key: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """One item at one target: exactly one answer is owed for it."""

    item: content.Item
    target: TargetRow


def routine_ids() -> list[str]:
    """The routines content defines, by id ("daily")."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def routine(routine_id: str) -> content.Routine:
    """One routine of the content. Raises UnknownRoutineError, or ContentError when it is broken."""
    path = _folder() / f"{routine_id}.toml"
    if routine_id not in routine_ids():
        known = "、".join(routine_ids())
        raise UnknownRoutineError(f"没有例行检查“{routine_id}”；可用：{known or '（无）'}")
    return _load(path, path.stat().st_mtime_ns)


def live_targets(on: date) -> list[TargetRow]:
    """The targets in service on a date, in the register's order."""
    found = (
        Target.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
        .order_by("order", "key")
        .values_list("id", "key", "kind", "label")
    )
    return [TargetRow(*row) for row in found]


def places(asked: content.Routine, targets: Sequence[TargetRow]) -> list[Place]:
    """Every (item, target) the routine owes an answer for, items in the sheet's order."""
    return [
        Place(item, target) for item in asked.items for target in targets if applies(item, target)
    ]


def applies(item: content.Item, target: TargetRow) -> bool:
    """Does the item ask about this target, by its kind or by its key?"""
    return target.kind in item.kinds or "*" in item.kinds or target.key in item.keys


def missing_keys(asked: content.Routine, targets: Iterable[TargetRow]) -> list[tuple[str, str]]:
    """(item, key) of single targets the routine names but the register does not have."""
    known = {target.key for target in targets}
    return [(item.id, key) for item in asked.items for key in item.keys if key not in known]


def _folder() -> Path:
    return Path(settings.JINGWEI_CONTENT) / "routines"


@lru_cache(maxsize=32)
def _load(path: Path, changed: int) -> content.Routine:
    """Parsed once per version of the file: `changed` is its modification time."""
    del changed
    return content.load_routine(path)
