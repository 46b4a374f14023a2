"""One try at asking: when it must be over, and threads for libraries that block.

A library call that hangs cannot be stopped from outside. So each library gets its own few
threads: a hung one takes a place from its own kind only, and a question that found no free
thread is our fault (`Reason.COLLECTOR`), never the target's.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Attempt:
    """The try that is running: its end on the monotonic clock, and whether it still queues."""

    until: float
    queued: bool = False


current: ContextVar[Attempt | None] = ContextVar("jingwei_attempt", default=None)


def time_left(default: float = 10.0) -> float:
    """Seconds until the running attempt is given up: hand it to libraries as their timeout."""
    attempt = current.get()
    if attempt is None:
        return default
    return max(0.05, attempt.until - time.monotonic())


class Threads:
    """At most `size` daemon threads for one library.

    Not a ThreadPoolExecutor: that joins its threads at exit, so one hung library call would
    keep the process from ending.
    """

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0
        self._pending = 0  # submitted and not finished

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Queue `work`; a thread is added while there are fewer than work to do."""
        future: Future[T] = Future()
        with self._lock:
            self._pending += 1
            if self._pending > self._started and self._started < self.size:
                self._started += 1
                name = f"probe-{self.name}-{self._started}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
        self._work.put((future, work))
        return future

    def _serve(self) -> None:
        while True:
            future, work = self._work.get()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 - handed to whoever awaits it
                    future.set_exception(error)
            with self._lock:
                self._pending -= 1
            del future, work

    async def call(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread and await it. Cancelled, it lets the thread run out alone."""
        attempt = current.get()

        def begin() -> T:
            if attempt is not None:
                attempt.queued = False
            return work()

        if attempt is not None:
            attempt.queued = True
        return await asyncio.wrap_future(self.submit(begin))
