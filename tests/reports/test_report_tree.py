"""The document tree: its words, its numbers, and what it refuses."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jingwei.reports.document import (
    Cell,
    Column,
    Document,
    Heading,
    KeyValues,
    Meta,
    Paragraph,
    Row,
    Table,
    chinese_number,
    minute,
    ordinal,
    percent,
    plain,
    state_cell,
)
from jingwei.reports.document import Cover as CoverPage
from jingwei.terms import Result


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (9, "九"), (10, "十"), (13, "十三"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_numbers_are_written_as_in_chinese_headings(number: int, written: str) -> None:
    assert chinese_number(number) == written


@pytest.mark.parametrize("number", [0, -1, 100])
def test_a_heading_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 到 99"):
        chinese_number(number)


def test_the_levels_are_marked_as_the_layout_rules_say() -> None:
    assert [ordinal(level, 2) for level in (1, 2, 3, 4)] == ["二、", "（二）", "2.", "（2）"]


def test_no_two_chinese_numbers_are_the_same() -> None:
    assert len({chinese_number(number) for number in range(1, 100)}) == 99


def test_an_instant_is_shown_in_beijing_time_to_the_minute() -> None:
    assert minute(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)) == "2026-11-21 07:59"


def test_a_missing_instant_is_never_blank() -> None:
    assert minute(None) == "—"
    assert minute(None, "未采集（未开始）") == "未采集（未开始）"


def test_a_share_has_two_decimals() -> None:
    assert percent(1, 3) == "33.33 %"
    assert percent(3, 3) == "100.00 %"


def test_a_share_of_nothing_is_not_zero() -> None:
    assert percent(0, 0) == "—"


def test_a_state_is_sign_and_word_and_colour() -> None:
    cell = state_cell(Result.UNCHECKED)
    assert cell.text == "? 未检"
    assert cell.state is Result.UNCHECKED


def test_line_ends_of_any_system_become_one() -> None:
    assert plain("一\r\n二\r三\n四") == "一\n二\n三\n四"


@given(st.text())
def test_what_is_plain_fits_into_xml_and_stays_as_long(text: str) -> None:
    held = plain(text)
    element = etree.Element("t")
    element.text = held  # lxml raises ValueError for what XML cannot hold
    assert etree.fromstring(etree.tostring(element, encoding="utf-8")).text in (held, None)
    assert plain(held) == held
    assert len(held) == len(text.replace("\r\n", "\n"))


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xD7FF)))
def test_ordinary_text_is_not_touched(text: str) -> None:
    kept = "".join(char for char in text if not 0x7F <= ord(char) <= 0x9F)
    assert plain(kept) == kept


def test_a_row_that_does_not_fill_its_table_is_refused() -> None:
    columns = (Column("一", 1), Column("二", 1))
    with pytest.raises(ValueError, match="第 2 行有 1 格，应为 2 格"):
        Table(columns, (Row((Cell("a"), Cell("b"))), Row((Cell("a"),))), caption="表")


def test_a_spanning_cell_counts_for_the_columns_it_spans() -> None:
    columns = (Column("一", 1), Column("二", 1), Column("三", 1))
    made = Table(columns, (Row((Cell("a", span=2), Cell("b"))),))
    assert made.rows[0].cells[0].span == 2


def test_pairs_are_laid_out_so_many_a_row() -> None:
    pairs = tuple((str(n), Cell(str(n))) for n in range(5))
    assert [len(line) for line in KeyValues(pairs).lines] == [2, 2, 1]
    assert [len(line) for line in KeyValues(pairs, pairs_per_row=3).lines] == [3, 2]


def test_the_header_names_project_report_number_and_version() -> None:
    meta = Meta("项目", "日检报告", "JAWS-RJ-20261120-01", 3, "静卫", datetime.now(UTC), "草稿")
    assert meta.header_left == "项目　日检报告"
    assert meta.header_right == "JAWS-RJ-20261120-01　V3　草稿"


def test_a_document_knows_its_headings_in_order() -> None:
    meta = Meta("p", "t", "n", 1, "a", datetime.now(UTC))
    blocks = (Heading(1, "一、甲"), Paragraph("x"), Heading(2, "（一）乙"))
    document = Document(meta, CoverPage(()), blocks)
    assert [heading.text for heading in document.headings] == ["一、甲", "（一）乙"]
