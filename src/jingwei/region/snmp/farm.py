"""All agents of the region on one event loop: one UDP socket per address."""

import asyncio
from typing import cast

from jingwei.region.snmp.agent import Agent


class _Socket(asyncio.DatagramProtocol):
    """Hands each datagram to its agent and sends what the agent says, if it says anything."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        response = self._agent.respond(data)
        if response is not None and self._transport is not None:
            self._transport.sendto(response, addr)

    def error_received(self, exc: Exception) -> None:
        """An asker went away before the answer came: its ICMP error is nobody's business."""


class Farm:
    """The running agents."""

    def __init__(self) -> None:
        self._transports: list[asyncio.DatagramTransport] = []

    async def add(self, agent: Agent, address: str, port: int) -> None:
        """Let `agent` answer at an address. Raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(agent), local_addr=(address, port)
        )
        self._transports.append(transport)

    async def stop(self) -> None:
        """Close every socket."""
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        await asyncio.sleep(0)
