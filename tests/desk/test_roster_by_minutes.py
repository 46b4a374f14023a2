"""The roster held against a reference that knows nothing but minutes: who is there, one by one."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from desk_making import at, client, person, publish
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.contract.queries.facts.people import presence
from jingwei.desk.actions import ForbiddenError, attendance
from jingwei.desk.models import Asked, GuardPeriod, Leave, Shift
from jingwei.desk.queries import roster

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 1, 12), date(2023, 1, 17)  # Thursday to Tuesday, a weekend between
STEP = timedelta(minutes=30)  # every instant of these tests lies on one
NOW = at("2023-01-10 09:00")
EASY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
instants = st.integers(0, 6 * 48).map(lambda n: at("2023-01-12 00:00") + n * STEP)
spans = st.tuples(instants, instants).filter(lambda both: both[0] < both[1])


@pytest.fixture(autouse=True)
def calendar() -> None:
    publish(2023, 2023)


@pytest.fixture
def staff() -> list[Person]:
    lines = [Person.Line.FIRST] * 4 + [Person.Line.SECOND] * 3
    return [Person.objects.create(name=f"人{n}", line=line) for n, line in enumerate(lines)]


def away(who: Person, stand_in: Person | None, start: datetime, end: datetime) -> Leave:
    return Leave.objects.create(
        person=who, stand_in=stand_in, start=start, end=end, reason="事", whereabouts="市内",
        phone="1", state=Asked.GRANTED, asked_at=NOW,
        asked_by=User.objects.get_or_create(username="asker")[0],
    )  # fmt: skip


def working_moments() -> list[datetime]:
    """The middle of every half hour of work, from the calendar of the festival by hand."""
    days = [date(2023, 1, 12), date(2023, 1, 13), date(2023, 1, 16), date(2023, 1, 17)]
    morning = [at(f"{day} 08:30") + n * STEP for day in days for n in range(7)]
    afternoon = [at(f"{day} 13:00") + n * STEP for day in days for n in range(9)]
    return [moment + STEP / 2 for moment in (*morning, *afternoon)]


def there_at(moment: datetime, staff: list[Person], leaves: list[Leave]) -> dict[str, int]:
    gone = {row.person_id for row in leaves if row.start <= moment < row.end}
    first = {one.pk for one in staff if one.line == Person.Line.FIRST}
    second = {one.pk for one in staff if one.line == Person.Line.SECOND}
    lent = {
        row.stand_in_id for row in leaves
        if row.start <= moment < row.end and row.person_id in first
        and row.stand_in_id is not None
    } - first - gone  # fmt: skip
    return {"first": len((first - gone) | lent), "second": len(second - gone - lent)}


@EASY
@given(data=st.data(), wishes=st.lists(spans, max_size=6))
def test_a_shortfall_covers_exactly_the_minutes_in_which_somebody_is_missing(
    staff: list[Person], data: Any, wishes: list[tuple[datetime, datetime]]
) -> None:
    Leave.objects.all().delete()
    rows = []
    for start, end in wishes:
        who, other = data.draw(st.permutations(staff))[:2]
        rows.append(away(who, data.draw(st.sampled_from([None, other])), start, end))
    found = roster.shortfalls(FIRST, LAST)
    for moment in working_moments():
        there = there_at(moment, staff, rows)
        for line, needed in (("first", 4), ("second", 3)):
            said = [
                each.there
                for each in found
                if each.line == line and each.start <= moment < each.end
            ]
            wanted = [there[line]] if there[line] < needed else []
            assert said == wanted, (line, moment)


@EASY
@given(data=st.data(), turns=st.lists(spans, max_size=6), leave=spans)
def test_a_7x24_period_is_short_in_exactly_the_minutes_with_fewer_than_two(
    staff: list[Person], data: Any, turns: list[tuple[datetime, datetime]],
    leave: tuple[datetime, datetime],
) -> None:  # fmt: skip
    for model in (Shift, GuardPeriod, Leave):
        model.objects.all().delete()
    low, high = at("2023-01-12 00:00"), at("2023-01-18 00:00")
    period = GuardPeriod.objects.create(name="流感", start=low, end=high, declared_at=NOW)
    rows = [
        Shift.objects.create(
            person=data.draw(st.sampled_from(staff)), period=period, start=start, end=end,
            on_call=data.draw(st.booleans()),
        )
        for start, end in turns
    ]  # fmt: skip
    sick = away(staff[0], None, *leave)
    found = [each for each in roster.shortfalls(FIRST, LAST) if each.line == "guard"]
    fewest: dict[date, int] = defaultdict(lambda: 99)
    for n in range(6 * 48):
        moment = low + n * STEP + STEP / 2
        there = {
            row.person_id for row in rows if not row.on_call and row.start <= moment < row.end
        }  # fmt: skip
        if sick.start <= moment < sick.end:
            there -= {sick.person_id}
        fewest[moment.date()] = min(fewest[moment.date()], len(there))
        said = [each.there for each in found if each.start <= moment < each.end]
        assert said == ([len(there)] if len(there) < 2 else []), moment
    assert roster.fewest_by_day(period, high + timedelta(days=9)) == sorted(fewest.items())


def test_two_short_hours_with_a_full_one_between_are_two_shortfalls(staff: list[Person]) -> None:
    away(staff[0], None, at("2023-01-16 09:00"), at("2023-01-16 10:00"))
    away(staff[0], None, at("2023-01-16 15:00"), at("2023-01-16 16:00"))
    found = [(each.start.hour, each.end.hour) for each in roster.shortfalls(FIRST, LAST)]
    assert found == [(9, 10), (15, 16)]


def test_a_month_says_of_each_day_what_the_day_says_of_itself(staff: list[Person]) -> None:
    away(staff[0], staff[5], at("2023-01-13 10:00"), at("2023-01-16 12:00"))
    boss = client()
    period = attendance.open_period(
        "流感", at("2023-01-14 08:00"), at("2023-01-15 08:00"), boss, NOW
    )
    manager = person("zhao", Role.MANAGER)
    attendance.add_shift(
        period, staff[1], at("2023-01-14 08:00"), at("2023-01-15 08:00"), manager, NOW
    )
    month = roster.on_duties(date(2023, 1, 1), date(2023, 1, 31))
    assert [each.day.day for each in month] == list(range(1, 32))
    assert month == [roster.on_duty(each.day) for each in month]
    assert [each.day.day for each in month if each.short] == [13, 14, 15, 16]


def test_sixty_days_ask_the_database_no_more_often_than_one(staff: list[Person]) -> None:
    for n in range(10):
        start = at("2023-02-01 08:30") + timedelta(days=3 * n)
        away(staff[n % 4], staff[4 + n % 3], start, start + timedelta(days=1))
    for n in range(3):
        start = at("2023-02-01 00:00") + timedelta(days=9 * n)
        GuardPeriod.objects.create(
            name=f"值守{n}", start=start, end=start + timedelta(days=5), declared_at=NOW
        )
    for last in (date(2023, 2, 1), date(2023, 4, 1)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            roster.shortfalls(date(2023, 2, 1), last)
        assert len(asked) == 5
        with CaptureQueriesContext(connection) as asked:
            roster.on_duties(date(2023, 2, 1), last)
        assert len(asked) == 7


def guard(start: str = "2023-01-12 00:00", end: str = "2023-01-16 00:00") -> GuardPeriod:
    return GuardPeriod.objects.create(name="流感", start=at(start), end=at(end), declared_at=NOW)


def test_a_period_that_began_is_ended_by_the_client_only_and_stays_judged_until_then(
    staff: list[Person],
) -> None:
    period, boss, manager = guard(), client(), person("zhao", Role.MANAGER)
    later = at("2023-01-13 12:00")
    with pytest.raises(ForbiddenError, match="只有甲方"):
        attendance.cancel_period(period, "人手不够", manager, later)
    attendance.cancel_period(period, "疫情结束", boss, later)
    facts = presence(FIRST, LAST, at("2023-01-20 09:00"))
    assert [(fact.line, fact.date.day, fact.there) for fact in facts] == [
        ("guard", 12, 0), ("guard", 13, 0),
    ]  # fmt: skip
    short = [each for each in roster.shortfalls(FIRST, LAST) if each.line == "guard"]
    assert [(each.start, each.end) for each in short] == [(period.start, later)]


def test_who_keeps_the_roster_takes_back_a_period_before_it_begins(staff: list[Person]) -> None:
    period, manager = guard(), person("zhao", Role.MANAGER)
    attendance.cancel_period(period, "登记错误", manager, NOW)
    assert presence(FIRST, LAST, at("2023-01-20 09:00")) == ()
    with pytest.raises(attendance.BadInputError, match="已取消"):
        attendance.add_shift(period, staff[0], period.start, at("2023-01-12 08:00"), manager, NOW)


def test_a_term_counts_the_days_of_a_period_that_fall_into_it_its_last_day_too() -> None:
    guard("2023-01-10 00:00", "2023-01-20 00:00")
    facts = presence(FIRST, FIRST, at("2023-02-01 09:00"))
    assert [fact.date for fact in facts] == [FIRST]


def test_who_came_for_the_night_goes_in_the_morning() -> None:
    wang = person("wang")
    Person.objects.create(name="王工", line=Person.Line.FIRST, user=wang)
    came = attendance.come(wang, at("2023-01-12 20:00"))
    went = attendance.leave_for_today(wang, at("2023-01-13 08:05"))
    assert (went.corrects, went.date, went.came_at) == (came, FIRST, came.came_at)
    with pytest.raises(attendance.BadInputError, match="还没有签到"):
        attendance.leave_for_today(wang, at("2023-01-13 08:06"))
