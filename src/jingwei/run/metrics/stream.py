"""A place in every series that only moves when the receiver has taken what lies before it.

A request that was taken while we died is written again: it holds one sample of each series, the
newest the receiver has, and that is no new one. A 4xx answer can't become better: its observations
are passed over and the log says so (remote-write 1.0). Anything else is tried again, later and
later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from django.db import DatabaseError

from jingwei.checks.actions import pushed
from jingwei.checks.queries.unsent import Unsent, begun, unsent
from jingwei.run.engine import within
from jingwei.run.metrics.push import Answer, Fate, Place, push

logger = logging.getLogger("jingwei.metrics")
T = TypeVar("T")

AT_ONCE = 2_000  # observations of one request: some 40 kB
_EVERY = 15.0  # seconds between two looks when everything went out
_FIRST, _LONGEST = 1.0, 300.0  # seconds before a request is tried again
# Of what was seen before the first request ever: Prometheus refuses what is older than its head.
_BEFORE = timedelta(minutes=30)


class InThread(Protocol):
    """Runs what blocks beside the loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """The result of `work`."""


@dataclass(slots=True)
class Round:
    """What went out in one round, in observations; `problem` is why the rest did not."""

    sent: int = 0
    dropped: int = 0
    problem: str = ""
    wait: timedelta | None = None


class Stream:
    """Our observations on their way to one receiver."""

    def __init__(self, place: Place, now: Callable[[], datetime], in_thread: InThread) -> None:
        self._place = place
        self._now = now
        self._in_thread = in_thread

    async def run(self, stop: asyncio.Event) -> None:
        """Write what is new until `stop`."""
        logger.info("numbers go out to %s", self._place.url)
        pause = 0.0
        troubled = 0.0
        while not await within(stop, pause):
            try:
                found = await self.round()
            except DatabaseError as error:
                found = Round(problem=str(error))
            if found.problem:
                troubled = min(max(troubled * 2, _FIRST), _LONGEST)
                asked = found.wait.total_seconds() if found.wait else 0.0
                pause = max(troubled, min(asked, _LONGEST))
                logger.warning("numbers put off for %.0f s: %s", pause, found.problem)
            else:
                pause, troubled = _EVERY, 0.0

    async def round(self) -> Round:
        """Write everything there is now; ends at the first request that has to be tried again."""
        await self._in_thread(self._begin)
        done = Round()
        while found := await self._in_thread(partial(unsent, AT_ONCE)):
            answer = await push(self._place, found)
            if answer.fate is Fate.PUT_OFF:
                done.problem, done.wait = answer.said, answer.wait
                return done
            await self._in_thread(partial(pushed.advance, _ends(found)))
            self._count(done, found, answer)
        return done

    def _begin(self) -> None:
        if not begun():
            pushed.begin(self._now() - _BEFORE)

    def _count(self, done: Round, found: list[Unsent], answer: Answer) -> None:
        number = len(found)
        if answer.fate is Fate.SENT:
            done.sent += number
            return
        done.dropped += number
        logger.error("%d observations were refused and are not sent: %s", number, answer.said)


def _ends(found: list[Unsent]) -> dict[int, int]:
    return {one.series: one.epoch for one in found}
