"""The duty calendar: what a contract's obligations come to as dated duties of its term."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jingwei.sla.assess import Question
from jingwei.sla.measures import MEASURES, Facts, parse
from jingwei.sla.measures.documents import DeliveredArguments
from jingwei.sla.measures.duties import DutyArguments, RoutineArguments, owed_periods
from jingwei.sla.measures.facts import DoneFact
from jingwei.sla.measures.periods import Every, Period, periods
from jingwei.terms.obligation import Ref, Standing


@dataclass(frozen=True, slots=True)
class Owed:
    """One dated duty: from `opens` until `due` (exclusive), `number` times or objects.

    `done` counts what was done of it; `standing` is met, due, breached (missed) or not due yet.
    """

    obligation: str
    what: str
    label: str
    opens: date
    last: date
    due: datetime
    number: int
    done: int
    standing: Standing
    refs: tuple[Ref, ...] = ()


def owed(
    key: str, measure: str, arguments: Mapping[str, Any], questions: Sequence[Question],
    facts: Facts,
) -> list[Owed]:  # fmt: skip
    """The dated duties of one obligation; none for what is not owed by date.

    An open question is read by its first reading: the calendar has to say something; the
    obligation itself stays not agreed. Raises ArgumentError as `parse` does.
    """
    found = MEASURES[measure]
    given = dict(arguments)
    names = found.arguments.__dataclass_fields__
    for question in questions:
        chosen = question.readings[:1]
        given |= {n: v for r in chosen for n, v in r.arguments.items() if n in names}
    parsed = parse(found, given)
    if isinstance(parsed, RoutineArguments):
        return _routine(key, parsed, facts)
    if isinstance(parsed, DutyArguments):
        return _duty(key, parsed, facts)
    if isinstance(parsed, DeliveredArguments):
        return _document(key, parsed, facts)
    return []


def _routine(key: str, arguments: RoutineArguments, facts: Facts) -> list[Owed]:
    working = facts.working if arguments.days == "working" else None
    runs = {run.date: run for run in facts.runs if run.routine == arguments.routine}
    found = []
    for period in periods(Every.DAY, facts.term, working=working):
        run = runs.get(period.first)
        done = 1 if run is not None and run.finished else 0
        refs = (run.ref,) if run is not None else ()
        found.append(_owed(key, arguments.routine, period, period.due, 1, done, refs, facts))
    return found


def _duty(key: str, arguments: DutyArguments, facts: Facts) -> list[Owed]:
    objects = facts.objects.get(arguments.objects, ()) if arguments.objects else ("",)
    done = [each for each in facts.done if each.duty == arguments.duty]
    found = []
    if not objects:
        return []  # nothing registered that it could be owed for; the obligation says so
    for period in owed_periods(arguments, facts):
        inside = [each for each in done if period.holds(each.at)]
        number = arguments.times * len(objects)
        kept = _kept(inside, objects, arguments)
        refs = tuple(each.ref for each in inside)
        found.append(_owed(key, arguments.duty, period, period.due, number, kept, refs, facts))
    return found


def _kept(inside: Sequence[DoneFact], objects: Sequence[str], arguments: DutyArguments) -> int:
    if not arguments.objects:
        return min(arguments.times, len(inside))
    counts = Counter(each.object for each in inside)
    return sum(min(arguments.times, counts[name]) for name in objects)


def _document(key: str, arguments: DeliveredArguments, facts: Facts) -> list[Owed]:
    held = [d for d in facts.documents if d.kind == arguments.document and not d.returned]
    found = []
    for period in periods(Every(arguments.every), facts.term, quarters=arguments.quarters):
        given = [d for d in held if (d.period_start, d.period_end) == (period.first, period.last)]
        done = 1 if any(d.electronic_at for d in given) else 0
        refs = tuple(d.ref for d in given)
        found.append(
            _owed(key, arguments.document, period, period.due, 1, done, refs, facts, late=False)
        )
    return found


def _owed(
    key: str, what: str, period: Period, due: datetime, number: int, done: int,
    refs: tuple[Ref, ...], facts: Facts, *, late: bool = True,
) -> Owed:  # fmt: skip
    if number and done >= number:
        standing = Standing.MET
    elif facts.now < period.opens:
        standing = Standing.NOT_DUE
    elif facts.now < due or not late:
        standing = Standing.DUE
    else:
        standing = Standing.BREACHED
    return Owed(
        key, what, period.label, period.first, period.last, due, number, min(done, number),
        standing, refs,
    )  # fmt: skip


def between(rows: Sequence[Owed], first: date, last: date) -> list[Owed]:
    """Duties whose time touches the days from `first` to `last`, the earliest due first."""
    found = [row for row in rows if row.opens <= last and row.last >= first]
    return sorted(found, key=lambda row: (row.due, row.what, row.obligation))
