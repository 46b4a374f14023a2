"""What each family of devices answers by SNMP: one file per family, found by `objects_of`."""

from collections.abc import Callable

from jingwei.region.mibs import (
    brocade,
    dptech,
    h3c,
    host,
    huawei,
    imm,
    liebert,
    oceanstor,
    proliant,
    system,
    ups,
)
from jingwei.region.plan import Family
from jingwei.region.snmp.agent import Value
from jingwei.region.snmp.ber import Oid
from jingwei.region.thing import Thing

Part = Callable[[Thing], list[tuple[Oid, Value]]]

_PARTS: dict[Family, tuple[Part, ...]] = {
    Family.ILO4: (system.server_ports, host.objects, proliant.objects),
    Family.ILO5: (system.server_ports, host.objects, proliant.objects),
    Family.XCC: (system.server_ports, host.objects),
    Family.PLAIN_SERVER: (system.server_ports, host.objects),
    Family.THINKSERVER: (system.server_ports, host.objects),
    Family.PROLIANT: (system.server_ports, host.objects, proliant.objects),
    Family.IMM: (system.server_ports, host.objects, imm.objects),
    Family.H3C_SWITCH: (system.switch_ports, h3c.objects),
    Family.HUAWEI_SWITCH: (system.switch_ports, huawei.objects),
    Family.PLAIN_SWITCH: (system.switch_ports,),
    Family.BROCADE: (system.management_port, brocade.objects),
    Family.OCEANSTOR: (system.management_port, oceanstor.objects),
    Family.UPS: (system.management_port, ups.objects),
    Family.LIEBERT: (system.management_port, liebert.objects),
    Family.DPTECH: (system.security_ports, dptech.objects),
    Family.HUAWEI_SECURITY: (system.security_ports, huawei.load),
    Family.PLAIN_SECURITY: (system.security_ports,),
}


def objects_of(thing: Thing) -> list[tuple[Oid, Value]]:
    """Every object of the thing's agent: the system group and its family's parts."""
    found = system.objects(thing)
    for part in _PARTS.get(thing.family, (system.management_port,)):
        found += part(thing)
    return found
