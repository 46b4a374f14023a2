"""Device models: content/devices/*.toml, every word of it checked before anything is asked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from jingwei import probes
from jingwei.checks.content import links
from jingwei.checks.content.reader import Table
from jingwei.checks.content.routine import routine_items
from jingwei.checks.content.words import CheckTemplate, DeviceModel, Match, Unchecked
from jingwei.probes.frame import Probe, describe, readings_of
from jingwei.probes.options import Field, OptionError
from jingwei.rules import rule as rules
from jingwei.rules.document import Document, Path, load
from jingwei.rules.rule import Rule, RuleError
from jingwei.terms import Result

_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_ON_ERROR = [Result.ABNORMAL.value, Result.ATTENTION.value, Result.UNCHECKED.value]
_MOST_LIMITS = 300  # characters
_MATCH_KEYS = ("kinds", "vendors", "models", "engines", "keys")


@dataclass(frozen=True)
class _Read:
    """One file as read, before its parts are joined in."""

    table: Table
    model: DeviceModel
    uses: tuple[str, ...]


def load_devices(folder: FilePath, items: Iterable[str] | None = None) -> list[DeviceModel]:
    """Every device model of a folder, parts joined in, ordered by id.

    `items` are the known routine items; None reads them from the folder's sibling `routines`.
    Raises ContentError (file, line, what was expected) for anything that is not right.
    """
    known = set(items) if items is not None else routine_items(folder.parent / "routines")
    read: dict[str, _Read] = {}
    for path in sorted(folder.glob("*.toml")):
        one = _file(load(path.read_text(encoding="utf-8"), str(path)), known)
        if one.model.id in read:
            other = read[one.model.id].table.document.filename
            raise one.table.error("id", f"设备型号 {one.model.id} 已在 {other} 中定义")
        read[one.model.id] = one
    _no_check_twice(read.values())
    return [_joined(one, read) for _, one in sorted(read.items())]


def _file(document: Document, items: set[str]) -> _Read:
    root = Table(document, (), document.data)
    root.only("device", "check", "unchecked")
    device = root.table("device")
    device.only("id", "label", "source", "limits", "match", "uses")
    identity = device.text("id")
    if not _ID.fullmatch(identity):
        raise device.error("id", f"id 应为小写字母、数字、点和连字符，得到 “{identity}”")
    source = device.text("source")
    model = DeviceModel(
        id=identity,
        label=device.text("label"),
        source=source,
        match=_match(device),
        checks=tuple(_check(row, items, source) for row in root.rows("check")),
        unchecked=tuple(_unchecked(row, items) for row in root.rows("unchecked")),
        limits=_limits(device),
    )
    if model.limits and model.match is None:
        raise device.error("limits", "部件没有 match，limits 应写在引用它的型号里")
    for row, found in zip(root.rows("unchecked"), model.unchecked, strict=True):
        if any(check.item == found.item for check in model.checks):
            raise row.error("item", f"{found.item} 已有检查，不能同时写成未检")
    return _Read(device, model, device.texts("uses"))


def _limits(device: Table) -> str:
    """The words a unit's page shows; given and empty is a mistake, and a page is no manual."""
    if "limits" not in device.data:
        return ""
    text = device.text("limits")
    if len(text) > _MOST_LIMITS:
        raise device.error("limits", f"limits 不超过 {_MOST_LIMITS} 字，得到 {len(text)} 字")
    return text


def _match(device: Table) -> Match | None:
    table = device.maybe("match")
    if table is None:
        return None
    table.only(*_MATCH_KEYS)
    found = Match(**{key: table.texts(key) for key in _MATCH_KEYS})
    if found == Match():
        raise device.error("match", f"match 至少给一项：{'、'.join(_MATCH_KEYS)}")
    return found


def _unchecked(row: Table, items: set[str]) -> Unchecked:
    row.only("item", "reason")
    return Unchecked(row.choice("item", sorted(items)), row.text("reason"))


def _check(row: Table, items: set[str], source: str) -> CheckTemplate:
    row.only(
        "id", "item", "label", "probe", "protocol", "every", "timeout", "retries", "strikes",
        "on_error", "options", "rule", "source", "fallback", "breaks", "suffers",
    )  # fmt: skip
    identity = row.text("id")
    if not _ID.fullmatch(identity):
        raise row.error("id", f"id 应为小写字母、数字、点和连字符，得到 “{identity}”")
    probe = _probe(row)
    options = row.maybe("options")
    given = options.data if options else {}
    parsed = _options(row, probe, given)
    readings = readings_of(probe, parsed)
    return CheckTemplate(
        id=identity,
        item=row.choice("item", sorted(items)),
        label=row.text("label"),
        probe=probe.name,
        protocol=row.text("protocol", probe.protocol),
        options=given,
        rules=_rules(row, readings),
        every=int(row.seconds("every", "5 min")),
        timeout=row.seconds("timeout", "5 s"),
        retries=row.whole("retries", 1, 0, 10),
        strikes=row.whole("strikes", 3, 1, 20),
        on_error=Result(row.choice("on_error", _ON_ERROR, _silence(probe).value)),
        source=row.text("source", source),
        fallback=row.flag("fallback"),
        breaks=links.breaks(row, readings),
        suffers=links.suffers(row),
    )


def _silence(probe: Probe) -> Result:
    """What no answer says unless content does: where we only listen, silence is the finding."""
    return Result.ABNORMAL if probe.passive else Result.UNCHECKED


def _probe(row: Table) -> Probe:
    name = row.text("probe")
    try:
        return probes.find(name)
    except probes.UnknownProbeError as error:
        raise row.error("probe", str(error)) from None


def _options(row: Table, probe: Probe, given: Mapping[str, Any]) -> Any:
    """The parsed options. What only an endpoint can bring is filled in, to check the rest."""
    lacking = {
        field.name: _stand_in(field)
        for field in describe(probe)
        if field.required and field.name not in given and field.type != "table"
    }
    try:
        return probes.parse_options(probe, lacking | dict(given))
    except OptionError as error:
        message = f"探针 {probe.name} 的选项 {error.field}：{error.message}"
        raise row.error(("options", *_places(error.field)), message) from None


def _stand_in(field: Field) -> Any:
    if field.type in ("int", "float"):
        return int(field.minimum or 1)
    if field.type == "bool":
        return False
    return field.choices[0] if field.choices else "x"


def _places(field: str) -> Path:
    """ "get.2.oid", counted from 1, as a path of the document."""
    return tuple(int(part) - 1 if part.isdigit() else part for part in field.split("."))


def _rules(row: Table, known: Mapping[str, str]) -> tuple[Rule, ...]:
    tables = [rule.data for rule in row.rows("rule")]
    if not tables:
        raise row.error((), "每个检查至少要有一条 [[check.rule]]：没有规则就没有结论")
    try:
        found = rules.parse_all(tables)
    except RuleError as error:
        below = tuple(int(part) if part.isdigit() else part for part in error.path)
        where = ".".join(error.path[1:])
        message = f"规则 {where}：{error.message}" if where else error.message
        raise row.error(("rule", *below), message) from None
    for number, one in enumerate(found):
        _fits(row, number, one, known)
    return found


def _fits(row: Table, number: int, one: Rule, known: Mapping[str, str]) -> None:
    """A rule must speak of readings these options give, in the unit they give them."""

    def expect(name: str, *path: str) -> None:
        if name not in known:
            there = "、".join(known) or "无"
            message = f"该检查不会给出读数 “{name}”。可给出：{there}"
            raise row.error(("rule", number, *path), message)

    if one.when:
        expect(one.when.reading, "when", "reading")
    if one.share:
        for name in one.share.names:
            expect(name, "share")
        return
    expect(one.reading, "reading")
    if known[one.reading] != one.unit:
        given, wanted = one.unit or "空", known[one.reading] or "空"
        message = f"读数 {one.reading} 的单位是 “{wanted}”，规则写的是 “{given}”"
        raise row.error(("rule", number, "unit" if one.unit else "reading"), message)


def _no_check_twice(read: Iterable[_Read]) -> None:
    seen: dict[str, str] = {}
    for one in read:
        root = Table(one.table.document, (), one.table.document.data)
        for row in root.rows("check"):
            identity = row.text("id")
            if identity in seen:
                raise row.error("id", f"检查 {identity} 已在 {seen[identity]} 中定义")
            line = row.document.line((*row.path, "id"))
            seen[identity] = f"{row.document.filename}:{line}"


def _joined(one: _Read, read: Mapping[str, _Read]) -> DeviceModel:
    """A model with the checks of its parts; its own word on an item comes first."""
    checks, unchecked = list(one.model.checks), list(one.model.unchecked)
    for number, name in enumerate(one.uses):
        part = read.get(name)
        if part is None or part.model.match is not None or part.uses:
            parts = [id_ for id_, r in read.items() if r.model.match is None and not r.uses]
            message = f"没有可引用的部件 “{name}”（没有 match 的型号）。可用：{'、'.join(parts)}"
            raise one.table.error(("uses", number), message)
        own = {check.item for check in checks} | {word.item for word in unchecked}
        checks += [check for check in part.model.checks if check.item not in own]
        unchecked += [word for word in part.model.unchecked if word.item not in own]
    model = one.model
    return replace(model, checks=tuple(checks), unchecked=tuple(unchecked))
