"""The obligations of a contract folder, read and validated: errors name file and line."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jingwei.desk.forms import FORMS
from jingwei.desk.models import Kind
from jingwei.rules.document import ContentError, Document, load
from jingwei.sla.measures import MEASURES, ArgumentError, parse
from jingwei.sla.measures.facts import Family
from jingwei.sla.measures.periods import Every
from jingwei.terms.obligation import Proof

REPORTS = frozenset(
    {
        "annual", "appraisal", "archive", "backup-test", "bid-document", "change-record",
        "contract", "daily-check", "data-change-form", "dev-ledger", "drill", "emergency",
        "eos-notice", "fault", "inspection", "monthly", "monthly-exchange", "monthly-inspection",
        "performance", "precheck", "quarterly", "room-record", "security-check", "spare-parts",
        "staffing", "training", "ups-discharge", "work-order",
    }
)  # fmt: skip
OBJECTS = frozenset({"application", "database", "unit", "ups"})
_TEXT = ("id", "clause", "text", "kind", "phase", "proof", "measure")
_OPTIONAL: Mapping[str, type] = {"party": str, "note": str, "arguments": dict, "parameters": dict}
_LISTS = ("lines", "duplicates", "evidence", "reports", "ambiguities")
_KEYS = {*_TEXT, *_OPTIONAL, *_LISTS, "position"}


@dataclass(frozen=True)
class Clauses:
    """Everything a contract folder says about obligations, as plain values ready to be stored."""

    obligations: tuple[Mapping[str, Any], ...]
    ambiguities: tuple[Mapping[str, Any], ...]
    documents: Mapping[str, str]
    duties: Mapping[str, "Duty"]
    events: Mapping[str, str]


@dataclass(frozen=True)
class Duty:
    """What people owe again and again: its form, and who does it."""

    id: str
    label: str
    line: str
    fields: tuple[tuple[str, str], ...]


def read(folder: Path) -> Clauses | None:
    """The obligations of a contract folder, None where it has none. Raises ContentError."""
    files = sorted((folder / "obligations").glob("*.toml"))
    if not files:
        return None
    documents = {d["id"]: d["label"] for d in _tables(folder / "documents.toml", "document")}
    duties, events = _duties(folder / "duties.toml")
    ambiguities = tuple(_ambiguity(doc, i, t) for doc, i, t in _rows(
        folder / "ambiguities.toml", "ambiguity"))  # fmt: skip
    known = _Known(set(documents), set(duties), set(events), {a["key"] for a in ambiguities})
    obligations = sorted(
        (known.obligation(doc, i, table) for path in files
         for doc, i, table in _rows(path, "obligation")),
        key=lambda row: row["position"],
    )  # fmt: skip
    return Clauses(tuple(obligations), ambiguities, documents, duties, events)


class _Known:
    """What an obligation may name, and what was named already."""

    def __init__(
        self, documents: set[str], duties: set[str], events: set[str], ambiguities: set[str]
    ) -> None:
        self.named: dict[str, AbstractSet[str]] = {
            "document": documents, "documents": documents, "statement": documents | {""},
            "duty": duties, "about": events | duties, "objects": OBJECTS | {""},
            "every": set(Every), "family": set(Family),
            "event": {"fault", "emergency", "drill"} | duties,
            "forms": {form.id for form in FORMS}, "kinds": set(Kind.values),
        }  # fmt: skip
        self.ambiguities = ambiguities
        self.keys: set[str] = set()
        self.positions: set[int] = set()

    def obligation(
        self, document: Document, index: int, table: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One obligation, checked. Raises ContentError at its line."""
        at = ("obligation", index)
        _only(document, at, table, _KEYS)
        row: dict[str, Any] = {key: _text(document, at, table, key) for key in _TEXT}
        row |= {key: table.get(key, kind()) for key, kind in _OPTIONAL.items()}
        for key, kind in _OPTIONAL.items():
            if not isinstance(row[key], kind):
                raise document.error((*at, key), f"{key} 的类型不对：{row[key]!r}")
        row |= {key: _list(document, at, table, key) for key in _LISTS}
        row["party"] = row["party"] or "provider"
        row["key"] = row.pop("id")
        row["position"] = self._position(document, at, table)
        if row["key"] in self.keys:
            raise document.error((*at, "id"), f"义务 {row['key']} 重复")
        self.keys.add(row["key"])
        _among(document, (*at, "proof"), row["proof"], set(Proof))
        for name in row["reports"]:
            _among(document, (*at, "reports"), name, REPORTS)
        for name in row["ambiguities"]:
            _among(document, (*at, "ambiguities"), name, self.ambiguities)
        self._measure(document, at, row)
        return row

    def _position(
        self, document: Document, at: tuple[str | int, ...], table: Mapping[str, Any]
    ) -> int:
        value = table.get("position")
        if type(value) is not int or value < 1 or value in self.positions:
            raise document.error((*at, "position"), f"position 应为不重复的正整数，收到 {value!r}")
        self.positions.add(value)
        return value

    def _measure(
        self, document: Document, at: tuple[str | int, ...], row: Mapping[str, Any]
    ) -> None:
        measure = MEASURES.get(row["measure"])
        if measure is None:
            wanted = "、".join(MEASURES)
            raise document.error((*at, "measure"), f"未知的度量 {row['measure']}，应为：{wanted}")
        try:
            parse(measure, row["arguments"])
        except ArgumentError as error:
            raise document.error((*at, "arguments"), error.message) from None
        for name, value in row["arguments"].items():
            for each in value if isinstance(value, list) else [value]:
                if name in self.named:
                    _among(document, (*at, "arguments"), each, self.named[name])


def _ambiguity(document: Document, index: int, table: Mapping[str, Any]) -> dict[str, Any]:
    at = ("ambiguity", index)
    _only(document, at, table, {"id", "issue", "default", "value", "reading"})
    readings = []
    for number, reading in enumerate(table.get("reading", [])):
        where = (*at, "reading", number)
        _only(document, where, reading, {"id", "label", "arguments"})
        arguments = reading.get("arguments")
        if not isinstance(arguments, dict) or not arguments:
            raise document.error(where, "读法应给出 arguments")
        readings.append(
            {key: _text(document, where, reading, key) for key in ("id", "label")}
            | {"arguments": arguments}
        )
    if len({reading["id"] for reading in readings}) != len(readings) or len(readings) == 1:
        raise document.error(at, "读法应至少两种且代码不重复")
    return {
        "key": _text(document, at, table, "id"),
        "issue": _text(document, at, table, "issue"),
        "default": _text(document, at, table, "default"),
        "value": table.get("value", ""),
        "readings": readings,
    }


def _duties(path: Path) -> tuple[dict[str, Duty], dict[str, str]]:
    duties = {}
    for document, index, table in _rows(path, "duty"):
        at = ("duty", index)
        _only(document, at, table, {"id", "label", "line", "fields"})
        _among(document, (*at, "line"), table.get("line"), {"first", "second", "manager"})
        fields = tuple((f["id"], f["label"]) for f in table.get("fields", []))
        name = _text(document, at, table, "id")
        duties[name] = Duty(name, _text(document, at, table, "label"), table["line"], fields)
    events = {table["id"]: table["label"] for _, _, table in _rows(path, "event")}
    return duties, events


def _tables(path: Path, name: str) -> list[Mapping[str, Any]]:
    found = []
    for document, index, table in _rows(path, name):
        for key in ("id", "label"):
            _text(document, (name, index), table, key)
        found.append(table)
    return found


def _rows(path: Path, name: str) -> Iterator[tuple[Document, int, Mapping[str, Any]]]:
    try:
        document = load(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")
    except FileNotFoundError:
        raise ContentError(path.name, 1, "缺少文件") from None
    except UnicodeDecodeError as error:
        raise ContentError(path.name, 1, f"不是 UTF-8 编码（第 {error.start} 字节）") from None
    rows = document.data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise document.error((name,), f"应为 [[{name}]]")
    for index, table in enumerate(rows):
        yield document, index, table


def _only(
    document: Document, at: tuple[str | int, ...], table: Mapping[str, Any], keys: set[str]
) -> None:
    for key in table:
        if key not in keys:
            raise document.error((*at, key), f"未知的键 {key}，应为：{'、'.join(sorted(keys))}")


def _text(document: Document, at: tuple[str | int, ...], table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise document.error((*at, key), f"{key} 应为非空文字")
    return value


def _list(
    document: Document, at: tuple[str | int, ...], table: Mapping[str, Any], key: str
) -> list[Any]:
    value = table.get(key, [])
    kind: Callable[[Any], bool] = (
        (lambda each: type(each) is int)
        if key in ("lines", "duplicates")
        else (lambda each: isinstance(each, str))
    )
    if not isinstance(value, list) or not all(kind(each) for each in value):
        raise document.error((*at, key), f"{key} 应为列表")
    return value


def _among(
    document: Document, at: tuple[str | int, ...], value: Any, known: AbstractSet[str]
) -> None:
    if value not in known:
        wanted = "、".join(sorted(each for each in known if each))
        raise document.error(at, f"未知的 {value!r}，应为：{wanted}")
