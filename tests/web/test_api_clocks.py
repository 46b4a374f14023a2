"""Deadlines over the interface on either calendar; a ticket's clocks, now and as of then."""

from datetime import date, datetime, timedelta

import pytest
from api_making import Caller, contact, hospital, outage, person, refused
from django.utils import timezone

from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.desk import actions
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Caller:
    """A first-line engineer's program; 2022 to 2026 are published."""
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if date(2022, 1, 1) <= day.date <= date(2026, 12, 31)
    )
    return Caller(person())


def ask(caller: Caller, calendar: str, start: str, minutes: object) -> dict[str, object]:
    """A deadline."""
    query = {"calendar": calendar, "from": start, "minutes": minutes}
    answer = caller.get("/clock/due", query)
    assert answer.status_code == 200, answer.content.decode()
    told: dict[str, object] = answer.json()
    return told


def test_before_spring_festival_a_working_deadline_moves_past_the_holiday(wang: Caller) -> None:
    told = ask(wang, "5x8", "2023-01-20T17:20", 30)
    assert told == {
        "calendar": "5x8", "from": "2023-01-20T17:20:00+08:00", "minutes": 30,
        "due": "2023-01-28T08:50:00+08:00",
    }  # fmt: skip
    assert ask(wang, "7x24", "2023-01-20T17:20", 30)["due"] == "2023-01-20T17:50:00+08:00"


def test_the_zone_of_the_question_changes_nothing(wang: Caller) -> None:
    here = ask(wang, "5x8", "2023-01-20T17:20:00+08:00", 30)
    assert ask(wang, "5x8", "2023-01-20T09:20:00Z", 30) == here
    assert ask(wang, "5x8", "2023-01-20T04:20:00-05:00", 30) == here


def test_a_long_deadline_agrees_with_the_one_of_the_command_line(wang: Caller) -> None:
    from jingwei.calendars.queries import days  # noqa: PLC0415 - Django is ready
    from jingwei.sla.calendar import WorkingCalendar, due  # noqa: PLC0415

    start = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)
    whole = WorkingCalendar(days(date.min, date.max))
    for minutes in (0, 1, 480, 2400, 60_000, 100_000):
        expected = due(whole, start, timedelta(minutes=minutes))
        told = ask(wang, "5x8", start.isoformat(), minutes)
        assert datetime.fromisoformat(str(told["due"])) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"calendar": "6x9"}, "calendar"),
        ({"from": "soon"}, "from"),
        ({"from": "0001-01-01T00:00"}, "from"),
        ({"from": "9999-12-31T23:59:59"}, "from"),
        ({"from": "2023-01-20T17:20:00 08:00"}, "from"),
        ({"from": ""}, "from"),
        ({"minutes": "-1"}, "minutes"),
        ({"minutes": str(10**30)}, "minutes"),
        ({"minutes": "x"}, "minutes"),
        ({"from": "2031-03-01T09:00"}, "from"),
    ],
)
def test_what_cannot_be_computed_is_told_by_its_field(
    wang: Caller, query: dict[str, str], field: str
) -> None:
    good = {"calendar": "5x8", "from": "2023-01-20T17:20", "minutes": "30"}
    told = refused(wang.get("/clock/due", good | query), 422)
    assert told["field"] == field


def test_a_year_that_is_not_published_is_said_and_not_guessed(wang: Caller) -> None:
    query = {"calendar": "5x8", "from": "2026-12-31T17:00", "minutes": 600}
    assert "未公布" in refused(wang.get("/clock/due", query), 422)["detail"]
    wall = ask(wang, "7x24", "2031-03-01T09:00", 30)
    assert wall["due"] == "2031-03-01T09:30:00+08:00"


def test_a_tickets_clocks_say_used_and_left_on_both_calendars(wang: Caller) -> None:
    ticket = outage(wang.user, ago=10)
    told = wang.get(f"/tickets/{ticket.number}/clocks").json()
    phone = next(
        each for each in told["clocks"] if (each["name"], each["calendar"]) == ("phone", "7x24")
    )
    assert (phone["state"], phone["allowed_seconds"]) == ("running", 1800)
    assert phone["used_seconds"] + phone["left_seconds"] == pytest.approx(1800)
    assert 599 < phone["used_seconds"] < 660
    assert (told["severity"], told["overdue"]) == ("outage", False)


def test_as_of_then_only_what_was_written_down_by_then_counts(wang: Caller) -> None:
    start = timezone.now() - timedelta(hours=5)
    ticket = outage(wang.user, ago=300)
    # The test's own clock: opened five hours ago, the call noted just now.
    from jingwei.desk.models import Ticket, TicketEvent  # noqa: PLC0415

    Ticket.objects.update(created_at=start)
    written = [
        TicketEvent(
            ticket=ticket, kind=each.kind, at=each.at, entered_at=start, instant=each.instant,
            value=each.value, granted=each.granted, by=each.by, by_name=each.by_name,
        )
        for each in ticket.events.all()
    ]  # fmt: skip
    TicketEvent.objects.bulk_create(written)
    now = timezone.now()
    ticket.refresh_from_db()
    actions.note_instant(
        ticket, Instant.PHONE_RESPONDED, start + timedelta(minutes=10), wang.user, now, version=1
    )

    def phone(**query: str) -> str:
        told = wang.get(f"/tickets/{ticket.number}/clocks", query).json()
        (found,) = [
            each for each in told["clocks"]
            if (each["name"], each["calendar"]) == ("phone", "7x24")
        ]  # fmt: skip
        return str(found["state"])

    assert phone() == "met"
    assert phone(as_of=(start + timedelta(minutes=20)).isoformat()) == "running"
    assert phone(as_of=(start + timedelta(minutes=40)).isoformat()) == "overdue"


@pytest.mark.parametrize(
    "as_of", ["", "x", "2001-01-01T00:00", "2098-01-01T00:00", "0001-01-01", "9999-12-31T23:59"]
)
def test_a_moment_at_which_nothing_can_be_known_is_refused(wang: Caller, as_of: str) -> None:
    ticket = outage(wang.user)
    told = refused(wang.get(f"/tickets/{ticket.number}/clocks", {"as_of": as_of}), 422)
    assert told["field"] == "as_of"


def test_who_sees_no_desk_asks_for_no_deadline(wang: Caller) -> None:
    query = {"calendar": "7x24", "from": "2023-01-20T17:20", "minutes": 30}
    refused(Caller(person("v", "visitor")).get("/clock/due", query), 403)
    assert Caller(contact(hospital())).get("/clock/due", query).status_code == 200
