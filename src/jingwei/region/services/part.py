"""The services part of the district: everything that is no device and no page."""

from collections.abc import Mapping
from functools import partial

from jingwei.region.line.door import Converse, Reply, TcpDoor, UdpDoor
from jingwei.region.plan import APPLICATION
from jingwei.region.services import directory
from jingwei.region.services.broker import Broker
from jingwei.region.services.cache import Cache
from jingwei.region.services.clock import TimeServer
from jingwei.region.services.directory import Directory
from jingwei.region.services.exporter import Exporter
from jingwei.region.services.names import NameServer
from jingwei.region.services.shell import Shell, host_key
from jingwei.region.services.upsd import Upsd
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.region.web.server import Listener, Site
from jingwei.terms import Endpoint

_ADMIN = "cn=watcher,dc=region,dc=test"


class ServicesPart(Part):
    """Queues, caches, the directory, clocks, names, UPS software, exporters and shells."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """Open every service. Raises OSError when an address is taken."""
        return [
            *self._caches(), *self._brokers(), *self._directories(), *self._ups(),
            *self._clocks(), *self._names(), *self._exporters(), *self._shells(),
        ]  # fmt: skip

    def _converse(self, thing: Thing, protocol: str, converse: Converse) -> None:
        self._stage.gate(thing, protocol, lambda *place: TcpDoor(converse, *place))

    def _reply(self, thing: Thing, protocol: str, reply: Reply) -> None:
        self._stage.gate(thing, protocol, lambda *place: UdpDoor(reply, *place), udp=True)

    def _serve(self, thing: Thing, protocol: str, site: Site) -> None:
        self._stage.gate(thing, protocol, lambda *place: Listener(site, *place))

    def _caches(self) -> list[Endpoint]:
        password = self._stage.secrets.password
        found = []
        for thing in self._stage.speaking("redis"):
            self._converse(thing, "redis", Cache(thing, password).converse)
            found.append(self._stage.endpoint(thing, "redis", secrets={"password": password}))
        return found

    def _brokers(self) -> list[Endpoint]:
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("mq"):
            self._serve(thing, "mq", Broker(thing, **login))
            found.append(self._stage.endpoint(thing, "mq", secrets=login))
        return found

    def _directories(self) -> list[Endpoint]:
        login = {"user": _ADMIN, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("ldap"):
            self._converse(thing, "ldap", Directory(thing, **login).converse)
            settings: dict[str, str | int | bool] = {"base": directory.BASE}
            found.append(self._stage.endpoint(thing, "ldap", settings=settings, secrets=login))
        return found

    def _ups(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("nut"):
            self._converse(thing, "nut", Upsd(thing).converse)
            found.append(self._stage.endpoint(thing, "nut"))
        return found

    def _clocks(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("ntp"):
            self._reply(thing, "ntp", TimeServer(thing).reply)
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
            server = NameServer(thing, known)
            self._reply(thing, "dns", server.reply)
            self._converse(thing, "dns", server.converse)
            name = next(iter(known), "nobody.region.test")
            settings: dict[str, str | int | bool] = {"name": name, "expect": known.get(name, "")}
            found.append(self._stage.endpoint(thing, "dns", settings=settings))
        return found

    def _exporters(self) -> list[Endpoint]:
        found = []
        for thing in self._stage.speaking("prometheus"):
            self._serve(thing, "prometheus", Exporter(thing))
            settings: dict[str, str | int | bool] = {"path": "/actuator/prometheus"}
            found.append(self._stage.endpoint(thing, "prometheus", settings=settings))
        return found

    def _shells(self) -> list[Endpoint]:
        login = {"user": self._stage.secrets.user, "password": self._stage.secrets.password}
        found = []
        for thing in self._stage.speaking("ssh"):
            key = host_key()
            self._stage.gate(
                thing, "ssh",
                partial(_shell, thing, key, login),
            )  # fmt: skip
            settings: dict[str, str | int | bool] = {"host_key": str(key.get_fingerprint())}
            found.append(self._stage.endpoint(thing, "ssh", settings=settings, secrets=login))
        return found


def _shell(thing: Thing, key: object, login: Mapping[str, str], address: str, port: int) -> Shell:
    return Shell(thing, address, port, key=key, user=login["user"], password=login["password"])
