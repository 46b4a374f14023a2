"""Judging readings: what each kind of rule says of one sample, and what people read."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from judged_once import DISK, NOW, ROOM, WHEN, disks, once, warm

from jingwei.rules.judge import FROZEN_SAMPLES, judge, judge_outcome
from jingwei.rules.rule import parse, parse_all
from jingwei.terms import Outcome, Reading, Reason, Result, Value

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
