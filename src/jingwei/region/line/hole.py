"""A port behind which there is nothing, not even a refusal: packets to it vanish.

An address of loopback always answers a packet, if only with a reset; an unreachable machine does
not. A listener whose queue is full is the one thing the kernel keeps silent for (tcp(7)).
"""

import asyncio
import socket
from contextlib import suppress

_FILL = 4  # connections; a queue of length 0 holds one


class Hole:
    """Silence at a TCP or a UDP port."""

    def __init__(self, address: str, port: int, *, udp: bool = False) -> None:
        self._place = (address, port)
        self._udp = udp
        self._held: list[socket.socket] = []

    async def open(self) -> None:
        """Begin to be silent. Raises OSError when the address is taken."""
        kind = socket.SOCK_DGRAM if self._udp else socket.SOCK_STREAM
        held = socket.socket(socket.AF_INET, kind)
        self._held = [held]
        try:
            held.setblocking(False)
            if not self._udp:
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(self._place)
            if not self._udp:
                held.listen(0)
                self._fill()
        except BaseException:
            await self.close()
            raise
        await asyncio.sleep(0)

    def _fill(self) -> None:
        for _ in range(_FILL):
            caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._held.append(caller)
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect(self._place)

    async def close(self) -> None:
        """Free the port. Who waits at it is refused now."""
        for one in self._held:
            one.close()
        self._held = []
        await asyncio.sleep(0)
