"""Brocade FC switches, also sold as HPE SN6000B and Huawei SNS2120: SW-MIB (1.3.6.1.4.1.1588).

Ports 7 and 8 are administratively disabled: only ports with swFCPortAdmStatus 1 say anything.
The MIB counts ports from 1 where Fabric OS counts from 0.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_SW = parse_oid("1.3.6.1.4.1.1588.2.1.1.1")
_SENSOR = (*_SW, 1, 22, 1)
_PORT = (*_SW, 6, 2, 1)
_ONLINE, _OFFLINE = 1, 2
_NO_LIGHT, _IN_SYNC = 4, 6
_NOMINAL = 4
_DOWN_PORT, _NOISY_PORT = 3, 4
_CRC_JUMP, _CRC_PER_SECOND = 1_200, 7.0


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """The switch, its sensors and its ports."""
    found: list[tuple[Oid, Value]] = [
        ((*_SW, 1, 6, 0), ber.octets("v7.4.2d")),
        ((*_SW, 1, 7, 0), ber.integer(_ONLINE)),
        ((*_SW, 26, 1, 0), lambda: ber.integer(round(thing.wave("cpu", 5, 40)))),
        ((*_SW, 26, 6, 0), lambda: ber.integer(round(thing.wave("memory", 30, 55)))),
    ]
    # swSensorType: 1 temperature, 2 fan, 3 power supply
    sensors = ((1, 38, "Temp #1"), (1, 36, "Temp #2"), (2, 7200, "Fan #1"), (2, 7180, "Fan #2"))
    for n, (kind, value, name) in enumerate((*sensors, (3, 1, "Power #1"), (3, 1, "Power #2")), 1):
        columns = (ber.integer(n), ber.integer(kind), ber.integer(_NOMINAL))
        found += [((*_SENSOR, c, n), value) for c, value in enumerate(columns, start=1)]
        found.append(((*_SENSOR, 4, n), ber.integer(value)))
        found.append(((*_SENSOR, 5, n), ber.octets(name)))
    for port in range(1, 9):
        found += _port(thing, port)
    return found


def crc_errors(thing: Thing, port: int) -> int:
    """Frames received with a bad CRC since the last `statsClear`: healing a fault includes one."""
    healthy = thing.constant(f"crc{port}", 0, 3)
    if port != _NOISY_PORT or not thing.has(FaultName.FC_PORT_ERRORS):
        return healthy
    grown = thing.seconds_of(FaultName.FC_PORT_ERRORS) * _CRC_PER_SECOND
    return healthy + _CRC_JUMP + int(grown)


def _port(thing: Thing, port: int) -> list[tuple[Oid, Value]]:
    used = port <= 6

    def online() -> bool:
        return used and not (port == _DOWN_PORT and thing.has(FaultName.FC_PORT_DOWN))

    def frames(name: str) -> Value:
        return lambda: ber.counter(thing.counter(f"{name}{port}", 800.0) if used else 0)

    columns: dict[int, Value] = {
        1: ber.integer(port),
        3: lambda: ber.integer(_IN_SYNC if online() else _NO_LIGHT),
        4: lambda: ber.integer(_ONLINE if online() else _OFFLINE),
        5: ber.integer(_ONLINE if used else _OFFLINE),
        13: frames("tx"),
        14: frames("rx"),
        22: lambda: ber.counter(crc_errors(thing, port)),
        26: ber.counter(0),
        28: ber.counter(0),
        36: ber.octets(f"port{port - 1}"),
    }
    return [((*_PORT, column, port), value) for column, value in columns.items()]
