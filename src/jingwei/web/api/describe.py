"""The OpenAPI document as the page 接口说明 shows it: groups, parameters, fields of bodies."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_PLACES = {"path": "路径", "query": "查询", "header": "请求头", "body": "正文"}
_OTHER = "其他"
_ORDER = ("工单", "异常", "时限", "边缘")  # what is asked for most comes first
_TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "是/否",
    "array": "列表",
    "object": "对象",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to send or to be read, as a line of a table."""

    name: str
    place: str
    type: str
    required: bool
    default: str
    note: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the interface."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    secured: bool
    parameters: tuple[Field, ...]
    answers: tuple[Field, ...]
    statuses: tuple[str, ...]


def groups(schema: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """Tag → its operations, each group in the order of declaration."""
    found = [
        (what.get("tags", [_OTHER])[0], _operation(schema, path, method, what))
        for path, methods in schema["paths"].items()
        for method, what in methods.items()
    ]
    order = list(dict.fromkeys([*_ORDER, *(tag for tag, _ in found)]))
    found.sort(key=lambda each: order.index(each[0]))
    return [
        (tag, [operation for _, operation in rows])
        for tag, rows in groupby(found, key=lambda each: each[0])
    ]


def _operation(schema: dict[str, Any], path: str, method: str, what: dict[str, Any]) -> Operation:
    parameters = [
        _field(schema, each["name"], each["schema"], _PLACES[each["in"]],
               required=each.get("required", False), note=each.get("description", ""))
        for each in what.get("parameters", [])
    ]  # fmt: skip
    sent = what.get("requestBody", {}).get("content", {}).get("application/json", {})
    parameters += _fields(schema, sent.get("schema", {}), _PLACES["body"])
    good = [each for status, each in what["responses"].items() if str(status) < "3"]
    read = (good[0] if good else {}).get("content", {}).get("application/json", {})
    return Operation(
        id=what["operationId"], method=method.upper(), path=path, summary=what["summary"],
        description=what.get("description", ""), secured=bool(what.get("security")),
        parameters=tuple(parameters), answers=tuple(_fields(schema, read.get("schema", {}), "")),
        statuses=tuple(str(status) for status in what["responses"] if status != "default"),
    )  # fmt: skip


def _fields(schema: dict[str, Any], shape: dict[str, Any], place: str) -> Iterator[Field]:
    known = _resolved(schema, shape)
    if known.get("type") == "array":
        known = _resolved(schema, known.get("items", {}))
    required = known.get("required", [])
    for name, each in known.get("properties", {}).items():
        yield _field(schema, name, each, place, required=name in required)


def _field(
    schema: dict[str, Any], name: str, shape: dict[str, Any], place: str, *, required: bool,
    note: str = "",
) -> Field:  # fmt: skip
    default = shape.get("default")
    return Field(
        name=name, place=place, type=_type(schema, shape), required=required,
        default="" if default is None or isinstance(default, dict) else str(default),
        note=note,
    )  # fmt: skip


def _type(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    """What it may be, in words: choices, a list of fields, a time."""
    known = _resolved(schema, shape)
    if "anyOf" in known:
        return " 或 ".join(_type(schema, each) for each in known["anyOf"])
    if "enum" in known:
        return " / ".join(str(each) for each in known["enum"])
    if known.get("format") in {"date-time", "date"}:
        return "时间" if known["format"] == "date-time" else "日期"
    if known.get("type") == "array":
        return f"列表：{_type(schema, known.get('items', {}))}"
    if known.get("properties"):
        return "{" + "、".join(known["properties"]) + "}"
    return _TYPES.get(known.get("type", ""), "任意")


def _resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """The shape itself where a reference stands for it."""
    if len(shape.get("allOf", [])) == 1:
        shape = shape["allOf"][0]
    name = shape.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else shape
    return found
