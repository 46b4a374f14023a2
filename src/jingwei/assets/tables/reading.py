"""From the bytes of a file to a grid of cells. The content decides what it is, not the suffix."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime

from jingwei.assets.tables import workbook
from jingwei.assets.tables.problems import UnreadableError

Cell = str | int | float | bool | date | datetime | None

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a file that hold anything: each with its number as the file counts rows.

    `format` is "xlsx" or "csv", `encoding` what a CSV turned out to be written in.
    """

    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    format: str
    encoding: str


def read(data: bytes) -> Grid:
    """Reads an XLSX or CSV file. Raises UnreadableError with one plain sentence."""
    if not data.strip():
        raise UnreadableError("文件是空的")
    if len(data) > MOST_BYTES:
        raise UnreadableError(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请拆分后再导入")
    if data.startswith(_OLD_EXCEL):
        raise UnreadableError(
            "这是旧版 .xls 或加了密码的 Excel 文件，请去掉密码并另存为 .xlsx 或 .csv"
        )
    if data.startswith(b"PK"):
        rows, encoding, kind = workbook.read(data, MOST_ROWS), "", "xlsx"
    else:
        text, encoding = decode(data)
        rows, kind = _records(text), "csv"
    filled = tuple((number, cells) for number, cells in rows if any(_filled(c) for c in cells))
    if not filled:
        raise UnreadableError("文件里没有任何内容")
    if len(filled) > MOST_ROWS:
        raise UnreadableError(f"超过 {MOST_ROWS} 行，请拆分后再导入")
    if max(len(cells) for _, cells in filled) > MOST_COLUMNS:
        filled = tuple((number, _trimmed(cells)) for number, cells in filled)
    return Grid(filled, kind, encoding)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a CSV and its encoding: UTF-8 with or without BOM, UTF-16 with, GB18030."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16"), "utf-16"
    if b"\x00" in data:
        raise UnreadableError("这不是表格文件：只认 .xlsx 和 .csv")
    if data.startswith(b"\xef\xbb\xbf"):
        return _decoded(data, "utf-8-sig"), "utf-8-sig"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decoded(data, "gb18030"), "gb18030"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"看不懂文件的编码（第 {error.start + 1} 字节处）：请另存为 UTF-8 或 GB18030 的 CSV，"
            "或直接用 .xlsx"
        ) from error


def _records(text: str) -> list[tuple[int, tuple[Cell, ...]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    try:
        for number, record in enumerate(reader, start=1):
            rows.append((number, tuple(record)))
    except csv.Error as error:
        why = _REASONS.get(str(error), str(error))
        raise UnreadableError(
            f"CSV 第 {reader.line_num} 行附近的引号或分隔符不成对：{why}"
        ) from error
    return rows


_REASONS = {"unexpected end of data": "引号一直没有收尾"}


def _filled(cell: Cell) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def _trimmed(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Formatting can stretch a row over 16,384 columns; what holds something is near the left."""
    last = max((i for i, cell in enumerate(cells) if _filled(cell)), default=-1)
    if last >= MOST_COLUMNS:
        raise UnreadableError(f"超过 {MOST_COLUMNS} 列，这不像是台账文件")
    return cells[: last + 1]
