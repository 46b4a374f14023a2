"""A desk that is a list, jobs that need no database, and peers on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from jingwei import probes
from jingwei.checks.actions import Seen
from jingwei.probes.frame import Probe
from jingwei.rules.rule import parse
from jingwei.run.engine import Settings
from jingwei.run.jobs import Job
from jingwei.terms import Reading, Result, Target

QUICK = Settings(poll=0.01, flush_every=0.01, retry_most=0.02, grace=2)
RULE = parse({"reading": "answer.value", "label": "值", "crit": "> 10"})


def clock() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def asks(work: Callable[[Target], Awaitable[float]], name: str = "test") -> Probe:
    """A probe that does what the test says; its reading is `answer.value`."""

    async def ask(target: Target, options: Any) -> list[Reading]:
        return [Reading("answer.value", await work(target))]

    return Probe(name, "测试", probes.find("tcp").options, ask)


def job(number: int, probe: Probe, address: str = "", timeout: float = 5, **extra: Any) -> Job:
    """A job of a check with that id."""
    given: dict[str, Any] = {
        "check_id": number, "key": f"T-{number}:test", "item": "test", "target_id": number,
        "target": Target(f"T-{number}", address or f"127.0.0.{number}"), "probe": probe,
        "options": probes.parse_options(probes.find("tcp"), {"port": 1}), "timeout": timeout,
        "retries": 0, "rules": (RULE,), "on_error": Result.ABNORMAL, "memory": {},
    }  # fmt: skip
    return Job(**(given | extra))


class ListDesk:
    """Jobs from a list, verdicts into a list. `broken` makes recording fail."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.waiting = list(jobs)
        self.stored: list[Seen] = []
        self.batches: list[int] = []
        self.released = False
        self.broken: Exception | None = None
        self.claims = 0

    async def claim(self, most: int) -> Sequence[Job]:
        self.claims += 1
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    async def record(self, batch: Sequence[Seen]) -> None:
        if self.broken is not None:
            raise self.broken
        self.batches.append(len(batch))
        self.stored += batch

    async def release(self) -> None:
        self.released = True

    @property
    def order(self) -> list[int]:
        """The ids in the order their verdicts were stored."""
        return [seen.check_id for seen in self.stored]


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for a condition; fail when it does not come."""
    ends = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < ends, "the condition did not come"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """A TCP port that accepts."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def minutes_ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return clock() - timedelta(minutes=minutes)
