"""The table of transitions: every way is in it, and it promises what the contract asks."""

import pytest

from jingwei.accounts.roles import ALLOWED, May, Role, may
from jingwei.desk.models import ENDED, Kind, State
from jingwei.desk.transitions import TABLE, find, first_state, from_here


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_comes_to_an_end_from_every_state_it_can_reach(kind: Kind) -> None:
    reached, todo = set(), [first_state(kind)]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += [way.end for way in from_here(kind, state)]
    assert reached & ENDED
    for state in reached - ENDED:
        assert from_here(kind, state), f"{kind} is stuck in {state}"


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_leads_out_of_an_end(kind: Kind, state: State) -> None:
    assert from_here(kind, state) == ()


def test_a_step_from_a_state_leads_to_one_place_only() -> None:
    seen = [(kind, state, way.step) for way in TABLE for kind in way.kinds for state in way.start]
    assert len(seen) == len(set(seen))


def test_every_state_is_used() -> None:
    used = {way.end for way in TABLE} | {state for way in TABLE for state in way.start}
    assert used == set(State)


@pytest.mark.parametrize("step", ["confirm", "reject", "sign_precheck", "review", "verify"])
def test_what_the_client_must_say_only_the_client_can_say(step: str) -> None:
    ways = [way for way in TABLE if way.step == step]
    assert ways
    assert {way.may for way in ways} == {May.APPROVE_TICKETS}


def test_nobody_both_handles_and_approves() -> None:
    for role in Role:
        assert not {May.HANDLE_TICKETS, May.APPROVE_TICKETS} <= ALLOWED[role]


def test_only_the_client_approves() -> None:
    approving = {role for role in Role if may(role, May.APPROVE_TICKETS)}
    assert approving == {Role.CLIENT_ADMIN, Role.CLIENT_APPROVER}


def test_the_provider_cannot_cancel_a_fault() -> None:
    way = find(Kind.INCIDENT, State.NEW, "cancel")
    assert way is not None
    assert way.may is May.APPROVE_TICKETS
    assert way.needs == ("reason",)


def test_a_change_cannot_start_before_its_health_check_is_signed() -> None:
    assert find(Kind.CHANGE, State.ACCEPTED, "start") is None
    assert find(Kind.CHANGE, State.APPROVED, "start") is None
    assert find(Kind.CHANGE, State.PRECHECKED, "start") is not None


def test_a_data_change_cannot_be_executed_before_its_backup() -> None:
    assert [way.start for way in TABLE if way.step == "execute"] == [frozenset({State.BACKED_UP})]


def test_the_way_of_a_data_change_is_the_one_of_the_form() -> None:
    state, steps = State.DRAFT, ("apply", "review", "approve", "back_up", "execute", "finish")
    states = [state]
    for step in (*steps, "check", "verify", "archive"):
        way = find(Kind.DATA_CHANGE, state, step)
        assert way is not None
        state = way.end
        states.append(state)
    assert [one.label for one in states] == [
        "草稿", "已申请", "信息中心已审核", "已批准", "备份完成", "执行中", "已执行", "已复核",
        "申请人已验证", "已归档",
    ]  # fmt: skip


def test_every_step_has_chinese_words() -> None:
    assert not [way.step for way in TABLE if way.label.isascii()]
