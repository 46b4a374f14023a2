"""The document tree for a page: the third writer, which only adds links to numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from jingwei.reports.charts import Chart
from jingwei.reports.charts.svg import svg
from jingwei.reports.document import (
    BY_HAND,
    Behind,
    Block,
    Cell,
    Contents,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    RowsRef,
    SignatureBlock,
    Table,
)

Link = Callable[[RowsRef | Behind], str]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of a page; `url` opens the rows behind its number."""

    text: str
    state: str
    align: str
    strong: bool
    span: int
    url: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a page."""

    cells: tuple[ShownCell, ...]
    head: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One block of a page. `kind` chooses the template's branch; only its own fields are set.

    `open`: a person still has to write in it.
    """

    kind: str
    text: str = ""
    level: int = 0
    anchor: str = ""
    strong: bool = False
    open: bool = False
    small: bool = False
    columns: tuple[str, ...] = ()
    rows: tuple[ShownRow, ...] = ()
    lines: tuple[tuple[tuple[str, ShownCell], ...], ...] = ()
    parties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    svg: str = ""
    note: str = ""
    data: tuple[tuple[str, ...], ...] = ()


def preview(document: Document, link: Link, *, until: str = "") -> list[Shown]:
    """The blocks of a page in order, up to the heading that begins with `until`.

    Contents and page breaks are for paper and left out. `link` turns a reference to rows into
    an address.
    """
    shown: list[Shown] = []
    number = 0
    for block in document.blocks:
        if isinstance(block, Heading):
            if until and block.text.startswith(until):
                break
            number += 1
            shown.append(Shown("heading", block.text, block.level, anchor=f"s{number}"))
        elif not isinstance(block, Contents | PageBreak):
            shown.append(_shown(block, link))
    return shown


def _shown(block: Block, link: Link) -> Shown:
    match block:
        case Paragraph(text=text, strong=strong):
            return Shown("paragraph", text, strong=strong, open=BY_HAND in text)
        case Note(text=text):
            return Shown("note", text)
        case Table():
            return _table(block, link)
        case Chart():
            titles, rows = block.table
            return Shown(
                "chart", block.title, svg=svg(block), note=block.note, columns=titles, data=rows
            )
        case KeyValues():
            return Shown("key_values", lines=_pairs(block, link))
        case SignatureBlock(parties=parties):
            return Shown("signatures", parties=tuple((one.title, one.lines) for one in parties))
    raise TypeError(f"no preview for {type(block).__name__}")


def _pairs(block: KeyValues, link: Link) -> tuple[tuple[tuple[str, ShownCell], ...], ...]:
    lines = []
    for line in block.lines:
        made = [(label, _cell(cell, "left", link)) for label, cell in line]
        label, last = made[-1]
        missing = block.pairs_per_row - len(line)
        made[-1] = (label, replace(last, span=1 + 2 * missing))
        lines.append(tuple(made))
    return tuple(lines)


def _table(block: Table, link: Link) -> Shown:
    rows = []
    for row in block.rows:
        cells = []
        index = 0
        for cell in row.cells:
            cells.append(_cell(cell, block.columns[index].align, link))
            index += cell.span
        rows.append(ShownRow(tuple(cells), row.head))
    titles = tuple(column.title for column in block.columns)
    small = block.size != "normal"
    return Shown("table", block.caption, small=small, columns=titles, rows=tuple(rows))


def _cell(cell: Cell, align: str, link: Link) -> ShownCell:
    return ShownCell(
        text=cell.text,
        state=cell.state.value.replace("_", "-") if cell.state else "",
        align=cell.align or align,
        strong=cell.strong,
        span=cell.span,
        url=link(cell.rows) if cell.rows else "",
    )
