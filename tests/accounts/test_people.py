"""Accounts: made, changed, ended, always in the audit chain, and the administrators kept apart."""

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from django.db import IntegrityError

from jingwei.accounts import queries
from jingwei.accounts.actions import (
    AccountError,
    change_password,
    create_user,
    deactivate,
    first_administrator,
    reactivate,
    reset_password,
    set_full_name,
    set_role,
)
from jingwei.accounts.actions.people import random_password
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.terms import SHANGHAI

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
pytestmark = pytest.mark.django_db


def user(name: str, role: Role = Role.VISITOR, full_name: str = "") -> User:
    """An account made on the machine itself."""
    return create_user(name, role, full_name=full_name, by="命令行", now=NOW)[0]


def actions_of(name: str) -> list[str]:
    """What the chain says was done to an account, oldest first."""
    return [entry.action for entry in queries.entries("user", name)][::-1]


@pytest.fixture
def boss() -> User:
    """A system administrator."""
    return user("boss", Role.SYSTEM_ADMIN, "老板")


def test_the_first_administrator_gets_a_random_password_once() -> None:
    made = first_administrator(NOW)
    assert made is not None
    name, password = made
    admin = User.objects.get()
    assert (admin.username, admin.role, admin.must_change_password) == (
        name, Role.SYSTEM_ADMIN, True,
    )  # fmt: skip
    assert admin.check_password(password)
    assert first_administrator(NOW) is None


def test_the_password_is_nowhere_in_the_audit_chain() -> None:
    _, password = first_administrator(NOW) or ("", "")
    rows = [str(row) for row in AuditEntry.objects.values_list()]
    assert len(rows) == 1
    assert password
    assert password not in rows[0]


def test_random_passwords_are_long_readable_and_never_the_same() -> None:
    made = {random_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(word) == 19 and not set(word) & set("01ilo") for word in made)


def test_a_new_account_has_its_role_and_must_change_its_password(boss: User) -> None:
    made, password = create_user(
        "zhang", Role.FIRST_LINE, full_name=" 张三 ", by=boss, address="127.0.0.5", now=NOW
    )
    made.refresh_from_db()
    assert (made.role, made.full_name, made.must_change_password) == ("first_line", "张三", True)
    assert made.date_joined == NOW
    assert made.check_password(password)
    entry = queries.entries("user", "zhang").get()
    assert (entry.actor, entry.action, entry.address) == ("boss", "user.create", "127.0.0.5")


@pytest.mark.parametrize("name", ["zhang", "ZHANG", "Zhang", " zhang "])
def test_a_name_is_given_once_whatever_its_letters_case(name: str) -> None:
    user("zhang")
    with pytest.raises(AccountError, match="已被使用"):
        user(name)
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "!"])
def test_an_impossible_name_is_refused_with_its_field(name: str) -> None:
    with pytest.raises(AccountError, match="用户名"):
        user(name)
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_unknown_role_is_refused_with_the_list_of_roles() -> None:
    with pytest.raises(AccountError, match=r"没有角色“boss”，应为：.*first_line（一线驻场）"):
        create_user("zhang", "boss", by="命令行", now=NOW)


@pytest.mark.parametrize("password", ["short", "password123", "1234567890", "zhangsan-1"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(AccountError, match="密码不合要求"):
        create_user("zhangsan", Role.VISITOR, password=password, by="命令行", now=NOW)
    assert not User.objects.exists()


def test_a_chosen_password_is_taken_when_it_is_strong() -> None:
    made, password = create_user(
        "zhang", Role.VISITOR, password="Kunlun-7391-xq", by="命令行", now=NOW
    )
    assert password == "Kunlun-7391-xq"
    assert made.check_password(password)


@pytest.mark.parametrize(
    "role",
    [role for role in Role if role not in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}],
)
def test_who_does_not_manage_users_touches_no_account(role: Role, boss: User) -> None:
    other = user("other", role)
    other.refresh_from_db()
    for attempt in (
        lambda: create_user("new", Role.VISITOR, by=other, now=NOW),
        lambda: set_role(boss, Role.VISITOR, by=other, now=NOW),
        lambda: reset_password(boss, by=other, now=NOW),
        lambda: deactivate(boss, by=other, now=NOW),
        lambda: reactivate(boss, by=other, now=NOW),
        lambda: set_full_name(boss, "别人", by=other, now=NOW),
    ):
        with pytest.raises(AccountError, match="不能管理用户"):
            attempt()
    assert actions_of("boss") == ["user.create"]


def test_an_ended_administrator_manages_nobody(boss: User) -> None:
    second = user("second", Role.SYSTEM_ADMIN)
    deactivate(second, by=boss, now=NOW)
    second.refresh_from_db()
    with pytest.raises(AccountError, match="不能管理用户"):
        create_user("new", Role.VISITOR, by=second, now=NOW)


def test_a_role_is_changed_with_reason_and_audit(boss: User) -> None:
    zhang = user("zhang", Role.FIRST_LINE)
    set_role(zhang, Role.MANAGER, by=boss, reason="任命为项目负责人", now=NOW)
    zhang.refresh_from_db()
    assert zhang.role == Role.MANAGER
    entry = queries.entries("user", "zhang", action="user.role").get()
    assert (entry.before, entry.reason) == ({"role": "first_line"}, "任命为项目负责人")
    assert entry.after is not None
    assert entry.after["role"] == "manager"


def test_the_same_role_again_changes_nothing_and_writes_nothing(boss: User) -> None:
    zhang = user("zhang", Role.FIRST_LINE)
    set_role(zhang, Role.FIRST_LINE, by=boss, now=NOW)
    assert actions_of("zhang") == ["user.create"]


def test_nobody_sets_his_own_role(boss: User) -> None:
    user("second", Role.SYSTEM_ADMIN)
    with pytest.raises(AccountError, match="不能修改自己的角色"):
        set_role(boss, Role.MANAGER, by=boss, now=NOW)


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@pytest.mark.parametrize(("before", "after"), list(permutations(ADMINISTRATORS, 2)))
def test_no_administrators_account_becomes_another_kind_of_administrator(
    before: Role, after: Role
) -> None:
    user("spare", Role.SYSTEM_ADMIN)
    held = user("held", before)
    with pytest.raises(AccountError, match="互斥"):
        set_role(held, after, by="命令行", now=NOW)
    held.refresh_from_db()
    assert held.role == before


def test_one_person_never_has_two_of_the_three_roles(boss: User) -> None:
    with pytest.raises(AccountError, match="老板已是系统管理员（boss）"):
        create_user("boss2", Role.AUDIT_ADMIN, full_name="老板", by=boss, now=NOW)
    visitor = user("boss3", Role.VISITOR, "老板")
    with pytest.raises(AccountError, match="不能由同一人兼任"):
        set_role(visitor, Role.AUDIT_ADMIN, by=boss, now=NOW)


def test_a_name_change_can_not_join_two_administrators_either(boss: User) -> None:
    auditor = user("auditor", Role.AUDIT_ADMIN, "审计员")
    with pytest.raises(AccountError, match="互斥"):
        set_full_name(auditor, "老板", by=boss, now=NOW)
    deactivate(auditor, by=boss, now=NOW)
    set_full_name(user("x", Role.VISITOR, "某"), "老板", by=boss, now=NOW)
    assert actions_of("x") == ["user.create", "user.name"]


def test_coming_back_is_no_way_around_it(boss: User) -> None:
    auditor = user("auditor", Role.AUDIT_ADMIN, "王五")
    deactivate(auditor, by=boss, now=NOW)
    user("wang", Role.SECURITY_ADMIN, "王五")
    with pytest.raises(AccountError, match="互斥"):
        reactivate(auditor, by="命令行", now=NOW)


def test_once_there_is_a_security_administrator_only_he_touches_administrators(boss: User) -> None:
    guard = user("guard", Role.SECURITY_ADMIN, "安全员")
    for attempt in (
        lambda: create_user("audit", Role.AUDIT_ADMIN, by=boss, now=NOW),
        lambda: reset_password(guard, by=boss, now=NOW),
        lambda: deactivate(guard, by=boss, now=NOW),
    ):
        with pytest.raises(AccountError, match="由安全管理员管理"):
            attempt()
    made, _ = create_user("audit", Role.AUDIT_ADMIN, by=guard, now=NOW)
    assert made.role == Role.AUDIT_ADMIN
    create_user("zhang", Role.FIRST_LINE, by=boss, now=NOW)


def test_the_last_system_administrator_stays(boss: User) -> None:
    for attempt in (
        lambda: deactivate(boss, by="命令行", now=NOW),
        lambda: set_role(boss, Role.VISITOR, by="命令行", now=NOW),
    ):
        with pytest.raises(AccountError, match="唯一在用的系统管理员"):
            attempt()
    user("second", Role.SYSTEM_ADMIN)
    deactivate(boss, by="命令行", reason="离职", now=NOW)
    boss.refresh_from_db()
    assert not boss.is_active


def test_nobody_ends_his_own_account(boss: User) -> None:
    user("second", Role.SYSTEM_ADMIN)
    with pytest.raises(AccountError, match="不能停用自己"):
        deactivate(boss, by=boss, now=NOW)


def test_ending_and_reviving_an_account_is_written_once_each(boss: User) -> None:
    zhang = user("zhang")
    deactivate(zhang, by=boss, reason="离场", now=NOW)
    deactivate(zhang, by=boss, now=NOW)
    reactivate(zhang, by=boss, now=NOW)
    reactivate(zhang, by=boss, now=NOW)
    assert actions_of("zhang") == ["user.create", "user.deactivate", "user.reactivate"]
    zhang.refresh_from_db()
    assert zhang.is_active


def test_an_ended_account_loses_its_session_and_its_login(boss: User, client: Any) -> None:
    zhang, password = create_user("zhang", Role.FIRST_LINE, by=boss, now=NOW)
    client.force_login(zhang, backend="django.contrib.auth.backends.ModelBackend")
    deactivate(zhang, by=boss, now=NOW)
    from django.contrib.auth import authenticate, get_user  # noqa: PLC0415
    from django.http import HttpRequest  # noqa: PLC0415

    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = client.session
    assert not get_user(request).is_authenticated
    assert authenticate(request, username="zhang", password=password) is None


def test_a_reset_password_works_and_must_be_changed(boss: User) -> None:
    zhang, first = create_user("zhang", Role.FIRST_LINE, by=boss, now=NOW)
    change_password(zhang, first, "Kunlun-7391-xq", now=NOW)
    password = reset_password(zhang, by=boss, now=NOW)
    zhang.refresh_from_db()
    assert zhang.check_password(password)
    assert not zhang.check_password("Kunlun-7391-xq")
    assert zhang.must_change_password
    assert actions_of("zhang") == ["user.create", "user.change_password", "user.reset_password"]


def test_somebody_changes_his_own_password(boss: User) -> None:
    zhang, first = create_user("zhang", Role.FIRST_LINE, by=boss, now=NOW)
    change_password(zhang, first, "Kunlun-7391-xq", address="127.0.0.7", now=NOW)
    zhang.refresh_from_db()
    assert zhang.check_password("Kunlun-7391-xq")
    assert not zhang.must_change_password
    entry = queries.entries("user", "zhang", action="user.change_password").get()
    assert (entry.actor, entry.address) == ("zhang", "127.0.0.7")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("wrong", "Kunlun-7391-xq", "原密码不正确"),
        (None, None, "不能与原密码相同"),
        (None, "short", "密码不合要求"),
    ],
)
def test_a_password_change_that_breaks_a_rule_is_refused(
    old: str | None, new: str | None, why: str
) -> None:
    zhang, first = create_user("zhang", Role.FIRST_LINE, by="命令行", now=NOW)
    with pytest.raises(AccountError, match=why):
        change_password(zhang, old or first, new or first, now=NOW)
    zhang.refresh_from_db()
    assert zhang.check_password(first)


def test_a_name_too_long_is_refused_and_nothing_is_written(boss: User) -> None:
    zhang = user("zhang", full_name="张三")
    with pytest.raises(AccountError, match="姓名"):
        set_full_name(zhang, "张" * 65, by=boss, now=NOW)
    zhang.refresh_from_db()
    assert zhang.full_name == "张三"
    assert actions_of("zhang") == ["user.create"]


def test_the_same_name_again_writes_nothing(boss: User) -> None:
    zhang = user("zhang", full_name="张三")
    set_full_name(zhang, "张三 ", by=boss, now=NOW)
    assert actions_of("zhang") == ["user.create"]


def test_users_are_listed_by_name_the_ended_ones_on_request(boss: User) -> None:
    zhang = user("a-zhang")
    deactivate(zhang, by=boss, now=NOW)
    assert [row.username for row in queries.users()] == ["a-zhang", "boss"]
    assert [row.username for row in queries.users(active_only=True)] == ["boss"]


def test_a_user_is_found_by_his_name_or_not_at_all(boss: User) -> None:
    assert queries.user("boss") == boss
    assert queries.user("nobody") is None


def test_two_equal_names_are_refused_by_the_database_too(boss: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(username="boss")
