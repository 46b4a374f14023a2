"""A table's columns, and finding out from a header row which table a file holds."""

import difflib
import unicodedata
from dataclasses import dataclass, field

from jingwei.assets.tables.cells import Kind, Text, Value, text_of
from jingwei.assets.tables.problems import CellError, RowError, UnreadableError
from jingwei.assets.tables.reading import Cell, Grid

READ_ONLY = "（只读）"
_HEADER_SEARCH = 10  # people put a title above the header


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` in a record, `header` in a file. `needed` cells may not be blank.

    `aliases` are other headers it is known by. A `read_only` column is written for people to read
    and ignored when it comes back. One `beside` another is judged whenever that one changes.
    """

    name: str
    header: str
    cells: Kind = field(default_factory=Text)
    needed: bool = False
    aliases: tuple[str, ...] = ()
    read_only: bool = False
    beside: str = ""

    @property
    def title(self) -> str:
        """The header as written to a file."""
        return f"{self.header}{READ_ONLY}" if self.read_only else self.header


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of table: `key` names the columns that tell its rows apart.

    `ignored` are known headers of other people's files whose content is derived here.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ignored: frozenset[str] = frozenset()

    def column(self, name: str) -> Column:
        """The column of a record's field. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def find(self, header: str) -> Column | None:
        """The column a header names, None when there is none."""
        wanted = folded(header)
        for column in self.columns:
            if wanted in {folded(name) for name in (column.title, column.header, *column.aliases)}:
                return column
        return None

    def key_of(self, values: dict[str, Value]) -> str:
        """What a record is known by, also in the audit chain."""
        return " ".join(str(values.get(name) or "") for name in self.key).strip()

    @property
    def key_headers(self) -> str:
        """The key columns' headers, for messages."""
        return "、".join(self.column(name).header for name in self.key)


@dataclass(frozen=True, slots=True)
class Header:
    """A header row found in a grid: `at` is its index there, `columns` by position."""

    at: int
    row: int
    columns: dict[int, Column]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file, read: only the columns the file has."""

    row: int
    values: dict[str, Value]


def folded(header: str) -> str:
    """A header without what people vary: width, blanks, letter case."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()


def recognise(grid: Grid, tables: tuple[Table, ...]) -> tuple[Table, int]:
    """The table whose key columns and most other columns a header row holds, and its index.

    Raises UnreadableError saying what a header must hold.
    """
    best: tuple[int, int, Table] | None = None
    for index, (_, cells) in enumerate(grid.rows[:_HEADER_SEARCH]):
        headers = [_header_text(cell) for cell in cells]
        for table in tables:
            found = {column.name for h in headers if h and (column := table.find(h))}
            if found.issuperset(table.key):
                score = len(found)
                if best is None or score > best[0]:
                    best = (score, index, table)
        if best is not None:
            break
    if best is None:
        wanted = "；".join(f"{table.label}须有“{table.key_headers}”列" for table in tables)
        raise UnreadableError(f"认不出表头：{wanted}")
    return best[2], best[1]


def header(grid: Grid, table: Table, at: int, errors: list[RowError]) -> Header:
    """The columns of a header row; unknown and repeated ones are added to `errors`."""
    row, cells = grid.rows[at]
    columns: dict[int, Column] = {}
    ignored: list[str] = []
    for position, cell in enumerate(cells):
        text = _header_text(cell)
        if not text:
            continue
        column = table.find(text)
        if (column is None and (text.endswith((READ_ONLY, "(只读)")) or text in table.ignored)) or (
            column is not None and column.read_only
        ):
            ignored.append(text)
        elif column is None:
            errors.append(RowError(row, text, _unknown(text, table)))
        elif column in columns.values():
            errors.append(RowError(row, text, "该列出现了两次，请只保留一列"))
        else:
            columns[position] = column
    return Header(at, row, columns, tuple(ignored))


def records(grid: Grid, head: Header, table: Table, errors: list[RowError]) -> list[Record]:
    """The rows under a header, read; bad cells are added to `errors`, with all their row's."""
    seen: dict[str, int] = {}
    read: list[Record] = []
    for row, cells in grid.rows[head.at + 1 :]:
        values: dict[str, Value] = {}
        before = len(errors)
        for position, column in head.columns.items():
            cell: Cell = cells[position] if position < len(cells) else None
            try:
                values[column.name] = column.cells.read(cell)
            except CellError as error:
                errors.append(RowError(row, column.header, str(error)))
                continue
            if column.needed and blank(values[column.name]):
                errors.append(RowError(row, column.header, "不能为空"))
        for position in range(len(cells)):
            if position not in head.columns and _stray(cells[position], position, grid, head):
                errors.append(RowError(row, f"第 {position + 1} 列", "该列没有表头，请补上或删除"))
        key = table.key_of(values)
        if len(errors) == before and key in seen:
            errors.append(
                RowError(row, table.key_headers, f"与第 {seen[key]} 行重复：{key}，请只保留一行")
            )
        seen.setdefault(key, row)
        if len(errors) == before:
            read.append(Record(row, values))
    return read


def blank(value: Value) -> bool:
    """Whether a cell says nothing; blanks alone are nothing, also where wording is verbatim."""
    return value is None or (isinstance(value, str) and not value.strip())


def _stray(cell: Cell, position: int, grid: Grid, head: Header) -> bool:
    heads = grid.rows[head.at][1]
    titled = position < len(heads) and bool(_header_text(heads[position]))
    return not titled and cell is not None and bool(str(cell).strip())


def _header_text(cell: Cell) -> str:
    try:
        return text_of(cell)
    except CellError:
        return ""


def _unknown(text: str, table: Table) -> str:
    known = {folded(column.header): column.header for column in table.columns}
    close = difflib.get_close_matches(folded(text), list(known), n=1, cutoff=0.5)
    hint = f"，是不是“{known[close[0]]}”？" if close else f"；{table.label}的列见导出文件"
    return f"不认识的列{hint}"
