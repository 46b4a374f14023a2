"""A server's own agent: HOST-RESOURCES-MIB (RFC 2790) and UCD-SNMP-MIB, as net-snmp has them."""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_HR = parse_oid("1.3.6.1.2.1.25")
_UCD = parse_oid("1.3.6.1.4.1.2021")
_PROCESSORS = range(196_608, 196_612)
_RAM, _VIRTUAL, _FIXED_DISK = 2, 3, 4  # hrStorageTypes 1.3.6.1.2.1.25.2.1.x

_MEMORY_KB = 64 * 1024 * 1024
# hrStorageIndex, description, type, allocation unit in octets, size in units
_STORES = (
    (1, "Physical memory", _RAM, 1024, _MEMORY_KB),
    (10, "Swap space", _VIRTUAL, 1024, 16 * 1024 * 1024),
    (31, "/", _FIXED_DISK, 4096, 25 * 1024 * 1024),
    (32, "/data", _FIXED_DISK, 4096, 250 * 1024 * 1024),
)


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Processors, memory and file systems."""
    return _storage(thing) + _processors(thing) + _ucd(thing)


def cpu_percent(thing: Thing, processor: int = 0) -> float:
    """How busy a processor is: 5 to 40 %, or 96 to 99 % under `cpu-high`."""
    if thing.has(FaultName.CPU_HIGH):
        return thing.wave(f"busy{processor}", 96, 99)
    return thing.wave(f"cpu{processor}", 5, 40)


def used_percent(thing: Thing, store: int) -> float:
    """How full a store is: 30 to 70 %, or 97 % for /data under `filesystem-full`."""
    if store == 10:
        return 0.0
    if store == 32 and thing.has(FaultName.FILESYSTEM_FULL):
        return 97.4
    base = thing.constant(f"store{store}", 34, 64)
    return base + thing.wave(f"store{store}", -3, 3)


def _storage(thing: Thing) -> list[tuple[Oid, Value]]:
    found: list[tuple[Oid, Value]] = [
        ((*_HR, 1, 1, 0), lambda: ber.timeticks(thing.uptime())),
        ((*_HR, 2, 2, 0), ber.integer(_MEMORY_KB)),
    ]
    for index, description, kind, unit, size in _STORES:

        def used(index: int = index, size: int = size) -> bytes:
            return ber.integer(int(size * used_percent(thing, index) / 100))

        columns: tuple[Value, ...] = (
            ber.integer(index),
            ber.oid((*_HR, 2, 1, kind)),
            ber.octets(description),
            ber.integer(unit),
            ber.integer(size),
            used,
        )
        found += [((*_HR, 2, 3, 1, n, index), value) for n, value in enumerate(columns, start=1)]
    return found


def _processors(thing: Thing) -> list[tuple[Oid, Value]]:
    def load(number: int) -> Value:
        return lambda: ber.integer(round(cpu_percent(thing, number)))

    return [((*_HR, 3, 3, 1, 2, index), load(n)) for n, index in enumerate(_PROCESSORS)]


def _ucd(thing: Thing) -> list[tuple[Oid, Value]]:
    def mean() -> float:
        return sum(cpu_percent(thing, n) for n in range(len(_PROCESSORS))) / len(_PROCESSORS)

    def load_average() -> bytes:
        return ber.octets(f"{mean() / 100 * len(_PROCESSORS):.2f}")

    def percent(store: int) -> Value:
        return lambda: ber.integer(round(used_percent(thing, store)))

    def available() -> bytes:
        return ber.integer(int(_MEMORY_KB * (1 - used_percent(thing, 1) / 100)))

    return [
        ((*_UCD, 4, 5, 0), ber.integer(_MEMORY_KB)),
        ((*_UCD, 4, 6, 0), available),
        ((*_UCD, 9, 1, 2, 1), ber.octets("/")),
        ((*_UCD, 9, 1, 2, 2), ber.octets("/data")),
        ((*_UCD, 9, 1, 9, 1), percent(31)),
        ((*_UCD, 9, 1, 9, 2), percent(32)),
        *(((*_UCD, 10, 1, 3, n), load_average) for n in (1, 2, 3)),
        ((*_UCD, 11, 11, 0), lambda: ber.integer(100 - round(mean()))),
    ]
