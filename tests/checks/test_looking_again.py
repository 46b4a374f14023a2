"""After a pause nobody looked: history says so, and old strikes do not count."""

from datetime import timedelta

import pytest
from check_making import HOT, NOON, celsius, check, endpoint, later, person, saw, target

from jingwei.checks import content, queries
from jingwei.checks.actions import record, stoppage
from jingwei.checks.actions.sync import sync_checks
from jingwei.checks.models import Check, CheckState, Finding, StateChange
from jingwei.rules.rule import parse
from jingwei.terms import Result

pytestmark = pytest.mark.django_db

TEMPLATE = content.CheckTemplate(
    id="t", item="room.temperature", label="机房温度", probe="modbus", protocol="modbus",
    options={"read": []}, rules=(parse(HOT),), every=60, timeout=3, retries=1, strikes=3,
    on_error=Result.UNCHECKED, source="tender L664",
)  # fmt: skip
ROOM = content.DeviceModel(
    id="room", label="机房", source="tender", match=content.Match(kinds=("room",)),
    checks=(TEMPLATE,), unchecked=(),
)  # fmt: skip


def state(of: Check) -> CheckState:
    return CheckState.objects.get(check_ref=of)


def hot(of: Check, minute: float, *, confirmed: bool = False) -> None:
    record([saw(of, celsius(30), at=later(minute), confirmed=confirmed)])


def cool(of: Check, minute: float) -> None:
    record([saw(of, celsius(24), at=later(minute))])


def story(of: Check, until: float = 1000) -> list[tuple[str, float]]:
    """(result, minutes after noon it began) of every span."""
    spans = queries.timeline(of.pk, NOON, later(until))
    return [(span.result.value, (span.start - NOON).total_seconds() / 60) for span in spans]


@pytest.fixture
def content_room() -> Check:
    endpoint(target())
    sync_checks([ROOM], NOON)
    return Check.objects.get()


@pytest.fixture
def one() -> Check:
    return check(target(), strikes=3)


def test_two_bad_verdicts_before_a_stop_and_one_after_are_not_three_strikes(one: Check) -> None:
    cool(one, 0)
    hot(one, 1)
    hot(one, 2)
    stoppage.stop(one, "返修", person(), later(3))
    stoppage.start(one, person("li", "李工"), later(600))
    hot(one, 601)
    assert not Finding.objects.exists()
    assert state(one).result != Result.ABNORMAL
    hot(one, 602)
    hot(one, 603)
    assert Finding.objects.get().opened_at == later(603)


def test_an_answer_from_before_a_stop_and_a_start_does_not_speak_for_after(one: Check) -> None:
    cool(one, 0)
    stoppage.stop(one, "返修", person(), later(3))
    stoppage.start(one, person("li", "李工"), later(4))
    cool(one, 2)
    assert state(one).result == Result.UNCHECKED
    cool(one, 5)
    assert story(one) == [("normal", 0), ("unchecked", 3), ("normal", 5)]


def test_while_content_had_no_check_the_history_says_unchecked(content_room: Check) -> None:
    cool(content_room, 1)
    sync_checks([], later(10))
    assert story(content_room) == [("unchecked", 0), ("normal", 1), ("unchecked", 10)]
    sync_checks([ROOM], later(600))
    assert state(content_room).result == Result.UNCHECKED, "nobody has looked yet"
    cool(content_room, 601)
    assert story(content_room)[-2:] == [("unchecked", 10), ("normal", 601)]


def test_what_was_bad_before_content_dropped_it_needs_its_strikes_again(
    content_room: Check,
) -> None:
    hot(content_room, 1, confirmed=True)
    sync_checks([], later(10))
    assert Finding.objects.get().closed_at == later(10)
    sync_checks([ROOM], later(600))
    hot(content_room, 601)
    assert Finding.objects.filter(closed_at__isnull=True).count() == 0
    hot(content_room, 602)
    hot(content_room, 603)
    assert Finding.objects.get(closed_at__isnull=True).opened_at == later(603)


def test_dropping_twice_tells_it_once(content_room: Check) -> None:
    cool(content_room, 1)
    sync_checks([], later(10))
    sync_checks([], later(20))
    assert StateChange.objects.filter(after=Result.UNCHECKED).count() == 1


def test_a_check_never_asked_and_dropped_has_no_change(content_room: Check) -> None:
    sync_checks([], later(10))
    assert not StateChange.objects.exists()
    assert state(content_room).reason


@pytest.mark.parametrize("person_did", [True, False], ids=["stopped", "dropped"])
def test_what_was_leased_when_it_ended_is_nobodys(content_room: Check, *, person_did: bool) -> None:
    CheckState.objects.update(leased_until=later(60), leased_by="w1")
    if person_did:
        stoppage.stop(content_room, "返修", person(), later(1))
    else:
        sync_checks([], later(1))
    now = state(content_room)
    assert (now.due, now.leased_until, now.leased_by) == (None, None, "")


def test_a_check_that_trembled_before_its_stop_does_not_tremble_after(one: Check) -> None:
    for minute in range(0, 20, 2):
        cool(one, minute)
        hot(one, minute + 1)
    assert state(one).flapping
    stoppage.stop(one, "返修", person(), later(30))
    stoppage.start(one, person("li", "李工"), later(40))
    cool(one, 41)
    assert not state(one).flapping


# -- trembling while looked at


def test_a_trembling_fault_is_one_finding_until_it_calms_down() -> None:
    port = check(target(), strikes=1)
    for minute in range(0, 40, 2):
        hot(port, minute)
        cool(port, minute + 1)
    assert state(port).flapping
    assert Finding.objects.filter(closed_at__isnull=True).count() == 1
    before = Finding.objects.count()
    minute = 40
    while state(port).flapping:
        cool(port, minute)
        minute += 1
    assert state(port).result == Result.NORMAL
    assert 42 < minute < 70, "calm after some good answers, not after one and not never"
    assert Finding.objects.filter(closed_at__isnull=True).count() == 0
    assert Finding.objects.count() == before


def test_the_pause_between_two_periods_does_not_make_a_verdict_hard(one: Check) -> None:
    """Strikes are verdicts, not time: one bad answer an hour ago and one now are two."""
    cool(one, 0)
    hot(one, 1)
    hot(one, 61)
    assert state(one).soft_count == 2
    assert not Finding.objects.exists()
    cool(one, 62)
    hot(one, 63)
    assert state(one).soft_count == 1


@pytest.mark.parametrize("gap", [timedelta(microseconds=1), timedelta(days=3650)])
def test_the_smallest_and_a_great_step_of_time_are_steps(one: Check, gap: timedelta) -> None:
    cool(one, 0)
    record([saw(one, celsius(30), at=NOON + gap, confirmed=True)])
    assert state(one).since == NOON + gap
