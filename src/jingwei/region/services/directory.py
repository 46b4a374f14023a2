"""A directory: LDAP version 3, simple bind and search (RFC 4511), over a tree of test accounts."""

import asyncio
import hmac

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

BASE = "ou=people,dc=region,dc=test"
_ACCOUNTS = 24
_BIND, _UNBIND, _SEARCH, _EXTENDED = 0x60, 0x42, 0x63, 0x77
_BIND_DONE, _ENTRY, _SEARCH_DONE, _EXTENDED_DONE = 0x61, 0x64, 0x65, 0x78
_SUCCESS, _PROTOCOL, _NO_SUCH_OBJECT, _CREDENTIALS, _NO_RIGHTS = 0, 2, 32, 49, 50
_LONGEST = 65_536

Element = tuple[int, bytes]


class Directory:
    """The directory of one thing; a faulty one no longer knows the account it is asked with."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._user = user
        self._password = password

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until the client unbinds."""
        known = False
        while True:
            number, (kind, body) = parsed(await _message(reader))
            if kind == _UNBIND:
                return
            if kind == _BIND:
                known = self._bind(body)
                code = _SUCCESS if known else _CREDENTIALS
                writer.write(_answer(number, _BIND_DONE, code))
            elif kind == _SEARCH:
                writer.write(self._search(number, body, known))
            else:
                done = _EXTENDED_DONE if kind == _EXTENDED else _SEARCH_DONE
                writer.write(_answer(number, done, _PROTOCOL))
            await writer.drain()

    def _bind(self, body: bytes) -> bool:
        if self._thing.has(FaultName.DIRECTORY_REFUSES):
            return False
        _, name, secret = elements(body)[:3]
        return name[1] == self._user.encode() and hmac.compare_digest(
            secret[1], self._password.encode()
        )

    def _search(self, number: int, body: bytes, known: bool) -> bytes:
        if not known:
            return _answer(number, _SEARCH_DONE, _NO_RIGHTS)
        base, _, _, limit = elements(body)[:4]
        if not BASE.endswith(base[1].decode("utf-8", "replace")):
            return _answer(number, _SEARCH_DONE, _NO_SUCH_OBJECT)
        most = int.from_bytes(limit[1], "big")
        given = _ACCOUNTS if most == 0 else min(most, _ACCOUNTS)
        rows = [
            packed(0x30, packed(0x02, _number(number)) + packed(_ENTRY, _entry(index)))
            for index in range(1, given + 1)
        ]
        code = 4 if given < _ACCOUNTS else _SUCCESS
        return b"".join(rows) + _answer(number, _SEARCH_DONE, code)


def _entry(index: int) -> bytes:
    """An entry without attributes: uid=test01,ou=people,…"""
    return packed(0x04, f"uid=test{index:02d},{BASE}".encode()) + packed(0x30, b"")


def _answer(number: int, kind: int, code: int) -> bytes:
    body = packed(0x0A, bytes([code])) + packed(0x04, b"") + packed(0x04, b"")
    return packed(0x30, packed(0x02, _number(number)) + packed(kind, body))


def _number(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def packed(tag: int, body: bytes) -> bytes:
    """One BER element with a definite length."""
    length = len(body)
    if length < 128:
        return bytes((tag, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def elements(body: bytes) -> list[Element]:
    """The elements inside a constructed one. Raises ValueError when they do not fill it."""
    found: list[Element] = []
    at = 0
    while at < len(body):
        tag, head, length = body[at], *_length(body, at + 1)
        at += 1 + head
        if at + length > len(body):
            raise ValueError("element is cut")
        found.append((tag, body[at : at + length]))
        at += length
    return found


def _length(body: bytes, at: int) -> tuple[int, int]:
    """(octets it takes, the length)."""
    if at >= len(body):
        raise ValueError("length is missing")
    first = body[at]
    if first < 128:
        return 1, first
    count = first & 0x7F
    if not 1 <= count <= 4 or at + 1 + count > len(body):
        raise ValueError("length is no definite one")
    return 1 + count, int.from_bytes(body[at + 1 : at + 1 + count], "big")


def parsed(message: bytes) -> tuple[int, Element]:
    """Message number and operation. Raises ValueError for what is no LDAP message."""
    rows = elements(message)
    if len(rows) < 2 or rows[0][0] != 0x02:
        raise ValueError("no message number")
    return int.from_bytes(rows[0][1], "big"), rows[1]


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The inside of the next message. Raises ValueError for what is none, EOFError at the end."""
    head = await reader.readexactly(2)
    if head[0] != 0x30:
        raise ValueError("no sequence")
    length = head[1]
    if length >= 128:
        length = int.from_bytes(await reader.readexactly(length & 0x7F), "big")
    if length > _LONGEST:
        raise ValueError("message too long")
    return await reader.readexactly(length)
