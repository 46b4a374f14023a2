"""Rule tables: what they may say, what is refused, and that they round trip."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.rule import RuleError, parse, parse_all
from jingwei.terms import Reading, Result

FULL = {
    "reading": "room.temperature",
    "label": "机房 {instance} 温度",
    "unit": "°C",
    "warn": "not 18..27",
    "crit": "not 18..28",
    "for": "10 min",
    "hysteresis": 0.5,
    "missing": "abnormal",
    "instances": ["A*"],
    "ignore": [65535],
    "faulty": [0, 85, -127],
    "frozen": "6 h",
    "when": {"reading": "cooling.running", "is": "= true", "reason": "空调未开机"},
    "words": {"a": "甲"},
    "why": "tender L664",
}


def test_a_full_rule_is_read_and_written_back_as_it_was() -> None:
    rule = parse(FULL)
    assert rule.hold == 600
    assert rule.frozen == 21_600
    assert rule.table() == FULL
    assert parse(json.loads(json.dumps(rule.table()))) == rule


def test_a_small_rule_writes_back_nothing_it_did_not_say() -> None:
    table = {"reading": "cpu", "unit": "%", "crit": "> 90"}
    assert parse(table).table() == {"reading": "cpu", "unit": "%", "crit": "> 90"}


def test_a_share_round_trips() -> None:
    for share in ({"used": "a", "of": "b"}, {"free": ["a", "c"], "of": "b"}):
        table = {"reading": "x", "unit": "%", "share": share, "crit": "> 90"}
        assert parse(table).table() == table


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"crti": "> 5"}, ("crti",), "是不是 crit？"),
        ({"reading": None}, (), "reading 必填"),
        ({"reading": 5}, ("reading",), "应为文本"),
        ({"unit": "celsius"}, ("unit",), "没有单位 “celsius”"),
        ({"crit": "> 90 %"}, ("crit",), "与规则的单位 “°C” 不同"),
        ({"crit": "about 90"}, ("crit",), "看不懂"),
        ({"crit": ""}, ("crit",), "条件是空的"),
        ({"crit": "in a b"}, ("crit",), "warn 与 crit 应同为"),
        ({"for": "5 minutes"}, ("for",), "应写成数字加单位"),
        ({"hysteresis": -1}, ("hysteresis",), "不小于 0"),
        ({"hysteresis": True}, ("hysteresis",), "不小于 0"),
        ({"hysteresis": 6}, ("hysteresis",), "回差过大"),
        ({"missing": "normal"}, ("missing",), "应为其中之一：abnormal、unchecked、ignore"),
        ({"instances": "A*"}, ("instances",), "应为列表"),
        ({"ignore": ["x"]}, ("ignore",), "应都是数字"),
        ({"faulty": [True]}, ("faulty",), "应都是数字"),
        ({"frozen": 6}, ("frozen",), "应为文本"),
        ({"delta": "yes"}, ("delta",), "true 或 false"),
        ({"delta": True}, ("delta",), "不能同时用 faulty"),
        ({"label": "{value} 温度"}, ("label",), "只能用 {instance}"),
        ({"crit": "not a", "warn": "in a", "hysteresis": 0}, ("crit",), "没有一个状态是正常的"),
        ({"when": "cooling"}, ("when",), "应写成"),
        ({"when": {"reading": "a", "is": "= true"}}, ("when",), "reason 必填"),
        ({"when": {"reading": "a", "is": "?", "reason": "b"}}, ("when", "is"), "看不懂"),
        ({"when": {"reading": "a", "if": "= 1"}}, ("when", "if"), "可用：reading、is、reason"),
        ({"words": ["a"]}, ("words",), "对照"),
        ({"words": {"a": 1}}, ("words",), "对照"),
        ({"share": {"of": "b"}}, ("share",), "应写成"),
        ({"share": {"used": "a", "of": "b"}}, ("unit",), "unit 应为 “%”"),
        ({"share": {"used": "a"}}, ("share",), "of 必填"),
        ({"share": "a/b"}, ("share",), "应写成"),
        ({"share": {"free": [1], "of": "b"}}, ("share", "free"), "应都是文本"),
    ],
)
def test_a_bad_rule_names_its_key_and_what_was_expected(
    change: dict[str, Any], path: tuple[str, ...], words: str
) -> None:
    table = {key: value for key, value in (FULL | change).items() if value is not None}
    with pytest.raises(RuleError) as caught:
        parse(table)
    assert caught.value.path == path
    assert words in caught.value.message


def test_a_rule_that_could_never_say_anything_bad_is_refused() -> None:
    with pytest.raises(RuleError, match="应有 warn 或 crit"):
        parse({"reading": "uptime"})
    assert parse({"reading": "uptime", "missing": "abnormal"}).threshold() == "有应答"


def test_growth_is_judged_by_numbers_only() -> None:
    with pytest.raises(RuleError, match="只能用数字条件"):
        parse({"reading": "errors", "delta": True, "crit": "in a"})


def test_two_rules_on_one_reading_are_refused_unless_they_differ() -> None:
    cpu = {"reading": "cpu", "unit": "%", "crit": "> 90"}
    with pytest.raises(RuleError) as caught:
        parse_all([cpu, cpu])
    assert caught.value.path == ("1", "reading")
    assert len(parse_all([cpu, cpu | {"instances": ["0"]}, cpu | {"delta": True}])) == 3


def test_the_error_of_many_rules_begins_with_the_number_of_the_rule() -> None:
    with pytest.raises(RuleError) as caught:
        parse_all([FULL, {"reading": "x", "when": {"reading": "y", "is": "~", "reason": "z"}}])
    assert caught.value.path == ("1", "when", "is")


def test_a_rule_concerns_its_reading_and_the_instances_it_names() -> None:
    rule = parse(FULL)
    assert rule.concerns(Reading("room.temperature", 20, "°C", "A1"))
    assert not rule.concerns(Reading("room.temperature", 20, "°C", "B1"))
    assert not rule.concerns(Reading("room.humidity", 20, "°C", "A1"))


def test_people_read_the_label_with_the_instance_in_its_place() -> None:
    rule = parse(FULL)
    assert rule.named("A1") == "机房 A1 温度"
    assert rule.named("") == "机房 温度"
    assert parse({"reading": "cpu", "crit": "> 9"}).named("0") == "cpu 0"


@pytest.mark.parametrize(
    ("table", "result", "text"),
    [
        (
            {"warn": "not 18..27", "crit": "not 18..28"},
            Result.NORMAL,
            "18–27 ℃（异常 超出 18–28 ℃）",
        ),
        ({"warn": "not 18..27", "crit": "not 18..28"}, Result.ATTENTION, "18–27 ℃"),
        ({"warn": "not 18..27", "crit": "not 18..28"}, Result.ABNORMAL, "18–28 ℃"),
        ({"crit": "> 80"}, Result.NORMAL, "≤ 80 ℃"),
        ({"warn": "> 80"}, Result.ABNORMAL, "≤ 80 ℃"),
        ({"crit": "> 0", "delta": True}, Result.ABNORMAL, "无增长"),
        ({"crit": "> 9", "delta": True}, Result.ABNORMAL, "增长 ≤ 9 ℃"),
        ({"warn": "in b", "crit": "not in a b"}, Result.NORMAL, "a"),
        ({"warn": "not a", "crit": "in c"}, Result.ABNORMAL, "a"),
        ({"warn": "not in a b", "crit": "not in a c"}, Result.ATTENTION, "a"),
        ({"warn": "in b", "crit": "in c"}, Result.NORMAL, "非 b、c"),
    ],
)
def test_the_threshold_of_a_breach_is_the_limit_it_broke(
    table: dict[str, Any], result: Result, text: str
) -> None:
    assert parse({"reading": "t", "unit": "°C"} | table).threshold(result) == text


def test_a_chart_gets_its_lines_with_their_level() -> None:
    assert parse(FULL).limits() == [
        (Result.ATTENTION, 18),
        (Result.ATTENTION, 27),
        (Result.ABNORMAL, 18),
        (Result.ABNORMAL, 28),
    ]


_conditions = st.sampled_from(["> 85", "not 18..28", "<= 3", ">= 2.5"])
_tables = st.fixed_dictionaries(
    {"reading": st.sampled_from(["a", "b.c"]), "crit": _conditions},
    optional={
        "warn": _conditions,
        "label": st.sampled_from(["标签", "盘 {instance}"]),
        "unit": st.sampled_from(["%", "°C", "count"]),
        "for": st.sampled_from(["10 min", "90 s", "1 h"]),
        "hysteresis": st.floats(0.1, 4),
        "missing": st.sampled_from(["abnormal", "ignore"]),
        "ignore": st.lists(st.integers(0, 9), max_size=2),
        "frozen": st.just("6 h"),
        "why": st.just("因为"),
    },
)


@given(_tables)
def test_writing_and_reading_a_rule_round_trips(table: dict[str, Any]) -> None:
    rule = parse(table)
    assert parse(json.loads(json.dumps(rule.table()))) == rule
