"""Running all automatic checks of a routine at once, each confirmed on the spot.

The continuous engine waits for strikes over minutes; a sheet is wanted now. So a verdict that is
not 正常 is asked for again at once, up to twice: a lost packet is not a fault. What a counter
says needs two samples; the second comes a second later.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingwei.checks.actions import Seen
from jingwei.probes import Limits
from jingwei.run import jobs
from jingwei.run.jobs import Job
from jingwei.terms import Result

GOOD = (Result.NORMAL, Result.NOT_APPLICABLE)


class StoppedError(Exception):
    """The routine was asked to stop; nothing of this pass is stored."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently a verdict is confirmed. Times are seconds."""

    again: int = 2  # further tries after a verdict that is not good
    pause: float = 0.3  # before each
    sample_gap: float = 1.0  # between the two samples of a counter
    look: float = 0.25  # between two looks whether to stop


def limits() -> Limits:
    """A routine may ask a target more at once than the engine: it is one pass, in a hurry."""
    return Limits(total=256, per_probe=128, per_target=4)


async def ask_all(
    wanted: Sequence[Job],
    clock: Callable[[], datetime],
    *,
    pace: Pace = Pace(),
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> list[Seen]:
    """Ask every job, in no order but all to the end. Exactly one verdict for each job.

    Raises StoppedError when `stopped` says so; then running questions are cancelled.
    """
    shared = limits()
    tasks = [asyncio.create_task(confirmed(job, shared, clock, pace)) for job in wanted]
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(pending, timeout=pace.look)
            if done and progress:
                progress(len(tasks) - len(pending), len(tasks))
            if stopped and stopped():
                raise StoppedError
    finally:
        for task in pending:
            task.cancel()
        if pending:  # a library may swallow its cancelling: not waited for without end
            await asyncio.wait(pending, timeout=pace.look * 20)
    return [task.result() for task in tasks]


async def confirmed(
    job: Job, shared: Limits, clock: Callable[[], datetime], pace: Pace = Pace()
) -> Seen:
    """One job's verdict, confirmed. Every try of a counter is judged against the same base.

    Silence and refusal are not asked for again: the probe has its own retries for the one, and
    insisting on the other locks accounts.
    """
    memory = job.memory
    seen = await _once(job, shared, clock, memory)
    if seen.judgement.sample_again:
        memory = seen.judgement.memory
        await asyncio.sleep(pace.sample_gap)
        seen = await _once(job, shared, clock, memory)
    for _ in range(pace.again):
        if seen.judgement.seen in GOOD or not seen.outcome.answered:
            break
        await asyncio.sleep(pace.pause)
        seen = await _once(job, shared, clock, memory)
    return seen


async def _once(
    job: Job, shared: Limits, clock: Callable[[], datetime], memory: jobs.Memory
) -> Seen:
    outcome = await jobs.ask(job, shared, clock())
    return jobs.judge(job, outcome, clock(), memory, confirmed=True)
