"""Frozen dataclasses to plain JSON and back: how a snapshot is kept and read again."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


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

    Raises TypeError or ValueError when a value does not fit its field.
    """
    hints = get_type_hints(wanted)
    known = {name: _revive(hints[name], held) for name, held in value.items() if name in hints}
    return wanted(**known)


def _default(item: "Field[Any]") -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _revive(hint: Any, value: Any) -> Any:  # noqa: PLR0911
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        if value is None:
            return None
        return _revive(next(kind for kind in arguments if kind is not NoneType), value)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_revive(arguments[0], held) for held in value)
        return tuple(_revive(kind, held) for kind, held in zip(arguments, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {key: _revive(arguments[1], held) for key, held in value.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
