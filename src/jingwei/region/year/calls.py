"""Moments of a fault chosen so that its truth is known: on both clocks, at each limit, off hours.

Working hours are 08:30-12:00 and 13:00-17:30. What spans a night, a lunch or a holiday was counted
by hand from the tender's calendar (the golden cases of the domain's notes), not by a clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, HOUR, MET, MINUTE, Draft
from jingwei.terms.obligation import Standing

Both = tuple[Standing, Standing]  # on the working clock, on the wall clock
GOOD: Both = (MET, MET)
LATE: Both = (BROKEN, BROKEN)
SPLIT: Both = (MET, BROKEN)


@dataclass(frozen=True, slots=True)
class Call:
    """A report, the call back and the arrival, and what the two come to."""

    case: str
    reported: datetime
    phone: datetime | None
    arrived: datetime | None
    by_phone: Both
    on_site: Both


def in_hours(draft: Draft, phone: int, arrival: int, case: str) -> Call:
    """A morning's call, answered and attended so many minutes later, before lunch."""
    reported = days.at(draft.working_day(), 8, draft.rng.randint(30, 80))
    return Call(
        case, reported, reported + phone * MINUTE, reported + arrival * MINUTE,
        GOOD if phone <= 30 else LATE, GOOD if arrival <= 120 else LATE,
    )  # fmt: skip


def kept(draft: Draft) -> Call:
    """A call that keeps both limits on both clocks, often on the very minute."""
    phone = draft.rng.choice((1, 12, 29, 30, 30))
    arrival = draft.rng.choice((40, 95, 119, 120, 120))
    exact = phone == 30 or arrival == 120
    return in_hours(draft, phone, arrival, "limit kept to the minute" if exact else "call kept")


def broken(draft: Draft) -> Call:
    """A call that breaks one limit on both clocks."""
    way = draft.rng.choice(("phone", "arrival", "silent", "weekend", "holiday"))
    if way == "phone":
        return in_hours(draft, 31, 60, "answered one minute late")
    if way == "arrival":
        return in_hours(draft, 10, 121, "arrived one minute late")
    if way == "silent":
        call = in_hours(draft, 10, 60, "no call back on record")
        return Call(call.case, call.reported, None, call.arrived, LATE, GOOD)
    if way == "weekend":  # a Saturday; the Sunday after it is worked
        reported = days.at(date(2023, 4, 22), 10)
        phone = days.at(date(2023, 4, 23), 9, 1)
        return Call("a minute late on a made-up working day", reported, phone, phone, LATE, SPLIT)
    reported = days.at(date(2023, 1, 20), 17, 20)
    phone = days.at(date(2023, 1, 28), 8, 51)
    return Call("a minute late after a holiday", reported, phone, phone, LATE, SPLIT)


def split(draft: Draft) -> Call:
    """A call that is in time on the working clock only."""
    day = draft.working_day()
    golden = (
        ("over lunch", days.at(day, 11, 45), days.at(day, 13, 15), days.at(day, 14, 45)),
        ("at night", days.at(day, 20), days.at(day, 20, 40), days.at(day, 23, 30)),
        ("over a weekend", days.at(date(2022, 11, 4), 17, 30), days.at(date(2022, 11, 7), 9),
         days.at(date(2022, 11, 7), 10, 30)),
        ("made-up working day", days.at(date(2023, 4, 22), 10), days.at(date(2023, 4, 23), 9),
         days.at(date(2023, 4, 23), 10, 30)),
        ("over the Spring Festival", days.at(date(2023, 1, 20), 17, 20),
         days.at(date(2023, 1, 28), 8, 50), days.at(date(2023, 1, 28), 10, 20)),
        ("over New Year", days.at(date(2022, 12, 31), 10), days.at(date(2023, 1, 3), 9),
         days.at(date(2023, 1, 3), 10, 30)),
        ("over the National Day", days.at(date(2023, 9, 28), 17, 10),
         days.at(date(2023, 10, 7), 8, 40), days.at(date(2023, 10, 7), 10, 10)),
    )  # fmt: skip
    case, reported, phone, arrived = draft.rng.choice(golden)
    return Call(case, reported, phone, arrived, SPLIT, SPLIT)


def repair(draft: Draft, hours: int, *, late: bool) -> tuple[timedelta, str]:
    """How long from the arrival to the recovery, in wall time (L635)."""
    if late:
        return hours * HOUR + MINUTE, "repaired one minute late"
    if draft.kept(0.3):
        return hours * HOUR, "repaired to the minute"
    return draft.rng.randint(20, hours * 60 - 1) * MINUTE, "repaired in time"
