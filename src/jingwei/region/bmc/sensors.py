"""The sensors of a management controller and their records (IPMI 2.0, 43.1 and 43.2)."""

from dataclasses import dataclass

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

# Sensor types of table 42-3 and the offsets of each that the region uses.
TEMPERATURE, FAN, SUPPLY, MEMORY, DRIVE = 0x01, 0x04, 0x08, 0x0C, 0x0D
_PRESENT, _SUPPLY_FAILED, _CORRECTABLE, _DRIVE_PRESENT, _PREDICTED = 0, 1, 0, 0, 2
_THRESHOLD, _SPECIFIC = 0x01, 0x6F  # event/reading types: by thresholds, sensor-specific
_BELOW_CRITICAL = 0x02  # Get Sensor Reading: at or below the lower critical threshold
_RPM_PER_COUNT = 50
_UNIT_CELSIUS, _UNIT_RPM = 1, 18
_BAD_SUPPLY, _BAD_FAN, _BAD_DIMM, _BAD_DRIVE = 2, 3, 3, 2


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: what its record says, its raw value, and the bits of its state."""

    number: int
    name: str
    type: int
    entity: int
    value: int = 0
    state: int = 0
    unit: int = 0
    factor: int = 1

    @property
    def analogue(self) -> bool:
        """Whether it measures."""
        return self.unit != 0

    def reading(self) -> bytes:
        """The data of Get Sensor Reading (35.14): value, flags (0x40: scanning), state."""
        return bytes([self.value, 0xC0, self.state & 0xFF, self.state >> 8 & 0x7F | 0x80])

    def record(self, identity: int) -> bytes:
        """Its record in the repository: full when it measures, compact when not."""
        key = bytes([0x20, 0, self.number, self.entity, 1, 0x7F, 0x68 if self.analogue else 0x40])
        name = self.name.encode("ascii")
        kind = bytes([self.type, _THRESHOLD if self.analogue else _SPECIFIC])
        masks = bytes(6)
        tail = bytes([0xC0 | len(name)]) + name
        if self.analogue:
            factors = bytes([0, self.factor, 0, 0, 0, 0, 0, 0])  # linear, M, B, exponents, flags
            body = key + kind + masks + bytes([0, self.unit, 0]) + factors + bytes(16) + tail
            return _headed(identity, 1, body)
        body = key + kind + masks + bytes([0xC0, 0, 0]) + bytes(8) + tail
        return _headed(identity, 2, body)


def _headed(identity: int, kind: int, body: bytes) -> bytes:
    return identity.to_bytes(2, "little") + bytes([0x51, kind, len(body)]) + body


def sensors(thing: Thing) -> list[Sensor]:
    """Every sensor as it is at this moment; those of a part that is not fitted are not there."""
    found = [
        *(_supply(thing, n) for n in (1, 2)),
        *(_fan(thing, n) for n in range(1, 5)),
        _temperature(thing, "Inlet Temp", 55, 19, 24),
        _temperature(thing, "CPU1 Temp", 3, 45, 60),
        _temperature(thing, "CPU2 Temp", 3, 45, 60),
        *(_module(thing, n) for n in range(1, 5)),
        *(_drive(thing, n) for n in range(4)),
    ]
    return [
        Sensor(number, s.name, s.type, s.entity, s.value, s.state, s.unit, s.factor)
        for number, s in enumerate(found, 1)
    ]


def _supply(thing: Thing, number: int) -> Sensor:
    lost = number == _BAD_SUPPLY and thing.has(FaultName.PSU_LOST)
    state = 1 << _PRESENT | lost << _SUPPLY_FAILED
    return Sensor(0, f"PSU{number} Status", SUPPLY, 10, state=state)


def _fan(thing: Thing, number: int) -> Sensor:
    failed = number == _BAD_FAN and thing.has(FaultName.FAN_FAILED)
    turns = 0 if failed else round(thing.wave(f"fan{number}", 4200, 5600) / _RPM_PER_COUNT)
    state = _BELOW_CRITICAL if failed else 0
    return Sensor(0, f"FAN{number}", FAN, 29, turns, state, _UNIT_RPM, _RPM_PER_COUNT)


def _temperature(thing: Thing, name: str, entity: int, low: int, high: int) -> Sensor:
    value = round(thing.wave(name, low, high))
    return Sensor(0, name, TEMPERATURE, entity, value, unit=_UNIT_CELSIUS)


def _module(thing: Thing, number: int) -> Sensor:
    failing = number == _BAD_DIMM and thing.has(FaultName.MEMORY_ECC)
    return Sensor(0, f"DIMM{number}", MEMORY, 32, state=failing << _CORRECTABLE)


def _drive(thing: Thing, number: int) -> Sensor:
    failing = number == _BAD_DRIVE and thing.has(FaultName.SERVER_DISK_PRE_FAIL)
    state = 1 << _DRIVE_PRESENT | failing << _PREDICTED
    return Sensor(0, f"HDD{number}", DRIVE, 4, state=state)
