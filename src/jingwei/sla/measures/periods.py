"""The periods of a term: days, months, quarters, halves, and the days before holidays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from jingwei.sla.availability import Term
from jingwei.terms import SHANGHAI

_DAY = timedelta(days=1)


class Every(StrEnum):
    """How often something is owed."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Period:
    """One period with both its days included; `opens` when it may be done, `due` the last moment.

    `published` False: it depends on a year whose holidays are not published (未公布).
    """

    label: str
    first: date
    last: date
    published: bool = True

    @property
    def opens(self) -> datetime:
        """Its first moment."""
        return midnight(self.first)

    @property
    def due(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + _DAY)

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies in it."""
        return self.opens <= at < self.due


def midnight(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def day_of(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()


def last_day(term: Term) -> date:
    """The last day of a term, whose end is exclusive."""
    return day_of(term.end - timedelta(microseconds=1))


def periods(
    every: Every,
    term: Term,
    *,
    working: Mapping[date, bool] | None = None,
    quarters: str = "contract",
    blocks: tuple[tuple[date, str], ...] = (),
    lead_days: int = 10,
) -> list[Period]:
    """All periods of a term, in order.

    Days: every day, or with `working` only working days. Quarters: of the contract (three months
    each from its first day) or, clipped to the term, of the calendar (ambiguity A14). Holidays: the
    `lead_days` before each block of `blocks`, up to the last working day before it.
    """
    first, last = day_of(term.start), last_day(term)
    if every is Every.DAY:
        return _days(first, last, working)
    if every is Every.HOLIDAY:
        return _before(blocks, first, last, working or {}, lead_days)
    if every is Every.YEAR:
        return [Period(f"{first}～{last}", first, last)]
    months = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF: 6}[every]
    start = first
    if every is Every.QUARTER and quarters == "calendar":
        start = date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
    found: list[Period] = []
    step = 0
    while True:
        low, high = add_months(start, step * months), add_months(start, (step + 1) * months) - _DAY
        if low > last:
            return found
        low, high = max(low, first), min(high, last)
        found.append(Period(f"{low}～{high}", low, high))
        step += 1


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has none."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def _days(first: date, last: date, working: Mapping[date, bool] | None) -> list[Period]:
    found = []
    day = first
    while day <= last:
        if working is None:
            found.append(Period(day.isoformat(), day, day))
        elif day not in working:
            found.append(Period(day.isoformat(), day, day, published=False))
        elif working[day]:
            found.append(Period(day.isoformat(), day, day))
        day += _DAY
    return found


def _before(
    blocks: tuple[tuple[date, str], ...], first: date, last: date,
    working: Mapping[date, bool], lead_days: int,
) -> list[Period]:  # fmt: skip
    found = []
    for start, name in blocks:
        day = start - _DAY
        while day in working and not working[day]:
            day -= _DAY
        if first <= day <= last:
            low = max(first, day - timedelta(days=lead_days - 1))
            found.append(Period(f"{name}（{start}）前", low, day, published=day in working))
    return found
