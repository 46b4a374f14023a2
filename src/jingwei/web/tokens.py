"""Read-only API tokens: signed, tied to one person, void when the password changes."""

from typing import Any

from django.core import signing

from jingwei.accounts.models import User

_SALT = "jingwei.web.api"
LASTS = 366 * 24 * 3600  # seconds


def make(user: User) -> str:
    """A token that lets its bearer read what this person may read."""
    return signing.dumps({"user": user.pk, "tie": _tie(user)}, salt=_SALT)


def reader(token: str) -> User | None:
    """Whose token this is; None when it is forged, too old, or void."""
    try:
        held: Any = signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=held.get("user"), is_active=True).first()
    return user if user is not None and held.get("tie") == _tie(user) else None


def _tie(user: User) -> str:
    return user.get_session_auth_hash()[:24]
