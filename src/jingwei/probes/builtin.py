"""The probes that ship, listed by hand, and those other packages bring.

Nothing registers itself by being imported: what there is can be read here. An outside package
declares `[project.entry-points."jingwei.probes"]` with a name and "module:probe".
"""

import functools
import logging
from importlib.metadata import entry_points

from jingwei.probes.cmpp import cmpp
from jingwei.probes.dicom import dicom_echo
from jingwei.probes.dicom_images import dicom_find, dicom_store
from jingwei.probes.dicomweb import dicomweb
from jingwei.probes.dns import dns
from jingwei.probes.fhir import fhir
from jingwei.probes.forwarding import syslog_received
from jingwei.probes.frame import Probe
from jingwei.probes.heartbeat import heartbeat
from jingwei.probes.http import http
from jingwei.probes.icmp import icmp
from jingwei.probes.ipmi import ipmi
from jingwei.probes.ldap import ldap
from jingwei.probes.mllp import mllp
from jingwei.probes.modbus import modbus
from jingwei.probes.mq import mq
from jingwei.probes.ntp import ntp
from jingwei.probes.nut import nut
from jingwei.probes.oceanstor import oceanstor
from jingwei.probes.plugin import plugin
from jingwei.probes.prometheus import prometheus
from jingwei.probes.redfish import redfish
from jingwei.probes.redis import redis
from jingwei.probes.sgip import sgip
from jingwei.probes.smgp import smgp
from jingwei.probes.snmp import snmp
from jingwei.probes.soap import soap
from jingwei.probes.sql import sql
from jingwei.probes.ssh import ssh_command
from jingwei.probes.tcp import tcp
from jingwei.probes.tls import tls
from jingwei.probes.unity import unity
from jingwei.probes.vsphere import vsphere
from jingwei.probes.wechat import wechat
from jingwei.probes.winrm import winrm

BUILTIN: tuple[Probe, ...] = (
    icmp,
    tcp,
    http,
    tls,
    snmp,
    sql,
    dicom_echo,
    dicom_find,
    dicom_store,
    dicomweb,
    fhir,
    soap,
    mllp,
    redfish,
    ipmi,
    oceanstor,
    unity,
    vsphere,
    modbus,
    ssh_command,
    winrm,
    redis,
    mq,
    ldap,
    ntp,
    dns,
    nut,
    prometheus,
    plugin,
    wechat,
    cmpp,
    sgip,
    smgp,
    heartbeat,
    syslog_received,
)
GROUP = "jingwei.probes"
logger = logging.getLogger("jingwei.probes")


class UnknownProbeError(LookupError):
    """No probe has that name; the message is Chinese and lists those there are."""


@functools.cache
def all_probes() -> tuple[Probe, ...]:
    """Built-in probes, then outside ones by name. A broken outside one is logged and left out."""
    found = {probe.name: probe for probe in BUILTIN}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception:
            logger.exception("probe package %s cannot be loaded", point.value)
            continue
        if not isinstance(loaded, Probe) or loaded.name in found:
            logger.error("probe package %s gives no new probe, left out", point.value)
            continue
        found[loaded.name] = loaded
    return tuple(found.values())


def find(name: str) -> Probe:
    """The probe of that name. Raises UnknownProbeError."""
    for probe in all_probes():
        if probe.name == name:
            return probe
    known = "、".join(probe.name for probe in all_probes())
    raise UnknownProbeError(f"没有名为 {name} 的探针，可用：{known}")
