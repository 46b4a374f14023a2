"""Judging readings: what each kind of rule says, what is remembered, what people read."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.judge import FROZEN_SAMPLES, judge, judge_outcome
from jingwei.rules.rule import Rule, parse, parse_all
from jingwei.rules.verdict import Judgement
from jingwei.terms import SHANGHAI, Outcome, Reading, Reason, Result, Value

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
DISK = {
    "reading": "disk.health",
    "label": "磁盘 {instance} 状态",
    "crit": "not normal",
    "words": {"normal": "正常"},
}
ROOM = {
    "reading": "room.temperature",
    "label": "机房温度",
    "unit": "°C",
    "warn": "not 18..27",
    "crit": "not 18..28",
}
CRC = {
    "reading": "crc",
    "label": "端口 {instance} 误码",
    "unit": "count",
    "delta": True,
    "crit": "> 0",
}


def once(
    table: Mapping[str, Any],
    *readings: Reading,
    memory: Mapping[str, Mapping[str, Any]] | None = None,
    after: timedelta = timedelta(),
) -> Judgement:
    """Judge readings by one rule. Memory goes through JSON, as in the database."""
    kept = json.loads(json.dumps(memory or {}))
    return judge([parse(table)], readings, kept, NOW + after)


def warm(value: Value) -> Reading:
    """A room temperature."""
    return Reading("room.temperature", value, "°C")


def disks(**states: str) -> list[Reading]:
    """Disk states by location."""
    return [Reading("disk.health", state, "", name) for name, state in states.items()]


# -- single readings


def test_a_disk_that_is_about_to_fail_is_abnormal_and_named() -> None:
    judged = once(DISK, *disks(CTE0="normal", CTE3="pre-fail", CTE4="normal"))
    assert judged.result is Result.ABNORMAL
    assert judged.reading_text == "磁盘 CTE3 状态 pre-fail"
    assert judged.threshold_text == "正常"
    assert [v.result for v in judged.verdicts] == [Result.NORMAL, Result.ABNORMAL, Result.NORMAL]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (18.0, Result.NORMAL),
        (27.0, Result.NORMAL),
        (27.1, Result.ATTENTION),
        (28.0, Result.ATTENTION),
        (28.1, Result.ABNORMAL),
        (29.4, Result.ABNORMAL),
        (17.9, Result.ABNORMAL),
    ],
)
def test_both_ends_of_the_contract_range_are_inside_it(value: float, result: Result) -> None:
    assert once(ROOM, warm(value)).result is result


def test_a_hot_room_says_its_reading_and_the_contract_range() -> None:
    judged = once(ROOM, warm(29.4))
    assert judged.reading_text == "机房温度 29.4 ℃"
    assert judged.threshold_text == "18–28 ℃"


def test_all_normal_readings_are_told_in_short() -> None:
    assert once(DISK, *disks(a="normal", b="normal")).reading_text == "磁盘 状态 2 项均正常"
    assert once(ROOM, warm(22.5)).reading_text == "机房温度 22.5 ℃"
    cpu = {"reading": "cpu", "label": "{instance} CPU", "unit": "%", "crit": "> 90"}
    loads = [Reading("cpu", value, "%", str(i)) for i, value in enumerate((12, 34.5, 3))]
    assert once(cpu, *loads).reading_text == "CPU 3–34.5 %（3 项）"
    assert once(cpu, loads[0], Reading("cpu", 12, "%", "z")).reading_text == "CPU 12 %（2 项）"


def test_several_rules_name_their_thresholds() -> None:
    rules = parse_all([ROOM, {"reading": "h", "label": "湿度", "unit": "%", "crit": "not 35..75"}])
    judged = judge(rules, [warm(22), Reading("h", 50, "%")], {}, NOW)
    assert judged.threshold_text == "机房温度 18–27 ℃（异常 超出 18–28 ℃）；湿度 35–75 %"


def test_every_bad_reading_is_named_worst_first_and_the_text_is_bounded() -> None:
    rules = parse_all([ROOM, DISK])
    judged = judge(rules, [warm(27.5), *disks(x="fault")], {}, NOW)
    assert judged.reading_text == "磁盘 x 状态 fault；机房温度 27.5 ℃"
    many = once(DISK, *disks(**{f"CTE0.{i}": "pre-fail" for i in range(60)}))
    assert len(many.reading_text) <= 300
    assert many.reading_text.endswith("…等 60 项")


def test_one_endless_reading_is_cut_and_still_counted() -> None:
    judged = once(DISK, Reading("disk.health", "x" * 900, "", "a"))
    assert len(judged.reading_text) <= 300
    assert judged.reading_text.endswith("…等 1 项")


def test_a_yes_or_no_reading_is_told_in_words() -> None:
    leak = {"reading": "leak", "label": "漏水点 {instance}", "crit": "= true"}
    leak |= {"words": {"true": "漏水", "false": "正常"}}
    points = [Reading("leak", True, "", "2"), Reading("leak", False, "", "1")]
    assert once(leak, *points).reading_text == "漏水点 2 漏水"


# -- what cannot be judged is never normal


def test_no_reading_at_all_is_unchecked() -> None:
    judged = judge([parse(ROOM)], [], {}, NOW)
    assert judged.result is Result.UNCHECKED
    assert judged.reason == "未返回读数 机房温度"
    assert judge([], [warm(20)], {}, NOW).reason == "没有可判读的读数"


@pytest.mark.parametrize(
    ("missing", "result"),
    [
        ("unchecked", Result.UNCHECKED),
        ("abnormal", Result.ABNORMAL),
        ("ignore", Result.NORMAL),
    ],
)
def test_a_reading_that_did_not_come_says_what_its_rule_wants(missing: str, result: Result) -> None:
    rules = parse_all([ROOM, DISK | {"missing": missing}])
    assert judge(rules, [warm(20)], {}, NOW).result is result


def test_a_missing_reading_that_matters_is_named() -> None:
    judged = once(DISK | {"missing": "abnormal"}, warm(20))
    assert judged.reading_text == "磁盘 状态 未返回"
    assert judged.verdicts[0].key == "disk.health"


def test_another_unit_than_the_rule_expects_is_not_judged() -> None:
    judged = once(ROOM, Reading("room.temperature", 22, "%"))
    assert judged.result is Result.UNCHECKED
    assert "单位不符" in judged.reason


def test_a_word_where_a_number_belongs_is_not_judged() -> None:
    judged = once(ROOM, warm("n/a"))
    assert judged.result is Result.UNCHECKED
    assert "不是数值" in judged.reason


def test_a_value_that_means_no_sensor_is_left_out() -> None:
    table = {"reading": "t", "unit": "°C", "crit": "> 75", "ignore": [65535]}
    board = Reading("t", 40, "°C", "board")
    fan = Reading("t", 65535, "°C", "fan")
    assert [v.key for v in once(table, board, fan).verdicts] == ["t[board]"]
    assert once(table, fan).result is Result.UNCHECKED


@pytest.mark.parametrize("value", [0, 0.0, 85, -127.0])
def test_a_value_only_a_broken_sensor_gives_is_no_breach(value: float) -> None:
    judged = once(ROOM | {"faulty": [0, 85, -127]}, warm(value))
    assert judged.result is Result.UNCHECKED
    assert "疑似传感器故障" in judged.reason
    assert judged.reading_text.startswith("机房温度")


def test_a_value_that_has_not_moved_for_six_hours_is_a_sensor_fault() -> None:
    table = ROOM | {"frozen": "6 h"}
    memory: Mapping[str, Mapping[str, Any]] = {}
    for sample in range(7 * 12):
        judged = once(table, warm(22.5), memory=memory, after=timedelta(minutes=5 * sample))
        memory = judged.memory
        expected = Result.UNCHECKED if sample >= 72 else Result.NORMAL
        assert judged.result is expected, sample
    moved = once(table, warm(22.6), memory=memory, after=timedelta(hours=8))
    assert moved.result is Result.NORMAL


def test_two_equal_values_after_a_long_sleep_of_ours_are_not_frozen() -> None:
    table = ROOM | {"frozen": "6 h"}
    memory = once(table, warm(22.5)).memory
    later = once(table, warm(22.5), memory=memory, after=timedelta(days=2))
    assert later.result is Result.NORMAL
    assert FROZEN_SAMPLES > 2


# -- preconditions

WHEN = {"when": {"reading": "cooling.running", "is": "= true", "reason": "空调未开机"}}


@pytest.mark.parametrize(
    ("running", "result", "reason"),
    [
        (True, Result.ABNORMAL, ""),
        (False, Result.NOT_APPLICABLE, "空调未开机"),
        (None, Result.UNCHECKED, "未返回前提读数 cooling.running"),
    ],
)
def test_the_contract_range_applies_only_while_the_cooling_runs(
    running: bool | None, result: Result, reason: str
) -> None:
    readings = [warm(30)]
    readings += [] if running is None else [Reading("cooling.running", running)]
    judged = once(ROOM | WHEN, *readings)
    assert judged.result is result
    assert judged.reason == reason


def test_an_unused_port_is_not_applicable_and_the_others_are_judged() -> None:
    table = {
        "reading": "port",
        "crit": "not online",
        "when": {"reading": "admin", "is": "= on", "reason": "端口未启用"},
    }
    readings = [
        Reading("port", "online", "", "1"),
        Reading("admin", "on", "", "1"),
        Reading("port", "offline", "", "7"),
        Reading("admin", "off", "", "7"),
    ]
    judged = once(table, *readings)
    assert judged.result is Result.NORMAL
    assert {v.key: v.result for v in judged.verdicts} == {
        "port[1]": Result.NORMAL,
        "port[7]": Result.NOT_APPLICABLE,
    }
    assert judged.reason == ""


def test_a_precondition_that_cannot_be_told_leaves_it_unchecked() -> None:
    table = ROOM | {"when": {"reading": "load", "is": "> 5", "reason": "空载"}}
    judged = once(table, warm(30), Reading("load", "n/a"))
    assert judged.result is Result.UNCHECKED
    assert "前提读数 load" in judged.reason


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
    assert first.reason == "超限 0 秒，满 10 分钟判为异常"
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


# -- shares

POOL = {
    "reading": "pool.used",
    "label": "存储池 {instance} 使用率",
    "unit": "%",
    "share": {"free": ["pool.free"], "of": "pool.total"},
    "warn": ">= 80",
    "crit": ">= 90",
}


def pool(total: Value, free: Value, name: str = "P1") -> list[Reading]:
    """What an array says of a pool."""
    return [Reading("pool.total", total, "MB", name), Reading("pool.free", free, "MB", name)]


def test_a_share_is_a_reading_of_its_own() -> None:
    judged = once(POOL, *pool(1000, 84), *pool(1000, 500, "P2"))
    assert judged.reading_text == "存储池 P1 使用率 91.6 %"
    assert Reading("pool.used", 91.6, "%", "P1") in judged.readings
    assert len(judged.readings) == 6


def test_used_and_several_free_parts_make_a_share() -> None:
    used = POOL | {"share": {"used": "a", "of": "b"}}
    assert once(used, Reading("a", 85), Reading("b", 100)).seen is Result.ATTENTION
    free = POOL | {"share": {"free": ["a", "cached", "buffers"], "of": "b"}}
    readings = [Reading("a", 5), Reading("cached", 40), Reading("b", 100)]
    assert once(free, *readings).verdicts[0].shown == "55 %"


@pytest.mark.parametrize("readings", [pool(0, 0), pool("many", 5), [pool(10, 5)[0]]])
def test_a_share_of_nothing_is_unchecked(readings: Sequence[Reading]) -> None:
    assert once(POOL, *readings).result is Result.UNCHECKED


# -- outcomes


@pytest.mark.parametrize(
    ("reason", "on_error", "result", "reading"),
    [
        (Reason.TIMEOUT, Result.ABNORMAL, Result.ABNORMAL, "无应答（5 秒内没有应答）"),
        (Reason.PROTOCOL, Result.ABNORMAL, Result.ABNORMAL, "无应答（5 秒内没有应答）"),
        (Reason.REFUSED, Result.ATTENTION, Result.ATTENTION, "被拒绝（5 秒内没有应答）"),
        (Reason.TIMEOUT, Result.UNCHECKED, Result.UNCHECKED, ""),
        (Reason.COLLECTOR, Result.ABNORMAL, Result.UNCHECKED, ""),
    ],
)
def test_silence_is_what_the_check_says_and_our_own_failure_is_unchecked(
    reason: Reason, on_error: Result, result: Result, reading: str
) -> None:
    outcome = Outcome((), 5, 2, "5 秒内没有应答", reason)
    judged = judge_outcome([parse(ROOM)], outcome, {"a|": {"raw": 1}}, NOW, on_error)
    assert (judged.result, judged.seen) == (result, result)
    assert judged.reading_text == reading
    assert "5 秒内没有应答" in judged.reason
    assert judged.memory == {"a|": {"raw": 1}}


def test_an_error_with_brackets_of_its_own_stands_in_one_pair() -> None:
    outcome = Outcome((), 3, 1, "3 秒内没有应答（地址不通，或团体字不对）", Reason.TIMEOUT)
    judged = judge_outcome([], outcome, {}, NOW)
    assert judged.reading_text == "无应答（3 秒内没有应答，地址不通，或团体字不对）"


def test_an_answer_is_judged_by_its_readings() -> None:
    outcome = Outcome((warm(29.4),), 0.1)
    assert judge_outcome([parse(ROOM)], outcome, {}, NOW).result is Result.ABNORMAL


def test_a_long_error_fits_its_columns() -> None:
    outcome = Outcome((), 5, 1, "错" * 900, Reason.TIMEOUT)
    judged = judge_outcome([], outcome, {}, NOW)
    assert len(judged.reading_text) <= 300
    assert len(judged.reason) <= 300


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
