"""IBM and Lenovo System x by the integrated management module: IMM-MIB (1.3.6.1.4.1.2.3.51.3.1).

`systemHealthStat`: 255 normal, 4 non-critical, 2 critical, 0 non-recoverable. In the region the
roll-up follows the memory only, so that each fault shows in one item: real modules roll up
everything, and checks should judge the members.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_IMM = parse_oid("1.3.6.1.4.1.2.3.51.3.1")
_NORMAL, _NON_CRITICAL = 255, 4


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Health, temperatures, fans, processors, memory, power supplies and disks."""

    def overall() -> bytes:
        return ber.integer(_NON_CRITICAL if thing.has(FaultName.MEMORY_ECC) else _NORMAL)

    found: list[tuple[Oid, Value]] = [((*_IMM, 4, 1, 0), overall)]
    for n, name in enumerate(("Ambient Temp", "CPU 1 Temp", "CPU 2 Temp"), start=1):
        found += _row((1, 2, 1), n, {2: name, 11: "Normal"})
        found.append(((*_IMM, 1, 2, 1, 3, n), _celsius(thing, n)))
    for n in range(1, 7):
        found += _row((3, 2, 1), n, {2: f"Fan {n} Tach"})
        found.append(((*_IMM, 3, 2, 1, 3, n), _speed(thing, n)))
        found.append(((*_IMM, 3, 2, 1, 10, n), _word(thing, FaultName.FAN_FAILED, n == 3)))
    for n in (1, 2):
        found += _row((5, 20, 1), n, {2: f"CPU {n}", 11: "Normal"})
        found += _row((11, 2, 1), n, {2: f"Power Supply {n}"})
        found.append(((*_IMM, 11, 2, 1, 6, n), _word(thing, FaultName.PSU_LOST, n == 2)))
    for n in range(1, 9):
        found += _row((5, 21, 1), n, {2: f"DIMM {n}"})
        word = _word(thing, FaultName.MEMORY_ECC, n == 3, bad="Warning")
        found.append(((*_IMM, 5, 21, 1, 8, n), word))
    for n in range(1, 5):
        found += _row((12, 2, 1), n, {2: f"Disk {n}"})
        word = _word(thing, FaultName.SERVER_DISK_PRE_FAIL, n == 2, bad="Warning")
        found.append(((*_IMM, 12, 2, 1, 3, n), word))
    return found


def _row(table: Oid, index: int, columns: dict[int, str]) -> list[tuple[Oid, Value]]:
    return [((*_IMM, *table, n, index), ber.octets(text)) for n, text in columns.items()]


def _word(thing: Thing, fault: FaultName, concerned: bool, bad: str = "Critical") -> Value:
    normal, broken = ber.octets("Normal"), ber.octets(bad)
    return (lambda: broken if thing.has(fault) else normal) if concerned else normal


def _celsius(thing: Thing, sensor: int) -> Value:
    low, high = (20, 25) if sensor == 1 else (35, 55)
    return lambda: ber.integer(round(thing.wave(f"temperature{sensor}", low, high)))


def _speed(thing: Thing, fan: int) -> Value:
    def speed() -> bytes:
        if fan == 3 and thing.has(FaultName.FAN_FAILED):
            return ber.octets("offline")
        return ber.octets(f"{round(thing.wave(f'fan{fan}', 28, 40))}% of maximum")

    return speed
