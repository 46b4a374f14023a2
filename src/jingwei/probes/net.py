"""Finding and opening the other end. Only what every networked probe shares."""

import asyncio
import functools
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from jingwei.probes.attempt import Threads

# Name lookups block in the C library; a dead name server may hang them. They have their own
# threads, so that they starve nothing else of the loop's default executor.
_LOOKUPS = Threads("dns", 8)

P = TypeVar("P", bound=asyncio.Protocol)
Sockaddr = tuple[str, int] | tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection goes: family, socket address, and what the name lookup took."""

    family: socket.AddressFamily
    sockaddr: Sockaddr
    looked_up: float | None  # seconds; None when the address was no name

    @property
    def ip(self) -> str:
        """The bare IP address."""
        return self.sockaddr[0]


async def find(address: str, port: int) -> Place:
    """Resolve `address` (IPv4, IPv6 with or without brackets, or a name).

    Raises socket.gaierror when the name cannot be resolved: that is our side's fault.
    """
    version = _version(address)
    if version == 0:
        return await _look_up(address.strip("[]"), port)
    if version == 6:
        return Place(socket.AF_INET6, (address.strip("[]"), port, 0, 0), None)
    return Place(socket.AF_INET, (address, port), None)


@functools.lru_cache(maxsize=8192)
def _version(address: str) -> int:
    """4 or 6 for a bare IP address; 0 for what must be looked up: names, and zones ("%eth0")."""
    if "%" in address:
        return 0
    try:
        return ipaddress.ip_address(address.strip("[]")).version
    except ValueError:
        return 0


async def _look_up(name: str, port: int) -> Place:
    started = time.perf_counter()
    found = await _LOOKUPS.call(
        lambda: socket.getaddrinfo(name, port, type=socket.SOCK_STREAM),
    )
    family, _, _, _, sockaddr = found[0]
    return Place(family, sockaddr, time.perf_counter() - started)  # type: ignore[arg-type]


async def reachable(address: str, port: int) -> Place:
    """Like `find`, and raises OSError when this machine has no route there or no socket left.

    For libraries that connect on their own and swallow why they could not. A UDP connect sends
    nothing, it only asks the kernel for a route.
    """
    place = await find(address, port)
    with socket.socket(place.family, socket.SOCK_DGRAM) as question:
        question.connect(place.sockaddr)
    return place


async def connect(place: Place) -> socket.socket:
    """A connected TCP socket; the caller closes it. Raises OSError as the kernel says."""
    opened = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, place.sockaddr)
    except BaseException:
        opened.close()
        raise
    return opened


async def stream(place: Place, protocol: Callable[[], P]) -> tuple[asyncio.Transport, P]:
    """A connected TCP stream that talks to a protocol; the caller ends its transport.

    The loop makes the socket itself, which costs half of handing it one of ours (`connect`).
    Raises OSError as the kernel says.
    """
    loop = asyncio.get_running_loop()
    scoped = len(place.sockaddr) == 4 and place.sockaddr[3] != 0
    if scoped:  # the loop would lose the zone of a link-local address
        return await loop.create_connection(protocol, sock=await connect(place))
    return await loop.create_connection(protocol, place.ip, place.sockaddr[1])
