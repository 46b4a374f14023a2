"""H3C switches: HH3C-ENTITY-EXT-MIB (1.3.6.1.4.1.25506.2.6.1.1.1.1) beside the ENTITY-MIB.

Only the board measures: other entities say 0 % and 65535 degrees (no sensor), as real ones do.
Error status: 2 normal, 41 fan error, 51 power supply error.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_STATE = parse_oid("1.3.6.1.4.1.25506.2.6.1.1.1.1")
ENTITY = parse_oid("1.3.6.1.2.1.47.1.1.1.1")
_CPU, _MEMORY, _TEMPERATURE, _ERROR = 6, 8, 12, 19
_NORMAL, _FAN_ERROR, _PSU_ERROR = 2, 41, 51
_NO_SENSOR = 65_535
# entPhysicalClass: 3 chassis, 6 power supply, 7 fan, 9 module
_BOARD = 11
_ENTITIES = (
    (1, 3, "Chassis"),
    (_BOARD, 9, "Board 1"),
    (21, 6, "PSU 1"),
    (22, 6, "PSU 2"),
    (31, 7, "FAN 1"),
    (32, 7, "FAN 2"),
)


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """The entities and their state."""
    found: list[tuple[Oid, Value]] = []
    for index, kind, name in _ENTITIES:
        found += [
            ((*ENTITY, 2, index), ber.octets(f"{thing.peer.model} {name}".strip())),
            ((*ENTITY, 5, index), ber.integer(kind)),
            ((*ENTITY, 7, index), ber.octets(name)),
            ((*_STATE, _ERROR, index), _error(thing, index)),
        ]
        on_board = index == _BOARD
        found += [
            ((*_STATE, _CPU, index), _cpu(thing) if on_board else ber.integer(0)),
            ((*_STATE, _MEMORY, index), _memory(thing) if on_board else ber.integer(0)),
            (
                (*_STATE, _TEMPERATURE, index),
                _temperature(thing) if on_board else ber.integer(_NO_SENSOR),
            ),
        ]
    return found


def cpu_percent(thing: Thing) -> float:
    """A switch's processor: 5 to 40 %, or 93 to 97 % under `switch-cpu-high`."""
    if thing.has(FaultName.SWITCH_CPU_HIGH):
        return thing.wave("busy", 93, 97)
    return thing.wave("cpu", 5, 40)


def _error(thing: Thing, index: int) -> Value:
    if index == 22:
        return lambda: ber.integer(_PSU_ERROR if thing.has(FaultName.SWITCH_PSU_LOST) else _NORMAL)
    if index == 31:
        return lambda: ber.integer(
            _FAN_ERROR if thing.has(FaultName.SWITCH_FAN_FAILED) else _NORMAL
        )
    return ber.integer(_NORMAL)


def _cpu(thing: Thing) -> Value:
    return lambda: ber.integer(round(cpu_percent(thing)))


def _memory(thing: Thing) -> Value:
    return lambda: ber.integer(round(thing.wave("memory", 30, 55)))


def _temperature(thing: Thing) -> Value:
    return lambda: ber.integer(round(thing.wave("temperature", 32, 45)))
