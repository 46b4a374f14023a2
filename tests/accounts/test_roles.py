"""The table of roles: every role and every permission is in it, and the separations hold."""

import pytest

from jingwei.accounts.roles import ADMINISTRATORS, ALLOWED, May, Role, may


def test_every_role_of_the_domain_has_its_line() -> None:
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize("what", May)
def test_everything_one_may_do_somebody_may_do(what: May) -> None:
    assert any(may(role, what) for role in Role)


@pytest.mark.parametrize("what", May)
def test_an_unknown_role_may_do_nothing(what: May) -> None:
    assert not may("root", what)
    assert not may("", what)


def test_only_the_auditor_reads_the_audit_log() -> None:
    assert [role for role in Role if may(role, May.SEE_AUDIT)] == [Role.AUDIT_ADMIN]


def test_the_auditor_changes_nothing() -> None:
    assert ALLOWED[Role.AUDIT_ADMIN] == {May.SEE_BOARD, May.SEE_AUDIT}


def test_the_provider_never_signs_its_own_reports() -> None:
    signing = {role for role in Role if may(role, May.SIGN_REPORTS)}
    assert signing == {Role.CLIENT_ADMIN, Role.CLIENT_APPROVER}
    assert not any(may(role, May.SUBMIT_REPORTS) for role in signing)


def test_the_wall_screen_sees_the_wall_and_nothing_else() -> None:
    assert ALLOWED[Role.VISITOR] == {May.SEE_WALL}


def test_the_three_administrators_are_three() -> None:
    assert {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN} == ADMINISTRATORS


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_chinese_label(role: Role) -> None:
    assert role.label
    assert not role.label.isascii()
