"""Times that are late, reversed or written in another zone: refused or recorded plainly."""

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from desk_making import MORNING, go, incident, later, note, person, publish, site
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingwei.accounts.models import AuditEntry
from jingwei.desk import queries
from jingwei.desk.models import State, Ticket, TicketEvent
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db
THREE_DAYS = 3 * 24 * 60
TOKYO, NEW_YORK = timezone(timedelta(hours=9)), timezone(timedelta(hours=-5))


@pytest.fixture(autouse=True)
def _calendar() -> None:
    publish()


def last_link(ticket: Ticket) -> dict[str, Any]:
    """What the chain says of the newest write."""
    entry = AuditEntry.objects.filter(object_key=ticket.number).order_by("-sequence").first()
    assert entry is not None
    return dict(entry.after)


def test_an_arrival_entered_three_days_late_is_stamped_and_judged_by_when_it_was() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.ARRIVED, later(90), wang, now=later(THREE_DAYS))
    line = TicketEvent.objects.get(ticket=ticket, instant=Instant.ARRIVED)
    assert (line.at, line.entered_at, line.late) == (later(90), later(THREE_DAYS), True)
    assert last_link(ticket)["late"] is True
    clock = queries.clocks(ticket, later(THREE_DAYS)).wall[1]
    assert (clock.state, clock.used) == (ClockState.MET, timedelta(minutes=90))
    then = queries.as_it_stood(ticket, later(125))  # nobody knew of it at the time
    assert queries.clocks(then, later(125)).wall[1].state is ClockState.OVERDUE


def test_written_down_within_half_an_hour_is_not_late() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, later(5), wang, now=later(35))
    assert not TicketEvent.objects.get(instant=Instant.PHONE_RESPONDED).late


def test_a_clock_that_was_set_back_is_told_in_the_chain_and_never_runs_below_zero() -> None:
    wang = person()
    ticket = incident(wang)
    assert "clock_back_from" not in last_link(ticket)
    go(ticket, "accept", wang, later(-180))
    assert last_link(ticket)["clock_back_from"] == MORNING.astimezone(UTC).isoformat()
    assert ticket.state == State.ACCEPTED
    for clock in queries.clocks(ticket, later(-180)).all:
        assert clock.used is None or clock.used >= timedelta()
        assert clock.state in (ClockState.RUNNING, ClockState.NOT_STARTED)


def test_two_hosts_a_few_seconds_apart_are_no_clock_set_back() -> None:
    wang = person()
    ticket = incident(wang)
    go(ticket, "accept", wang, MORNING - timedelta(seconds=20))
    assert "clock_back_from" not in last_link(ticket)


@pytest.mark.parametrize("zone", [UTC, TOKYO, NEW_YORK])
def test_any_time_zone_of_the_input_gives_the_same_clocks(zone: timezone) -> None:
    wang = person()
    here, there = incident(wang), incident(wang, MORNING.astimezone(zone), MORNING)
    for ticket, place in ((here, MORNING.tzinfo), (there, zone)):
        note(ticket, Instant.PHONE_RESPONDED, later(29).astimezone(place), wang, now=later(29))
        note(ticket, Instant.ARRIVED, later(130).astimezone(place), wang, now=later(130))
    now = later(200)
    assert queries.clocks(here, now) == queries.clocks(there, now.astimezone(zone))


def test_many_tickets_with_a_resident_engineer_cost_no_query_each() -> None:
    wang = person()
    rows = [incident(wang, site=site()) for _ in range(6)]
    for row in rows:
        note(row, Instant.ARRIVED, later(-60), wang, now=later(1), resident=True)
        go(row, "accept", wang, later(2))
        go(row, "start", wang, later(3))
    fresh = list(Ticket.objects.all())
    with CaptureQueriesContext(connection) as seen:
        found = queries.clocks_of(fresh, later(5))
    assert len(seen) == 3
    assert {each.wall[1].stopped for each in found.values()} == {later(3)}
