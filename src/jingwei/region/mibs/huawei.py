"""Huawei switches and firewalls: HUAWEI-ENTITY-EXTENT-MIB (1.3.6.1.4.1.2011.5.25.31.1.1).

Entities without a sensor say 0 % and 2147483647 degrees, as real ones do. Fan state 1 normal,
2 abnormal; power state 1 supply, 2 not supply.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.mibs.h3c import ENTITY, cpu_percent
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_EXTENT = parse_oid("1.3.6.1.4.1.2011.5.25.31.1.1")
_STATE = (*_EXTENT, 1, 1)
_FAN = (*_EXTENT, 10, 1)
_POWER = (*_EXTENT, 18, 1)
_NO_SENSOR = 2_147_483_647
_BOARD = 67_108_867
_ENTITIES = ((_BOARD, 9, "MPU Board 1"), (67_108_873, 6, "PWR 1"), (67_108_874, 7, "FAN 1"))


def load(thing: Thing) -> list[tuple[Oid, Value]]:
    """Processor, memory and temperature of each entity."""
    found: list[tuple[Oid, Value]] = []
    for index, kind, name in _ENTITIES:
        on_board = index == _BOARD
        found += [
            ((*ENTITY, 5, index), ber.integer(kind)),
            ((*ENTITY, 7, index), ber.octets(name)),
            ((*_STATE, 5, index), _cpu(thing) if on_board else ber.integer(0)),
            ((*_STATE, 7, index), _memory(thing) if on_board else ber.integer(0)),
            ((*_STATE, 11, index), _celsius(thing) if on_board else ber.integer(_NO_SENSOR)),
        ]
    return found


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """A switch: load, fans and power supplies."""
    found = load(thing)
    for n in (1, 2):
        fan, power = FaultName.SWITCH_FAN_FAILED, FaultName.SWITCH_PSU_LOST
        found += [
            ((*_FAN, 5, 0, n), ber.integer(40)),
            ((*_FAN, 6, 0, n), ber.integer(1)),
            ((*_FAN, 7, 0, n), _state(thing, fan) if n == 1 else ber.integer(1)),
            ((*_POWER, 5, 0, n), ber.integer(1)),
            ((*_POWER, 6, 0, n), _state(thing, power) if n == 2 else ber.integer(1)),
            ((*_POWER, 9, 0, n), ber.octets(f"PWR {n}")),
        ]
    return found


def _state(thing: Thing, fault: FaultName) -> Value:
    return lambda: ber.integer(2 if thing.has(fault) else 1)


def _cpu(thing: Thing) -> Value:
    def percent() -> bytes:
        if thing.has(FaultName.FIREWALL_CPU_HIGH):
            return ber.integer(round(thing.wave("busy", 93, 97)))
        return ber.integer(round(cpu_percent(thing)))

    return percent


def _memory(thing: Thing) -> Value:
    return lambda: ber.integer(round(thing.wave("memory", 30, 55)))


def _celsius(thing: Thing) -> Value:
    return lambda: ber.integer(round(thing.wave("temperature", 32, 45)))
