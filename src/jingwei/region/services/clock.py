"""A time server: NTP version 4 from this machine's clock (RFC 5905, server mode)."""

import math
import struct
import time
from collections.abc import Callable

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

OFFSET = 3.2  # seconds a faulty clock is ahead
_EPOCH = 2_208_988_800


class TimeServer:
    """The NTP side of one thing: a faulty clock is ahead."""

    def __init__(self, thing: Thing, now: Callable[[], float] = time.time) -> None:
        self._thing = thing
        self._now = now

    def reply(self, question: bytes) -> bytes | None:
        """The answer to a client's packet; None to what is none."""
        if len(question) < 48 or question[0] & 7 != 3:
            return None
        ahead = OFFSET if self._thing.has(FaultName.TIME_OFFSET) else 0.0
        at = self._now() + ahead
        head = struct.pack(">BBbbII4s", 4 << 3 | 4, 2, 6, -20, 655, 1310, b"\x0a\x00\x00\x01")
        return head + _stamp(at - 37) + question[40:48] + _stamp(at) + _stamp(at)


def _stamp(seconds: float) -> bytes:
    """An NTP timestamp. Whole seconds are taken before the epoch is added: their sum would round up
    to a second that has not begun, a tenth of a microsecond before it does."""
    whole = math.floor(seconds)
    return struct.pack(">II", (whole + _EPOCH) % 2**32, int((seconds - whole) * 2**32) & 0xFFFFFFFF)
