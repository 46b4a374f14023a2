"""The loop that empties the outbox, beside the engine and on the same event loop.

Each channel's notices go one after another in a task of their own: a gateway that hangs holds its
own channel only. The database is touched in one thread, never on the loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar

from django.db import DatabaseError, close_old_connections, connections

from jingwei.assets.credentials import SealBrokenError
from jingwei.desk.actions import channels, outbox
from jingwei.desk.models import Medium, Notice
from jingwei.run import clock
from jingwei.run.engine import within
from jingwei.run.notices import sending
from jingwei.run.notices.parcel import Answer, parcel

logger = logging.getLogger("jingwei.notices")
T = TypeVar("T")
_LATER = (DatabaseError, OSError)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop paces itself; seconds unless said otherwise."""

    poll: float = 1.0
    most: int = 200  # notices claimed at once
    lease: timedelta = timedelta(minutes=5)
    spare: timedelta = timedelta(seconds=70)  # of a lease that must be left to begin one attempt
    behind: timedelta = timedelta(seconds=30)  # the rest waits so long behind one that failed
    grace: float = 12.0  # for what is being sent, when asked to stop
    told: float = 1.0  # between two tries to write down what happened


PACED = Pace()


class Outbox:
    """One sender. `run` returns after `stop` is set and what was begun is told."""

    def __init__(
        self, name: str, now: Callable[[], datetime] = clock.now, pace: Pace = PACED
    ) -> None:
        self.name = name
        self.sent = 0
        self._now = now
        self._pace = pace
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="jingwei-outbox")

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`."""
        try:
            while not stop.is_set():
                if not await self._round():
                    await within(stop, self._pace.poll)
        finally:
            await self._end()

    async def _round(self) -> bool:
        """Claim what is due and start it; whether there was anything."""
        try:
            found = await self._call(self._claim)
        except _LATER as error:
            logger.warning("cannot claim notices, trying again: %s", error)
            return False
        for channel, rows in groupby(found, key=lambda one: one.channel_id):
            task = asyncio.create_task(self._deliver(list(rows)), name=f"channel {channel}")
            self._busy[channel] = task
            task.add_done_callback(partial(self._freed, channel))
        return bool(found)

    def _freed(self, channel: int, _: asyncio.Task[None]) -> None:
        self._busy.pop(channel, None)

    def _claim(self) -> list[Notice]:
        now = self._now()
        pace = self._pace
        found = outbox.claim(self.name, pace.most, now, now + pace.lease, list(self._busy))
        found.sort(key=lambda one: (one.channel_id, one.due or now, one.pk))
        return [
            one
            for _, rows in groupby(found, key=lambda one: one.channel_id)
            for one in outbox.gather(list(rows), now)
        ]

    async def _deliver(self, notices: Sequence[Notice]) -> None:
        """One channel's notices in order; behind one that failed the rest waits."""
        for number, notice in enumerate(notices):
            rest = notices[number:]
            try:
                late = self._now() + self._pace.spare > (notice.leased_until or self._now())
                if late:
                    return await self._give_back(rest, None)
                if not await self.deliver(notice):
                    return await self._give_back(rest[1:], self._now() + self._pace.behind)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("notice %d put off until its lease ends", notice.pk)
                return None
        return None

    async def deliver(self, notice: Notice) -> bool:
        """One attempt at a notice this sender holds, written down; whether it was taken."""
        started = time.monotonic()
        answer = await self._attempt(notice)
        took = int((time.monotonic() - started) * 1000)
        await self._tell(notice, answer, took)
        if answer.ok:
            self.sent += 1
        else:
            logger.warning("notice %d by %s: %s", notice.pk, notice.channel.name, answer.detail)
        return answer.ok

    async def _attempt(self, notice: Notice) -> Answer:
        try:
            address = await self._call(lambda: channels.address_of(notice.channel))
        except SealBrokenError:
            return Answer(False, "地址无法解密：密钥文件已更换，请重新填写渠道地址")
        except LookupError as error:
            return Answer(False, str(error.args[0]))
        medium = Medium(notice.channel.medium)
        return await sending.send(medium, address, parcel(notice), self._now())

    async def _tell(self, notice: Notice, answer: Answer, took: int) -> None:
        """Write down what happened; a database that is locked is tried again within the lease."""

        def write() -> None:
            outbox.finish(
                notice, self.name, self._now(), ok=answer.ok, detail=answer.detail, took_ms=took,
                wait=answer.wait, reached=answer.reached,
            )  # fmt: skip

        for _ in range(20):
            try:
                return await self._call(write)
            except _LATER as error:
                logger.warning("notice %d: cannot record its delivery yet: %s", notice.pk, error)
                await asyncio.sleep(self._pace.told)
        logger.error("notice %d: its delivery could not be recorded", notice.pk)
        return None

    async def _give_back(self, notices: Sequence[Notice], due: datetime | None) -> None:
        if notices:
            await self._call(lambda: outbox.release(notices, self.name, due))

    async def _end(self) -> None:
        """Let what is being sent end; a lease that is left runs out by itself."""
        running = list(self._busy.values())
        if running:
            _, late = await asyncio.wait(running, timeout=self._pace.grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()

    async def _call(self, work: Callable[[], T]) -> T:
        def guarded() -> T:
            close_old_connections()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)
