"""A remote-write receiver's ears: WriteRequest read by the test's own hand."""

import struct
from typing import Any

import cramjam
from notice_peers import Request

Told = dict[tuple[tuple[str, str], ...], list[tuple[int, float]]]


def fields(raw: bytes) -> list[tuple[int, Any]]:
    """The fields of a protobuf message: varints as ints, the rest as bytes."""
    found: list[tuple[int, Any]] = []
    at = 0
    while at < len(raw):
        key, at = varint(raw, at)
        value: Any
        match key & 7:
            case 0:
                value, at = varint(raw, at)
            case 1:
                value, at = raw[at : at + 8], at + 8
            case 2:
                length, at = varint(raw, at)
                value, at = raw[at : at + length], at + length
            case kind:
                raise AssertionError(f"wire type {kind}")
        found.append((key >> 3, value))
    assert at == len(raw)
    return found


def varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        octet = raw[at]
        number |= (octet & 127) << shift
        at, shift = at + 1, shift + 7
        if octet < 128:
            return number, at


def told(body: bytes) -> Told:
    """Labels → samples of an uncompressed WriteRequest."""
    found: Told = {}
    for number, series in fields(body):
        assert number == 1
        parts = fields(series)
        labels = [dict(fields(value)) for kind, value in parts if kind == 1]
        names = tuple((one[1].decode(), one[2].decode()) for one in labels)
        samples = [dict(fields(value)) for kind, value in parts if kind == 2]
        found[names] = [(one[2], struct.unpack("<d", one[1])[0]) for one in samples]
    return found


def heard(request: Request) -> Told:
    """What one request told."""
    return told(bytes(cramjam.snappy.decompress_raw(request.body)))
