"""Text and datagram conversations: opened, ended and limited in one place.

For protocols small enough to be spoken here (Redis, NUT, NTP, DNS). Nothing is left open: leaving
the context aborts the connection, cancelled or not.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from jingwei.probes import net
from jingwei.probes.errors import ProbeError

LONGEST_LINE = 65_536


@asynccontextmanager
async def conversation(
    address: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection as streams, over TLS when a context is given. Raises OSError."""
    place = await net.find(address, port)
    opened = await net.connect(place)
    try:
        reader, writer = await asyncio.open_connection(
            sock=opened,
            limit=LONGEST_LINE,
            ssl=tls,
            server_hostname=address.strip("[]") if tls else None,
        )
    except BaseException:
        opened.close()
        raise
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def line(reader: asyncio.StreamReader) -> str:
    """One line without its end. Raises EOFError when the peer hangs up, ProbeError when it is no
    line of text."""
    try:
        raw = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise ProbeError("应答行过长，不是该协议") from None
    return raw.decode("utf-8", "replace").rstrip("\r\n")


class _Datagrams(asyncio.DatagramProtocol):
    """Answers of one question; what `accept` does not want is not ours and is passed over."""

    def __init__(self, accept: Callable[[bytes], bool]) -> None:
        self._accept = accept
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """The answer, unless it belongs to another question."""
        if not self.answer.done() and self._accept(data):
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        """ICMP port unreachable comes as ConnectionRefusedError."""
        if not self.answer.done():
            self.answer.set_exception(exc)


async def exchanged(place: net.Place, question: bytes, accept: Callable[[bytes], bool]) -> bytes:
    """The first datagram from `place` that `accept` takes. Waits for ever: the frame ends it."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: _Datagrams(accept), remote_addr=place.sockaddr[:2], family=place.family
    )
    try:
        transport.sendto(question)
        return await protocol.answer
    finally:
        transport.abort()
