"""Document tree → xlsx: the first sheet says which report it is, then one sheet a table.

A workbook is for sorting and adding up, so it holds values (`xlsx.values`), a frozen header and
a filter, and no formula: whatever a device answered is text. The same tree gives the same bytes.
"""

import io
import re
import unicodedata
import zipfile
from datetime import UTC, datetime
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from jingwei.reports.charts import Chart
from jingwei.reports.document import Cell, Document, Heading, KeyValues, Row, Table, minute, plain
from jingwei.reports.package import repacked
from jingwei.reports.xlsx import names
from jingwei.reports.xlsx.values import Held, numeric, read

FIRST = "说明"
POINTS = "要点"
LONGEST = 32_767  # characters a cell holds
_CUT = "……（过长，全文见 Word 或 PDF）"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NARROWEST, _WIDEST = 8.0, 60.0
_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
_LINE = Side(style="thin", color="7B8794")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="EAF0F7")
_GROUP = PatternFill("solid", fgColor="F5F7FA")
_SIDES = {"left": "left", "center": "center", "right": "right"}


def write(document: Document) -> bytes:
    """The workbook of every table and every grid of values of a document."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = FIRST
    taken = {FIRST.casefold()}
    _first(first, document)
    _points(book, document, taken)
    for block in document.blocks:
        if isinstance(block, Table):
            _table(book.create_sheet(names.unique(_name(block.caption), taken)), block)
        elif isinstance(block, Chart):
            _chart(book.create_sheet(names.unique(block.title, taken, "图")), block)
    _properties(book, document)
    stream = io.BytesIO()
    book.save(stream)
    return steady(stream.getvalue(), document.meta.created)


def _name(caption: str) -> str:
    """表 3　故障清单 → 3 故障清单: the number finds it in the report."""
    return re.sub(r"^表\s*(?=\d)", "", caption)


def _first(sheet: Worksheet, document: Document) -> None:
    """Which report this is, and how to read the sheets."""
    meta = document.meta
    facts = [
        *document.cover.facts,
        ("版本", f"V{meta.version}{f'（{meta.mark}）' if meta.mark else ''}"),
        ("数据快照 SHA-256", meta.sha256 or "—"),
        ("生成时间", minute(meta.created)),
        ("说明", "每张表一页；时间均为北京时间，时长可直接相加；没有公式，以“=”开头的是原文。"),
    ]
    if document.cover.notice:
        facts.append(("注意", document.cover.notice))
    for number, (label, value) in enumerate(facts, start=1):
        _put(sheet.cell(number, 1), Held(label), fill=_HEAD, bold=True)
        _put(sheet.cell(number, 2), read(value, number=False), align="left")
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 80
    sheet.freeze_panes = "B1"
    _paper(sheet)


def _points(book: Workbook, document: Document, taken: set[str]) -> None:
    """Labels and values that stand in no table, under the heading they stand under."""
    rows: list[tuple[str, str, str]] = []
    section = ""
    for block in document.blocks:
        if isinstance(block, Heading):
            section = block.text
        elif isinstance(block, KeyValues):
            rows += [(section, label, cell.text) for label, cell in block.pairs]
    if not rows:
        return
    sheet = book.create_sheet(names.unique(POINTS, taken))
    _header(sheet, ("所在章节", "项目", "内容"), (32, 20, 60))
    for place, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            _put(sheet.cell(place, column), read(text, number=column == 3), align="left")
    _finish(sheet, 3, len(rows) + 1)


def _table(sheet: Worksheet, block: Table) -> None:
    titles = tuple(_flat(column.title) for column in block.columns)
    columns = _columns(block)
    counts = [
        numeric(title, texts) or block.columns[index].align == "right"
        for index, (title, texts) in enumerate(zip(titles, columns, strict=True))
    ]
    widths = tuple(_width([title, *texts]) for title, texts in zip(titles, columns, strict=True))
    _header(sheet, titles, widths)
    for place, row in enumerate(block.rows, start=2):
        index = 0
        for cell in row.cells:
            align = cell.align or block.columns[index].align
            counted = counts[index] or align == "right"
            _put(
                sheet.cell(place, index + 1), read(cell.text, number=counted), align=align,
                fill=_GROUP if row.head else None, bold=cell.strong or row.head,
            )  # fmt: skip
            for spare in range(index + 1, index + cell.span):
                _put(sheet.cell(place, spare + 1), Held(""), fill=_GROUP if row.head else None)
            index += cell.span
    _finish(sheet, len(titles), len(block.rows) + 1)


def _chart(sheet: Worksheet, block: Chart) -> None:
    """The numbers of a chart: a row a label; what nobody knows is a dash."""
    titles, rows = block.table
    _header(sheet, titles, tuple(_width([*column]) for column in zip(titles, *rows, strict=True)))
    for place, row in enumerate(rows, start=2):
        _put(sheet.cell(place, 1), Held(row[0]))
        for column, text in enumerate(row[1:], start=2):
            _put(sheet.cell(place, column), read(text, number=True), align="right")
    _finish(sheet, len(titles), len(rows) + 1)


def _columns(block: Table) -> list[list[str]]:
    """The texts of each column; what spans several belongs to none."""
    made: list[list[str]] = [[] for _ in block.columns]
    for row in block.rows:
        for index, cell in _placed(row):
            if cell.span == 1:
                made[index].append(cell.text)
    return made


def _placed(row: Row) -> list[tuple[int, Cell]]:
    placed, index = [], 0
    for cell in row.cells:
        placed.append((index, cell))
        index += cell.span
    return placed


def _header(sheet: Worksheet, titles: tuple[str, ...], widths: tuple[float, ...]) -> None:
    for index, (title, width) in enumerate(zip(titles, widths, strict=True), start=1):
        _put(sheet.cell(1, index), Held(title), fill=_HEAD, bold=True, align="center")
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"


def _finish(sheet: Worksheet, columns: int, rows: int) -> None:
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows}"
    sheet.print_title_rows = "1:1"
    _paper(sheet)


def _paper(sheet: Worksheet) -> None:
    """A4, as wide as the page; long tables run over pages with their header."""
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    properties = sheet.sheet_properties.pageSetUpPr
    if properties is not None:
        properties.fitToPage = True


def _put(
    place: SheetCell | MergedCell, held: Held, *, align: str = "left",
    fill: PatternFill | None = None, bold: bool = False,
) -> None:  # fmt: skip
    """One cell. Text is text whatever it begins with, also after somebody edits it (' before)."""
    cell = cast("SheetCell", place)  # no cell is merged: rows stay rows, to be filtered
    value = held.value
    if isinstance(value, str):
        value = _fitting(plain(value))
        cell.value = value
        cell.data_type = "s" if value else "n"
        if value.startswith(_FORMULA):
            cell.quotePrefix = True
    else:
        cell.value = value
        cell.number_format = held.format
    cell.font = Font(name="宋体", size=10.5, bold=bold)
    cell.border = _BORDER
    cell.alignment = Alignment(horizontal=_SIDES[align], vertical="center", wrap_text=True)
    if fill is not None:
        cell.fill = fill


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(_CUT)] + _CUT


def _flat(title: str) -> str:
    return " ".join(title.split())


def _width(texts: list[str]) -> float:
    """In characters: a Chinese one is two wide; long texts wrap."""
    widest = max(
        (sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in line)
         for text in texts for line in text[:200].split("\n")),
        default=0,
    )  # fmt: skip
    return min(max(widest * 1.1 + 3, _NARROWEST), _WIDEST)


def _properties(book: Workbook, document: Document) -> None:
    meta, properties = document.meta, book.properties
    properties.title = plain(f"{meta.project} {meta.title} {meta.number}")
    properties.creator = properties.lastModifiedBy = plain(meta.author)
    properties.subject = plain(meta.number)
    properties.created = meta.created.astimezone(UTC).replace(tzinfo=None)


def steady(made: bytes, created: datetime) -> bytes:
    """A saved workbook without the moment it was saved: that of the report stands there."""
    moment = f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        core = _MODIFIED.sub(rb"\g<1>" + moment + rb"\g<2>", package.read(_CORE))
    return repacked(made, {_CORE: core})
