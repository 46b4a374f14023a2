"""Who came and went; 7x24 periods and their turns; what a calendar shows of it."""

from datetime import date

import pytest
from desk_making import at, client, person, publish

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.desk.actions import BadInputError, ForbiddenError, attendance
from jingwei.desk.models import Attendance, GuardPeriod, Shift
from jingwei.desk.queries import planned, roster

pytestmark = pytest.mark.django_db
NOW = at("2023-01-10 08:20")  # a Tuesday
DAY = date(2023, 1, 10)


@pytest.fixture(autouse=True)
def calendar() -> None:
    publish(2023, 2023)


@pytest.fixture
def wang() -> User:
    made = person("wang")
    Person.objects.create(name="王工", line=Person.Line.FIRST, user=made)
    return made


@pytest.fixture
def manager() -> User:
    return person("zhao", Role.MANAGER)


@pytest.fixture
def period() -> GuardPeriod:
    start, end = at("2023-01-12 00:00"), at("2023-01-14 00:00")
    return attendance.open_period("流感", start, end, client(), NOW)


def me() -> Person:
    return Person.objects.get(name="王工")


def test_one_comes_once_a_day_and_goes_after_coming(wang: User) -> None:
    with pytest.raises(BadInputError, match="还没有签到"):
        attendance.leave_for_today(wang, NOW)
    came = attendance.come(wang, NOW)
    with pytest.raises(BadInputError, match="已签到"):
        attendance.come(wang, at("2023-01-10 08:21"))
    went = attendance.leave_for_today(wang, at("2023-01-10 17:31"))
    assert (went.corrects, went.came_at, went.late) == (came, NOW, False)
    assert [one.name for one in roster.on_duty(DAY).came] == ["王工"]


def test_the_day_is_shanghais(wang: User) -> None:
    row = attendance.come(wang, at("2023-01-11 00:10"))
    assert row.date == date(2023, 1, 11)


def test_a_login_without_a_person_does_not_come(manager: User) -> None:
    with pytest.raises(BadInputError, match="人员档案"):
        attendance.come(manager, NOW)


def test_what_is_written_after_half_an_hour_is_stamped(wang: User) -> None:
    soon = attendance.enter(me(), at("2023-01-10 08:00"), None, "忘了", wang, NOW)
    assert not soon.late
    late = attendance.enter(me(), at("2023-01-09 08:00"), None, "忘了", wang, NOW)
    assert (late.late, late.date) == (True, date(2023, 1, 9))


def test_a_correction_refers_to_what_it_corrects_and_both_are_kept(
    wang: User, manager: User
) -> None:
    first = attendance.come(wang, NOW)
    right = attendance.enter(
        me(), at("2023-01-10 07:50"), None, "打卡晚了", manager, at("2023-01-10 08:25")
    )
    assert right.corrects == first
    assert Attendance.objects.count() == 2
    assert right.reason == "打卡晚了"


@pytest.mark.parametrize(
    ("came", "left", "reason", "field"),
    [
        ("2023-01-10 08:00", None, " ", "reason"),
        ("2023-01-09 08:00", "2023-01-09 07:00", "忘了", "left_at"),
        ("2023-01-07 08:00", "2023-01-09 08:00", "忘了", "left_at"),
    ],
)
def test_attendance_that_cannot_be_is_refused(
    wang: User, came: str, left: str | None, reason: str, field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        attendance.enter(me(), at(came), at(left) if left else None, reason, wang, NOW)
    assert caught.value.field == field
    assert not Attendance.objects.exists()


def test_tomorrow_is_not_attended_yet(wang: User) -> None:
    with pytest.raises(BadInputError):
        attendance.enter(me(), at("2023-01-11 08:00"), None, "预填", wang, NOW)


def test_an_engineer_writes_only_for_himself(wang: User) -> None:
    other = Person.objects.create(name="李工", line=Person.Line.FIRST)
    with pytest.raises(ForbiddenError):
        attendance.enter(other, at("2023-01-10 08:00"), None, "代签", wang, NOW)
    with pytest.raises(ForbiddenError):
        attendance.enter(other, at("2023-01-10 08:00"), None, "代签", client(), NOW)


@pytest.mark.parametrize(
    ("end", "needed", "name", "field"),
    [
        ("2023-01-12 00:00", 2, "流感", "end"),
        ("2024-02-12 00:00", 2, "流感", "end"),
        ("2023-01-14 00:00", 0, "流感", "needed"),
        ("2023-01-14 00:00", 21, "流感", "needed"),
        ("2023-01-14 00:00", 2, " ", "name"),
    ],
)
def test_a_period_that_cannot_be_is_refused(end: str, needed: int, name: str, field: str) -> None:
    with pytest.raises(BadInputError) as caught:
        attendance.open_period(name, at("2023-01-12 00:00"), at(end), client(), NOW, needed=needed)
    assert caught.value.field == field
    assert not GuardPeriod.objects.exists()


def test_an_engineer_opens_no_period(wang: User) -> None:
    with pytest.raises(ForbiddenError):
        attendance.open_period("流感", NOW, at("2023-01-14 00:00"), wang, NOW)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2023-01-12 08:00", "2023-01-12 08:00", "end"),
        ("2023-01-12 08:00", "2023-01-13 09:00", "end"),
        ("2023-01-11 20:00", "2023-01-12 08:00", "start"),
        ("2023-01-13 20:00", "2023-01-14 08:00", "start"),
        ("2023-01-12 19:00", "2023-01-13 07:00", "start"),
    ],
)
def test_a_turn_that_cannot_be_is_refused(
    wang: User, manager: User, period: GuardPeriod, start: str, end: str, field: str
) -> None:
    attendance.add_shift(period, me(), at("2023-01-12 08:00"), at("2023-01-12 20:00"), manager, NOW)
    with pytest.raises(BadInputError) as caught:
        attendance.add_shift(period, me(), at(start), at(end), manager, NOW)
    assert caught.value.field == field
    assert Shift.objects.count() == 1


def test_one_turn_may_follow_another_at_once(
    wang: User, manager: User, period: GuardPeriod
) -> None:
    for low, high in (("08:00", "12:00"), ("12:00", "20:00")):
        attendance.add_shift(
            period, me(), at(f"2023-01-12 {low}"), at(f"2023-01-12 {high}"), manager, NOW
        )
    assert Shift.objects.count() == 2


def test_a_cancelled_period_is_short_no_more_and_struck_out_in_calendars(
    wang: User, manager: User, period: GuardPeriod
) -> None:
    turn = attendance.add_shift(
        period, me(), at("2023-01-12 08:00"), at("2023-01-12 20:00"), manager, NOW
    )
    short = [each for each in roster.shortfalls(DAY, date(2023, 1, 15)) if each.line == "guard"]
    assert {each.there for each in short} == {0, 1}
    attendance.cancel_period(period, "结束", client("gu2"), NOW)
    assert not [e for e in roster.shortfalls(DAY, date(2023, 1, 15)) if e.line == "guard"]
    found = {one.uid: one for one in planned.duty(DAY, date(2023, 1, 15))}
    assert found[f"shift-{turn.pk}"].state == "cancelled"
    assert found[f"shift-{turn.pk}"].sequence == 1
    with pytest.raises(BadInputError, match="已取消"):
        attendance.cancel_period(period, "再次", client("gu3"), NOW)


def test_a_turn_that_began_is_not_taken_off(wang: User, manager: User, period: GuardPeriod) -> None:
    turn = attendance.add_shift(
        period, me(), at("2023-01-12 08:00"), at("2023-01-12 20:00"), manager, NOW
    )
    with pytest.raises(BadInputError, match="已开始"):
        attendance.cancel_shift(turn, manager, at("2023-01-12 08:00"))


def test_calendars_hold_only_the_days_of_ones_term_and_of_published_years(wang: User) -> None:
    mine = me()
    mine.valid_from, mine.valid_to = date(2023, 12, 28), date(2024, 1, 5)
    mine.save()
    days = [one.start for one in planned.duty(date(2023, 12, 25), date(2024, 1, 5), mine)]
    assert days == [date(2023, 12, 28), date(2023, 12, 29)]
