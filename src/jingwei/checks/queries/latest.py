"""What every check saw last, with its readings: for those who copy our numbers elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jingwei.checks.models import CheckState
from jingwei.terms import Result

_KEY = re.compile(r"(?P<name>[^\[]*)(?:\[(?P<instance>.*)\])?", re.S)


@dataclass(frozen=True, slots=True)
class Number:
    """One reading that is a number; true and false are 1 and 0."""

    name: str
    instance: str
    unit: str
    value: float


@dataclass(frozen=True, slots=True)
class Latest:
    """One check's last answer. `took` is in seconds."""

    check: str
    target: str
    item: str
    result: Result
    at: datetime | None
    took: float | None
    numbers: tuple[Number, ...]


def latest() -> Iterator[Latest]:
    """Every enabled check in one query, in the register's order."""
    rows = CheckState.objects.filter(check_ref__enabled=True).order_by(
        "check_ref__target__order", "check_ref__key"
    )
    for key, target, item, result, at, took, readings in rows.values_list(
        "check_ref__key", "check_ref__target__key", "check_ref__item", "result", "last_at",
        "took_ms", "readings",
    ).iterator():  # fmt: skip
        yield Latest(
            key, target, item, Result(result), at, None if took is None else took / 1000,
            tuple(found for row in readings if (found := _number(row)) is not None),
        )  # fmt: skip


def _number(row: dict[str, object]) -> Number | None:
    value = row.get("value")
    if not isinstance(value, int | float):  # bool is an int
        return None
    found = _KEY.fullmatch(str(row["key"]))
    if found is None:
        return None
    unit = row.get("unit")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond every float
        return None
    return Number(found["name"], found["instance"] or "", str(unit or ""), number)
