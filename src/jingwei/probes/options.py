"""Options as a dataclass: one declaration makes the form, the validation and the docs.

    @dataclass(frozen=True)
    class Options:
        port: int = option(104, label="端口", minimum=1, maximum=65535)

Values come typed from TOML and forms, or as text from the command line (`k=v`); both are
accepted and checked alike.
"""

import dataclasses
import functools
import json
import math
import tomllib
import types
import typing
from collections.abc import Hashable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

_KEY = "jingwei.option"
T = TypeVar("T")
_YES = {"true", "yes", "on", "1", "是"}
_NO = {"false", "no", "off", "0", "否"}


class OptionError(ValueError):
    """A bad option. `field` is its path ("get.2.oid", counted from 1), `message` is Chinese."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"选项 {field}：{message}")
        self.field = field
        self.message = message

    def under(self, parent: str) -> "OptionError":
        """The same error, seen from the option that holds this one."""
        return OptionError(f"{parent}.{self.field}", self.message)


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One option as a form, a validator and the docs see it.

    `type` is one of int, float, bool, text, choice, list, table (rows of `columns`), map.
    """

    name: str
    label: str
    type: str
    default: Any
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    secret: bool = False
    columns: tuple["Field", ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class _Declared:
    """What `option` remembers in a field's metadata."""

    label: str
    help: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    secret: bool


def option(
    default: Any = dataclasses.MISSING,
    *,
    label: str,
    help: str = "",  # noqa: A002 - the word every form library uses
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    secret: bool = False,
) -> Any:
    """A dataclass field that is an option. Without a default it must be given."""
    declared = _Declared(label, help, minimum, maximum, tuple(choices), secret)
    metadata = {_KEY: declared}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=default.copy, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def port(default: int = dataclasses.MISSING) -> Any:  # type: ignore[assignment]
    """The port every networked probe has."""
    return option(default, label="端口", minimum=1, maximum=65535)


def fields_of(kind: type[Any]) -> tuple[Field, ...]:
    """The options a dataclass declares, in order. Raises TypeError for one we cannot show."""
    known: tuple[Field, ...] = _fields_of(typing.cast("Hashable", kind))
    return known


@functools.cache
def _fields_of(kind: Any) -> tuple[Field, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(_field(item, hints[item.name]) for item in dataclasses.fields(kind))


def _field(item: "dataclasses.Field[Any]", hint: Any) -> Field:
    declared = item.metadata.get(_KEY) or _Declared(item.name, "", None, None, (), False)
    name, columns, choices = _shape(hint, item.name)
    default = item.default
    if item.default_factory is not dataclasses.MISSING:
        default = item.default_factory()
    required = default is dataclasses.MISSING
    return Field(
        name=item.name,
        label=declared.label,
        type="choice" if declared.choices else name,
        default=None if required else default,
        required=required,
        help=declared.help,
        choices=declared.choices or choices,
        minimum=declared.minimum,
        maximum=declared.maximum,
        secret=declared.secret,
        columns=columns,
    )


def _shape(hint: Any, name: str) -> tuple[str, tuple[Field, ...], tuple[str, ...]]:
    """(type word, columns, choices) of a type hint."""
    plain = {int: "int", float: "float", bool: "bool", str: "text"}
    if hint in plain:
        return plain[hint], (), ()
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return "choice", (), tuple(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        if dataclasses.is_dataclass(arguments[0]):
            return "table", fields_of(typing.cast("type[Any]", arguments[0])), ()
        return "list", (), _shape(arguments[0], name)[2]
    if origin in (dict, Mapping):
        return "map", (), ()
    raise TypeError(f"option {name}: type {hint!r} cannot be an option")


def parse(kind: type[T], given: Mapping[str, Any]) -> T:
    """Build the options dataclass `kind` from `given`.

    Raises OptionError naming the field and what was expected: unknown keys, missing ones,
    wrong types, values out of range, and what the dataclass itself refuses.
    """
    known = {field.name: field for field in fields_of(kind)}
    for key in given:
        if key not in known:
            raise OptionError(str(key), _unknown(str(key), known))
    hints = typing.get_type_hints(kind)
    values = {}
    for name, field in known.items():
        if name in given:
            values[name] = _value(field, hints[name], given[name])
        elif field.required:
            raise OptionError(name, f"必填（{field.label}）")
    return kind(**values)


def check(kind: type[Any], given: Mapping[str, Any]) -> None:
    """Whether the options take what is given, others left out: an endpoint holds only some.

    Raises OptionError like `parse`, but not for what is missing.
    """
    known = {field.name: field for field in fields_of(kind)}
    hints = typing.get_type_hints(kind)
    for name, raw in given.items():
        if name not in known:
            raise OptionError(str(name), _unknown(str(name), known))
        _value(known[name], hints[name], raw)
    try:
        parse(kind, given)
    except OptionError as error:
        if error.field.split(".")[0].split("[")[0] in given:
            raise


def _unknown(key: str, known: Mapping[str, Field]) -> str:
    near = get_close_matches(key, known, n=1)
    hint = f"是不是 {near[0]}？" if near else ""
    return f"没有这个选项。{hint}可用：{'、'.join(known) or '无'}"


def _value(field: Field, hint: Any, raw: Any) -> Any:
    if field.type == "table":
        return _rows(field, typing.get_args(hint)[0], raw)
    if field.type == "map":
        return _map(field, raw)
    if field.type == "list":
        return tuple(_scalar(field, typing.get_args(hint)[0], item) for item in _items(field, raw))
    if field.type == "choice" and typing.get_origin(hint) is typing.Literal:
        return _chosen(field, raw)
    return _scalar(field, hint, raw)


def _scalar(field: Field, kind: Any, raw: Any) -> Any:
    if kind is bool:
        return _bool(field, raw)
    if kind is int or kind is float:
        return _number(field, kind, raw)
    if not isinstance(raw, str):
        raise OptionError(field.name, f"应为文本，得到 {raw!r}")
    if "\x00" in raw:
        raise OptionError(field.name, "不能含有空字符")
    return _chosen(field, raw) if field.choices else raw


def _chosen(field: Field, raw: Any) -> Any:
    if not isinstance(raw, str) or raw not in field.choices:
        shown = "、".join(choice or "（空）" for choice in field.choices)
        raise OptionError(field.name, f"应为其中之一：{shown}；得到 {raw!r}")
    return raw


def _bool(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise OptionError(field.name, f"应为 true 或 false，得到 {raw!r}")


def _number(field: Field, kind: type[int] | type[float], raw: Any) -> int | float:
    wanted = "整数" if kind is int else "数字"
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise OptionError(field.name, f"应为{wanted}，得到 {raw!r}")
    if kind is int and isinstance(raw, float):
        raise OptionError(field.name, f"应为整数，得到 {raw!r}")
    try:
        number = kind(raw)
    except (ValueError, OverflowError):
        raise OptionError(field.name, f"应为{wanted}，得到 {raw!r}") from None
    if not math.isfinite(number):
        raise OptionError(field.name, f"应为有限的数字，得到 {raw!r}")
    low, high = field.minimum, field.maximum
    if low is not None and number < low:
        raise OptionError(field.name, f"不能小于 {shown(low)}，得到 {number}")
    if high is not None and number > high:
        raise OptionError(field.name, f"不能大于 {shown(high)}，得到 {number}")
    return number


def shown(number: float) -> str:
    """A limit as people write it: 65535, 0.05."""
    return str(int(number)) if float(number).is_integer() else str(number)


def _items(field: Field, raw: Any) -> Sequence[Any]:
    """A list, or on the command line "a,b" (or a JSON or TOML list)."""
    if isinstance(raw, str):
        if raw.lstrip().startswith("["):
            return _items(field, _written(field, raw))
        return [part.strip() for part in raw.split(",") if part.strip()]
    if isinstance(raw, list | tuple):
        return raw
    raise OptionError(field.name, f"应为列表，得到 {raw!r}")


def _rows(field: Field, kind: type[Any], raw: Any) -> tuple[Any, ...]:
    rows = _written(field, raw) if isinstance(raw, str) else raw
    if isinstance(rows, Mapping):
        rows = [rows]
    if not isinstance(rows, list | tuple):
        raise OptionError(field.name, f"应为表格（一组键值），得到 {raw!r}")
    made = []
    for number, row in enumerate(rows, start=1):
        if dataclasses.is_dataclass(row) and isinstance(row, kind):
            made.append(row)
            continue
        if not isinstance(row, Mapping):
            raise OptionError(f"{field.name}.{number}", f"应为一组键值，得到 {row!r}")
        try:
            made.append(parse(kind, row))
        except OptionError as error:
            raise error.under(f"{field.name}.{number}") from None
    return tuple(made)


def _map(field: Field, raw: Any) -> Mapping[str, str]:
    pairs = _written(field, raw) if isinstance(raw, str) else raw
    if not isinstance(pairs, Mapping):
        raise OptionError(field.name, f"应为一组键值，得到 {raw!r}")
    made = {}
    for key, value in pairs.items():
        if not isinstance(value, str):
            raise OptionError(f"{field.name}.{key}", f"应为文本，得到 {value!r}")
        made[str(key)] = value
    return types.MappingProxyType(made)


def _written(field: Field, text: str) -> Any:
    """A value written as JSON or as TOML: how the command line gives tables."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        raise OptionError(field.name, f"应为 JSON 或 TOML 写法，得到 {text!r}") from None
