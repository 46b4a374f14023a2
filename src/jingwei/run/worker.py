"""The worker: the engine for due checks, beside it the routines that are due and the duties.

Any number of workers on any number of hosts may run against one database; each piece of work is
leased by one UPDATE. SIGTERM: no more is claimed, what runs may end, results are stored, leases
are given back.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connections

from jingwei.checks.actions import BadInputError, claim
from jingwei.checks.content import ContentError
from jingwei.checks.content.events import load_events
from jingwei.checks.models import RoutineRun
from jingwei.checks.queries import UnknownRoutineError
from jingwei.run import clock, duties, loop
from jingwei.run.asking import StoppedError
from jingwei.run.desk import DatabaseDesk, worker_name
from jingwei.run.drills.attend import Attendant
from jingwei.run.engine import Engine, Settings, within
from jingwei.run.events import Receivers
from jingwei.run.metrics.push import configured
from jingwei.run.metrics.stream import Stream
from jingwei.run.notices.outbox import Outbox
from jingwei.run.routine import run_routine
from jingwei.terms import SHANGHAI

logger = logging.getLogger("jingwei.worker")
T = TypeVar("T")
_FORESEEN = (DatabaseError, OSError, ContentError, BadInputError)
PACED = Settings()
RUN_LEASE = timedelta(seconds=90)
_EXTEND = 30.0  # seconds between two extensions of that lease
_LOOK = 1.0  # seconds between two looks for a routine that is due
_DUTIES = 30.0  # seconds between two rounds of duties


class Worker:
    """One worker process. `run` returns after `stop` is set."""

    def __init__(self, now: Callable[[], datetime] = clock.now, pace: Settings = PACED) -> None:
        self.name = worker_name()
        self._now = now
        self._stopping = threading.Event()
        self._desk = DatabaseDesk(self.name, now)
        self.engine = Engine(self._desk, now, pace)
        self._outbox = Outbox(self.name, now)
        self._drills = Attendant()
        self._housekept: date | None = None
        self._register: tuple[object, ...] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        logger.info("worker %s works", self.name)
        freed = await self._in_thread(self._desk.take_over)
        if freed:
            logger.warning("%d checks of a worker that died here are due again", freed)
        await self._in_thread(self._duties)
        parts = [
            asyncio.create_task(self._routines(stop)),
            asyncio.create_task(self._rounds(stop)),
            asyncio.create_task(self._outbox.run(stop)),
            asyncio.create_task(self._events(stop)),
            asyncio.create_task(self._numbers(stop)),
        ]
        try:
            await self.engine.run(stop)
        finally:
            stop.set()
            self._stopping.set()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._in_thread(self._drills.close)
            self._desk.close()
            logger.info("worker %s stopped, %d verdicts stored", self.name, self.engine.done)

    async def _events(self, stop: asyncio.Event) -> None:
        """Listen for syslog and traps, where a setting says so."""
        places = {"syslog_at": settings.JINGWEI_SYSLOG, "traps_at": settings.JINGWEI_TRAPS}
        if not any(places.values()):
            return
        try:
            rules = load_events(Path(settings.JINGWEI_CONTENT) / "events.toml")
            listening = Receivers(
                rules, self._now, self._in_thread,
                community=settings.JINGWEI_TRAP_COMMUNITY, **places,
            )  # fmt: skip
            await listening.run(stop)
        except (ContentError, OSError, ValueError) as error:
            logger.error("no events are taken in: %s", error)

    async def _numbers(self, stop: asyncio.Event) -> None:
        """Write observations to a remote Prometheus, where a setting names one."""
        try:
            place = configured()
        except ValueError as error:
            logger.error("no numbers go out: %s", error)
            return
        if place is not None:
            await Stream(place, self._now, self._in_thread).run(stop)

    async def _rounds(self, stop: asyncio.Event) -> None:
        while not await within(stop, _DUTIES):
            await self._in_thread(self._duties)
            await self._in_thread(self._housekeep)  # may take a while; checks do not wait for it

    def _duties(self) -> None:
        """One round; what fails is logged and tried in the next one."""
        now = self._now()
        try:
            state = duties.register_state()
            if state != self._register:
                duties.align_checks(now)
                self._register = state
            duties.start_routines(now)
            duties.abandoned_runs(now)
            duties.open_tickets(now)
            duties.tell(now)
        except _FORESEEN as error:
            logger.error("duties put off: %s", error)
        except Exception:
            logger.exception("duties failed, tried again in %.0f s", _DUTIES)

    def _housekeep(self) -> None:
        now = self._now()
        try:
            if duties.housekeeping_due(now, self._housekept):
                duties.housekeeping(now)
                self._housekept = now.astimezone(SHANGHAI).date()
            duties.seal_evidence(now)
        except _FORESEEN as error:
            logger.error("housekeeping put off: %s", error)
        except Exception:
            logger.exception("housekeeping failed, tried again in %.0f s", _DUTIES)

    async def _routines(self, stop: asyncio.Event) -> None:
        """Run what is due, one by one. One that failed is due again when its lease ends."""
        while not stop.is_set():
            try:
                found = await self._in_thread(self._claim_run)
                if found is not None:
                    await self._run_held(found)
                    continue
            except _FORESEEN as error:
                logger.warning("routine put off: %s", error)
            except Exception:
                logger.exception("a routine failed, tried again in %s", RUN_LEASE)
            await within(stop, _LOOK)

    async def _run_held(self, run: RoutineRun) -> None:
        """Run it, keeping its lease alive: a killed worker's routine is soon taken over."""
        running = asyncio.create_task(self._in_thread(partial(self._run, run)))
        while not running.done():
            await asyncio.wait([running], timeout=_EXTEND)
            if not running.done():
                until = self._now() + RUN_LEASE
                await self._in_thread(partial(claim.extend_run, run.pk, self.name, until))
        await running

    def _claim_run(self) -> RoutineRun | None:
        """The routine that is due; on the way, the drill somebody started."""
        now = self._now()
        self._drills.look(now)
        pk = claim.claim_run(self.name, now, now + RUN_LEASE)
        return RoutineRun.objects.get(pk=pk) if pk is not None else None

    def _run(self, run: RoutineRun) -> None:
        """One routine to its end; cut off by a stop, it falls due again for the next worker."""
        done = True
        try:
            found = run_routine(run.routine, run.date, now=self._now, stopped=self._stopping.is_set)
        except StoppedError:
            logger.info("%s %s: stopped, due again", run.routine, run.date)
            done = False
        except (UnknownRoutineError, BadInputError, ContentError) as error:
            # Trying again cannot help; a person asks again after mending it.
            logger.error("%s %s cannot be run: %s", run.routine, run.date, error)
        else:
            counts = found.board.counts
            logger.info(
                "%s %s: %d planned, %d checked, %d abnormal, %d unchecked in %.1f s",
                run.routine, run.date, counts.planned, counts.checked, counts.abnormal,
                counts.unchecked, found.took,
            )  # fmt: skip
        claim.release_run(run.pk, self.name, done=done)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def closing() -> T:
            try:
                return work()
            finally:
                connections.close_all()

        return await asyncio.to_thread(closing)


def work() -> None:
    """Run one worker until SIGTERM or SIGINT."""
    loop.run(_until_signal())


async def _until_signal() -> None:
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    await Worker().run(stop)
