"""Signing what we post to others' servers, and checking such a signature. Pure.

The header `Jingwei-Signature: t=<seconds since 1970>,v1=<hex>` holds HMAC-SHA256 over
`<t>.<body>` with the channel's secret. The time is signed too, so that a recorded request is
worth nothing after the window. During a change of secret several `v1` may stand side by side.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

HEADER = "Jingwei-Signature"
WINDOW = timedelta(minutes=5)
_LONGEST = 1000  # characters of a header anybody would send


def sign(body: bytes, secrets: str | Iterable[str], at: datetime) -> str:
    """The header's value for a body sent `at`; several secrets give several `v1`.

    Raises ValueError without a secret, or with an empty one.
    """
    keys = [secrets] if isinstance(secrets, str) else list(secrets)
    if not keys or not all(keys):
        raise ValueError("webhook 签名须有密钥")
    seconds = int(at.timestamp())
    return ",".join([f"t={seconds}", *(f"v1={_mac(body, key, seconds)}" for key in keys)])


def verify(
    header: str, body: bytes, secret: str, now: datetime, window: timedelta = WINDOW
) -> bool:
    """Whether this body was signed with this secret, not longer ago (or ahead) than the window.

    False for anything that is not such a header. Compares in constant time, every `v1` of it.
    """
    if not secret or len(header) > _LONGEST:
        return False
    seconds, given = _parts(header)
    if seconds is None or abs(now.timestamp() - seconds) > window.total_seconds():
        return False
    expected = _mac(body, secret, seconds).encode()
    equal = [hmac.compare_digest(expected, each.encode(errors="replace")) for each in given]
    return any(equal)


def _parts(header: str) -> tuple[int | None, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for key, _, value in pairs if key == "t"]
    plain = len(times) == 1 and times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12
    seconds = int(times[0]) if plain else None
    return seconds, [value for key, _, value in pairs if key == "v1"]


def _mac(body: bytes, secret: str, seconds: int) -> str:
    return hmac.new(secret.encode(), str(seconds).encode() + b"." + body, sha256).hexdigest()
