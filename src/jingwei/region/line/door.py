"""What most of the district stands on: a TCP or a UDP port that can be shut."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Reply = Callable[[bytes], bytes | None]

_LONGEST = 1_048_576  # of one line or frame


class TcpDoor:
    """One conversation after another on a TCP port; closing cuts those that go on."""

    def __init__(self, converse: Converse, address: str, port: int) -> None:
        self._converse = converse
        self._place = (address, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        self._server = await asyncio.start_server(self._serve, *self._place, limit=_LONGEST)

    async def close(self) -> None:
        """Stop listening and cut every conversation."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            writer.transport.abort()  # the client went away or spoke nonsense, or the region goes
        finally:
            self._writers.discard(writer)
            with suppress(OSError):
                writer.close()


class UdpDoor(asyncio.DatagramProtocol):
    """Answers single datagrams; None is silence."""

    def __init__(self, reply: Reply, address: str, port: int) -> None:
        self._reply = reply
        self._place = (address, port)
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=self._place, family=socket.AF_INET
        )

    async def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer, or say nothing."""
        answer = self._reply(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    def error_received(self, exc: Exception) -> None:
        """An asker went away before the answer came: its ICMP error is nobody's business."""
