"""A small SQL Server: TDS 7.4 (MS-TDS) as far as login, one batch, its rows or its error."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from probe_peers import HOME

_BATCH, _TABULAR, _LOGIN, _TRANSACTION, _PRELOGIN = 1, 4, 16, 14, 18
_BEGIN, _COMMIT, _ROLLBACK = 5, 7, 8
Table = tuple[Sequence[str], Sequence[Sequence[Any]]]


class TdsError(Exception):
    """What the server answers instead of rows: number and words."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number
        self.text = text


@dataclass
class TdsPeer:
    """What it was asked, and its port."""

    port: int = 0
    batches: list[str] = field(default_factory=list)
    transactions: list[str] = field(default_factory=list)


def _wide(text: str) -> bytes:
    return bytes((len(text),)) + text.encode("utf-16-le")


def _done() -> bytes:
    return struct.pack("<BHHQ", 0xFD, 0, 0, 0)


def _error(number: int, text: str) -> bytes:
    said = struct.pack("<H", len(text)) + text.encode("utf-16-le")
    body = struct.pack("<IBB", number, 1, 14) + said + _wide("PEER") + _wide("") + b"\1\0\0\0"
    return b"\xaa" + struct.pack("<H", len(body)) + body + struct.pack("<BHHQ", 0xFD, 2, 0, 0)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Texts as nvarchar, numbers as bigint or float."""
    kinds = [_kind([row[place] for row in rows]) for place in range(len(columns))]
    head = b"\x81" + struct.pack("<H", len(columns))
    for name, kind in zip(columns, kinds, strict=True):
        info = {
            "text": b"\xe7" + struct.pack("<H", 8000) + b"\x09\x04\xd0\x00\x34",
            "int": b"\x26\x08", "float": b"\x6d\x08",
        }[kind]  # fmt: skip
        head += struct.pack("<IH", 0, 1) + info + _wide(name)
    return head + b"".join(
        b"\xd1" + b"".join(_cell(kind, value) for kind, value in zip(kinds, row, strict=True))
        for row in rows
    ) + _done()  # fmt: skip


def _kind(values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in known):
        return "text"
    return "float" if any(isinstance(value, float) for value in known) else "int"


def _cell(kind: str, value: Any) -> bytes:
    if kind == "text":
        raw = None if value is None else str(value).encode("utf-16-le")
        return b"\xff\xff" if raw is None else struct.pack("<H", len(raw)) + raw
    if value is None:
        return b"\0"
    return b"\x08" + (struct.pack("<q", value) if kind == "int" else struct.pack("<d", value))


def _login(packet: bytes) -> tuple[str, str]:
    """User and password of LOGIN7 (2.2.6.4); the password is only obfuscated."""

    def text(at: int, *, hidden: bool = False) -> str:
        start, length = struct.unpack_from("<HH", packet, at)
        raw = packet[start : start + 2 * length]
        if hidden:
            raw = bytes(((b ^ 0xA5) & 15) << 4 | (b ^ 0xA5) >> 4 for b in raw)
        return raw.decode("utf-16-le")

    return text(40), text(44, hidden=True)


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: "_Server"

    def handle(self) -> None:
        """Packet after packet until the client goes."""
        try:
            while self.step(*self.packet()):
                pass
        except (OSError, EOFError, struct.error):
            return

    def packet(self) -> tuple[int, bytes]:
        """The kind and the whole body of the next message."""
        body = b""
        while True:
            head = self.rfile.read(8)
            if len(head) < 8:
                raise EOFError
            kind, status, length = struct.unpack(">BBH", head[:4])
            body += self.rfile.read(length - 8)
            if status & 1:
                return kind, body

    def say(self, body: bytes) -> None:
        """An answer in packets of at most 4 kB."""
        for start in range(0, len(body), 4000):
            piece, last = body[start : start + 4000], start + 4000 >= len(body)
            head = struct.pack(">BBHHBB", _TABULAR, last, len(piece) + 8, 1, 1, 0)
            self.wfile.write(head + piece)
        self.wfile.flush()

    def step(self, kind: int, body: bytes) -> bool:
        """One message; False when the connection ends with it."""
        if kind == _LOGIN:
            return self.login(*_login(body))
        if kind == _PRELOGIN:
            version, encryption = b"\x0f\x00\x08\x00\x00\x00", b"\x02"  # not supported
            self.say(b"\0\0\x0b\0\6" + b"\1\0\x11\0\1" + b"\xff" + version + encryption)
        elif kind == _TRANSACTION:
            self.transaction(body)
        elif kind == _BATCH:
            self.batch(body)
        return True

    def login(self, name: str, secret: str) -> bool:
        """Let him in, or not."""
        if (name, secret) != self.server.login:
            self.say(_error(18456, f"Login failed for user '{name}'."))
            return False
        ack = b"\1" + struct.pack(">I", 0x74000004) + _wide("Peer") + b"\x0f\0\x08\0"
        self.say(b"\xad" + struct.pack("<H", len(ack)) + ack + _done())
        return True

    def transaction(self, body: bytes) -> None:
        """Begin, commit, roll back: nothing is behind it but the word."""
        after = struct.unpack_from("<I", body)[0]
        number = struct.unpack_from("<H", body, after)[0]
        word = {_BEGIN: "begin", _COMMIT: "commit", _ROLLBACK: "rollback"}[number]
        self.server.peer.transactions.append(word)
        mark = bytes(range(1, 9))
        kind = {"begin": b"\x08", "commit": b"\x09", "rollback": b"\x0a"}[word]
        change = kind + (b"\x08" + mark + b"\0" if word == "begin" else b"\0\x08" + mark)
        self.say(b"\xe3" + struct.pack("<H", len(change)) + change + _done())

    def batch(self, body: bytes) -> None:
        """What the test answers to a batch."""
        after = struct.unpack_from("<I", body)[0]
        text = body[after:].decode("utf-16-le")
        self.server.peer.batches.append(text)
        if text.lower().startswith(("set ", "if @@trancount")):
            self.say(_done())
            return
        try:
            self.say(_table(*self.server.answer(text)))
        except TdsError as error:
            self.say(_error(error.number, error.text))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, peer: TdsPeer, answer: Callable[[str], Table], login: tuple[str, str]
    ) -> None:
        super().__init__((HOME, 0), _Talk)
        self.peer, self.answer, self.login = peer, answer, login


@contextmanager
def tds_server(
    answer: Callable[[str], Table], user: str = "watcher", password: str = "watch-secret"
) -> Iterator[TdsPeer]:
    """Answers batches by `answer`, which may raise TdsError, or EOFError to hang up."""
    peer = TdsPeer()
    with _Server(peer, answer, (user, password)) as server:
        peer.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()
