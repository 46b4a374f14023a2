"""One SNMP v2c agent: a sorted table of objects and the answers to GET, GETNEXT and GETBULK.

RFC 3416. A wrong community is met with silence, as RFC 3584 section 5.2.1 has it; a packet that
is no SNMP v2c is dropped. A response never outgrows one Ethernet frame: a GETBULK is cut short,
a GET is answered `tooBig`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jingwei.region.snmp import ber
from jingwei.region.snmp.ber import BerError, Oid

Live = Callable[[], bytes]
Value = bytes | Live
Objects = Iterable[tuple[Oid, Value]]

GET, GETNEXT, RESPONSE, SET, GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
NO_ERROR, TOO_BIG, NO_ACCESS = 0, 1, 6

_VERSION_2C = 1
_ROOM_FOR_HEADERS = 80
_LONGEST_BULK = 256


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request; for GETBULK `status` is non-repeaters, `index` max-repetitions."""

    community: bytes
    kind: int
    number: int
    status: int
    index: int
    names: tuple[Oid, ...]


def decode(packet: bytes) -> Request:
    """Read a request. Raises `BerError` for anything that is no SNMP v2c request."""
    tag, message, _ = ber.read(packet, 0)
    fields = list(ber.read_all(message))
    if tag != ber.SEQUENCE or len(fields) != 3 or ber.to_integer(fields[0][1]) != _VERSION_2C:
        raise BerError("no SNMP v2c message")
    kind, pdu = fields[2]
    parts = list(ber.read_all(pdu))
    if len(parts) != 4 or kind not in {GET, GETNEXT, SET, GETBULK}:
        raise BerError("no request")
    names: list[Oid] = []
    for _, binding in ber.read_all(parts[3][1]):
        name_tag, name, _ = ber.read(binding, 0)
        if name_tag != ber.OBJECT_IDENTIFIER:
            raise BerError("a binding without a name")
        names.append(ber.to_oid(name))
    return Request(
        community=fields[1][1],
        kind=kind,
        number=ber.to_integer(parts[0][1]),
        status=ber.to_integer(parts[1][1]),
        index=ber.to_integer(parts[2][1]),
        names=tuple(names),
    )


class Agent:
    """Answers requests from its objects.

    A value is encoded BER or a callable that gives it at the moment of asking. `largest` is the
    greatest response in octets. `silent` (asked at each packet) makes the agent drop everything.
    """

    __slots__ = ("_community", "_largest", "_names", "_silent", "_values")

    def __init__(
        self,
        objects: Objects,
        *,
        community: str,
        largest: int = 1472,
        silent: Callable[[], bool] = lambda: False,
    ) -> None:
        table = sorted(objects, key=lambda item: item[0])
        self._names = [name for name, _ in table]
        self._values = [value for _, value in table]
        if any(a == b for a, b in zip(self._names, self._names[1:], strict=False)):
            raise ValueError("two objects of one agent have the same name")
        self._community = community.encode()
        self._largest = largest
        self._silent = silent

    def __len__(self) -> int:
        return len(self._names)

    def respond(self, packet: bytes) -> bytes | None:
        """The response to one packet, or None for silence."""
        if self._silent():
            return None
        try:
            request = decode(packet)
        except BerError:
            return None
        return self._answer(request) if request.community == self._community else None

    def _answer(self, request: Request) -> bytes:
        if request.kind == SET:
            echo = [_bind(name, ber.NULL_VALUE) for name in request.names]
            return _encode(request, echo, NO_ACCESS, 1)
        if request.kind == GETBULK:
            return _encode(request, self._bulk(request))
        look = self._exactly if request.kind == GET else self._after
        bindings = [look(name) for name in request.names]
        if sum(map(len, bindings)) > self._largest - _ROOM_FOR_HEADERS:
            return _encode(request, [], TOO_BIG, 0)
        return _encode(request, bindings)

    def _bulk(self, request: Request) -> list[bytes]:
        """RFC 3416 section 4.2.3, truncated where the response is full."""
        alone = max(request.status, 0)
        room = self._largest - _ROOM_FOR_HEADERS
        bindings: list[bytes] = []

        def add(name: Oid) -> tuple[Oid, bool]:
            nonlocal room
            at = bisect_right(self._names, name)
            binding = self._binding_at(at, name)
            room -= len(binding)
            if room >= 0:
                bindings.append(binding)
            return (self._names[at], True) if at < len(self._names) else (name, False)

        for name in request.names[:alone]:
            add(name)
        heads = list(request.names[alone:])
        for _ in range(min(max(request.index, 0), _LONGEST_BULK)):
            more = False
            for column, name in enumerate(heads):
                heads[column], alive = add(name)
                more = more or alive
                if room < 0:
                    return bindings
            if not more:
                break
        return bindings

    def _exactly(self, name: Oid) -> bytes:
        at = bisect_right(self._names, name) - 1
        if at >= 0 and self._names[at] == name:
            return _bind(name, self._value(at))
        column = name[:-1]
        neighbours = self._names[max(at, 0) : at + 2]
        known = any(found[: len(column)] == column for found in neighbours)
        return _bind(name, ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT)

    def _after(self, name: Oid) -> bytes:
        return self._binding_at(bisect_right(self._names, name), name)

    def _binding_at(self, at: int, asked: Oid) -> bytes:
        if at >= len(self._names):
            return _bind(asked, ber.END_OF_MIB_VIEW)
        return _bind(self._names[at], self._value(at))

    def _value(self, at: int) -> bytes:
        value = self._values[at]
        return value if isinstance(value, bytes) else value()


def _encode(request: Request, bindings: list[bytes], status: int = 0, index: int = 0) -> bytes:
    pdu = (
        ber.integer(request.number)
        + ber.integer(status)
        + ber.integer(index)
        + ber.tlv(ber.SEQUENCE, b"".join(bindings))
    )
    message = (
        ber.integer(_VERSION_2C)
        + ber.tlv(ber.OCTET_STRING, request.community)
        + ber.tlv(RESPONSE, pdu)
    )
    return ber.tlv(ber.SEQUENCE, message)


def _bind(name: Oid, value: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.oid(name) + value)
