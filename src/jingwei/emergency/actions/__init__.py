"""Every write of emergencies and drills."""

from jingwei.desk.actions.errors import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.emergency.actions.agreement import (
    answer,
    ask_end,
    ask_exclusion,
    regrade,
    withdraw,
)
from jingwei.emergency.actions.cause import classify
from jingwei.emergency.actions.declare import Declaration, declare
from jingwei.emergency.actions.log import add_callee, call, measured, message, note, step, use_plan
from jingwei.emergency.actions.plans import load_plans, retire_plans

__all__ = [
    "BadInputError",
    "Declaration",
    "DeskError",
    "ForbiddenError",
    "StaleError",
    "add_callee",
    "answer",
    "ask_end",
    "ask_exclusion",
    "call",
    "classify",
    "declare",
    "load_plans",
    "measured",
    "message",
    "note",
    "regrade",
    "retire_plans",
    "step",
    "use_plan",
    "withdraw",
]
