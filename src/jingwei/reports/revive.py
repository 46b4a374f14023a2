"""Frozen dataclasses to plain JSON and back: how a snapshot is kept and read again."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Revive = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """A tree of dataclasses, tuples, mappings, dates and enums as JSON values.

    Fields that hold their default are left out: a day of 1,000 answers stays small, and a field
    added later does not change what an old snapshot says.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: to_json(getattr(value, item.name))
            for item in fields(value)
            if getattr(value, item.name) != _default(item)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(held) for held in value]
    return value


def from_json(wanted: type[T], value: Any) -> T:
    """The inverse of `to_json` for a dataclass; names it does not know are passed over.

    Raises TypeError, KeyError or ValueError when a value does not fit its field.
    """
    made: T = _of_class(cast("Any", wanted))(value)
    return made


def _default(item: "Field[Any]") -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


@cache
def _of_class(wanted: Any) -> Revive:
    """A function that revives one dataclass: its hints are read once, not once a row."""
    hints = {name: _reviver(hint) for name, hint in get_type_hints(wanted).items()}

    def revive(value: Any) -> Any:
        known = {}
        for name, held in value.items():
            if name in hints:
                change = hints[name]
                known[name] = held if change is None else change(held)
        return wanted(**known)

    return revive


def _reviver(hint: Any) -> Revive | None:
    """How to revive a value of this type; None when JSON already has it right."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        change = _reviver(next(kind for kind in arguments if kind is not NoneType))
        return None if change is None else lambda value: None if value is None else change(value)
    if origin is tuple and arguments[-1] is Ellipsis:
        each = _reviver(arguments[0])
        return tuple if each is None else lambda value: tuple([each(held) for held in value])
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_class(hint)
    if hint in (datetime, date):
        return cast("Revive", hint.fromisoformat)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return None
