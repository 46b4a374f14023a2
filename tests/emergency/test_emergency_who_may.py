"""Who may do what to an event: every action for every role, and every text that is no text."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from emergency_making import EVE, client, declared, people, person, plan

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import May, Role, may
from jingwei.emergency import actions
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind, Level, Plan
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db
Act = Callable[[Emergency, User], object]
LATER = EVE + timedelta(minutes=10)
WORK, DECIDE = May.HANDLE_TICKETS, May.APPROVE_TICKETS


def _note(event: Emergency, by: User) -> object:
    return actions.note(event, Instant.ARRIVED, LATER, by, LATER, version=event.version)


def _confirm(event: Emergency, by: User) -> object:
    return actions.note(event, Instant.CONFIRMED, LATER, by, LATER, version=event.version)


def _message(event: Emergency, by: User) -> object:
    return actions.message(event, "查看存储", by, LATER)


def _call(event: Emergency, by: User) -> object:
    return actions.call(event, event.callees.all()[0], True, by, LATER)


def _callee(event: Emergency, by: User) -> object:
    return actions.add_callee(event, "赵工", "原厂工程师", "400-822-9999", by, LATER)


def _step(event: Emergency, by: User) -> object:
    assert event.plan is not None
    return actions.step(event, event.plan.steps.all()[0], True, by, LATER)


def _plan(event: Emergency, by: User) -> object:
    another = Plan.objects.filter(key="another").first() or plan("another")
    return actions.use_plan(event, another, by, LATER, version=event.version)


def _level(event: Emergency, by: User) -> object:
    return actions.regrade(event, Level.TWO, "影响收窄", by, LATER, version=event.version)


def _answer(event: Emergency, by: User) -> object:
    asked = event.entries.get(kind=EntryKind.DECLARED)
    return actions.answer(event, asked, True, by, LATER, version=event.version)


def _withdraw(event: Emergency, by: User) -> object:
    return actions.withdraw(event, "误报", by, LATER, version=event.version)


def _cause(event: Emergency, by: User) -> object:
    return actions.classify(event, Cause.HARDWARE, "控制器", by, LATER, version=event.version)


ACTS: tuple[tuple[Act, frozenset[May]], ...] = (
    (_note, frozenset({WORK})),
    (_confirm, frozenset({DECIDE})),
    (_message, frozenset({WORK, DECIDE})),
    (_call, frozenset({WORK, DECIDE})),
    (_callee, frozenset({WORK, DECIDE})),
    (_step, frozenset({WORK})),
    (_plan, frozenset({WORK, DECIDE})),
    (_level, frozenset({WORK, DECIDE})),
    (_answer, frozenset({DECIDE})),
    (_withdraw, frozenset({DECIDE})),
    (_cause, frozenset({WORK, DECIDE})),
)


@pytest.mark.parametrize(("act", "needs"), ACTS, ids=[act.__name__[1:] for act, _ in ACTS])
def test_each_action_is_for_its_roles_and_for_no_other(act: Act, needs: frozenset[May]) -> None:
    people()
    used = plan()
    for role in Role.values:
        event = declared(person(f"wang-{role}"), EVE, title=f"事件 {role}", plan=used)
        by = person(f"by-{role}", role)
        written = event.entries.count()
        if any(may(role, what) for what in needs):
            act(event, by)
            continue
        with pytest.raises(actions.ForbiddenError):
            act(event, by)
        assert event.entries.count() == written, role
        assert AuditEntry.objects.filter(action="emergency.refused", actor=by.username).exists()


@pytest.mark.parametrize("act", [act for act, _ in ACTS], ids=[a.__name__[1:] for a, _ in ACTS])
def test_an_account_that_ended_may_nothing(act: Act) -> None:
    people()
    event = declared(person(), plan=plan())
    gone = client("gone")
    gone.is_active = False
    gone.save()
    with pytest.raises(actions.ForbiddenError):
        act(event, gone)


WRONG = {
    "empty": "", "blank": " \n\t", "too long": "长" * 2001, "null": "a\x00b", "lone": "\ud800",
}  # fmt: skip


@pytest.mark.parametrize("text", list(WRONG.values()), ids=list(WRONG))
def test_a_reason_that_is_none_is_refused_and_nothing_is_written(text: str) -> None:
    gu = client()
    event = declared(person())
    seen, written = event.version, EmergencyEntry.objects.count()
    for act in (
        lambda: actions.regrade(event, Level.TWO, text, gu, EVE, version=event.version),
        lambda: actions.withdraw(event, text, gu, EVE, version=event.version),
        lambda: actions.classify(event, Cause.POWER, text, gu, EVE, version=event.version),
    ):
        with pytest.raises(actions.BadInputError) as caught:
            act()
        assert caught.value.field == "reason"
    assert (event.version, EmergencyEntry.objects.count()) == (seen, written)


@pytest.mark.parametrize("text", ["长" * 2001, "a\x00b", "\ud800"], ids=["long", "null", "lone"])
def test_an_opinion_no_database_keeps_is_refused(text: str) -> None:
    gu = client()
    event = declared(person())
    asked = event.entries.get(kind=EntryKind.DECLARED)
    with pytest.raises(actions.BadInputError):
        actions.answer(event, asked, True, gu, EVE, version=event.version, reason=text)
    assert not event.entries.filter(kind=EntryKind.ANSWER).exists()


@pytest.mark.parametrize(
    ("name", "role", "phone", "field"),
    [
        ("", "原厂", "1", "name"), ("长" * 65, "原厂", "1", "name"), ("赵", "", "1", "role"),
        ("赵", "长" * 65, "1", "role"), ("赵", "原厂", "1" * 33, "phone"),
        ("赵\x00", "原厂", "1", "name"), ("赵", "原厂", "1\x00", "phone"),
    ],
)  # fmt: skip
def test_somebody_to_call_who_is_nobody_is_refused(
    name: str, role: str, phone: str, field: str
) -> None:
    wang = person()
    event = declared(wang)
    with pytest.raises(actions.BadInputError) as caught:
        actions.add_callee(event, name, role, phone, wang, EVE)
    assert caught.value.field == field
    assert event.callees.count() == 0


def test_an_answer_from_before_now_only() -> None:
    gu = client()
    event = declared(person())
    asked = event.entries.get(kind=EntryKind.DECLARED)
    with pytest.raises(actions.BadInputError, match="晚于当前"):
        actions.answer(event, asked, True, gu, EVE, version=event.version, at=LATER)


def test_nothing_more_is_written_on_a_withdrawn_event_but_words() -> None:
    people()
    gu, wang = client(), person()
    event = declared(wang, plan=plan())
    actions.withdraw(event, "误报", gu, EVE, version=event.version)
    for act in (_note, _call, _callee, _step, _level, _cause):
        with pytest.raises(actions.BadInputError, match="已撤销"):
            act(event, wang)
    actions.message(event, "误报原因已查明", wang, LATER)
