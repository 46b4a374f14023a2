"""Small blocks of periodic reports, and how many of each row a section prints."""

from dataclasses import replace

import pytest
from account_making import ISSUE, empty, fault, span, whole
from desk_making import at

from jingwei.reports import periodic
from jingwei.reports.document import Block, Note, Paragraph, Table
from jingwei.reports.periodic import desk_sections as desk
from jingwei.reports.periodic import parts, upkeep_sections
from jingwei.reports.preview import preview
from jingwei.terms import Result


def tables(blocks: list[Block]) -> dict[str, Table]:
    """The tables of a section by caption."""
    return {block.caption: block for block in blocks if isinstance(block, Table)}


def test_a_table_without_rows_is_one_line_that_names_it() -> None:
    made = parts.table("变更清单", (("单号", 1),), [])
    assert made == Paragraph("变更清单：本期无。")


def test_a_table_takes_texts_and_cells() -> None:
    made = parts.table("x", (("a", 1), ("b", 2)), [("1", parts.number(2))])
    assert isinstance(made, Table)
    assert [cell.text for cell in made.rows[0].cells] == ["1", "2"]
    assert made.size == "small"


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match="应为 2 格"):
        parts.table("x", (("a", 1), ("b", 2)), [("1",)])


@pytest.mark.parametrize(
    ("kept", "text", "state"),
    [(True, "达标", Result.NORMAL), (False, "超限", Result.ABNORMAL)],
)
def test_a_verdict_is_sign_word_and_colour(kept: bool, text: str, state: Result) -> None:
    made = parts.verdict(kept)
    assert made.text == f"{state.sign} {text}"
    assert made.state is state


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "—"), (0, "0 分"), (5400, "1 小时 30 分"), (-60, "-1 分"), (59, "59 秒")],
)
def test_a_length_is_in_words(seconds: int | None, text: str) -> None:
    assert parts.length(seconds) == text


@pytest.mark.parametrize("number", [1, 2, 7])
def test_every_fault_has_its_line(number: int) -> None:
    held = whole(faults=tuple(fault(f"GD-2022-{place:05d}") for place in range(number)))
    made = tables(desk.faults(held))["故障清单"]
    assert [row.cells[0].text for row in made.rows] == [
        f"GD-2022-{place:05d}" for place in range(number)
    ]


@pytest.mark.parametrize(
    ("section", "caption"),
    [
        (desk.changes, "变更清单"),
        (desk.parts, "设备返修与备件更换"),
        (desk.events, "应急事件"),
        (desk.left, "遗留工单"),
        (upkeep_sections.duties, "周期工作完成情况"),
        (upkeep_sections.records, "巡检与周期工作记录"),
        (upkeep_sections.ahead, "下期到期的周期工作"),
    ],
)
def test_a_section_has_its_table_or_says_that_there_was_nothing(
    section: object, caption: str
) -> None:
    assert callable(section)
    assert caption in tables(section(whole()))
    bare = section(empty())
    assert caption not in tables(bare)
    assert Paragraph(f"{caption}：本期无。") in bare


def test_requests_keep_the_tenders_order_and_their_zeroes() -> None:
    made = tables(desk.requests(whole()))["服务请求按临时工作类别"]
    assert [row.cells[0].text for row in made.rows] == ["数据手工导入", "报表"]
    assert [row.cells[1].text for row in made.rows] == ["3", "0"]


def test_the_cover_of_a_running_period_says_until_when() -> None:
    held = empty(span=span(as_of=at("2022-12-01 12:00")))
    made = periodic.quarterly(held, ISSUE, draft=True)
    assert "数据截至 2022-12-01 12:00" in made.cover.notice


def test_both_calendars_are_explained_only_where_there_is_a_limit() -> None:
    assert any(isinstance(block, Note) for block in desk.service_levels(whole()))
    assert not any(isinstance(block, Note) for block in desk.service_levels(empty()))


def test_the_page_shows_every_table_of_the_paper() -> None:
    made = periodic.annual(whole(), ISSUE, draft=False)
    shown = [block for block in preview(made, lambda _: "") if block.kind == "table"]
    assert len(shown) == sum(isinstance(block, Table) for block in made.blocks)


def test_a_budget_overdrawn_is_negative_in_words_and_red() -> None:
    held = whole(budgets=replace(whole().budgets, down_left=-3600, down_met=False))
    row = tables(upkeep_sections.availability(held))["可用性与时限"].rows[0]
    assert row.cells[5].text == "-1 小时"
    assert row.cells[6].state is Result.ABNORMAL
