"""A contract assessed for the pages, computed again only when it can have changed.

Judging a year takes longer than a page may. Nothing is stored: what was computed is kept in this
process as long as no room has written anything and no deadline has passed, at most a quarter of an
hour. A past day is judged by what was written down by then (`contract.queries.facts`): the same
rules keep it.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Max

from jingwei.accounts.models import AuditEntry
from jingwei.calendars.models import CalendarDay
from jingwei.checks.models import DailySummary, Finding, FindingNote, ItemResult, RoutineRun
from jingwei.contract import queries
from jingwei.contract.models import Contract
from jingwei.contract.queries import Assessed
from jingwei.contract.queries.budgets import Budget, budgets
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.sla.owed import Owed
from jingwei.terms.obligation import Standing

K = TypeVar("K")
V = TypeVar("V")
KEPT = 8  # assessments of different contracts or days
LONGEST = timedelta(minutes=15)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class View:
    """A contract as of `now`: each obligation, the budgets and the dated duties."""

    contract: Contract
    now: datetime
    rows: list[Assessed]
    owed: list[Owed]
    budgets: list[Budget]


@dataclass(slots=True)
class _Shelf:
    """What was computed, the newest last, each with what it was computed from."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    views: OrderedDict[tuple[int, datetime | None], tuple[object, datetime, View]] = field(
        default_factory=OrderedDict
    )
    duties: OrderedDict[tuple[int, datetime | None], tuple[object, datetime, list[Owed]]] = field(
        default_factory=OrderedDict
    )
    past: OrderedDict[tuple[int, date], dict[str, tuple[Standing, str]]] = field(
        default_factory=OrderedDict
    )


_shelf = _Shelf()


def assessed(contract: Contract, now: datetime, *, past: bool) -> View:
    """Every obligation of a contract as of `now`, or of a past day's last second."""
    key, mark = (contract.pk, now if past else None), _mark()
    held = _shelf.views.get(key)
    if held is not None and held[0] == mark and now < held[1]:
        return held[2]
    with _shelf.lock:  # several pages ask at once: one computes
        held = _shelf.views.get(key)
        if held is None or held[0] != mark or now >= held[1]:
            facts = queries.gather(contract, now)
            rows = queries.assess_all(contract, now, facts)
            owed = queries.duties(contract, now, facts)
            view = View(contract, now, rows, owed, budgets(contract, facts))
            held = (mark, _until(view, past=past), view)
            _keep(_shelf.views, key, held)
    return held[2]


def duties(contract: Contract, now: datetime, *, past: bool) -> list[Owed]:
    """The dated duties alone: they ask for less than the whole."""
    key, mark = (contract.pk, now if past else None), _mark()
    held = _shelf.duties.get(key)
    if held is None or held[0] != mark or now >= held[1]:
        with _shelf.lock:
            owed = queries.duties(contract, now)
            held = (mark, _next([row.due for row in owed], now, past=past), owed)
            _keep(_shelf.duties, key, held)
    return held[2]


def on(contract: Contract, day: date) -> dict[str, tuple[Standing, str]]:
    """Obligation → where it stood at the end of a past day, and its value.

    What is written down later does not change it, so it is computed once.
    """
    key = (contract.pk, day)
    with _shelf.lock:
        held = _shelf.past.get(key)
        if held is None:
            rows = queries.assess_all(contract, midnight(day + _DAY) - timedelta(seconds=1))
            held = {
                row.obligation.key: (row.assessment.verdict.standing, row.assessment.verdict.value)
                for row in rows
            }
            _shelf.past[key] = held
            while len(_shelf.past) > 5 * KEPT:
                _shelf.past.popitem(last=False)
    return held


def forget() -> None:
    """Start anew: for tests, whose databases come and go in one process."""
    _shelf.views.clear()
    _shelf.duties.clear()
    _shelf.past.clear()


def _keep(shelf: "OrderedDict[K, V]", key: K, value: V) -> None:
    shelf[key] = value
    shelf.move_to_end(key)
    while len(shelf) > KEPT:
        shelf.popitem(last=False)


def _mark() -> object:
    """Changes with everything an assessment is computed from: a few looks at ends of indexes.

    Whatever a person writes is in the audit chain; what machines write is asked for by room.
    """
    return (
        AuditEntry.objects.aggregate(last=Max("sequence"))["last"],
        ItemResult.objects.aggregate(last=Max("id"))["last"],
        DailySummary.objects.aggregate(last=Max("id"))["last"],
        FindingNote.objects.aggregate(last=Max("id"))["last"],
        tuple(Finding.objects.aggregate(last=Max("id"), closed=Max("closed_at")).values()),
        tuple(RoutineRun.objects.aggregate(number=Count("id"), last=Max("finished_at")).values()),
        CalendarDay.objects.aggregate(number=Count("date"))["number"],
    )


def _until(view: View, *, past: bool) -> datetime:
    """Until when nothing changes by the passing of time alone."""
    dues = [line.due for row in view.rows for line in row.assessment.verdict.lines]
    return _next([*dues, *(row.due for row in view.owed)], view.now, past=past)


def _next(dues: list[datetime | None] | list[datetime], now: datetime, *, past: bool) -> datetime:
    if past:
        return datetime.max.replace(tzinfo=now.tzinfo)
    ahead = [due for due in dues if due is not None and due > now]
    return min([*ahead, now + LONGEST, midnight(day_of(now) + _DAY)])
