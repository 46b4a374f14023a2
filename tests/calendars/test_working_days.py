"""The working calendar: the notices as data, entries by hand, and no guess for what is unknown."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jingwei.accounts import queries as accounts
from jingwei.calendars import actions, published, queries
from jingwei.calendars.errors import CalendarError
from jingwei.calendars.models import CalendarDay
from jingwei.sla.calendar import WorkingCalendar, due
from jingwei.terms import SHANGHAI

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
SERVICE = date(2022, 11, 1), date(2023, 10, 31)  # the tender's service year
pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar() -> None:
    """The published years."""
    actions.seed(NOW)


def test_seeding_brings_every_published_day_once() -> None:
    years = published.years()
    expected = (date(years.stop, 1, 1) - date(years.start, 1, 1)).days
    assert actions.seed(NOW) == expected
    assert actions.seed(NOW) == 0
    assert CalendarDay.objects.count() == expected
    assert queries.coverage() == (date(years.start, 1, 1), date(years.stop - 1, 12, 31))


def test_the_notices_cover_2004_to_2026_at_least() -> None:
    assert set(range(2004, 2027)) <= set(published.years())


def test_seeding_is_written_in_the_audit_chain_once() -> None:
    actions.seed(NOW)
    actions.seed(NOW)
    entry = accounts.entries("calendar").get()
    assert (entry.actor, entry.action) == ("系统", "calendar.seed")


def test_a_changed_notice_changes_the_day_and_says_so(calendar: None) -> None:
    CalendarDay.objects.filter(date=date(2023, 10, 7)).update(working=False, name="")
    assert actions.seed(NOW) == 1
    assert queries.working(date(2023, 10, 7)) is True
    newest = accounts.entries("calendar").first()
    assert newest is not None
    assert newest.after is not None
    assert newest.after["changed"] == ["2023-10-07"]


def test_a_day_entered_by_hand_survives_seeding(calendar: None) -> None:
    actions.set_day(date(2023, 10, 7), False, name="停工", source="区政府通知", by="张三", now=NOW)
    assert actions.seed(NOW) == 0
    assert queries.working(date(2023, 10, 7)) is False
    assert CalendarDay.objects.get(date=date(2023, 10, 7)).source == "人工录入：区政府通知"


@pytest.mark.parametrize(
    ("day", "working", "name"),
    [
        ("2023-01-21", False, "春节"),
        ("2023-01-28", True, "春节调休（上班）"),  # a Saturday
        ("2023-04-22", False, "周末"),
        ("2023-04-23", True, "劳动节调休（上班）"),  # a Sunday
        ("2023-09-29", False, "中秋"),
        ("2023-10-01", False, "国庆节"),
        ("2022-11-07", True, "工作日"),
        ("2026-11-23", True, "工作日"),
    ],
)
def test_each_day_is_what_the_state_council_said(
    calendar: None, day: str, working: bool, name: str
) -> None:
    asked = date.fromisoformat(day)
    assert queries.working(asked) is working
    assert queries.day_name(asked) == name


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2030, 1, 7)])
def test_an_unpublished_day_is_not_guessed(calendar: None, day: date) -> None:
    assert queries.working(day) is None
    assert queries.day_name(day) == "未公布"
    assert queries.first_day_off_block(day) is None
    assert queries.last_working_day_before(day) is None
    assert queries.working_days(day, day) is None


def test_an_empty_calendar_knows_nothing() -> None:
    assert queries.coverage() is None
    assert queries.working(date(2026, 11, 23)) is None
    assert queries.holidays(*SERVICE) == []


def test_the_service_year_has_250_working_days(calendar: None) -> None:
    assert queries.working_days(*SERVICE) == 250


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2022-11-01", "2023-01-31", 62),
        ("2023-02-01", "2023-04-30", 63),
        ("2023-05-01", "2023-07-31", 63),
        ("2023-08-01", "2023-10-31", 62),
    ],
)
def test_the_contract_quarters_have_62_63_63_62(
    calendar: None, start: str, end: str, count: int
) -> None:
    assert queries.working_days(date.fromisoformat(start), date.fromisoformat(end)) == count


def test_no_days_are_zero_working_days(calendar: None) -> None:
    assert queries.working_days(date(2023, 1, 2), date(2023, 1, 1)) == 0


def test_the_pre_holiday_checks_of_the_service_year_are_due_when_the_domain_says(
    calendar: None,
) -> None:
    deadlines = [str(block.deadline) for block in queries.holidays(*SERVICE)]
    assert deadlines == [
        "2022-12-30", "2023-01-20", "2023-04-04", "2023-04-28", "2023-06-21", "2023-09-28",
    ]  # fmt: skip


def test_a_block_that_joins_two_festivals_is_one_holiday_with_both_names(calendar: None) -> None:
    block = queries.holidays(date(2023, 9, 1), date(2023, 10, 31))[0]
    assert (block.first, block.last) == (date(2023, 9, 29), date(2023, 10, 6))
    assert block.name == "中秋、国庆节"


def test_a_plain_weekend_is_no_holiday(calendar: None) -> None:
    assert queries.holidays(date(2022, 11, 1), date(2022, 11, 30)) == []


def test_a_holiday_at_the_edge_of_the_known_years_has_no_deadline(calendar: None) -> None:
    years = published.years()
    first = queries.holidays(date(years.start, 1, 1), date(years.start, 1, 10))[0]
    assert (first.name, first.deadline) == ("元旦", None)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2023-10-03", "2023-09-29"),
        ("2023-09-29", "2023-09-29"),
        ("2023-01-27", "2023-01-21"),
        ("2023-04-22", "2023-04-22"),  # Sunday 04-23 works
        ("2022-11-06", "2022-11-05"),
    ],
)
def test_the_first_day_off_of_a_block_is_found(calendar: None, day: str, first: str) -> None:
    assert queries.first_day_off_block(date.fromisoformat(day)) == date.fromisoformat(first)


def test_a_working_day_is_in_no_block(calendar: None) -> None:
    assert queries.first_day_off_block(date(2023, 9, 28)) is None


def test_a_block_that_reaches_out_of_the_known_years_has_no_first_day(calendar: None) -> None:
    first = date(published.years().start, 1, 1)
    assert queries.working(first) is False
    assert queries.first_day_off_block(first) is None


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2023-09-28", 1, "2023-10-07"),
        ("2023-10-07", -1, "2023-09-28"),
        ("2023-01-20", 2, "2023-01-29"),
        ("2022-11-04", 0, "2022-11-04"),
        ("2022-11-05", 5, "2022-11-11"),
        ("2022-11-01", 249, "2023-10-31"),
        ("2023-10-31", -249, "2022-11-01"),
    ],
)
def test_working_days_are_counted_over_holidays(
    calendar: None, day: str, count: int, expected: str
) -> None:
    found = queries.add_working_days(date.fromisoformat(day), count)
    assert found == date.fromisoformat(expected)


def test_the_neighbours_of_a_holiday(calendar: None) -> None:
    assert queries.last_working_day_before(date(2023, 10, 3)) == date(2023, 9, 28)
    assert queries.next_working_day(date(2023, 10, 3)) == date(2023, 10, 7)


def test_a_deadline_in_an_unpublished_year_is_unknown(calendar: None) -> None:
    last = date(published.years().stop - 1, 12, 31)
    assert queries.next_working_day(last) is None
    assert queries.add_working_days(last - timedelta(days=3), 30) is None


def test_days_entered_by_hand_open_an_unpublished_year(calendar: None) -> None:
    day = date(published.years().stop, 1, 4)
    assert queries.working(day) is None
    actions.set_day(day, True, source="国办发明电〔2026〕7号", by="张三", now=NOW)
    assert queries.working(day) is True
    assert queries.working(day + timedelta(days=1)) is None


def test_an_entry_by_hand_is_audited_with_before_and_after(calendar: None) -> None:
    actions.set_day(date(2026, 12, 1), False, name="演练", source="通知", by="张三", now=NOW)
    entry = accounts.entries("calendar", "2026-12-01").get()
    assert (entry.actor, entry.reason) == ("张三", "通知")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["working"], entry.after["working"]) == (True, False)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"source": " "}, "请写明依据"),
        ({"source": "x" * 51}, "最长 50 字"),
        ({"source": "通知", "name": "名" * 65}, "最长 64 字"),
    ],
)
def test_an_entry_without_a_source_or_too_long_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(CalendarError, match=why):
        actions.set_day(date(2026, 12, 1), False, by="张三", now=NOW, **fields)
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2023-01-20 17:20", 30, "2023-01-28 08:50"),
        ("2023-04-22 10:00", 30, "2023-04-23 09:00"),
        ("2022-12-31 10:00", 30, "2023-01-03 09:00"),
        ("2023-09-28 17:00", 120, "2023-10-07 10:00"),
    ],
)
def test_the_working_clock_runs_on_this_table(
    calendar: None, start: str, minutes: int, expected: str
) -> None:
    clock = WorkingCalendar(queries.days(date(2022, 11, 1), date(2023, 12, 31)))
    begun = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    assert f"{due(clock, begun, timedelta(minutes=minutes)):%Y-%m-%d %H:%M}" == expected


def test_a_day_reads_well() -> None:
    assert str(CalendarDay(date=date(2023, 10, 1), working=False, name="国庆节")) == (
        "2023-10-01 休息日 国庆节"
    )
