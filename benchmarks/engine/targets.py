"""What is checked: 100 addresses that speak HTTP, TCP and SNMP, in a process of their own.

    python -m engine.targets --dead 0.2 --slow 0.1 [--count FILE]

Dead ones swallow every packet; slow ones take `SLOW` seconds to answer HTTP.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from jingwei.region.line.hole import Hole
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Agent

ADDRESSES = [f"127.9.1.{number}" for number in range(1, 101)]
HTTP, TCP, SNMP = 18_080, 18_081, 18_161
COMMUNITY = "benchmark"
OIDS = [f"1.3.6.1.2.1.2.2.1.10.{number}" for number in range(1, 11)]
SLOW = 3.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Web(asyncio.Protocol):
    """Answers one request and hangs up."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    asked = 0  # whole requests to all that answer at once

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(b"\r\n\r\n"):
            Web.asked += self._delay == 0
            asyncio.get_running_loop().call_later(self._delay, self._say)

    def _say(self) -> None:
        if self._transport.is_closing():  # the caller did not wait
            return
        self._transport.write(_ANSWER)
        self._transport.close()


class Shut(asyncio.Protocol):
    """Accepts and waits for the caller to go."""


class Counters(asyncio.DatagramProtocol):
    """An SNMP agent with ten counters."""

    def __init__(self) -> None:
        values = [
            (tuple(map(int, oid.split("."))), ber.counter(1000 + place))
            for place, oid in enumerate(OIDS)
        ]
        self._agent = Agent(values, community=COMMUNITY)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._agent.respond(data)
        if answer:
            self._transport.sendto(answer, addr)


async def tell(path: Path) -> None:
    """How many HTTP requests came, in a file, every second."""
    while True:
        path.write_text(str(Web.asked))  # noqa: ASYNC240  # a few bytes, once a second
        await asyncio.sleep(1)


async def serve(dead: float, slow: float, count: str) -> None:
    """Until our standard input ends."""
    telling = asyncio.create_task(tell(Path(count))) if count else None
    loop = asyncio.get_running_loop()
    ends_dead = int(len(ADDRESSES) * dead)
    ends_slow = ends_dead + int(len(ADDRESSES) * slow)
    for place, address in enumerate(ADDRESSES):
        if place < ends_dead:
            for port, udp in ((HTTP, False), (TCP, False), (SNMP, True)):
                await Hole(address, port, udp=udp).open()
            continue
        delay = SLOW if place < ends_slow else 0.0
        await loop.create_server(lambda delay=delay: Web(delay), address, HTTP, backlog=4096)
        await loop.create_server(Shut, address, TCP, backlog=4096)
        await loop.create_datagram_endpoint(Counters, local_addr=(address, SNMP))
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    if telling is not None:
        telling.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dead", type=float, default=0.0)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--count", default="")
    given = parser.parse_args()
    uvloop.run(serve(given.dead, given.slow, given.count))
