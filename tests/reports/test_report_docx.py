"""The Word file: what a reader sees, and the traps that spoil Chinese documents."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx as reader
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.reports import docx, pdf
from jingwei.reports.document import (
    Cell,
    Column,
    Contents,
    Cover,
    Document,
    Heading,
    KeyValues,
    Meta,
    Note,
    PageBreak,
    Paragraph,
    Party,
    Row,
    SignatureBlock,
    Table,
    plain,
)
from jingwei.terms import Result

META = Meta("项目", "日检报告", "JAWS-RJ-1", 1, "服务方", datetime(2026, 11, 20, tzinfo=UTC))


def opened(made: bytes) -> Any:
    return reader.Document(io.BytesIO(made))


def small(*blocks: Any, meta: Meta = META) -> Any:
    return opened(docx.write(Document(meta, Cover((("报告编号", "1"),)), blocks), None))


def part(made: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        return package.read(name).decode()


def words(word: Any) -> str:
    return "\n".join(node.text or "" for node in word.element.body.iter(qn("w:t")))


def test_every_heading_is_a_heading_of_its_level(bad_docx: bytes, bad_document: Document) -> None:
    found = [
        (paragraph.style.name, paragraph.text)
        for paragraph in opened(bad_docx).paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    assert found == [(f"Heading {head.level}", head.text) for head in bad_document.headings]


def test_every_table_repeats_its_header_and_splits_no_row(bad_docx: bytes) -> None:
    word = opened(bad_docx)
    with_header = 0
    for table in word.tables:
        rows = table._tbl.findall(qn("w:tr"))
        assert all(row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None for row in rows)
        header = rows[0].find(qn("w:trPr")).find(qn("w:tblHeader"))
        with_header += header is not None
    others = 4  # cover, 表头, 今日结论, signatures have no header row
    assert with_header == len(word.tables) - others


def test_columns_and_cells_have_widths_that_agree(bad_docx: bytes) -> None:
    for table in opened(bad_docx).tables:
        grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
        for row in table._tbl.findall(qn("w:tr")):
            at = 0
            for cell in row.findall(qn("w:tc")):
                properties = cell.find(qn("w:tcPr"))
                span = properties.find(qn("w:gridSpan"))
                wide = 1 if span is None else int(span.get(qn("w:val")))
                width = int(properties.find(qn("w:tcW")).get(qn("w:w")))
                assert abs(width - sum(grid[at : at + wide])) <= wide
                at += wide
            assert at == len(grid)


def test_no_table_is_wider_than_its_page(bad_docx: bytes) -> None:
    widest = max(
        sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid)
        for table in opened(bad_docx).tables
    )
    landscape = (297 - 2 * 20) * 1440 / 25.4
    assert widest <= landscape + 20


def test_the_east_asian_language_and_fonts_are_set(bad_docx: bytes) -> None:
    styles = part(bad_docx, "word/styles.xml")
    assert 'w:eastAsia="zh-CN"' in styles
    word = opened(bad_docx)
    for name, face in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Caption", "黑体")):
        fonts = word.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == face
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_pages_are_a4_and_wide_tables_lie_across(bad_docx: bytes) -> None:
    sizes = [
        (round(section.page_width.mm), round(section.page_height.mm))
        for section in opened(bad_docx).sections
    ]
    assert sizes == [(210, 297), (297, 210), (210, 297), (297, 210)]


def test_header_and_footer_say_what_the_rules_ask(bad_docx: bytes) -> None:
    first = opened(bad_docx).sections[0]
    assert first.different_first_page_header_footer
    assert "静安区区域卫生信息平台日常运维　日检报告" in first.header.paragraphs[0].text
    assert "JAWS-RJ-20261120-01　V1" in first.header.paragraphs[0].text
    footer = first.footer._element.xml
    assert "第 " in footer
    assert " PAGE " in footer
    assert " NUMPAGES " in footer


def test_only_the_first_section_has_a_cover(bad_docx: bytes) -> None:
    later = opened(bad_docx).sections[1:]
    assert not any(section.different_first_page_header_footer for section in later)


def test_the_contents_hold_page_numbers_and_links(bad_docx: bytes, bad_document: Document) -> None:
    xml = part(bad_docx, "word/document.xml")
    listed = [heading for heading in bad_document.headings if heading.level <= 2]
    assert xml.count(" PAGEREF _Toc") == len(listed)
    assert 'TOC \\o "1-2"' in xml
    entries = [p for p in opened(bad_docx).paragraphs if p.style.name.startswith("toc")]
    assert len(entries) == len(listed)
    for entry in entries:
        last = [node.text for node in entry._p.iter(qn("w:t"))][-1]
        assert last.isdigit()
    assert "updateFields" not in part(bad_docx, "word/settings.xml")


def test_every_contents_entry_points_at_a_bookmark(bad_docx: bytes) -> None:
    body = opened(bad_docx).element.body
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert links
    assert links <= marks


def test_every_field_that_begins_also_ends(bad_docx: bytes) -> None:
    kinds = [
        node.get(qn("w:fldCharType"))
        for node in opened(bad_docx).element.body.iter(qn("w:fldChar"))
    ]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") > 0


def test_without_page_numbers_word_is_asked_to_count() -> None:
    made = docx.write(Document(META, Cover(()), (Contents(), Heading(1, "一、甲"))), None)
    assert '<w:updateFields w:val="true"/>' in part(made, "word/settings.xml")


def test_a_caption_stays_with_its_table(bad_docx: bytes) -> None:
    assert opened(bad_docx).styles["Caption"].paragraph_format.keep_with_next


def test_the_same_tree_gives_the_same_bytes(bad_docx: bytes, bad_document: Document) -> None:
    assert docx.write(bad_document, pdf.heading_pages(bad_document)) == bad_docx


def test_the_properties_come_from_the_report_and_not_from_a_template(bad_docx: bytes) -> None:
    core = opened(bad_docx).core_properties
    assert core.subject == "JAWS-RJ-20261120-01"
    assert core.comments == ""
    assert core.language == "zh-CN"
    assert core.created.replace(tzinfo=UTC) == datetime(2026, 11, 20, 0, 12, 30, tzinfo=UTC)


def test_an_exception_is_coloured_and_bold() -> None:
    row = Row((Cell("✕ 异常", state=Result.ABNORMAL), Cell("● 正常", state=Result.NORMAL)))
    word = small(Table((Column("甲", 1), Column("乙", 1)), (row,)))
    bad, good = word.tables[1]._tbl.findall(qn("w:tr"))[1].iter(qn("w:rPr"))
    assert bad.find(qn("w:color")).get(qn("w:val")) == "C2201A"
    assert bad.find(qn("w:b")) is not None
    assert good.find(qn("w:b")) is None


def test_a_table_without_rows_is_its_header() -> None:
    assert len(small(Table((Column("甲", 1),), ())).tables[1].rows) == 1


def test_a_line_break_is_a_break_and_not_a_new_paragraph() -> None:
    word = small(Table((Column("甲", 1),), (Row((Cell("一\n二"),)),)))
    cell = word.tables[1]._tbl.findall(qn("w:tr"))[1].find(qn("w:tc"))
    assert len(cell.findall(qn("w:p"))) == 1
    assert len(list(cell.iter(qn("w:br")))) == 1


def test_paper_turns_only_where_a_break_asks_for_it() -> None:
    word = small(Paragraph("甲"), PageBreak(landscape=True), Paragraph("乙"), PageBreak())
    assert len(word.sections) == 2  # a break with nothing after it makes no empty page


def test_signatures_stand_side_by_side_in_one_row() -> None:
    parties = (Party("服务方（盖章）", ("检查人：",)), Party("用户方（盖章）", ("签字：",)))
    table = small(SignatureBlock(parties)).tables[1]
    assert len(table.rows) == 1
    assert len(table.columns) == 2


def test_the_last_value_of_a_short_row_takes_the_rest_of_it() -> None:
    pairs = (("甲", Cell("1")), ("乙", Cell("2")), ("丙", Cell("3")))
    rows = small(KeyValues(pairs)).tables[1]._tbl.findall(qn("w:tr"))
    spans = [span.get(qn("w:val")) for span in rows[1].iter(qn("w:gridSpan"))]
    assert spans == ["3"]


@pytest.mark.parametrize("mark", ["", "草稿"])
def test_a_draft_says_so_on_every_page(mark: str) -> None:
    meta = Meta("项目", "日检报告", "N", 1, "a", datetime(2026, 11, 20, tzinfo=UTC), mark)
    word = small(Paragraph("甲"), PageBreak(landscape=True), Paragraph("乙"), meta=meta)
    for section in word.sections:
        assert ("草稿" in section.header.paragraphs[0].text) == bool(mark)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    word = small(Paragraph(text), Note(text), Table((Column("甲", 1),), (Row((Cell(text),)),)))
    cell = word.tables[1]._tbl.findall(qn("w:tr"))[1]
    said = []
    for node in cell.iter(qn("w:t"), qn("w:br")):
        said.append("\n" if node.tag == qn("w:br") else node.text or "")
    assert "".join(said) == plain(text)


def test_xml_in_a_reading_is_text() -> None:
    word = small(Paragraph('</w:t><w:t>&amp; <b>"粗"</b>'))
    assert '</w:t><w:t>&amp; <b>"粗"</b>' in words(word)
