"""The document tree: what a report says, before anybody decides what it looks like.

One tree, four writers: `reports.docx` (to edit and sign), `reports.pdf` (final), `reports.xlsx`
(its tables as values) and the page preview. A block holds words and numbers only; fonts, page
numbers and links belong to writers. Layout rules are reports.md section 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from jingwei.reports.charts.chart import Chart
from jingwei.terms import SHANGHAI, Result

Align = Literal["left", "center", "right"]

# What XML 1.0 cannot hold (a docx is XML) and no font can draw: C0/C1 controls, lone surrogates,
# noncharacters. A device may well answer with one of them.
_KEPT_CONTROLS = "\t\n"
_NUMERALS = "零一二三四五六七八九"

# Where facts end and a person has to write: every writer draws these words red.
BY_HAND = "（待服务方填写）"


def plain(text: str) -> str:
    """`text` with every character a document cannot hold replaced by "?"; line ends become \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if _holds(char) else "?" for char in text)


def _holds(char: str) -> bool:
    code = ord(char)
    if code < 0x20:
        return char in _KEPT_CONTROLS
    if 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:
        return False
    return (code & 0xFFFE) != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF


def chinese_number(number: int) -> str:
    """1 → 一, 13 → 十三, 20 → 二十. For headings; raises ValueError outside 1..99."""
    if not 1 <= number <= 99:
        raise ValueError(f"标题序号应在 1 到 99 之间，得到 {number}")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _NUMERALS[tens] + "十")
    return head + (_NUMERALS[ones] if ones else "")


def ordinal(level: int, number: int) -> str:
    """The heading mark of one level: 一、 （一） 1. （1） (reports.md section 0)."""
    if level == 1:
        return f"{chinese_number(number)}、"
    if level == 2:
        return f"（{chinese_number(number)}）"
    return f"{number}." if level == 3 else f"（{number}）"


def minute(moment: datetime | None, missing: str = "—") -> str:
    """An instant in Beijing time, YYYY-MM-DD HH:MM (reports.md section 0)."""
    return missing if moment is None else f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def percent(part: int, whole: int) -> str:
    """A share with two decimals; of nothing there is no share, so "—" and never 0."""
    return "—" if whole == 0 else f"{part / whole * 100:.2f} %"


@dataclass(frozen=True, slots=True)
class RowsRef:
    """Which rows of the snapshot a number counts; an empty field means any."""

    section: str = ""
    item: str = ""
    result: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """Which rows of a report's appendix a number counts: a set, and what their fields say.

    A page links the number to the rows; on paper `appendix` stands under its table.
    """

    rows: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    appendix: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `state` colours it (sign and word are in the text); `rows` is what it counts."""

    text: str
    state: Result | None = None
    align: Align | None = None
    strong: bool = False
    span: int = 1
    rows: RowsRef | Behind | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title and its share of the table's width."""

    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `head` marks a row that opens a group; it stays with the row after it."""

    cells: tuple[Cell, ...]
    head: bool = False


def _behind(cells: Iterable[Cell]) -> str:
    named = [cell.rows.appendix for cell in cells if isinstance(cell.rows, Behind)]
    found = sorted({name for name in named if name})
    return f"数字的明细见{'、'.join(found)}。" if found else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; its header row repeats on every page it runs over.

    `size`: 五号 for ordinary tables, smaller for wide ones and for grids.
    """

    kind: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    size: Literal["normal", "small", "tiny"] = "normal"

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            width = sum(cell.span for cell in row.cells)
            if width != len(self.columns):
                raise ValueError(
                    f"表“{self.caption}”第 {number} 行有 {width} 格，应为 {len(self.columns)} 格"
                )

    @property
    def behind(self) -> str:
        """On paper: where the rows behind its numbers stand."""
        return _behind(cell for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class KeyValues:
    """A grid of label and value, `pairs_per_row` pairs side by side."""

    kind: ClassVar[str] = "key_values"
    pairs: tuple[tuple[str, Cell], ...]
    pairs_per_row: int = 2

    @property
    def lines(self) -> tuple[tuple[tuple[str, Cell], ...], ...]:
        """The pairs by row; the last value of a short row spans what is left over."""
        step = self.pairs_per_row
        return tuple(self.pairs[i : i + step] for i in range(0, len(self.pairs), step))

    @property
    def behind(self) -> str:
        """On paper: where the rows behind its numbers stand."""
        return _behind(cell for _, cell in self.pairs)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `text` already carries its mark."""

    kind: ClassVar[str] = "heading"
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of body text, first line indented by two characters."""

    kind: ClassVar[str] = "paragraph"
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A small remark under a table: 口径, 图例, 注."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents, with page numbers."""

    kind: ClassVar[str] = "contents"
    title: str = "目录"


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page; wide tables ask for `landscape`."""

    kind: ClassVar[str] = "page_break"
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the signature page and the lines it fills in by hand."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Where the two sides sign and stamp; it is never split over pages."""

    kind: ClassVar[str] = "signatures"
    parties: tuple[Party, ...]


Block = (
    Table | KeyValues | Heading | Paragraph | Note | Chart | Contents | PageBreak | SignatureBlock
)


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page. `facts` are the lines under the title; `notice` is printed in a frame."""

    facts: tuple[tuple[str, str], ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    """What identifies a document: also its page header and the properties of its file.

    `sha256` is that of the snapshot it was drawn from; "" for a tree without one.
    """

    project: str
    title: str
    number: str
    version: int
    author: str
    created: datetime
    mark: str = ""
    sha256: str = ""

    @property
    def header_left(self) -> str:
        """Page header, left: project and report (reports.md section 0)."""
        return f"{self.project}　{self.title}"

    @property
    def header_right(self) -> str:
        """Page header, right: number, version, and 草稿 while it is one."""
        mark = f"　{self.mark}" if self.mark else ""
        return f"{self.number}　V{self.version}{mark}"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    meta: Meta
    cover: Cover
    blocks: tuple[Block, ...] = field(default=())

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings in order: what the contents list."""
        return tuple(block for block in self.blocks if isinstance(block, Heading))


def state_cell(result: Result, align: Align | None = None) -> Cell:
    """A verdict as sign and word, coloured."""
    return Cell(f"{result.sign} {result.label}", state=result, align=align)
