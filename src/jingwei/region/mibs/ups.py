"""An uninterruptible power supply: UPS-MIB (RFC 1628, 1.3.6.1.2.1.33.1)."""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_UPS = parse_oid("1.3.6.1.2.1.33.1")
_BATTERY_NORMAL, _BATTERY_LOW = 2, 3
_NO_OUTPUT, _FROM_MAINS, _FROM_BATTERY = 2, 3, 5
_ALARMING = (FaultName.UPS_ON_BATTERY, FaultName.UPS_OVERLOAD, FaultName.UPS_BATTERY_LOW)


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Identity, battery, input, output and the count of alarms."""

    def battery() -> bytes:
        low = thing.has(FaultName.UPS_BATTERY_LOW)
        return ber.integer(_BATTERY_LOW if low else _BATTERY_NORMAL)

    def source() -> bytes:
        if thing.has(FaultName.UPS_NO_OUTPUT):
            return ber.integer(_NO_OUTPUT)
        away = thing.has(FaultName.UPS_ON_BATTERY)
        return ber.integer(_FROM_BATTERY if away else _FROM_MAINS)

    def alarms() -> bytes:
        return ber.gauge(sum(map(thing.has, _ALARMING)))

    return [
        ((*_UPS, 1, 1, 0), ber.octets(thing.peer.vendor)),
        ((*_UPS, 1, 2, 0), ber.octets(thing.peer.model)),
        ((*_UPS, 2, 1, 0), battery),
        ((*_UPS, 2, 2, 0), lambda: ber.integer(int(thing.seconds_of(FaultName.UPS_ON_BATTERY)))),
        ((*_UPS, 2, 3, 0), lambda: ber.integer(_minutes_left(thing))),
        ((*_UPS, 2, 4, 0), lambda: ber.integer(charge_percent(thing))),
        ((*_UPS, 2, 5, 0), lambda: ber.integer(round(thing.wave("battery", 2_160, 2_190)))),
        ((*_UPS, 2, 7, 0), lambda: ber.integer(round(thing.wave("temperature", 22, 26)))),
        ((*_UPS, 3, 2, 0), ber.integer(1)),
        ((*_UPS, 3, 3, 1, 3, 1), lambda: ber.integer(_input_volts(thing))),
        ((*_UPS, 4, 1, 0), source),
        ((*_UPS, 4, 3, 0), ber.integer(1)),
        ((*_UPS, 4, 4, 1, 2, 1), lambda: ber.integer(round(thing.wave("output", 219, 221)))),
        ((*_UPS, 4, 4, 1, 5, 1), lambda: ber.integer(round(load_percent(thing)))),
        ((*_UPS, 6, 1, 0), alarms),
    ]


def load_percent(thing: Thing) -> float:
    """Load of the output: 30 to 55 %, or 88 % under `ups-overload`."""
    return 88.0 if thing.has(FaultName.UPS_OVERLOAD) else thing.wave("load", 30, 55)


def charge_percent(thing: Thing) -> int:
    """Charge of the battery.

    On battery it falls by a per cent in two minutes and stops at 90, so that this fault stays a
    finding about the output; a low battery is a fault of its own.
    """
    if thing.has(FaultName.UPS_BATTERY_LOW):
        return 22
    if thing.has(FaultName.UPS_ON_BATTERY):
        return max(99 - int(thing.seconds_of(FaultName.UPS_ON_BATTERY) / 120), 90)
    return 100


def _minutes_left(thing: Thing) -> int:
    low = thing.has(FaultName.UPS_BATTERY_LOW)
    return 6 if low else round(thing.wave("minutes", 38, 45))


def _input_volts(thing: Thing) -> int:
    return 0 if thing.has(FaultName.UPS_ON_BATTERY) else round(thing.wave("input", 217, 225))
