"""Finding and opening the other end. Only what every networked probe shares."""

import asyncio
import ipaddress
import socket
import time
from dataclasses import dataclass

from jingwei.probes.attempt import Threads

# Name lookups block in the C library; a dead name server may hang them. They have their own
# threads, so that they starve nothing else of the loop's default executor.
_LOOKUPS = Threads("dns", 8)

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
    bare = address.strip("[]")
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        return await _look_up(address, port)
    if ip.version == 6:
        return await _look_up(bare, port) if "%" in bare else _ipv6(bare, port)
    return Place(socket.AF_INET, (bare, port), None)


def _ipv6(ip: str, port: int) -> Place:
    return Place(socket.AF_INET6, (ip, port, 0, 0), None)


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
