"""Drills, safeguard periods and contract duties as calendars, read back by their own reader."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from ticket_making import Desk, make_desk, signed_in

from jingwei.calendars.models import Safeguard
from jingwei.contract import actions as contract
from jingwei.contract import queries
from jingwei.emergency.models import Drill, DrillKind, Plan
from jingwei.terms import SHANGHAI
from jingwei.web import feeds

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def today() -> date:
    return timezone.now().astimezone(SHANGHAI).date()


def read(desk: Desk, key: str) -> dict[str, Any]:
    """The events of a feed by uid, parsed back."""
    response = Client().get(reverse("ical-feed", args=(feeds.token(desk.wang), key)))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    held = Calendar.from_ical(response.content)
    events = held.walk("VEVENT")
    found = {str(event["uid"]): event for event in events}
    assert len(found) == len(events)
    return found


def test_a_drill_that_is_moved_keeps_its_uid_and_one_called_off_is_struck_out(desk: Desk) -> None:
    now = timezone.now()
    plan = Plan.objects.create(key="pacs", version=1, title="PACS 中断", level=1, loaded_at=now)
    drill = Drill.objects.create(
        number="YL-2026-001", title="PACS 演练", kind=DrillKind.TABLETOP, scenario="pacs", level=1,
        plan=plan, planned_at=now + timedelta(days=9), background="演练", created_at=now,
        created_by=desk.wang,
    )  # fmt: skip
    (uid, first), *rest = read(desk, "drills").items()
    assert rest == []
    assert uid.startswith("drill-YL-2026-001@")
    assert (str(first["summary"]), first["status"]) == ("演练：PACS 演练", "CONFIRMED")
    assert first.decoded("dtstart").utcoffset() == timedelta(hours=8)
    drill.planned_at, drill.version, drill.state = now + timedelta(days=12), 2, "cancelled"
    drill.save()
    second = read(desk, "drills")[uid]
    assert second["status"] == "CANCELLED"
    assert int(second["sequence"]) > int(first["sequence"])
    assert second.decoded("dtstart") - first.decoded("dtstart") == timedelta(days=3)


def test_a_safeguard_period_stands_as_whole_days(desk: Desk) -> None:
    Safeguard.objects.create(start=today(), end=today() + timedelta(days=4), name="进博会")
    (event,) = read(desk, "safeguards").values()
    assert str(event["summary"]) == "重保：进博会"
    start, end = event.decoded("dtstart"), event.decoded("dtend")
    assert not isinstance(start, datetime)
    assert (end - start).days == 5  # the end is excluded


def test_duties_stand_on_their_last_day_and_daily_ones_are_left_out(desk: Desk) -> None:
    content = Path(__file__).parents[2] / "content" / "contracts" / "jingan-2022"
    contract.load(content, today())
    held = contract.ensure_demo_copy(today())
    assert held is not None
    found = read(desk, "duties")
    assert len(found) >= 5
    days = [event.decoded("dtstart") for event in found.values()]
    assert all(today() - feeds.BACK <= day <= today() + feeds.AHEAD for day in days)
    assert all(held.period_start <= day <= held.period_end for day in days)
    names = set(queries.labels(held).values())
    shown = {
        str(event["summary"]).removeprefix("合同：").rsplit("（", 1)[0] for event in found.values()
    }
    assert shown & names
    assert read(desk, "duties").keys() == found.keys()  # the same addresses the next time


def test_without_a_contract_the_duties_are_an_empty_calendar(desk: Desk) -> None:
    assert read(desk, "duties") == {}


def test_the_page_offers_every_calendar(desk: Desk) -> None:
    shown = signed_in(desk.wang).get(reverse("ical")).content.decode()
    for name in ("演练计划", "重保期", "合同义务（不含每日）"):
        assert name in shown
