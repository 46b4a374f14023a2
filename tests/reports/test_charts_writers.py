"""A chart in each file: sharp and embedded in the PDF, Word's own in Word, SVG on the page."""

import io
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import openpyxl
from chart_making import chart, ratio
from pypdf import PdfReader

from jingwei.reports import docx, pdf, xlsx
from jingwei.reports.charts import Chart, Series
from jingwei.reports.charts.svg import svg
from jingwei.reports.daily.build import numbered
from jingwei.reports.document import Cover, Document, Heading, Meta
from jingwei.reports.preview import preview

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def document(*charts: Chart) -> Document:
    """A report of charts."""
    made = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    meta = Meta("静安", "月报", "JAWS-YB-202611-01", 1, "王磊", made)
    return Document(meta, Cover((("报告期", "2026-11"),)), (Heading(1, "一、图"), *charts))


def parts(made: bytes, folder: str) -> dict[str, bytes]:
    """The parts of a package under a folder."""
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        return {name: package.read(name) for name in package.namelist() if folder in name}


def test_the_pdf_holds_the_words_as_text_in_embedded_fonts() -> None:
    reader = PdfReader(io.BytesIO(pdf.write(document(chart(), ratio()))))
    text = "".join(page.extract_text() for page in reader.pages)
    for said in ("图 1", "单位：件", "99.850", "99.9 % 下限", "未采集。"):
        assert said in text
    assert "/XObject" not in reader.pages[-1]["/Resources"]


def test_a_chart_in_word_is_words_own_and_leaves_out_what_nobody_knows() -> None:
    found = parts(docx.write(document(chart(), ratio())), "word/charts/jingwei")
    assert len(found) == 2
    first, second = (ET.fromstring(data) for _, data in sorted(found.items()))
    series = first.findall(f".//{C}ser")
    points = [[p.get("idx") for p in s.findall(f"{C}val//{C}pt")] for s in series]
    assert points == [["0", "1", "2"], ["0", "2"]]
    assert first.find(f".//{C}dispBlanksAs").get("val") == "gap"  # type: ignore[union-attr]
    names = [s.findtext(f"{C}tx//{C}v") for s in second.findall(f".//{C}ser")]
    assert names == ["可用率", "99.9 % 下限"]
    assert second.find(f".//{C}valAx//{C}min").get("val") == "99.8"  # type: ignore[union-attr]


def test_the_numbers_behind_a_chart_in_word_are_a_workbook_without_formulas() -> None:
    (book,) = parts(docx.write(document(chart(labels=("=1", "b", "c")))), "embeddings").values()
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [[None, "重", "轻"], ["=1", 1, 4], ["b", 2, None], ["c", 3, 0]]
    assert sheet["A2"].data_type == "s"


def test_a_word_file_with_charts_is_the_same_each_time() -> None:
    made = document(chart(), ratio(), chart("stacked"))
    assert docx.write(made) == docx.write(made)
    assert pdf.write(made) == pdf.write(made)


def test_words_in_a_chart_are_never_markup() -> None:
    evil = '<script>alert(1)</script>"&\x00'
    made = chart(title=evil, labels=(evil, "b", "c"), series=(Series(evil, (1, 2, 3)),))
    drawn = svg(made)
    assert "<script" not in drawn
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert docx.write(document(made)).startswith(b"PK")
    assert pdf.write(document(made)).startswith(b"%PDF")


def test_the_page_shows_a_picture_without_styles_and_its_numbers_to_read() -> None:
    (_, shown) = preview(document(ratio()), lambda ref: "")
    assert (shown.kind, shown.text, shown.note) == ("chart", "图 2　月可用率", "12月：未采集。")
    assert "style=" not in shown.svg
    assert shown.columns == ("", "可用率（%）")
    assert shown.data == (("11月", "100.000"), ("12月", "—"), ("1月", "99.850"))


def test_the_workbook_has_the_numbers_of_a_chart() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx.write(document(chart()))))
    rows = [[cell.value for cell in row] for row in book["图 1 件数"].iter_rows(min_row=2)]
    assert rows == [["11月", 1, 4], ["12月", 2, "—"], ["1月", 3, 0]]


def test_charts_are_numbered_apart_from_tables() -> None:
    made = numbered([chart(title="甲"), chart(title="乙")])
    assert [each.title for each in made if isinstance(each, Chart)] == ["图 1　甲", "图 2　乙"]
