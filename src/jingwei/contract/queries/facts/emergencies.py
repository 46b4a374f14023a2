"""What the emergency room proves: real events with their clocks, and drills that were held."""

from datetime import datetime

from jingwei.contract.queries.clocks import Agreed
from jingwei.emergency import queries
from jingwei.emergency.models import Drill, DrillState
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import ClockFact, DrillFact, EmergencyFact
from jingwei.terms.obligation import Ref


def emergencies(term: Term, now: datetime, agreed: Agreed) -> tuple[EmergencyFact, ...]:
    """Every real event that touches the term. Each calendar's clocks are kept apart by name."""
    found = []
    for spell in queries.spells(term.start, min(term.end, now), now):
        row = spell.emergency
        facts = queries.facts_of(row, now)
        clocks = queries.clocks(row, now, facts=facts, known=now, **agreed)
        found.append(
            EmergencyFact(
                Ref("emergency", row.number, row.declared_at),
                queries.level_in_force(row, facts), spell.downtime,
                disaster=row.disaster, graded=bool(facts.agreed),
                clocks=tuple(
                    ClockFact(clock.limit.name, clock.calendar, clock.state, clock.used, clock.due)
                    for clock in (*clocks.wall, *clocks.working)
                ),
            )
        )  # fmt: skip
    return tuple(found)


def drills(term: Term, now: datetime) -> tuple[DrillFact, ...]:
    """Drills that ended in the term. An aborted one was not held, one in fast motion is none."""
    rows = Drill.objects.filter(
        state=DrillState.ENDED, speed=1,
        ended_at__gte=term.start, ended_at__lt=term.end, ended_at__lte=now,
    )  # fmt: skip
    return tuple(
        DrillFact(Ref("drill", row.number, row.ended_at), row.ended_at)
        for row in rows
        if row.ended_at is not None
    )
