"""Maintenance windows to the second: who is in one, when it begins, ends and is called off."""

from datetime import datetime, timedelta

import pytest
from check_making import NOON, celsius, check, later, missed, person, saw, target
from hypothesis import given
from hypothesis import strategies as st

from jingwei.accounts.models import AuditEntry
from jingwei.assets.models import Target
from jingwei.checks import queries
from jingwei.checks.actions import BadInputError, maintenance, record
from jingwei.checks.models import Check, Finding, Maintenance

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def room() -> Check:
    return check(target())


@pytest.fixture
def other() -> Check:
    return check(target("ROOM-02"))


def window(
    of: Target | None = None, start: float = 0, end: float = 60, cancelled: float | None = None
) -> Maintenance:
    """From and to so many minutes after noon."""
    return Maintenance.objects.create(
        target=of, start=later(start), end=later(end), reason="换空调", by="王工",
        cancelled_at=None if cancelled is None else later(cancelled),
    )  # fmt: skip


def hot(of: Check, at: datetime) -> None:
    record([saw(of, celsius(30), at=at, confirmed=True)])


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (NOON - SECOND, True), (NOON, False), (later(30), False), (later(60) - SECOND, False),
        (later(60), True), (later(60) + SECOND, True),
    ],
)  # fmt: skip
def test_a_window_begins_with_its_first_second_and_ends_before_its_last(
    room: Check, at: datetime, *, opens: bool
) -> None:
    window(room.target)
    hot(room, at)
    assert Finding.objects.exists() is opens


@pytest.mark.parametrize(("minute", "opens"), [(9, False), (10, True), (11, True)])
def test_a_window_called_off_ends_then(room: Check, minute: float, *, opens: bool) -> None:
    window(room.target, cancelled=10)
    hot(room, later(minute))
    assert Finding.objects.exists() is opens


def test_a_window_called_off_before_it_began_never_was(room: Check) -> None:
    window(room.target, cancelled=-10)
    hot(room, later(5))
    assert Finding.objects.exists()


def test_one_window_called_off_does_not_end_another_of_the_same(room: Check) -> None:
    window(room.target, cancelled=1)
    window(room.target, start=-60, end=30)
    hot(room, later(20))
    assert not Finding.objects.exists()


def test_a_window_of_one_is_none_of_others(room: Check, other: Check) -> None:
    window(room.target)
    record([saw(one, celsius(30), at=later(1), confirmed=True) for one in (room, other)])
    assert Finding.objects.get().check_ref == other


def test_each_of_a_batch_is_judged_at_its_own_instant(room: Check, other: Check) -> None:
    """A collector that was cut off tells the night and the morning in one batch."""
    window()
    night = saw(room, celsius(30), at=later(30), confirmed=True)
    morning = saw(other, celsius(30), at=later(300), confirmed=True)
    record([night, morning])
    assert Finding.objects.get().check_ref == other


def test_what_was_bad_before_a_window_is_not_excused_by_one_that_began_since(
    room: Check, other: Check
) -> None:
    window(start=10)
    early = saw(room, celsius(30), at=later(5), confirmed=True)
    record([early, saw(other, celsius(24), at=later(20))])
    assert Finding.objects.get().check_ref == room


def test_a_finding_from_before_is_followed_and_closed_within_a_window(room: Check) -> None:
    hot(room, later(-5))
    window(room.target)
    record([saw(room, celsius(33), at=later(1), confirmed=True)])
    assert "33" in Finding.objects.get().reading
    record([saw(room, celsius(24), at=later(2), confirmed=True)])
    assert Finding.objects.get().closed_at == later(2)


def test_a_fault_that_came_and_went_within_a_window_leaves_no_finding(room: Check) -> None:
    window(room.target)
    hot(room, later(1))
    record([saw(room, celsius(24), at=later(30), confirmed=True)])
    record([saw(room, celsius(24), at=later(61))])
    assert not Finding.objects.exists()


def test_silence_within_a_window_is_a_finding_when_it_outlasts_it(room: Check) -> None:
    window(room.target)
    record([missed(room, at=later(59), confirmed=True)])
    assert not Finding.objects.exists()
    record([missed(room, at=later(60), confirmed=True)])
    assert Finding.objects.get().opened_at == later(60)


@given(
    st.lists(
        st.tuples(st.integers(-60, 60), st.integers(1, 60), st.none() | st.integers(-90, 90)),
        max_size=4,
    ),
    st.integers(-100, 130),
)  # fmt: skip
def test_in_force_is_what_a_person_would_count(
    windows: list[tuple[int, int, int | None]], minute: int
) -> None:
    Maintenance.objects.all().delete()
    for start, lasts, cancelled in windows:
        window(None, start, start + lasts, cancelled)
    counted = any(
        start <= minute < start + lasts and (cancelled is None or minute < cancelled)
        for start, lasts, cancelled in windows
    )
    at = later(minute)
    assert (maintenance.reason_for(1, maintenance.in_force(at)) is not None) is counted
    assert bool(maintenance.resting([(1, at)])) is counted
    assert queries.maintenances(at).exists() is counted


# -- announcing and calling off


@pytest.mark.parametrize(
    ("start", "end", "reason", "field"),
    [
        (0, 0, "换机", "end"), (10, 0, "换机", "end"), (-20, -10, "换机", "end"),
        (-20, 0, "换机", "end"), (0, 10, "", "reason"), (0, 10, " \n\t", "reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_announced_is_named_and_nothing_is_written(
    room: Check, start: float, end: float, reason: str, field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        maintenance.add(room.target, later(start), later(end), reason, person(), NOON)
    assert caught.value.field == field
    assert not Maintenance.objects.exists()
    assert not AuditEntry.objects.filter(action="maintenance.add").exists()


def test_work_that_has_begun_may_still_be_announced(room: Check) -> None:
    made = maintenance.add(room.target, later(-10), later(1), "换机", person(), NOON)
    assert maintenance.in_force(NOON) == {room.target_id: "换机"}
    assert made.by == "王工"
    entry = AuditEntry.objects.get(action="maintenance.add")
    assert (entry.object_key, entry.reason) == (str(made.pk), "换机")


def test_calling_off_is_told_once_and_says_when(room: Check) -> None:
    li = person()
    made = window(room.target, start=30, end=60)
    maintenance.cancel(made, li, NOON)
    assert made.cancelled_at == NOON
    with pytest.raises(BadInputError):
        maintenance.cancel(made, li, later(1))
    made.refresh_from_db()
    assert made.cancelled_at == NOON
    assert AuditEntry.objects.filter(action="maintenance.cancel").count() == 1


def test_the_reason_of_the_thing_itself_goes_before_that_of_everything(room: Check) -> None:
    window(None)
    Maintenance.objects.update(reason="全院停电")
    window(room.target)
    held = maintenance.in_force(NOON)
    assert maintenance.reason_for(room.target_id, held) == "换空调"
    assert maintenance.reason_for(room.target_id + 1, held) == "全院停电"
