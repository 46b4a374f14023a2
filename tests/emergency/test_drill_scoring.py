"""The published rule of scoring drills: what earns points, and that nothing unknown ever does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.emergency.scoring import (
    RULES,
    Measures,
    Score,
    Share,
    Verdict,
    grade,
    minutes_text,
    score,
)

TARGETS = {"detect": 5, "respond": 5, "diagnose": 120, "restore": 240, "rto": 240, "rpo": 15}
GOOD = {
    "detect": 0.2, "respond": 3.0, "arrive": 20.0, "diagnose": 60.0, "restore": 90.0,
    "rto": 95.0, "rpo": 0.1,
}  # fmt: skip
ALL = {"expected": Share(3, 3), "calls": Share(4, 4)}
MINUTES = st.floats(0, 10_000, allow_nan=False)
TIMES = st.dictionaries(st.sampled_from(sorted(GOOD)), MINUTES)


def scored(minutes: dict[str, float] | None = None, **more: Any) -> Score:
    """The score of these minutes, everything else well."""
    targets = more.pop("targets", TARGETS)
    shares = more.pop("shares", ALL)
    return score(Measures(GOOD if minutes is None else minutes, shares, {}), targets)


def line(held: Score, key: str) -> Any:
    """One criterion."""
    return next(one for one in held.criteria if one.key == key)


def test_the_rule_gives_a_hundred_points() -> None:
    assert sum(rule.points for rule in RULES) == 100


def test_everything_in_time_is_a_hundred_percent() -> None:
    held = scored()
    assert (held.earned, held.possible, held.percent, held.grade) == (100, 100, 100, "优秀")
    assert held.unmeasured == held.breached == ()


def test_nothing_measured_earns_nothing_and_every_line_says_so() -> None:
    held = score(Measures({}, {}, {}), TARGETS)
    assert held.earned == 0
    assert held.grade == "不合格"
    assert {one.verdict for one in held.criteria} == {Verdict.UNMEASURED}
    assert all(one.reason for one in held.criteria)


def test_a_limit_is_inclusive_and_a_second_more_is_late() -> None:
    assert line(scored(GOOD | {"respond": 5.0}), "respond").verdict is Verdict.MET
    late = line(scored(GOOD | {"respond": 5 + 1 / 60}), "respond")
    assert (late.verdict, late.earned) == (Verdict.LATE, 7.5)


def test_twice_the_target_still_earns_half_and_more_nothing() -> None:
    assert line(scored(GOOD | {"detect": 10.0}), "detect").earned == 7.5
    missed = line(scored(GOOD | {"detect": 10.1}), "detect")
    assert (missed.verdict, missed.earned) == (Verdict.MISSED, 0)


def test_a_target_may_not_be_softer_than_the_five_minutes_of_the_tender() -> None:
    held = scored(GOOD | {"respond": 6.0}, targets=TARGETS | {"respond": 30})
    assert line(held, "respond").verdict is Verdict.LATE
    assert line(held, "respond").target == "≤ 5 分"


def test_a_stricter_response_target_counts() -> None:
    held = scored(GOOD | {"respond": 3.0}, targets=TARGETS | {"respond": 2})
    assert line(held, "respond").verdict is Verdict.LATE


def test_arrival_has_its_hour_whatever_the_plan_says() -> None:
    assert line(scored(GOOD | {"arrive": 60.0}), "arrive").verdict is Verdict.MET
    assert line(scored(GOOD | {"arrive": 61.0}), "arrive").verdict is Verdict.LATE


def test_what_has_no_target_leaves_the_total_and_is_never_met() -> None:
    targets = {key: value for key, value in TARGETS.items() if key != "rpo"}
    held = scored(targets=targets)
    assert line(held, "rpo").verdict is Verdict.NO_TARGET
    assert (held.possible, held.percent) == (90, 100)


def test_an_unmeasured_rpo_stays_in_the_total_when_it_has_a_target() -> None:
    minutes = {key: value for key, value in GOOD.items() if key != "rpo"}
    held = score(Measures(minutes, ALL, {"rpo": "读不到数据"}), TARGETS)
    assert line(held, "rpo").reason == "读不到数据"
    assert (held.earned, held.possible) == (90, 100)


def test_shares_earn_their_part() -> None:
    held = scored(shares={"expected": Share(3, 4), "calls": Share(0, 3)})
    assert line(held, "expected").earned == 7.5
    assert line(held, "calls").verdict is Verdict.MISSED


def test_nobody_on_the_list_is_unmeasured_not_reached() -> None:
    held = scored(shares={"expected": Share(1, 1), "calls": Share(0, 0)})
    assert line(held, "calls").verdict is Verdict.UNMEASURED
    assert line(held, "calls").earned == 0


@pytest.mark.parametrize(("got", "of"), [(2, 1), (-1, 3)])
def test_a_share_that_cannot_be_is_refused(got: int, of: int) -> None:
    with pytest.raises(ValueError, match="of"):
        Share(got, of)


def test_a_negative_time_is_refused() -> None:
    with pytest.raises(ValueError, match="detect"):
        scored(GOOD | {"detect": -1.0})


@pytest.mark.parametrize(
    ("percent", "word"),
    [(100, "优秀"), (90, "优秀"), (89.9, "良好"), (75, "良好"), (60, "合格"), (59.9, "不合格")],
)
def test_grades_begin_at_their_share(percent: float, word: str) -> None:
    assert grade(percent) == word


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0.2, "12 秒"), (1, "1 分"), (3.34, "3 分 20 秒"), (60, "1 小时"), (125, "2 小时 05 分"),
     (0, "0 秒"), (59.999, "1 小时")],
)  # fmt: skip
def test_times_are_written_as_people_read_them(minutes: float, text: str) -> None:
    assert minutes_text(minutes) == text


@given(TIMES)
def test_points_stay_within_their_bounds(minutes: dict[str, float]) -> None:
    held = scored(minutes)
    assert all(0 <= one.earned <= one.points for one in held.criteria)
    assert 0 <= held.percent <= 100
    assert {one.key for one in held.unmeasured} == set(GOOD) - set(minutes)


@given(TIMES, st.sampled_from(sorted(GOOD)), MINUTES)
def test_being_faster_never_costs_points(
    minutes: dict[str, float], key: str, longer: float
) -> None:
    slow = scored(minutes | {key: minutes.get(key, 0) + longer})
    fast = scored(minutes | {key: minutes.get(key, 0)})
    assert fast.earned >= slow.earned


@given(TIMES, st.sampled_from(sorted(GOOD)))
def test_leaving_something_unmeasured_never_earns_points(
    minutes: dict[str, float], key: str
) -> None:
    without = {name: value for name, value in minutes.items() if name != key}
    assert scored(without).earned <= scored(minutes).earned
