"""Availability and budgets: the tender's own edges, and laws for any set of intervals."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.sla.availability import Downtime, Term, availability, emergency_budget
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Cause

START = datetime(2022, 11, 1, tzinfo=SHANGHAI)
YEAR = Term(START, datetime(2023, 11, 1, tzinfo=SHANGHAI))
END = YEAR.end


def down(from_hour: float, hours: float, cause: Cause = Cause.HARDWARE, by: str = "") -> Downtime:
    start = START + timedelta(hours=from_hour)
    return Downtime(start, start + timedelta(hours=hours), cause, by)


def test_eight_point_seven_eight_hours_fail_though_eight_point_eight_would_pass() -> None:
    verdict = availability([down(100, 8.78)], YEAR, END)
    assert not verdict.met
    assert f"{verdict.ratio:.4%}" == "99.8998%"


def test_exactly_99_9_percent_passes_because_limits_are_inclusive() -> None:
    verdict = availability([down(100, 8.76)], YEAR, END)
    assert verdict.met
    assert verdict.left == timedelta()


def test_only_hardware_and_system_software_count_and_so_does_what_nobody_classified() -> None:
    items = [down(n * 10, 1, cause) for n, cause in enumerate(Cause)]
    assert availability(items, YEAR, END).counted == timedelta(hours=3)


def test_overlapping_intervals_count_once() -> None:
    verdict = emergency_budget([down(10, 2), down(11, 2)], YEAR, END)
    assert verdict.used == timedelta(hours=3)
    assert verdict.sum == timedelta(hours=4)


def test_an_exclusion_needs_the_clients_approval() -> None:
    business = down(10, 5, Cause.BUSINESS_SYSTEM)
    assert emergency_budget([business], YEAR, END).used == timedelta(hours=5)
    approved = down(10, 5, Cause.BUSINESS_SYSTEM, by="甲方确认单 7")
    verdict = emergency_budget([approved], YEAR, END)
    assert verdict.used == timedelta()
    assert verdict.excluded == timedelta(hours=5)


def test_an_approval_does_not_excuse_a_cause_the_tender_does_not_exclude() -> None:
    assert emergency_budget([down(10, 5, by="甲方确认单 8")], YEAR, END).used == timedelta(hours=5)


def test_what_is_still_down_counts_up_to_now() -> None:
    now = START + timedelta(hours=30)
    verdict = emergency_budget([Downtime(START + timedelta(hours=10), None)], YEAR, now)
    assert verdict.used == timedelta(hours=20)


def test_the_projection_extends_the_rate_so_far_to_the_years_end() -> None:
    now = START + YEAR.length / 4
    assert availability([down(10, 2)], YEAR, now).projected == timedelta(hours=8)
    assert availability([], YEAR, START - timedelta(days=1)).projected == timedelta()


def test_what_lies_outside_the_term_does_not_count() -> None:
    assert availability([down(-10, 5), down(8760, 3)], YEAR, END).counted == timedelta()
    assert availability([down(-1, 2)], YEAR, END).counted == timedelta(hours=1)


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="早于"):
        down(10, -1)


intervals = st.lists(
    st.builds(
        down,
        st.integers(0, 8700),
        st.integers(0, 60),
        st.sampled_from(list(Cause)),
        st.sampled_from(["", "甲方"]),
    ),
    max_size=12,
)


@given(intervals, intervals)
def test_more_downtime_never_improves_a_figure(one: list[Downtime], two: list[Downtime]) -> None:
    for figure in (
        lambda items: availability(items, YEAR, END).counted,
        lambda items: emergency_budget(items, YEAR, END).used,
    ):
        assert figure(one) <= figure(one + two) <= figure(one) + figure(two)


@given(intervals)
def test_the_union_equals_counting_hour_by_hour(items: list[Downtime]) -> None:
    hours = set()
    for item in items:
        if item.cause in {Cause.HARDWARE, Cause.SYSTEM_SOFTWARE, Cause.UNCLASSIFIED}:
            if item.excluded_by:
                continue
            assert item.end is not None
            first = int((item.start - START) / timedelta(hours=1))
            hours.update(range(first, int((item.end - START) / timedelta(hours=1))))
    assert availability(items, YEAR, END).counted == timedelta(hours=len(hours))
