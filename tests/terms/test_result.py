"""正常, 关注, 异常, 未检, 不适用: the words, their order, and the numbers stored with readings."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.terms import Result, worst

RESULTS = st.sampled_from(list(Result))

# Value in the database, code in observation rows, word and sign on every page and report.
TABLE = [
    (Result.NORMAL, "normal", 0, "正常", "●"),
    (Result.ATTENTION, "attention", 1, "关注", "◆"),
    (Result.ABNORMAL, "abnormal", 2, "异常", "✕"),
    (Result.UNCHECKED, "unchecked", 3, "未检", "?"),
    (Result.NOT_APPLICABLE, "not_applicable", 4, "不适用", "–"),
]


@pytest.mark.parametrize(("result", "value", "code", "label", "sign"), TABLE)
def test_what_is_stored_and_shown_of_a_result_never_changes(
    result: Result, value: str, code: int, label: str, sign: str
) -> None:
    """Old rows were written with these values and numbers: a new one may come, none may move."""
    assert (result.value, result.code, result.label, result.sign) == (value, code, label, sign)
    assert Result(value) is result
    assert Result.from_code(code) is result


def test_there_are_five_words_and_no_sixth() -> None:
    assert [result for result, *_ in TABLE] == list(Result)


@pytest.mark.parametrize("part", ["code", "label", "sign"])
def test_no_two_results_can_be_taken_for_each_other(part: str) -> None:
    assert len({getattr(result, part) for result in Result}) == len(Result)


@pytest.mark.parametrize("code", [-1, 5, 99])
def test_an_unknown_number_is_no_result(code: int) -> None:
    with pytest.raises(KeyError):
        Result.from_code(code)


@pytest.mark.parametrize("value", ["", "正常", "Normal", "ok", "unknown"])
def test_an_unknown_word_is_no_result(value: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Result"):
        Result(value)


def test_a_result_is_its_value_in_text_and_json() -> None:
    assert f"{Result.ABNORMAL}" == "abnormal"
    assert str(Result.UNCHECKED) == "unchecked"


def test_no_verdict_at_all_is_unchecked_and_never_normal() -> None:
    assert worst([]) is Result.UNCHECKED


@pytest.mark.parametrize(
    ("milder", "worse"),
    [
        (Result.NOT_APPLICABLE, Result.NORMAL),
        (Result.NORMAL, Result.UNCHECKED),  # one thing nobody looked at spoils "all normal"
        (Result.UNCHECKED, Result.ATTENTION),  # a fault really seen is not hidden by a gap
        (Result.ATTENTION, Result.ABNORMAL),
    ],
)
def test_each_step_of_the_order_has_its_reason(milder: Result, worse: Result) -> None:
    assert worst([milder, worse]) is worst([worse, milder]) is worse


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        (["normal"] * 171 + ["unchecked"], "unchecked"),
        (["normal", "not_applicable"], "normal"),
        (["not_applicable", "not_applicable"], "not_applicable"),
        (["unchecked", "unchecked", "abnormal"], "abnormal"),
        (["attention", "unchecked", "normal"], "attention"),
        (["unchecked", "not_applicable"], "unchecked"),
    ],
)
def test_a_list_is_as_bad_as_its_worst(results: list[str], outcome: str) -> None:
    assert worst([Result(one) for one in results]) is Result(outcome)


@given(st.lists(RESULTS, min_size=1), st.randoms())
def test_the_order_of_looking_makes_no_difference(
    results: list[Result], shuffler: random.Random
) -> None:
    mixed = list(results)
    shuffler.shuffle(mixed)
    assert worst(mixed) is worst(results)
    assert worst(results) in results


@given(st.lists(RESULTS), st.lists(RESULTS))
def test_groups_of_groups_come_to_the_same(one: list[Result], other: list[Result]) -> None:
    """A room is its racks' worst, a site its rooms': the way there may not change the answer."""
    if one and other:
        assert worst([worst(one), worst(other)]) is worst(one + other)


@given(st.lists(RESULTS, min_size=1), RESULTS)
def test_one_more_verdict_never_makes_it_better(results: list[Result], more: Result) -> None:
    assert worst([worst(results), worst([*results, more])]) is worst([*results, more])


def test_only_a_list_without_gaps_and_faults_is_normal() -> None:
    for size in (1, 2, 3):
        for results in itertools.product(Result, repeat=size):
            spoiled = {Result.UNCHECKED, Result.ATTENTION, Result.ABNORMAL} & set(results)
            assert (worst(list(results)) is Result.NORMAL) == (
                not spoiled and Result.NORMAL in results
            )
