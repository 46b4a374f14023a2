"""Every read of emergencies and drills."""

from jingwei.emergency.facts import Facts, cause_of, facts_of, level_in_force, stage_of
from jingwei.emergency.queries.budget import (
    Spell,
    budget,
    downtime_of,
    downtimes,
    events,
    spells,
)
from jingwei.emergency.queries.clocks import EmergencyClocks, clocks
from jingwei.emergency.queries.lists import (
    by_number,
    by_token,
    factors,
    of_ticket,
    on_top,
    plan,
    plan_for,
    plan_versions,
    plans,
    search,
    suggestion,
)
from jingwei.emergency.queries.timeline import (
    Called,
    Line,
    Ticked,
    call_tree,
    plan_steps,
    timeline,
)

__all__ = [
    "Called",
    "EmergencyClocks",
    "Facts",
    "Line",
    "Spell",
    "Ticked",
    "budget",
    "by_number",
    "by_token",
    "call_tree",
    "cause_of",
    "clocks",
    "downtime_of",
    "downtimes",
    "events",
    "factors",
    "facts_of",
    "level_in_force",
    "of_ticket",
    "on_top",
    "plan",
    "plan_for",
    "plan_steps",
    "plan_versions",
    "plans",
    "search",
    "spells",
    "stage_of",
    "suggestion",
    "timeline",
]
