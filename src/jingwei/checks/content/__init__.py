"""Content as data: device models with their checks, and routines. Loading validates all of it."""

from jingwei.checks.content.devices import load_devices
from jingwei.checks.content.matching import limits_of, models_for, templates_for, unchecked_reason
from jingwei.checks.content.routine import load_routine, routine_items
from jingwei.checks.content.words import (
    CheckTemplate,
    DeviceModel,
    Item,
    Match,
    Routine,
    Section,
    Sheet,
    TargetFacts,
    Unchecked,
)
from jingwei.rules.document import ContentError

__all__ = [
    "CheckTemplate",
    "ContentError",
    "DeviceModel",
    "Item",
    "Match",
    "Routine",
    "Section",
    "Sheet",
    "TargetFacts",
    "Unchecked",
    "limits_of",
    "load_devices",
    "load_routine",
    "models_for",
    "routine_items",
    "templates_for",
    "unchecked_reason",
]
