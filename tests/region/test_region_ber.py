"""BER: what is written is read back, and what is no BER is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.region.snmp import ber

oids = st.tuples(st.integers(0, 1), st.integers(0, 39)).flatmap(
    lambda head: st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda tail: (*head, *tail))
)


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63))
def test_an_integer_is_read_back(value: int) -> None:
    tag, content, end = ber.read(ber.integer(value), 0)
    assert (tag, ber.to_integer(content)) == (ber.INTEGER, value)
    assert end == len(ber.integer(value))


@settings(deadline=None)
@given(oids)
def test_an_object_identifier_is_read_back(value: tuple[int, ...]) -> None:
    tag, content, _ = ber.read(ber.oid(value), 0)
    assert (tag, ber.to_oid(content)) == (ber.OBJECT_IDENTIFIER, value)


@settings(deadline=None)
@given(st.binary(max_size=70_000))
def test_an_element_of_any_length_is_read_back(content: bytes) -> None:
    assert ber.read(ber.tlv(0x04, content), 0)[:2] == (0x04, content)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_a_cut_element_is_refused(content: bytes) -> None:
    whole = ber.tlv(0x30, content)
    with pytest.raises(ber.BerError):
        ber.read(whole[:-1], 0)


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x85\x01\x01\x01\x01\x01"]
)
def test_absurd_lengths_are_refused(data: bytes) -> None:
    with pytest.raises(ber.BerError):
        ber.read(data, 0)


@pytest.mark.parametrize("content", [b"", b"\x2b\x86"])
def test_a_cut_object_identifier_is_refused(content: bytes) -> None:
    with pytest.raises(ber.BerError):
        ber.to_oid(content)


def test_a_gauge_sticks_and_a_counter_wraps() -> None:
    assert ber.gauge(2**40) == ber.integer(2**32 - 1, ber.GAUGE32)
    assert ber.gauge(-3) == ber.integer(0, ber.GAUGE32)
    assert ber.counter(2**32 + 7) == ber.integer(7, ber.COUNTER32)
    assert ber.counter64(2**64 + 9) == ber.integer(9, ber.COUNTER64)


def test_time_ticks_are_hundredths_and_wrap_after_497_days() -> None:
    assert ber.timeticks(12.34) == ber.integer(1234, ber.TIMETICKS)
    assert ber.timeticks(497.2 * 86_400) == ber.integer(
        int(497.2 * 8_640_000) % 2**32, ber.TIMETICKS
    )


def test_text_is_utf_8() -> None:
    assert ber.octets("机房") == b"\x04\x06" + "机房".encode()
    assert ber.parse_oid(".1.3.6.1") == (1, 3, 6, 1)
