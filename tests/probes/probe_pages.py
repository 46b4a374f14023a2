"""An HTTP peer that is a table of pages, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from probe_peers import ask, babbles, closes, hangs, resets, tcp_peer

from jingwei.terms import Reason


@dataclass
class Asked:
    """One request as it came: its line, headers in lower case, and body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Page = Any  # a document, raw bytes, (status, either), or a function of the request giving one


@dataclass
class Pages:
    """A running peer: its port, and the requests so far."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def pages(table: Mapping[str, Page]) -> AsyncIterator[Pages]:
    """Serve these pages, by path without its query; anything else is 404."""
    peer = Pages()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head.split(" ")
        headers = {k.lower(): v for k, _, v in (row.partition(": ") for row in lines if row)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Asked(method, path, headers, body)
        peer.asked.append(request)
        status, raw = _answer(table.get(path.split("?")[0], (404, b"")), request)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)
        await writer.drain()

    async with tcp_peer(serve) as port:
        peer.port = port
        yield peer


def _answer(page: Page, request: Asked) -> tuple[int, bytes]:
    if isinstance(page, Callable):  # type: ignore[arg-type]
        page = page(request)
    status, content = page if isinstance(page, tuple) else (200, page)
    return status, content if isinstance(content, bytes) else json.dumps(content).encode()


async def behaves_badly(name: str, secrets: dict[str, str], closed: int, **options: Any) -> None:
    """A probe over HTTP tells a closed port, silence, a reset, nonsense and a hang-up apart."""
    outcome = await ask(name, closed, secrets, scheme="http", **options)
    assert outcome.reason is Reason.REFUSED, outcome
    for handler, reason in (
        (hangs, Reason.TIMEOUT), (resets, Reason.PROTOCOL), (babbles, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
    ):  # fmt: skip
        async with tcp_peer(handler) as port:
            outcome = await ask(name, port, secrets, scheme="http", timeout=0.5, **options)
        assert outcome.reason is reason, (handler, outcome)
        assert not any(secret in outcome.error for secret in secrets.values()), outcome
