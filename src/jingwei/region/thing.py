"""One registered thing as the region plays it: its values move gently, faults bend them.

Every protocol peer reads from a `Thing` when asked and keeps no state of its own, so removing a
fault restores exactly what was there before.
"""

import math
import time
from collections.abc import Callable
from zlib import crc32

from jingwei.region.consequences import Plight
from jingwei.region.plan import Family, family_of
from jingwei.terms import Peer

Clock = Callable[[], float]

_DAY = 86_400.0


class Thing:
    """A peer with its present faults.

    `seed` makes two districts differ and one district repeat; `clock` gives seconds since the
    epoch. Values are functions of both and of nothing else.
    """

    __slots__ = ("_since", "_started", "clock", "family", "peer", "plight", "seed")

    def __init__(self, peer: Peer, *, seed: int = 0, clock: Clock = time.time) -> None:
        self.peer = peer
        self.family: Family = family_of(peer)
        self.seed = seed
        self.clock = clock
        self._started = clock()
        self._since: dict[str, float] = {}
        self.plight = Plight()  # what others' faults made of it

    @property
    def key(self) -> str:
        """The register's key."""
        return self.peer.key

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults that are on, oldest first."""
        return tuple(self._since)

    def switch_on(self, fault: str) -> None:
        """Turn a fault on; on an already bent thing nothing changes."""
        self._since.setdefault(fault, self.clock())

    def switch_off(self, fault: str) -> None:
        """Turn a fault off; values are at once what they would have been without it."""
        self._since.pop(fault, None)

    def has(self, fault: str) -> bool:
        """True while the fault is on."""
        return fault in self._since

    def seconds_of(self, fault: str) -> float:
        """For how many seconds the fault has been on; 0 when it is not."""
        since = self._since.get(fault)
        return 0.0 if since is None else max(self.clock() - since, 0.0)

    def constant(self, name: str, low: int, high: int) -> int:
        """An integer of [low, high] that belongs to this thing and never changes."""
        return low + self._hash(name) % (high - low + 1)

    def wave(self, name: str, low: float, high: float) -> float:
        """A value that wanders inside [low, high]: two sines with a period of 10 to 70 minutes."""
        hashed = self._hash(name)
        period = 600.0 + hashed % 3600
        phase = (hashed >> 8) % 6283 / 1000.0
        now = self.clock()
        slow = math.sin(2 * math.pi * now / period + phase)
        fast = math.sin(2 * math.pi * now / (period / 7.3) + 2 * phase)
        middle, reach = (low + high) / 2, (high - low) / 2
        return middle + reach * (0.75 * slow + 0.25 * fast)

    def uptime(self) -> float:
        """Seconds since the thing was last switched on: 20 to 300 days before the region began."""
        return self.clock() - self._started + _DAY * self.constant("uptime", 20, 300)

    def counter(self, name: str, per_second: float) -> int:
        """A counter that has grown at `per_second` since the thing was switched on."""
        return int(self.uptime() * per_second) + self.constant(name, 0, 100_000)

    def _hash(self, name: str) -> int:
        return crc32(f"{self.seed}/{self.peer.key}/{name}".encode())
