"""When a check is due next: pure. Spread evenly, steady through restarts, sooner when in doubt."""

import hashlib
from datetime import UTC, datetime, timedelta

SOONEST = 20.0  # seconds between a first bad verdict and the one that confirms it, at least


def phase(key: str, every: int) -> int:
    """The second within its period at which a check runs: by its key, the same for ever."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % max(1, every)


def next_due(key: str, every: int, now: datetime) -> datetime:
    """The first instant after `now` in the check's own phase."""
    every = max(1, every)
    epoch = int(now.timestamp())
    ahead = (phase(key, every) - epoch) % every or every
    return datetime.fromtimestamp(epoch + ahead, UTC)


def doubtful_due(key: str, every: int, now: datetime) -> datetime:
    """When to look again at a verdict that is not settled: a fifth of the period, or sooner."""
    soon = now + timedelta(seconds=max(SOONEST, every / 5))
    return min(soon, next_due(key, every, now))
