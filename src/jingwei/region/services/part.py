"""The services part of the district: everything that is no device and no page."""

from typing import Protocol

from jingwei.region.plan import APPLICATION
from jingwei.region.services import directory
from jingwei.region.services.broker import Broker
from jingwei.region.services.cache import Cache
from jingwei.region.services.clock import TimeServer
from jingwei.region.services.directory import Directory
from jingwei.region.services.door import TcpDoor, UdpDoor
from jingwei.region.services.exporter import Exporter
from jingwei.region.services.names import NameServer
from jingwei.region.services.shell import Shell
from jingwei.region.services.upsd import Upsd
from jingwei.region.stage import Stage
from jingwei.region.thing import Thing
from jingwei.region.web.server import Listener
from jingwei.terms import Endpoint

_ADMIN = "cn=watcher,dc=region,dc=test"


class _Door(Protocol):
    """Something that listens and can be shut."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class ServicesPart:
    """Queues, caches, the directory, clocks, names, UPS software, exporters and shells."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._doors: list[_Door] = []

    async def start(self) -> list[Endpoint]:
        """Open every service. Raises OSError when an address is taken."""
        endpoints = [
            *self._caches(), *self._brokers(), *self._directories(), *self._ups(),
            *self._clocks(), *self._names(), *self._exporters(), *self._shells(),
        ]  # fmt: skip
        for door in self._doors:
            await door.open()
        return endpoints

    async def follow(self, thing: Thing) -> None:
        """Nothing to do: each question looks at its thing."""

    async def stop(self) -> None:
        """Close every service."""
        for door in self._doors:
            await door.close()
        self._doors.clear()

    def _where(self, thing: Thing, protocol: str) -> tuple[str, int]:
        return self._stage.addresses[thing.key], self._stage.port(protocol)

    def _caches(self) -> list[Endpoint]:
        password = self._stage.secrets.password
        found = []
        for thing in self._stage.speaking("redis"):
            cache = Cache(thing, password)
            self._doors.append(TcpDoor(cache.converse, *self._where(thing, "redis")))
            found.append(self._stage.endpoint(thing, "redis", secrets={"password": password}))
        return found

    def _brokers(self) -> list[Endpoint]:
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("mq"):
            self._doors.append(Listener(Broker(thing, **login), *self._where(thing, "mq")))
            found.append(self._stage.endpoint(thing, "mq", secrets=login))
        return found

    def _directories(self) -> list[Endpoint]:
        login = {"user": _ADMIN, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("ldap"):
            served = Directory(thing, **login)
            self._doors.append(TcpDoor(served.converse, *self._where(thing, "ldap")))
            settings: dict[str, str | int | bool] = {"base": directory.BASE}
            found.append(self._stage.endpoint(thing, "ldap", settings=settings, secrets=login))
        return found

    def _ups(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("nut"):
            self._doors.append(TcpDoor(Upsd(thing).converse, *self._where(thing, "nut")))
            found.append(self._stage.endpoint(thing, "nut"))
        return found

    def _clocks(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("ntp"):
            self._doors.append(UdpDoor(TimeServer(thing).reply, *self._where(thing, "ntp")))
            found.append(self._stage.endpoint(thing, "ntp"))
        return found

    def _names(self) -> list[Endpoint]:
        """The names of the applications; the first of them is what is asked for."""
        known = {
            f"{thing.key.lower()}.region.test": self._stage.addresses[thing.key]
            for thing in self._stage.things
            if thing.peer.kind == APPLICATION
        }
        found = []
        for thing in self._stage.speaking("dns"):
            server, where = NameServer(thing, known), self._where(thing, "dns")
            self._doors += [UdpDoor(server.reply, *where), TcpDoor(server.converse, *where)]
            name = next(iter(known), "nobody.region.test")
            settings: dict[str, str | int | bool] = {"name": name, "expect": known.get(name, "")}
            found.append(self._stage.endpoint(thing, "dns", settings=settings))
        return found

    def _exporters(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("prometheus"):
            self._doors.append(Listener(Exporter(thing), *self._where(thing, "prometheus")))
            settings: dict[str, str | int | bool] = {"path": "/actuator/prometheus"}
            found.append(self._stage.endpoint(thing, "prometheus", settings=settings))
        return found

    def _shells(self) -> list[Endpoint]:
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("ssh"):
            address, port = self._where(thing, "ssh")
            shell = Shell(thing, address, port, **login)
            self._doors.append(shell)
            settings: dict[str, str | int | bool] = {"host_key": shell.fingerprint}
            found.append(self._stage.endpoint(thing, "ssh", settings=settings, secrets=login))
        return found
