"""From what a device said to a reading's value: scale, numbers in text, states as words."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

from jingwei.probes.errors import ProbeError
from jingwei.probes.options import option
from jingwei.probes.units import UNITS
from jingwei.terms import Reading, Value


def reading_name() -> Any:
    """The option that names a reading."""
    return option(label="读数名", help="点分的稳定名字，如 room.temperature")


def unit() -> Any:
    """The option that gives a reading's unit."""
    return option("", label="单位", choices=UNITS)


def scale() -> Any:
    """The option that multiplies a raw number."""
    return option(1.0, label="倍率", help="原始数值乘以它，如 0.1")


def states() -> Any:
    """The option that gives states their words."""
    return option({}, label="状态词", help='原始值到状态词，如 {1="normal", 2="fault"}')


class Naming(Protocol):
    """Options of one reading a check names itself."""

    @property
    def reading(self) -> str:
        """The reading's name."""

    @property
    def unit(self) -> str:
        """The reading's unit."""

    @property
    def scale(self) -> float:
        """What a raw number is multiplied by."""

    @property
    def states(self) -> Mapping[str, str]:
        """Raw value to word."""


def made(naming: Naming, raw: Any, instance: str) -> Reading | None:
    """The reading of a raw value; None when there is no value in it."""
    value = valued(naming, raw)
    return None if value is None else Reading(naming.reading, value, naming.unit, instance)


def valued(naming: Naming, raw: Any) -> Value | None:
    """Apply states, scale and unit to a raw value (number, text, bytes, bool or None)."""
    if isinstance(raw, bytes | bytearray):
        raw = text_of(bytes(raw))
    if raw is None or isinstance(raw, list | dict | tuple):
        return None
    if naming.states:
        return naming.states.get(_key(raw), _plain(raw))
    if isinstance(raw, str):
        wants_number = naming.unit or naming.scale != 1
        number = _number_in(raw) if wants_number else None
        return raw.strip() if number is None else scaled(number, naming.scale)
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    return scaled(raw, naming.scale) if isinstance(raw, int | float) else str(raw)


def scaled(raw: float, factor: float) -> float | int:
    """raw * factor without the tail of binary fractions (294 * 0.1 is 29.4)."""
    return raw if factor == 1 else float(f"{raw * factor:.12g}")


def _key(raw: Any) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    return str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw).strip()


def _plain(raw: Any) -> Value:
    return raw if isinstance(raw, bool | int | float) else str(raw).strip()


def _number_in(text: str) -> float | None:
    """Some agents report numbers as text ("29.4", "29.4 C")."""
    head = text.strip().split(" ")[0].rstrip("%")
    try:
        number = float(head)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def text_of(raw: bytes) -> str:
    """Device text: UTF-8, else GB18030 (Chinese firmware), else hex. Trailing NULs dropped."""
    bare = raw.rstrip(b"\x00")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = bare.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(char.isprintable() or char in "\t\r\n" for char in text):
            return text
    return raw.hex(":")


def at_least_one(readings: list[Reading], nothing: str) -> list[Reading]:
    """`readings`, or ProbeError(`nothing`) when there are none."""
    if not readings:
        raise ProbeError(nothing)
    return readings
