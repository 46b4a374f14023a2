"""What the texts of a document tree are as values: numbers, shares, days, instants, lengths.

Texts of reports have one form each (reports.md section 0), so they can be read back: "98.33 %",
"2026-11-20 09:30" (Beijing time), "1 小时 30 分". What is no such text stays text, and text is
never a formula.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,13})(?:\.(\d{1,6}))?")
_SHARE = re.compile(r"(-?(?:0|[1-9]\d{0,13})(?:\.(\d{1,4}))?) %")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LENGTH = re.compile(r"(-?)(?:(\d{1,7}) 小时)?(?: ?(\d{1,2}) 分)?(?: ?(\d{1,2}) 秒)?")
# Digits that name a thing and are not to be added up: a serial number, a ticket, a version.
_NAMES = re.compile(r"号|版本|型号|电话|代码|条款|地址|端口|^序$")
MISSING = frozenset({"", "—", "－", "-", "无"})
_FIRST_YEAR = 1900  # a workbook counts days from here

Value = str | int | float | date | datetime | timedelta


@dataclass(frozen=True, slots=True)
class Held:
    """A value and how a workbook shows it; no `format` for text."""

    value: Value
    format: str = ""


def numeric(title: str, texts: Sequence[str]) -> bool:
    """Whether a column holds numbers: every text is one or says there is none."""
    if _NAMES.search(title):
        return False
    said = [text for text in texts if text.strip() not in MISSING]
    return bool(said) and all(_NUMBER.fullmatch(text) for text in said)


def read(text: str, *, number: bool) -> Held:
    """A text as a value; digits alone are a number only where `number` says that they count."""
    if number and (found := _NUMBER.fullmatch(text)):
        return _number(text, found[1])
    if share := _SHARE.fullmatch(text):
        places = "." + "0" * len(share[2]) if share[2] else ""
        return Held(float(Decimal(share[1]) / 100), f"0{places} %")
    return _moment(text) or _length(text) or Held(text)


def _number(text: str, places: str | None) -> Held:
    if places is None:
        return Held(int(text), "0")
    return Held(float(text), "0." + "0" * len(places))


def _moment(text: str) -> Held | None:
    """A day, or an instant; None for what only looks like one (2026-02-30, the year 1)."""
    try:
        if both := _INSTANT.fullmatch(text):
            made = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - workbooks know no zone
            return Held(made, "yyyy-mm-dd hh:mm") if both and made.year >= _FIRST_YEAR else None
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return Held(day, "yyyy-mm-dd") if day.year >= _FIRST_YEAR else None
    except ValueError:
        return None
    return None


def _length(text: str) -> Held | None:
    """A length of time, so that it adds up; less than nothing stays text (no date is negative)."""
    found = _LENGTH.fullmatch(text)
    if not text or found is None or found[1] or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.group(2, 3, 4))
    shown = '[h]" 小时 "m" 分"' + ('" "s" 秒"' if seconds else "")
    return Held(timedelta(hours=hours, minutes=minutes, seconds=seconds), shown)
