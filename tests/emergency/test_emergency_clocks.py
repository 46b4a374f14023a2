"""The clocks of events that end oddly: nobody answered, nobody came, solved from afar, resident."""

from datetime import timedelta

import pytest
from emergency_making import EVE, at, client, declared, drill, note, pacs, person, publish, site

from jingwei.accounts.roles import Role
from jingwei.desk import actions as desk
from jingwei.emergency import actions, queries
from jingwei.emergency.models import Emergency, Stage
from jingwei.sla.clock import Clock, ClockState
from jingwei.sla.limits import Policy
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def clock(event: Emergency, name: str, now: object = EVE + 9 * HOUR) -> Clock:
    """One judged clock of an event."""
    found = queries.clocks(event, now).wall  # type: ignore[arg-type]
    return next(each for each in found if each.limit.name == name)


def ended(event: Emergency, when: object) -> None:
    """The client ends it."""
    gu = client(f"gu-{event.pk}")
    actions.ask_end(event, gu, when, version=event.version)  # type: ignore[arg-type]


def remote(event: Emergency, now: object) -> None:
    """Mark the ticket as solved from afar."""
    assert event.ticket is not None
    event.ticket.refresh_from_db()
    wang = event.declared_by
    version = event.ticket.version
    desk.set_remote(event.ticket, True, "远程重启", wang, now, version=version)  # type: ignore[arg-type]


def test_who_ends_without_having_answered_has_breached_the_five_minutes() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.RESTORED, EVE + 3 * MINUTE, wang)
    ended(event, EVE + 4 * MINUTE)
    found = clock(event, "emergency_respond")
    assert found.state is ClockState.BREACHED
    assert "无电话响应记录" in found.note


def test_who_ends_without_having_come_has_breached_the_hour() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.RESTORED, EVE + 30 * MINUTE, wang)
    ended(event, EVE + 40 * MINUTE)
    assert clock(event, "emergency_arrive").state is ClockState.BREACHED


def test_a_fault_solved_from_afar_within_the_hour_needs_nobody_on_site() -> None:
    publish()
    wang = person()
    event = declared(wang)
    remote(event, EVE + 20 * MINUTE)
    note(event, Instant.RESTORED, EVE + 30 * MINUTE, wang)
    ended(event, EVE + 40 * MINUTE)
    found = clock(event, "emergency_arrive")
    assert found.state is ClockState.NOT_APPLICABLE
    assert "远程" in found.note


def test_a_fault_solved_from_afar_after_the_hour_excuses_nothing() -> None:
    publish()
    wang = person()
    event = declared(wang)
    remote(event, EVE + 20 * MINUTE)
    note(event, Instant.RESTORED, EVE + 90 * MINUTE, wang)
    assert clock(event, "emergency_arrive").state is ClockState.OVERDUE
    ended(event, EVE + 100 * MINUTE)
    assert clock(event, "emergency_arrive").state is ClockState.BREACHED


def test_an_open_event_solved_from_afar_still_runs_its_hour() -> None:
    publish()
    wang = person()
    event = declared(wang)
    remote(event, EVE + 2 * MINUTE)
    assert clock(event, "emergency_arrive", EVE + 10 * MINUTE).state is ClockState.RUNNING


def test_who_was_on_site_before_the_alarm_arrived_when_he_answered() -> None:
    publish()
    wang = person()
    event = declared(wang)
    with pytest.raises(actions.BadInputError, match="驻场"):
        note(event, Instant.ARRIVED, EVE - HOUR, wang, now=EVE)
    note(event, Instant.ARRIVED, EVE - HOUR, wang, now=EVE, resident=True)
    note(event, Instant.PHONE_RESPONDED, EVE + 2 * MINUTE, wang)
    found = clock(event, "emergency_arrive")
    assert (found.state, found.stopped) == (ClockState.MET, EVE + 2 * MINUTE)


def test_a_clock_that_stopped_stays_as_it_was_when_the_event_ended() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.PHONE_RESPONDED, EVE + 4 * MINUTE, wang)
    note(event, Instant.ARRIVED, EVE + 20 * MINUTE, wang)
    note(event, Instant.RESTORED, EVE + 30 * MINUTE, wang)
    ended(event, EVE + 40 * MINUTE)
    for later in (EVE + HOUR, EVE + 999 * HOUR):
        states = [each.state for each in queries.clocks(event, later).wall]
        assert states == [ClockState.MET, ClockState.MET]
        assert not queries.clocks(event, later).overdue
        assert queries.clocks(event, later).due is None


def test_a_disaster_is_judged_by_diagnosis_and_repair_too() -> None:
    publish()
    wang = person()
    event = declared(wang, disaster=True, occurred_at=EVE)
    note(event, Instant.DIAGNOSED, EVE + 2 * HOUR, wang)
    note(event, Instant.RESTORED, EVE + 4 * HOUR + timedelta(seconds=1), wang)
    assert clock(event, "disaster_diagnose").state is ClockState.MET
    assert clock(event, "disaster_repair").state is ClockState.BREACHED


def test_another_contract_may_have_other_limits() -> None:
    publish()
    event = declared(person())
    policy = Policy(emergency_respond=15 * MINUTE)
    found = queries.clocks(event, EVE, policy=policy).wall[0]
    assert found.due == EVE + 15 * MINUTE


def test_a_year_that_is_not_published_is_said_beside_and_judges_nothing() -> None:
    event = declared(person())
    (wall, working), *_ = queries.clocks(event, EVE + 3 * MINUTE).pairs
    assert wall.state is ClockState.RUNNING
    assert working.state is ClockState.UNPUBLISHED


def test_the_next_deadline_is_the_nearest_that_still_runs() -> None:
    publish()
    wang = person()
    event = declared(wang)
    assert queries.clocks(event, EVE).due == EVE + 5 * MINUTE
    note(event, Instant.PHONE_RESPONDED, EVE + MINUTE, wang)
    assert queries.clocks(event, EVE + MINUTE).due == EVE + HOUR


def test_a_drill_runs_on_the_same_clocks_without_a_fault_of_its_own() -> None:
    publish()
    chen = person("chen", Role.MANAGER)
    event = declared(chen, drill=drill(chen))
    note(event, Instant.PHONE_RESPONDED, EVE + 5 * MINUTE, chen)
    found = queries.clocks(event, EVE + HOUR)
    assert found.wall[0].state is ClockState.MET
    assert found.fault is None


def test_what_the_tickets_page_restored_is_restored_here_too() -> None:
    wang = person()
    event = declared(wang)
    assert event.ticket is not None
    when = EVE + HOUR
    version = event.ticket.version
    desk.note_instant(event.ticket, Instant.RESTORED, when, wang, when, version=version)
    fresh = Emergency.objects.get()
    assert fresh.stage == Stage.OPEN
    assert queries.stage_of(fresh, queries.facts_of(fresh)) is Stage.RESTORED
    actions.message(fresh, "核对", wang, when)
    actions.note(fresh, Instant.DIAGNOSED, when, wang, when, version=fresh.version)
    assert fresh.stage == Stage.RESTORED


def test_the_band_shows_open_events_real_ones_first_worst_first() -> None:
    chen = person("chen", Role.MANAGER)
    playing = declared(chen, drill=drill(chen))
    second = declared(chen, title="二级事件", level=2)
    first = declared(chen, EVE + HOUR, title="一级事件")
    assert queries.on_top() == [first, second, playing]
    actions.withdraw(first, "误报", client(), EVE + HOUR, version=first.version)
    assert queries.on_top() == [second, playing]


def test_the_list_finds_by_stage_level_and_words_and_never_a_drill() -> None:
    chen = person("chen", Role.MANAGER)
    declared(chen, drill=drill(chen))
    one, two = declared(chen), declared(chen, title="核心交换机", level=2)
    assert set(queries.search()) == {one, two}
    assert list(queries.search(level=2)) == [two]
    assert list(queries.search(text="交换机")) == [two]
    assert one.ticket is not None
    assert list(queries.search(text=one.ticket.number)) == [one]
    assert list(queries.search(stage="ended")) == []
    assert list(queries.of_ticket(one.ticket)) == [one]
    assert queries.by_token(one.token) == one
    assert queries.by_token("nobody") is None


def test_importance_and_hours_are_proposed_from_register_and_calendar() -> None:
    importance, hours = queries.factors(pacs(), at("2023-01-21 10:00"))
    assert "点名的核心系统" in importance
    assert "工作日安排未公布" in hours
    publish()
    assert "周六，休息日" in queries.factors(None, at("2023-01-21 10:00"))[1]
    assert "周六，工作日" in queries.factors(None, at("2023-01-28 10:00"))[1]


def test_a_system_of_many_institutions_is_suggested_by_its_reach() -> None:
    site()
    system = pacs()
    assert queries.suggestion(system).level == 1
    system.name, system.core, system.coverage = "人力资源", "no", "district-all"
    assert queries.suggestion(system).level == 2
    assert queries.suggestion(system, institutions=1).level is None
    assert queries.suggestion(None).level is None
