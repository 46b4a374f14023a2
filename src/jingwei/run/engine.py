"""The engine: due checks in, recorded verdicts out, without end and without a batch to wait for.

Claims keep flowing while there is room, every check runs as its own task, and results are stored
by size or time. So one slow or dead target delays nobody: it holds its own task only, and targets
that were silent last time queue in a lane of their own, which leaves the other lane to the living.

When the database cannot be written, results wait in memory and are tried again; when too many
wait, claiming stops. Nothing is dropped, and nothing is half written (`record` is one transaction).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import DatabaseError, InterfaceError, OperationalError

from jingwei.checks.actions import Seen
from jingwei.probes import Limits
from jingwei.run import jobs
from jingwei.run.jobs import Job
from jingwei.terms import Outcome, Reason

logger = logging.getLogger("jingwei.engine")

_TICK = 0.02  # seconds: what is due within one begins at its end, in one turn of the loop
_LATER = (OperationalError, InterfaceError, OSError)  # locked, full disk, gone: try again


class Desk(Protocol):
    """Where due work comes from and verdicts go to; the database, or a list in a test."""

    async def claim(self, most: int) -> Sequence[Job]:
        """Up to `most` due checks, leased to this engine."""

    async def record(self, batch: Sequence[Seen]) -> None:
        """Store verdicts, all or nothing."""

    async def release(self) -> None:
        """Give back every lease still held."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the engine paces itself. Times are seconds."""

    poll: float = 0.5  # between two looks for due work when there was none
    gather: float = 0.2  # between two looks when there was some: a claim costs the same for many
    most_claimed: int = 500  # checks of one claim
    most_open: int = 5000  # checks running or queueing at once
    most_held: int = 20000  # results waiting for the database before claiming stops
    batch: int = 500  # results stored in one transaction
    flush_every: float = 0.5
    retry_most: float = 10.0  # the longest pause before the database is tried again
    grace: float = 10.0  # for running checks, and again for storing, when asked to stop


def fast_lane() -> Limits:
    """For targets that answered last time."""
    return Limits(total=200, per_probe=100, per_target=2)


def slow_lane() -> Limits:
    """For targets that were silent last time: they wait for each other only."""
    return Limits(total=100, per_probe=50, per_target=1)


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event at most so long; whether it is set.

    Not `asyncio.wait_for`, which before Python 3.12 can swallow a cancelling (bpo-37658).
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


@dataclass
class Engine:
    """One engine on one event loop. `run` returns after `stop` is set and all is stored."""

    desk: Desk
    clock: Callable[[], datetime]
    settings: Settings = field(default_factory=Settings)
    fast: Limits = field(default_factory=fast_lane)
    slow: Limits = field(default_factory=slow_lane)
    done: int = 0  # verdicts stored since the start

    def __post_init__(self) -> None:
        self._waiting: dict[int, list[Job]] = {}  # claimed, by the tick in which they begin
        self._ahead = 0  # how many these are
        self._open: dict[int, asyncio.Task[None]] = {}
        self._held: list[Seen] = []
        self._silent: set[str] = set()  # addresses that timed out last time
        self._wake = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then finish, store and release."""
        flusher = asyncio.create_task(self._keep_flushing())
        watcher = asyncio.create_task(self._wake_on(stop))
        try:
            while not stop.is_set():
                claimed = await self._claim()
                for job in claimed:
                    self._schedule(job)
                if not claimed:
                    await self._pause()
                elif len(claimed) < self.settings.most_claimed:
                    await within(stop, self.settings.gather)
        finally:
            watcher.cancel()
            self._closing.set()
            self._full.set()
            await flusher
            await self._drain()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _pause(self) -> None:
        """Wait for the next look at the desk, or for room when there was none."""
        self._wake.clear()
        await within(self._wake, self.settings.poll)

    async def _claim(self) -> Sequence[Job]:
        taken = len(self._open) + self._ahead
        room = min(
            self.settings.most_open - taken, self.settings.most_held - len(self._held) - taken
        )
        if room <= 0:
            return []
        try:
            return await self.desk.claim(min(room, self.settings.most_claimed))
        except (DatabaseError, OSError) as error:
            logger.warning("cannot claim checks, trying again: %s", error)
            await asyncio.sleep(min(1.0, self.settings.retry_most))
            return []

    # -- one check

    def _schedule(self, job: Job) -> None:
        """Begin when it is due: what is asked every second is asked once in every second."""
        early = (job.due - self.clock()).total_seconds() if job.due else 0.0
        if early <= 0:
            self._start(job)
            return
        loop = asyncio.get_running_loop()
        tick = int((loop.time() + early) / _TICK) + 1
        if tick not in self._waiting:
            self._waiting[tick] = []
            loop.call_at(tick * _TICK, self._begin, tick)
        self._waiting[tick].append(job)
        self._ahead += 1

    def _begin(self, tick: int) -> None:
        """Start what is due in this tick; nothing when we are stopping."""
        for job in self._waiting.pop(tick, ()):
            self._ahead -= 1
            self._start(job)

    def _start(self, job: Job) -> None:
        if job.check_id in self._open:  # our own lease ran out while it still runs
            return
        task = asyncio.create_task(self._check(job))
        self._open[job.check_id] = task
        task.add_done_callback(lambda _: self._ended(job.check_id))

    def _ended(self, check_id: int) -> None:
        self._open.pop(check_id, None)
        if len(self._open) in (0, self.settings.most_open - 1):
            self._wake.set()

    async def _check(self, job: Job) -> None:
        lane = self.slow if job.target.address in self._silent else self.fast
        outcome = await jobs.ask(job, lane, self.clock())
        self._remember(job, outcome)
        self._held.append(self._judge(job, outcome))
        if len(self._held) >= self.settings.batch:
            self._full.set()

    def _remember(self, job: Job, outcome: Outcome) -> None:
        """Which lane the next question to this address takes."""
        if outcome.reason is Reason.TIMEOUT:
            self._silent.add(job.target.address)
        elif outcome.reason is not Reason.COLLECTOR:
            self._silent.discard(job.target.address)

    def _judge(self, job: Job, outcome: Outcome) -> Seen:
        try:
            return jobs.judge(job, outcome, self.clock())
        except Exception as error:
            logger.exception("judging %s failed", job.key)
            message = f"判定出错：{type(error).__name__}"
            failed = Outcome((), outcome.took, outcome.attempts, message, Reason.COLLECTOR)
            return jobs.judge(job, failed, self.clock())

    # -- storing

    async def _keep_flushing(self) -> None:
        """Store by size or time until told to close: told, not cancelled, so nothing is cut."""
        pause = self.settings.flush_every
        while not self._closing.is_set():
            await within(self._full, self.settings.flush_every)
            self._full.clear()
            if await self._flush():
                pause = self.settings.flush_every
            else:
                await within(self._closing, pause)
                pause = min(pause * 2, self.settings.retry_most)

    async def _flush(self) -> bool:
        """Store what waits, piece by piece; False when the database must be tried again later."""
        while self._held:
            batch = self._held[: self.settings.batch]
            if not await self._store(batch):
                return False
            self._forget(batch)
        return True

    def _forget(self, batch: Sequence[Seen]) -> None:
        del self._held[: len(batch)]
        self.done += len(batch)
        self._wake.set()

    async def _store(self, batch: Sequence[Seen]) -> bool:
        """True when the batch is stored, or found to be impossible to store and logged."""
        try:
            await self.desk.record(batch)
        except _LATER as error:
            logger.warning(
                "cannot store %d results, they wait in memory (%d in all): %s",
                len(batch), len(self._held), error,
            )  # fmt: skip
            return False
        except Exception:
            if len(batch) == 1:
                logger.exception("check %d cannot be stored, left out", batch[0].check_id)
                return True
            middle = len(batch) // 2
            return await self._store(batch[:middle]) and await self._store(batch[middle:])
        return True

    async def _drain(self) -> None:
        """Let running checks end, store everything, give back what did not end."""
        self._waiting.clear()
        self._ahead = 0
        running = list(self._open.values())
        if running:
            _, late = await asyncio.wait(running, timeout=self.settings.grace)
            for task in late:
                task.cancel()
            if late:  # a library may swallow its cancelling: not waited for without end
                await asyncio.wait(late, timeout=self.settings.grace)
        ends = asyncio.get_running_loop().time() + self.settings.grace
        while not await self._flush():
            if asyncio.get_running_loop().time() > ends:
                logger.error(
                    "stopping with %d results not stored; their checks fall due again",
                    len(self._held),
                )
                break
            await asyncio.sleep(min(0.5, self.settings.retry_most))
        try:
            await self.desk.release()
        except (DatabaseError, OSError) as error:
            logger.warning("leases not released, they run out by themselves: %s", error)
