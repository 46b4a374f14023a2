"""Working minutes and other amounts, counted one by one: slow, and nothing like the platform's."""

from datetime import datetime, time, timedelta
from random import Random

from jingwei.region.year import days, faults
from jingwei.region.year.draft import Draft
from jingwei.region.year.times import open_books as open_times

MINUTE = timedelta(minutes=1)
_HOURS = ((time(8, 30), time(12)), (time(13), time(17, 30)))


def works_at(at: datetime) -> bool:
    """Whether the minute that begins then is a working one."""
    if not days.works(at.date()):
        return False
    return any(low <= at.time() < high for low, high in _HOURS)


def working(start: datetime, end: datetime) -> int:
    """Working minutes from one moment to another."""
    number, at = 0, start
    while at < end:
        number += works_at(at)
        at += MINUTE
    return number


def wall(start: datetime, end: datetime) -> int:
    """Minutes from one moment to another."""
    return (end - start) // MINUTE


def draft(seed: int) -> Draft:
    """A year that has not begun, with the books open that most themes write into."""
    made = Draft(seed, Random(f"test-{seed}"), days.END)
    faults.open_books(made)
    open_times(made)
    return made
