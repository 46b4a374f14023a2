"""A contract year to judge: nothing happened yet, every family is delivered."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from jingwei.sla.availability import Term
from jingwei.sla.clock import ClockState
from jingwei.sla.measures import MEASURES, Facts, Verdict, parse
from jingwei.sla.measures.facts import ClockFact, Family, TicketFact
from jingwei.terms import SHANGHAI
from jingwei.terms.obligation import Ref

START, END = date(2022, 11, 1), date(2023, 10, 31)
TERM = Term(datetime(2022, 11, 1, tzinfo=SHANGHAI), datetime(2023, 11, 1, tzinfo=SHANGHAI))


def at(text: str) -> datetime:
    """An instant in Shanghai: "2023-01-20 17:20" or "2023-01-20"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def year(now: str = "2023-11-02", **given: Any) -> Facts:
    """The facts as of `now`; weekdays are working days."""
    days = {
        START + timedelta(days=n): (START + timedelta(days=n)).weekday() < 5 for n in range(365)
    }
    empty = Facts(
        term=TERM,
        now=at(now),
        known=frozenset(Family),
        working=days,
        watched_from=TERM.start,
        objects={"ups": ("U1", "U2"), "database": ("DB1",)},
    )
    return replace(empty, **given)


def judge(measure: str, facts: Facts, **arguments: Any) -> Verdict:
    """What a measure says."""
    found = MEASURES[measure]
    return found.judge(parse(found, arguments), facts)


def without(family: Family, now: str = "2023-11-02") -> Facts:
    """The year of a house in which the room that delivers this family is not built."""
    return year(now, known=frozenset(Family) - {family})


def ref(key: str, when: str = "2023-01-10 09:00", kind: str = "ticket") -> Ref:
    """A row of evidence."""
    return Ref(kind, key, at(when))


def ticket(key: str, *states: tuple[str, str, ClockState], **given: Any) -> TicketFact:
    """An incident with clocks (name, calendar, state)."""
    clocks = tuple(
        ClockFact(name, calendar, state, timedelta(minutes=20), at("2023-01-10 10:00"))
        for name, calendar, state in states
    )
    given = {"kind": "incident", "opened_at": at("2023-01-10 09:00")} | given
    return TicketFact(ref(key), clocks=clocks, **given)
