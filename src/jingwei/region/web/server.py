"""A small HTTP/1.1 server on asyncio: enough of RFC 9112 for health pages, logins and Redfish.

A site is a plain function from request to response. Connections are kept open; a malformed
request is answered 400 and ends its connection; a slow one is cut off.
"""

import asyncio
import base64
import binascii
import itertools
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

_LONGEST_HEAD = 16_384
_LONGEST_BODY = 65_536
_IDLE_SECONDS = 20.0
_numbers = itertools.count(1)  # of connections; never used twice, as an address in memory is


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case. `connection` tells one connection from another."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    connection: int = 0

    def basic_login(self) -> tuple[str, str] | None:
        """User and password of Basic authentication (RFC 7617), or None."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user, password


@dataclass(frozen=True, slots=True)
class Response:
    """One response."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def html(cls, text: str, status: int = 200) -> "Response":
        """A page."""
        return cls(status, text.encode())

    @classmethod
    def json(
        cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "Response":
        """A JSON document."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(status, body, "application/json; charset=utf-8", headers or {})


Site = Callable[[Request], Response]


class _BadRequestError(Exception):
    """The client does not speak HTTP/1.1 as we need it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Listener:
    """One site at one address and port; can be closed and opened again."""

    def __init__(
        self, site: Site, address: str, port: int, context: ssl.SSLContext | None = None
    ) -> None:
        self._site = site
        self._address = address
        self._port = port
        self._context = context
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Begin to listen; nothing happens when it already does. Raises OSError."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._converse,
                self._address,
                self._port,
                ssl=self._context,
                limit=_LONGEST_HEAD,
                backlog=64,
            )

    async def close(self) -> None:
        """Stop listening and cut every conversation."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for writer in tuple(self._conversations):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._conversations.add(writer)
        try:
            number = next(_numbers)
            while await self._exchange(reader, writer, number):
                pass
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            writer.transport.abort()  # the client went away, or the region does
        finally:
            self._conversations.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """One request and its response; False when the connection ends with it."""
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                request, keep = await _read(reader, number)
            response = self._site(request)
        except _BadRequestError as error:
            request, keep = None, False
            response = Response.html(HTTPStatus(error.status).phrase, error.status)
        without_body = request is not None and request.method == "HEAD"
        writer.write(_head(response, keep=keep) + (b"" if without_body else response.body))
        await writer.drain()
        return keep


async def _read(reader: asyncio.StreamReader, connection: int) -> tuple[Request, bool]:
    """The next request and whether the client wants to go on after it."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise _BadRequestError(431) from None
    first, *lines = head[:-4].split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _BadRequestError(400)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise _BadRequestError(400)
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(_body_length(headers))
    path = urlsplit(parts[1]).path or "/"
    keep = parts[2] == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return Request(parts[0], path, headers, body, connection), keep


def _body_length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise _BadRequestError(411)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise _BadRequestError(400)
    if int(length) > _LONGEST_BODY:
        raise _BadRequestError(413)
    return int(length)


def _head(response: Response, *, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
