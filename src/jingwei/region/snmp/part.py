"""The SNMP part of the district."""

from jingwei.region.fault_names import SILENCING
from jingwei.region.mibs import objects_of
from jingwei.region.snmp.agent import Agent
from jingwei.region.snmp.farm import Farm
from jingwei.region.stage import Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint


class SnmpPart:
    """An agent for everything that speaks SNMP."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._farm = Farm()

    async def start(self) -> list[Endpoint]:
        """Open one socket for each agent."""
        community = self._stage.secrets.community
        endpoints = []
        for thing in self._stage.speaking("snmp"):
            endpoint = self._stage.endpoint(thing, "snmp", secrets={"community": community})
            await self._farm.add(_agent(thing, community), endpoint.address, endpoint.port)
            endpoints.append(endpoint)
        return endpoints

    async def follow(self, thing: Thing) -> None:
        """Nothing to do: agents look at their thing at each packet."""

    async def stop(self) -> None:
        """Close the sockets."""
        await self._farm.stop()


def _agent(thing: Thing, community: str) -> Agent:
    return Agent(
        objects_of(thing),
        community=community,
        silent=lambda: any(map(thing.has, SILENCING)),
    )
