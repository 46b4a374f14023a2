"""SNMPv2-MIB system group (RFC 3418) and IF-MIB (RFC 2863) for every device."""

from dataclasses import dataclass

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import Family
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_SYSTEM = parse_oid("1.3.6.1.2.1.1")
_IF = parse_oid("1.3.6.1.2.1.2.2.1")
_IFX = parse_oid("1.3.6.1.2.1.31.1.1.1")

# sysObjectID: the vendor's branch is real, the product's number below it is not claimed.
_NET_SNMP_LINUX = "1.3.6.1.4.1.8072.3.2.10"
_PRODUCTS: dict[Family, str] = {
    Family.H3C_SWITCH: "1.3.6.1.4.1.25506.1",
    Family.HUAWEI_SWITCH: "1.3.6.1.4.1.2011.2",
    Family.HUAWEI_SECURITY: "1.3.6.1.4.1.2011.2",
    Family.BROCADE: "1.3.6.1.4.1.1588.2.1.1.1",
    Family.OCEANSTOR: "1.3.6.1.4.1.34774.4.1",
    Family.UPS: "1.3.6.1.2.1.33",
    Family.LIEBERT: "1.3.6.1.4.1.476.1.42",
    Family.DPTECH: "1.3.6.1.4.1.31648.1",
}
_UP, _DOWN = 1, 2
_ETHERNET = 6
UPLINKS = (49, 50)
_BROKEN_UPLINK = 50


@dataclass(frozen=True, slots=True)
class _Port:
    """One interface; `rate` is its mean traffic in octets per second."""

    index: int
    name: str
    megabits: int
    alias: str = ""
    up: bool = True
    rate: float = 40_000.0


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """The system group."""
    peer = thing.peer
    product = parse_oid(_PRODUCTS.get(thing.family, _NET_SNMP_LINUX))
    description = " ".join(filter(None, (peer.vendor, peer.model or peer.label)))
    return [
        ((*_SYSTEM, 1, 0), ber.octets(description)),
        ((*_SYSTEM, 2, 0), ber.oid(product)),
        ((*_SYSTEM, 3, 0), lambda: ber.timeticks(thing.uptime())),
        ((*_SYSTEM, 4, 0), ber.octets("演示区域")),
        ((*_SYSTEM, 5, 0), ber.octets(peer.key)),
        ((*_SYSTEM, 6, 0), ber.octets(peer.label)),
        ((*_SYSTEM, 7, 0), ber.integer(72)),
    ]


def server_ports(thing: Thing) -> list[tuple[Oid, Value]]:
    """Loopback and two network cards."""
    return _interfaces(
        thing,
        [
            _Port(1, "lo", 10),
            _Port(2, "eth0", 1000, "业务", rate=900_000.0),
            _Port(3, "eth1", 1000),
        ],
    )


def management_port(thing: Thing) -> list[tuple[Oid, Value]]:
    """The one port of a management card."""
    return _interfaces(thing, [_Port(1, "mgmt0", 100)])


def security_ports(thing: Thing) -> list[tuple[Oid, Value]]:
    """Inside, outside and management."""
    return _interfaces(
        thing,
        [
            _Port(1, "GE0/0/0", 1000, "trust", rate=2_000_000.0),
            _Port(2, "GE0/0/1", 1000, "untrust", rate=2_000_000.0),
            _Port(3, "MEth0/0/0", 1000, "管理"),
        ],
    )


def switch_ports(thing: Thing) -> list[tuple[Oid, Value]]:
    """Eight access ports, two of them unused (enabled, no link), and two uplinks, 49 and 50."""
    ports = [
        _Port(index, f"GigabitEthernet1/0/{index}", 1000, f"接入{index}", up=index <= 6)
        for index in range(1, 9)
    ]
    ports += [
        _Port(index, f"Ten-GigabitEthernet1/0/{index}", 10_000, f"上联{number}", rate=5_000_000.0)
        for number, index in enumerate(UPLINKS, start=1)
    ]
    return _interfaces(thing, ports)


def _interfaces(thing: Thing, ports: list[_Port]) -> list[tuple[Oid, Value]]:
    found: list[tuple[Oid, Value]] = [(parse_oid("1.3.6.1.2.1.2.1.0"), ber.integer(len(ports)))]
    for port in ports:
        found += _interface(thing, port)
    return found


def _interface(thing: Thing, port: _Port) -> list[tuple[Oid, Value]]:
    def oper() -> bytes:
        broken = port.index == _BROKEN_UPLINK and thing.has(FaultName.UPLINK_DOWN)
        return ber.integer(_UP if port.up and not broken else _DOWN)

    def grown(name: str, share: float = 1.0) -> int:
        return thing.counter(f"{name}{port.index}", port.rate * share) if port.up else 0

    nothing = ber.counter(0)
    columns: list[tuple[int, Value]] = [
        (1, ber.integer(port.index)),
        (2, ber.octets(port.name)),
        (3, ber.integer(_ETHERNET)),
        (5, ber.gauge(port.megabits * 1_000_000)),
        (7, ber.integer(_UP)),
        (8, oper),
        (10, lambda: ber.counter(grown("in"))),
        (13, nothing),
        (14, nothing),
        (16, lambda: ber.counter(grown("out", 0.7))),
        (19, nothing),
        (20, nothing),
    ]
    more: list[tuple[int, Value]] = [
        (1, ber.octets(port.name)),
        (6, lambda: ber.counter64(grown("in"))),
        (10, lambda: ber.counter64(grown("out", 0.7))),
        (15, ber.gauge(port.megabits)),
        (18, ber.octets(port.alias)),
    ]
    return [((*_IF, column, port.index), value) for column, value in columns] + [
        ((*_IFX, column, port.index), value) for column, value in more
    ]
