"""Conditions: reading them, judging by them, telling them in Chinese."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.condition import (
    Condition,
    ConditionError,
    IncomparableError,
    Operator,
    parse,
)


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        ("> 85", [85.1, 86, 1e9], [85, 85.0, -3]),
        (">= 95 %", [95, 95.0, 100], [94.999, 0]),
        ("< 7 d", [6.99, -1], [7, 30]),
        ("<= -70 dBm", [-70, -90], [-69.9, 0]),
        ("not 18..28", [17.9, 28.1, 29.4, -127], [18, 18.0, 22.5, 28, 28.0]),
        ("18..28", [18, 28, 20], [17.99, 28.01]),
        ("not -5.5..5.5", [-5.6, 6], [-5.5, 0, 5.5]),
        ("= true", [True], [False, "yes", 1]),
        ("= false", [False], [True, 0]),
        ("!= 200", [500, 404, "200 OK"], [200, 200.0, "200"]),
        ("== 3", [3, 3.0, "3"], [4, "three"]),
        ("in fault pre-fail", ["fault", "pre-fail"], ["normal", "FAULT", 3]),
        ("in 2 3", [2, 3.0, "2"], [1, True]),
        ("not in normal 1", ["fault", 2, False], ["normal", 1, "1"]),
        ("not normal", ["degraded", 1], ["normal"]),
        ("in 'not ready' fault", ["not ready", "fault"], ["ready"]),
        ("in 故障 预失效", ["故障"], ["正常"]),
    ],
)
def test_a_condition_holds_for_what_is_bad_and_limits_themselves_are_normal(
    text: str, bad: list[float | str], good: list[float | str]
) -> None:
    condition = parse(text)
    assert [value for value in bad if not condition.holds(value)] == []
    assert [value for value in good if condition.holds(value)] == []


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "85", "above 85", "> ", "> high", "> 85 percent", "not 28..18", "not 18..",
        "..5", "in", "not in", "in a, b", "= a b", "not a b", "> 5 %% ", "in 'open", "=> 5",
        "< 5 > 3", "> 1e5", "not 18..28 celsius",
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_read_says_what_was_expected(text: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert "应" in str(caught.value) or "用" in str(caught.value) or "没有" in str(caught.value)


@pytest.mark.parametrize("value", ["warm", True, math.nan, math.inf])
def test_a_number_condition_judges_numbers_only(value: float | str) -> None:
    with pytest.raises(IncomparableError, match="不是数值"):
        parse("> 85").holds(value)


@pytest.mark.parametrize(
    ("text", "unit", "normal", "bad"),
    [
        ("not 18..28", "°C", "18–28 ℃", "超出 18–28 ℃"),
        ("not 35..75", "%", "35–75 %", "超出 35–75 %"),
        ("> 85", "%", "≤ 85 %", "> 85 %"),
        (">= 95 %", "%", "< 95 %", "≥ 95 %"),
        ("< 7 d", "d", "≥ 7 天", "< 7 天"),
        ("<= 30 d", "d", "> 30 天", "≤ 30 天"),
        ("!= 200", "", "200", "非 200"),
        ("= false", "", "是", "否"),
        ("= true", "", "否", "是"),
        ("= up", "", "非 up", "up"),
        ("in fault pre-fail", "", "非 fault、pre-fail", "fault 或 pre-fail"),
        ("not in normal online", "", "normal 或 online", "非 normal、online"),
        ("1..2", "", "不在 1–2 内", "1–2"),
    ],
)
def test_a_condition_tells_what_is_normal_and_what_is_bad(
    text: str, unit: str, normal: str, bad: str
) -> None:
    condition = parse(text)
    assert condition.normal(unit) == normal
    assert condition.bad(unit) == bad


def test_a_condition_alone_shows_itself_with_the_unit_it_was_written_with() -> None:
    assert parse(">= 95 %").text == "≥ 95 %"


def test_states_are_told_in_their_words() -> None:
    words = {"normal": "正常", "pre-fail": "预失效（pre-fail）"}
    assert parse("not normal").normal("", words) == "正常"
    assert parse("in pre-fail").bad("", words) == "预失效（pre-fail）"


def test_a_breach_ends_only_when_the_value_has_come_back_by_the_slack() -> None:
    assert parse("> 85").relaxed(2).holds(83.5)
    assert not parse("> 85").relaxed(2).holds(83)
    assert parse("< 10").relaxed(1).holds(10.5)
    assert parse("not 18..28").relaxed(0.5).holds(27.6)
    assert not parse("not 18..28").relaxed(0.5).holds(27.5)
    assert parse("4..5").relaxed(1).holds(3)
    assert parse("in fault").relaxed(5) == parse("in fault")


def test_limits_are_what_a_chart_draws() -> None:
    assert parse("> 85").limits == (85,)
    assert parse("not 18..28").limits == (18, 28)
    assert parse("in fault").limits == ()


_numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
_words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters=",."), min_size=1
)
_units = st.sampled_from(["", "%", "°C", "ms", "dBm"])
_compared = st.builds(
    lambda operator, low, unit: Condition(operator, low=low, unit=unit),
    st.sampled_from([Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST]),
    _numbers,
    _units,
)
_ranged = st.builds(
    lambda operator, a, b, unit: Condition(operator, low=min(a, b), high=max(a, b), unit=unit),
    st.sampled_from([Operator.INSIDE, Operator.OUTSIDE]),
    _numbers,
    _numbers,
    _units,
)
_listed = st.builds(
    lambda operator, words: Condition(operator, words=tuple(words)),
    st.sampled_from([Operator.IN, Operator.NOT_IN]),
    st.lists(_words, min_size=1, max_size=4),
)


@given(st.one_of(_compared, _ranged, _listed))
def test_writing_and_reading_a_condition_round_trips(condition: Condition) -> None:
    assert parse(str(condition)) == condition


@given(_ranged, _numbers)
def test_inside_and_outside_are_each_others_opposite(condition: Condition, value: float) -> None:
    inside = Condition(Operator.INSIDE, low=condition.low, high=condition.high)
    outside = Condition(Operator.OUTSIDE, low=condition.low, high=condition.high)
    assert inside.holds(value) is not outside.holds(value)


@given(_compared, _numbers, st.floats(0, 1000))
def test_slack_never_ends_a_breach_earlier(condition: Condition, value: float, by: float) -> None:
    if condition.holds(value):
        assert condition.relaxed(by).holds(value)


@given(st.text(max_size=40))
def test_any_text_is_either_a_condition_or_a_plain_error(text: str) -> None:
    try:
        condition = parse(text)
    except ConditionError:
        return
    assert condition.normal()
    assert condition.bad()
