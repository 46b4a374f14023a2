"""DPtech application delivery controllers: 1.3.6.1.4.1.31648.3.15."""

from jingwei.region.fault_names import FaultName
from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid, parse_oid
from jingwei.region.thing import Thing

_SYSTEM = parse_oid("1.3.6.1.4.1.31648.3.15")


def objects(thing: Thing) -> list[tuple[Oid, Value]]:
    """Processor, temperature and memory."""

    def cpu() -> bytes:
        if thing.has(FaultName.ADC_CPU_HIGH):
            return ber.integer(round(thing.wave("busy", 93, 97)))
        return ber.integer(round(thing.wave("cpu", 5, 40)))

    return [
        ((*_SYSTEM, 3, 0), cpu),
        ((*_SYSTEM, 4, 0), lambda: ber.integer(round(thing.wave("temperature", 35, 48)))),
        ((*_SYSTEM, 5, 0), lambda: ber.integer(round(thing.wave("memory", 30, 55)))),
    ]
