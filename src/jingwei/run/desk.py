"""The engine's desk on the database: one thread, one connection, short statements."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from django.db import IntegrityError, close_old_connections, connections

from jingwei.checks.actions import Seen, SeriesIds, claim, record
from jingwei.run import jobs
from jingwei.run.jobs import Job

T = TypeVar("T")
AHEAD = timedelta(seconds=0.75)  # claimed so early, a check begins when it is due and not later
_TRUSTED = 10.0  # seconds after which a changed check, address or credential is surely used
LEASE = timedelta(minutes=5)  # longer than any check with its queueing; a crash costs this long


def worker_name() -> str:
    """A name no other worker has, readable in the database: host, process, and a random part."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Whether a name is that of a worker of this host that runs no more (killed, or power lost).

    Of another host's worker nothing is known: its leases end by themselves.
    """
    host, _, rest = name.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname()[:30] or not rest.isdecimal():
        return False
    if int(rest) == os.getpid():  # a process number that came again
        return True
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


class DatabaseDesk:
    """Claims and records in a thread of its own, so that the loop never waits for the disk."""

    def __init__(self, worker: str, clock: Callable[[], datetime]) -> None:
        self.worker = worker
        self._clock = clock
        self._loader = jobs.Loader(_TRUSTED)
        self._series: SeriesIds = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="jingwei-database")

    def take_over(self) -> int:
        """Free what dead workers of this host hold: due at once, not in five minutes; how many."""
        dead = [name for name in claim.holders() if name != self.worker and is_dead(name)]
        return sum(claim.release_checks(name) for name in dead)

    async def claim(self, most: int) -> Sequence[Job]:
        """Lease due checks and make them ready."""
        return await self.call(lambda: self._claim(most))

    def _claim(self, most: int) -> list[Job]:
        now = self._clock()
        return self._loader.load(claim.claim_checks(self.worker, most, now + AHEAD, now + LEASE))

    async def record(self, batch: Sequence[Seen]) -> None:
        """Store verdicts in one transaction; each releases its lease."""
        await self.call(lambda: self._record(batch))

    def _record(self, batch: Sequence[Seen]) -> None:
        try:
            record(batch, self._series)
        except IntegrityError:  # a series we knew is gone: ask for all of them again
            self._series.clear()
            record(batch, self._series)

    async def release(self) -> None:
        """Give back leases of checks that did not end."""
        await self.call(lambda: claim.release_checks(self.worker))

    async def call(self, work: Callable[[], T]) -> T:
        """Run database work in the desk's thread."""

        def guarded() -> T:
            close_old_connections()  # a PostgreSQL that restarted gets a new connection
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    def close(self) -> None:
        """End the thread and its connection."""
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()
