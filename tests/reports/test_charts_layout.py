"""Where the parts of a chart lie: nothing outside, gaps stay gaps, nothing is read by colour."""

import math
from itertools import pairwise
from typing import Any

import pytest
from chart_making import chart, ratio
from hypothesis import given
from hypothesis import strategies as st

from jingwei.reports.charts import Chart, Limit, Series
from jingwei.reports.charts.layout import DASHES, FILLS, HEIGHT, LINES, WIDTH, picture
from jingwei.reports.charts.picture import Box, Mark, Stroke, Text
from jingwei.reports.charts.scale import scale


def boxes(made: Chart) -> list[Box]:
    """The bars, without the keys of the legend."""
    return [
        s for s in picture(made).shapes if isinstance(s, Box) and (s.width, s.height) != (12, 7)
    ]


def words(made: Chart) -> list[str]:
    """Every text in it."""
    return [s.text for s in picture(made).shapes if isinstance(s, Text)]


def test_what_nobody_knows_is_a_dash_and_no_bar() -> None:
    assert len(boxes(chart())) == 4  # three of one, one of the other: 0 is a bar of no height
    assert words(chart()).count("—") == 1
    assert words(chart()).count("0") == 2  # the counted nothing and the scale's


def test_a_line_is_broken_where_a_value_is_not_known() -> None:
    made = picture(ratio())
    drawn = [s for s in made.shapes if isinstance(s, Stroke) and s.colour in LINES]
    assert drawn == []  # two lone values: no line between them
    assert len([s for s in made.shapes if isinstance(s, Mark)]) == 2
    whole = ratio(series=(Series("可用率", (100.0, 99.9, 99.85)),))
    drawn = [s for s in picture(whole).shapes if isinstance(s, Stroke) and s.colour in LINES]
    assert len(drawn) == 2


def test_a_stack_is_as_high_as_its_sum() -> None:
    made = chart("stacked", series=(Series("a", (10, 0, 5)), Series("b", (10, 0, None))))
    first, second, third = boxes(made)
    assert first.height == pytest.approx(second.height)
    assert third.height == pytest.approx(first.height / 2)
    assert second.y + second.height == pytest.approx(first.y)
    assert {"20", "5"} <= set(words(made))


def test_a_limit_lies_where_its_value_does() -> None:
    made = picture(chart(limits=(Limit("上限", 2.0),), series=(Series("a", (2, 4, 4)),)))
    line = next(s for s in made.shapes if isinstance(s, Stroke) and len(s.dash) == 2 and s.y1 > 30)
    bar = next(s for s in made.shapes if isinstance(s, Box))
    assert line.y1 == line.y2 == pytest.approx(bar.y)


def test_numbers_stand_on_the_bars_and_the_unit_beside_them() -> None:
    assert {"1", "2", "3", "4", "单位：件", "重", "轻"} <= set(words(chart()))
    assert "99.850" in words(ratio())


def test_many_labels_are_thinned_and_never_written_over_each_other() -> None:
    labels = tuple(f"2022-11-{day:02d}" for day in range(1, 31))
    made = picture(Chart("bar", "天", "天", labels, (Series("a", (1.0,) * 30),)))
    found = [s for s in made.shapes if isinstance(s, Text) and s.text in labels]
    assert 3 <= len(found) < 30
    gaps = [b.x - a.x for a, b in pairwise(found)]
    assert min(gaps) > 40


def grey(colour: str) -> float:
    """How light a colour prints without colours, 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_neighbours_differ_without_colours() -> None:
    assert all(abs(grey(a) - grey(b)) > 0.2 for a, b in pairwise(FILLS[:4]))
    assert len(set(DASHES)) == len(LINES)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"labels": ()}, "没有数据"),
        ({"series": ()}, "没有数据"),
        ({"series": (Series("a", (1,)),)}, "有 1 个值，应为 3 个"),
        ({"series": (Series("a", (1, math.nan, 2)),)}, "不是数"),
        ({"form": "stacked", "series": (Series("a", (1, -1, 2)),)}, "不能堆叠"),
    ],
)
def test_what_no_chart_can_show_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chart(**more)


values = st.one_of(st.none(), st.floats(0, 1e6), st.integers(0, 500))


@given(
    st.sampled_from(["bar", "stacked", "line"]),
    st.lists(st.lists(values, min_size=4, max_size=4), min_size=1, max_size=4),
)
def test_nothing_lies_outside_the_picture(form: Any, rows: list[list[float | None]]) -> None:
    series = tuple(Series(f"第{n}项", tuple(row)) for n, row in enumerate(rows))
    made = picture(Chart(form, "题", "件", ("甲", "乙", "丙", "丁"), series))
    for shape in made.shapes:
        match shape:
            case Box():
                assert shape.width >= 0 <= shape.height
                assert 0 <= shape.x <= shape.x + shape.width <= WIDTH
                assert 0 <= shape.y <= shape.y + shape.height <= HEIGHT
            case Stroke():
                assert all(0 <= x <= WIDTH for x in (shape.x1, shape.x2))
                assert all(0 <= y <= HEIGHT for y in (shape.y1, shape.y2))
            case Text():
                assert 0 <= shape.x <= WIDTH
                assert 0 <= shape.y <= HEIGHT


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_scale_holds_both_ends_in_a_few_round_steps(low: float, more: float) -> None:
    made = scale(low, low + more)
    slack = 1e-6 * made.step + 1e-9 * abs(low)
    assert made.low <= low + slack
    assert low + more <= made.high + slack
    assert 2 <= len(made.ticks) <= 12
    assert 0 <= made.at(low) <= made.at(low + more) <= 1


def test_a_scale_of_one_value_is_no_division_by_nothing() -> None:
    assert scale(0, 0).ticks[0] == 0
    assert scale(5, 5).high > 5
