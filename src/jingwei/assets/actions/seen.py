"""What somebody saw before he wrote: a change made in between is told, never overwritten."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.tables.cells import Value
from jingwei.assets.tables.columns import Column, Table


class MovedOnError(RefusedError):
    """Somebody else changed these columns since this person read them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        headers = "、".join(column.header for column in columns)
        super().__init__("", f"您打开此页之后，他人修改了{headers}。请核对现值后再保存")
        self.columns = tuple(columns)


def marks(table: Table, names: Iterable[str], record: Mapping[str, Value]) -> dict[str, str]:
    """Column name → a short digest of its value: what a form keeps of what it showed."""
    shown = {name: table.column(name).cells.show(record.get(name)) for name in names}
    return {name: _digest(text) for name, text in shown.items()}


def refuse_moved(table: Table, seen: Mapping[str, str], record: Mapping[str, Value]) -> None:
    """Raises MovedOnError when a column is no longer what was seen; unknown names are nothing."""
    known = [column for column in table.columns if column.name in seen]
    now = marks(table, [column.name for column in known], record)
    moved = [column for column in known if now[column.name] != seen[column.name]]
    if moved:
        raise MovedOnError(moved)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
