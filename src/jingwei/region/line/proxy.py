"""What stands between a caller and a thing when the line is bad."""

import asyncio
import random
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from jingwei.region.line.weather import Weather

_CHUNK = 65_536
Address = tuple[str, int]


class TcpProxy:
    """Hands connections on, with the weather's delays, stalls and cuts."""

    def __init__(self, place: Address, inner: Address, weather: Weather) -> None:
        self._place, self._inner, self._weather = place, inner, weather
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        self._server = await asyncio.start_server(self._serve, *self._place)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._tasks):
            task.cancel()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_server runs us in one
        self._tasks.add(task)
        self._writers.add(writer)
        inner: asyncio.StreamWriter | None = None
        try:
            answers, inner = await asyncio.open_connection(*self._inner)
            self._writers.add(inner)
            asking = asyncio.create_task(self._pass(reader, inner))
            try:
                await self._answer(answers, writer)
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            for one in (writer, inner):
                if one is not None:
                    self._writers.discard(one)
                    with suppress(OSError):
                        one.close()
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The caller's bytes, one way."""
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._suffer()
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The thing's bytes, the other way: here the line breaks, if it breaks."""
        passed = 0
        limits = (self._weather.reset_after, self._weather.stall_after)
        limit = next((one for one in limits if one is not None), None)
        while chunk := await reader.read(_CHUNK):
            await self._suffer()
            left = len(chunk) if limit is None else max(limit - passed, 0)
            writer.write(chunk[:left])
            await writer.drain()
            passed += len(chunk)
            if limit is not None and passed >= limit:
                if self._weather.reset_after is not None:
                    _reset(writer)
                    return
                await asyncio.Event().wait()  # until the caller gives up and the proxy is closed

    async def _suffer(self) -> None:
        wait = self._weather.delay
        if self._weather.stall and random.random() < self._weather.loss:
            wait += self._weather.stall
        if wait:
            await asyncio.sleep(wait)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut with RST, not FIN: what was on the way is lost."""
    held = writer.get_extra_info("socket")
    if held is not None:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


class UdpProxy(asyncio.DatagramProtocol):
    """Hands datagrams on, late or not at all."""

    def __init__(self, place: Address, inner: Address, weather: Weather) -> None:
        self._place, self._inner, self._weather = place, inner, weather
        self._transport: asyncio.DatagramTransport | None = None
        self._askers: dict[Address, asyncio.DatagramTransport] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=self._place, family=socket.AF_INET
        )

    async def close(self) -> None:
        """Stop listening; what is on the way is lost."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in (self._transport, *self._askers.values()):
            if transport is not None:
                transport.close()
        self._transport = None
        self._askers.clear()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """A question: hand it on, if the line lets it pass."""
        self._later(self._ask(data, addr))

    async def _ask(self, data: bytes, caller: Address) -> None:
        if not await self._passes():
            return
        if caller not in self._askers:
            loop = asyncio.get_running_loop()
            asker, _ = await loop.create_datagram_endpoint(
                lambda: _Answers(lambda answer: self._later(self._return(answer, caller))),
                remote_addr=self._inner, family=socket.AF_INET,
            )  # fmt: skip
            self._askers[caller] = asker
        self._askers[caller].sendto(data)

    async def _return(self, answer: bytes, caller: Address) -> None:
        if await self._passes() and self._transport is not None:
            self._transport.sendto(answer, caller)

    async def _passes(self) -> bool:
        """Whether a datagram comes through; after its time."""
        weather = self._weather
        if weather.reset_after is not None or weather.stall_after is not None:
            return False  # UDP knows no connection: what is cut is lost
        if weather.delay:
            await asyncio.sleep(weather.delay)
        return random.random() >= weather.loss

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Answers(asyncio.DatagramProtocol):
    """The thing's side of a UDP conversation."""

    def __init__(self, hand_on: Callable[[bytes], None]) -> None:
        self._hand_on = hand_on

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._hand_on(data)

    def error_received(self, exc: Exception) -> None:
        """The thing is not there: its ICMP error is silence to the caller."""
