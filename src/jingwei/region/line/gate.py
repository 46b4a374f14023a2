"""A port of a thing as callers find it: answering, shut, behind bad weather, or dead."""

from collections.abc import Callable
from typing import Protocol

from jingwei.region.line.hole import Hole
from jingwei.region.line.proxy import TcpProxy, UdpProxy
from jingwei.region.line.weather import Weather


class Door(Protocol):
    """Something that listens at a place and can be shut."""

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""

    async def close(self) -> None:
        """Stop listening and cut every conversation. Harmless when not open."""


Make = Callable[[str, int], Door]


class Gate:
    """One port of a thing.

    `make` builds what answers there, for a place; behind weather it answers at the same port of
    `inner`, an address of its own, and a proxy stands at the port people know. `protocol` is what
    is spoken.
    """

    def __init__(
        self, make: Make, address: str, inner: str, port: int, *, protocol: str, udp: bool = False
    ) -> None:
        self.protocol = protocol
        self._make = make
        self._place, self._inner = (address, port), (inner, port)
        self._udp = udp
        self._doors: list[Door] = []
        self._state: object = None

    async def answer(self) -> None:
        """Let callers through."""
        await self._be("open", lambda: [self._make(*self._place)])

    async def shut(self) -> None:
        """Refuse every caller."""
        await self._be("shut", list)

    async def vanish(self) -> None:
        """Be silent, as what is switched off or out of reach."""
        await self._be("dark", lambda: [Hole(*self._place, udp=self._udp)])

    async def suffer(self, weather: Weather) -> None:
        """Let callers through a bad line."""
        proxy = UdpProxy if self._udp else TcpProxy
        await self._be(
            weather,
            lambda: [self._make(*self._inner), proxy(self._place, self._inner, weather)],
        )

    async def close(self) -> None:
        """Free the port."""
        await self._be(None, list)

    async def _be(self, state: object, doors: Callable[[], list[Door]]) -> None:
        if state == self._state:
            return
        for door in self._doors:
            await door.close()
        self._doors, self._state = doors(), state
        for door in self._doors:
            await door.open()
