"""Two clocks: the 5x8 working clock with its holidays and lunch, and the 7x24 wall clock.

Both map an instant to a position on their own scale (microseconds of counted time since an
origin), so that elapsed time is a difference and a deadline is one look-up; both print beside
each other where the tender is unclear (ambiguity A03).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Protocol

from jingwei.terms import SHANGHAI

MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MICRO = 24 * 3600 * 1_000_000


class UnpublishedError(LookupError):
    """A figure needs a year whose holidays are not published yet (未公布)."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day.year} 年的工作日安排未公布（{day} 无日历数据）")
        self.day = day


class Calendar(Protocol):
    """What a clock runs on. Instants must be aware; any time zone of the input is the same."""

    @property
    def name(self) -> str:
        """5x8 or 7x24."""
        ...

    def position(self, at: datetime) -> int:
        """Counted microseconds from the origin to `at`. Raises UnpublishedError."""
        ...

    def instant(self, position: int) -> datetime:
        """The earliest instant at that position, in Asia/Shanghai. Raises UnpublishedError."""
        ...

    def check(self, start: datetime, end: datetime) -> None:
        """Raises UnpublishedError when a day between has no data."""
        ...


@dataclass(frozen=True)
class WallCalendar:
    """7x24: every minute counts."""

    name: str = "7x24"

    def position(self, at: datetime) -> int:
        """Microseconds since 1970. Raises ValueError for a naive instant."""
        return (_aware(at) - _EPOCH) // MICROSECOND

    def instant(self, position: int) -> datetime:
        """The instant at that position."""
        return (_EPOCH + position * MICROSECOND).astimezone(SHANGHAI)

    def check(self, start: datetime, end: datetime) -> None:
        """Never unpublished."""


@dataclass(frozen=True)
class Hours:
    """Working hours of a day as ordered, disjoint spans. Default 08:30-12:00, 13:00-17:30."""

    spans: tuple[tuple[time, time], ...] = (
        (time(8, 30), time(12)),
        (time(13), time(17, 30)),
    )

    def __post_init__(self) -> None:
        """Raises ValueError for spans that are empty, out of order or overlap."""
        edges = [edge for span in self.spans for edge in span]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("工作时间须为先后有序、互不重叠的时段，例如 08:30-12:00、13:00-17:30")


@dataclass(frozen=True)
class WorkingCalendar:
    """5x8: statutory working days (make-up days count, holidays do not) and working hours.

    `days` says of each date whether it is a working day; a date without an entry is 未公布, and
    whatever would have to cross it raises UnpublishedError instead of guessing.
    """

    days: Mapping[date, bool]
    hours: Hours = field(default_factory=Hours)
    name: str = "5x8"
    _first: date = field(init=False, repr=False, compare=False)
    _midnight: datetime = field(init=False, repr=False, compare=False)
    _sums: list[int] = field(init=False, repr=False, compare=False)
    _missing: list[date] = field(init=False, repr=False, compare=False)
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError for an empty calendar."""
        if not self.days:
            raise ValueError("工作日历为空")
        first, last = min(self.days), max(self.days)
        dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        spans = tuple((_micro(start), _micro(end)) for start, end in self.hours.spans)
        full = sum(end - start for start, end in spans)
        sums = accumulate((full if self.days.get(day) else 0 for day in dates), initial=0)
        for name, value in (
            ("_first", first),
            # Shanghai has kept one offset since 1991, long before any published year: in UTC
            # every day of the calendar is twenty-four hours long.
            ("_midnight", datetime.combine(first, time(), SHANGHAI).astimezone(UTC)),
            ("_sums", list(sums)),
            ("_missing", [day for day in dates if day not in self.days]),
            ("_spans", spans),
        ):
            object.__setattr__(self, name, value)

    def position(self, at: datetime) -> int:
        """Counted microseconds of working time from the calendar's first day to `at`."""
        index, moment = divmod((_aware(at) - self._midnight) // MICROSECOND, _DAY_MICRO)
        if not 0 <= index < len(self._sums) - 1:
            raise UnpublishedError(at.astimezone(SHANGHAI).date())
        counted = self._sums[index]
        if self._sums[index + 1] == counted:
            return counted
        for start, end in self._spans:
            if moment <= start:
                break
            counted += (moment if moment < end else end) - start
        return counted

    def instant(self, position: int) -> datetime:
        """The earliest instant at which that much working time has been counted."""
        index = bisect_left(self._sums, position) - 1
        if position > self._sums[-1]:
            raise UnpublishedError(self._first + timedelta(days=len(self._sums) - 1))
        if index < 0:
            return datetime.combine(self._first, time(), SHANGHAI)
        rest = position - self._sums[index]
        for start, end in self._spans:
            if rest <= end - start:
                return datetime.combine(self._first, time(), SHANGHAI) + timedelta(
                    days=index, microseconds=start + rest
                )
            rest -= end - start
        raise AssertionError("a day's working time exceeds its spans")

    def check(self, start: datetime, end: datetime) -> None:
        """Raises UnpublishedError when a date from start to end has no data."""
        if not self._missing:
            return
        low = _aware(start).astimezone(SHANGHAI).date()
        at = bisect_left(self._missing, low)
        if at < bisect_right(self._missing, _aware(end).astimezone(SHANGHAI).date()):
            raise UnpublishedError(self._missing[at])


def due(calendar: Calendar, start: datetime, allowed: timedelta) -> datetime:
    """When `allowed` counted time has passed since `start`; the limit itself still passes.

    Raises UnpublishedError where the calendar has no data, ValueError for a negative allowance.
    """
    if allowed < timedelta():
        raise ValueError("时限不能为负")
    if not allowed:
        return start.astimezone(SHANGHAI)
    end = calendar.instant(calendar.position(start) + allowed // MICROSECOND)
    calendar.check(start, end)
    return end


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Counted time between two instants; zero when `end` is not after `start`."""
    if end <= start:
        return timedelta()
    calendar.check(start, end)
    return (calendar.position(end) - calendar.position(start)) * MICROSECOND


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"时间缺少时区：{at.isoformat()}")
    return at


def _micro(moment: time) -> int:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds * 1_000_000 + moment.microsecond
