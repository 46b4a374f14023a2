"""Every read of checks, their history, their routines and findings."""

from jingwei.checks.queries.board import (
    Board,
    BoardItem,
    BoardSection,
    Counts,
    Progress,
    Row,
    board,
)
from jingwei.checks.queries.devices import device_models, facts_of, limits_of
from jingwei.checks.queries.findings import (
    FindingCounts,
    finding,
    findings,
    open_by_check,
    open_counts,
)
from jingwei.checks.queries.history import (
    History,
    Point,
    Span,
    changes,
    days,
    history,
    series_of,
    timeline,
)
from jingwei.checks.queries.impact import Affected, Impact, impact
from jingwei.checks.queries.movement import trend, trends
from jingwei.checks.queries.plan import UnknownRoutineError, routine, routine_ids
from jingwei.checks.queries.status import (
    CheckRow,
    check,
    check_status,
    checks,
    maintenances,
    overdue,
    signed_late,
    standing,
    status_counts,
    stoppages,
)

__all__ = [
    "Affected",
    "Board",
    "BoardItem",
    "BoardSection",
    "CheckRow",
    "Counts",
    "FindingCounts",
    "History",
    "Impact",
    "Point",
    "Progress",
    "Row",
    "Span",
    "UnknownRoutineError",
    "board",
    "changes",
    "check",
    "check_status",
    "checks",
    "days",
    "device_models",
    "facts_of",
    "finding",
    "findings",
    "history",
    "impact",
    "limits_of",
    "maintenances",
    "open_by_check",
    "open_counts",
    "overdue",
    "routine",
    "routine_ids",
    "series_of",
    "signed_late",
    "standing",
    "status_counts",
    "stoppages",
    "timeline",
    "trend",
    "trends",
]
