"""Secrets never enter the audit chain nor a log line: what is hidden, and by which names.

A guard of last resort: whoever calls `record` or logs should not hand over secrets at all.
"""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"

_WORDS = (
    "password|passwd|passphrase|passcode|pwd|secret|token|community|cookie|csrf"
    "|authorization|密码|口令|密钥|令牌|团体字"
)
_SECRET_NAME = re.compile(_WORDS, re.IGNORECASE)
_KEY_NAME = re.compile(
    r"^(?:(?:auth|priv|api|ssh|access|master|session|signing|encryption)[_-]?)?key$", re.IGNORECASE
)
# HW-016-1, APP-10, DB-01: the register's keys are names of things, not secrets.
_REGISTER_KEY = re.compile(r"[A-Z]{2,8}(?:-[A-Z0-9]+)+")
_URL_LOGIN = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@", re.IGNORECASE)
_PAIR = re.compile(
    rf"(?P<head>(?:{_WORDS})[\w-]*[\"']?\s*[=:：]\s*[\"']?)(?P<value>[^\s\"',;&}}]+)", re.IGNORECASE
)
_BEARER = re.compile(r"\b(?P<head>Basic|Bearer)\s+[\w.~+/=-]{8,}")


def masked(value: Any, name: str = "") -> Any:
    """`value` with every secret in it replaced; containers are walked, names decide.

    True, False and None say nothing secret ("must_change_password": true stays readable).
    """
    if value is None or isinstance(value, bool):
        return value
    if name and _secret(name, value):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item, name) for item in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """`text` with logins in URLs, `password=...` pairs and HTTP authorization hidden."""
    text = _URL_LOGIN.sub(rf"\g<head>:{HIDDEN}@", text)
    text = _BEARER.sub(rf"\g<head> {HIDDEN}", text)
    return _PAIR.sub(rf"\g<head>{HIDDEN}", text)


def _secret(name: str, value: Any) -> bool:
    """Whether something of this name is a secret; a bare `key` may be the register's key."""
    if _SECRET_NAME.search(name):
        return True
    if not _KEY_NAME.match(name):
        return False
    bare = name.lower() == "key"
    return not (bare and (isinstance(value, int) or _REGISTER_KEY.fullmatch(str(value))))
