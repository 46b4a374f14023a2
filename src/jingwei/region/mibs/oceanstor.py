"""Huawei OceanStor: ISM-STORAGE-SVC-MIB (1.3.6.1.4.1.34774.4.1.23).

Health: 1 normal, 2 fault, 3 pre-fail, 5 degraded. Running: 27 online. Rows are indexed by the
text of their id, as a length and its characters (RFC 2578 section 7.7).
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_SVC = parse_oid("1.3.6.1.4.1.34774.4.1.23")
_DISK, _CONTROLLER, _POOL = (*_SVC, 5, 1, 1), (*_SVC, 5, 2, 1), (*_SVC, 4, 2, 1)
_NORMAL, _PRE_FAIL, _DEGRADED, _ONLINE = 1, 3, 5, 27
_DISKS = 12
_BAD_DISK = 3
_POOL_MB = 20 * 1024 * 1024


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Disks, two controllers and two pools."""
    found: list[tuple[Oid, Value]] = []
    for disk in range(_DISKS):
        found += _disk(thing, disk)
    for name in ("0A", "0B"):
        found += _controller(thing, name)
    for pool in (0, 1):
        found += _pool(thing, pool)
    return found


def pool_used_percent(thing: Thing, pool: int) -> float:
    """How full a pool is: 45 to 65 %, or a little over 91 % for the first under `pool-91`."""
    if pool == 0 and thing.has(FaultName.POOL_91):
        return 91.6
    return thing.constant(f"pool{pool}", 48, 62) + thing.wave(f"pool{pool}", -2, 2)


def _rows(table: Oid, identity: str, columns: dict[int, Value]) -> list[tuple[Oid, Value]]:
    index = (len(identity), *identity.encode())
    return [((*table, column, *index), value) for column, value in columns.items()]


def _disk(thing: Thing, disk: int) -> list[tuple[Oid, Value]]:
    def health() -> bytes:
        return ber.integer(_PRE_FAIL if thing.has(FaultName.DISK_PRE_FAIL) else _NORMAL)

    return _rows(
        _DISK,
        str(disk),
        {
            1: ber.octets(str(disk)),
            2: health if disk == _BAD_DISK else ber.integer(_NORMAL),
            3: ber.integer(_ONLINE),
            4: ber.octets(f"CTE0.{disk}"),
            11: lambda: ber.integer(round(thing.wave(f"disk{disk}", 28, 36))),
        },
    )


def _controller(thing: Thing, name: str) -> list[tuple[Oid, Value]]:
    def health() -> bytes:
        bad = name == "0B" and thing.has(FaultName.CONTROLLER_DEGRADED)
        return ber.integer(_DEGRADED if bad else _NORMAL)

    return _rows(
        _CONTROLLER,
        name,
        {
            1: ber.octets(name),
            2: health,
            3: ber.integer(_ONLINE),
            8: lambda: ber.integer(round(thing.wave(f"cpu{name}", 5, 40))),
            9: lambda: ber.integer(round(thing.wave(f"memory{name}", 35, 60))),
        },
    )


def _pool(thing: Thing, pool: int) -> list[tuple[Oid, Value]]:
    def free() -> bytes:
        return ber.gauge(_POOL_MB * (1 - pool_used_percent(thing, pool) / 100))

    return _rows(
        _POOL,
        str(pool),
        {
            1: ber.octets(str(pool)),
            2: ber.octets(f"StoragePool{pool + 1:03d}"),
            5: ber.integer(_NORMAL),
            6: ber.integer(_ONLINE),
            7: ber.gauge(_POOL_MB),
            9: free,
        },
    )
