"""The budgets of a contract year: what is used, month by month, and where it leads if it goes on.

8.8 h of downtime (tender L700), 24 h of emergencies (L684), ten person-months of development. A
breach on day 300 cannot be undone: that is why the projection stands beside what is used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from jingwei.contract.models import Contract
from jingwei.contract.queries.assess import open_questions
from jingwei.contract.queries.versions import obligations_of
from jingwei.sla.availability import Term, availability, emergency_budget
from jingwei.sla.measures import MEASURES, Facts, parse
from jingwei.sla.measures.facts import Family
from jingwei.sla.measures.people import EffortArguments
from jingwei.sla.measures.periods import Every, day_of, midnight, periods
from jingwei.sla.measures.times import DowntimeArguments, TotalArguments

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget in its own `unit`. `points` are (share of the term, used) at month ends and now.

    `projected` is what the term would come to at the pace so far, None before anything is known;
    `runs_out` the day it would be used up, None when it lasts. `unknown` says why nothing is known.
    """

    obligation: str
    name: str
    unit: str
    used: float
    limit: float
    points: tuple[tuple[float, float], ...]
    share: float
    projected: float | None
    runs_out: datetime | None
    unknown: str = ""

    @property
    def left(self) -> float:
        """What is left; negative once it is overrun."""
        return self.limit - self.used

    @property
    def broken(self) -> bool:
        """Whether it is overrun."""
        return self.used > self.limit

    @property
    def at_risk(self) -> bool:
        """Whether it will be overrun at the pace so far."""
        return not self.broken and self.projected is not None and self.projected > self.limit


def budgets(contract: Contract, facts: Facts) -> list[Budget]:
    """The budgets this contract's obligations name, as of the facts' own moment.

    What the client has settled counts; a question that is open is read as the measure's default.
    """
    questions = open_questions(contract, facts.now)
    found = []
    for row in obligations_of(contract):
        make = _MAKERS.get(row.measure)
        if make is None:
            continue
        asked = (questions[key] for key in row.ambiguities if key in questions)
        settled = [question for question in asked if question.settled]
        measure = MEASURES[row.measure]
        known = {each.name for each in fields(measure.arguments)}
        given = dict(row.arguments)
        for question in settled:
            for reading in question.readings[:1]:
                given |= {n: v for n, v in reading.arguments.items() if n in known}
        budget = make(row.key, parse(measure, given), facts)
        if budget is not None:
            found.append(budget)
    return found


def _downtime(key: str, given: DowntimeArguments, facts: Facts) -> Budget | None:
    """Of hours only: the same time as a percentage is another obligation, not another budget."""
    downs = [down for _, down in facts.downtimes]

    def used(at: datetime) -> float:
        return availability(downs, facts.term, at).counted.total_seconds() / HOUR

    if not given.hours:
        return None
    unknown = _unwatched(Family.DOWNTIMES, facts)
    return _budget(key, facts, "核心设备停机", "小时", used, given.hours, unknown)


def _emergency(key: str, given: TotalArguments, facts: Facts) -> Budget | None:
    spells = [event.downtime for event in facts.emergencies]

    def used(at: datetime) -> float:
        found = emergency_budget(spells, facts.term, at)
        return (found.used if given.overlap == "union" else found.sum).total_seconds() / HOUR

    unknown = _unwatched(Family.EMERGENCIES, facts)
    return _budget(key, facts, "一、二级应急总时长", "小时", used, given.hours, unknown)


def _effort(key: str, given: EffortArguments, facts: Facts) -> Budget | None:
    days = given.months * given.days_per_month

    def used(at: datetime) -> float:
        return float(sum(each.days for each in facts.efforts if each.date <= day_of(at)))

    return _budget(key, facts, "开发工作量", "人日", used, days, "") if days else None


def _unwatched(family: Family, facts: Facts) -> str:
    if family not in facts.known:
        return "尚无数据来源"
    return "" if facts.watched_from is not None else "尚无监测数据"


_MAKERS: Mapping[str, Callable[[str, Any, Facts], Budget | None]] = {
    "downtime.total": _downtime,
    "emergency.total": _emergency,
    "effort.total": _effort,
}


def _budget(
    key: str, facts: Facts, name: str, unit: str, used_at: Callable[[datetime], float],
    limit: float, unknown: str,
) -> Budget:  # fmt: skip
    term, now = facts.term, min(facts.now, facts.term.end)
    share = _share(term, now)
    used = used_at(now)
    months = [midnight(month.last + timedelta(days=1)) for month in periods(Every.MONTH, term)]
    points = [(0.0, 0.0), *((_share(term, at), used_at(at)) for at in months if at <= now)]
    if points[-1][0] < share:
        points.append((share, used))
    projected = used / share if share else None
    runs_out = None
    if projected is not None and projected > limit and used:
        runs_out = term.start + (now - term.start) * (limit / used)
    return Budget(key, name, unit, used, limit, tuple(points), share, projected, runs_out, unknown)


def _share(term: Term, at: datetime) -> float:
    """How much of the term is over, 0 to 1."""
    return min(1.0, max(0.0, (at - term.start) / term.length))
