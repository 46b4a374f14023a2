"""The region's control door: one line of JSON in, one line out, on loopback, with a token.

TCP and not a Unix socket, since the path of a data folder may be longer than a socket's may be.
"""

import asyncio
import hmac
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from jingwei.region.errors import RegionError

Answer = Callable[[str, Mapping[str, str | None]], Awaitable[object]]

_SECONDS = 30.0


class Door:
    """Serves commands on a socket that is already bound."""

    def __init__(self, listener: socket.socket, token: str, answer: Answer) -> None:
        self._listener = listener
        self._token = token.encode()
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to answer."""
        self._server = await asyncio.start_server(self._converse, sock=self._listener)

    async def close(self) -> None:
        """Stop answering and free the address."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._listener.close()
        await asyncio.sleep(0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.CancelledError):
            async with asyncio.timeout(_SECONDS):
                line = await reader.readline()
            reply = await self._reply(line)
            writer.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        with suppress(OSError):
            writer.close()

    async def _reply(self, line: bytes) -> dict[str, object]:
        try:
            document = json.loads(line)
            command, token = document["command"], document["token"]
            arguments = {name: document.get(name) for name in ("name", "target")}
        except (ValueError, TypeError, KeyError):
            return {"ok": False, "error": "命令不是有效的 JSON"}
        if not hmac.compare_digest(str(token).encode(), self._token):
            return {"ok": False, "error": "口令不对：region.json 属于另一次启动"}
        try:
            return {"ok": True, "result": await self._answer(str(command), arguments)}
        except RegionError as error:
            return {"ok": False, "error": str(error)}
        except Exception as error:  # noqa: BLE001 - a defect of ours: who asked must hear of it
            return {"ok": False, "error": f"演示区域内部错误：{error!r}"}
