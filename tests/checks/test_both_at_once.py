"""Two workers, two callers, two senders: each thing happens once, and nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from check_making import NOON, celsius, check, later, person, saw, target
from django.db import connection

from jingwei.assets.models import Target
from jingwei.checks import actions
from jingwei.checks.actions import BadInputError, claim, record, stoppage
from jingwei.checks.actions.events import Event, take
from jingwei.checks.models import Check, CheckState, Finding, Observation, StateChange, Stoppage
from jingwei.terms import Result

LEASE = timedelta(minutes=5)


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """All of them at once, each on a connection of its own; what each gave or raised."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return job()
        except BadInputError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture
def _threads() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("threads cannot share SQLite's database in memory")


def event(**given: Any) -> Event:
    known: dict[str, Any] = {
        "source": "zabbix", "same": "t1", "about": ("SITE-1",), "result": Result.ABNORMAL,
        "title": "口断", "detail": "eth0", "at": NOON,
    }  # fmt: skip
    return Event(**known | given)


@pytest.mark.usefixtures("_threads")
@pytest.mark.django_db(transaction=True)
class TestThreads:
    """At the same instant, on PostgreSQL."""

    def test_one_batch_recorded_by_two_is_recorded_once(self) -> None:
        rooms = [check(target(f"R-{number}")) for number in range(20)]
        batch = [saw(room, celsius(30), confirmed=True) for room in rooms]
        backwards = batch[::-1]
        together(lambda: record(batch), lambda: record(backwards), lambda: record(batch))
        assert Finding.objects.count() == StateChange.objects.count() == len(rooms)
        assert Observation.objects.filter(series__name="room.temperature").count() == len(rooms)
        assert set(CheckState.objects.values_list("soft_count", flat=True)) == {1}

    def test_three_strikes_told_by_three_are_one_finding(self) -> None:
        room = check(target(), strikes=3)
        batches = [[saw(room, celsius(30), at=later(number))] for number in range(3)]
        together(*(lambda one=one: record(one) for one in batches))
        record([saw(room, celsius(30), at=later(10 + number)) for number in range(3)])
        assert Finding.objects.count() == 1
        assert StateChange.objects.count() == 1

    def test_one_alert_told_by_two_at_once_is_one_finding(self) -> None:
        target("SITE-1", "site")
        taken = together(*(lambda: take([event()], NOON) for _ in range(4)))
        assert sum(one.opened for one in taken) == 1
        assert Finding.objects.get().closed_at is None

    def test_two_calls_with_the_same_alerts_in_other_orders_do_not_wait_for_each_other(
        self,
    ) -> None:
        target("SITE-1", "site")
        alerts = [event(same=f"t{number}") for number in range(30)]
        backwards = alerts[::-1]
        taken = together(lambda: take(alerts, NOON), lambda: take(backwards, NOON))
        assert sum(one.opened for one in taken) == Finding.objects.count() == len(alerts)
        ended = [event(same=f"t{number}", resolved=True, at=later(1)) for number in range(30)]
        told = together(lambda: take(ended, later(2)), lambda: take(ended[::-1], later(2)))
        assert sum(one.healed for one in told) == len(alerts)

    def test_a_check_stopped_by_two_has_one_stoppage(self) -> None:
        room = check(target())
        people = [person("wang"), person("li", "李工")]
        told = together(
            *(lambda by=by: stoppage.stop(Check.objects.get(pk=room.pk), "返修", by, NOON)
              for by in people)
        )  # fmt: skip
        assert Stoppage.objects.count() == 1
        assert [isinstance(one, BadInputError) for one in told].count(True) == 1

    def test_a_stop_while_an_answer_is_stored_ends_unchecked(self) -> None:
        room = check(target())
        wang = person()
        together(
            lambda: record([saw(room, celsius(24))]),
            lambda: stoppage.stop(Check.objects.get(pk=room.pk), "返修", wang, later(1)),
        )
        now = CheckState.objects.get()
        assert (now.result, now.due) == (Result.UNCHECKED, None)

    def test_a_routine_asked_for_by_two_is_one_run(self) -> None:
        people = [person("wang"), person("li", "李工")]
        told = together(
            *(lambda by=by: actions.request_routine("daily", NOON.date(), by, NOON)
              for by in people)
        )  # fmt: skip
        assert len({run.pk for run in told}) == 1
        taken = together(*(lambda w=w: claim.claim_run(w, NOON, NOON + LEASE) for w in "ab"))
        assert sorted(one is None for one in taken) == [False, True]


# -- one after the other, where the first comes back late


@pytest.fixture
def room(db: None) -> Check:
    return check(target(), due=NOON)


def state(of: Check) -> CheckState:
    return CheckState.objects.get(check_ref=of)


def test_who_lost_his_lease_and_answers_late_does_not_undo_the_newer_answer(room: Check) -> None:
    slow = saw(room, celsius(24), at=NOON)
    claim.claim_checks("slow", 1, NOON, NOON + LEASE)
    claim.claim_checks("quick", 1, later(5), later(10))
    record([saw(room, celsius(30), at=later(5), confirmed=True)])
    due = state(room).due
    record([slow])
    now = state(room)
    assert (now.result, now.last_at, now.due) == (Result.ABNORMAL, later(5), due)
    assert Finding.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("at", "taken"), [(NOON - timedelta(microseconds=1), 0), (NOON, 1), (later(1), 1)]
)
def test_a_check_is_due_from_its_instant_on(room: Check, at: datetime, taken: int) -> None:
    assert len(claim.claim_checks("a", 5, at, at + LEASE)) == taken


@pytest.mark.parametrize(
    ("at", "taken"), [(NOON + LEASE - timedelta(microseconds=1), 0), (NOON + LEASE, 1)]
)
def test_a_lease_ends_with_its_instant(room: Check, at: datetime, taken: int) -> None:
    claim.claim_checks("dead", 5, NOON, NOON + LEASE)
    assert len(claim.claim_checks("b", 5, at, at + LEASE)) == taken


@pytest.mark.parametrize("most", [0, -1, -(2**31)])
def test_who_has_no_room_takes_nothing(room: Check, most: int) -> None:
    assert claim.claim_checks("a", most, NOON, NOON + LEASE) == {}
    assert claim.holders() == set()


def test_holders_are_those_who_hold_something_now(room: Check) -> None:
    other = check(target("ROOM-02"), due=later(-1))
    claim.claim_checks("a", 1, NOON, NOON + LEASE)
    claim.claim_checks("b", 1, NOON, NOON + LEASE)
    assert claim.holders() == {"a", "b"}
    record([saw(other, celsius(24))])
    assert claim.holders() == {"b"}
    claim.release_checks("b")
    assert claim.holders() == set()


def test_a_check_stopped_under_way_is_not_claimed_again(room: Check) -> None:
    claim.claim_checks("a", 1, NOON, NOON + LEASE)
    stoppage.stop(room, "返修", person(), later(1))
    assert claim.release_checks("a") == 0
    assert claim.claim_checks("b", 5, later(60), later(70)) == {}


@pytest.fixture
def beating(db: None) -> Check:
    return check(target("S1", "server"), probe="heartbeat", due=later(60), heartbeat_token="t" * 32)


@pytest.mark.parametrize(
    ("minutes", "last"), [([0, 5], 5), ([5, 0], 5), ([5, 5], 5), ([0, 5, 3], 5), ([-1], -1)]
)
def test_calls_in_any_order_leave_the_latest(
    beating: Check, minutes: list[float], last: float
) -> None:
    for minute in minutes:
        actions.heartbeat("t" * 32, later(minute))
    now = state(beating)
    assert (now.last_call, now.due) == (later(last), later(last))


@pytest.mark.parametrize(
    "token", ["t" * 31, "t" * 33, "T" * 32, "t" * 32 + "\x00", "ｔ" * 32, "\ud800"]
)
def test_a_token_that_is_almost_right_is_wrong(beating: Check, token: str) -> None:
    with pytest.raises(actions.UnknownTokenError):
        actions.heartbeat(token, NOON)
    assert state(beating).last_call is None


def test_an_empty_token_calls_none_of_the_checks_without_one(room: Check) -> None:
    with pytest.raises(actions.UnknownTokenError):
        actions.heartbeat("", NOON)
    assert state(room).last_call is None


@pytest.mark.parametrize(
    ("every", "grace", "field"),
    [
        (59, 0, "every"), (366 * 86400 + 1, 0, "every"), (60, -1, "grace"),
        (60, 31 * 86400 + 1, "grace"),
    ],
)  # fmt: skip
def test_a_rhythm_out_of_bounds_is_named(db: None, every: int, grace: int, field: str) -> None:
    with pytest.raises(BadInputError) as caught:
        actions.register(target(), "x", "备份", every, grace, person(), NOON)
    assert caught.value.field == field
    assert not Check.objects.exists()


@pytest.mark.parametrize(("every", "grace"), [(60, 0), (366 * 86400, 31 * 86400)])
def test_the_bounds_themselves_are_allowed(db: None, every: int, grace: int) -> None:
    made, token = actions.register(target(), "x", "备份", every, grace, person(), NOON)
    assert state(made).due == NOON + timedelta(seconds=every + grace)
    assert actions.heartbeat(token, later(1)) == made


def test_a_thing_out_of_service_gets_no_heartbeat(db: None) -> None:
    gone = target()
    Target.objects.update(valid_to=NOON.date())
    gone.refresh_from_db()
    with pytest.raises(BadInputError, match="已停用"):
        actions.register(gone, "x", "备份", 60, 0, person(), NOON)
