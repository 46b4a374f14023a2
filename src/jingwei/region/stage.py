"""What every part of the region needs to know: its things, their addresses, its secrets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jingwei.region import network
from jingwei.region.line import Gate
from jingwei.region.line.gate import Make
from jingwei.region.plan import protocols_of
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

# Every thing has an address of its own, so ports are the same everywhere. All are above the
# privileged ones and below the range from which Linux takes outgoing ports.
PORTS: Mapping[str, int] = {
    "snmp": 10_161,
    "http": 10_080,
    "https": 10_443,
    "redfish": 10_444,
    "unisphere": 10_445,
    "devicemanager": 18_088,
    "vsphere": 10_446,
    "ipmi": 10_623,
    "tcp": 10_022,
    "dicom": 10_104,
    "mllp": 12_575,
    "modbus": 10_502,
    "sql": 15_432,
    "ssh": 10_222,
    "winrm": 15_985,
    "redis": 16_379,
    "mq": 15_672,
    "ldap": 10_389,
    "ntp": 10_123,
    "dns": 10_053,
    "nut": 13_493,
    "prometheus": 19_100,
    "cmpp": 17_890,
    "sgip": 18_801,
    "smgp": 18_890,
    "wechat": 10_081,
    "soap": 10_082,
    "fhir": 10_083,
    "dicomweb": 10_084,
    "control": 10_100,
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """The region's own secrets, random at each start."""

    community: str = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the district plays.

    `addresses` maps keys to loopback addresses; `shift` is added to every port (not 0 only when
    something on this machine has taken one of them); `gates` holds every port of every thing.
    """

    folder: Path
    things: Sequence[Thing]
    addresses: Mapping[str, str]
    secrets: Secrets = field(repr=False)
    shift: int = 0
    gates: dict[str, list[Gate]] = field(default_factory=dict)

    def speaking(self, protocol: str) -> list[Thing]:
        """The things that speak a protocol."""
        return [thing for thing in self.things if protocol in protocols_of(thing.peer)]

    def port(self, protocol: str) -> int:
        """Where a protocol answers."""
        return PORTS[protocol] + self.shift

    def gate(
        self, thing: Thing, protocol: str, make: Make, *, port: int | None = None, udp: bool = False
    ) -> None:
        """Give a thing a port: `make` builds what answers there. Opened with all the others."""
        address = self.addresses[thing.key]
        port = self.port(protocol) if port is None else port
        gate = Gate(make, address, network.inner(address), port, protocol=protocol, udp=udp)
        self.gates.setdefault(thing.key, []).append(gate)

    def endpoint(
        self,
        thing: Thing,
        protocol: str,
        *,
        port: int | None = None,
        settings: Mapping[str, str | int | bool] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """The endpoint of a thing for a protocol."""
        return Endpoint(
            key=thing.key,
            protocol=protocol,
            address=self.addresses[thing.key],
            port=self.port(protocol) if port is None else port,
            settings=settings or {},
            secrets=secrets or {},
        )


class Part(ABC):
    """One protocol (or a few that share a server) of the district."""

    @abstractmethod
    async def start(self) -> list[Endpoint]:
        """Make ready what answers, and a gate for each port. Raises OSError, RegionError."""

    async def follow(self, thing: Thing) -> None:  # noqa: B027 - most read at the moment of asking
        """Bring what cannot be read at the moment of asking in line with the thing's faults."""

    async def stop(self) -> None:  # noqa: B027 - most have nothing but gates
        """Free everything but the gates. Harmless when not started."""
