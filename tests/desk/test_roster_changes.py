"""A period or a leave that changed, ended early or was a mistake: who may say so, what stays."""

from datetime import datetime
from typing import Any

import pytest
from desk_making import at, client, person, publish

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import verify_chain
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.desk.actions import BadInputError, ForbiddenError, attendance
from jingwei.desk.actions import leave as leaves
from jingwei.desk.actions.leave import Wish
from jingwei.desk.models import Asked, GuardPeriod, Leave

pytestmark = pytest.mark.django_db
NOW = at("2023-01-10 09:00")
START, END = at("2023-01-16 08:30"), at("2023-01-17 17:30")


@pytest.fixture
def manager() -> User:
    return person("zhao", Role.MANAGER)


@pytest.fixture
def period(manager: User) -> GuardPeriod:
    publish(2023, 2023)
    return attendance.open_period("春节保障", START, END, manager, NOW)


@pytest.fixture
def wang() -> User:
    made = person("wang", full_name="王磊")
    Person.objects.create(name="王磊", line=Person.Line.FIRST, user=made)
    Person.objects.create(name="二线1", line=Person.Line.SECOND)
    return made


def correct(period: GuardPeriod, by: User, now: Any = NOW, **given: Any) -> GuardPeriod:
    facts = {
        "name": "春节保障",
        "start": START,
        "end": END,
        "reason": "放假通知",
        "needed": 2,
    } | given
    return attendance.correct_period(period, now=now, by=by, **facts)


def wish(**given: Any) -> Wish:
    facts: dict[str, Any] = {
        "person": Person.objects.get(name="王磊"), "start": START, "end": END, "reason": "看病",
        "whereabouts": "市内", "phone": "139", "stand_in": Person.objects.get(name="二线1"),
    } | given  # fmt: skip
    return Wish(**facts)


def at_utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def granted(by: User) -> Leave:
    asked = leaves.ask_leave(wish(), by, NOW)
    return leaves.answer_leave(asked, True, client(), NOW)


def test_a_period_is_corrected_and_what_stood_before_stays_in_the_chain(
    period: GuardPeriod, manager: User
) -> None:
    correct(period, manager, needed=3, end=at("2023-01-18 08:00"))
    period.refresh_from_db()
    assert (period.needed, period.end) == (3, at("2023-01-18 08:00"))
    link = AuditEntry.objects.get(action="guard.correct")
    assert (link.before["needed"], link.after["needed"], link.reason) == (2, 3, "放假通知")
    assert verify_chain().intact


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"), ({"end": START}, "end"), ({"needed": 0}, "needed"),
        ({"name": "\0"}, "name"), ({"end": at("2033-01-01 00:00")}, "end"),
    ],
)  # fmt: skip
def test_a_correction_without_sense_or_reason_changes_nothing(
    period: GuardPeriod, manager: User, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as told:
        correct(period, manager, **given)
    assert told.value.field == field
    assert GuardPeriod.objects.get().needed == 2


def test_once_it_began_only_the_client_lessens_what_is_asked(
    period: GuardPeriod, manager: User
) -> None:
    running = at("2023-01-16 12:00")
    with pytest.raises(ForbiddenError, match="只有甲方可以更正"):
        correct(period, manager, running, needed=1)
    assert correct(period, client(), running, needed=1).needed == 1
    with pytest.raises(ForbiddenError):
        correct(period, person("li"), NOW)


def test_a_turn_outside_the_new_times_is_named_and_refused(
    period: GuardPeriod, manager: User, wang: User
) -> None:
    attendance.add_shift(
        period, Person.objects.get(name="王磊"), at("2023-01-17 08:30"), END, manager, NOW
    )
    with pytest.raises(BadInputError, match=r"王磊 01-17 08:30 的班次不在新的时间之内"):
        correct(period, manager, end=at("2023-01-17 12:00"))


def test_a_cancelled_period_is_not_corrected(period: GuardPeriod, manager: User) -> None:
    attendance.cancel_period(period, "登记错误", manager, NOW)
    with pytest.raises(BadInputError, match="已取消"):
        correct(period, manager)


def test_a_corrected_leave_waits_for_the_client_again(wang: User) -> None:
    held = granted(wang)
    anew = leaves.correct_leave(held, wish(end=at("2023-01-18 17:30")), "改签", wang, NOW)
    held.refresh_from_db()
    assert (held.state, anew.state) == (Asked.WITHDRAWN, Asked.WAITING)
    assert anew.end == at("2023-01-18 17:30")


def test_a_correction_that_is_refused_leaves_the_old_one_standing(wang: User) -> None:
    held = granted(wang)
    with pytest.raises(BadInputError, match="结束须晚于开始"):
        leaves.correct_leave(held, wish(end=START), "改签", wang, NOW)
    with pytest.raises(BadInputError, match="更正原因"):
        leaves.correct_leave(held, wish(), " ", wang, NOW)
    other = Person.objects.get(name="二线1")
    with pytest.raises(BadInputError, match="不能换人"):
        leaves.correct_leave(held, wish(person=other, stand_in=None), "换人", wang, NOW)
    assert [row.state for row in Leave.objects.all()] == [Asked.GRANTED]


def test_who_comes_back_early_ends_his_leave_with_a_word(wang: User) -> None:
    held, back = granted(wang), at("2023-01-17 08:30")
    leaves.return_early(held, back, "提前返岗", wang, at("2023-01-17 08:40"))
    held.refresh_from_db()
    assert (held.end, held.state) == (back, Asked.GRANTED)
    link = AuditEntry.objects.get(action="leave.return")
    assert (at_utc(link.before["end"]), link.after["late"]) == (END, False)


@pytest.mark.parametrize("back", [START, END, at("2023-01-15 08:00")])
def test_one_comes_back_within_the_leave_only(wang: User, back: Any) -> None:
    held = granted(wang)
    with pytest.raises(BadInputError, match="请假期间"):
        leaves.return_early(held, back, "返岗", wang, at("2023-01-20 08:00"))


def test_nobody_comes_back_from_what_was_not_granted_or_for_another(wang: User) -> None:
    held = leaves.ask_leave(wish(), wang, NOW)
    back = at("2023-01-17 08:30")
    with pytest.raises(BadInputError, match="待"):
        leaves.return_early(held, back, "返岗", wang, back)
    with pytest.raises(ForbiddenError):
        leaves.return_early(held, back, "返岗", person("li"), back)
