"""From rows to the bytes of an XLSX or CSV file that a spreadsheet opens without harm."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from jingwei.assets.tables.formulas import neutral

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def to_csv(
    headers: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "utf-8-sig"
) -> bytes:
    """A CSV file, by default UTF-8 with BOM because that is what Excel opens rightly.

    Raises UnicodeEncodeError when `encoding` has no sign for a character.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headers)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode(encoding)


def to_xlsx(title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX file with one sheet: every cell is text, so no number loses its digits."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    table = [[neutral(_CONTROL.sub("", cell)) for cell in row] for row in rows]
    for index, header in enumerate(headers, start=1):
        widest = max([_width(header), *(_width(row[index - 1]) for row in table[:500])])
        sheet.column_dimensions[get_column_letter(index)].width = min(max(widest + 2, 8), 60)
    sheet.freeze_panes = "B2"
    head = []
    for header in headers:
        cell = WriteOnlyCell(sheet, value=header)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EEF2F6")
        head.append(cell)
    sheet.append(head)
    for row in table:
        sheet.append([_text(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{len(table) + 1}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: object, value: str) -> object:
    if value == "":
        return None
    cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
    cell.data_type = "s"
    cell.number_format = "@"
    if "\n" in value:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _width(text: str) -> int:
    """Columns on a screen: a Chinese character takes two."""
    lines = text.split("\n") or [""]
    return max(sum(2 if ord(character) > 0x2E7F else 1 for character in line) for line in lines)
