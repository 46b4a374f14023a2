"""Time that was lost: core systems down, emergencies, and the three amounts the contract limits."""

from datetime import datetime

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, MET, MINUTE, Draft
from jingwei.region.year.faults import outage
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Standing

COUNTED = frozenset({Cause.HARDWARE, Cause.SYSTEM_SOFTWARE})  # tender L700; unknown counts too
_PERCENT = ("principle.availability", "availability.core-99.9-percent")
_CLASSIFIED = ("availability.downtime-causes", "emergency.total-duration-exclusions")
# Minutes of the year: 99.9 % of 525,600 leaves 525.6, the hours of the tender 528.
_WISHES = (0, 0, 90, 400, 525, 526, 528, 529, 900)


def open_books(draft: Draft) -> None:
    """The causes are judged one by one."""
    for name in _CLASSIFIED:
        draft.ledger.asked(name)


def classified(draft: Draft, cause: Cause | None) -> None:
    """A downtime or an emergency with its cause, or still without."""
    for name in _CLASSIFIED:
        draft.ledger.note(name, MET if cause is not None else Standing.DUE)


def outages(draft: Draft) -> None:
    """Outages of core systems up to what this year is to come to, and some that do not count."""
    free = iter(_quiet_days(draft))
    if draft.kept():
        draft.ledger.case("downtime of another cause")
        _outage(draft, "software", next(free), 200, cause=Cause.BUSINESS_SYSTEM)
    if draft.kept():
        draft.ledger.case("exclusion approved")
        _outage(draft, "excluded", next(free), 150, excluded=True)
    wish = draft.rng.choice(_WISHES)
    if wish >= 300 and draft.kept():
        draft.ledger.case("exclusion refused")
        _outage(draft, "refused", next(free), 60, excluded=False)
    if wish >= 300 and draft.kept():
        draft.ledger.case("two down at once")
        at = next(free)
        _outage(draft, "together-1", at, 100)
        _outage(draft, "together-2", at + 40 * MINUTE, 100, application="APP-01")
    left = wish - lost(draft.down)
    number = 0
    while left > 0:
        part = min(left, 200)
        unknown = number == 1 and draft.kept()
        if unknown:
            draft.ledger.case("downtime without a cause")
        _outage(draft, f"down-{number}", next(free), part, cause=None if unknown else (
            Cause.HARDWARE if number % 2 else Cause.SYSTEM_SOFTWARE))  # fmt: skip
        left, number = left - part, number + 1
    _amounts(draft, lost(draft.down))


def _outage(
    draft: Draft, key: str, at: datetime, minutes: int, *, cause: Cause | None = Cause.HARDWARE,
    excluded: bool | None = None, application: str = "APP-10",
) -> None:  # fmt: skip
    outage(draft, key, at, minutes, cause=cause, excluded=excluded, application=application)
    classified(draft, cause)
    if (cause is None or cause in COUNTED) and not excluded:
        draft.down.append((at, at + minutes * MINUTE))


def _quiet_days(draft: Draft) -> list[datetime]:
    """Mornings no emergency falls on, far enough apart that no two outages touch."""
    busy = {each.detected.date() for each in draft.emergencies}
    found = [d for d in days.within((days.FIRST, days.LAST.replace(day=20))) if d not in busy]
    return [days.at(day, 9) for day in draft.rng.sample(found, 20)]


def lost(spells: list[tuple[datetime, datetime]]) -> int:
    """Minutes in which at least one was down: one by one, each counted once."""
    year = days.at(days.FIRST, 0)
    gone: set[int] = set()
    for start, end in spells:
        gone.update(range((start - year) // MINUTE, (end - year) // MINUTE))
    return len(gone)


def _amounts(draft: Draft, minutes: int) -> None:
    draft.ledger.case(f"downtime of {minutes} minutes" if minutes in (525, 526, 528, 529) else
                      "downtime far from its limits")  # fmt: skip
    for name in _PERCENT:
        draft.ledger.fix(name, MET if minutes <= 525 else BROKEN)
    draft.ledger.fix("availability.downtime-8.8h", MET if minutes <= 528 else BROKEN)


def emergency_hours(draft: Draft, spells: list[tuple[datetime, datetime]]) -> None:
    """The 24 h of levels 1 and 2: overlaps once, or each event in full, as long as nobody says."""
    once = lost(spells)
    each = sum((end - start) // MINUTE for start, end in spells)
    ends = {"union": once <= 24 * 60, "sum": each <= 24 * 60}
    chosen = draft.reading_of("A05")
    asked = {ends[chosen]} if chosen else set(ends.values())
    name = "emergency.total-duration-24h"
    draft.ledger.case("24 h differ by reading" if len(set(ends.values())) > 1 else "24 h agree")
    if len(asked) > 1:
        draft.ledger.fix(name, Standing.NOT_AGREED)
    else:
        draft.ledger.fix(name, MET if asked.pop() else BROKEN)
