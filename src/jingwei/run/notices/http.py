"""One HTTP request of ours: no proxy, no redirect, an answer of bounded size and time."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpx

LIMIT = 64 * 1024  # bytes of an answer
_AGAIN = 429
_FEW = 200  # characters of an answer that are kept


class RefusedError(Exception):
    """We do not go where it leads; the message is for people."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    text: str
    wait: timedelta | None = None

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The answer as a table, empty when it is none."""
        try:
            value = json.loads(self.text)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def said(self) -> str:
        """Status and the beginning of the answer, for people."""
        start = " ".join(self.text.split())[:_FEW]
        return f"HTTP {self.status}" + (f"：{start}" if start else "")


async def send(
    method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    """Ask once. Raises httpx.HTTPError and OSError, and RefusedError for a redirect."""
    async with (
        httpx.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=10, verify=_trusted()
        ) as client,
        client.stream(method, url, content=body or None, headers=dict(headers or {})) as answer,
    ):
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise RefusedError(f"HTTP {answer.status_code}：对方要求转到其他地址，已拒绝")
        return Reply(answer.status_code, await _read(answer), _wait(answer))


async def post_json(url: str, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Post a value as JSON."""
    return await send(
        "POST", url, body=json.dumps(value, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )  # fmt: skip


async def _read(answer: httpx.Response) -> str:
    held = b""
    async for part in answer.aiter_bytes(8192):
        held += part
        if len(held) >= LIMIT:
            break
    return held[:LIMIT].decode("utf-8", errors="replace")


def _wait(answer: httpx.Response) -> timedelta | None:
    """How long it asks us to stay away."""
    if answer.status_code not in {_AGAIN, 503}:
        return None
    text = answer.headers.get("Retry-After", "")
    plain = text.isascii() and text.isdigit() and len(text) < 7
    return timedelta(seconds=int(text)) if plain else None


@cache
def _trusted() -> ssl.SSLContext:
    """The system's roots; SSL_CERT_FILE names an internal authority's."""
    return ssl.create_default_context()
