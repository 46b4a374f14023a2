"""Who is there: the 5x8 team by day, 7x24 periods by turns, and where somebody will be missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

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
    return on_duties(day, day, hours=hours)[0]


def on_duties(start: date, end: date, *, hours: Hours | None = None) -> list[Duty]:
    """Every day of the roster from `start` to `end` included; as many queries as for one."""
    known = _read(start, end)
    names = calendars.day_names(start, end)
    came: dict[date, list[Person]] = {}
    for row in Attendance.objects.filter(
        date__gte=start, date__lte=end, came_at__isnull=False, corrected_by=None
    ).select_related("person"):
        if row.person not in came.setdefault(row.date, []):
            came[row.date].append(row.person)
    found = []
    for day in _days(start, end):
        low, high = _whole(day)
        works = known.working.get(day)
        found.append(
            Duty(
                day, works, names[day],
                due=tuple(known.people(Person.Line.FIRST, day)) if works else (),
                leaves=tuple(row for row in known.away if row.start < high and row.end > low),
                came=tuple(came.get(day, ())),
                periods=tuple(
                    row for row in known.periods if row.start < high and _until(row) > low
                ),
                shifts=tuple(row for row in known.turns if row.start < high and row.end > low),
                short=tuple(_short(known, day, day, hours or Hours(), FIRST, SECOND)),
            )
        )  # fmt: skip
    return found


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
    return _short(_read(start, end, also), start, end, hours or Hours(), first, second)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record about a span of days, read once: five queries, however long it is."""

    working: dict[date, bool]
    staff: list[Person]
    away: list[Leave]
    periods: list[GuardPeriod]
    turns: list[Shift]

    def people(self, line: Person.Line, day: date) -> list[Person]:
        """Everybody of a line whose term holds the day, as `people` says."""
        return [
            one for one in self.staff
            if one.line == line and (one.valid_from or day) <= day <= (one.valid_to or day)
        ]  # fmt: skip


def _read(start: date, end: date, also: Iterable[Leave] = ()) -> _Known:
    low, high = _whole(start)[0], _whole(end)[1]
    periods = GuardPeriod.objects.filter(start__lt=high, end__gt=low)
    turns = Shift.objects.filter(start__lt=high, end__gt=low, cancelled_at=None)
    return _Known(
        calendars.days(start, end),
        list(Person.objects.filter(line__in=(Person.Line.FIRST, Person.Line.SECOND))),
        [*leaves(low, high), *also],
        [row for row in periods if _until(row) > max(low, row.start)],
        list(turns.select_related("person")),
    )


def _short(
    known: _Known, start: date, end: date, hours: Hours, first: int, second: int
) -> list[Shortfall]:
    low, high = _whole(start)[0], _whole(end)[1]
    days = [day for day in _days(start, end) if known.working.get(day)]
    found = [row for day in days for row in _day(day, known, hours, first, second)]
    for period in known.periods:
        if period.start < high and _until(period) > low:
            found += _guarded(period, known, max(low, period.start), min(high, _until(period)))
    spans = [(_at(day, opens), _at(day, closes)) for day in days for opens, closes in hours.spans]
    # Nobody is due over lunch and at night: what is short before and after is one shortfall.
    resumes = {before[1]: after[0] for before, after in pairwise(spans)}
    return _joined(sorted(found, key=lambda each: (each.line, each.start)), resumes)


def unknown_from(start: date, end: date) -> date | None:
    """The first day from `start` to `end` that is not published: no shortfall is known from it."""
    known = calendars.days(start, end)
    return next((day for day in _days(start, end) if day not in known), None)


def _day(day: date, known: _Known, hours: Hours, first: int, second: int) -> list[Shortfall]:
    team = {person.pk for person in known.people(Person.Line.FIRST, day)}
    remote = {person.pk for person in known.people(Person.Line.SECOND, day)}
    found = []
    for opens, closes in hours.spans:
        begin, finish = _at(day, opens), _at(day, closes)
        touching = [leave for leave in known.away if leave.start < finish and leave.end > begin]
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
    known = _read(start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date())
    return stretches(_turned(known), max(start, period.start), min(end, period.end))


def _turned(known: _Known) -> list[tuple[object, datetime, datetime]]:
    """Who is there by his turn, from when to when: leave taken out, being on call not counted."""
    return [
        (turn.person_id, low, high)
        for turn in known.turns
        if not turn.on_call
        for low, high in without(
            (turn.start, turn.end),
            [(row.start, row.end) for row in known.away if row.person_id == turn.person_id],
        )
    ]


def _guarded(period: GuardPeriod, known: _Known, start: datetime, end: datetime) -> list[Shortfall]:
    return [
        Shortfall(
            "guard", each.start, each.end, period.needed, each.there, f"{period.name}排班不足"
        )
        for each in too_few(stretches(_turned(known), start, end), period.needed)
    ]


def fewest_by_day(period: GuardPeriod, now: datetime) -> list[tuple[date, int]]:
    """Each day of a 7x24 period that has begun, with the fewest who were there at any moment.

    A period that was cancelled is judged until then: what was missing before stays missing.
    """
    end = min(_until(period), now)
    if end <= period.start:
        return []
    first, last = (at.astimezone(SHANGHAI).date() for at in (period.start, end))
    there = _turned(_read(first, last))
    found = []
    for day in _days(first, last):
        low, high = _whole(day)
        if low < end:
            rows = stretches(there, max(low, period.start), min(high, end))
            found.append((day, min(each.there for each in rows)))
    return found


def _until(period: GuardPeriod) -> datetime:
    """When a period ends: early when it was cancelled."""
    return min(period.end, period.cancelled_at or period.end)


def changes(*states: Asked) -> QuerySet[StaffChange]:
    """Replacements, newest first."""
    rows = StaffChange.objects.select_related("leaving", "joining", "asked_by", "answered_by")
    return rows.filter(state__in=states) if states else rows


def _joined(rows: Sequence[Shortfall], resumes: Mapping[datetime, datetime]) -> list[Shortfall]:
    """Neighbours that say the same become one; the 5x8 team's over lunch and night too."""
    found: list[Shortfall] = []
    for row in rows:
        last = found[-1] if found else None
        same = last is not None and (last.line, last.there, last.why) == (
            row.line, row.there, row.why,
        )  # fmt: skip
        if last is not None and same and _next(last, resumes) == row.start:
            found[-1] = replace(last, end=row.end.astimezone(SHANGHAI))
        else:
            start, end = row.start.astimezone(SHANGHAI), row.end.astimezone(SHANGHAI)
            found.append(replace(row, start=start, end=end))
    return sorted(found, key=lambda each: (each.start, each.line))


def _next(row: Shortfall, resumes: Mapping[datetime, datetime]) -> datetime:
    """When the line is due again after `row`: at once, or when work goes on within fifteen hours.

    A weekend parts shortfalls; 7x24 knows no pause.
    """
    later = row.end if row.line == "guard" else resumes.get(row.end, row.end)
    return later if later - row.end <= timedelta(hours=15) else row.end


def _days(start: date, end: date) -> list[date]:
    return [start + _DAY * n for n in range((end - start).days + 1)]


def _whole(day: date) -> Interval:
    start = _at(day, time())
    return start, start + _DAY


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
