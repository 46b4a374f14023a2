"""The words of content: device models with their checks, routines with their items."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from jingwei.rules.rule import Rule
from jingwei.terms import Result


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the register knows of a target, as far as it decides which checks it gets.

    `engine` is a database's ("postgresql"); `vendor` and `model` are the register's normalised
    words ("Huawei", "OceanStor 5500 V3").
    """

    key: str
    kind: str
    vendor: str = ""
    model: str = ""
    role: str = ""
    zone: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which targets a device model is for. Every given list must match; `models` are globs."""

    kinds: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """What those who need the target lose while this check is 异常: see `rules.cause`.

    With a `reading` only while the last value of that reading fulfils the condition `is_`;
    `silent`: only while nothing answers.
    """

    kind: str
    reading: str = ""
    is_: str = ""
    silent: bool = False

    def table(self) -> dict[str, str | bool]:
        """As a check row keeps it."""
        return {
            "kind": self.kind, "reading": self.reading, "is": self.is_, "silent": self.silent,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckTemplate:
    """One check of a device model: what to ask, how often, and how to judge.

    `options` are the probe's, without what an endpoint brings (address, port, its settings).
    `every` and `timeout` are seconds. `fallback` is used only when the same model has no other
    check of the item whose protocol is registered.
    """

    id: str
    item: str
    label: str
    probe: str
    protocol: str
    options: Mapping[str, Any]
    rules: tuple[Rule, ...]
    every: int
    timeout: float
    retries: int
    strikes: int
    on_error: Result
    source: str
    fallback: bool = False
    breaks: tuple[Break, ...] = ()
    suffers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An item no check can prove on this model, and the reason the sheet will print."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """One file of content/devices: what can be checked on these targets, and on what authority.

    A model without `match` is a part that others include by `uses`. `limits` tells people what
    cannot be asked because the vendor publishes nothing; empty where it publishes enough.
    """

    id: str
    label: str
    source: str
    match: Match | None
    checks: tuple[CheckTemplate, ...]
    unchecked: tuple[Unchecked, ...]
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a sheet: its number is the report's."""

    id: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a sheet asks of every target of `kinds` ("*": of each), and of those in `keys`.

    `mode` is "automatic" or "manual". `until` names the room that will judge it; before that
    room exists the item is 未检. `standard` is what is normal in the report's words.
    """

    id: str
    section: str
    label: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...]
    mode: str
    until: str
    standard: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person's finished sheet settles: a duty of the contract, for each object of a kind.

    `each` is "unit", "application" or empty for one sheet over everything. `fills` maps a field of
    the duty to what the sheet knows: "items", "time", "summary", or the id of an item.
    """

    duty: str
    each: str
    fills: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Routine:
    """A sheet: when it is due, its sections and items in order. Times are Asia/Shanghai.

    With `sheet` people fill it object by object and no worker runs it.
    """

    id: str
    label: str
    calendar: str
    due: time
    start: time
    source: str
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    sheet: Sheet | None = None

    def item(self, item_id: str) -> Item | None:
        """One item by its id."""
        return next((item for item in self.items if item.id == item_id), None)
