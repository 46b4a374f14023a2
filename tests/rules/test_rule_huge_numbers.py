"""Whole numbers beyond every float: JSON may hold them, no device measures them."""

import sys

import pytest
from judged_once import CRC, NOW, ROOM

from jingwei.rules.judge import judge
from jingwei.rules.rule import parse
from jingwei.terms import Reading, Result, Value

BIGGEST = int(sys.float_info.max)
POOL = {
    "reading": "pool.used_percent", "label": "存储池", "unit": "%", "crit": "> 90",
    "share": {"free": ["pool.free"], "of": "pool.total"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (BIGGEST, Result.ABNORMAL), (-BIGGEST, Result.ABNORMAL), (2**64, Result.ABNORMAL),
        (10 * BIGGEST, Result.UNCHECKED), (-10 * BIGGEST, Result.UNCHECKED),
        (float("inf"), Result.UNCHECKED),
    ],
)  # fmt: skip
def test_what_no_float_holds_is_unchecked_as_infinity_is(value: Value, expected: Result) -> None:
    found = judge([parse(ROOM)], [Reading("room.temperature", value, "°C")], {}, NOW)
    assert (found.seen, found.result) == (expected, expected)


def test_it_spoils_neither_its_neighbours_nor_a_share_of_others() -> None:
    huge = Reading("pool.total", 10 * BIGGEST, "MB", "p1")
    parts = [Reading("pool.total", 100, "MB", "p2"), Reading("pool.free", 5, "MB", "p2")]
    found = judge([parse(POOL)], [huge, *parts], {}, NOW)
    assert found.result is Result.ABNORMAL
    assert "95 %" in found.reading_text


def test_a_counter_that_jumps_there_gives_no_growth() -> None:
    first = judge([parse(CRC)], [Reading("crc", 5, "count", "1")], {}, NOW)
    after = judge([parse(CRC)], [Reading("crc", 10 * BIGGEST, "count", "1")], first.memory, NOW)
    assert after.result is not Result.ABNORMAL
    assert after.result is not Result.NORMAL
