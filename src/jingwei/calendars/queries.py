"""Every read of this room. An answer that needs an unpublished year is None, never a guess."""

from dataclasses import dataclass
from datetime import date, timedelta

from jingwei.calendars.models import CalendarDay, Safeguard

UNPUBLISHED = "未公布"
_DAY = timedelta(days=1)
_REACH = 40  # days to look around a date: the longest block so far has ten days off


@dataclass(frozen=True)
class Block:
    """A holiday: the contiguous days off that hold at least one festival day.

    `deadline` is the last working day before it, when the pre-holiday check is due; None when
    that lies in an unpublished year.
    """

    first: date
    last: date
    name: str
    deadline: date | None


def working(day: date) -> bool | None:
    """Whether it is a working day; None when its year is not published (未公布)."""
    return CalendarDay.objects.filter(date=day).values_list("working", flat=True).first()


def day_name(day: date) -> str:
    """What people call the day: 工作日, 周末, 国庆节, 国庆节调休（上班）, or 未公布."""
    return day_names(day, day)[day]


def day_names(start: date, end: date) -> dict[date, str]:
    """date → what people call it, for every day from `start` to `end` included."""
    rows = CalendarDay.objects.filter(date__gte=start, date__lte=end)
    known = {row.date: _called(row) for row in rows}
    every = (start + _DAY * n for n in range((end - start).days + 1))
    return {day: known.get(day, UNPUBLISHED) for day in every}


def _called(row: CalendarDay) -> str:
    if row.name:
        return f"{row.name}（上班）" if row.working and row.name.endswith("调休") else row.name
    return "工作日" if row.working else "周末"


def days(start: date, end: date) -> dict[date, bool]:
    """date → working, both ends included; unpublished dates are absent (for `sla`'s clocks)."""
    rows = CalendarDay.objects.filter(date__gte=start, date__lte=end)
    return dict(rows.values_list("date", "working"))


def working_days(start: date, end: date) -> int | None:
    """How many working days, both ends included; None when any date is unpublished."""
    known = days(start, end)
    if len(known) != max((end - start).days + 1, 0):
        return None
    return sum(known.values())


def first_day_off_block(day: date) -> date | None:
    """The first day off of the contiguous block that holds `day`.

    None when `day` is a working day, or when the block reaches back into an unpublished year.
    """
    known = days(day - _REACH * _DAY, day)
    if known.get(day) is not False:
        return None
    while known.get(day) is False:
        day -= _DAY
    return day + _DAY if day in known else None


def last_working_day_before(day: date) -> date | None:
    """The nearest working day before `day`; None when an unpublished day comes first."""
    return _step(day, -1, 1)


def next_working_day(day: date) -> date | None:
    """The nearest working day after `day`; None when an unpublished day comes first."""
    return _step(day, 1, 1)


def add_working_days(day: date, count: int) -> date | None:
    """The date `count` working days after `day`, itself counted; before it when negative.

    Zero gives `day`. None when an unpublished day lies between.
    """
    return _step(day, 1 if count > 0 else -1, abs(count))


def _step(day: date, direction: int, count: int) -> date | None:
    span = (2 * count + _REACH) * _DAY
    known = days(day - span, day) if direction < 0 else days(day, day + span)
    while count > 0:
        day += direction * _DAY
        if day not in known:
            return None
        count -= known[day]
    return day


def holidays(start: date, end: date) -> list[Block]:
    """The holidays whose first day lies from `start` to `end`, in order."""
    rows = CalendarDay.objects.filter(
        date__gte=start - _REACH * _DAY, date__lte=end + _REACH * _DAY
    ).order_by("date")
    found: list[Block] = []
    run: list[CalendarDay] = []
    last_working: date | None = None
    for row in [*rows, None]:
        if row is not None and not row.working and (not run or row.date == run[-1].date + _DAY):
            run.append(row)
            continue
        if run:
            block = _block(run, last_working)
            if block is not None and start <= block.first <= end:
                found.append(block)
        run = [row] if row is not None and not row.working else []
        last_working = row.date if row is not None and row.working else None
    return found


def _block(run: list[CalendarDay], before: date | None) -> Block | None:
    """The holiday these days off are; None for a plain weekend."""
    names = list(dict.fromkeys(row.name for row in run if row.name))
    if not names:
        return None
    adjacent = before is not None and before + _DAY == run[0].date
    deadline = before if adjacent else None
    return Block(run[0].date, run[-1].date, "、".join(names), deadline)


def safeguard(day: date) -> Safeguard | None:
    """The safeguard period (重保期) that holds this day; the latest begun when several do."""
    return Safeguard.objects.filter(start__lte=day, end__gte=day).order_by("-start", "-id").first()


def coverage() -> tuple[date, date] | None:
    """The first and the last published date."""
    first = CalendarDay.objects.order_by("date").values_list("date", flat=True).first()
    last = CalendarDay.objects.order_by("-date").values_list("date", flat=True).first()
    return (first, last) if first and last else None
