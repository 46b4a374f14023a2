"""Who was there, what was agreed beforehand, how much was worked."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from jingwei.assets.models import Person
from jingwei.contract.queries.facts import desk
from jingwei.desk.models import Asked, Attendance, Effort, GuardPeriod, Leave, StaffChange
from jingwei.desk.queries import roster
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import ConsentFact, EffortFact, PresenceFact
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms.obligation import Ref

_LINES = {Person.Line.FIRST: "first", Person.Line.SECOND: "second"}


def presence(first: date, last: date, now: datetime) -> tuple[PresenceFact, ...]:
    """How many of each line came, by attendance; a corrected entry does not count.

    A 7x24 period is not kept with fewer people than it needs at any moment: each of its days
    counts the fewest that were there.
    """
    rows = Attendance.objects.filter(
        date__gte=first, date__lte=min(last, day_of(now)), entered_at__lte=now,
        came_at__isnull=False,
    ).exclude(corrected_by__entered_at__lte=now).select_related("person")  # fmt: skip
    there: dict[tuple[str, date], set[int]] = defaultdict(set)
    for row in rows:
        line = _LINES.get(Person.Line(row.person.line))
        if line is not None:
            there[line, row.date].add(row.person_id)
    counted = [
        PresenceFact(Ref("attendance", f"{line}/{day}"), line, day, len(people))
        for (line, day), people in sorted(there.items())
    ]
    return (*counted, *_guards(first, last, now))


def _guards(first: date, last: date, now: datetime) -> list[PresenceFact]:
    """Days of the term only; a period cancelled on its way is judged until then."""
    periods = GuardPeriod.objects.filter(start__lt=now, end__gt=midnight(first))
    return [
        PresenceFact(Ref("guard", f"{period.pk}/{day}"), "guard", day, fewest)
        for period in periods
        for day, fewest in roster.fewest_by_day(period, now)
        if first <= day <= last
    ]


def consents(term: Term, now: datetime) -> tuple[ConsentFact, ...]:
    """Leave, replacements, upgrades: what needs the client's word before it takes effect."""
    leaves = [
        ConsentFact(
            Ref("leave", str(row.pk), row.asked_at), "leave", row.asked_at, row.start,
            row.answered_at if _stood(row, now) == Asked.GRANTED else None,
            complete=bool(row.reason and row.whereabouts and row.phone),
            effective=_away(row, now),
        )
        for row in Leave.objects.filter(
            start__gte=term.start, start__lt=term.end, asked_at__lte=now
        )
    ]  # fmt: skip
    changes = [
        ConsentFact(
            Ref("staff-change", str(row.pk), row.asked_at),
            "staff-change-client" if row.client_asked else "staff-change",
            row.asked_at, _from(row),
            row.answered_at if _stood(row, now) == Asked.GRANTED else None,
            effective=_stood(row, now) in (Asked.GRANTED, Asked.WAITING),
        )
        for row in StaffChange.objects.filter(
            on__gte=day_of(term.start), on__lt=day_of(term.end), asked_at__lte=now
        )
    ]  # fmt: skip
    return (*leaves, *changes, *desk.upgrades(term, now))


def _away(row: Leave, now: datetime) -> bool:
    """Whether he stays away: written down afterwards he already did, whatever the client says."""
    stood = _stood(row, now)
    return stood != Asked.WITHDRAWN and (stood != Asked.REFUSED or row.asked_at >= row.start)


def _from(row: StaffChange) -> datetime:
    """When it takes effect; what the client asks for on the day itself, by its end (L614)."""
    return midnight(row.on + timedelta(days=row.client_asked))


def _stood(row: Leave | StaffChange, now: datetime) -> str:
    """Its state at a moment: what was answered later was still waiting."""
    later = row.answered_at is not None and row.answered_at > now
    return Asked.WAITING if later else row.state


def efforts(first: date, last: date, now: datetime) -> tuple[EffortFact, ...]:
    """Days of development booked in the term, corrections negative."""
    rows = Effort.objects.filter(date__gte=first, date__lte=last, entered_at__lte=now)
    return tuple(
        EffortFact(Ref("effort", str(row.pk), row.entered_at), row.date, row.days) for row in rows
    )
