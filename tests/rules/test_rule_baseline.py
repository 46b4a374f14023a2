"""The usual value of a weekday."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules import baseline

MONDAY = date(2026, 11, 23)


def weeks(*values: float) -> dict[date, float]:
    """Values of the Mondays before, the latest first."""
    return {MONDAY - timedelta(weeks=n): value for n, value in enumerate(values, start=1)}


def test_the_usual_value_is_the_median_of_the_same_weekday() -> None:
    history = weeks(100, 110, 90, 105) | {MONDAY - timedelta(days=1): 9000}
    found = baseline.same_weekday(history, MONDAY)
    assert found is not None
    assert (found.median, found.days) == (102.5, 4)
    assert found.deviation(205) == pytest.approx(100)


def test_one_odd_day_moves_neither_the_median_nor_the_spread() -> None:
    found = baseline.same_weekday(weeks(100, 101, 99, 100, 100_000), MONDAY)
    assert found is not None
    assert found.median == 100
    assert found.mad == pytest.approx(1.4826)


def test_holidays_are_left_out() -> None:
    history = weeks(100, 0, 100, 0, 100)
    holidays = {MONDAY - timedelta(weeks=2), MONDAY - timedelta(weeks=4)}
    found = baseline.same_weekday(history, MONDAY, skip=holidays)
    assert found is not None
    assert (found.median, found.days) == (100, 3)


def test_too_few_days_are_no_baseline() -> None:
    assert baseline.same_weekday(weeks(100, 100), MONDAY) is None
    assert baseline.same_weekday(weeks(1, 2, 3, 4), MONDAY, weeks=2) is None
    assert baseline.of([]) is None


def test_the_day_itself_does_not_count() -> None:
    history = weeks(10, 10, 10) | {MONDAY: 999}
    found = baseline.same_weekday(history, MONDAY)
    assert found is not None
    assert found.median == 10


def test_there_is_no_percentage_of_nothing() -> None:
    found = baseline.of([0, 0, 0])
    assert found is not None
    assert found.deviation(5) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=8))
def test_the_median_lies_within_its_values(values: list[float]) -> None:
    found = baseline.of(values)
    assert found is not None
    assert min(values) <= found.median <= max(values)
    assert found.mad >= 0
