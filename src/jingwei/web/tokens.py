"""API tokens: signed, tied to one person, void when the password changes; read-only unless said."""

from dataclasses import dataclass
from typing import Any

from django.core import signing

from jingwei.accounts.models import User

_SALT = "jingwei.web.api"
LASTS = 366 * 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Held:
    """Who a token speaks for, and whether it may also write."""

    user: User
    write: bool


def make(user: User, *, write: bool = False) -> str:
    """A token that lets its bearer read what this person may read; `write`: and do what he may."""
    claims = {"user": user.pk, "tie": _tie(user)} | ({"scope": "write"} if write else {})
    return signing.dumps(claims, salt=_SALT)


def held(token: str) -> Held | None:
    """Whose token this is; None when it is forged, too old, or void."""
    try:
        claims: Any = signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=claims.get("user"), is_active=True).first()
    if user is None or claims.get("tie") != _tie(user):
        return None
    return Held(user, claims.get("scope") == "write")


def reader(token: str) -> User | None:
    """The person behind a token; None when it is forged, too old, or void."""
    found = held(token)
    return found.user if found else None


def _tie(user: User) -> str:
    return user.get_session_auth_hash()[:24]
