"""Recording: all or nothing, once and only once, and never a word that was not seen."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import check_making as making
import pytest
from check_making import NOON, celsius, later, missed, saw
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.checks.actions import BadInputError, SeriesIds, maintenance, record, schedule
from jingwei.checks.actions import findings as finding_actions
from jingwei.checks.actions.observing import MOST_READINGS, TOOK
from jingwei.checks.actions.recording import Seen
from jingwei.checks.models import (
    Check,
    CheckState,
    Finding,
    Maintenance,
    Observation,
    Series,
    StateChange,
)
from jingwei.terms import Outcome, Reading, Reason, Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Check:
    return making.check(making.target(), every=300, strikes=3)


def state(check: Check) -> CheckState:
    return CheckState.objects.get(check_ref=check)


def test_a_reading_becomes_an_observation_with_its_verdict(room: Check) -> None:
    record([saw(room, celsius(24.5))])
    row = Observation.objects.get(series__name="room.temperature")
    assert (row.value, row.code, row.epoch) == (24.5, Result.NORMAL.code, int(NOON.timestamp()))
    assert row.series.unit == "°C"


def test_how_long_the_answer_took_is_a_series_of_every_check(room: Check) -> None:
    record([saw(room, celsius(24.5), took=0.25)])
    assert Observation.objects.get(series__name=TOOK).value == 250.0
    record([missed(room, at=later(5))])
    newest = Observation.objects.filter(series__name=TOOK).latest("epoch")
    assert newest.value is None
    assert newest.code == Result.ABNORMAL.code


def test_one_bad_verdict_is_soft_and_three_in_a_row_open_one_finding(room: Check) -> None:
    for minute in (0, 1):
        record([saw(room, celsius(29.4), at=later(minute))])
        assert not Finding.objects.exists()
        assert state(room).result == Result.UNCHECKED
    record([saw(room, celsius(29.4), at=later(2))])
    finding = Finding.objects.get()
    assert (finding.result, finding.target.key, finding.item) == (
        Result.ABNORMAL, "ROOM-01", "room.temperature",
    )  # fmt: skip
    assert "29.4" in finding.reading
    assert "28" in finding.threshold
    change = StateChange.objects.get()
    assert (change.before, change.after) == (Result.UNCHECKED, Result.ABNORMAL)


def test_a_confirmed_verdict_is_hard_at_once(room: Check) -> None:
    opened = record([saw(room, celsius(29.4), confirmed=True)])
    assert state(room).result == Result.ABNORMAL
    assert opened == {room.pk: Finding.objects.get().pk}


def test_a_finding_closes_when_the_reading_is_back(room: Check) -> None:
    record([saw(room, celsius(29.4), confirmed=True)])
    assert record([saw(room, celsius(24.0), at=later(5))]) == {}
    finding = Finding.objects.get()
    assert finding.closed_at == later(5)
    assert [change.after for change in StateChange.objects.order_by("at")] == [
        Result.ABNORMAL, Result.NORMAL,
    ]  # fmt: skip


def test_a_finding_follows_its_reading_and_keeps_its_worst_level(room: Check) -> None:
    record([saw(room, celsius(27.5), confirmed=True)])
    assert Finding.objects.get().result == Result.ATTENTION
    record([saw(room, celsius(30.0), at=later(5), confirmed=True)])
    record([saw(room, celsius(27.6), at=later(10), confirmed=True)])
    finding = Finding.objects.get()
    assert finding.result == Result.ABNORMAL
    assert "27.6" in finding.reading
    assert finding.opened_at == NOON


def test_a_second_fault_opens_a_second_finding(room: Check) -> None:
    for minute, value in ((0, 30), (5, 24), (10, 30)):
        record([saw(room, celsius(value), at=later(minute), confirmed=True)])
    assert Finding.objects.count() == 2
    assert Finding.objects.filter(closed_at__isnull=True).count() == 1


def test_our_own_failure_is_unchecked_and_never_a_finding(room: Check) -> None:
    for minute in range(5):
        record([missed(room, Reason.COLLECTOR, at=later(minute))])
    assert state(room).result == Result.UNCHECKED
    assert not Finding.objects.exists()


def test_not_seeing_a_fault_is_not_its_end(room: Check) -> None:
    record([saw(room, celsius(30), confirmed=True)])
    for minute in range(1, 6):
        record([missed(room, Reason.COLLECTOR, at=later(minute))])
    assert state(room).result == Result.UNCHECKED
    assert Finding.objects.get().closed_at is None


def test_a_dead_target_is_abnormal_after_its_strikes(room: Check) -> None:
    for minute in range(3):
        record([missed(room, at=later(minute))])
    finding = Finding.objects.get()
    assert "没有应答" in finding.reading
    assert Series.objects.filter(check_ref=room).count() == 1


def test_recording_the_same_batch_twice_changes_nothing(room: Check) -> None:
    batch = [saw(room, celsius(29.4), confirmed=True)]
    record(batch)
    before = (state(room).recent, state(room).soft_count)
    record(batch)
    assert (state(room).recent, state(room).soft_count) == before
    assert Observation.objects.count() == 2
    assert Finding.objects.count() == 1
    assert StateChange.objects.count() == 1


def test_a_verdict_that_comes_late_adds_history_but_not_state(room: Check) -> None:
    record([saw(room, celsius(24), at=later(10))])
    record([saw(room, celsius(30), at=later(5), confirmed=True)])
    assert state(room).result == Result.NORMAL
    assert state(room).last_at == later(10)
    assert Observation.objects.filter(series__name="room.temperature").count() == 2
    assert not Finding.objects.exists()


def test_several_verdicts_of_one_check_in_a_batch_count_in_order(room: Check) -> None:
    record([saw(room, celsius(30), at=later(minute)) for minute in (2, 0, 1)])
    assert state(room).soft_count == 3
    assert state(room).result == Result.ABNORMAL


def test_a_check_that_is_gone_is_left_out_of_its_batch(room: Check) -> None:
    gone = Seen(99999, NOON, Outcome((), 0.1), saw(room, celsius(24)).judgement)
    record([gone, saw(room, celsius(24))])
    assert Series.objects.filter(name=TOOK).count() == 1


def test_a_failure_in_the_middle_leaves_nothing_behind(
    room: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(finding_actions, "settle", full)
    with pytest.raises(OperationalError):
        record([saw(room, celsius(30), confirmed=True)])
    assert not Observation.objects.exists()
    assert not StateChange.objects.exists()
    assert state(room).last_at is None


def test_an_unjudged_number_is_history_and_an_unjudged_word_is_not(room: Check) -> None:
    record([saw(room, celsius(24), Reading("fan.speed", 40, "%"), Reading("name", "A1"))])
    names = set(Series.objects.values_list("name", flat=True))
    assert names == {TOOK, "room.temperature", "fan.speed"}
    shown = {table["key"] for table in state(room).readings}
    assert shown == {"room.temperature", "fan.speed", "name"}


def test_a_judged_word_is_history_without_a_value() -> None:
    rule = {"reading": "disk.health", "label": "磁盘", "crit": "not normal"}
    check = making.check(making.target("ST-1", "storage"), "storage.disk", [rule])
    record([saw(check, Reading("disk.health", "pre-fail", instance="CTE0.3"))])
    row = Observation.objects.get(series__name="disk.health")
    assert (row.value, row.code, row.series.instance) == (None, Result.ABNORMAL.code, "CTE0.3")


def test_a_counter_is_kept_as_its_growth() -> None:
    rule = {
        "reading": "port.errors",
        "label": "误码",
        "unit": "count",
        "crit": "> 0",
        "delta": True,
    }
    check = making.check(making.target("FC-1", "fc-switch"), "fc.port", [rule])
    for minute, total in ((0, 1000), (5, 1000), (10, 1007)):
        record([saw(check, Reading("port.errors", total, "count"), at=later(minute))])
    values = Observation.objects.filter(series__name="port.errors").order_by("epoch")
    assert [row.value for row in values] == [None, 0.0, 7.0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_stored_as_none(room: Check, value: float) -> None:
    record([saw(room, celsius(value))])
    assert Observation.objects.get(series__name="room.temperature").value is None
    assert state(room).readings[0]["value"] == str(value)


def test_text_with_nul_bytes_is_stored_without_them(room: Check) -> None:
    record([saw(room, celsius(24), Reading("name\x00", "A\x001"))])
    assert state(room).readings[1]["value"] == "A1"


def test_a_device_that_lists_without_end_is_cut(
    room: Check, caplog: pytest.LogCaptureFixture
) -> None:
    many = [celsius(24, str(number)) for number in range(MOST_READINGS + 5)]
    record([saw(room, *many)])
    assert Series.objects.filter(name="room.temperature").count() == MOST_READINGS
    assert "only the first" in caplog.text


def test_maintenance_opens_no_finding_and_the_fault_is_found_when_it_ends(room: Check) -> None:
    Maintenance.objects.create(
        target=room.target, start=NOON, end=later(60), reason="更换空调", by="王工"
    )
    record([saw(room, celsius(30), at=later(5), confirmed=True)])
    assert state(room).result == Result.ABNORMAL
    assert not Finding.objects.exists()
    record([saw(room, celsius(30), at=later(61))])
    assert Finding.objects.get().opened_at == later(61)


def test_maintenance_of_everything_covers_every_target(room: Check) -> None:
    Maintenance.objects.create(start=NOON, end=later(60), reason="机房断电", by="王工")
    windows = maintenance.in_force(later(1))
    assert maintenance.reason_for(room.target_id, windows) == "机房断电"
    assert maintenance.reason_for(room.target_id, maintenance.in_force(later(60))) is None


def test_a_maintenance_window_that_is_over_cannot_be_announced_or_cancelled() -> None:
    by = making.person()
    with pytest.raises(BadInputError, match="已过"):
        maintenance.add(None, later(-60), later(-30), "x", by, NOON)
    with pytest.raises(BadInputError, match="晚于"):
        maintenance.add(None, later(30), later(30), "x", by, NOON)
    with pytest.raises(BadInputError, match="原因"):
        maintenance.add(None, later(30), later(60), "  ", by, NOON)
    made = maintenance.add(None, NOON, later(60), "割接", by, NOON)
    maintenance.cancel(made, by, later(10))
    assert maintenance.in_force(later(11)) == {}
    with pytest.raises(BadInputError, match="已取消"):
        maintenance.cancel(made, by, later(12))


def test_a_doubtful_check_is_due_again_sooner_than_a_settled_one(room: Check) -> None:
    record([saw(room, celsius(24))])
    settled = state(room).due
    assert settled is not None
    assert NOON < settled <= NOON + timedelta(seconds=300)
    record([saw(room, celsius(30), at=later(5))])
    doubtful = state(room).due
    assert doubtful is not None
    assert doubtful - later(5) <= timedelta(seconds=60)


@given(
    st.text(min_size=1), st.integers(1, 86400),
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)  # fmt: skip
@settings(max_examples=200)
def test_the_next_due_is_ahead_within_one_period_and_in_phase(
    key: str, every: int, now: datetime
) -> None:
    due = schedule.next_due(key, every, now)
    assert timedelta(0) < due - now <= timedelta(seconds=every)
    since = due - datetime(1970, 1, 1, tzinfo=UTC)
    assert since % timedelta(seconds=every) == schedule.phase(key, every)
    assert schedule.next_due(key, every, due) == due + timedelta(seconds=every)
    assert now < schedule.doubtful_due(key, every, now) <= due


def test_checks_of_every_second_begin_all_over_it_but_not_at_its_turn() -> None:
    phases = [schedule.phase(f"HW-{number:03}-1:server.online", 1) for number in range(1000)]
    tenths = [sum(1 for p in phases if p // timedelta(milliseconds=100) == n) for n in range(10)]
    assert tenths[0] == tenths[9] == 0
    assert all(80 <= count <= 170 for count in tenths[1:9])


def test_phases_spread_the_checks_over_their_period() -> None:
    phases = [schedule.phase(f"HW-{number:03}-1:server.online", 300) for number in range(3000)]
    minute = timedelta(minutes=1)
    minutes = [sum(1 for phase in phases if phase // minute == number) for number in range(5)]
    assert all(500 <= count <= 700 for count in minutes)


def test_series_known_from_the_batch_before_are_not_asked_for_again(room: Check) -> None:
    known: SeriesIds = {}
    record([saw(room, celsius(24.5))], known)
    assert {name for _, name, _ in known} == {TOOK, "room.temperature"}
    with CaptureQueriesContext(connection) as captured:
        record([saw(room, celsius(24.6), at=later(5))], known)
    assert not any('FROM "checks_series"' in query["sql"] for query in captured)
    assert Observation.objects.filter(series__name="room.temperature").count() == 2


def test_series_of_a_batch_that_was_not_stored_are_not_known(
    room: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("disk full")

    known: SeriesIds = {}
    with monkeypatch.context() as broken:
        broken.setattr(finding_actions, "settle", full)
        with pytest.raises(OperationalError):
            record([saw(room, celsius(24.5))], known)
    assert known == {}
    record([saw(room, celsius(24.5))], known)
    assert Observation.objects.count() == 2


def test_a_batch_of_the_well_asks_for_no_check_and_no_cause(room: Check) -> None:
    checks = [room] + [
        making.check(making.target(f"HW-{number:03}-1", "server"), every=300)
        for number in range(2, 12)
    ]
    batch = [saw(check, celsius(24)) for check in checks]
    with CaptureQueriesContext(connection) as captured:
        record(batch)
    with CaptureQueriesContext(connection) as single:
        record([saw(room, celsius(24), at=later(5))])
    assert len(captured) - len(single) <= 3  # the first batch makes series; nothing grows with it
    assert all(state(check).result == Result.NORMAL for check in checks)


def test_everything_a_state_holds_is_written(room: Check) -> None:
    record([saw(room, celsius(24), at=later(0), took=0.5)])
    record([saw(room, celsius(29.4), at=later(5), took=0.25, confirmed=True)])
    now = state(room)
    assert (now.result, now.since, now.last_at) == (Result.ABNORMAL, later(5), later(5))
    assert (now.soft_result, now.soft_count, now.flapping) == (Result.ABNORMAL, 1, False)
    assert (now.took_ms, now.reading, now.threshold) == (250.0, "机房温度 29.4 ℃", "18–28 ℃")
    assert [(row["key"], row["value"]) for row in now.readings] == [("room.temperature", 29.4)]
    assert (now.leased_until, now.leased_by) == (None, "")
    assert now.due is not None
    assert isinstance(now.memory, dict)
