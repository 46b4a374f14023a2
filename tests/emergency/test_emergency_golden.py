"""The golden cases: inclusive limits, union of overlaps, both calendars; a drill counts nowhere."""

from datetime import timedelta

import pytest
from emergency_making import EVE, at, client, declared, drill, note, pacs, person, publish

from jingwei.accounts.roles import Role
from jingwei.emergency import actions, queries
from jingwei.emergency.models import Stage
from jingwei.sla.availability import Term
from jingwei.sla.clock import Clock, ClockState
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db
YEAR = Term(at("2022-11-01 00:00"), at("2023-11-01 00:00"))


def _clock(emergency: object, name: str, now: object) -> Clock:
    found = queries.clocks(emergency, now).wall  # type: ignore[arg-type]
    return next(clock for clock in found if clock.limit.name == name)


def test_a_response_after_exactly_five_minutes_is_in_time() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.PHONE_RESPONDED, EVE + timedelta(minutes=5), wang)
    clock = _clock(event, "emergency_respond", EVE + timedelta(hours=3))
    assert (clock.state, clock.due) == (ClockState.MET, EVE + timedelta(minutes=5))


def test_a_response_one_second_later_is_not() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.PHONE_RESPONDED, EVE + timedelta(minutes=5, seconds=1), wang)
    clock = _clock(event, "emergency_respond", EVE + timedelta(hours=3))
    assert clock.state is ClockState.BREACHED


@pytest.mark.parametrize(
    ("late", "state"), [(0, ClockState.MET), (1, ClockState.BREACHED)], ids=["60:00", "60:01"]
)
def test_an_arrival_within_the_hour_is_in_time(late: int, state: ClockState) -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.ARRIVED, EVE + timedelta(hours=1, seconds=late), wang)
    assert _clock(event, "emergency_arrive", EVE + timedelta(hours=3)).state is state


def test_the_clock_starts_at_the_earlier_of_alarm_and_report() -> None:
    publish()
    event = declared(person(), detected_at=EVE - timedelta(minutes=3))
    assert _clock(event, "emergency_respond", EVE).due == EVE + timedelta(minutes=2)


def test_emergencies_run_on_the_wall_clock_with_the_working_clock_beside() -> None:
    publish()
    event = declared(person())
    (wall, working), *_ = queries.clocks(event, EVE + timedelta(hours=3)).pairs
    assert (wall.calendar, wall.state) == ("7x24", ClockState.OVERDUE)
    assert (working.calendar, working.due) == ("5x8", at("2023-01-20 17:25"))
    assert queries.clocks(event, EVE).pairs[1][1].due == at("2023-01-28 09:20")


def test_the_linked_fault_has_its_own_clocks_on_both_calendars() -> None:
    publish()
    fault = queries.clocks(declared(person()), EVE).fault
    assert fault is not None
    assert fault.working[0].due == at("2023-01-28 08:50")
    assert fault.wall[0].due == at("2023-01-20 17:50")


def test_a_disaster_runs_from_when_the_system_could_not_run() -> None:
    publish()
    start = EVE - timedelta(minutes=40)
    event = declared(person(), disaster=True, occurred_at=start)
    assert _clock(event, "disaster_diagnose", EVE).due == start + timedelta(hours=2)
    assert _clock(event, "disaster_repair", EVE).due == start + timedelta(hours=4)


def test_overlapping_events_use_their_union_of_the_24_hours() -> None:
    publish()
    wang, gu = person(), client()
    for start, end in (("10:00", "12:00"), ("11:00", "13:00")):
        begun, over = at(f"2023-02-01 {start}"), at(f"2023-02-01 {end}")
        event = declared(wang, begun, title=f"事件 {start}", occurred_at=begun)
        note(event, Instant.RESTORED, over, wang, now=at("2023-02-01 14:00"))
        actions.ask_end(event, gu, at("2023-02-01 14:00"), version=event.version)
    budget = queries.budget(YEAR, at("2023-02-02 00:00"))
    assert (budget.used, budget.sum) == (timedelta(hours=3), timedelta(hours=4))
    assert budget.left == timedelta(hours=21)


def test_a_drill_is_in_no_budget_and_in_no_list_of_events() -> None:
    publish()
    manager = person("chen", Role.MANAGER)
    event = declared(manager, drill=drill(manager))
    assert queries.downtimes(YEAR.start, YEAR.end) == []
    assert queries.budget(YEAR, at("2023-03-01 00:00")).used == timedelta()
    assert list(queries.events()) == []
    assert list(queries.events(real=False)) == [event]
    assert event.ticket is None


def test_an_unclassified_event_counts_and_an_exclusion_only_with_the_clients_word() -> None:
    publish()
    wang, gu = person(), client()
    event = declared(wang, application=pacs())
    note(event, Instant.RESTORED, EVE + timedelta(hours=2), wang)
    after = EVE + timedelta(hours=3)
    assert queries.budget(YEAR, after).used == timedelta(hours=2)
    actions.classify(
        event, Cause.BUSINESS_SYSTEM, "PACS 软件缺陷", wang, after, version=event.version
    )
    assert queries.budget(YEAR, after).used == timedelta(hours=2)
    asked = actions.ask_exclusion(event, "L684", wang, after, version=event.version)
    assert queries.budget(YEAR, after).used == timedelta(hours=2)
    actions.answer(event, asked, True, gu, after, version=event.version)
    used = queries.budget(YEAR, after)
    assert (used.used, used.excluded) == (timedelta(), timedelta(hours=2))
    assert queries.downtimes(YEAR.start, YEAR.end)[0].excluded_by == f"{event.number} gu"


def test_another_cause_needs_its_exclusion_approved_anew() -> None:
    publish()
    wang, gu = person(), client()
    event = declared(wang)
    note(event, Instant.RESTORED, EVE + timedelta(hours=2), wang)
    after = EVE + timedelta(hours=3)
    for cause in (Cause.BUSINESS_SYSTEM, Cause.NETWORK_DEPLOYMENT):
        actions.classify(event, cause, "查明", wang, after, version=event.version)
        if cause is Cause.BUSINESS_SYSTEM:
            asked = actions.ask_exclusion(event, "L684", wang, after, version=event.version)
            actions.answer(event, asked, True, gu, after, version=event.version)
    assert queries.budget(YEAR, after).used == timedelta(hours=2)


def test_an_open_event_counts_up_to_now_and_a_withdrawn_one_not_at_all() -> None:
    publish()
    wang, gu = person(), client()
    event = declared(wang)
    assert queries.budget(YEAR, EVE + timedelta(hours=5)).used == timedelta(hours=5)
    later = EVE + timedelta(hours=5)
    actions.withdraw(event, "误报", gu, later, version=event.version)
    assert event.stage == Stage.WITHDRAWN
    assert queries.budget(YEAR, later).used == timedelta()
    assert queries.clocks(event, later).wall == ()


def test_a_recovery_the_client_disputes_does_not_stop_the_downtime() -> None:
    publish()
    wang, gu = person(), client()
    event = declared(wang)
    restored, later = EVE + timedelta(hours=1), EVE + timedelta(hours=4)
    note(event, Instant.RESTORED, restored, wang)
    asked = actions.ask_end(event, wang, restored, version=event.version)
    actions.answer(
        event, asked, False, gu, restored, version=event.version, reason="南片仍不能调阅"
    )
    assert event.stage == Stage.OPEN
    assert queries.budget(YEAR, later).used == timedelta(hours=4)
    with pytest.raises(actions.BadInputError, match="更正恢复时间"):
        actions.ask_end(event, wang, later, version=event.version)
    note(event, Instant.RESTORED, later, wang, reason="南片 18:20 恢复")
    assert event.stage == Stage.RESTORED
    actions.ask_end(event, gu, later, version=event.version)
    assert queries.budget(YEAR, later + timedelta(days=1)).used == timedelta(hours=4)
