"""The service year's days, written out by hand: no calendar of the platform is asked.

From the State Council's notices for 2022 and 2023: 250 working days (tender L506).
"""

from datetime import date, datetime, timedelta
from itertools import pairwise

from jingwei.terms import SHANGHAI

FIRST, LAST = date(2022, 11, 1), date(2023, 10, 31)
_OFF = (
    (date(2022, 12, 31), date(2023, 1, 2)), (date(2023, 1, 21), date(2023, 1, 27)),
    (date(2023, 4, 5), date(2023, 4, 5)), (date(2023, 4, 29), date(2023, 5, 3)),
    (date(2023, 6, 22), date(2023, 6, 24)), (date(2023, 9, 29), date(2023, 10, 6)),
)  # fmt: skip
_MADE_UP = frozenset(
    {
        date(2023, 1, 28), date(2023, 1, 29), date(2023, 4, 23), date(2023, 5, 6),
        date(2023, 6, 25), date(2023, 10, 7), date(2023, 10, 8),
    }
)  # fmt: skip
# The last working day before each block that the contract names (tender L622).
EVES = (date(2022, 12, 30), date(2023, 1, 20), date(2023, 4, 28), date(2023, 9, 28))
_DAY = timedelta(days=1)


def works(day: date) -> bool:
    """Whether people work that day."""
    if day in _MADE_UP:
        return True
    return day.weekday() < 5 and not any(low <= day <= high for low, high in _OFF)


def all_days() -> list[date]:
    """Every day of the year, both ends included."""
    return [FIRST + _DAY * n for n in range((LAST - FIRST).days + 1)]


def working_days() -> list[date]:
    """The 250."""
    return [day for day in all_days() if works(day)]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in Shanghai; hours and minutes may run over."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(
        hours=hour, minutes=minute
    )


END = at(LAST, 24)  # the first moment after the year


def months() -> list[tuple[date, date]]:
    """The twelve months, first and last day."""
    starts = [*(date(2022 + (m > 12), (m - 1) % 12 + 1, 1) for m in range(11, 23)), LAST + _DAY]
    return [(low, high - _DAY) for low, high in pairwise(starts)]


def quarters() -> list[tuple[date, date]]:
    """The contract's quarters: three months each from the first day."""
    whole = months()
    return [(whole[n][0], whole[n + 2][1]) for n in (0, 3, 6, 9)]


def calendar_quarters() -> list[tuple[date, date]]:
    """The calendar's quarters, clipped to the year: five of them, the first and last short."""
    whole = months()
    return [(whole[low][0], whole[high][1]) for low, high in ((0, 1), (2, 4), (5, 7), (8, 10),
                                                             (11, 11))]  # fmt: skip


def halves() -> list[tuple[date, date]]:
    """The two halves."""
    whole = months()
    return [(FIRST, whole[5][1]), (whole[6][0], LAST)]


def within(period: tuple[date, date]) -> list[date]:
    """The working days of a period."""
    return [day for day in working_days() if period[0] <= day <= period[1]]
