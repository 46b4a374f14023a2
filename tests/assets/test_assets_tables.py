"""Files to cells and back: encodings, Excel's habits, formulas, bombs."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from jingwei.assets.tables import cells, formulas, reading, workbook, writing
from jingwei.assets.tables.problems import CellError, UnreadableError

HEADERS = ["设备号", "备注"]


def xlsx(*rows: list[object], merge: str = "", title: str = "表") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def values(data: bytes) -> list[tuple[reading.Cell, ...]]:
    return [row for _, row in reading.read(data).rows]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_csv_is_read_in_the_encoding_it_is_written_in(encoding: str, found: str) -> None:
    grid = reading.read("设备号,备注\r\nHW-001-1,静安区\r\n".encode(encoding))
    assert grid.encoding == found
    assert [row for _, row in grid.rows] == [("设备号", "备注"), ("HW-001-1", "静安区")]


def test_a_rare_character_survives_gb18030() -> None:
    data = writing.to_csv(HEADERS, [["HW-001-1", "𠮷·㐀䶮"]], "gb18030")
    assert values(data)[1] == ("HW-001-1", "𠮷·㐀䶮")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_with_the_delimiter_of_its_header(delimiter: str) -> None:
    assert values(f"设备号{delimiter}备注\nA{delimiter}b\n".encode()) == [
        ("设备号", "备注"),
        ("A", "b"),
    ]


def test_rows_keep_the_number_the_file_gives_them() -> None:
    grid = reading.read("设备号,备注\n\nA,1\n,\n \nB,2\n".encode())
    assert [number for number, _ in grid.rows] == [1, 3, 6]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "文件是空的"),
        (b"  \n \n", "文件是空的"),
        (b",,\n,,\n", "没有任何内容"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "旧版 .xls"),
        (b"PK\x03\x04 not really", "已损坏"),
        (b"%PDF-1.7\x00\x01", "不是表格文件"),
        (b"\xff\xff\x81\xff,\xff", "看不懂文件的编码"),
        ('设备号,备注\n"没有收尾,1\n'.encode(), "引号一直没有收尾"),
    ],
)
def test_a_file_that_is_no_table_gets_one_plain_sentence(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        reading.read(data)


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(UnreadableError, match="超过"):
        reading.read(b"a,b\n" * 10)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    for data in (b"a\n" * 5, xlsx(*[["a"]] * 5)):
        with pytest.raises(UnreadableError, match="超过 3 行"):
            reading.read(data)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(UnreadableError, match="列"):
        reading.read((",".join(["a"] * 300) + "\n").encode())


def test_an_xlsx_is_read_with_its_own_types() -> None:
    data = xlsx(
        ["资产号", "数量", "日期", "序列号"],
        ["HW-001", 2, datetime(2022, 11, 1), "310106199001011234"],
    )
    assert values(data)[1] == ("HW-001", 2, datetime(2022, 11, 1), "310106199001011234")


def test_a_damaged_xlsx_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    good = xlsx(HEADERS, ["A", "b"])
    for broken in (good[: len(good) // 2], good[:200] + b"\x00" * 50 + good[250:]):
        with pytest.raises(UnreadableError, match=r"已损坏|没有任何"):
            reading.read(broken)


def test_a_zip_that_is_no_workbook_is_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableError, match="不是真正的"):
        reading.read(out.getvalue())


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (100 * 1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(UnreadableError, match="解压后过大"):
        reading.read(out.getvalue())


def test_entities_in_a_workbook_are_refused() -> None:
    source, out = io.BytesIO(xlsx(HEADERS, ["A", "b"])), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part == "xl/workbook.xml":
                text = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + text
            new.writestr(part, text)
    with pytest.raises(UnreadableError, match="已损坏"):
        reading.read(out.getvalue())


def test_a_cell_merged_over_rows_says_the_same_of_each() -> None:
    data = xlsx(["设备号", "备注"], ["A", "同一批"], ["B", None], ["C", "另"], merge="B2:B3")
    assert values(data) == [("设备号", "备注"), ("A", "同一批"), ("B", "同一批"), ("C", "另")]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.append(["秘密"])
    first.sheet_state = "hidden"
    book.create_sheet("空")
    book.create_sheet("数据").append(["设备号"])
    out = io.BytesIO()
    book.save(out)
    assert values(out.getvalue()) == [("设备号",)]


def test_formatting_far_below_the_rows_does_no_harm() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["设备号"])
    sheet["A50000"].number_format = "@"
    out = io.BytesIO()
    book.save(out)
    assert values(out.getvalue()) == [("设备号",)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r\t a", "'=1", "''@x"])
def test_a_formula_is_neutralised_and_comes_back_as_it_was(text: str) -> None:
    assert formulas.neutral(text).startswith("'")
    assert formulas.plain(formulas.neutral(text)) == text


@pytest.mark.parametrize("text", ["'静安'", "a=1", "", "HW-001", "a\n=b", "\t", "\r\t ", "'\t"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert formulas.neutral(text) == text
    assert formulas.plain(text) == text


@given(st.text(max_size=30))
def test_any_text_survives_neutralising(text: str) -> None:
    assert formulas.plain(formulas.neutral(text)) == text


def test_an_exported_formula_is_text_in_both_formats() -> None:
    book = load_workbook(io.BytesIO(writing.to_xlsx("表", HEADERS, [["A", "=HYPERLINK(1)"]])))
    sheet = book.active
    assert sheet is not None
    cell = sheet["B2"]
    assert cell.data_type == "s"
    assert cell.value == "'=HYPERLINK(1)"
    text = writing.to_csv(HEADERS, [["A", "=cmd|' /C calc'!A0"]]).decode("utf-8-sig")
    assert next(csv.reader(text.splitlines()[1:]))[1].startswith("'=")


def test_an_exported_long_number_keeps_its_digits() -> None:
    data = writing.to_xlsx("表", HEADERS, [["A", "310106199001011234"]])
    assert values(data)[1] == ("A", "310106199001011234")


def test_blanks_at_the_ends_survive_an_xlsx() -> None:
    data = writing.to_xlsx("表", HEADERS, [["A", " 深信服OSM-1000-C600 "]])
    assert values(data)[1][1] == " 深信服OSM-1000-C600 "


def test_a_sheet_title_longer_than_excel_allows_is_cut() -> None:
    book = load_workbook(io.BytesIO(writing.to_xlsx("长" * 40, HEADERS, [])))
    assert book.sheetnames == ["长" * 31]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (2, "2"),
        (2.0, "2"),
        (2.5, "2.5"),
        (True, "是"),
        (date(2022, 11, 1), "2022-11-01"),
        (datetime(2022, 11, 1), "2022-11-01"),
        (" a ", "a"),
        ("a\r\nb", "a\nb"),
        ("310106199001011234", "310106199001011234"),
    ],
)
def test_any_cell_reads_as_text(cell: reading.Cell, text: str) -> None:
    assert cells.text_of(cell) == text


@pytest.mark.parametrize("cell", [310106199001011234, 3.10106199001011e17, "3.10106E+17", "#REF!"])
def test_what_excel_destroyed_is_said(cell: reading.Cell) -> None:
    with pytest.raises(CellError, match=r"Excel|公式错误"):
        cells.text_of(cell)


@pytest.mark.parametrize(
    ("cell", "number"), [("１２", 12), (" 3 ", 3), (4.0, 4), ("1,024", 1024), (None, None)]
)
def test_numbers_are_read_as_people_write_them(cell: reading.Cell, number: int | None) -> None:
    assert cells.Number(0, 2000).read(cell) == number


@pytest.mark.parametrize("cell", ["三", "1.5", "-1", "2001", 2.5])
def test_a_wrong_number_says_what_was_expected(cell: reading.Cell) -> None:
    with pytest.raises(CellError, match="应为 0 到 2000 的整数"):
        cells.Number(0, 2000).read(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2022-11-01",
        "2022/11/1",
        "2022.11.1",
        "2022年11月1日",
        date(2022, 11, 1),
        datetime(2022, 11, 1),
    ],
)
def test_dates_are_read_as_people_write_them(cell: reading.Cell) -> None:
    assert cells.Day().read(cell) == date(2022, 11, 1)


@pytest.mark.parametrize("cell", ["2022-13-01", "11/1", "昨天", "2022-02-30"])
def test_a_wrong_date_says_what_was_expected(cell: reading.Cell) -> None:
    with pytest.raises(CellError, match="应为日期"):
        cells.Day().read(cell)


@pytest.mark.parametrize(
    ("cell", "wording", "month"),
    [
        ("2013.01", "2013.01", date(2013, 1, 1)),
        ("2018.4", "2018.4", date(2018, 4, 1)),
        ("2018年4月", "2018年4月", date(2018, 4, 1)),
        ("201804", "201804", date(2018, 4, 1)),
        (2018.4, "2018.4", date(2018, 4, 1)),
        (2018.12, "2018.12", date(2018, 12, 1)),
        (2013.01, "2013.01", date(2013, 1, 1)),
        (datetime(2018, 10, 1), "2018.10", date(2018, 10, 1)),
    ],
)
def test_a_purchase_month_keeps_its_wording(cell: reading.Cell, wording: str, month: date) -> None:
    read = cells.PurchaseMonth().read(cell)
    assert read == wording
    assert cells.month_of(str(read)) == month


def test_a_number_that_could_be_january_or_october_is_refused() -> None:
    with pytest.raises(CellError, match="分不清是 1 月还是 10 月"):
        cells.PurchaseMonth().read(2018.1)


@pytest.mark.parametrize("cell", ["2018", "2018.13", "18.04", "去年", "1018.04"])
def test_a_wrong_purchase_month_says_what_was_expected(cell: str) -> None:
    with pytest.raises(CellError, match=r"应为年月，如 2018\.04"):
        cells.PurchaseMonth().read(cell)


def test_a_choice_is_known_by_word_and_by_code() -> None:
    kind = cells.Choice({"server": "服务器", "ups": "UPS"})
    assert kind.read("服务器") == kind.read("server") == "server"
    assert kind.read("ｕｐｓ") == "ups"
    with pytest.raises(CellError, match="应为 服务器、UPS 之一，现为“汽车”"):
        kind.read("汽车")


def test_flags_are_read_as_people_write_them() -> None:
    flag = cells.Flag()
    assert [flag.read(one) for one in ("是", "yes", True, 1, "√")] == [True] * 5
    assert [flag.read(one) for one in ("否", "no", False, None, 0)] == [False] * 5
    with pytest.raises(CellError, match="应为“是”或“否”"):
        flag.read("也许")


def test_probe_options_are_a_json_object_of_plain_values() -> None:
    kind = cells.Settings()
    assert kind.read('{"path": "/health", "port": 1}') == {"path": "/health", "port": 1}
    assert kind.read(None) == {}
    for bad, message in (("{", "第 2 个字符"), ("[1]", "JSON 对象"), ('{"a": [1]}', "选项“a”")):
        with pytest.raises(CellError, match=message):
            kind.read(bad)


def test_text_too_long_says_how_long() -> None:
    with pytest.raises(CellError, match="最多 3 个字，现有 4 个"):
        cells.Text(3).read("一二三四")


def test_a_code_with_a_blank_inside_is_refused() -> None:
    with pytest.raises(CellError, match="字母、数字"):
        cells.Code().read("HW 001")


def test_words_are_split_however_they_are_separated() -> None:
    assert cells.Words().read("a; b；c|d、e\na") == ["a", "b", "c", "d", "e"]
    assert cells.Words(sorted=True).read("b;a") == ["a", "b"]


def test_a_sheet_part_without_merges_has_none() -> None:
    data = xlsx(HEADERS)
    assert workbook._merged(data, "xl/worksheets/sheet1.xml") == []
