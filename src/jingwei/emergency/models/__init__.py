"""Emergencies, plans and drills."""

from jingwei.emergency.models.drill import Drill, DrillGap, DrillReading, DrillStep
from jingwei.emergency.models.emergency import Callee, Emergency, EmergencyEntry
from jingwei.emergency.models.plan import Plan, PlanStep
from jingwei.emergency.models.words import (
    DrillAction,
    DrillKind,
    DrillState,
    EntryKind,
    Level,
    Phase,
    Stage,
)

__all__ = [
    "Callee",
    "Drill",
    "DrillAction",
    "DrillGap",
    "DrillKind",
    "DrillReading",
    "DrillState",
    "DrillStep",
    "Emergency",
    "EmergencyEntry",
    "EntryKind",
    "Level",
    "Phase",
    "Plan",
    "PlanStep",
    "Stage",
]
