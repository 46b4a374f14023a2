"""Daily summaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.summary import Summary, fold
from jingwei.terms import Result


def folded(*seen: tuple[Result, float | None]) -> Summary:
    """A day of observations."""
    summary = Summary()
    for result, value in seen:
        summary = fold(summary, result, value)
    return summary


def test_a_day_is_counted_with_its_extent() -> None:
    day = folded(
        (Result.NORMAL, 20.0),
        (Result.ABNORMAL, 29.4),
        (Result.ATTENTION, 27.5),
        (Result.UNCHECKED, None),
    )
    assert (day.count, day.bad, day.unchecked) == (4, 2, 1)
    assert (day.minimum, day.maximum, day.last) == (20.0, 29.4, 27.5)
    assert day.mean == pytest.approx((20 + 29.4 + 27.5) / 3)


def test_a_day_of_words_has_no_values() -> None:
    day = folded((Result.NORMAL, None), (Result.NORMAL, None))
    assert day.count == 2
    assert day.mean is None
    assert day.minimum is None


def test_an_empty_day_is_empty() -> None:
    assert Summary().mean is None


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_the_mean_lies_between_the_extremes(values: list[float]) -> None:
    day = folded(*((Result.NORMAL, value) for value in values))
    assert day.minimum is not None
    assert day.maximum is not None
    assert day.mean is not None
    assert day.minimum <= day.mean <= day.maximum
    assert day.last == values[-1]
