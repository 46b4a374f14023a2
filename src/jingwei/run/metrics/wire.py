"""Remote-write 1.0: a protobuf WriteRequest in one snappy block. Pure.

prometheus/prompb: WriteRequest { repeated TimeSeries timeseries = 1 }, TimeSeries { repeated Label
labels = 1; repeated Sample samples = 2 }, Label { string name = 1, value = 2 }, Sample { double
value = 1; int64 timestamp = 2, milliseconds }. Labels are sorted by name and none is empty; the
samples of a series are in the order of time.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "jingwei",
}
_VARINT, _FIXED64, _BYTES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Line:
    """One time series: labels with `__name__`, and (milliseconds since 1970, value) pairs."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[int, float]]


def packed(lines: Iterable[Line]) -> bytes:
    """The body of one request."""
    import cramjam  # noqa: PLC0415 - only who writes remotely pays for it

    return bytes(cramjam.snappy.compress_raw(request(lines)))


def request(lines: Iterable[Line]) -> bytes:
    """A WriteRequest."""
    return b"".join(_field(1, _series(line)) for line in lines)


def _series(line: Line) -> bytes:
    labels = sorted((key, text) for key, text in line.labels.items() if text)
    held = [_field(1, _field(1, _text(key)) + _field(2, _text(text))) for key, text in labels]
    return b"".join([*held, *(_field(2, _sample(at, value)) for at, value in line.samples)])


def _sample(at: int, value: float) -> bytes:
    # int64 as a varint: a time before 1970 would be ten octets of two's complement.
    return _key(1, _FIXED64) + struct.pack("<d", value) + _key(2, _VARINT) + varint(at % 2**64)


def _text(text: str) -> bytes:
    """UTF-8 without what is none: one bad label would have the whole request refused."""
    return text.encode("utf-8", "replace")


def _field(number: int, raw: bytes) -> bytes:
    return _key(number, _BYTES) + varint(len(raw)) + raw


def _key(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def varint(number: int) -> bytes:
    """A number in groups of seven bits, the least first."""
    held = bytearray()
    while number > 127:
        held.append(number & 127 | 128)
        number >>= 7
    held.append(number)
    return bytes(held)
