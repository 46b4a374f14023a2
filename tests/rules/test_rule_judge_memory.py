"""Judging over time: counters, breaches that must last, hysteresis, and anything at all."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from judged_once import CRC, DISK, NOW, ROOM, WHEN, once, warm

from jingwei.rules.judge import judge
from jingwei.rules.rule import Rule, parse_all
from jingwei.terms import Reading, Result, Value

# -- counters


def errors(value: Value, port: str = "4") -> Reading:
    """A counter of a port."""
    return Reading("crc", value, "count", port)


def test_the_first_sight_of_a_counter_is_unchecked_and_asks_for_a_second() -> None:
    judged = once(CRC, errors(7))
    assert judged.result is Result.UNCHECKED
    assert judged.reason == "首次采样，尚无增量"
    assert judged.sample_again


def test_a_counter_that_grew_is_abnormal_by_how_much() -> None:
    memory = once(CRC, errors(7)).memory
    judged = once(CRC, errors(19), memory=memory)
    assert judged.result is Result.ABNORMAL
    assert judged.reading_text == "端口 4 误码 +12"
    assert judged.threshold_text == "无增长"
    assert not judged.sample_again
    assert once(CRC, errors(19), memory=judged.memory).result is Result.NORMAL


def test_a_counter_that_wrapped_has_grown_by_what_lies_between() -> None:
    memory = once(CRC, errors(2**32 - 3)).memory
    assert once(CRC, errors(4), memory=memory).verdicts[0].growth == 7


def test_a_counter_that_was_reset_starts_again() -> None:
    memory = once(CRC, errors(5000)).memory
    judged = once(CRC, errors(3), memory=memory)
    assert judged.result is Result.UNCHECKED
    assert judged.reason == "计数器已清零，重新取基准"
    assert judged.sample_again
    assert once(CRC, errors(3), memory=judged.memory).result is Result.NORMAL


def test_a_counter_that_is_a_word_is_not_judged() -> None:
    judged = once(CRC, errors("many"))
    assert judged.result is Result.UNCHECKED
    assert not judged.sample_again


def test_quiet_counters_are_told_with_the_most_they_grew() -> None:
    lenient = CRC | {"crit": "> 100"}
    memory = once(lenient, errors(1, "1"), errors(1, "2")).memory
    judged = once(lenient, errors(1, "1"), errors(9, "2"), memory=memory)
    assert judged.reading_text == "端口 误码 共 2 项，最多 +8"
    memory = judged.memory
    still = once(lenient, errors(1, "1"), errors(9, "2"), memory=memory)
    assert still.reading_text == "端口 误码 2 项均无增长"


# -- lasting and trembling


def test_a_breach_counts_only_when_it_has_lasted_but_the_sheet_sees_it_at_once() -> None:
    table = ROOM | {"for": "10 min"}
    first = once(table, warm(29.4))
    assert (first.result, first.seen) == (Result.ATTENTION, Result.ABNORMAL)
    assert first.reason == "已超限 0 秒，连续监测满 10 分钟判为异常"
    later = once(table, warm(29.4), memory=first.memory, after=timedelta(minutes=9))
    assert later.result is Result.ATTENTION
    assert "超限 9 分钟" in later.reason
    last = once(table, warm(29.4), memory=later.memory, after=timedelta(minutes=10))
    assert (last.result, last.reason) == (Result.ABNORMAL, "")


def test_a_short_attention_is_not_counted_and_a_good_sample_starts_anew() -> None:
    table = ROOM | {"for": "10 min"}
    first = once(table, warm(27.5))
    assert (first.result, first.seen) == (Result.NORMAL, Result.ATTENTION)
    good = once(table, warm(25), memory=first.memory, after=timedelta(minutes=5))
    again = once(table, warm(27.5), memory=good.memory, after=timedelta(minutes=10))
    assert again.result is Result.NORMAL


def test_a_clock_set_back_does_not_make_a_breach_last_for_ever() -> None:
    table = ROOM | {"for": "10 min"}
    memory = once(table, warm(30), after=timedelta(days=1)).memory
    judged = once(table, warm(30), memory=memory)
    judged = once(table, warm(30), memory=judged.memory, after=timedelta(minutes=10))
    assert judged.result is Result.ABNORMAL


def test_a_breach_ends_only_when_the_value_is_back_by_the_hysteresis() -> None:
    table = ROOM | {"hysteresis": 0.5}
    values = [28.2, 27.8, 27.2, 26.6, 26.4, 26.6]
    expected = [
        Result.ABNORMAL,  # beyond 28
        Result.ABNORMAL,  # not yet back at 27.5
        Result.ATTENTION,  # back from 28, still beyond 27
        Result.ATTENTION,  # not yet back at 26.5
        Result.NORMAL,
        Result.NORMAL,  # and no breach again before 27
    ]
    memory: Mapping[str, Mapping[str, Any]] = {}
    for value, result in zip(values, expected, strict=True):
        judged = once(table, warm(value), memory=memory)
        memory = judged.memory
        assert judged.result is result, value


# -- properties

_values: st.SearchStrategy[Value] = st.one_of(
    st.floats(allow_nan=True), st.integers(-(10**6), 2**33), st.text(max_size=5), st.booleans()
)
_readings = st.lists(
    st.builds(
        Reading,
        st.sampled_from(["room.temperature", "disk.health", "crc", "cooling.running"]),
        _values,
        st.sampled_from(["", "°C", "count"]),
        st.sampled_from(["", "a", "b"]),
    ),
    max_size=8,
)
RULES: tuple[Rule, ...] = parse_all(
    [ROOM | WHEN | {"for": "10 min", "hysteresis": 0.5, "faulty": [0], "frozen": "6 h"}, DISK, CRC]
)


@given(st.lists(_readings, min_size=1, max_size=5))
def test_judging_anything_is_deterministic_bounded_and_remembers_plain_data(
    samples: list[list[Reading]],
) -> None:
    memory: Mapping[str, Mapping[str, Any]] = {}
    for number, readings in enumerate(samples):
        now = NOW + timedelta(minutes=number)
        judged = judge(RULES, readings, memory, now)
        assert judged == judge(RULES, readings, memory, now) or "nan" in repr(judged)
        assert len(judged.reading_text) <= 300
        assert len(judged.threshold_text) <= 200
        assert len(judged.reason) <= 300
        for verdict in judged.verdicts:
            assert verdict.table()["key"] == verdict.key
        memory = json.loads(json.dumps(judged.memory))


@given(st.lists(st.floats(18, 27), min_size=1, max_size=30))
def test_normal_values_are_never_anything_else(values: list[float]) -> None:
    memory: Mapping[str, Mapping[str, Any]] = {}
    table = ROOM | {"for": "10 min", "hysteresis": 0.5}
    for number, value in enumerate(values):
        judged = once(table, warm(value), memory=memory, after=timedelta(minutes=number))
        memory = judged.memory
        assert (judged.result, judged.seen) == (Result.NORMAL, Result.NORMAL)


@given(_readings)
def test_the_whole_is_never_better_than_its_worst_verdict(readings: list[Reading]) -> None:
    judged = judge(RULES, readings, {}, NOW)
    results = [verdict.result for verdict in judged.verdicts]
    assert (Result.ABNORMAL in results) == (judged.result is Result.ABNORMAL)
    if judged.result is Result.NORMAL:
        assert set(results) <= {Result.NORMAL, Result.NOT_APPLICABLE}
        assert Result.NORMAL in results
