"""The workbook: one sheet a table, values instead of words, never a formula, the same bytes."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from jingwei.reports import files, xlsx
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Cover,
    Document,
    Heading,
    KeyValues,
    Meta,
    Row,
    Table,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.xlsx import names
from jingwei.reports.xlsx.writer import LONGEST

MADE = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


def document(*blocks: Block, **meta: Any) -> Document:
    """A small report."""
    said = {"project": "静安", "title": "月报", "number": "JAWS-YB-202611-01", "version": 2,
            "author": "王磊", "created": MADE, "sha256": "ab" * 32}  # fmt: skip
    cover = Cover((("报告期", "2026-11-01 至 2026-11-30"),), "演示区域数据")
    return Document(Meta(**{**said, **meta}), cover, tuple(blocks))


def table(*texts: str, title: str = "说明", caption: str = "表 1　清单", **more: Any) -> Table:
    """One column of texts."""
    rows = tuple(Row((Cell(text),)) for text in texts)
    return Table((Column(title, 1, **more),), rows, caption)


def opened(made: bytes) -> openpyxl.Workbook:
    """The workbook read back."""
    return openpyxl.load_workbook(io.BytesIO(made))


def column(sheet: Worksheet) -> list[Any]:
    """The values under the header of the first column."""
    return [row[0].value for row in sheet.iter_rows(min_row=2)]


def test_the_first_sheet_says_which_report_it_is() -> None:
    sheet = opened(xlsx.write(document(mark="草稿"))).worksheets[0]
    said = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert sheet.title == "说明"
    assert said["报告期"] == "2026-11-01 至 2026-11-30"
    assert said["版本"] == "V2（草稿）"
    assert said["数据快照 SHA-256"] == "ab" * 32
    assert said["生成时间"] == datetime(2026, 11, 20, 9, 30)
    assert said["注意"] == "演示区域数据"


def test_each_table_is_a_sheet_with_a_frozen_header_and_a_filter() -> None:
    book = opened(xlsx.write(document(table("a"), table("b", caption="表 2　其他"))))
    assert book.sheetnames == ["说明", "1 清单", "2 其他"]
    sheet = book["1 清单"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:A2")
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-cmd", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    made = xlsx.write(document(table(text, title="内容")))
    cell = opened(made)["1 清单"]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets")]
        assert all(b"<f>" not in package.read(name) for name in sheets)


def test_numbers_shares_days_and_lengths_are_values() -> None:
    rows = (Row((Cell("12"), Cell("98.50 %"), Cell("2026-11-20"), Cell("2 小时"))),)
    titles = ("件数", "达标率", "日期", "用时")
    block = Table(tuple(Column(title, 1) for title in titles), rows, "表 1　数")
    sheet = opened(xlsx.write(document(block)))["1 数"]
    assert [cell.value for cell in sheet[2]] == [
        12, 0.985, datetime(2026, 11, 20), timedelta(hours=2)
    ]  # fmt: skip
    assert [cell.number_format for cell in sheet[2]][:2] == ["0", "0.00 %"]


def test_serial_numbers_keep_their_digits_and_missing_is_never_zero() -> None:
    book = opened(xlsx.write(document(table("1001", "1002", title="旧序列号"))))
    assert column(book["1 清单"]) == ["1001", "1002"]
    book = opened(xlsx.write(document(table("3", "—", title="天数"))))
    assert column(book["1 清单"]) == [3, "—"]


def test_a_spanning_row_leaves_its_columns_to_the_filter() -> None:
    block = Table(
        (Column("甲", 1), Column("数", 1, "right")),
        (Row((Cell("组", span=2),), head=True), Row((Cell("a"), Cell("1")))), "表 1　组",
    )  # fmt: skip
    sheet = opened(xlsx.write(document(block)))["1 组"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["组", None], ["a", 1]
    ]  # fmt: skip
    assert not sheet.merged_cells.ranges


def test_labels_and_values_stand_on_a_sheet_of_their_own() -> None:
    grid = KeyValues((("应检", Cell("61 天")), ("项次", Cell("6100"))))
    sheet = opened(xlsx.write(document(Heading(1, "一、日检"), grid)))["要点"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["一、日检", "应检", "61 天"], ["一、日检", "项次", 6100]
    ]  # fmt: skip


def test_the_same_tree_gives_the_same_bytes(bad_document: Document) -> None:
    made = xlsx.write(bad_document)
    assert xlsx.write(bad_document) == made
    other = replace(bad_document, meta=replace(bad_document.meta, version=9))
    assert xlsx.write(other) != made


def test_odd_characters_and_endless_texts_do_not_break_the_workbook() -> None:
    book = opened(xlsx.write(document(table("a\x00\ud800b", "长" * 40_000, title="内容"))))
    first, second = column(book["1 清单"])
    assert first == "a??b"
    assert len(second) == LONGEST
    assert second.endswith("全文见 Word 或 PDF）")


def test_a_workbook_is_one_of_the_formats(bad_document: Document) -> None:
    assert files.produce(bad_document, ("xlsx",))["xlsx"].startswith(b"PK")
    with pytest.raises(ReportError, match="docx、pdf、xlsx"):
        files.produce(bad_document, ("odt",))


@given(st.lists(st.text(max_size=60), max_size=12))
def test_names_of_sheets_are_allowed_and_never_twice(texts: list[str]) -> None:
    taken: set[str] = set()
    made = [names.unique(text, taken) for text in texts]
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert name.casefold() != "history"
