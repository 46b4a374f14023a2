"""The server's clock is set back, or somebody writes things down days later: nothing is silently
wrong, whatever `now` says.
"""

from datetime import timedelta

import pytest
from desk_making import MORNING, client, incident, later, note, person, publish
from hypothesis import given
from hypothesis import strategies as st

from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Ticket
from jingwei.sla.calendar import WallCalendar
from jingwei.sla.clock import ClockState, measure
from jingwei.sla.limits import Policy, fault_limits
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
BACK = later(-60)  # an hour before the ticket was opened


@pytest.fixture(autouse=True)
def _calendar(db: None) -> None:
    publish()


def states(ticket: Ticket) -> dict[str, ClockState]:
    """The wall clocks of a ticket as of an hour ago."""
    found = queries.clocks(Ticket.objects.get(pk=ticket.pk), BACK)
    return {clock.limit.name: clock.state for clock in found.wall}


def test_a_clock_that_began_later_than_now_has_used_nothing() -> None:
    ticket = incident(person())
    found = queries.clocks(ticket, BACK)
    started = [clock for clock in found.all if clock.started is not None]
    assert len(started) == 4
    assert {clock.used for clock in started} == {timedelta(0)}
    assert {clock.state for clock in started} == {ClockState.RUNNING}
    assert [clock.due for clock in found.wall if clock.limit.name == "phone"] == [later(30)]


@given(back=st.integers(0, 10**6), severity=st.sampled_from(list(Severity)))
def test_no_clock_is_ever_negative_whatever_now_is(back: int, severity: Severity) -> None:
    now = MORNING - timedelta(minutes=back)
    for limit in fault_limits(Policy(), severity):
        found = measure(limit, {Instant.REPORTED: MORNING}, WallCalendar(), now)
        assert found.used is None or found.used == timedelta(0)
        assert found.state in (ClockState.RUNNING, ClockState.NOT_STARTED)


def test_an_answer_noted_while_the_clock_is_back_is_refused_with_its_reason() -> None:
    by = person()
    ticket = incident(by)
    with pytest.raises(BadInputError, match="电话响应时间不能早于报修时间"):
        note(ticket, Instant.PHONE_RESPONDED, BACK, by)
    with pytest.raises(BadInputError, match="晚于当前时间"):
        note(ticket, Instant.PHONE_RESPONDED, later(5), by, now=BACK)
    ticket.refresh_from_db()
    assert ticket.version == 1
    assert Instant.PHONE_RESPONDED not in facts_of(ticket).instants


def test_the_log_keeps_the_order_it_was_written_in() -> None:
    by, gu = person(), client()
    ticket = incident(by)
    asked = actions.regrade(
        ticket, Severity.DEGRADED, "只影响一台", by, later(5), version=ticket.version
    )
    actions.answer(ticket, asked, True, gu, BACK, version=ticket.version)
    lines = list(ticket.events.order_by("pk"))
    assert (lines[-1].kind, lines[-1].entered_at) == (EventKind.ANSWER, BACK)
    facts = facts_of(Ticket.objects.get(pk=ticket.pk))
    assert facts.severities == [Severity.OUTAGE, Severity.DEGRADED]
    assert facts.waiting == []


def test_a_pause_does_not_end_before_it_began() -> None:
    by, gu = person(), client()
    ticket = incident(by)
    actions.pause(ticket, later(10), "等我方停电", gu, later(10), version=ticket.version)
    with pytest.raises(BadInputError, match="早于暂停开始"):
        actions.resume(ticket, BACK, by, BACK, version=ticket.version)
    assert facts_of(Ticket.objects.get(pk=ticket.pk)).open_pause is not None
    assert states(ticket)["phone"] is ClockState.RUNNING  # as of then, nothing stood still yet


def test_what_is_written_three_days_late_counts_from_when_it_was_and_is_stamped() -> None:
    by = person()
    ticket = incident(by)
    days = later(3 * 24 * 60)
    note(ticket, Instant.PHONE_RESPONDED, later(20), by, now=days)
    event = facts_of(ticket).events[Instant.PHONE_RESPONDED]
    assert (event.late, event.at, event.entered_at) == (True, later(20), days)
    found = queries.clocks(Ticket.objects.get(pk=ticket.pk), days)
    phone = {clock.calendar: clock for clock in found.all if clock.limit.name == "phone"}
    assert {clock.state for clock in phone.values()} == {ClockState.MET}
    assert {clock.used for clock in phone.values()} == {timedelta(minutes=20)}
