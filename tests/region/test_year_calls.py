"""The moments of a call come to what is said of them, minute by minute on a slow clock."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from year_counting import draft, wall, working

from jingwei.region.year import calls
from jingwei.region.year.calls import Call
from jingwei.region.year.draft import Draft
from jingwei.terms.obligation import Standing

MET, BROKEN = Standing.MET, Standing.BREACHED
SEEDS = st.integers(0, 10**6)


def word(minutes: int, limit: int) -> Standing:
    """A limit is inclusive."""
    return MET if minutes <= limit else BROKEN


def holds(call: Call) -> None:
    """What is said of a call is what its moments come to."""
    assert call.arrived is not None
    assert call.on_site == (
        word(working(call.reported, call.arrived), 120),
        word(wall(call.reported, call.arrived), 120),
    )
    if call.phone is None:
        assert call.by_phone == (BROKEN, BROKEN)
        return
    assert call.by_phone == (
        word(working(call.reported, call.phone), 30),
        word(wall(call.reported, call.phone), 30),
    )


@pytest.mark.parametrize(
    "make",
    [
        calls.kept,
        calls.broken,
        calls.split,
    ],
)
@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_calls_truth_is_what_its_moments_come_to(
    make: Callable[[Draft], Call], seed: int
) -> None:
    holds(make(draft(seed)))


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_kept_call_keeps_both_limits_on_both_clocks(seed: int) -> None:
    call = calls.kept(draft(seed))
    assert {*call.by_phone, *call.on_site} == {MET}


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_broken_call_breaks_a_limit_on_both_clocks(seed: int) -> None:
    call = calls.broken(draft(seed))
    assert (BROKEN, BROKEN) in (call.by_phone, call.on_site)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_split_call_is_in_time_on_the_working_clock_only(seed: int) -> None:
    call = calls.split(draft(seed))
    assert call.by_phone == call.on_site == (MET, BROKEN)


@pytest.mark.parametrize("hours", [4, 12, 24])
@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_repair_in_time_takes_no_longer_than_it_may(hours: int, seed: int) -> None:
    length, case = calls.repair(draft(seed), hours, late=False)
    assert 0 < length.total_seconds() <= hours * 3600
    assert (case == "repaired to the minute") == (length.total_seconds() == hours * 3600)


@pytest.mark.parametrize("hours", [4, 12, 24])
def test_a_late_repair_takes_one_minute_too_long(hours: int) -> None:
    length, case = calls.repair(draft(1), hours, late=True)
    assert length.total_seconds() == hours * 3600 + 60
    assert case == "repaired one minute late"


@pytest.mark.parametrize(
    ("phone", "arrival", "by_phone", "on_site"),
    [
        (29, 119, MET, MET),
        (30, 120, MET, MET),
        (31, 120, BROKEN, MET),
        (30, 121, MET, BROKEN),
    ],
)
def test_a_morning_call_is_judged_by_the_minute(
    phone: int, arrival: int, by_phone: Standing, on_site: Standing
) -> None:
    call = calls.in_hours(draft(3), phone, arrival, "a case")
    assert call.by_phone == (by_phone, by_phone)
    assert call.on_site == (on_site, on_site)
    holds(call)
