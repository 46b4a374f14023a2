"""The SNMP part of the district."""

from jingwei.region.line.door import UdpDoor
from jingwei.region.mibs import objects_of
from jingwei.region.snmp.agent import Agent
from jingwei.region.stage import Part, Stage
from jingwei.terms import Endpoint


class SnmpPart(Part):
    """An agent for everything that speaks SNMP."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for each agent."""
        community = self._stage.secrets.community
        endpoints = []
        for thing in self._stage.speaking("snmp"):
            agent = Agent(objects_of(thing), community=community)
            self._stage.gate(
                thing, "snmp", lambda *place, agent=agent: UdpDoor(agent.respond, *place), udp=True
            )
            endpoints.append(self._stage.endpoint(thing, "snmp", secrets={"community": community}))
        return endpoints
