"""Subscribed calendars: read back by a reader of RFC 5545, opened by the right address only."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from ticket_making import Desk, make_desk, signed_in

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.calendars.models import CalendarDay
from jingwei.desk.actions import attendance
from jingwei.desk.actions import leave as leaves
from jingwei.desk.actions.leave import Wish
from jingwei.desk.models import Leave
from jingwei.terms import SHANGHAI
from jingwei.web import feeds, tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=today() + timedelta(days=n), working=n != 2, source="国务院放假通知")
        for n in range(-3, 10)
    )
    for number in range(1, 3):
        user = made.wang if number == 1 else None
        Person.objects.create(name=f"驻场{number}", line=Person.Line.FIRST, user=user)
    Person.objects.create(name="二线1", line=Person.Line.SECOND)
    return made


def today() -> date:
    return timezone.now().astimezone(SHANGHAI).date()


def moment(days: int, hour: int) -> datetime:
    return datetime(*(today() + timedelta(days=days)).timetuple()[:3], hour, tzinfo=SHANGHAI)


def asked(by: User, **given: Any) -> Leave:
    facts: dict[str, Any] = {
        "person": Person.objects.get(name="驻场1"), "start": moment(3, 0), "end": moment(4, 0),
        "reason": "看病", "whereabouts": "市内", "phone": "139",
        "stand_in": Person.objects.get(name="二线1"),
    } | given  # fmt: skip
    return leaves.ask_leave(Wish(**facts), by, timezone.now())


def read(user: User, key: str) -> dict[str, Any]:
    """The events of a feed by uid, parsed back."""
    response = Client().get(reverse("ical-feed", args=(feeds.token(user), key)))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    held = Calendar.from_ical(response.content)
    assert not held.errors
    events = held.walk("VEVENT")
    found = {str(event["uid"]): event for event in events}
    assert len(found) == len(events)
    return found


def test_every_working_day_names_who_is_there_and_a_day_off_is_not_there(desk: Desk) -> None:
    found = read(desk.wang, "roster")
    day = found[f"on-site-{today()}@jingwei"]
    assert str(day["summary"]) == "驻场：驻场1、驻场2"
    assert day["dtstart"].dt == today()
    assert day["dtend"].dt == today() + timedelta(days=1)
    assert f"on-site-{today() + timedelta(days=2)}@jingwei" not in found
    assert len(found) == 12  # nothing beyond what is published


def test_a_leave_is_tentative_then_confirmed_then_cancelled_under_one_name(desk: Desk) -> None:
    made = asked(desk.wang)
    uid = f"leave-{made.pk}@jingwei"

    def state() -> tuple[str, int]:
        event = read(desk.wang, "leave")[uid]
        return str(event["status"]), int(event["sequence"])

    assert state() == ("TENTATIVE", 0)
    leaves.answer_leave(made, True, desk.gu, timezone.now())
    assert state() == ("CONFIRMED", 1)
    made.refresh_from_db()
    leaves.withdraw_leave(made, "病好了", desk.wang, timezone.now())
    assert state() == ("CANCELLED", 2)


def test_a_leave_has_its_hours_in_shanghai_with_the_zone_described(desk: Desk) -> None:
    made = asked(desk.wang)
    response = Client().get(reverse("ical-feed", args=(feeds.token(desk.wang), "leave")))
    held = Calendar.from_ical(response.content)
    assert [str(zone["tzid"]) for zone in held.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    event: Any = held.walk("VEVENT")[0]
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert (event["dtstart"].dt, event["dtend"].dt) == (made.start, made.end)
    assert "看病" in str(event["description"])


def test_a_day_away_is_cancelled_in_ones_own_calendar_and_comes_back(desk: Desk) -> None:
    made = asked(desk.wang)
    me = Person.objects.get(name="驻场1")
    uid = f"on-site-{today() + timedelta(days=3)}-{me.pk}@jingwei"
    assert str(read(desk.wang, "mine")[uid]["status"]) == "CONFIRMED"
    leaves.answer_leave(made, True, desk.gu, timezone.now())
    gone = read(desk.wang, "mine")[uid]
    assert (str(gone["status"]), int(gone["sequence"])) == ("CANCELLED", 1)
    team = read(desk.wang, "roster")[f"on-site-{today() + timedelta(days=3)}@jingwei"]
    assert str(team["summary"]) == "驻场：驻场2"
    made.refresh_from_db()
    leaves.withdraw_leave(made, "病好了", desk.wang, timezone.now())
    back = read(desk.wang, "mine")[uid]
    assert (str(back["status"]), int(back["sequence"])) == ("CONFIRMED", 2)


def test_who_is_nobody_in_the_register_has_an_empty_calendar_of_his_own(desk: Desk) -> None:
    assert read(desk.gu, "mine") == {}


def test_a_cancelled_turn_stays_cancelled_in_the_calendar(desk: Desk) -> None:
    now = timezone.now()
    manager = User.objects.create_user("zhao", password="Right-Horse-9", role=Role.MANAGER)
    period = attendance.open_period("流感", moment(1, 0), moment(3, 0), desk.gu, now)
    turn = attendance.add_shift(
        period, Person.objects.get(name="二线1"), moment(1, 8), moment(1, 20), manager, now
    )
    uid = f"shift-{turn.pk}@jingwei"
    assert str(read(desk.wang, "roster")[uid]["summary"]) == "值守：二线1"
    attendance.cancel_shift(turn, manager, now)
    over = read(desk.wang, "roster")[uid]
    assert (str(over["status"]), int(over["sequence"])) == ("CANCELLED", 1)


def test_an_address_is_void_after_a_new_password_a_lost_role_or_a_closed_account(
    desk: Desk,
) -> None:
    def status(text: str) -> int:
        return Client().get(reverse("ical-feed", args=(text, "roster"))).status_code

    text, role = feeds.token(desk.wang), desk.wang.role
    assert status(text) == 200
    assert status(f"{text}x") == 404
    assert status(tokens.make(desk.wang, write=True)) == 404, "an interface token is no address"
    assert tokens.reader(text) is None, "an address is no interface token"
    User.objects.filter(pk=desk.wang.pk).update(role=Role.VISITOR)
    assert status(text) == 404
    User.objects.filter(pk=desk.wang.pk).update(role=role, is_active=False)
    assert status(text) == 404
    User.objects.filter(pk=desk.wang.pk).update(is_active=True)
    desk.wang.refresh_from_db()
    desk.wang.set_password("Another-Horse-9")
    desk.wang.save()
    assert status(text) == 404
    assert status(feeds.token(desk.wang)) == 200


def test_a_calendar_that_is_not_there_is_not_found(desk: Desk) -> None:
    where = reverse("ical-feed", args=(feeds.token(desk.wang), "nothing"))
    assert Client().get(where).status_code == 404


def test_the_page_shows_ones_own_addresses_and_they_open(desk: Desk) -> None:
    page = signed_in(desk.wang).get(reverse("ical"))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    addresses = [address for _, address in page.context["lines"]]
    assert len(addresses) == len(feeds.offered())
    assert all(Client().get(address).status_code == 200 for address in addresses)


def test_two_calendars_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="roster"):
        feeds.add_source("roster", "又一个", lambda user, start, end: [])
