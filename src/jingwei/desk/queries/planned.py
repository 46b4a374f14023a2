"""What stands in the calendar: days on site, turns, leave; as entries a calendar program reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from jingwei.assets.models import Person
from jingwei.calendars import queries as calendars
from jingwei.desk.models import Asked, Leave, Shift
from jingwei.sla.calendar import Hours
from jingwei.sla.presence import without
from jingwei.terms import SHANGHAI

_DAY = timedelta(days=1)
_STATES = {Asked.WAITING: "tentative", Asked.GRANTED: "confirmed"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry: `uid` never changes, `sequence` only grows (RFC 5545 3.8.4.7, 3.8.7.4).

    `start` and `end` are both dates (whole days, `end` excluded) or both instants. `state` is
    confirmed, tentative or cancelled: what was taken back stays, so that programs strike it out.
    """

    uid: str
    start: date | datetime
    end: date | datetime
    title: str
    changed_at: datetime
    text: str = ""
    sequence: int = 0
    state: str = "confirmed"


def duty(
    start: date, end: date, person: Person | None = None, *, hours: Hours | None = None
) -> list[Planned]:
    """Days on site and turns from `start` to `end` included: the team's, or one person's.

    Days of a year that is not published (未公布) have no entry: nobody can say who is due.
    """
    return [*_days(start, end, person, hours or Hours()), *_turns(start, end, person)]


def absences(start: date, end: date, person: Person | None = None) -> list[Planned]:
    """Leave that touches `start` to `end`: everybody's, or one's own and where one stands in.

    Asked for is tentative, agreed to is confirmed, refused or taken back is cancelled.
    """
    rows = _touching(start, end)
    if person is not None:
        rows = rows.filter(Q(person=person) | Q(stand_in=person))
    return [
        Planned(
            f"leave-{row.pk}", row.start, row.end,
            f"请假：{row.person.name}" + (f"（{row.stand_in.name}顶岗）" if row.stand_in else ""),
            row.answered_at or row.asked_at,
            f"{Asked(row.state).label}；事由：{row.reason}；去向：{row.whereabouts}",
            _steps(row), _STATES.get(Asked(row.state), "cancelled"),
        )
        for row in rows
    ]  # fmt: skip


def _days(start: date, end: date, person: Person | None, hours: Hours) -> Iterable[Planned]:
    team = list(Person.objects.filter(line=Person.Line.FIRST).order_by("pk"))
    told = list(_touching(start, end).exclude(answered_at=None))  # agreed to, perhaps taken back
    for day in sorted(day for day, works in calendars.days(start, end).items() if works):
        due = [
            one for one in team
            if (one.valid_from or day) <= day <= (one.valid_to or day)
            and (person is None or one.pk == person.pk)
        ]  # fmt: skip
        if not due:
            continue
        opens, closes = _at(day, hours.spans[0][0]), _at(day, hours.spans[-1][1])
        here = {one.pk for one in due}
        touching = [
            row for row in told if row.person_id in here and row.start < closes and row.end > opens
        ]
        gone = [row for row in touching if row.state == Asked.GRANTED]
        away = {
            one.pk for one in due
            if not without(
                (opens, closes), [(row.start, row.end) for row in gone if row.person_id == one.pk]
            )
        }  # fmt: skip
        there = [one.name for one in due if one.pk not in away]
        yield Planned(
            f"on-site-{day}" + (f"-{person.pk}" if person else ""), day, day + _DAY,
            "驻场" if person else f"驻场：{'、'.join(there) or '无人'}",
            max((row.answered_at for row in touching if row.answered_at), default=_at(day, time())),
            "、".join(f"{row.person.name}请假" for row in gone),
            sum(_steps(row) for row in touching),
            "confirmed" if there or person is None else "cancelled",
        )  # fmt: skip


def _turns(start: date, end: date, person: Person | None) -> Iterable[Planned]:
    rows = Shift.objects.filter(
        start__lt=_at(end + _DAY, time()), end__gt=_at(start, time())
    ).select_related("person", "period")
    for row in rows if person is None else rows.filter(person=person):
        over = row.cancelled_at or (row.period.cancelled_at if row.period else None)
        yield Planned(
            f"shift-{row.pk}", row.start, row.end,
            f"{'备勤' if row.on_call else '值守'}：{row.person.name}",
            over or (row.period.declared_at if row.period else row.start),
            row.period.name if row.period else "", 1 if over else 0,
            "cancelled" if over else "confirmed",
        )  # fmt: skip


def _touching(start: date, end: date) -> QuerySet[Leave]:
    return Leave.objects.filter(
        start__lt=_at(end + _DAY, time()), end__gt=_at(start, time())
    ).select_related("person", "stand_in")


def _steps(leave: Leave) -> int:
    """How often it was changed since it was asked for: answered, taken back."""
    return (leave.answered_at is not None) + (leave.state == Asked.WITHDRAWN)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
