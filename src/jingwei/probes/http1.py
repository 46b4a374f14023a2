"""A small HTTP/1.1 client: one Protocol over httptools, with the time each phase took.

Not a general client: it asks few things of machines we are responsible for, cheaply (an
aiohttp request costs five times the CPU), and says exactly where the time went. RFC 9112.
"""

import asyncio
import functools
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field

import httptools

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.terms import Reason


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `headers` holds everything but Content-Length, in order."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def encoded(self) -> bytes:
        """The bytes on the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8") + self.body


@dataclass(slots=True)
class Response:
    """What came back. `first_byte` and `took` are seconds since the request was sent."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    truncated: bool = False
    keep_alive: bool = False
    first_byte: float = 0.0
    took: float = 0.0

    def header(self, name: str) -> str:
        """The first header of that (lower case) name, or ""."""
        return next((value for key, value in self.headers if key == name), "")


class Exchange(asyncio.Protocol):
    """The receiving side of one connection: bytes in, one `Response` at a time out."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._lost: Exception | None = None

    def expect(self, method: str, max_body: int) -> "asyncio.Future[Response]":
        """Prepare for the answer to a request about to be sent."""
        self._parser = httptools.HttpResponseParser(self)
        self._method = method
        self._max_body = max_body
        self._response = Response()
        self._chunks: list[bytes] = []
        self._size = 0
        self._started = time.perf_counter()
        self._framed = False
        self._headers_done = False
        self._waiter = asyncio.get_running_loop().create_future()
        if self._lost:
            self._fail(self._lost)
        return self._waiter

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Feed the parser; whatever it chokes on is the target's broken HTTP."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if not self._response.first_byte:
            self._response.first_byte = time.perf_counter() - self._started
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.on_message_complete()
        except httptools.HttpParserError as error:
            if not waiter.done():
                self._fail(ProbeError(f"应答不是有效的 HTTP：{str(error)[:80]}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of the body when nothing else frames it (RFC 9112 section 6.3), else a cut."""
        self._lost = exc or EOFError()
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if self._headers_done and not self._framed and exc is None:
            self._finish()
        elif self._headers_done:
            self._fail(ProbeError("应答正文不完整，对方中途断开"))
        elif self._response.first_byte:
            self._fail(ProbeError("应答头不完整，对方中途断开"))
        else:
            self._fail(exc or ProbeError("对方未应答就断开了连接"))

    # -- httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; framing headers are remembered for `connection_lost`."""
        key = name.decode("latin-1").lower()
        if len(self._response.headers) >= 256:
            raise ValueError("too many headers")
        self._response.headers.append((key, value.decode("latin-1")))
        if key in ("content-length", "transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        """The status is known; an answer to HEAD is complete already."""
        self._response.status = self._parser.get_status_code()
        if self._response.status >= 200:
            self._headers_done = True
            if self._method == "HEAD":
                self._finish()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; beyond the limit we stop reading."""
        if self._waiter is None or self._waiter.done():
            return
        room = self._max_body - self._size
        self._chunks.append(body[:room])
        self._size += len(body)
        if self._size > self._max_body:
            self._response.truncated = True
            self._finish()

    def on_message_complete(self) -> None:
        """Done, unless it was an interim answer (RFC 9110 section 15.2)."""
        if 100 <= self._response.status < 200 and self._response.status != 101:
            self._response.headers.clear()
            self._framed = False
            return
        self._response.keep_alive = bool(self._parser.should_keep_alive())
        self._finish()

    def _finish(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._response.took = time.perf_counter() - self._started
            self._response.body = b"".join(self._chunks)
            self._waiter.set_result(self._response)

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, an address to connect to, a port, and how TLS is to be checked.

    `server_name` is what the certificate is checked against; "" means the address.
    """

    tls: bool
    address: str
    port: int
    server_name: str = ""
    verify: bool = True
    ca_file: str = ""


class Connection:
    """One new connection. Times are seconds; `looked_up` and `handshake` None if not needed."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.looked_up: float | None = None
        self.connected = 0.0
        self.handshake: float | None = None
        self._exchange = Exchange()

    async def __aenter__(self) -> "Connection":
        """Resolve, connect, and shake hands when TLS is wanted."""
        place = await net.find(self.origin.address, self.origin.port)
        self.looked_up = place.looked_up
        started = time.perf_counter()
        if not self.origin.tls:
            await net.stream(place, lambda: self._exchange)
            self.connected = time.perf_counter() - started
            return self
        opened = await net.connect(place)
        self.connected = time.perf_counter() - started
        try:
            await self._shake_hands(opened)
        except BaseException:
            opened.close()
            raise
        return self

    async def _shake_hands(self, opened: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        context = tls_context(self.origin.verify, self.origin.ca_file)
        started = time.perf_counter()
        await loop.create_connection(
            lambda: self._exchange,
            sock=opened,
            ssl=context,
            server_hostname=self.origin.server_name or self.origin.address.strip("[]"),
        )
        self.handshake = time.perf_counter() - started

    async def __aexit__(self, *_: object) -> None:
        """Cut the connection: nothing is waited for."""
        if self._exchange.transport is not None:
            self._exchange.transport.abort()

    @property
    def usable(self) -> bool:
        """Whether another request may be sent on it."""
        transport = self._exchange.transport
        return transport is not None and not transport.is_closing()

    async def send(self, request: Request, max_body: int) -> Response:
        """Send one request and await its whole answer."""
        waiter = self._exchange.expect(request.method, max_body)
        transport = self._exchange.transport
        if transport is None or transport.is_closing():
            raise ProbeError("对方未应答就断开了连接")
        transport.write(request.encoded())
        return await waiter


@functools.lru_cache(maxsize=64)
def tls_context(verify: bool, ca_file: str = "") -> ssl.SSLContext:
    """A shared client context (making one loads every CA: 10 ms of CPU).

    Without verification old controllers that only speak TLS 1.0 must still be readable.
    Raises ProbeError when `ca_file` cannot be read: that is our side's fault.
    """
    if verify:
        try:
            return ssl.create_default_context(cafile=ca_file or None)
        except OSError:
            raise ProbeError(f"本机读不到证书文件 {ca_file}", Reason.COLLECTOR) from None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


def decoded(response: Response, max_body: int) -> bytes:
    """The body without its content coding (gzip, deflate), at most `max_body` bytes.

    Raises ProbeError when it is coded otherwise or broken.
    """
    coding = response.header("content-encoding").strip().lower()
    if coding in ("", "identity") or not response.body:
        return response.body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ProbeError(f"不认识的正文编码：{coding[:20]}")
    try:
        return _inflate(response.body, coding, max_body)
    except zlib.error:
        raise ProbeError(f"正文的 {coding} 压缩数据已损坏") from None


def _inflate(body: bytes, coding: str, limit: int) -> bytes:
    if coding != "deflate":
        return zlib.decompressobj(wbits=31).decompress(body, limit)
    try:
        return zlib.decompressobj().decompress(body, limit)
    except zlib.error:  # many servers send raw deflate under that name
        return zlib.decompressobj(wbits=-15).decompress(body, limit)
