"""When a check is due next: pure. Spread evenly, steady through restarts, sooner when in doubt."""

import hashlib
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLEAR = 100  # milliseconds before and after the turn of a second in which no check is due
SOONEST = 20.0  # seconds between a first bad verdict and the one that confirms it, at least


def phase(key: str, every: int) -> timedelta:
    """How far into its period a check runs, to the millisecond: by its key, the same for ever.

    Never near the turn of a second: history counts in whole ones, and two answers of one second
    would be one.
    """
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    seconds, milliseconds = divmod(int.from_bytes(digest) % (1000 * max(1, every)), 1000)
    return timedelta(
        seconds=seconds, milliseconds=_CLEAR + milliseconds * (1000 - 2 * _CLEAR) // 1000
    )


def next_due(key: str, every: int, now: datetime) -> datetime:
    """The first instant after `now` in the check's own phase."""
    period = timedelta(seconds=max(1, every))
    ahead = (phase(key, every) - (now - _EPOCH)) % period or period
    return now + ahead


def doubtful_due(key: str, every: int, now: datetime) -> datetime:
    """When to look again at a verdict that is not settled: a fifth of the period, or sooner."""
    soon = now + timedelta(seconds=max(SOONEST, every / 5))
    return min(soon, next_due(key, every, now))
