"""The State Council's notices as the package chinesecalendar carries them, put in our words.

A block that joins two festivals has days of both names (2023-09-29 is 中秋, 09-30 to 10-06 are
国庆节): look for the block (`queries.holidays`), never for a festival's first day by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

_DAY = timedelta(days=1)
_CHINESE: dict[str, str] = {each.value: each.chinese for each in Holiday}


@dataclass(frozen=True)
class PublishedDay:
    """One date of the notices. `name` is empty on an ordinary working day or weekend."""

    date: date
    working: bool
    name: str = ""


def source() -> str:
    """Where the days come from, with the version that says how far they reach."""
    return f"国务院放假通知（chinesecalendar {version('chinesecalendar')}）"


def years() -> range:
    """The years the notices cover without a gap."""
    return range(min(holidays).year, max(holidays).year + 1)


def days() -> Iterator[PublishedDay]:
    """Every date of the covered years, in order."""
    covered = years()
    day, end = date(covered.start, 1, 1), date(covered.stop, 1, 1)
    while day < end:
        yield _published(day)
        day += _DAY


def _published(day: date) -> PublishedDay:
    if day in workdays:
        return PublishedDay(day, True, f"{_CHINESE[workdays[day]]}调休")
    if day in holidays:
        return PublishedDay(day, False, _CHINESE[holidays[day]])
    return PublishedDay(day, day.weekday() < 5)
