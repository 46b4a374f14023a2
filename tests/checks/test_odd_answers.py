"""Answers as only broken or hostile things give them: one of them must not lose the others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from check_making import HOT, NOON, celsius, check, later, missed, saw, target
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from jingwei.checks.actions import Seen, record
from jingwei.checks.models import Check, CheckState, Finding, Observation, StateChange
from jingwei.rules.judge import judge_outcome
from jingwei.rules.rule import parse
from jingwei.terms import Outcome, Reading, Reason, Result

pytestmark = pytest.mark.django_db
WORD = {"reading": "disk.state", "label": "硬盘", "crit": "not in ok"}


@pytest.fixture
def room() -> Check:
    return check(target())


@pytest.fixture
def well() -> Check:
    return check(target("ROOM-02"))


def state(of: Check) -> CheckState:
    return CheckState.objects.get(check_ref=of)


@pytest.mark.parametrize(
    "odd",
    [
        Reading("disk.serial", "A\ud8001"),
        Reading("disk.serial", "\udfff" * 300),
        Reading("disk\ud800.serial", 1.0),
        Reading("disk.size", 1.0, "G\udc00"),
        Reading("disk.size", 1.0, "G\x00B"),
        Reading("disk.size", 1.0, "", "bay\ud800"),
        Reading("disk.size", 1.0, "", "\x00"),
        Reading("disk.size", 10**400),
        Reading("disk.size", -(10**400)),
        Reading("disk.size", 2**64),
        Reading("disk.serial", ""),
        Reading("disk.serial", "长" * 10_000),
        Reading("n" * 10_000, 1.0, "u" * 10_000, "i" * 10_000),
    ],
    ids=[
        "lone surrogate", "many surrogates", "surrogate in name", "surrogate in unit",
        "NUL in unit", "surrogate in instance", "NUL as instance", "beyond every float",
        "below every float", "beyond 64 bits", "empty", "long word", "long names",
    ],
)  # fmt: skip
def test_a_reading_no_database_takes_loses_no_other_answer_of_its_batch(
    room: Check, well: Check, odd: Reading
) -> None:
    record([saw(room, odd, celsius(24)), saw(well, celsius(25))])
    assert state(room).result == state(well).result == Result.NORMAL
    held = Observation.objects.filter(series__name="room.temperature").order_by("value")
    assert [row.value for row in held] == [24.0, 25.0]


@pytest.mark.parametrize("word", ["fai\ud800led", "fai\x00led"])
def test_a_judged_word_no_database_takes_is_told_in_the_finding_without_it(word: str) -> None:
    disk = check(target("HW-1", "server"), "disk", [WORD])
    record([saw(disk, Reading("disk.state", word), confirmed=True)])
    found = Finding.objects.get()
    assert "led" in found.reading
    assert "\x00" not in found.reading
    assert StateChange.objects.get(after=Result.ABNORMAL).reading == found.reading


def test_two_instances_that_differ_in_what_is_left_out_are_one_series(room: Check) -> None:
    same = [Reading("port.errors", 1.0, "", "a\x00"), Reading("port.errors", 2.0, "", "a")]
    record([saw(room, *same, celsius(24))])
    rows = Observation.objects.filter(series__name="port.errors")
    assert rows.get().series.instance == "a"


def test_long_texts_of_a_verdict_are_cut_to_their_columns() -> None:
    disk = check(target("HW-1", "server"), "disk", [WORD])
    record([saw(disk, Reading("disk.state", "坏" * 10_000), confirmed=True)])
    found, now = Finding.objects.get(), state(disk)
    assert len(found.reading) == len(now.reading) == 300
    assert StateChange.objects.filter(reading=found.reading).exists()


@pytest.mark.parametrize(
    ("answer", "took"), [((), 5.0), ((celsius(24),), 0.0)], ids=["silent", "at once"]
)
def test_what_took_no_answer_has_no_duration_and_what_took_no_time_has_one(
    room: Check, answer: tuple[Reading, ...], took: float
) -> None:
    one = saw(room, *answer, took=took) if answer else missed(room)
    record([one])
    held = Observation.objects.get(series__name="check.took")
    assert held.value == (0.0 if answer else None)


def test_an_instant_in_another_zone_is_the_same_instant(room: Check) -> None:
    record([saw(room, celsius(24), at=NOON)])
    record([saw(room, celsius(30), at=NOON.astimezone(UTC), confirmed=True)])
    assert state(room).result == Result.NORMAL, "the very instant that is known already"
    assert state(room).last_at == NOON
    record([saw(room, celsius(30), at=(later(1)).astimezone(UTC), confirmed=True)])
    assert state(room).since == later(1)


def test_two_answers_of_one_second_are_one_observation_and_two_verdicts(room: Check) -> None:
    half = timedelta(milliseconds=500)
    record([saw(room, celsius(24)), saw(room, celsius(30), at=NOON + half, confirmed=True)])
    assert Observation.objects.get(series__name="room.temperature").value == 24.0
    assert state(room).result == Result.ABNORMAL
    assert list(StateChange.objects.order_by("at").values_list("before", "after")) == [
        ("unchecked", "normal"), ("normal", "abnormal"),
    ]  # fmt: skip


def test_an_empty_batch_and_one_of_strangers_touch_nothing(db: None) -> None:
    one = check(target())
    stranger = saw(one, celsius(24))
    one.state.delete()
    Check.objects.filter(pk=one.pk).delete()
    assert record([]) == {}
    assert record([stranger]) == {}
    assert not Observation.objects.exists()


class TestAnyOrder(TestCase):
    """However answers arrive, what is known is what the newest says, and changes tell one story."""

    @given(
        st.lists(
            st.tuples(st.integers(0, 30), st.sampled_from([24.0, 27.5, 30.0, None])),
            min_size=1, max_size=12, unique_by=lambda pair: pair[0],
        ),
        st.integers(1, 5),
    )  # fmt: skip
    @settings(max_examples=25, deadline=None)
    def test_changes_chain_and_end_in_the_state(
        self, answers: list[tuple[int, float | None]], size: int
    ) -> None:
        Finding.objects.all().delete()
        one = check(target(f"R-{Check.objects.count()}"), rules=[HOT], strikes=2)
        for start in range(0, len(answers), size):
            record(
                saw(one, celsius(value), at=later(minute)) if value is not None
                else missed(one, Reason.COLLECTOR, later(minute))
                for minute, value in answers[start : start + size]
            )  # fmt: skip
        changes = list(StateChange.objects.filter(check_ref=one).order_by("id"))
        assert [c.at for c in changes] == sorted({c.at for c in changes}), "told in order of time"
        stands = [Result.UNCHECKED.value, *(c.after for c in changes)]
        assert [c.before for c in changes] == stands[:-1], "each begins where the last one ended"
        assert state(one).result == stands[-1]
        assert state(one).last_at == later(max(minute for minute, _ in answers))
        took = Observation.objects.filter(series__check_ref=one, series__name="check.took")
        assert took.count() == len(answers), "history keeps what came late as well"
        is_open = Finding.objects.filter(check_ref=one, closed_at__isnull=True)
        assert is_open.count() <= 1
        if state(one).result in (Result.NORMAL, Result.NOT_APPLICABLE):
            assert not is_open.exists()


@pytest.mark.parametrize("order", [sorted, lambda batch, key: sorted(batch, key=key)[::-1]])
def test_a_batch_is_taken_in_order_of_time_whatever_its_own(
    room: Check, order: Callable[..., list[Seen]]
) -> None:
    batch = [saw(room, celsius(value), at=later(n)) for n, value in enumerate((24, 30, 30, 30))]
    record(order(batch, key=lambda seen: seen.at))
    assert state(room).result == Result.ABNORMAL
    assert StateChange.objects.get(after=Result.ABNORMAL).at == later(3)


def test_an_outcome_without_readings_that_answered_is_no_measurement(room: Check) -> None:
    outcome = Outcome((), 0.01)
    judged = judge_outcome([parse(HOT)], outcome, {}, NOON, Result.ABNORMAL)
    record([Seen(room.pk, NOON, outcome, judged)])
    assert state(room).result != Result.NORMAL, "no evidence is never normal"


def test_the_very_first_and_last_year_a_calendar_has_do_not_stop_a_batch(well: Check) -> None:
    room = check(target("ROOM-03"))
    old = datetime(1970, 1, 2, tzinfo=UTC)
    record([saw(room, celsius(24), at=old), saw(well, celsius(24))])
    assert state(room).last_at == old
    assert state(well).result == Result.NORMAL
