"""The clocks of an event, computed on read: 5 minutes, 1 hour, and for disasters 2 h and 4 h."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from jingwei.desk.models import State
from jingwei.desk.queries.clocks import TicketClocks, calendars, effective, first_move
from jingwei.desk.queries.clocks import clocks as ticket_clocks
from jingwei.emergency.facts import Facts, facts_of, withdrawn
from jingwei.emergency.models import Emergency
from jingwei.sla.calendar import Calendar, Hours
from jingwei.sla.clock import Clock, ClockState, Limit, measure
from jingwei.sla.limits import Policy, disaster_limits, emergency_limits
from jingwei.terms.incident import Instant

RUNNING = frozenset({ClockState.RUNNING, ClockState.OVERDUE})


@dataclass(frozen=True, slots=True)
class EmergencyClocks:
    """`wall` is what is judged (7x24, tender L680: no hours are named there); `working` the same
    limits on the 5x8 clock, printed beside (A03). `fault` are the linked ticket's own clocks.
    """

    wall: tuple[Clock, ...] = ()
    working: tuple[Clock, ...] = ()
    fault: TicketClocks | None = None

    @property
    def pairs(self) -> list[tuple[Clock, Clock]]:
        """Each limit on both calendars, the judged one first."""
        return list(zip(self.wall, self.working, strict=True))

    @property
    def due(self) -> datetime | None:
        """The next deadline of a running clock that is judged."""
        known = [c.due for c in self.wall if c.state in RUNNING and c.due is not None]
        return min(known, default=None)

    @property
    def overdue(self) -> bool:
        """Whether a judged clock is past its limit, still running or stopped late."""
        late = {ClockState.OVERDUE, ClockState.BREACHED}
        return any(clock.state in late for clock in self.wall)


def clocks(
    emergency: Emergency,
    now: datetime,
    *,
    policy: Policy | None = None,
    hours: Hours | None = None,
    facts: Facts | None = None,
    known: datetime | None = None,
) -> EmergencyClocks:
    """Every clock of one event as of `now`; none for one that was withdrawn.

    A drill runs on the same clocks. An event that ended without a response or an arrival has
    breached that limit, unless it was restored from afar within it. With `known` only what was
    written down by then counts; `facts` are then read so too.
    """
    if withdrawn(emergency, known):
        return EmergencyClocks()
    log = facts or facts_of(emergency, known)
    instants = _effective(emergency, log, known)
    limits = _limits(emergency, policy or Policy())
    working, wall = calendars(min(instants.values(), default=now), now, hours)
    ended = log.ended.at if log.ended is not None else None

    def on(calendar: Calendar) -> tuple[Clock, ...]:
        return tuple(_clock(limit, instants, calendar, ended or now, log) for limit in limits)

    fault = None
    if emergency.ticket is not None:
        fault = ticket_clocks(emergency.ticket, now, known=known, policy=policy, hours=hours)
    return EmergencyClocks(on(wall), on(working), fault)


def _limits(emergency: Emergency, policy: Policy) -> tuple[Limit, ...]:
    limits = emergency_limits(policy)
    return limits + disaster_limits(policy) if emergency.disaster else limits


def _effective(
    emergency: Emergency, facts: Facts, known: datetime | None
) -> Mapping[Instant, datetime]:
    if facts.fault is None or emergency.ticket is None:
        return facts.instants
    started = first_move(emergency.ticket, State.WORKING, known) if facts.resident else None
    return effective(facts.fault, started)


def _clock(
    limit: Limit, instants: Mapping[Instant, datetime], calendar: Calendar, now: datetime,
    facts: Facts,
) -> Clock:  # fmt: skip
    clock = measure(limit, instants, calendar, now)
    if facts.ended is None or clock.state not in RUNNING:
        return clock
    remote = facts.fault is not None and facts.fault.remote
    restored = instants.get(Instant.RESTORED)
    in_time = restored is not None and clock.due is not None and restored <= clock.due
    if limit.stop is Instant.ARRIVED and remote and in_time:
        return replace(
            clock, state=ClockState.NOT_APPLICABLE, due=None, used=None, left=None,
            note="不适用（到场时限内已远程恢复）",
        )  # fmt: skip
    return replace(clock, state=ClockState.BREACHED, note=f"终止时仍无{limit.stop.label}记录")
