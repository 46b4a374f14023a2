"""The PDF: text that can be found again, embedded fonts, an archive standard, no markup."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from jingwei.reports import pdf
from jingwei.reports.document import (
    Cell,
    Column,
    Contents,
    Cover,
    Document,
    Heading,
    Meta,
    PageBreak,
    Paragraph,
    Row,
    Table,
)
from jingwei.terms import Result

META = Meta("项目", "日检报告", "JAWS-RJ-1", 1, "服务方", datetime(2026, 11, 20, tzinfo=UTC))


def small(*blocks: Any, meta: Meta = META) -> bytes:
    return pdf.write(Document(meta, Cover((("报告编号", "1"),)), blocks))


def pages(made: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_every_heading_is_on_the_page_the_contents_say(
    bad_pdf: bytes, bad_document: Document
) -> None:
    read = [squeezed(page) for page in pages(bad_pdf)]
    numbers = pdf.heading_pages(bad_document)
    assert len(numbers) == len(bad_document.headings)
    for heading, number in zip(bad_document.headings, numbers, strict=True):
        assert squeezed(heading.text) in read[number - 1]
    assert list(numbers) == sorted(numbers)


def test_a_day_of_the_district_is_a_report_people_still_read(bad_pdf: bytes) -> None:
    assert 8 <= len(pages(bad_pdf)) <= 22


def test_every_page_after_the_cover_is_numbered(bad_pdf: bytes) -> None:
    read = pages(bad_pdf)
    assert "页" not in read[0]
    for number, page in enumerate(read[1:], start=2):
        assert f"第{number}页共{len(read)}页" in squeezed(page)
        assert "静安区区域卫生信息平台日常运维" in page


def test_all_fonts_are_embedded(bad_pdf: bytes) -> None:
    found = 0
    for page in PdfReader(io.BytesIO(bad_pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            for child in font.get_object()["/DescendantFonts"]:
                descriptor = child.get_object()["/FontDescriptor"].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)
                found += 1
    assert found


def test_it_is_an_archive_pdf_with_the_time_of_the_report(bad_pdf: bytes) -> None:
    metadata = PdfReader(io.BytesIO(bad_pdf)).xmp_metadata
    assert metadata is not None
    raw = metadata.stream.get_data().decode()
    assert re.search(r"pdfaid:part>2<", raw)
    assert re.search(r"pdfaid:conformance>B<", raw)
    assert PdfReader(io.BytesIO(bad_pdf)).metadata.creation_date == datetime(
        2026, 11, 20, 0, 12, 30, tzinfo=UTC
    )


def test_the_same_tree_gives_the_same_bytes(bad_pdf: bytes, bad_document: Document) -> None:
    assert pdf.write(bad_document) == bad_pdf


def test_a_draft_says_so_on_every_page() -> None:
    made = small(Paragraph("甲"), PageBreak(), Paragraph("乙"), meta=replace(META, mark="草稿"))
    assert all("草稿" in page for page in pages(made))


def test_wide_pages_lie_across() -> None:
    made = small(Paragraph("甲"), PageBreak(landscape=True), Paragraph("乙"))
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(made)).pages]
    assert [box.width > box.height for box in boxes] == [False, False, True]


def test_a_break_with_nothing_after_it_makes_no_page() -> None:
    assert len(pages(small(Paragraph("甲"), PageBreak(), PageBreak(landscape=True)))) == 2


def test_a_header_row_is_repeated_on_every_page_of_a_table() -> None:
    rows = tuple(Row((Cell(f"第 {n} 行"), Cell("值"))) for n in range(120))
    made = small(Table((Column("检查项", 1), Column("实测值", 1)), rows))
    read = pages(made)[1:]
    assert len(read) > 1
    assert all("检查项" in page for page in read)


def test_a_table_without_rows_is_its_header() -> None:
    assert "检查项" in pages(small(Table((Column("检查项", 1),), ())))[1]


def test_the_contents_list_headings_with_pages() -> None:
    made = small(Contents(), PageBreak(), Heading(1, "一、甲"), PageBreak(), Heading(1, "二、乙"))
    contents = squeezed(pages(made)[1])
    assert re.search(r"一、甲[.\s]*3", contents)
    assert re.search(r"二、乙[.\s]*4", contents)


def test_the_contents_go_as_deep_as_words_do() -> None:
    blocks = (Heading(1, "一、甲"), Heading(2, "（一）乙"), Heading(3, "丙之细目"))
    contents = squeezed(pages(small(Contents(), PageBreak(), *blocks))[1])
    assert "（一）乙" in contents
    assert "丙之细目" not in contents


MARKUP = '#panic("x") *粗* _斜_ $x^2$ `raw` <标签> @ref [a]{b} \\ // "引号" = 标题 - 列表 ~ '


def test_typst_markup_in_a_reading_is_text() -> None:
    found = squeezed(pages(small(Table((Column("甲", 1),), (Row((Cell(MARKUP),)),))))[1])
    assert squeezed(MARKUP) in found


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=50))
@example('"\\')
@example('#import "@preview/x:1.0"')
@example("\\u{0}")
def test_any_ascii_comes_out_as_it_went_in(text: str) -> None:
    made = small(Heading(1, "甲"), Paragraph(f"起{text}止"))
    assert f"起{squeezed(text)}止" in squeezed(pages(made)[1])


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
@example("\ua97d")
@example("👩‍⚕️ 𬭚 \ufdfd \U0010fffe")
def test_no_text_breaks_the_program(text: str) -> None:
    made = small(
        Heading(1, text), Paragraph(text), Table((Column(text, 1),), (Row((Cell(text),)),))
    )
    assert made.startswith(b"%PDF-1.7")


def test_a_character_no_font_can_draw_is_written_out_and_never_a_box() -> None:
    found = squeezed(pages(small(Paragraph("读数\ua97d单位\U0001e800")))[1])
    assert "读数[U+A97D]单位[U+1E800]" in found


def test_rare_characters_of_names_are_drawn_where_the_font_has_them() -> None:
    assert "㛃𠮷" in squeezed(pages(small(Paragraph("㛃𠮷")))[1])


def test_long_words_may_break_and_short_ones_may_not() -> None:
    assert pdf.breakable("HW-016-1 2026-11-20") == "HW-016-1 2026-11-20"
    address = "https://127.0.0.1:18443/health/ready?deep=1"
    held = pdf.breakable(address)
    assert pdf.ZERO_WIDTH_SPACE in held
    assert held.replace(pdf.ZERO_WIDTH_SPACE, "") == address


def test_a_word_that_fits_its_column_stays_whole_and_one_that_does_not_is_broken() -> None:
    serial = "GD-2023-00005-IN"
    wide = Table((Column("甲", 1), Column("乙", 1)), (Row((Cell(serial), Cell("右"))),))
    tight = Table((Column("甲", 1), Column("乙", 9)), (Row((Cell(serial), Cell("右"))),))
    cover = Cover((("报告编号", "1"),))
    held = [
        pdf.tree(Document(META, cover, (table,)))["parts"][0]["blocks"][-1]
        for table in (wide, tight)
    ]
    whole, broken = (block["rows"][0]["cells"][0]["text"] for block in held)
    assert whole == serial
    assert broken != serial
    assert broken.replace(pdf.ZERO_WIDTH_SPACE, "") == serial


@given(st.text(max_size=120))
def test_breaking_adds_nothing_but_invisible_spaces(text: str) -> None:
    clean = text.replace(pdf.ZERO_WIDTH_SPACE, "")
    assert pdf.breakable(clean).replace(pdf.ZERO_WIDTH_SPACE, "") == clean


def test_a_long_word_stays_inside_its_cell() -> None:
    table = Table((Column("甲", 1), Column("乙", 5)), (Row((Cell("x" * 200), Cell("右"))),))
    found = squeezed(pages(small(table))[1])
    assert "x" * 200 in found.replace(pdf.ZERO_WIDTH_SPACE, "")


@pytest.mark.parametrize("result", list(Result))
def test_every_state_has_a_colour(result: Result) -> None:
    cell = Cell(f"{result.sign} {result.label}", state=result)
    assert result.label in pages(small(Table((Column("甲", 1),), (Row((cell,)),))))[1]
