"""The clocks of incidents: the chained limits, and a slow reference that counts minutes."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_clock import Span, slow_minutes

from jingwei.sla.calendar import WallCalendar, WorkingCalendar
from jingwei.sla.clock import Clock, ClockState, Limit, Pause, measure, merge
from jingwei.sla.limits import (
    Policy,
    disaster_limits,
    emergency_limits,
    fault_limits,
    judged_severity,
)
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

FIRST = date(2022, 6, 1)
DAYS = {
    day: chinese_calendar.is_workday(day) for day in (FIRST + timedelta(days=n) for n in range(800))
}
WORKING, WALL = WorkingCalendar(DAYS), WallCalendar()
PHONE, ON_SITE, REPAIR = fault_limits(Policy(), Severity.OUTAGE)
NOW = datetime(2023, 6, 1, 12, tzinfo=SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock(
    limit: Limit, calendar: WallCalendar | WorkingCalendar = WALL, now: datetime = NOW, **times: str
) -> Clock:
    return measure(limit, {Instant(k): at(v) for k, v in times.items()}, calendar, now)


def test_exactly_thirty_minutes_pass_and_a_second_more_does_not() -> None:
    met = clock(PHONE, reported="2023-05-04T09:00", phone_responded="2023-05-04T09:30")
    late = clock(PHONE, reported="2023-05-04T09:00", phone_responded="2023-05-04T09:30:01")
    assert (met.state, met.left) == (ClockState.MET, timedelta())
    assert late.state is ClockState.BREACHED


def test_a_clock_that_was_not_reported_has_not_started() -> None:
    assert clock(PHONE).state is ClockState.NOT_STARTED


def test_a_running_clock_knows_its_deadline_on_both_calendars() -> None:
    now = at("2023-01-20T17:25")
    wall = clock(PHONE, WALL, now, reported="2023-01-20T17:20")
    working = clock(PHONE, WORKING, now, reported="2023-01-20T17:20")
    assert (wall.state, wall.due) == (ClockState.RUNNING, at("2023-01-20T17:50"))
    assert (working.state, working.due) == (ClockState.RUNNING, at("2023-01-28T08:50"))
    assert wall.left == working.left == timedelta(minutes=25)


def test_an_unanswered_clock_past_its_limit_is_overdue() -> None:
    late = clock(PHONE, WALL, at("2023-05-04T10:00"), reported="2023-05-04T09:00")
    assert (late.state, late.left) == (ClockState.OVERDUE, -timedelta(minutes=30))


@pytest.mark.parametrize(
    ("severity", "hours"),
    [(Severity.OUTAGE, 4), (Severity.DEGRADED, 12), (Severity.NO_IMPACT, 24)],
)
def test_repair_runs_from_arrival_by_severity(severity: Severity, hours: int) -> None:
    repair = fault_limits(Policy(), severity)[2]
    verdict = clock(
        repair,
        now=at("2023-05-04T11:00"),
        reported="2023-05-04T09:00",
        arrived="2023-05-04T10:30",
    )
    assert verdict.due == at("2023-05-04T10:30") + timedelta(hours=hours)


def test_a_remote_fix_has_no_repair_clock_and_a_missing_arrival_is_a_defect() -> None:
    times = {Instant.REPORTED: at("2023-05-04T09:00"), Instant.RESTORED: at("2023-05-04T09:40")}
    remote = measure(REPAIR, times, WALL, NOW, remote=True)
    on_site = measure(REPAIR, times, WALL, NOW)
    assert (remote.state, remote.note) == (ClockState.NOT_APPLICABLE, "不适用（远程解决）")
    assert on_site.state is ClockState.DEFECT


def test_once_solved_remotely_nobody_has_to_come_any_more() -> None:
    reported = {Instant.REPORTED: at("2023-05-04T09:00")}
    restored = {**reported, Instant.RESTORED: at("2023-05-04T15:00")}
    come = {**restored, Instant.ARRIVED: at("2023-05-04T12:00")}

    def state(times: Mapping[Instant, datetime], *, remote: bool) -> Clock:
        return measure(ON_SITE, times, WALL, NOW, remote=remote)

    gone = state(restored, remote=True)
    assert (gone.state, gone.note) == (ClockState.NOT_APPLICABLE, "不适用（远程解决）")
    assert (gone.started, gone.due, gone.used, gone.left) == (
        reported[Instant.REPORTED], None, None, None,
    )  # fmt: skip
    assert state(restored, remote=False).state is ClockState.OVERDUE
    assert state(reported, remote=True).state is ClockState.OVERDUE  # not solved yet
    assert state(come, remote=True).state is ClockState.BREACHED  # who came late came late
    assert measure(PHONE, restored, WALL, NOW, remote=True).state is ClockState.OVERDUE


def test_an_answer_before_its_question_is_a_defect_and_never_a_pass() -> None:
    early = clock(ON_SITE, reported="2023-05-04T09:00", arrived="2023-05-04T08:00")
    missing = clock(PHONE, phone_responded="2023-05-04T09:00")
    assert (early.state, missing.state) == (ClockState.DEFECT, ClockState.DEFECT)


def test_an_emergency_runs_from_the_earlier_of_alarm_and_report() -> None:
    respond, arrive = emergency_limits(Policy())
    times = {"detected": "2023-01-20T17:18", "reported": "2023-01-20T17:20"}
    assert clock(respond, now=at("2023-01-20T17:19"), **times).due == at("2023-01-20T17:23")
    assert clock(arrive, now=at("2023-01-20T17:19"), **times).due == at("2023-01-20T18:18")


def test_a_disaster_runs_from_the_moment_the_system_cannot_run() -> None:
    diagnose, repair = disaster_limits(Policy())
    now = at("2023-01-20T17:30")
    assert clock(diagnose, now=now, occurred="2023-01-20T17:00").due == at("2023-01-20T19:00")
    assert clock(repair, now=now, occurred="2023-01-20T17:00").due == at("2023-01-20T21:00")


def test_the_worst_severity_reached_is_judged() -> None:
    assert judged_severity([Severity.NO_IMPACT, Severity.OUTAGE, Severity.DEGRADED]) == "outage"
    with pytest.raises(ValueError, match=r"empty|arg is an empty"):
        judged_severity([])


def test_a_year_that_is_not_published_leaves_the_clock_without_a_verdict() -> None:
    verdict = clock(PHONE, WORKING, at("2027-01-04T10:00"), reported="2027-01-04T09:00")
    assert verdict.state is ClockState.UNPUBLISHED
    assert "2027" in verdict.note


def test_an_agreed_pause_moves_the_deadline_and_is_not_counted() -> None:
    times = {
        Instant.REPORTED: at("2023-05-04T09:00"),
        Instant.PHONE_RESPONDED: at("2023-05-04T10:00"),
    }
    pause = Pause(at("2023-05-04T09:10"), at("2023-05-04T09:45"), "等待用户停机窗口")
    verdict = measure(PHONE, times, WALL, NOW, pauses=[pause])
    assert (verdict.state, verdict.used) == (ClockState.MET, timedelta(minutes=25))
    assert verdict.due == at("2023-05-04T10:05")


def test_a_pause_that_begins_after_the_deadline_saves_nothing() -> None:
    times = {
        Instant.REPORTED: at("2023-05-04T09:00"),
        Instant.PHONE_RESPONDED: at("2023-05-04T11:00"),
    }
    pause = Pause(at("2023-05-04T09:40"), at("2023-05-04T10:50"), "等待厂商")
    verdict = measure(PHONE, times, WALL, NOW, pauses=[pause])
    assert verdict.state is ClockState.BREACHED
    assert verdict.due == at("2023-05-04T09:30")


def test_an_open_pause_stops_the_clock_without_a_deadline() -> None:
    pause = Pause(at("2023-05-04T09:10"), None, "等待用户")
    times = {Instant.REPORTED: at("2023-05-04T09:00")}
    verdict = measure(PHONE, times, WALL, at("2023-05-05T09:00"), pauses=[pause])
    assert (verdict.state, verdict.used, verdict.due) == (
        ClockState.PAUSED,
        timedelta(minutes=10),
        None,
    )


def test_a_pause_needs_a_reason_and_an_order() -> None:
    with pytest.raises(ValueError, match="原因"):
        Pause(NOW, NOW, " ")
    with pytest.raises(ValueError, match="早于"):
        Pause(NOW, NOW - timedelta(1), "x")


moments = st.datetimes(datetime(2022, 7, 1), datetime(2023, 9, 1), timezones=st.just(SHANGHAI))


@given(start=moments, pause_at=moments, stop=moments)
def test_a_pause_of_no_length_adds_nothing(
    start: datetime, pause_at: datetime, stop: datetime
) -> None:
    times = {Instant.REPORTED: start, Instant.PHONE_RESPONDED: max(start, stop)}
    for calendar in (WORKING, WALL):
        plain = measure(PHONE, times, calendar, NOW)
        paused = measure(PHONE, times, calendar, NOW, pauses=[Pause(pause_at, pause_at, "x")])
        assert (plain.used, plain.due, plain.state) == (paused.used, paused.due, paused.state)


@given(st.lists(st.tuples(moments, moments), max_size=8))
def test_merged_intervals_are_disjoint_and_in_order(
    pairs: list[tuple[datetime, datetime]],
) -> None:
    union = merge(pairs)
    edges = [edge for pair in union for edge in pair]
    assert edges == sorted(set(edges))
    assert all(any(a <= s < b for a, b in union) for s, e in pairs if e > s)


def generated(seed: int) -> tuple[Mapping[Instant, datetime], list[Pause], Severity]:
    """An incident with whole-minute instants, pauses that may overlap, and a severity."""
    rng = random.Random(seed)
    reported = at("2022-08-01T00:00") + timedelta(minutes=rng.randrange(60 * 24 * 380))
    arrived = reported + timedelta(minutes=rng.choice([20, 119, 120, 121, rng.randrange(4000)]))
    restored = arrived + timedelta(minutes=rng.choice([239, 240, 241, rng.randrange(6000)]))
    pauses = []
    for _ in range(rng.randrange(3)):
        start = reported + timedelta(minutes=rng.randrange(5000))
        pauses.append(Pause(start, start + timedelta(minutes=rng.randrange(900)), "甲方同意"))
    times = {
        Instant.REPORTED: reported,
        Instant.PHONE_RESPONDED: reported + timedelta(minutes=rng.randrange(60)),
        Instant.ARRIVED: arrived,
        Instant.RESTORED: restored,
    }
    return times, pauses, rng.choice(list(Severity))


@pytest.mark.parametrize("seed", range(200))
def test_a_generated_incident_has_the_clocks_of_the_slow_reference(seed: int) -> None:
    times, pauses, severity = generated(seed)
    for limit in fault_limits(Policy(), severity):
        for calendar, days in ((WORKING, DAYS), (WALL, None)):
            verdict = measure(limit, times, calendar, NOW, pauses=pauses)
            spans: list[Span] = [(pause.start, pause.end) for pause in pauses]
            minutes = slow_minutes(times[limit.starts[0]], times[limit.stop], spans, days)
            assert verdict.used == timedelta(minutes=minutes)
            met = timedelta(minutes=minutes) <= limit.allowed
            assert verdict.state is (ClockState.MET if met else ClockState.BREACHED)
            assert verdict.due is not None
            assert (times[limit.stop] <= verdict.due) == met or verdict.used == limit.allowed
