"""Signing in and out, in the audit chain. The login page calls these; there are no signals."""

from datetime import datetime, timedelta

from axes.utils import reset
from django.db import transaction

from jingwei.accounts.actions.audit import record
from jingwei.accounts.errors import AccountError
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import May, may

LOCKED_FOR = timedelta(minutes=30)  # AXES_COOLOFF_TIME of the settings
UNKNOWN = "未知用户"


def signed_in(user: User, address: str, now: datetime) -> None:
    """Somebody logged in."""
    record(user, "login", kind="user", key=user.username, address=address, now=now)


def signed_out(user: User, address: str, now: datetime, reason: str = "") -> None:
    """Somebody logged out, or was: then `reason` says why (idle for too long)."""
    record(user, "logout", kind="user", key=user.username, address=address, reason=reason, now=now)


@transaction.atomic
def sign_in_failed(username: str, address: str, now: datetime, *, locked: bool = False) -> None:
    """A login was refused; `locked` when too many failures shut this name and address out.

    A name that no account has is cut to its first two characters: people type their password into
    the wrong field. While a lock lasts only its first refusal is written: a flood must not bury
    the chain.
    """
    user = User.objects.filter(username=User.normalize_username(username)).first()
    actor = user.username if user else UNKNOWN
    hint = None if user else {"typed": username[:2] + "…"}
    if locked:
        already = AuditEntry.objects.filter(
            action="login.locked", actor=actor, address=address[:64], at__gt=now - LOCKED_FOR
        )
        if already.exists():
            return
    record(
        actor,
        "login.locked" if locked else "login.failed",
        kind="user",
        key=user.username if user else "",
        after=hint,
        address=address,
        succeeded=False,
        reason="连续失败次数过多，已锁定 30 分钟" if locked else "用户名或密码不正确，或账号已停用",
        now=now,
    )


@transaction.atomic
def unlock(username: str, *, by: User | str, address: str = "", now: datetime) -> int:
    """Forget the failed logins of one name; returns how many records. Raises AccountError."""
    if isinstance(by, User) and not may(by.role, May.MANAGE_USERS):
        raise AccountError(f"您的角色（{by.get_role_display()}）不能管理用户。")
    count = int(reset(username=username))
    record(by, "user.unlock", kind="user", key=username, address=address, now=now)
    return count
