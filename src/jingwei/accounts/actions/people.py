"""Accounts: made, given a role, given a new password, ended. Nothing is ever deleted."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from jingwei.accounts.actions.audit import SYSTEM, record
from jingwei.accounts.errors import AccountError
from jingwei.accounts.models import User
from jingwei.accounts.roles import ADMINISTRATORS, May, Role, may

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else


def random_password() -> str:
    """Sixteen random characters in four groups (79 bits), to be read aloud and typed once."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


@transaction.atomic
def create_user(
    username: str,
    role: str,
    *,
    full_name: str = "",
    password: str = "",
    by: User | str,
    address: str = "",
    now: datetime,
) -> tuple[User, str]:
    """Make an account; returns it with its password, which is shown once and kept nowhere.

    Without `password` a random one is made. Either way it must be changed at first login. Raises
    AccountError: a taken or impossible name, a weak password, a role that excludes another, or
    somebody who may not.
    """
    _allowed(by, role)
    username = User.normalize_username(username.strip())
    if User.objects.filter(username__iexact=username).exists():
        raise AccountError(f"用户名“{username}”已被使用，请另取一个。")
    _apart(full_name, role, None)
    user = User(
        username=username,
        role=_role(role),
        full_name=full_name.strip(),
        must_change_password=True,
        date_joined=now,
    )
    password = _password(user, password)
    _clean(user)
    user.save(force_insert=True)
    _audit(by, "user.create", user, None, address=address, now=now)
    return user, password


@transaction.atomic
def set_role(
    user: User, role: str, *, by: User | str, reason: str = "", address: str = "", now: datetime
) -> None:
    """Give an account another role.

    The three administrators exclude each other (GB/T 22239 8.1.5): one account never moves from
    one of these roles to another, one person (same full name) never has two of them, nobody sets
    his own role, and the last system administrator stays. Raises AccountError.
    """
    user = _locked(user)
    role = _role(role)
    if role == user.role:
        return
    _allowed(by, role, user)
    if isinstance(by, User) and by.pk == user.pk:
        raise AccountError("不能修改自己的角色，请由另一位管理员修改。")
    if role in ADMINISTRATORS and user.role in ADMINISTRATORS:
        raise AccountError(
            f"{Role(user.role).label}不能转为{Role(role).label}："
            "系统、安全、审计三类管理员互斥，请为该角色另建账号。"
        )
    _apart(user.full_name, role, user)
    _keep_one_administrator(user, "改变其角色")
    before = user.role
    user.role = role
    user.save(update_fields=["role"])
    _audit(by, "user.role", user, {"role": before}, reason=reason, address=address, now=now)


@transaction.atomic
def set_full_name(
    user: User, full_name: str, *, by: User | str, address: str = "", now: datetime
) -> None:
    """Correct somebody's name. Raises AccountError."""
    user = _locked(user)
    _allowed(by, user.role, user)
    if full_name.strip() == user.full_name:
        return
    _apart(full_name, user.role, user)
    before = {"full_name": user.full_name}
    user.full_name = full_name.strip()
    _clean(user)
    user.save(update_fields=["full_name"])
    _audit(by, "user.name", user, before, address=address, now=now)


@transaction.atomic
def reset_password(user: User, *, by: User | str, address: str = "", now: datetime) -> str:
    """A new random password, returned once; running sessions end. Raises AccountError."""
    user = _locked(user)
    _allowed(by, user.role, user)
    password = _password(user, "")
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    _audit(by, "user.reset_password", user, None, address=address, now=now)
    return password


@transaction.atomic
def change_password(user: User, old: str, new: str, *, address: str = "", now: datetime) -> None:
    """Somebody changes his own password. Raises AccountError with every rule the new one breaks."""
    user = _locked(user)
    if not user.check_password(old):
        raise AccountError("原密码不正确。")
    if new == old:
        raise AccountError("新密码不能与原密码相同。")
    _password(user, new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    _audit(user, "user.change_password", user, None, address=address, now=now)


@transaction.atomic
def deactivate(
    user: User, *, by: User | str, reason: str = "", address: str = "", now: datetime
) -> None:
    """End an account: no more logins, its sessions end, its history stays. Raises AccountError."""
    user = _locked(user)
    _allowed(by, user.role, user)
    if isinstance(by, User) and by.pk == user.pk:
        raise AccountError("不能停用自己的账号，请由另一位管理员停用。")
    if not user.is_active:
        return
    _keep_one_administrator(user, "停用")
    user.is_active = False
    user.save(update_fields=["is_active"])
    _audit(
        by, "user.deactivate", user, {"is_active": True}, reason=reason, address=address, now=now
    )


@transaction.atomic
def reactivate(
    user: User, *, by: User | str, reason: str = "", address: str = "", now: datetime
) -> None:
    """Let an ended account log in again. Raises AccountError."""
    user = _locked(user)
    _allowed(by, user.role, user)
    if user.is_active:
        return
    _apart(user.full_name, user.role, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _audit(
        by, "user.reactivate", user, {"is_active": False}, reason=reason, address=address, now=now
    )


@transaction.atomic
def first_administrator(now: datetime) -> tuple[str, str] | None:
    """The one account of a first start: (user name, random password), to be printed once.

    None when there is any account already.
    """
    if User.objects.exists():
        return None
    user, password = create_user(
        "admin", Role.SYSTEM_ADMIN, full_name="系统管理员", by=SYSTEM, now=now
    )
    return user.username, password


def _locked(user: User) -> User:
    """The account as it is now, so that two changes at once can't overwrite each other."""
    return User.objects.select_for_update().get(pk=user.pk)


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        words = "、".join(f"{each.value}（{each.label}）" for each in Role)
        raise AccountError(f"没有角色“{role}”，应为：{words}。") from None


def _allowed(by: User | str, role: str, user: User | None = None) -> None:
    """Who may touch accounts. The machine's own command line may: it has the database anyway.

    Once there is a security administrator, only he touches the three administrators' accounts.
    """
    role = _role(role)
    if not isinstance(by, User):
        return
    if not by.is_active or not may(by.role, May.MANAGE_USERS):
        raise AccountError(f"您的角色（{by.get_role_display()}）不能管理用户。")
    delicate = role in ADMINISTRATORS or (user is not None and user.role in ADMINISTRATORS)
    if (
        delicate
        and by.role != Role.SECURITY_ADMIN
        and User.objects.filter(role=Role.SECURITY_ADMIN, is_active=True).exists()
    ):
        raise AccountError("系统、安全、审计管理员的账号由安全管理员管理。")


def _apart(full_name: str, role: str, user: User | None) -> None:
    """One person is at most one of the three administrators."""
    if role not in ADMINISTRATORS or not full_name.strip():
        return
    others = User.objects.filter(
        full_name=full_name.strip(), is_active=True, role__in=ADMINISTRATORS
    ).exclude(role=role)
    if user is not None:
        others = others.exclude(pk=user.pk)
    other = others.first()
    if other is not None:
        raise AccountError(
            f"{full_name.strip()}已是{other.get_role_display()}（{other.username}）："
            "系统、安全、审计三类管理员互斥，不能由同一人兼任。"
        )


def _keep_one_administrator(user: User, what: str) -> None:
    if user.role != Role.SYSTEM_ADMIN or not user.is_active:
        return
    others = User.objects.filter(role=Role.SYSTEM_ADMIN, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise AccountError(f"{user.username}是唯一在用的系统管理员，不能{what}。")


def _password(user: User, password: str) -> str:
    """Set a password that passes every rule; a random one when none is given."""
    password = password or random_password()
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError("密码不合要求：" + "".join(error.messages)) from None
    user.set_password(password)
    return password


def _clean(user: User) -> None:
    try:
        user.full_clean(validate_unique=False)
    except ValidationError as error:
        names = {field.name: str(field.verbose_name) for field in User._meta.fields}
        words = [
            f"{names.get(name, name)}：{''.join(messages)}"
            for name, messages in error.message_dict.items()
        ]
        raise AccountError("；".join(words)) from None


def _audit(
    by: User | str,
    action: str,
    user: User,
    before: Mapping[str, object] | None,
    *,
    reason: str = "",
    address: str,
    now: datetime,
) -> None:
    after = {
        "role": user.role,
        "full_name": user.full_name,
        "is_active": user.is_active,
        "must_change_password": user.must_change_password,
    }
    record(
        by,
        action,
        kind="user",
        key=user.username,
        before=before,
        after=after,
        reason=reason,
        address=address,
        now=now,
    )
