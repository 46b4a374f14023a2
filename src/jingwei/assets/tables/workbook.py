"""The first sheet of an XLSX file, with the dangers of a ZIP file kept out."""

import io
import re
import zipfile
import zlib
from datetime import date, datetime
from xml.etree import ElementTree

from jingwei.assets.tables.problems import UnreadableError

_MOST_UNPACKED = 80 * 1024 * 1024
_MOST_PARTS = 2_000
_SCANNED_ROWS = 200_000  # formatting may stretch a sheet; content ends long before
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_BROKEN = "Excel 文件已损坏或不是真正的 .xlsx，请用 Excel 打开后另存一份再试"

_Cell = str | int | float | bool | date | datetime | None
_Row = tuple[int, tuple[_Cell, ...]]


def read(data: bytes, most_rows: int) -> list[_Row]:
    """The rows of the first visible sheet that holds anything; vertically merged cells are filled.

    Raises UnreadableError for a broken file, a ZIP bomb or more than `most_rows` filled rows.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - 6 MB that no worker needs

    _refuse_bombs(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()  # some writers state a wrong one
                rows = _rows(sheet.iter_rows(values_only=True), most_rows)
                if rows:
                    path = getattr(sheet, "_worksheet_path", "")
                    return _fill_merged(rows, _merged(data, path))
        finally:
            book.close()
    except UnreadableError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise UnreadableError(_BROKEN) from error
    return []


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(p.file_size for p in parts) > _MOST_UNPACKED:
                raise UnreadableError("文件解压后过大，已拒绝读取；请只保留需要的工作表")
            if "xl/workbook.xml" not in archive.namelist():
                raise UnreadableError(_BROKEN)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if re.search(rb"<!(DOCTYPE|ENTITY)", stream.read(2048), re.IGNORECASE):
                            raise UnreadableError(_BROKEN)
    except _DAMAGE as error:
        raise UnreadableError(_BROKEN) from error


def _rows(sheet: object, most_rows: int) -> list[_Row]:
    rows: list[_Row] = []
    for number, cells in enumerate(sheet, start=1):  # type: ignore[arg-type, var-annotated]
        if any(cell is not None and cell != "" for cell in cells):
            rows.append((number, tuple(cells)))
        if len(rows) > most_rows:
            raise UnreadableError(f"超过 {most_rows} 行，请拆分后再导入")
        if number > _SCANNED_ROWS:
            break
    return rows


def _merged(data: bytes, path: str) -> list[tuple[int, int, int, int]]:
    """Merged ranges (first column, first row, last column, last row) of one sheet's part."""
    from openpyxl.utils import range_boundaries  # noqa: PLC0415

    found: list[tuple[int, int, int, int]] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path.lstrip("/")) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 - DOCTYPE refused above
            if element.tag.endswith("}mergeCell"):
                left, top, right, bottom = range_boundaries(element.get("ref", ""))
                if None not in (left, top, right, bottom):
                    found.append((left or 0, top or 0, right or 0, bottom or 0))
            element.clear()
    return found


def _fill_merged(rows: list[_Row], merged: list[tuple[int, int, int, int]]) -> list[_Row]:
    """A cell merged over several rows says the same of each of them."""
    by_number = {number: list(cells) for number, cells in rows}
    for column, top, _, bottom in merged:
        head = by_number.get(top)
        if head is None or column > len(head):
            continue
        for number in range(top + 1, bottom + 1):
            row = by_number.get(number)
            if row is not None:
                row.extend([None] * (column - len(row)))
                row[column - 1] = head[column - 1]
    return [(number, tuple(by_number[number])) for number, _ in rows]
