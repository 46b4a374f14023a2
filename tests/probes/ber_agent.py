"""A tiny SNMP v2c agent, hand-encoded after RFC 3416 and X.690: a peer of another hand.

It can be told to answer noise, to walk in circles, and to refuse more than `most` objects.
"""

import asyncio
from typing import Any

GET, GETNEXT, RESPONSE, GETBULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_OBJECT, END_OF_VIEW = b"\x80\x00", b"\x82\x00"


class Agent(asyncio.DatagramProtocol):
    """Answers GET, GETNEXT and GETBULK from a dictionary of dotted OIDs."""

    def __init__(
        self,
        tree: dict[str, int | bytes],
        *,
        community: bytes = b"public",
        noise: bytes | None = None,
        circle: bool = False,
        most: int = 1000,
    ) -> None:
        self.tree = {_numbers(oid): value for oid, value in tree.items()}
        self.order = sorted(self.tree)
        self.community = community
        self.noise = noise
        self.circle = circle
        self.most = most

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.noise is not None:
            self.transport.sendto(self.noise, addr)
            return
        _, message, _ = read(data)
        _, version, rest = read(message)
        _, community, pdu = read(rest)
        if community != self.community:
            return
        kind, body, _ = read(pdu)
        _, request_id, body = read(body)
        _, first, body = read(body)
        _, second, body = read(body)
        _, bindings, _ = read(body)
        asked = list(oids(bindings))
        status = b"\x00"
        if len(asked) > self.most:
            status, answers = b"\x01", b""
        elif kind == GET:
            answers = b"".join(self._binding(oid, self.tree.get(oid)) for oid in asked)
        elif kind == GETNEXT:
            answers = b"".join(self._next(oid)[1] for oid in asked)
        else:
            answers = self._bulk(asked, int.from_bytes(first), int.from_bytes(second))
        pdu = tlv(0x02, request_id) + tlv(0x02, status) + tlv(0x02, b"\x00") + tlv(0x30, answers)
        body = tlv(0x02, version) + tlv(0x04, community) + tlv(RESPONSE, pdu)
        self.transport.sendto(tlv(0x30, body), addr)

    def _bulk(self, asked: list[tuple[int, ...]], plain: int, times: int) -> bytes:
        answers = b"".join(self._next(oid)[1] for oid in asked[:plain])
        for oid in asked[plain:]:
            last = oid
            for _ in range(times):
                last, binding = self._next(last)
                answers += binding
        return answers

    def _next(self, oid: tuple[int, ...]) -> tuple[tuple[int, ...], bytes]:
        for known in self.order:
            if known > oid:
                break
        else:
            return oid, tlv(0x30, tlv(0x06, encoded(oid)) + END_OF_VIEW)
        inside = [each for each in self.order if each[: len(known) - 1] == known[:-1]]
        if self.circle and known == inside[-1]:
            # pretend the first row follows the last one
            return inside[0][:-1], self._binding(inside[0], self.tree[inside[0]])
        return known, self._binding(known, self.tree[known])

    def _binding(self, oid: tuple[int, ...], value: int | bytes | None) -> bytes:
        if value is None:
            coded = NO_SUCH_OBJECT
        elif isinstance(value, bytes):
            coded = tlv(0x04, value)
        else:
            coded = tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))
        return tlv(0x30, tlv(0x06, encoded(oid)) + coded)


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in oid.split("."))


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length, value."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def read(data: bytes) -> tuple[int, bytes, bytes]:
    """(tag, content, what follows) of the first element."""
    tag, size, start = data[0], data[1], 2
    if size & 0x80:
        start = 2 + (size & 0x7F)
        size = int.from_bytes(data[2:start])
    return tag, data[start : start + size], data[start + size :]


def encoded(oid: tuple[int, ...]) -> bytes:
    """X.690 section 8.19."""
    out = [oid[0] * 40 + oid[1]]
    for number in oid[2:]:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, 0x80 | (number & 0x7F))
        out += septets
    return bytes(out)


def oids(bindings: bytes) -> Any:
    """The OIDs of a variable-bindings list."""
    while bindings:
        _, binding, bindings = read(bindings)
        _, coded, _ = read(binding)
        parts, number = [coded[0] // 40, coded[0] % 40], 0
        for octet in coded[1:]:
            number = number << 7 | (octet & 0x7F)
            if not octet & 0x80:
                parts.append(number)
                number = 0
        yield tuple(parts)
