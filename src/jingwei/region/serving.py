"""Run the district until a signal says stop."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from jingwei.region.district import District
from jingwei.terms import Need, Peer


def run(folder: Path, peers: Sequence[Peer], *, seed: int = 0, needs: Sequence[Need] = ()) -> None:
    """Start, wait for SIGTERM or SIGINT, stop. Raises `RegionError` when it cannot start."""
    asyncio.run(_serve(District(folder, peers, seed, needs=needs)))


async def _serve(district: District) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    # Before the start, so that a signal during it also ends in an orderly stop.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with district:
        await told.wait()
