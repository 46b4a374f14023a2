"""Who is there: the 5x8 team by day, 7x24 periods by turns, and where somebody will be missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from jingwei.assets.models import Person
from jingwei.calendars import queries as calendars
from jingwei.desk.models import Asked, Attendance, GuardPeriod, Leave, Shift, StaffChange
from jingwei.sla.calendar import Hours
from jingwei.sla.presence import Interval, Stretch, stretches, too_few, without
from jingwei.terms import SHANGHAI

FIRST, SECOND, GUARD = 4, 3, 2  # tender L513, L607, L514: people needed
_DAY = timedelta(days=1)
_LABELS = {"first": "一线驻场", "second": "二线支持", "guard": "7×24 值守"}


@dataclass(frozen=True, slots=True)
class Duty:
    """One day: who is due on site, who of them is away, who came.

    `working` None: the year is not published (未公布), nobody can say who is due.
    """

    day: date
    working: bool | None
    name: str
    due: tuple[Person, ...]
    leaves: tuple[Leave, ...]
    came: tuple[Person, ...]
    periods: tuple[GuardPeriod, ...] = ()
    shifts: tuple[Shift, ...] = ()
    short: tuple["Shortfall", ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Fewer than promised are there from `start` to `end`. `line`: first, second or guard."""

    line: str
    start: datetime
    end: datetime
    needed: int
    there: int
    why: str

    @property
    def label(self) -> str:
        """The Chinese word of the line."""
        return _LABELS[self.line]

    @property
    def missing(self) -> int:
        """How many are missing."""
        return self.needed - self.there


def people(line: Person.Line, day: date) -> QuerySet[Person]:
    """Everybody of a line whose term holds the day."""
    return Person.objects.filter(line=line).filter(
        Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
    )


def person_of(user_id: int) -> Person | None:
    """The person behind a login."""
    return Person.objects.filter(user=user_id).first()


def leaves(start: datetime, end: datetime, *states: Asked) -> list[Leave]:
    """Leave that touches [start, end), granted unless other states are named."""
    rows = Leave.objects.filter(
        start__lt=end, end__gt=start, state__in=states or (Asked.GRANTED,)
    ).select_related("person", "stand_in")
    return list(rows.order_by("start"))


def on_duty(day: date, *, hours: Hours | None = None) -> Duty:
    """One day of the roster."""
    start, end = _whole(day)
    working = calendars.working(day)
    came = Person.objects.filter(
        pk__in=Attendance.objects.filter(date=day, came_at__isnull=False, corrected_by=None).values(
            "person"
        )
    )
    periods = GuardPeriod.objects.filter(start__lt=end, end__gt=start, cancelled_at=None)
    turns = Shift.objects.filter(start__lt=end, end__gt=start, cancelled_at=None)
    return Duty(
        day, working, calendars.day_name(day),
        due=tuple(people(Person.Line.FIRST, day)) if working else (),
        leaves=tuple(leaves(start, end)), came=tuple(came), periods=tuple(periods),
        shifts=tuple(turns.select_related("person")),
        short=tuple(shortfalls(day, day, hours=hours)),
    )  # fmt: skip


def shortfalls(
    start: date,
    end: date,
    *,
    hours: Hours | None = None,
    also: Iterable[Leave] = (),
    first: int = FIRST,
    second: int = SECOND,
) -> list[Shortfall]:
    """Where fewer will be there than promised, from `start` to `end` included, by line and time.

    Granted leave counts, and `also`: leave that is only asked for. On site are the first line who
    are not away, and stand-ins of another line while they stand in; somebody of the first line who
    stands in was there already and adds nobody. Who stands in on site is not second line meanwhile.
    Days of a year that is not published have no shortfall: nobody can say who is due.
    """
    low, high = _whole(start)[0], _whole(end)[1]
    away = [*leaves(low, high), *also]
    found = []
    known = calendars.days(start, end)
    day = start
    while day <= end:
        if known.get(day):
            found += _day(day, away, hours or Hours(), first, second)
        day += _DAY
    found += [
        short
        for period in GuardPeriod.objects.filter(start__lt=high, end__gt=low, cancelled_at=None)
        for short in _guarded(period, max(low, period.start), min(high, period.end))
    ]
    return _joined(sorted(found, key=lambda each: (each.line, each.start)))


def unknown_from(start: date, end: date) -> date | None:
    """The first day from `start` to `end` that is not published: no shortfall is known from it."""
    known = calendars.days(start, end)
    days = (start + _DAY * n for n in range((end - start).days + 1))
    return next((day for day in days if day not in known), None)


def _day(
    day: date, away: Sequence[Leave], hours: Hours, first: int, second: int
) -> list[Shortfall]:
    team = {person.pk for person in people(Person.Line.FIRST, day)}
    remote = {person.pk for person in people(Person.Line.SECOND, day)}
    found = []
    for opens, closes in hours.spans:
        begin, finish = _at(day, opens), _at(day, closes)
        touching = [leave for leave in away if leave.start < finish and leave.end > begin]
        gone: dict[int, list[Interval]] = {}
        lent: dict[int, list[Interval]] = {}  # of another line, standing in on site
        for leave in touching:
            gone.setdefault(leave.person_id, []).append((leave.start, leave.end))
        for leave in touching:
            who = leave.stand_in_id
            if who is not None and who not in team and leave.person_id in team:
                spans = without((leave.start, leave.end), gone.get(who, []))
                lent.setdefault(who, []).extend(spans)
        on_site = _present(team, gone, begin, finish)
        on_site += [(who, low, high) for who, spans in lent.items() for low, high in spans]
        busy = {who: [*gone.get(who, []), *lent.get(who, [])] for who in remote}
        why = "、".join(dict.fromkeys(f"{leave.person.name}请假" for leave in touching))
        for line, rows, needed in (
            ("first", on_site, first), ("second", _present(remote, busy, begin, finish), second),
        ):  # fmt: skip
            found += [
                Shortfall(line, each.start, each.end, needed, each.there, why or "在册人数不足")
                for each in too_few(stretches(rows, begin, finish), needed)
            ]
    return found


def _present(
    team: Iterable[int], gone: dict[int, list[Interval]], begin: datetime, finish: datetime
) -> list[tuple[object, datetime, datetime]]:
    return [
        (who, low, high)
        for who in team
        for low, high in without((begin, finish), gone.get(who, []))
    ]


def guarded(period: GuardPeriod, start: datetime, end: datetime) -> list[Stretch]:
    """How many are there by their turns, at every moment of a 7x24 period."""
    away = leaves(start, end)
    rows: list[tuple[object, datetime, datetime]] = []
    turns = Shift.objects.filter(start__lt=end, end__gt=start, cancelled_at=None, on_call=False)
    for turn in turns:
        gaps = [(leave.start, leave.end) for leave in away if leave.person_id == turn.person_id]
        rows += [(turn.person_id, a, b) for a, b in without((turn.start, turn.end), gaps)]
    return stretches(rows, max(start, period.start), min(end, period.end))


def _guarded(period: GuardPeriod, start: datetime, end: datetime) -> list[Shortfall]:
    return [
        Shortfall(
            "guard", each.start, each.end, period.needed, each.there, f"{period.name}排班不足"
        )
        for each in too_few(guarded(period, start, end), period.needed)
    ]


def fewest_by_day(period: GuardPeriod, now: datetime) -> list[tuple[date, int]]:
    """Each day of a 7x24 period that has begun, with the fewest who were there at any moment."""
    found = []
    day = period.start.astimezone(SHANGHAI).date()
    while _whole(day)[0] < min(period.end, now):
        low, high = _whole(day)
        rows = guarded(period, max(low, period.start), min(high, period.end, now))
        found.append((day, min((each.there for each in rows), default=0)))
        day += _DAY
    return found


def changes(*states: Asked) -> QuerySet[StaffChange]:
    """Replacements, newest first."""
    rows = StaffChange.objects.select_related("leaving", "joining", "asked_by", "answered_by")
    return rows.filter(state__in=states) if states else rows


def _joined(rows: Sequence[Shortfall]) -> list[Shortfall]:
    """Neighbours that say the same become one, over lunch and night too."""
    found: list[Shortfall] = []
    for row in rows:
        last = found[-1] if found else None
        same = last is not None and (last.line, last.there, last.why) == (
            row.line, row.there, row.why,
        )  # fmt: skip
        if last is not None and same and row.start - last.end <= timedelta(hours=15, minutes=1):
            found[-1] = replace(last, end=row.end.astimezone(SHANGHAI))
        else:
            start, end = row.start.astimezone(SHANGHAI), row.end.astimezone(SHANGHAI)
            found.append(replace(row, start=start, end=end))
    return sorted(found, key=lambda each: (each.start, each.line))


def _whole(day: date) -> Interval:
    start = _at(day, time())
    return start, start + _DAY


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
