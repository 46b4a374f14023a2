"""Soft and hard states, recovery, flapping."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.state import (
    WINDOW,
    Change,
    Policy,
    Standing,
    changing,
    is_bad,
    is_good,
    step,
)
from jingwei.terms import SHANGHAI, Result

START = datetime(2026, 11, 23, 8, 0, tzinfo=SHANGHAI)
N, T, A, U, X = (
    Result.NORMAL,
    Result.ATTENTION,
    Result.ABNORMAL,
    Result.UNCHECKED,
    Result.NOT_APPLICABLE,
)


def walk(
    results: list[Result], policy: Policy | None = None, state: Standing | None = None
) -> tuple[Standing, list[Change]]:
    """Take in results one minute apart."""
    state, changes = state or Standing(), []
    for number, result in enumerate(results):
        now = START + timedelta(minutes=number)
        state, change = step(state, result, now, policy or Policy())
        changes += [change] if change else []
    return state, changes


def hard(results: list[Result], policy: Policy | None = None) -> list[Result]:
    """The hard results, in order."""
    return [change.after for change in walk(results, policy)[1]]


def test_a_check_nobody_ran_is_unchecked() -> None:
    assert Standing().result is U


def test_the_first_good_verdict_counts_at_once() -> None:
    assert hard([N]) == [N]
    assert hard([X]) == [X]


def test_a_fault_is_hard_after_three_strikes_and_healed_by_one_good_verdict() -> None:
    assert hard([N, A, A]) == [N]
    assert hard([N, A, A, A]) == [N, A]
    assert hard([N, A, A, A, N]) == [N, A, N]


def test_one_strike_is_enough_when_the_policy_says_so() -> None:
    assert hard([N, A], Policy(strikes=1)) == [N, A]


def test_recovery_may_take_several_good_verdicts() -> None:
    assert hard([N, A, A, A, N, N], Policy(recoveries=2)) == [N, A, N]
    assert hard([N, A, A, A, N], Policy(recoveries=2)) == [N, A]


def test_a_good_verdict_in_between_starts_the_strikes_anew() -> None:
    assert hard([N, A, A, N, A, A]) == [N]


def test_the_state_is_the_mildest_of_the_strikes() -> None:
    assert hard([N, T, T, A]) == [N, T]
    assert hard([N, A, T, A]) == [N, T]
    assert hard([N, A, A, A]) == [N, A]


def test_getting_worse_or_milder_while_bad_takes_strikes_too() -> None:
    assert hard([N, T, T, T, A, A]) == [N, T]
    assert hard([N, T, T, T, A, A, A]) == [N, T, A]
    assert hard([N, A, A, A, T, T, T]) == [N, A, T]


def test_not_looking_is_no_cure() -> None:
    state, changes = walk([N, A, A, A, U, U, U])
    assert state.result is U
    assert not changes[-1].heals
    assert not changes[-1].opens
    assert changes[-1].before is A


def test_one_missed_look_changes_nothing() -> None:
    assert hard([N, U, N, U, N]) == [N]


def test_a_change_says_what_it_does_to_findings() -> None:
    assert Change(START, N, A).opens
    assert Change(START, N, T).opens
    assert Change(START, A, N).heals
    assert Change(START, A, X).heals
    assert not Change(START, A, X).opens


def test_since_is_when_the_hard_state_began() -> None:
    state, _ = walk([N, A, A, A, A])
    assert state.since == START + timedelta(minutes=3)
    assert walk([A])[0].since == START
    assert (state.soft_result, state.soft_count) == (A, 4)


def test_a_check_that_keeps_changing_flaps_and_is_not_declared_healed() -> None:
    state, changes = walk([A, N] * 12, Policy(strikes=1))
    assert state.flapping
    # Once it flaps, nothing heals it: the finding stays open.
    assert state.result is A
    assert len(changes) < 12
    calm, after = walk([N] * 21, Policy(strikes=1), state)
    assert not calm.flapping
    assert calm.result is N
    assert [change.after for change in after] == [N]


def test_flapping_begins_above_one_threshold_and_ends_below_the_other() -> None:
    policy = Policy(strikes=1, flap_low=0.2, flap_high=0.3)
    seen = []
    state = Standing()
    for number, result in enumerate([N] * 20 + [A, N] * 4 + [N] * 20):
        state, _ = step(state, result, START + timedelta(minutes=number), policy)
        seen.append((round(changing(state.recent), 3), state.flapping))
    began = next(i for i, (_, flapping) in enumerate(seen) if flapping)
    ended = next(i for i, (_, flapping) in enumerate(seen) if i > began and not flapping)
    assert seen[began][0] > 0.3 >= seen[began - 1][0]
    assert seen[ended][0] < 0.2 <= seen[ended - 1][0]


def test_the_share_of_changes_weighs_later_ones_more() -> None:
    quiet = "0" * 21
    assert changing(quiet) == 0
    assert changing("01" * 10 + "0") == pytest.approx(1)
    early, late = "01" + "1" * 19, "0" * 20 + "1"
    assert changing(early) < changing(late)
    assert changing("01") < 0.1


@pytest.mark.parametrize(
    "bad",
    [{"strikes": 0}, {"recoveries": 0}, {"strikes": 21}, {"flap_low": 0.5, "flap_high": 0.2}],
)
def test_a_policy_under_which_nothing_could_change_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must not be above|count from 1"):
        Policy(**bad)


_results = st.lists(st.sampled_from([N, T, A, U, X]), max_size=60)
_policies = st.builds(Policy, strikes=st.integers(1, 5), recoveries=st.integers(1, 3))


@given(_results, _policies)
def test_stepping_is_deterministic_and_history_is_bounded(
    results: list[Result], policy: Policy
) -> None:
    first, second = walk(results, policy), walk(results, policy)
    assert first == second
    assert len(first[0].recent) <= WINDOW + 1


@given(_results, _policies)
def test_a_bad_state_is_reached_only_after_its_strikes(
    results: list[Result], policy: Policy
) -> None:
    state = Standing()
    for number, result in enumerate(results):
        state, change = step(state, result, START + timedelta(minutes=number), policy)
        if change and is_bad(change.after):
            streak = results[: number + 1][-policy.strikes :]
            assert len(streak) == policy.strikes
            assert all(is_bad(one) for one in streak)
        if change:
            assert change.before is not change.after
            assert state.result is change.after


@given(st.lists(st.just(N), min_size=1, max_size=50), _policies)
def test_normal_verdicts_never_change_a_normal_state(results: list[Result], policy: Policy) -> None:
    normal = Standing(result=N, since=START, soft_result=N, soft_count=3, recent="000")
    state, changes = walk(results, policy, normal)
    assert changes == []
    assert state.result is N
    assert not state.flapping


@given(_results, _policies)
def test_any_check_that_calms_down_ends_in_what_it_shows(
    results: list[Result], policy: Policy
) -> None:
    state, _ = walk(results, policy)
    for last in (N, T, A, U, X):
        calm, _ = walk([last] * (WINDOW + 2), policy, state)
        assert calm.result is last
        assert not calm.flapping
        assert is_good(last) or calm.soft_count >= policy.strikes
