"""The State Council's notices as the package chinesecalendar carries them, put in our words.

It names a block that joins two festivals by one of them only: 2023-09-29 to 10-06 is all
"Mid-autumn". A block that holds 1 October is therefore also named 国庆节.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

_DAY = timedelta(days=1)
_CHINESE: dict[str, str] = {each.value: each.chinese for each in Holiday}
_NATIONAL = _CHINESE["National Day"]


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
        return PublishedDay(day, False, _festival(day))
    return PublishedDay(day, day.weekday() < 5)


def _festival(day: date) -> str:
    """The block's festivals: the package's own name, and 国庆节 when 1 October is in it."""
    own = _CHINESE[holidays[day]]
    first = date(day.year, 10, 1)
    if own == _NATIONAL or not _same_block(day, first):
        return own
    return f"{own}、{_NATIONAL}"


def _same_block(day: date, other: date) -> bool:
    low, high = min(day, other), max(day, other)
    if (high - low).days > 10:
        return False
    return all(low + n * _DAY in holidays for n in range((high - low).days + 1))
