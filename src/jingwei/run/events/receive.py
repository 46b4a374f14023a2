"""The sockets: syslog over UDP and TCP, SNMP notifications over UDP; written once a second.

They listen only where JINGWEI_SYSLOG or JINGWEI_TRAPS says so. A flood costs counting, never
writing: what is the same is one row a second.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import DatabaseError

from jingwei.checks.actions import BadInputError
from jingwei.checks.actions.calls import log_lines
from jingwei.checks.actions.events import Event, take
from jingwei.checks.content.events import EventRules
from jingwei.probes import syslog, trap
from jingwei.run.engine import within
from jingwei.run.events import sort
from jingwei.run.events.heard import Heard
from jingwei.run.events.storm import Storm

logger = logging.getLogger("jingwei.events")
FLUSH = 1.0  # seconds
_IDLE = 600.0  # of a TCP sender that says nothing
_BUFFER = 4 * 1024 * 1024  # bytes the kernel holds while we are busy
InThread = Callable[[Callable[[], None]], Awaitable[None]]


class _Datagrams(asyncio.DatagramProtocol):
    """Hands each datagram on, and answers what wants an answer."""

    def __init__(self, take_in: Callable[[bytes, str], bytes]) -> None:
        self._take_in = take_in
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One message."""
        answer = self._take_in(data, addr[0])
        if answer and self._transport is not None:
            self._transport.sendto(answer, addr)


class Receivers:
    """Everything that listens. `run` returns after `stop` is set.

    `syslog_at` and `traps_at` are "address:port" or ""; `community` refuses other notifications.
    """

    def __init__(
        self, rules: EventRules, now: Callable[[], datetime], in_thread: InThread,
        *, syslog_at: str = "", traps_at: str = "", community: str = "",
    ) -> None:  # fmt: skip
        self._rules = rules
        self._now = now
        self._in_thread = in_thread
        self._syslog_at, self._traps_at = syslog_at, traps_at
        self._community = community
        self.storm = Storm()
        self.heard = Heard()
        self.refused = 0
        self.places: dict[str, tuple[str, int]] = {}
        self.ready = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; what was heard by then is written."""
        closing: list[Callable[[], None]] = []
        try:
            if self._syslog_at:
                closing += await self._open_syslog(*split(self._syslog_at))
            if self._traps_at:
                closing.append(await self._open_udp("trap", *split(self._traps_at), self.trap))
            self.ready.set()
            while closing and not await within(stop, FLUSH):
                await self._flush()
                await self._note()
        except OSError as error:
            logger.error("cannot listen for events: %s", error)
        finally:
            for close in closing:
                close()
            await self._flush()
            await self._note(last=True)

    async def _open_syslog(self, host: str, port: int) -> list[Callable[[], None]]:
        server = await asyncio.start_server(self._serve, host, port, limit=syslog.LONGEST * 2)
        try:
            same = server.sockets[0].getsockname()[1]
            return [await self._open_udp("syslog", host, same, self.line), server.close]
        except OSError:
            server.close()
            raise

    async def _open_udp(
        self, name: str, host: str, port: int, take_in: Callable[[bytes, str], bytes]
    ) -> Callable[[], None]:
        found, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            partial(_Datagrams, take_in), local_addr=(host, port)
        )
        opened = found.get_extra_info("socket")
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.places[name] = opened.getsockname()[:2]
        logger.info("listening for %s at %s:%d", name, *self.places[name])
        return found.close

    def line(self, raw: bytes, sender: str) -> bytes:
        """A log line. Nothing is answered."""
        now, found = self._now(), syslog.parse(raw)
        self.heard.add(now, sender, found.host)
        self._add(sort.of_line(self._rules, found, sender, now))
        return b""

    def trap(self, raw: bytes, sender: str) -> bytes:
        """A notification; the answer an inform wants."""
        try:
            found = trap.parse(raw)
        except trap.NoTrapError:
            self.refused += 1
            return b""
        if self._community and found.community != self._community:
            self.refused += 1
            return b""
        self._add(sort.of_trap(self._rules, found, sender, self._now()))
        return found.confirm

    def _add(self, event: Event | None) -> None:
        if event is not None:
            self.storm.add(event)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One TCP sender: octet counts (RFC 6587 3.4.1) or lines."""
        sender = (writer.get_extra_info("peername") or ("",))[0]
        with suppress(
            OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError,
            asyncio.CancelledError,
        ):  # fmt: skip
            while raw := await asyncio.wait_for(frame(reader), _IDLE):
                self.line(raw, sender)
        writer.transport.abort()

    async def _flush(self) -> None:
        held = self.storm.taken()
        if not held:
            return
        try:
            await self._in_thread(lambda: self._write(held))
        except (DatabaseError, BadInputError) as error:
            self.storm.back(held)
            logger.error("events put off: %s", error)

    async def _note(self, *, last: bool = False) -> None:
        """Who was heard goes to the checks of log forwarding."""
        names = self.heard.taken(self._now(), last=last)
        if not names:
            return
        try:
            await self._in_thread(lambda: self._log_lines(names))
        except DatabaseError as error:
            self.heard.back(names)
            logger.error("senders of log lines noted later: %s", error)

    @staticmethod
    def _log_lines(names: dict[str, datetime]) -> None:
        log_lines(names)

    def _write(self, events: Sequence[Event]) -> None:
        take(events, self._now())


async def frame(reader: asyncio.StreamReader) -> bytes:
    """The next message; b"" at the end. Raises ValueError for a count nobody sends."""
    first = await reader.read(1)
    if not first.isdigit():
        return first + await reader.readline() if first else b""
    count = first + (await reader.readuntil(b" "))[:-1]
    if not count.isdigit() or int(count) > syslog.LONGEST:
        raise ValueError("no octet count")
    return await reader.readexactly(int(count))


def split(place: str) -> tuple[str, int]:
    """ "0.0.0.0:5514" as address and port. Raises ValueError."""
    host, colon, port = place.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) < 65_536:
        raise ValueError(f"应为“地址:端口”，得到 {place!r}")
    return host.strip("[]"), int(port)
