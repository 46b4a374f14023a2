"""A check switched off by a person: 未检 with the reason, kept off, never 正常; and on again."""

import pytest
from check_making import HOT, NOON, celsius, check, later, saw, target

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.actions import BadInputError, record, stoppage, sync_checks
from jingwei.checks.actions.claim import claim_checks
from jingwei.checks.content import DeviceModel
from jingwei.checks.models import Check, CheckState, Finding, StateChange, Stoppage
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
WHY = "传感器返修"


@pytest.fixture
def room() -> Target:
    return target()


@pytest.fixture
def one(room: Target) -> Check:
    return check(room, strikes=1)


@pytest.fixture
def li() -> User:
    return User.objects.create_user("li", role=Role.SECOND_LINE, full_name="李强")


def state(of: Check) -> CheckState:
    return CheckState.objects.get(check_ref=of)


def test_a_stopped_check_is_unchecked_with_reason_and_asked_no_more(one: Check, li: User) -> None:
    record([saw(one, celsius(22))])
    actions.stop(one, WHY, li, later(5))
    held = state(one)
    assert (held.result, held.reason, held.due) == (Result.UNCHECKED, f"停用：{WHY}", None)
    (row,) = queries.check_status()
    assert (row.result, row.reason) == (Result.UNCHECKED, f"停用：{WHY}")
    assert claim_checks("w", 10, later(600), later(601)) == {}
    assert actions.unchecked_reasons([], [(one.item, one.target_id)]) == {
        (one.item, one.target_id): f"停用：{WHY}"
    }


def test_who_when_and_why_are_kept(one: Check, li: User) -> None:
    actions.stop(one, f"  {WHY} ", li, NOON)
    actions.start(one, li, later(90))
    (kept,) = queries.stoppages(one)
    assert (kept.by_name, kept.at, kept.reason) == ("李强", NOON, WHY)
    assert (kept.ended_by, kept.ended_at) == ("李强", later(90))
    said = AuditEntry.objects.order_by("sequence").values_list("action", "reason")
    assert list(said) == [("check.stop", WHY), ("check.start", "")]


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201, "a\0", "\ud800"])
def test_without_a_reason_that_can_be_kept_nothing_is_stopped(
    one: Check, li: User, reason: str
) -> None:
    with pytest.raises(BadInputError) as told:
        actions.stop(one, reason, li, NOON)
    assert told.value.field == "reason"
    assert not Stoppage.objects.exists()
    assert Check.objects.get().enabled


def test_nothing_is_stopped_twice_or_started_that_runs(one: Check, li: User) -> None:
    with pytest.raises(BadInputError, match="没有人工停用"):
        actions.start(one, li, NOON)
    actions.stop(one, WHY, li, NOON)
    with pytest.raises(BadInputError, match="已停用"):
        actions.stop(one, WHY, li, later(1))


def test_history_says_from_when_nothing_is_known(one: Check, li: User) -> None:
    record([saw(one, celsius(22))])
    actions.stop(one, WHY, li, later(5))
    last = StateChange.objects.latest("id")
    assert (last.before, last.after) == (Result.NORMAL, Result.UNCHECKED)
    assert (last.at, last.reason) == (later(5), f"停用：{WHY}")
    (row,) = queries.check_status(NOON.date())
    assert row.result is Result.UNCHECKED


def test_an_answer_still_under_way_does_not_make_it_normal(one: Check, li: User) -> None:
    under_way = saw(one, celsius(22), at=later(6))
    actions.stop(one, WHY, li, later(5))
    record([under_way])
    assert state(one).result == Result.UNCHECKED


def test_its_finding_stays_open_and_says_why(one: Check, li: User) -> None:
    record([saw(one, celsius(31))])
    actions.stop(one, WHY, li, later(5))
    finding = Finding.objects.get()
    assert finding.closed_at is None
    assert WHY in finding.notes.get().text
    actions.start(one, li, later(60))
    record([saw(one, celsius(22), at=later(61))])
    finding.refresh_from_db()
    assert finding.closed_at == later(61)


def test_content_does_not_switch_it_on_again(room: Target, li: User) -> None:
    one = check(room)
    actions.stop(one, WHY, li, NOON)
    sync_checks(list[DeviceModel](), later(10))
    one.refresh_from_db()
    assert not one.enabled
    assert stoppage.stopped() == {one.pk}


def test_started_again_it_is_due_at_once_and_normal_only_when_seen(one: Check, li: User) -> None:
    actions.stop(one, WHY, li, NOON)
    actions.start(one, li, later(30))
    assert (state(one).result, state(one).due) == (Result.UNCHECKED, later(30))
    record([saw(one, celsius(22), at=later(31))])
    assert state(one).result == Result.NORMAL


def test_what_content_ended_is_forgotten_but_what_a_person_stopped_is_not(
    room: Target, li: User
) -> None:
    ended = check(room, name="ended", rules=(HOT,))
    stopped = check(room, name="stopped", rules=(HOT,))
    actions.stop(stopped, WHY, li, NOON)
    sync_checks(list[DeviceModel](), later(10))
    assert {one.pk for one in queries.standing()} == {stopped.pk}
    assert ended.pk not in stoppage.stopped()
