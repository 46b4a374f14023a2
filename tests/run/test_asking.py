"""Asking for a sheet: confirmed on the spot, counters sampled twice, exactly one verdict each."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_making import asks, clock, job

from jingwei import probes
from jingwei.probes import ProbeError
from jingwei.rules.rule import parse
from jingwei.run import asking, jobs
from jingwei.run.asking import Pace, StoppedError, ask_all, confirmed
from jingwei.terms import Reason, Result, Target

NOW = Pace(pause=0, sample_gap=0, look=0.01)
COUNTER = parse({"reading": "answer.value", "label": "误码", "crit": "> 0", "delta": True})


def script(*values: float | Exception) -> asks:  # type: ignore[valid-type]
    """A probe that answers so, one after the other."""
    answers = iter(values)

    async def ask(_: Target) -> float:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return asks(ask)


@pytest.mark.parametrize(
    ("values", "result", "asked"),
    [
        ((5,), Result.NORMAL, 1),
        ((20, 5), Result.NORMAL, 2),
        ((20, 20, 5), Result.NORMAL, 3),
        ((20, 20, 20), Result.ABNORMAL, 3),
    ],
)
async def test_a_bad_verdict_is_asked_for_again_up_to_twice(
    values: tuple[float, ...], result: Result, asked: int
) -> None:
    answers = itertools.chain(values, itertools.repeat(99.0))
    calls = 0

    async def ask(_: Target) -> float:
        nonlocal calls
        calls += 1
        return next(answers)

    seen = await confirmed(job(1, asks(ask)), asking.limits(), clock, NOW)
    assert (seen.result, calls) == (result, asked)
    assert seen.confirmed


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.TIMEOUT, Reason.COLLECTOR])
async def test_what_did_not_answer_is_not_pestered(reason: Reason) -> None:
    calls = 0

    async def ask(_: Target) -> float:
        nonlocal calls
        calls += 1
        raise ProbeError("登录被拒绝", reason)

    seen = await confirmed(job(1, asks(ask)), asking.limits(), clock, NOW)
    assert calls == 1
    expected = Result.UNCHECKED if reason is Reason.COLLECTOR else Result.ABNORMAL
    assert seen.result is expected


@pytest.mark.parametrize(
    ("totals", "result"),
    [((1000, 1000), Result.NORMAL), ((1000, 1007, 1007, 1007), Result.ABNORMAL)],
)
async def test_a_counter_seen_for_the_first_time_is_sampled_twice(
    totals: tuple[float, ...], result: Result
) -> None:
    seen = await confirmed(job(1, script(*totals), rules=(COUNTER,)), asking.limits(), clock, NOW)
    assert seen.result is result


async def test_confirming_a_counter_does_not_forget_what_it_grew_by() -> None:
    memory = {"answer.value+|": {"raw": 1000}}
    probe = script(2200, 2200, 2200)
    seen = await confirmed(
        job(1, probe, rules=(COUNTER,), memory=memory), asking.limits(), clock, NOW
    )
    assert seen.result is Result.ABNORMAL
    assert "1200" in seen.judgement.reading_text


async def test_a_rule_that_waits_ten_minutes_counts_at_once_on_a_sheet() -> None:
    rule = parse({"reading": "answer.value", "label": "温度", "crit": "> 28", "for": "10 min"})
    seen = await confirmed(
        job(1, script(29.4, 29.4, 29.4), rules=(rule,)), asking.limits(), clock, NOW
    )
    assert seen.judgement.result is Result.ATTENTION
    assert seen.result is Result.ABNORMAL


@given(st.lists(st.sampled_from([5.0, 20.0]), max_size=40))
@settings(max_examples=25, deadline=None)
def test_every_job_gets_exactly_one_verdict(values: list[float]) -> None:
    async def run() -> list[int]:
        made = [job(i + 1, script(*[value] * 3)) for i, value in enumerate(values)]
        return [seen.check_id for seen in await ask_all(made, clock, pace=NOW)]

    assert asyncio.run(run()) == list(range(1, len(values) + 1))


async def test_progress_ends_at_the_total() -> None:
    told: list[tuple[int, int]] = []
    made = [job(i, script(5.0)) for i in range(1, 11)]
    await ask_all(made, clock, pace=NOW, progress=lambda *said: told.append(said))
    assert told[-1] == (10, 10)
    assert told == sorted(told)


async def test_stopping_cancels_what_runs() -> None:
    cancelled = asyncio.Event()

    async def forever(_: Target) -> float:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return 0

    with pytest.raises(StoppedError):
        await ask_all([job(1, asks(forever), timeout=600)], clock, pace=NOW, stopped=lambda: True)
    assert cancelled.is_set()


async def test_a_check_that_cannot_be_run_says_why_and_asks_nobody() -> None:
    broken = job(1, script(), problem="没有登记地址")
    seen = await confirmed(broken, asking.limits(), clock, NOW)
    assert seen.result is Result.UNCHECKED
    assert "没有登记地址" in seen.judgement.reason


async def test_a_passive_check_is_judged_by_its_last_call() -> None:
    beat = probes.find("heartbeat")
    options = probes.parse_options(beat, {"every": 60, "grace": 0})
    rule = parse({"reading": "heartbeat.overdue", "label": "心跳", "crit": "= true"})
    fresh = job(1, beat, options=options, rules=(rule,), last_call=clock())
    assert (await confirmed(fresh, asking.limits(), clock, NOW)).result is Result.NORMAL
    stale = job(1, beat, options=options, rules=(rule,), last_call=clock() - timedelta(minutes=2))
    assert (await confirmed(stale, asking.limits(), clock, NOW)).result is Result.ABNORMAL
    never = job(1, beat, options=options, rules=(rule,), last_call=None)
    said = await jobs.ask(never, asking.limits(), clock())
    assert "从未" in said.error
