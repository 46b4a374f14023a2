"""Liebert precision air conditioners: LIEBERT-GP-ENVIRONMENTAL-MIB (1.3.6.1.4.1.476.1.42.3.4).

States: 1 on, 2 off, also for the general alarm output. Switched off by hand is no alarm.
"""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_ENVIRONMENT = parse_oid("1.3.6.1.4.1.476.1.42.3.4")
_STATE = (*_ENVIRONMENT, 3)
_TEMPERATURE = (*_ENVIRONMENT, 1, 3, 3, 1)
_HUMIDITY = (*_ENVIRONMENT, 2, 2, 3, 1)
_ON, _OFF = 1, 2


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Running state, alarm output, temperatures and humidity."""

    def running() -> bytes:
        return ber.integer(_OFF if thing.has(FaultName.CRAC_OFF) else _ON)

    def alarm() -> bytes:
        return ber.integer(_ON if thing.has(FaultName.CRAC_ALARM) else _OFF)

    def capacity() -> bytes:
        return ber.gauge(0 if thing.has(FaultName.CRAC_OFF) else thing.wave("capacity", 30, 70))

    return [
        ((*_STATE, 1, 0), running),
        ((*_STATE, 2, 0), running),
        ((*_STATE, 3, 0), ber.integer(_OFF)),
        ((*_STATE, 4, 0), ber.integer(_OFF)),
        ((*_STATE, 5, 0), ber.integer(_OFF)),
        ((*_STATE, 7, 0), running),
        ((*_STATE, 8, 0), alarm),
        ((*_STATE, 9, 0), capacity),
        ((*_TEMPERATURE, 3, 1), lambda: ber.integer(round(thing.wave("control", 21, 24)))),
        ((*_TEMPERATURE, 3, 2), lambda: ber.integer(round(thing.wave("return", 24, 27)))),
        ((*_HUMIDITY, 3, 1), lambda: ber.integer(round(thing.wave("humidity", 45, 55)))),
        ((*_HUMIDITY, 50, 1), lambda: ber.integer(round(thing.wave("humidity", 45, 55) * 10))),
    ]
