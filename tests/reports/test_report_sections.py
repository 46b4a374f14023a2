"""The sections of periodic reports over facts made by hand: pure, no database."""

import io
import zipfile
from dataclasses import replace

import pytest
from account_making import ISSUE, budgets, empty, fault, promise, span, whole
from desk_making import at
from hypothesis import given
from hypothesis import strategies as st
from test_report_fault import words

from jingwei.reports import docx, pdf, periodic
from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Document,
    KeyValues,
    PageBreak,
    Paragraph,
    Table,
)
from jingwei.reports.masking import masked
from jingwei.reports.periodic import desk_sections as desk
from jingwei.reports.periodic import parts, upkeep_sections
from jingwei.reports.periodic.facts import Account, Owing, Tally
from jingwei.reports.periodic.matrix import matrix
from jingwei.reports.revive import from_json, to_json
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

DRAWS = (periodic.monthly, periodic.quarterly, periodic.annual)


def cells(blocks: list[Block]) -> dict[str, Cell]:
    """Every cell of tables and grids by its text; the last of a text wins."""
    found = {}
    for block in blocks:
        if isinstance(block, Table):
            found |= {cell.text: cell for row in block.rows for cell in row.cells}
        if isinstance(block, KeyValues):
            found |= {cell.text: cell for _, cell in block.pairs}
    return found


def paragraphs(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize("draw", DRAWS)
def test_the_same_account_always_gives_the_same_tree(draw: object) -> None:
    assert callable(draw)
    assert draw(whole(), ISSUE, draft=True) == draw(whole(), ISSUE, draft=True)


@pytest.mark.parametrize("draw", DRAWS)
def test_everything_in_a_whole_account_is_said_somewhere(draw: object) -> None:
    assert callable(draw)
    said = words(draw(whole(), ISSUE, draft=False))
    for wanted in (
        "GD-2022-00001", "GD-2022-00009", "设备扩容：扩盘", "顾主任", "机房检查", "29.4",
        "应用系统月度巡视", "2022-12（0/25）", "基线核查", "duty:8", "YJ-2022-001",
        "YL-2022-01（2022-12-10）", "2022-11-09（3 人）", "王磊 → 李婷", "HW-016", "华为 5500",
        "备份作业结果", "99.983 %", "2.50 / 217.50 人日",
    ):  # fmt: skip
        assert wanted in said, wanted


@pytest.mark.parametrize("draw", DRAWS)
def test_an_empty_account_leaves_no_section_out_and_no_table_bare(draw: object) -> None:
    assert callable(draw)
    full_, bare = (draw(held, ISSUE, draft=False) for held in (whole(), empty()))
    first = [[h.text for h in made.headings if h.level == 1] for made in (full_, bare)]
    assert first[0] == first[1]
    assert "本期无" in words(bare)
    tables = [block for block in bare.blocks if isinstance(block, Table)]
    assert all(block.rows for block in tables if "修订记录" not in block.caption)


@pytest.mark.parametrize("draw", DRAWS)
def test_a_draft_says_so_and_a_final_one_does_not(draw: object) -> None:
    assert callable(draw)
    assert draw(whole(), ISSUE, draft=True).meta.mark == "草稿"
    assert draw(whole(), ISSUE, draft=False).meta.mark == ""


def test_nobody_checked_is_never_normal() -> None:
    summary = cells(upkeep_sections.summary(empty()))
    assert summary["? 未采集"].state is Result.UNCHECKED
    assert "未采集（没有完成的日检）" in cells(upkeep_sections.checks(empty()))
    assert any("未采集" in text for text in paragraphs(upkeep_sections.people(empty())))
    assert paragraphs(upkeep_sections.rooms(empty())) == ["未采集（没有机房温湿度的日汇总）"]


def test_years_without_published_holidays_say_so() -> None:
    held = empty(daily=replace(whole().daily, owed=None), people=replace(whole().people, owed=None))
    assert "工作日安排未公布" in cells(upkeep_sections.checks(held))
    assert any("工作日安排未公布" in text for text in paragraphs(upkeep_sections.people(held)))


def test_shares_are_of_what_was_judged_and_of_nothing_there_is_none() -> None:
    shown = cells(desk.service_levels(whole()))
    assert "75.00 %" in shown  # three of four; the remote and the unclear one are beside them
    none = replace(whole().kept[0], met=0, late=0)
    assert "—" in cells(desk.service_levels(whole(kept=(none,))))


def test_what_is_wrong_is_coloured_and_zero_is_not() -> None:
    shown = cells(upkeep_sections.checks(whole()))
    assert shown["2"].state is Result.ABNORMAL
    assert parts.number(0, Result.ABNORMAL).state is None
    assert parts.number(1, Result.ABNORMAL).state is Result.ABNORMAL
    assert cells(upkeep_sections.duties(whole()))["2022-12（0/25）"].state is Result.ABNORMAL
    assert cells(upkeep_sections.rooms(whole()))["2022-11-07"].state is Result.ABNORMAL
    assert cells(desk.changes(whole()))["无"].state is Result.ATTENTION


def test_security_stands_apart_from_other_records() -> None:
    assert "duty:7" not in cells(upkeep_sections.records(whole()))
    assert "duty:8" in cells(upkeep_sections.records(whole()))
    shown = cells(upkeep_sections.security(whole()))
    assert "基线核查" in shown
    assert "—" in shown  # a field nobody filled
    assert any(BY_HAND in text for text in paragraphs(upkeep_sections.security(empty())))


def test_an_emergency_that_lasts_has_no_end_and_one_excluded_says_by_whom() -> None:
    assert "尚未恢复" in cells(desk.events(whole()))
    event = replace(whole().events[0], end=at("2022-12-24 10:00"), excluded_by="YJ 顾主任")
    shown = cells(desk.events(whole(events=(event,))))
    assert {"2022-12-24 10:00", "YJ 顾主任"} <= set(shown)


def test_the_matrix_counts_every_standing_and_groups_by_clause() -> None:
    blocks = matrix(whole().promises)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables[0].rows) == len(Standing)
    rows = tables[1].rows
    assert [row.cells[0].text for row in rows if row.head] == ["总则", "日常维护"]
    assert [row.cells[0].text for row in rows if not row.head] == ["1", "2", "3", "4"]
    shown = cells(blocks)
    assert "ticket:1、ticket:2、ticket:3 等（另 4 条）" in shown
    assert "1/1（A03 未裁定）" in shown
    assert shown["✕ 违约" if "✕ 违约" in shown else f"{Result.ABNORMAL.sign} 违约"].state is (
        Result.ABNORMAL
    )
    assert shown[f"{Result.UNCHECKED.sign} 无证据"].state is Result.UNCHECKED


def test_without_obligations_the_matrix_says_why() -> None:
    assert paragraphs(matrix(())) == ["未采集（合同义务未载入）"]


@given(st.lists(st.sampled_from(list(Standing)), min_size=1, max_size=40))
def test_the_matrix_loses_no_obligation(standings: list[Standing]) -> None:
    rows = [promise(str(place), each, f"条款 {place % 3}") for place, each in enumerate(standings)]
    tables = [block for block in matrix(rows) if isinstance(block, Table)]
    assert sum(int(row.cells[1].text) for row in tables[0].rows) == len(standings)
    assert sum(not row.head for row in tables[1].rows) == len(standings)


def test_the_annual_matrix_stands_across_the_page_and_the_signatures_do_not() -> None:
    made = periodic.annual(whole(), ISSUE, draft=False)
    breaks = [block.landscape for block in made.blocks if isinstance(block, PageBreak)]
    assert breaks[-2:] == [True, False]


def test_the_verdict_follows_the_worst_fact() -> None:
    calm = whole(late=(), duties=(), left=(), promises=(), daily=replace(whole().daily, without=()))
    assert periodic.conclusion(calm)[0] is Result.NORMAL
    assert periodic.conclusion(replace(calm, left=(fault(),)))[0] is Result.ATTENTION
    over = budgets(down_met=False, down_left=-60)
    for held, said in (
        (replace(calm, budgets=over), "停机超限"),
        (replace(calm, budgets=budgets(emergency_met=False)), "超过 24 小时"),
        (replace(calm, late=whole().late), "1 件故障有超时"),
        (replace(calm, duties=(Owing("x", 1, 0, ("一月", "二月")),)), "2 项周期工作逾期"),
        (replace(calm, promises=whole().promises), "1 条义务违约"),
    ):
        result, sentence = periodic.conclusion(held)
        assert result is Result.ABNORMAL
        assert said in sentence
    lasting = replace(calm, span=span(as_of=at("2022-12-01 00:00")))
    assert periodic.conclusion(lasting) == (
        Result.ATTENTION, "故障 1 件，停机 1 小时 30 分；遗留 0 件，报告期未结束",
    )  # fmt: skip


def test_a_tally_never_loses_what_is_open() -> None:
    assert Tally("x", 5, 3, 1).open == 1
    assert Tally("x", 0).open == 0


def test_a_whole_account_survives_its_snapshot() -> None:
    assert from_json(Account, to_json(whole())) == whole()


def _document() -> Document:
    return periodic.annual(whole(), ISSUE, draft=False)


def test_the_word_file_has_every_open_place_in_red() -> None:
    made = _document()
    wanted = words(made).count(BY_HAND)
    assert wanted >= 5
    with zipfile.ZipFile(io.BytesIO(docx.write(made, pdf.heading_pages(made)))) as file:
        body = file.read("word/document.xml").decode()
    assert body.count(BY_HAND) == wanted
    for before in body.split(BY_HAND)[:-1]:
        run = before.rpartition("<w:r>")[2]
        assert 'w:val="C2201A"' in run
        assert "<w:b/>" in run


def test_the_same_account_gives_the_same_files() -> None:
    made = _document()
    assert pdf.write(made) == pdf.write(made)


@given(st.text())
def test_masking_leaves_no_mobile_number(text: str) -> None:
    said = masked(f"{text} 13812345678 {text}")
    assert "13812345678" not in said
    assert masked(said) == said


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("回电 13812345678。", "回电 （手机号略）。"),
        ("310106198001011234", "（证件号略）"),
        ("31010619800101123X 李", "（证件号略） 李"),
        ("序列号 2102351234567890123456", "序列号 2102351234567890123456"),
        ("工单 GD-2022-00001", "工单 GD-2022-00001"),
        ("021-62471234", "021-62471234"),
        ("", ""),
    ],
)
def test_masking_takes_people_and_leaves_things(text: str, wanted: str) -> None:
    assert masked(text) == wanted
