"""Durations as content writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 s", 30), ("5 min", 300), ("1 h", 3600), ("7 d", 604_800), ("0.5s", 0.5), (" 2min ", 120)],
)
def test_a_written_duration_is_seconds(text: str, seconds: float) -> None:
    assert duration.parse(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "min", "5 minutes", "-5 min", "5m", "五分钟", "1 h 5 min"]
)
def test_a_bad_duration_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="应写成数字加单位 s、min、h 或 d"):
        duration.parse(text)


@given(st.integers(min_value=1, max_value=10**8))
def test_writing_and_reading_a_duration_round_trips(seconds: int) -> None:
    assert duration.parse(duration.text(seconds)) == seconds


def test_a_duration_is_shown_in_chinese() -> None:
    assert duration.shown(600) == "10 分钟"
    assert duration.shown(21_600) == "6 小时"
    assert duration.shown(90) == "90 秒"
    assert duration.shown(0) == "0 秒"
