"""What a database returned, whichever it was, and the one kind of error a driver's becomes."""

from dataclasses import dataclass
from typing import Any

from jingwei.terms import Reason

Known = tuple[Reason, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names and at most max_rows rows (one more: too many)."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
