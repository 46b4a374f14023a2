"""The two clocks: the golden cases of the domain, and laws that hold for any calendar."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.sla.calendar import (
    Hours,
    UnpublishedError,
    WallCalendar,
    WorkingCalendar,
    due,
    elapsed,
)
from jingwei.terms import SHANGHAI

FIRST = date(2022, 1, 1)
DAYS = {
    day: chinese_calendar.is_workday(day)
    for day in (FIRST + timedelta(days=n) for n in range(365 * 3 + 1))
}
WORKING = WorkingCalendar(DAYS)
WALL = WallCalendar()
instants = st.datetimes(datetime(2022, 1, 2), datetime(2024, 10, 1), timezones=st.just(SHANGHAI))
allowances = st.integers(0, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2023-01-20T17:20", 30, "2023-01-28T08:50"),
        ("2023-04-22T10:00", 30, "2023-04-23T09:00"),
        ("2022-12-31T10:00", 30, "2023-01-03T09:00"),
        ("2022-11-04T16:30", 120, "2022-11-07T09:30"),
        ("2023-09-28T17:00", 120, "2023-10-07T10:00"),
        ("2022-11-07T11:45", 30, "2022-11-07T13:15"),
        ("2022-11-07T17:00", 30, "2022-11-07T17:30"),
        ("2022-11-07T11:30", 30, "2022-11-07T12:00"),
    ],
)
def test_the_golden_cases_of_the_working_clock_hold(
    start: str, minutes: int, expected: str
) -> None:
    assert due(WORKING, at(start), timedelta(minutes=minutes)) == at(expected)


def test_a_contract_quarter_has_the_working_days_the_domain_counts() -> None:
    day_length = timedelta(hours=8)
    quarters = ["2022-11-01", "2023-02-01", "2023-05-01", "2023-08-01", "2023-11-01"]
    counted = [
        elapsed(WORKING, at(f"{a}T00:00"), at(f"{b}T00:00")) / day_length
        for a, b in pairwise(quarters)
    ]
    assert counted == [62, 63, 63, 62]


def test_the_wall_clock_counts_every_minute() -> None:
    assert due(WALL, at("2023-01-20T17:20"), timedelta(minutes=30)) == at("2023-01-20T17:50")
    assert elapsed(WALL, at("2023-01-20T00:00"), at("2023-01-28T00:00")) == timedelta(days=8)


def test_a_year_that_is_not_published_is_said_and_never_guessed() -> None:
    with pytest.raises(UnpublishedError, match="2025 年的工作日安排未公布"):
        due(WORKING, at("2024-12-30T17:00"), timedelta(days=3))
    with pytest.raises(UnpublishedError):
        WORKING.position(at("2030-01-01T10:00"))


def test_a_gap_in_the_calendar_is_never_crossed_silently() -> None:
    gap = WorkingCalendar({day: DAYS[day] for day in DAYS if day.year != 2023})
    with pytest.raises(UnpublishedError, match="2023"):
        elapsed(gap, at("2022-12-30T10:00"), at("2024-01-02T10:00"))
    with pytest.raises(UnpublishedError, match="2023"):
        due(gap, at("2022-12-30T17:00"), timedelta(hours=2))
    assert due(gap, at("2022-12-29T17:00"), timedelta(hours=1)) == at("2022-12-30T09:00")


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="缺少时区"):
        WORKING.position(datetime(2023, 1, 3, 10))
    with pytest.raises(ValueError, match="缺少时区"):
        WALL.position(datetime(2023, 1, 3, 10))


def test_a_negative_allowance_and_bad_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="负"):
        due(WALL, at("2023-01-03T10:00"), timedelta(minutes=-1))
    with pytest.raises(ValueError, match="有序"):
        Hours(((time(13), time(12)),))
    with pytest.raises(ValueError, match="为空"):
        WorkingCalendar({})


def test_hours_can_be_configured() -> None:
    early = WorkingCalendar(DAYS, Hours(((time(7), time(15)),)))
    assert due(early, at("2022-11-07T14:45"), timedelta(minutes=30)) == at("2022-11-08T07:15")


@given(start=instants, allowed=allowances)
def test_elapsed_time_at_the_deadline_is_exactly_what_was_allowed(
    start: datetime, allowed: timedelta
) -> None:
    for calendar in (WORKING, WALL):
        assert elapsed(calendar, start, due(calendar, start, allowed)) == allowed


@given(start=instants, allowed=allowances)
def test_the_deadline_is_the_earliest_such_instant(start: datetime, allowed: timedelta) -> None:
    end = due(WORKING, start, allowed)
    if allowed:
        assert elapsed(WORKING, start, end - timedelta(microseconds=1)) < allowed


@given(a=instants, b=instants, c=instants)
def test_disjoint_periods_add_and_none_is_negative(a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    for calendar in (WORKING, WALL):
        first, second = elapsed(calendar, a, b), elapsed(calendar, b, c)
        assert first >= timedelta()
        assert first + second == elapsed(calendar, a, c)


@given(a=instants, b=instants, allowed=allowances)
def test_a_later_start_is_never_due_earlier(a: datetime, b: datetime, allowed: timedelta) -> None:
    a, b = sorted((a, b))
    for calendar in (WORKING, WALL):
        assert due(calendar, a, allowed) <= due(calendar, b, allowed)


@given(start=instants, allowed=allowances, offset=st.integers(-12, 14))
def test_the_zone_of_the_input_changes_nothing(
    start: datetime, allowed: timedelta, offset: int
) -> None:
    elsewhere = start.astimezone(timezone(timedelta(hours=offset)))
    for calendar in (WORKING, WALL):
        assert due(calendar, elsewhere, allowed) == due(calendar, start, allowed)
        assert due(calendar, start.astimezone(UTC), allowed) == due(calendar, start, allowed)


@given(start=instants, minutes=st.integers(1, 3000))
def test_the_working_clock_equals_a_minute_by_minute_count(start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    assert due(WORKING, start, timedelta(minutes=minutes)) == slow_due(start, minutes)


def slow_due(start: datetime, minutes: int) -> datetime:
    """The reference: walk every minute, count those that lie in working time."""
    spans = [(time(8, 30), time(12)), (time(13), time(17, 30))]
    now = start
    while minutes:
        if not DAYS[now.date()] or now.time() >= time(17, 30):
            now = datetime.combine(now.date() + timedelta(days=1), time(), SHANGHAI)
            continue
        if any(a <= now.time() < b for a, b in spans):
            minutes -= 1
        now += timedelta(minutes=1)
    return now
