"""Texts of a report read back as values: what counts is a number, what names a thing is text."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.reports.document import percent
from jingwei.reports.emergency.words import duration
from jingwei.reports.xlsx.values import Held, numeric, read


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("12", Held(12, "0")),
        ("-3", Held(-3, "0")),
        ("27.50", Held(27.5, "0.00")),
        ("2026-11-20", Held(date(2026, 11, 20), "yyyy-mm-dd")),
        ("2026-11-20 09:30", Held(datetime(2026, 11, 20, 9, 30), "yyyy-mm-dd hh:mm")),
        ("1 小时 30 分", Held(timedelta(minutes=90), '[h]" 小时 "m" 分"')),
        ("5 分", Held(timedelta(minutes=5), '[h]" 小时 "m" 分"')),
        ("1 小时 5 秒", Held(timedelta(seconds=3605), '[h]" 小时 "m" 分"" "s" 秒"')),
    ],
)
def test_what_a_report_writes_is_read_back(text: str, held: Held) -> None:
    assert read(text, number=True) == held


@pytest.mark.parametrize(
    "text",
    ["", "—", "未采集（无读数）", "007", "1e5", "=1+1", "2026-02-30", "0001-01-01", "1899-12-31",
     "-1 小时", "１２", "12 %以上", "99999-01-01", "2026-11-20 25:00", "9" * 20],
)  # fmt: skip
def test_what_is_no_value_stays_the_text_it_is(text: str) -> None:
    assert read(text, number=True) == Held(text)


def test_digits_that_name_a_thing_are_no_number() -> None:
    assert read("20261120", number=False) == Held("20261120")
    assert not numeric("旧序列号", ["123", "456"])
    assert not numeric("固件版本", ["1.10"])


def test_a_column_of_numbers_and_of_none_counts() -> None:
    assert numeric("天数", ["3", "—", ""])
    assert not numeric("天数", ["3", "三"])
    assert not numeric("天数", ["—"])


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_share_is_what_was_printed_over_a_hundred(part: int, whole: int) -> None:
    held = read(percent(part, whole), number=False)
    assert held.format == "0.00 %"
    assert held.value == pytest.approx(part / whole, abs=0.00005001)


@given(st.integers(0, 40_000_000))
def test_a_length_is_read_back_to_the_second(seconds: int) -> None:
    assert read(duration(seconds), number=False).value == timedelta(seconds=seconds)


@given(st.text(max_size=40))
def test_any_text_is_read_without_falling_over(text: str) -> None:
    held = read(text, number=True)
    assert held.format or held.value == text
