"""An event as it was known at a moment: what is written down later changes nothing before."""

from datetime import timedelta

import pytest
from emergency_making import EVE, client, declared, note, person

from jingwei.emergency import actions, queries
from jingwei.emergency.facts import withdrawn
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db
LATER = EVE + timedelta(days=3)
THEN = EVE + timedelta(hours=5)


def states(event: object, when: object) -> dict[str, ClockState]:
    """Limit → what its clock said."""
    known = queries.clocks(event, when, known=when)  # type: ignore[arg-type]
    return {clock.limit.name: clock.state for clock in known.wall}


def test_an_arrival_written_down_days_later_was_no_arrival_then() -> None:
    wang = person()
    event = declared(wang)
    before = states(event, THEN)
    assert before["emergency_arrive"] is ClockState.OVERDUE
    note(event, Instant.ARRIVED, EVE + timedelta(minutes=40), wang, now=LATER)
    event.refresh_from_db()
    assert states(event, THEN) == before
    assert states(event, LATER)["emergency_arrive"] is ClockState.MET


def test_an_event_still_lasted_until_its_recovery_was_written_down() -> None:
    wang = person()
    event = declared(wang)
    note(event, Instant.RESTORED, EVE + timedelta(hours=2), wang, now=LATER)
    (then,) = queries.spells(EVE - timedelta(days=1), THEN, THEN)
    assert then.downtime.end is None
    (now,) = queries.spells(EVE - timedelta(days=1), LATER, LATER)
    assert now.downtime.end == EVE + timedelta(hours=2)


def test_an_event_withdrawn_later_counted_until_then() -> None:
    event = declared(person())
    actions.withdraw(event, "误报", client(), LATER, version=event.version)
    event.refresh_from_db()
    assert not withdrawn(event, THEN)
    assert withdrawn(event, LATER)
    assert [spell.emergency for spell in queries.spells(EVE, THEN, THEN)] == [event]
    assert queries.spells(EVE, LATER, LATER) == []
    assert states(event, THEN)
    assert states(event, LATER) == {}


def test_nothing_is_known_of_an_event_before_it_was_declared() -> None:
    declared(person(), THEN)
    assert queries.spells(EVE, THEN, EVE) == []
    assert len(queries.spells(EVE, THEN + timedelta(hours=1), THEN)) == 1
