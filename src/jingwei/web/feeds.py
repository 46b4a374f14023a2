"""Calendar feeds (RFC 5545): what they hold, and the signed address that opens one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from icalendar import Calendar, Event

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.contract import queries as contract
from jingwei.desk.queries import planned
from jingwei.desk.queries.planned import Planned
from jingwei.desk.queries.roster import person_of
from jingwei.terms import SHANGHAI

BACK, AHEAD = timedelta(days=31), timedelta(days=120)
_SALT = "jingwei.web.feeds"  # not the interface's: a feed's address opens nothing else

Ask = Callable[[User, date, date], list[Planned]]


@dataclass(frozen=True, slots=True)
class Feed:
    """One calendar: its name in the address, its Chinese name, and who says what is in it."""

    key: str
    name: str
    ask: Ask


_FEEDS: dict[str, Feed] = {}


def add_source(key: str, name: str, ask: Ask) -> None:
    """Offer one more calendar. `ask(user, start, end)` gives what this person may see of it.

    Raises ValueError when the key is taken.
    """
    if key in _FEEDS:
        raise ValueError(f"日历 {key} 已存在")
    _FEEDS[key] = Feed(key, name, ask)


def offered() -> list[Feed]:
    """Every calendar, in the order added."""
    return list(_FEEDS.values())


def feed(key: str) -> Feed | None:
    """The calendar of this name, if there is one."""
    return _FEEDS.get(key)


def token(user: User) -> str:
    """The part of the address that speaks for this person; void when his password changes."""
    return signing.dumps({"user": user.pk, "tie": _tie(user)}, salt=_SALT)


def reader(text: str) -> User | None:
    """Whose address this is; None when forged, void, or the person may no longer see the desk."""
    try:
        claims: Any = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=claims.get("user"), is_active=True).first()
    if user is None or claims.get("tie") != _tie(user) or not may(user.role, May.SEE_DESK):
        return None
    return user


def written(name: str, entries: Iterable[Planned], host: str, now: datetime) -> bytes:
    """The calendar as text, with the time zone it speaks in."""
    made = Calendar()
    made.add("prodid", "-//Jingwei//Roster//ZH")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for entry in entries:
        made.add_component(_event(entry, host, now))
    made.add_missing_timezones(date(2000, 1, 1))
    return bytes(made.to_ical())


def _event(entry: Planned, host: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("summary", entry.title)
    for field, when in (("dtstart", entry.start), ("dtend", entry.end)):
        event.add(field, when.astimezone(SHANGHAI) if isinstance(when, datetime) else when)
    event.add("dtstamp", min(entry.changed_at, now))  # no METHOD: the last change (RFC 3.8.7.2)
    event.add("sequence", entry.sequence)
    event.add("status", entry.state.upper())
    event.add("transp", "OPAQUE" if isinstance(entry.start, datetime) else "TRANSPARENT")
    if entry.text:
        event.add("description", entry.text)
    return event


def _tie(user: User) -> str:
    return user.get_session_auth_hash()[:24]


def _all_duty(user: User, start: date, end: date) -> list[Planned]:
    return planned.duty(start, end, hours=contract.hours(start))


def _my_duty(user: User, start: date, end: date) -> list[Planned]:
    me = person_of(user.pk)
    if me is None:
        return []
    mine = planned.duty(start, end, me, hours=contract.hours(start))
    return [*mine, *planned.absences(start, end, me)]


def _all_leave(user: User, start: date, end: date) -> list[Planned]:
    return planned.absences(start, end)


add_source("roster", "排班（全部）", _all_duty)
add_source("mine", "我的排班与请假", _my_duty)
add_source("leave", "请假（全部）", _all_leave)
