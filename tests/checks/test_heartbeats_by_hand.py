"""Heartbeat checks made on a page: the token is shown once and kept as a hash only."""

from datetime import date
from typing import Any

import pytest
from check_making import NOON, later, target

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Target
from jingwei.checks import actions
from jingwei.checks.actions import BadInputError, UnknownTokenError, sync_checks
from jingwei.checks.content import DeviceModel
from jingwei.checks.models import Check, CheckState
from jingwei.probes.heartbeat import HeartbeatOptions, heard
from jingwei.rules.judge import judge_outcome
from jingwei.rules.rule import parse_all
from jingwei.terms import Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> User:
    return User.objects.create_user("li", role=Role.SECOND_LINE, full_name="李强")


@pytest.fixture
def server() -> Target:
    return target("HW-001-1", "server")


def made(of: Target, by: User, **given: Any) -> tuple[Check, str]:
    facts = {"item": "backup.run", "label": "夜间备份", "every": 3600, "grace": 600} | given
    return actions.register(of, by=by, now=NOON, **facts)


def test_the_token_calls_its_check_and_its_hash_does_not(server: Target, li: User) -> None:
    one, token = made(server, li)
    assert token not in one.heartbeat_token
    assert actions.heartbeat(token, later(1)) == one
    assert CheckState.objects.get().last_call == later(1)
    for wrong in (one.heartbeat_token, token[:-1], "", "\0", "\ud800"):
        with pytest.raises(UnknownTokenError):
            actions.heartbeat(wrong, later(2))


def test_another_token_makes_the_first_one_void(server: Target, li: User) -> None:
    one, token = made(server, li)
    another = actions.renew(one, li, later(1))
    with pytest.raises(UnknownTokenError):
        actions.heartbeat(token, later(2))
    assert actions.heartbeat(another, later(2)) == one


def test_content_does_not_end_it_but_the_end_of_its_target_does(server: Target, li: User) -> None:
    one, _ = made(server, li)
    sync_checks(list[DeviceModel](), later(10))
    one.refresh_from_db()
    assert one.enabled
    Target.objects.filter(pk=server.pk).update(valid_to=date(2026, 11, 22))
    sync_checks(list[DeviceModel](), later(20))
    one.refresh_from_db()
    assert not one.enabled


@pytest.mark.parametrize(
    ("called", "expected"), [(later(0), Result.NORMAL), (later(-70), Result.ABNORMAL)]
)
def test_its_silence_is_abnormal(server: Target, li: User, called: Any, expected: Result) -> None:
    one, _ = made(server, li)
    outcome = heard(called, later(1), HeartbeatOptions(**one.options))
    judged = judge_outcome(parse_all(one.rules), outcome, {}, later(1), Result(one.on_error))
    assert judged.seen is expected


@pytest.mark.parametrize(
    ("given", "field"),
    [({"label": " "}, "label"), ({"label": "长" * 101}, "label"), ({"label": "\0"}, "label"),
     ({"every": 59}, "every"), ({"grace": -1}, "grace"), ({"grace": 32 * 86400}, "grace")],
)  # fmt: skip
def test_bad_values_are_named_and_nothing_is_made(
    server: Target, li: User, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as told:
        made(server, li, **given)
    assert told.value.field == field
    assert not Check.objects.exists()


def test_a_check_of_content_has_no_token_to_renew(server: Target, li: User) -> None:
    other = Check.objects.create(key="x", target=server, item="i", label="l", probe="tcp")
    with pytest.raises(BadInputError):
        actions.renew(other, li, NOON)


def test_a_stopped_heartbeat_takes_no_calls(server: Target, li: User) -> None:
    one, token = made(server, li)
    actions.stop(one, "迁移", li, later(1))
    with pytest.raises(UnknownTokenError):
        actions.heartbeat(token, later(2))
