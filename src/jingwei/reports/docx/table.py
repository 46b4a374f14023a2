"""Tables in Word: fixed widths on columns and cells, repeated header rows, rows never split."""

from itertools import zip_longest

from docx.oxml import OxmlElement

from jingwei.reports.document import Cell, Column, KeyValues, Party, Row, Table, plain
from jingwei.reports.docx.xml import Element, element, run_properties, text_runs, twips
from jingwei.terms import Result

RULE = "7B8794"
SHADE = "EAF0F7"
GROUP = "F5F7FA"
INK = "1F2937"
MUTED = "5B6472"
COLOURS = {
    Result.NORMAL: "15803D",
    Result.ATTENTION: "9A5B00",
    Result.ABNORMAL: "C2201A",
    Result.UNCHECKED: MUTED,
    Result.NOT_APPLICABLE: MUTED,
}
SIZES = {"normal": 10.5, "small": 9.0, "tiny": 8.0}
LABEL_MM = 26.0
MM_PER_PT = 25.4 / 72
PITCH = 1.3  # lines inside tables; body text has 1.5 lines (reports.md section 0)


def table(block: Table, width_mm: float) -> Element:
    """One table, as wide as the text area."""
    total = sum(column.width for column in block.columns)
    widths = [column.width / total * width_mm for column in block.columns]
    size = SIZES[block.size]
    made = _frame(widths, pad=_pad(size))
    made.append(_header(block.columns, widths, size))
    for row, after in zip_longest(block.rows, block.rows[1:]):
        keep = row.head and after is not None and not after.head
        made.append(_row(row, block.columns, widths, size, keep=keep))
    return made


def key_values(block: KeyValues, width_mm: float) -> Element:
    """A grid of shaded labels and values."""
    per_row = block.pairs_per_row
    value_mm = (width_mm - LABEL_MM * per_row) / per_row
    made = _frame([LABEL_MM, value_mm] * per_row, pad=1.3)
    for line in block.lines:
        row = _row_element()
        for index, (label, cell) in enumerate(line):
            missing = per_row - len(line) if index == len(line) - 1 else 0
            row.append(_cell(Cell(label, align="center"), LABEL_MM, 10.5, fill=SHADE, sans=True))
            wide = value_mm + missing * (LABEL_MM + value_mm)
            row.append(_cell(cell, wide, 10.5, span=1 + 2 * missing))
        made.append(row)
    return made


def signatures(parties: tuple[Party, ...], width_mm: float) -> Element:
    """The parties side by side; one row that is never split."""
    widths = [width_mm / len(parties)] * len(parties)
    made = _frame(widths, pad=3.0)
    row = _row_element()
    for party, width in zip(parties, widths, strict=True):
        cell = _bare_cell(width, 1, "")
        cell.append(_paragraph(party.title, run_properties(size=12, sans=True), size=12, after=160))
        for line in party.lines:
            cell.append(_paragraph(line, run_properties(size=12), size=12, after=360))
        row.append(cell)
    made.append(row)
    return made


def cover_facts(facts: tuple[tuple[str, str], ...], width_mm: float) -> Element:
    """The lines of the cover: a label, and a value on a rule."""
    label_mm = 32.0
    made = _frame([label_mm, width_mm - label_mm], borders=False, centred=True, pad=1.4)
    for label, value in facts:
        row = _row_element()
        row.append(_cell(Cell(label), label_mm, 12, sans=True))
        held = _cell(Cell(value), width_mm - label_mm, 12)
        rule = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": RULE}
        held.tcPr.insert(1, element("w:tcBorders", None, element("w:bottom", rule)))
        row.append(held)
        made.append(row)
    return made


def _pad(size: float) -> float:
    """Room over and under a cell's text in mm, so that a row is as high as it is in the PDF."""
    inset = 3.0 if size < 10 else 4.0
    return (inset - size * (PITCH - 1) / 2) * MM_PER_PT


def _frame(
    widths: list[float], *, pad: float, borders: bool = True, centred: bool = False
) -> Element:
    properties = OxmlElement("w:tblPr")
    properties.append(element("w:tblW", {"w:w": twips(sum(widths)), "w:type": "dxa"}))
    if centred:
        properties.append(element("w:jc", {"w:val": "center"}))
    if borders:
        line = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": RULE}
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        made = [element(f"w:{side}", line) for side in sides]
        properties.append(element("w:tblBorders", None, *made))
    properties.append(element("w:tblLayout", {"w:type": "fixed"}))
    margins = [
        element(f"w:{side}", {"w:w": twips(mm), "w:type": "dxa"})
        for side, mm in (
            ("top", pad),
            ("left", max(pad, 1.4)),
            ("bottom", pad),
            ("right", max(pad, 1.4)),
        )
    ]
    properties.append(element("w:tblCellMar", None, *margins))
    columns = [element("w:gridCol", {"w:w": twips(width)}) for width in widths]
    return element("w:tbl", None, properties, element("w:tblGrid", None, *columns))


def _row_element(*, header: bool = False) -> Element:
    flags = [OxmlElement("w:cantSplit")] + ([OxmlElement("w:tblHeader")] if header else [])
    return element("w:tr", None, element("w:trPr", None, *flags))


def _header(columns: tuple[Column, ...], widths: list[float], size: float) -> Element:
    row = _row_element(header=True)
    for column, width in zip(columns, widths, strict=True):
        cell = Cell(column.title, align="center")
        row.append(_cell(cell, width, size, fill=SHADE, sans=True, keep=True))
    return row


def _row(
    row: Row, columns: tuple[Column, ...], widths: list[float], size: float, *, keep: bool
) -> Element:
    made = _row_element()
    index = 0
    for cell in row.cells:
        width = sum(widths[index : index + cell.span])
        fill = GROUP if row.head else ""
        aligned = columns[index].align if cell.align is None else cell.align
        made.append(_cell(cell, width, size, fill=fill, keep=keep, align=aligned, span=cell.span))
        index += cell.span
    return made


def _cell(
    cell: Cell, width: float, size: float, *, fill: str = "", sans: bool = False,
    keep: bool = False, align: str | None = None, span: int = 1,
) -> Element:  # fmt: skip
    heavy = cell.strong or cell.state in (Result.ABNORMAL, Result.ATTENTION)
    colour = COLOURS[cell.state] if cell.state is not None else ""
    properties = run_properties(size=size, sans=sans or heavy, bold=heavy, colour=colour)
    made = _bare_cell(width, span, fill)
    aligned = cell.align or align or "left"
    made.append(_paragraph(cell.text, properties, size=size, align=aligned, keep=keep))
    return made


def _bare_cell(width: float, span: int, fill: str) -> Element:
    properties = element("w:tcPr", None, element("w:tcW", {"w:w": twips(width), "w:type": "dxa"}))
    if span > 1:
        properties.append(element("w:gridSpan", {"w:val": str(span)}))
    if fill:
        shade = {"w:val": "clear", "w:color": "auto", "w:fill": fill}
        properties.append(element("w:shd", shade))
    properties.append(element("w:vAlign", {"w:val": "center"}))
    return element("w:tc", None, properties)


def _paragraph(
    text: str,
    properties: Element,
    *,
    size: float,
    align: str = "left",
    keep: bool = False,
    after: int = 0,
) -> Element:
    layout = OxmlElement("w:pPr")
    if keep:
        layout.append(OxmlElement("w:keepNext"))
    # An exact pitch (固定值), as in the PDF: pages then break alike with every reader's fonts.
    pitch = str(round(size * PITCH * 20))
    spacing = {"w:before": "0", "w:after": str(after), "w:line": pitch, "w:lineRule": "exact"}
    layout.append(element("w:spacing", spacing))
    layout.append(element("w:jc", {"w:val": align}))
    return element("w:p", None, layout, *text_runs(plain(text), properties))
