"""BER as far as SNMP v2c needs it (X.690 definite lengths; RFC 3416 section 3, RFC 2578)."""

from collections.abc import Iterator, Sequence

Oid = tuple[int, ...]

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
IP_ADDRESS = 0x40
COUNTER32 = 0x41
GAUGE32 = 0x42
TIMETICKS = 0x43
COUNTER64 = 0x46
NO_SUCH_OBJECT = b"\x80\x00"
NO_SUCH_INSTANCE = b"\x81\x00"
END_OF_MIB_VIEW = b"\x82\x00"
NULL_VALUE = b"\x05\x00"


class BerError(ValueError):
    """The bytes are not BER of the expected shape."""


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, definite length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def read(data: bytes, at: int) -> tuple[int, bytes, int]:
    """The element at `at`: its tag, its content and the offset after it.

    Raises `BerError` when the element is cut off or has an indefinite length.
    """
    try:
        tag, length = data[at], data[at + 1]
    except IndexError:
        raise BerError("an element is cut off") from None
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4:
            raise BerError("an indefinite or absurd length")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    end = at + length
    if end > len(data):
        raise BerError("an element is cut off")
    return tag, data[at:end], end


def read_all(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that follow each other in `data`."""
    at = 0
    while at < len(data):
        tag, content, at = read(data, at)
        yield tag, content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A signed integer, in as few octets as it needs."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def to_integer(content: bytes) -> int:
    """The inverse of `integer`'s content."""
    return int.from_bytes(content, "big", signed=True)


def gauge(value: float) -> bytes:
    """Gauge32: sticks at its largest value (RFC 2578 section 7.1.7)."""
    return integer(min(max(int(value), 0), 0xFFFF_FFFF), GAUGE32)


def counter(value: int) -> bytes:
    """Counter32: wraps."""
    return integer(value % (1 << 32), COUNTER32)


def counter64(value: int) -> bytes:
    """Counter64: wraps."""
    return integer(value % (1 << 64), COUNTER64)


def timeticks(seconds: float) -> bytes:
    """TimeTicks in hundredths of a second; wraps after 497 days."""
    return integer(int(seconds * 100) % (1 << 32), TIMETICKS)


def octets(value: str | bytes) -> bytes:
    """OCTET STRING; text is UTF-8."""
    return tlv(OCTET_STRING, value.encode() if isinstance(value, str) else value)


def oid(value: Sequence[int]) -> bytes:
    """OBJECT IDENTIFIER."""
    content = bytearray()
    for number in (value[0] * 40 + value[1], *value[2:]):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        content += bytes(reversed(groups))
    return tlv(OBJECT_IDENTIFIER, bytes(content))


def to_oid(content: bytes) -> Oid:
    """The inverse of `oid`'s content. Raises `BerError` when the last number is cut off."""
    if not content or content[-1] & 0x80:
        raise BerError("an object identifier is cut off")
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])


def parse_oid(text: str) -> Oid:
    """ "1.3.6.1.2.1" as a tuple; a leading dot is allowed."""
    return tuple(map(int, text.strip(".").split(".")))
