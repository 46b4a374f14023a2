"""A loopback network of its own for each region: 127.X.0.0/16, one address for each thing.

Who listens at 127.X.0.1 on the control port owns the network, so two regions never meet.
"""

import random
import socket
from collections.abc import Sequence
from contextlib import suppress

_FIRST, _LAST = 10, 250
_PER_BLOCK = 200
_CELLAR = 250
_INNER = 100  # blocks of 200 things each come before it
_HOST = "127.{x}.0.1"


def claim(port: int) -> tuple[int, socket.socket]:
    """The number X of a free network and the listening socket that proves it is ours.

    Raises OSError when none of 30 is free.
    """
    numbers = random.SystemRandom().sample(range(_FIRST, _LAST + 1), 30)
    for x in numbers:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((_HOST.format(x=x), port))
            listener.listen(16)
            listener.setblocking(False)
            return x, listener
        listener.close()
    raise OSError("127.0.0.0/8 中没有空闲的演示网段")


def addresses(x: int, keys: Sequence[str]) -> dict[str, str]:
    """An address of network X for each key, in the order of the keys."""
    return {
        key: f"127.{x}.{1 + place // _PER_BLOCK}.{1 + place % _PER_BLOCK}"
        for place, key in enumerate(keys)
    }


def inner(address: str) -> str:
    """The address behind an address: where a thing answers while a bad line stands before it."""
    first, second, third, fourth = address.split(".")
    return f"{first}.{second}.{int(third) + _INNER}.{fourth}"


def cellar(address: str) -> str:
    """The one address of a network that nobody is told: where what many things share answers."""
    first, second, _, _ = address.split(".")
    return f"{first}.{second}.{_CELLAR}.1"
