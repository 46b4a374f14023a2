"""Checks and what they saw: observations, state changes, findings; routines and their answers."""

from jingwei.checks.models.check import Check, CheckState, Maintenance, Stoppage
from jingwei.checks.models.finding import Finding, FindingNote
from jingwei.checks.models.history import DailySummary, Observation, Series, StateChange
from jingwei.checks.models.routine import Attachment, ItemResult, RoutineRun

__all__ = [
    "Attachment",
    "Check",
    "CheckState",
    "DailySummary",
    "Finding",
    "FindingNote",
    "ItemResult",
    "Maintenance",
    "Observation",
    "RoutineRun",
    "Series",
    "StateChange",
    "Stoppage",
]
