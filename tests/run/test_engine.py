"""The engine: nobody waits for the slow, nothing is lost, stopping is clean."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from run_making import QUICK, ListDesk, asks, clock, job, until

from jingwei.probes import Limits
from jingwei.run import jobs
from jingwei.run.engine import Engine, Settings
from jingwei.run.jobs import Job
from jingwei.terms import Result, Target


@asynccontextmanager
async def working(
    desk: ListDesk, settings: Settings = QUICK, **extra: Limits
) -> AsyncIterator[Engine]:
    """An engine at work; leaving stops it."""
    engine = Engine(desk, clock, settings, **extra)
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(stop))
    try:
        yield engine
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def five(_: Target) -> float:
    return 5.0


def healthy(count: int, start: int = 1) -> list[Job]:
    probe = asks(five)
    return [job(number, probe) for number in range(start, start + count)]


async def test_every_claimed_check_is_stored_exactly_once() -> None:
    desk = ListDesk(healthy(200))
    async with working(desk):
        await until(lambda: len(desk.stored) >= 200)
    assert sorted(desk.order) == list(range(1, 201))
    assert all(seen.judgement.result is Result.NORMAL for seen in desk.stored)
    assert desk.released


async def test_a_target_that_hangs_delays_nobody_else() -> None:
    gate = asyncio.Event()

    async def hang(_: Target) -> float:
        await gate.wait()
        return 5.0

    slow = [job(number, asks(hang), timeout=60) for number in range(1, 4)]
    desk = ListDesk([*slow, *healthy(100, start=10)])
    async with working(desk):
        await until(lambda: len(desk.stored) == 100)
        assert {1, 2, 3}.isdisjoint(desk.order)
        desk.waiting += healthy(50, start=200)
        await until(lambda: len(desk.stored) == 150)
        gate.set()
        await until(lambda: len(desk.stored) == 153)
    assert set(desk.order[150:]) == {1, 2, 3}


async def test_the_checks_of_one_target_queue_for_each_other_and_not_for_others() -> None:
    running: list[str] = []
    most: dict[str, int] = {}

    async def busy(target: Target) -> float:
        running.append(target.address)
        most[target.address] = max(most.get(target.address, 0), running.count(target.address))
        await asyncio.sleep(0.005)
        running.remove(target.address)
        return 5.0

    probe = asks(busy)
    desk = ListDesk([job(number, probe, f"127.0.0.{number % 3}") for number in range(60)])
    async with working(desk):
        await until(lambda: len(desk.stored) == 60)
    assert set(most.values()) == {2}


async def test_silent_targets_wait_in_a_lane_of_their_own() -> None:
    async def dead(_: Target) -> float:
        await asyncio.sleep(60)
        return 0

    probe = asks(dead)
    silent = [job(number, probe, timeout=0.02) for number in range(1, 6)]
    desk = ListDesk(silent)
    narrow = {"fast": Limits(total=2, per_target=1), "slow": Limits(total=1, per_target=1)}
    async with working(desk, **narrow) as engine:
        await until(lambda: len(desk.stored) == 5)
        # All five are known to be silent now: asked again for a long time, they fill their own
        # lane of one and leave both places of the other lane to the living.
        desk.waiting += [replace(one, timeout=60.0) for one in silent]
        await until(lambda: not desk.waiting)
        desk.waiting += healthy(40, start=100)
        await until(lambda: len(desk.stored) == 45)
        for task in list(engine._open.values()):
            task.cancel()
    assert [seen.judgement.result for seen in desk.stored[:5]] == [Result.ABNORMAL] * 5


async def test_a_target_that_answers_again_leaves_the_slow_lane() -> None:
    answers = iter([60.0, 0.0])

    async def sometimes(_: Target) -> float:
        await asyncio.sleep(next(answers))
        return 5.0

    one = job(1, asks(sometimes), timeout=0.02)
    desk = ListDesk([one])
    async with working(desk) as engine:
        await until(lambda: len(desk.stored) == 1)
        assert engine._silent == {"127.0.0.1"}
        desk.waiting.append(one)
        await until(lambda: len(desk.stored) == 2)
        assert engine._silent == set()


async def test_a_locked_database_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    desk = ListDesk(healthy(30))
    desk.broken = OperationalError("database is locked")
    async with working(desk) as engine:
        await until(lambda: len(engine._held) == 30)
        await asyncio.sleep(0.1)
        assert desk.stored == []
        desk.broken = None
        await until(lambda: len(desk.stored) == 30)
    assert sorted(desk.order) == list(range(1, 31))
    assert "wait in memory" in caplog.text


async def test_a_full_disk_stops_claiming_before_memory_runs_out() -> None:
    desk = ListDesk(healthy(100))
    desk.broken = OperationalError("database or disk is full")
    async with working(desk, replace(QUICK, most_held=20, most_open=10)) as engine:
        await until(lambda: len(engine._held) == 20)
        await asyncio.sleep(0.05)
        assert len(engine._held) == 20
        assert len(desk.waiting) == 80
        desk.broken = None
        await until(lambda: len(desk.stored) == 100)
    assert sorted(desk.order) == list(range(1, 101))


async def test_one_verdict_that_cannot_be_stored_does_not_hold_up_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Picky(ListDesk):
        async def record(self, batch: list[object]) -> None:  # type: ignore[override]
            if any(seen.check_id == 7 for seen in batch):  # type: ignore[attr-defined]
                raise IntegrityError("no such check")
            await super().record(batch)  # type: ignore[arg-type]

    desk = Picky(healthy(20))
    async with working(desk):
        await until(lambda: len(desk.stored) == 19)
    assert 7 not in desk.order
    assert "check 7 cannot be stored" in caplog.text


async def test_a_judgement_that_fails_is_unchecked_and_the_engine_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = jobs.judge_outcome

    def broken(rules: object, outcome: object, *rest: object) -> object:
        if getattr(outcome, "readings", ()):
            raise ZeroDivisionError
        return real(rules, outcome, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "judge_outcome", broken)
    desk = ListDesk(healthy(3))
    async with working(desk):
        await until(lambda: len(desk.stored) == 3)
    assert {seen.judgement.result for seen in desk.stored} == {Result.UNCHECKED}
    assert "判定出错" in desk.stored[0].judgement.reason


async def test_a_database_that_is_away_while_claiming_is_asked_again() -> None:
    class Away(ListDesk):
        async def claim(self, most: int) -> list[Job]:  # type: ignore[override]
            if self.claims < 2:
                self.claims += 1
                raise OperationalError("server closed the connection")
            return list(await super().claim(most))

    desk = Away(healthy(3))
    async with working(desk):
        await until(lambda: len(desk.stored) == 3)
    assert desk.claims > 2


async def test_stopping_lets_running_checks_end_and_stores_them() -> None:
    started = asyncio.Event()

    async def slowish(_: Target) -> float:
        started.set()
        await asyncio.sleep(0.1)
        return 5.0

    desk = ListDesk([job(1, asks(slowish))])
    async with working(desk):
        await started.wait()
    assert desk.order == [1]
    assert desk.released


async def test_stopping_gives_back_what_does_not_end() -> None:
    started = asyncio.Event()

    async def forever(_: Target) -> float:
        started.set()
        await asyncio.sleep(600)
        return 5.0

    desk = ListDesk([job(1, asks(forever), timeout=600), *healthy(5, start=2)])
    async with working(desk, replace(QUICK, grace=0.1)):
        await started.wait()
    assert sorted(desk.order) == [2, 3, 4, 5, 6]
    assert desk.released


async def test_stopping_with_a_database_that_stays_away_says_what_was_not_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = ListDesk(healthy(3))
    desk.broken = OperationalError("disk is full")
    async with working(desk, replace(QUICK, grace=0.1)) as engine:
        await until(lambda: len(engine._held) == 3)
    assert "3 results not stored" in caplog.text
    assert desk.released


async def test_results_are_stored_by_size_and_by_time() -> None:
    desk = ListDesk(healthy(10))
    async with working(desk, replace(QUICK, batch=4, flush_every=0.05)):
        await until(lambda: len(desk.stored) == 10)
    assert max(desk.batches) <= 4


async def test_a_check_whose_lease_ran_out_is_not_run_beside_itself() -> None:
    runs = 0

    async def counted(_: Target) -> float:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.05)
        return 5.0

    one = job(1, asks(counted))
    desk = ListDesk([one, one])
    async with working(desk):
        await until(lambda: len(desk.stored) == 1)
    assert runs == 1


async def test_stopping_at_any_moment_ends() -> None:
    """Stopping races with storing; `asyncio.wait_for` once lost that race for good."""
    for number in range(150):
        desk = ListDesk(healthy(20))
        engine = Engine(desk, clock, replace(QUICK, batch=5, flush_every=0.001))
        stop = asyncio.Event()
        task = asyncio.create_task(engine.run(stop))
        await asyncio.sleep(number / 20_000)
        stop.set()
        await asyncio.wait_for(task, 5)
        assert len(desk.stored) + len(desk.waiting) == 20
        assert desk.released


async def test_what_is_claimed_early_begins_when_it_is_due() -> None:
    begun: dict[str, float] = {}

    async def noted(target: Target) -> float:
        begun[target.key] = clock().timestamp()
        return 5.0

    now = clock()
    dues = {number: now + timedelta(milliseconds=60 * number) for number in range(1, 6)}
    desk = ListDesk([job(number, asks(noted), due=due) for number, due in dues.items()])
    async with working(desk):
        await until(lambda: len(desk.stored) == 5)
    for number, due in dues.items():
        assert 0 <= begun[f"T-{number}"] - due.timestamp() < 0.5


async def test_what_was_not_yet_due_when_asked_to_stop_is_not_begun() -> None:
    desk = ListDesk([job(1, asks(five), due=clock() + timedelta(seconds=30)), *healthy(3, 2)])
    async with working(desk):
        await until(lambda: len(desk.stored) == 3)
    assert sorted(desk.order) == [2, 3, 4]
    assert desk.released  # so the early one falls to the next worker
