"""Gateways on loopback that take what they are sent and answer what the test says."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jingwei.run.notices.parcel import Parcel

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Gateway:
    """A server that records; `answer` decides about each request."""

    port: int
    requests: list[Request] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Reply = tuple[int, dict[str, str], bytes]
Decide = Callable[[Request, socket.socket], Reply | None]


def says(value: Any, status: int = 200, **headers: str) -> Decide:
    """Always the same answer, as JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda request, connection: (status, headers, body)


def hangs(request: Request, connection: socket.socket) -> None:
    """Takes it and says nothing for longer than anybody waits."""
    time.sleep(2.5)


def resets(request: Request, connection: socket.socket) -> None:
    """Ends the connection hard."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def gateway(decide: Decide) -> Iterator[Gateway]:
    """A gateway for the length of a test."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            request = Request(self.command, self.path, dict(self.headers), body)
            held.requests.append(request)
            reply = decide(request, self.connection)
            if reply is None:
                self.close_connection = True
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _any

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A connection that was reset is what the test wants."""

    server = Server(("127.0.0.1", 0), Handler)
    held = Gateway(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def parcel(**more: Any) -> Parcel:
    """A message."""
    given: dict[str, Any] = {
        "identity": "jw-7-1", "topic": "overdue", "topic_label": "已超时",
        "title": "GD-2026-00001 到场超时", "body": "静安中心医院\nPACS 打不开", "link": "",
        "at": AT, "data": {"ticket": "GD-2026-00001"},
    }  # fmt: skip
    return Parcel(**{**given, **more})
