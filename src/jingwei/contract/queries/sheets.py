"""The sheets people fill in front of things: which there are, for what, and what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from jingwei.assets.models import Target
from jingwei.calendars import queries as calendars
from jingwei.checks.content import Item, Routine
from jingwei.checks.queries import plan
from jingwei.contract.clauses import Duty
from jingwei.contract.models import Contract, DutyRecord
from jingwei.contract.queries.assess import open_questions
from jingwei.contract.queries.content import content_of
from jingwei.contract.queries.facts import blocks, labels, objects, term_of
from jingwei.contract.queries.facts.duties import records
from jingwei.contract.queries.versions import obligations_of
from jingwei.desk.models import Kind, State, Ticket
from jingwei.sla.measures import Facts
from jingwei.sla.measures.facts import Family
from jingwei.sla.measures.periods import day_of, last_day
from jingwei.sla.owed import Owed, owed

_AHEAD = (State.NEW, State.ACCEPTED, State.APPROVED)  # of a change on which nobody works yet


@dataclass(frozen=True, slots=True)
class Place:
    """One sheet to be filled: for an object, about an event, or both empty for the whole.

    `items` are those of the routine that apply; `done` the record that stands, if there is one.
    """

    object: str
    about: str
    name: str
    where: str
    site: str
    items: tuple[Item, ...]
    done: DutyRecord | None = None


def sheets(contract: Contract) -> list[tuple[Routine, Duty]]:
    """The routines whose finished sheets settle a duty of this contract."""
    content = content_of(contract)
    if content is None:
        return []
    found = (plan.routine(name) for name in plan.routine_ids())
    return [
        (one, content.duties[one.sheet.duty])
        for one in found
        if one.sheet is not None and one.sheet.duty in content.duties
    ]


def sheet(contract: Contract, routine: str) -> tuple[Routine, Duty] | None:
    """One of them; None where the contract has no such duty."""
    return next((each for each in sheets(contract) if each[0].id == routine), None)


def round_of(contract: Contract, duty: str, now: datetime, day: date | None = None) -> Owed | None:
    """The period of a duty that holds a day (today), or the next one; None where it has none.

    Two obligations may ask for the same duty: the first in the tender's order dates it.
    """
    wanted = day or day_of(now)
    found = [row for row in rounds(contract, duty, now) if row.last >= wanted]
    return found[0] if found else None


def rounds(contract: Contract, duty: str, now: datetime) -> list[Owed]:
    """Every period of a duty over the term, with how many are done."""
    questions = open_questions(contract, now)
    for row in obligations_of(contract):
        if row.measure == "duty.done" and row.arguments.get("duty") == duty:
            asked = [questions[key] for key in row.ambiguities if key in questions]
            return owed(row.key, row.measure, row.arguments, asked, _facts(contract, now))
    return []


def _facts(contract: Contract, now: datetime) -> Facts:
    """As little as dated duties ask for."""
    term = term_of(contract)
    first, last = day_of(term.start), last_day(term)
    return Facts(
        term=term, now=now, known=frozenset({Family.DUTIES}),
        working=calendars.days(first - timedelta(days=30), last), blocks=blocks(first, last),
        objects=objects(day_of(now)), labels=labels(contract), done=records(contract, now),
    )  # fmt: skip


def places(contract: Contract, routine: Routine, now: datetime, period: Owed | None) -> list[Place]:
    """Every sheet of a round, in the register's order; for changes one for each that is ahead."""
    assert routine.sheet is not None  # noqa: S101 - only routines with a sheet come here
    if routine.sheet.each:
        return _by_object(contract, routine, now, period)
    if routine.calendar == "change":
        return _by_change(contract, routine)
    if period is None:
        return []
    held = standing(contract, routine.sheet.duty, period)
    return [
        Place("", period.label, routine.label, "", "", routine.items, held.get(("", "")))
    ]  # fmt: skip


def _by_object(
    contract: Contract, routine: Routine, now: datetime, period: Owed | None
) -> list[Place]:
    sheet = routine.sheet
    assert sheet is not None  # noqa: S101 - asked before
    held = standing(contract, sheet.duty, period) if period else {}
    rows = (
        Target.objects.filter(**{f"{sheet.each}__isnull": False})
        .exclude(valid_to__lte=day_of(now))
        .select_related(
            "unit__row__site", "unit__institution", "unit__rack__room", "application__system"
        )
        .order_by("order", "key")
    )
    found = []
    for row in rows:
        target = plan.TargetRow(row.pk, row.key, row.kind, row.label)
        items = tuple(item for item in routine.items if plan.applies(item, target))
        where, site = _where(row)
        found.append(
            Place(row.key, "", row.label.split("\n")[0], where, site, items,
                  held.get((row.key, "")))
        )  # fmt: skip
    return found


def _where(target: Target) -> tuple[str, str]:
    """Where it stands, for somebody who walks there; and the site to filter by."""
    unit = target.unit
    if unit is None:
        return "", ""
    rack = ""
    if unit.rack is not None:
        rack = f"{unit.rack} {unit.rack_u}U" if unit.rack_u else str(unit.rack)
    place = unit.institution.name if unit.institution else ""
    words = [word for word in (place, rack, unit.location, unit.serial) if word]
    return " ".join(words), unit.row.site.name


def _by_change(contract: Contract, routine: Routine) -> list[Place]:
    assert routine.sheet is not None  # noqa: S101 - asked before
    rows = Ticket.objects.filter(kind=Kind.CHANGE, state__in=_AHEAD).order_by("id")
    held = {
        record.about: record
        for record in _records(contract, routine.sheet.duty).filter(
            about__in=[row.number for row in rows]
        )
    }
    return [
        Place("", row.number, row.title, row.number, "", routine.items, held.get(row.number))
        for row in rows
    ]


def standing(contract: Contract, duty: str, period: Owed) -> dict[tuple[str, str], DutyRecord]:
    """(object, "") → the record of this round that stands; the first one where there are more."""
    rows = _records(contract, duty)
    found: dict[tuple[str, str], DutyRecord] = {}
    for row in rows.order_by("at", "id"):
        if period.opens <= day_of(row.at) <= period.last:
            found.setdefault((row.object, ""), row)
    return found


def _records(contract: Contract, duty: str) -> QuerySet[DutyRecord]:
    return DutyRecord.objects.filter(contract=contract, duty=duty, corrected_by=None)


def unconfirmed(contract: Contract, duty: str, period: Owed | None) -> Sequence[DutyRecord]:
    """The records of a round the client has not answered; without a round, all of the duty."""
    rows = _records(contract, duty).filter(confirmations=None).order_by("at", "id")
    return [row for row in rows if period is None or period.opens <= day_of(row.at) <= period.last]
