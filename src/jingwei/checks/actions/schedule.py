"""When a check is due next: pure. Spread evenly, steady through restarts, sooner when in doubt."""

import hashlib
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SOONEST = 20.0  # seconds between a first bad verdict and the one that confirms it, at least


def phase(key: str, every: int) -> timedelta:
    """How far into its period a check runs, to the millisecond: by its key, the same for ever."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return timedelta(milliseconds=int.from_bytes(digest) % (1000 * max(1, every)))


def next_due(key: str, every: int, now: datetime) -> datetime:
    """The first instant after `now` in the check's own phase."""
    period = timedelta(seconds=max(1, every))
    ahead = (phase(key, every) - (now - _EPOCH)) % period or period
    return now + ahead


def doubtful_due(key: str, every: int, now: datetime) -> datetime:
    """When to look again at a verdict that is not settled: a fifth of the period, or sooner."""
    soon = now + timedelta(seconds=max(SOONEST, every / 5))
    return min(soon, next_due(key, every, now))
