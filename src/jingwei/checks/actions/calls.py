"""Something calls us; its silence is the finding, judged when the check is due."""

import secrets
from datetime import datetime

from jingwei.checks.models import Check, CheckState


class UnknownTokenError(LookupError):
    """No enabled check has this token."""


def new_token() -> str:
    """A token nobody can guess (192 bits)."""
    return secrets.token_urlsafe(24)


def heartbeat(token: str, now: datetime) -> Check:
    """Note a call. Raises UnknownTokenError. A call out of order never moves the clock back."""
    check = Check.objects.filter(heartbeat_token=token, enabled=True).first() if token else None
    if check is None:
        raise UnknownTokenError("心跳令牌无效")
    state = CheckState.objects.filter(check_ref=check)
    state.exclude(last_call__gt=now).update(last_call=now, due=now)
    return check
