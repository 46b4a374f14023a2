"""The periods of a term."""

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures_making import TERM, at, year

from jingwei.sla.availability import Term
from jingwei.sla.measures.periods import Every, add_months, last_day, midnight, periods
from jingwei.terms import SHANGHAI

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def test_the_contract_year_has_its_periods() -> None:
    counts = {every: len(periods(every, TERM)) for every in Every if every is not Every.HOLIDAY}
    assert counts == {
        Every.DAY: 365, Every.MONTH: 12, Every.QUARTER: 4, Every.HALF: 2, Every.YEAR: 1,
    }  # fmt: skip


def test_contract_quarters_begin_with_the_contract_and_calendar_quarters_are_clipped_to_it() -> (
    None
):
    contract = periods(Every.QUARTER, TERM)
    assert [(p.first, p.last) for p in contract][:2] == [
        (date(2022, 11, 1), date(2023, 1, 31)), (date(2023, 2, 1), date(2023, 4, 30)),
    ]  # fmt: skip
    natural = periods(Every.QUARTER, TERM, quarters="calendar")
    assert [(p.first, p.last) for p in natural] == [
        (date(2022, 11, 1), date(2022, 12, 31)), (date(2023, 1, 1), date(2023, 3, 31)),
        (date(2023, 4, 1), date(2023, 6, 30)), (date(2023, 7, 1), date(2023, 9, 30)),
        (date(2023, 10, 1), date(2023, 10, 31)),
    ]  # fmt: skip


def test_before_a_holiday_means_up_to_the_last_working_day_before_it() -> None:
    facts = year()
    working = dict(facts.working) | {date(2023, 1, 21): False}
    found = periods(
        Every.HOLIDAY, TERM, working=working, blocks=((date(2023, 1, 21), "春节"),), lead_days=10
    )
    assert [(p.first, p.last) for p in found] == [(date(2023, 1, 11), date(2023, 1, 20))]
    assert found[0].due == at("2023-01-21")


def test_a_holiday_after_a_weekend_is_prepared_on_friday() -> None:
    found = periods(
        Every.HOLIDAY, TERM, working=year().working, blocks=((date(2023, 5, 1), "劳动节"),)
    )
    assert found[0].last == date(2023, 4, 28)


def test_a_working_day_of_a_year_that_is_not_published_says_so() -> None:
    known = {day: works for day, works in year().working.items() if day.year == 2022}
    found = periods(Every.DAY, TERM, working=known)
    assert {p.published for p in found if p.first.year == 2022} == {True}
    assert {p.published for p in found if p.first.year == 2023} == {False}


@given(DAYS, st.integers(0, 48))
def test_months_later_is_the_same_day_or_the_last_one_of_its_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(
    DAYS, st.integers(1, 900), st.sampled_from([Every.MONTH, Every.QUARTER, Every.HALF, Every.DAY])
)
def test_periods_cover_the_term_without_a_gap_or_an_overlap(
    start: date, length: int, every: Every
) -> None:
    term = Term(midnight(start), midnight(start + timedelta(days=length)))
    found = periods(every, term)
    assert found[0].first == start
    assert found[-1].last == last_day(term)
    for before, after in pairwise(found):
        assert before.last + timedelta(days=1) == after.first


@pytest.mark.parametrize("zone_hours", [-11, 0, 8, 14])
def test_a_period_holds_an_instant_in_any_zone(zone_hours: int) -> None:

    first = periods(Every.MONTH, TERM)[0]
    moment = datetime(2022, 11, 30, 23, 59, tzinfo=SHANGHAI).astimezone(
        timezone(timedelta(hours=zone_hours))
    )
    assert first.holds(moment)
    assert not first.holds(moment + timedelta(minutes=1))
