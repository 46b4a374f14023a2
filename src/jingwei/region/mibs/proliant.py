"""HP ProLiant by the insight agents: CPQHLTH-MIB and CPQIDA-MIB (1.3.6.1.4.1.232).

Conditions: 2 ok, 3 degraded, 4 failed. Drive status: 2 ok, 3 failed, 4 predictive failure.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_CPQ = parse_oid("1.3.6.1.4.1.232")
_HEALTH = (*_CPQ, 6, 2)
_ARRAY = (*_CPQ, 3, 2)
_OK, _DEGRADED, _FAILED = 2, 3, 4
_PREDICTIVE_FAILURE = 4
_BAD_FAN, _BAD_PSU, _BAD_DRIVE = 3, 2, 1


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Thermal, power, memory and array conditions with their members."""

    def state(fault: FaultName, bad: int) -> Value:
        return lambda: ber.integer(bad if thing.has(fault) else _OK)

    ok = ber.integer(_OK)
    fan, psu = FaultName.FAN_FAILED, FaultName.PSU_LOST
    found: list[tuple[Oid, Value]] = [
        ((*_HEALTH, 6, 1, 0), state(fan, _DEGRADED)),
        ((*_HEALTH, 6, 3, 0), ok),
        ((*_HEALTH, 6, 4, 0), state(fan, _DEGRADED)),
        ((*_HEALTH, 9, 1, 0), state(psu, _DEGRADED)),
        ((*_HEALTH, 14, 4, 0), state(FaultName.MEMORY_ECC, _DEGRADED)),
        ((*_ARRAY, 3, 1, 1, 4, 0, 1), ok),
    ]
    found += [
        ((*_HEALTH, 6, 7, 1, 9, 0, n), state(fan, _FAILED) if n == _BAD_FAN else ok)
        for n in range(1, 7)
    ]
    found += [
        ((*_HEALTH, 9, 3, 1, 4, 0, n), state(psu, _FAILED) if n == _BAD_PSU else ok)
        for n in range(1, 5)
    ]
    drive = state(FaultName.SERVER_DISK_PRE_FAIL, _PREDICTIVE_FAILURE)
    found += [((*_ARRAY, 5, 1, 1, 6, 0, n), drive if n == _BAD_DRIVE else ok) for n in range(4)]
    for n in range(1, 5):
        found.append(((*_HEALTH, 6, 8, 1, 4, 0, n), _celsius(thing, n)))
        found.append(((*_HEALTH, 6, 8, 1, 6, 0, n), ok))
    return found


def _celsius(thing: Thing, sensor: int) -> Value:
    return lambda: ber.integer(round(thing.wave(f"temperature{sensor}", 24, 42)))
