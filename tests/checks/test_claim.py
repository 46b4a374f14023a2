"""Leases: due work is taken once, comes back when its worker is gone; and calls from outside."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import check_making as making
import pytest
from check_making import NOON, later
from django.db import connection

from jingwei.checks import actions
from jingwei.checks.actions import claim, routine
from jingwei.checks.models import Check, CheckState, RoutineRun

pytestmark = pytest.mark.django_db
LEASE = timedelta(minutes=5)


@pytest.fixture
def due() -> list[Check]:
    room = making.target()
    return [making.check(room, name=f"c{i}", due=later(-i)) for i in range(5)]


def test_a_claim_takes_the_longest_due_first_and_never_twice(due: list[Check]) -> None:
    first = claim.claim_checks("a", 2, NOON, NOON + LEASE)
    assert set(first) == {due[4].pk, due[3].pk}
    second = claim.claim_checks("b", 10, NOON, NOON + LEASE)
    assert set(second) == {check.pk for check in due[:3]}
    assert claim.claim_checks("c", 10, NOON, NOON + LEASE) == {}


def test_what_is_not_due_or_switched_off_is_not_claimed(due: list[Check]) -> None:
    CheckState.objects.filter(check_ref=due[0]).update(due=later(1))
    CheckState.objects.filter(check_ref=due[1]).update(due=None)
    Check.objects.filter(pk=due[2].pk).update(enabled=False)
    assert set(claim.claim_checks("a", 10, NOON, NOON + LEASE)) == {due[3].pk, due[4].pk}
    assert claim.claim_checks("a", 0, NOON, NOON + LEASE) == {}


def test_a_lease_that_ran_out_is_taken_over(due: list[Check]) -> None:
    claim.claim_checks("dead", 10, NOON, NOON + LEASE)
    assert claim.claim_checks("b", 10, later(4.9), later(10)) == {}
    assert len(claim.claim_checks("b", 10, later(5), later(10))) == len(due)


def test_recording_ends_the_lease_and_sets_the_next_due(due: list[Check]) -> None:
    claim.claim_checks("a", 10, NOON, NOON + LEASE)
    actions.record([making.saw(due[0], making.celsius(24))])
    state = CheckState.objects.get(check_ref=due[0])
    assert (state.leased_until, state.leased_by) == (None, "")
    assert state.due is not None
    assert state.due > NOON


def test_releasing_gives_back_only_ones_own(due: list[Check]) -> None:
    claim.claim_checks("a", 2, NOON, NOON + LEASE)
    claim.claim_checks("b", 3, NOON, NOON + LEASE)
    assert claim.release_checks("a") == 2
    assert len(claim.claim_checks("c", 10, NOON, NOON + LEASE)) == 2


def test_a_routine_is_claimed_once_and_due_again_until_it_is_done() -> None:
    run = actions.request_routine("daily", NOON.date(), "x", NOON)
    assert claim.claim_run("a", NOON, NOON + LEASE) == run.pk
    assert claim.claim_run("b", NOON, NOON + LEASE) is None
    claim.release_run(run.pk, "a", done=False)
    assert claim.claim_run("b", NOON, NOON + LEASE) == run.pk
    assert not claim.extend_run(run.pk, "a", later(20))
    assert claim.extend_run(run.pk, "b", later(20))
    claim.release_run(run.pk, "b", done=True)
    assert RoutineRun.objects.get().due is None
    assert claim.claim_run("c", later(60), later(70)) is None


def test_a_worker_that_lost_its_lease_cannot_end_anothers_run() -> None:
    run = actions.request_routine("daily", NOON.date(), "x", NOON)
    claim.claim_run("a", NOON, NOON + LEASE)
    claim.claim_run("b", later(6), later(12))
    claim.release_run(run.pk, "a", done=True)
    assert RoutineRun.objects.get().due is not None


def test_a_recheck_is_due_at_once(due: list[Check]) -> None:
    CheckState.objects.update(due=later(60))
    actions.recheck(due[0], NOON)
    assert claim.claim_checks("a", 10, NOON, NOON + LEASE) == {due[0].pk: due[0].state.due}


def test_a_call_is_noted_and_makes_its_check_due() -> None:
    check = making.check(
        making.target(), probe="heartbeat", due=later(60), heartbeat_token="t" * 32
    )
    assert actions.heartbeat("t" * 32, NOON) == check
    state = CheckState.objects.get()
    assert (state.last_call, state.due) == (NOON, NOON)
    actions.heartbeat("t" * 32, later(-5))
    assert CheckState.objects.get().last_call == NOON


@pytest.mark.parametrize("token", ["", "x", "t" * 31])
def test_a_call_with_a_wrong_token_is_refused(token: str) -> None:
    making.check(making.target(), probe="heartbeat", heartbeat_token="t" * 32)
    making.check(making.target("ROOM-02"), name="no token")
    with pytest.raises(actions.UnknownTokenError):
        actions.heartbeat(token, NOON)


def test_a_call_for_a_check_that_is_switched_off_is_refused() -> None:
    making.check(making.target(), heartbeat_token="t" * 32, enabled=False)
    with pytest.raises(actions.UnknownTokenError):
        actions.heartbeat("t" * 32, NOON)


def test_the_first_beginning_of_a_run_counts() -> None:
    run = routine.ensure_run("daily", NOON.date(), NOON)
    routine.begin(run, NOON)
    routine.begin(run, later(30))
    assert run.started_at == NOON


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_claim_each_check_once() -> None:
    """On SQLite `tests/run/test_processes.py` shows the same with processes."""
    if connection.vendor != "postgresql":
        pytest.skip("threads cannot share SQLite's database in memory")
    room = making.target()
    wanted = {making.check(room, name=f"c{i}").pk for i in range(200)}

    def work(name: str) -> list[int]:
        try:
            taken: list[int] = []
            while some := claim.claim_checks(name, 7, NOON, NOON + LEASE):
                taken += some
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = [pk for taken in pool.map(work, "abcd") for pk in taken]
    # A worker may find all that is left locked by the others and stop; nothing is taken twice.
    assert len(found) == len(set(found))
    assert set(found) | set(claim.claim_checks("e", 200, NOON, NOON + LEASE)) == wanted
