"""Signing in and out in the audit chain: failures, locks, and names that were passwords."""

from datetime import datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.test import RequestFactory

from jingwei.accounts import queries
from jingwei.accounts.actions import (
    AccountError,
    create_user,
    sign_in_failed,
    signed_in,
    signed_out,
    unlock,
)
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.terms import SHANGHAI

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
HOME = "127.0.0.3"
pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang() -> User:
    """An engineer."""
    return create_user("zhang", Role.FIRST_LINE, by="命令行", now=NOW)[0]


def attempt(name: str, password: str) -> User | None:
    """One login as the page makes it."""
    request: HttpRequest = RequestFactory().post("/login", REMOTE_ADDR=HOME)
    found = authenticate(request, username=name, password=password)
    assert found is None or isinstance(found, User)
    return found


def test_a_login_and_a_logout_are_written_with_the_address(zhang: User) -> None:
    signed_in(zhang, HOME, NOW)
    signed_out(zhang, HOME, NOW, reason="30 分钟无操作")
    out, into = queries.entries(actor="zhang")
    assert (into.action, into.address, into.succeeded) == ("login", HOME, True)
    assert (out.action, out.reason) == ("logout", "30 分钟无操作")


def test_a_failed_login_is_written_as_failed(zhang: User) -> None:
    sign_in_failed("zhang", HOME, NOW)
    entry = queries.entries(action="login").get()
    assert (entry.actor, entry.action, entry.succeeded) == ("zhang", "login.failed", False)


def test_a_name_nobody_has_is_cut_for_it_may_be_a_password() -> None:
    sign_in_failed("Kunlun-7391-xq", HOME, NOW)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.after) == ("未知用户", {"typed": "Ku…"})
    assert "7391" not in str(AuditEntry.objects.values().get())


def test_a_lock_is_written_once_while_it_lasts(zhang: User) -> None:
    for minute in range(20):
        sign_in_failed("zhang", HOME, NOW + timedelta(minutes=minute), locked=True)
    assert queries.entries(action="login.locked").count() == 1


def test_a_lock_from_elsewhere_or_later_is_written_again(zhang: User) -> None:
    sign_in_failed("zhang", HOME, NOW, locked=True)
    sign_in_failed("zhang", "127.0.0.4", NOW, locked=True)
    sign_in_failed("zhang", HOME, NOW + timedelta(minutes=31), locked=True)
    assert queries.entries(action="login.locked").count() == 3


def test_five_wrong_passwords_lock_the_name_from_that_address(zhang: User) -> None:
    zhang.set_password("Kunlun-7391-xq")
    zhang.save()
    assert attempt("zhang", "Kunlun-7391-xq") == zhang
    for _ in range(5):
        assert attempt("zhang", "wrong") is None
    assert attempt("zhang", "Kunlun-7391-xq") is None, "locked out even with the right one"


def test_unlocking_lets_somebody_in_again_and_is_written(zhang: User) -> None:
    zhang.set_password("Kunlun-7391-xq")
    zhang.save()
    for _ in range(6):
        attempt("zhang", "wrong")
    assert AccessAttempt.objects.exists()
    assert unlock("zhang", by="命令行", now=NOW) >= 1
    assert attempt("zhang", "Kunlun-7391-xq") == zhang
    assert queries.entries("user", "zhang", action="user.unlock").count() == 1


def test_no_password_is_kept_with_the_failed_attempts(zhang: User) -> None:
    attempt("zhang", "My-Old-Secret-9")
    assert "My-Old-Secret-9" not in str(list(AccessAttempt.objects.values()))


def test_who_may_not_manage_users_unlocks_nobody(zhang: User) -> None:
    with pytest.raises(AccountError, match="不能管理用户"):
        unlock("zhang", by=zhang, now=NOW)
    assert not queries.entries(action="user.unlock").exists()
