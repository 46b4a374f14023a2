"""The management controllers of the district that speak IPMI and nothing else."""

from jingwei.region.bmc.controller import Controller
from jingwei.region.line.door import UdpDoor
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint


class BmcPart(Part):
    """One controller for each server that has one."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for every controller."""
        return [self._controller(thing) for thing in self._stage.speaking("ipmi")]

    def _controller(self, thing: Thing) -> Endpoint:
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        reply = Controller(thing, **login).reply
        self._stage.gate(thing, "ipmi", lambda *place: UdpDoor(reply, *place), udp=True)
        return self._stage.endpoint(thing, "ipmi", secrets=login)
