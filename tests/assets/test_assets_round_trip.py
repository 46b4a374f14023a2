"""Any table that is written is read back the same, in every format people send each other."""

import json
import string
from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jingwei.assets.tables import cells, columns, kinds, reading, writing
from jingwei.assets.tables.cells import (
    Choice,
    Code,
    Day,
    Flag,
    Number,
    PurchaseMonth,
    Settings,
    Text,
    Value,
    Words,
)
from jingwei.assets.tables.columns import Column, Table, blank
from jingwei.assets.tables.problems import CellError, UnreadableError

FEW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
FORMATS = ["xlsx", "utf-8-sig", "utf-8", "gb18030", "utf-16"]
# What people type, paste and send: Chinese, rare signs, emoji, line breaks, quotes, formulas.
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("静安区医院㐀𠮷😀 \n\t\r,;；|、\"'=+-@#（）　\ufeff\x00\x07\x1b\u2028_x000D_"),
)
TEXTS = st.text(CHARACTERS, max_size=12)
WORDS = st.text(string.ascii_letters + string.digits + "静安._-@", min_size=1, max_size=6)
OPTIONS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
    st.one_of(
        TEXTS,
        st.integers(-(10**9), 10**9),
        st.booleans(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=3,
)


def file(form: str, table: Table, rows: list[list[str]]) -> bytes:
    headers = [column.title for column in table.columns]
    if form == "xlsx":
        return writing.to_xlsx(table.label, headers, rows)
    return writing.to_csv(headers, rows, form)


def typed(column: Column) -> st.SearchStrategy[Value]:
    """Any value a register may hold in this column: what its cell reads, from any text at all."""
    kind = column.cells
    raw: st.SearchStrategy[object]
    if isinstance(kind, Code):
        raw = st.text(string.ascii_letters + string.digits + "._-静安", max_size=32)
    elif isinstance(kind, Number):
        raw = st.integers(kind.least, kind.most)
    elif isinstance(kind, Day):
        raw = st.dates()
    elif isinstance(kind, PurchaseMonth):
        raw = st.dates(date(1980, 1, 1), date(2100, 12, 31)).map(lambda d: f"{d.year}.{d.month}")
    elif isinstance(kind, Flag):
        raw = st.booleans()
    elif isinstance(kind, Choice):
        raw = st.sampled_from(list(kind.words))
    elif isinstance(kind, Words):
        raw = st.lists(WORDS, max_size=4).map(";".join)
    elif isinstance(kind, Settings):
        raw = OPTIONS.map(lambda one: json.dumps(one))  # noqa: PLW0108 - typed
    else:
        raw = TEXTS
    return raw.map(lambda cell: _stored(column, cell))


def _stored(column: Column, cell: object) -> Value:
    try:
        value = column.cells.read(cell)  # type: ignore[arg-type]
    except CellError:
        value = "x" if isinstance(column.cells, Text) else column.cells.read(None)
    assume(not column.needed or not blank(value))
    return value


def records_of(table: Table) -> st.SearchStrategy[list[dict[str, Value]]]:
    one = st.fixed_dictionaries({column.name: typed(column) for column in table.columns})
    return st.lists(one, min_size=1, max_size=3, unique_by=table.key_of)


@pytest.mark.parametrize("name", [table.name for table in kinds.TABLES])
@FEW
@given(st.sampled_from(FORMATS), st.data())
def test_any_record_comes_back_as_it_was(name: str, form: str, data: st.DataObject) -> None:
    table = kinds.table(name)
    wanted = data.draw(records_of(table))
    rows = [[column.cells.show(one[column.name]) for column in table.columns] for one in wanted]
    grid = reading.read(file(form, table, rows))
    errors: list[object] = []
    found, at = columns.recognise(grid, kinds.TABLES)
    head = columns.header(grid, found, at, errors)  # type: ignore[arg-type]
    back = columns.records(grid, head, found, errors)  # type: ignore[arg-type]
    assert errors == []
    assert found is table
    writable = [column.name for column in table.columns if not column.read_only]
    assert [one.values for one in back] == [
        {field: one[field] for field in writable} for one in wanted
    ]


@pytest.mark.parametrize("form", FORMATS)
@FEW
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_cell_reads_the_same_whatever_the_format(form: str, rows: list[list[str]]) -> None:
    """What CSV says and what XLSX says of one text may never differ."""
    kind = cells.Text(verbatim=True)
    clean = []
    for row in rows:
        try:
            clean.append([str(kind.read(text)) for text in row])
        except CellError:
            assume(False)
    headers = ["设备号", "备注", "位置说明"]
    if form == "xlsx":
        data = writing.to_xlsx("表", headers, clean)
    else:
        data = writing.to_csv(headers, clean, form)
    got = [list(row) for _, row in reading.read(data).rows[1:]]
    kept = [row for row in clean if any(cell and not cell.isspace() for cell in row)]
    assert [[str(kind.read(cell)) for cell in _wide(row)] for row in got] == kept


def _wide(row: list[reading.Cell]) -> list[reading.Cell]:
    return [*row, *[None] * (3 - len(row))]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_one_sentence(data: bytes) -> None:
    """Whatever is uploaded, nobody sees a traceback."""
    said = ""
    try:
        rows = len(reading.read(data).rows)
    except UnreadableError as error:
        rows, said = 0, str(error)
    assert rows or any("\u4e00" <= sign <= "\u9fff" for sign in said)
    assert "\n" not in said


@FEW
@given(st.binary(min_size=1, max_size=60), st.integers(0, 3000))
def test_a_workbook_damaged_anywhere_is_read_or_refused(noise: bytes, at: int) -> None:
    good = writing.to_xlsx("表", ["设备号", "备注"], [["HW-001-1", "静安"]])
    at %= len(good)
    try:
        grid = reading.read(good[:at] + noise + good[at + len(noise) :])
    except UnreadableError:
        return
    assert grid.format in {"xlsx", "csv"}


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(CHARACTERS, max_size=20),
    st.sampled_from(['{"a": NaN}', '{"a": "\\ud800"}', "1,5"]),
)
EVERY_COLUMN = [(table, column) for table in kinds.TABLES for column in table.columns]


@pytest.mark.parametrize(
    "column", [one for _, one in EVERY_COLUMN], ids=[f"{t.name}-{c.name}" for t, c in EVERY_COLUMN]
)
@settings(max_examples=15, deadline=None)
@given(CELLS)
def test_any_cell_is_read_or_refused_with_a_reason(column: Column, cell: reading.Cell) -> None:
    """Also what Excel makes of things: numbers, dates, truth, infinity."""
    try:
        value = column.cells.read(cell)
    except CellError:
        return
    shown = column.cells.show(value)
    shown.encode("utf-8")  # a lone surrogate would break every later export
    assert column.cells.read(shown) == value
