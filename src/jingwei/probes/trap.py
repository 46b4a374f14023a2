"""SNMP notifications: v1 traps, v2c traps and informs as what they say (RFC 1157, RFC 3416).

Pure. v3 notifications are encrypted with keys that belong to the sender's engine: not taken.
"""

from dataclasses import dataclass

Value = int | str
_SEQUENCE, _INTEGER, _OCTETS, _NULL, _OID = 0x30, 0x02, 0x04, 0x05, 0x06
_ADDRESS, _COUNTER, _GAUGE, _TICKS, _OPAQUE, _COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
_TRAP_1, _INFORM, _TRAP_2, _RESPONSE = 0xA4, 0xA6, 0xA7, 0xA2
_NUMBERS = frozenset({_INTEGER, _COUNTER, _GAUGE, _TICKS, _COUNTER64})
_UPTIME, _WHICH = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"
_STANDARD = "1.3.6.1.6.3.1.1.5"  # coldStart is .1, and so on (RFC 3584 3.1)
_MOST = 200  # variables of one notification


class NoTrapError(ValueError):
    """What came is no notification we can read."""


@dataclass(frozen=True, slots=True)
class Trap:
    """One notification: which, from whom (v1 says it), with what; `confirm` answers an inform."""

    community: str
    oid: str
    variables: tuple[tuple[str, Value], ...]
    agent: str = ""
    confirm: bytes = b""


def parse(raw: bytes) -> Trap:
    """A datagram. Raises NoTrapError."""
    try:
        return _parsed(raw)
    except (IndexError, ValueError, OverflowError) as error:
        raise NoTrapError(str(error) or "not BER") from None


def _parsed(raw: bytes) -> Trap:
    whole = _one(raw, _SEQUENCE)
    version, community, pdu = _items(whole)[:3]
    if _number(version[1]) not in (0, 1):
        raise ValueError("SNMP version 1 and 2c only")
    name = community[1].decode("utf-8", "replace")
    if pdu[0] == _TRAP_1:
        return _first(name, _items(pdu[1]))
    if pdu[0] not in (_TRAP_2, _INFORM):
        raise ValueError("no notification")
    request, _, _, rows = _items(pdu[1])[:4]
    variables = _variables(rows[1])
    which = [value for oid, value in variables if oid == _WHICH]
    if not which:
        raise ValueError("no snmpTrapOID")
    said = tuple(row for row in variables if row[0] not in (_UPTIME, _WHICH))
    confirm = _answer(version, community, request, rows) if pdu[0] == _INFORM else b""
    return Trap(name, str(which[0]), said, "", confirm)


def _first(name: str, fields: list[tuple[int, bytes]]) -> Trap:
    enterprise, agent, generic, specific, _, rows = fields[:6]
    number = _number(generic[1])
    oid = (
        f"{_STANDARD}.{number + 1}" if 0 <= number < 6
        else f"{_oid(enterprise[1])}.0.{_number(specific[1])}"
    )  # fmt: skip
    address = ".".join(str(part) for part in agent[1]) if len(agent[1]) == 4 else ""
    return Trap(name, oid, _variables(rows[1]), "" if address == "0.0.0.0" else address)  # noqa: S104 - compared, not bound


def _variables(body: bytes) -> tuple[tuple[str, Value], ...]:
    rows = _items(body)
    if len(rows) > _MOST:
        raise ValueError("too many variables")
    found = []
    for _, row in rows:
        (_, oid), (kind, value) = _items(row)[:2]
        found.append((_oid(oid), _value(kind, value)))
    return tuple(found)


def _value(kind: int, body: bytes) -> Value:
    if kind in _NUMBERS:
        return _number(body) if kind == _INTEGER else int.from_bytes(body, "big")
    if kind == _OID:
        return _oid(body)
    if kind == _ADDRESS and len(body) == 4:
        return ".".join(str(part) for part in body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body.hex()
    return text if text.isprintable() else body.hex()


def _number(body: bytes) -> int:
    return int.from_bytes(body, "big", signed=True)


def _oid(body: bytes) -> str:
    if not body:
        raise ValueError("empty OID")
    parts: list[int] = []
    held = 0
    for octet in body:
        held = held << 7 | octet & 0x7F
        if octet < 128:
            parts.append(held)
            held = 0
    first = min(parts[0] // 40, 2)
    return ".".join(str(part) for part in (first, parts[0] - 40 * first, *parts[1:]))


def _one(raw: bytes, kind: int) -> bytes:
    found = _items(raw)
    if not found or found[0][0] != kind:
        raise ValueError("no sequence")
    return found[0][1]


def _items(body: bytes) -> list[tuple[int, bytes]]:
    """Tag and body of each element."""
    found = []
    at = 0
    while at < len(body):
        tag, length = body[at], body[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("length")
            length = int.from_bytes(body[at : at + count], "big")
            at += count
        if at + length > len(body):
            raise ValueError("cut")
        found.append((tag, body[at : at + length]))
        at += length
    return found


def _packed(tag: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    octets = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def _answer(
    version: tuple[int, bytes], community: tuple[int, bytes], request: tuple[int, bytes],
    rows: tuple[int, bytes],
) -> bytes:  # fmt: skip
    """The response an inform waits for: the same variables back (RFC 3416 4.2.7)."""
    none = _packed(_INTEGER, b"\0")
    pdu = _packed(_RESPONSE, _packed(*request) + none + none + _packed(*rows))
    return _packed(_SEQUENCE, _packed(*version) + _packed(*community) + pdu)
