"""Every write of this room: the audit chain, accounts, signing in and out."""

from jingwei.accounts.actions.audit import one_writer, record, restore_guard
from jingwei.accounts.actions.people import (
    change_password,
    create_user,
    deactivate,
    first_administrator,
    reactivate,
    reset_password,
    set_full_name,
    set_role,
)
from jingwei.accounts.actions.sessions import sign_in_failed, signed_in, signed_out, unlock
from jingwei.accounts.errors import AccountError

__all__ = [
    "AccountError",
    "change_password",
    "create_user",
    "deactivate",
    "first_administrator",
    "one_writer",
    "reactivate",
    "record",
    "reset_password",
    "restore_guard",
    "set_full_name",
    "set_role",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "unlock",
]
