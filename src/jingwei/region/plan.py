"""What each registered thing speaks in the region, and to which family of devices it belongs.

The register names things as the tender does ("HPE DL360 G9", "联想 x3650 M5"), so families are
found by what the normalised name contains, never by equality. A model nobody here knows still
gets what every device of its kind speaks.
"""

from collections.abc import Sequence
from enum import StrEnum

from jingwei.terms import Peer

APPLICATION = "application"
DATABASE = "database"
ROOM = "room"

SECURITY_KINDS = frozenset(
    {
        "av-gateway",
        "bastion",
        "db-firewall",
        "firewall",
        "ids",
        "load-balancer",
        "log-audit",
        "masking",
        "nac",
        "netgap",
        "situational-awareness",
        "situational-probe",
        "waf",
    }
)
# The tender's register gives these no SNMP channel: syslog sinks and web consoles only.
_SILENT_SECURITY = frozenset({"bastion", "log-audit", "situational-awareness", "situational-probe"})
# Of the security devices these are managed over SSH; the others over their web page.
SSH_SECURITY = frozenset({"firewall", "ids", "load-balancer"})

# Which applications speak more than HTTP (daily.toml: app.dicom, app.hl7).
DICOM_TITLES = {"APP-10": "PACSN", "APP-11": "PACSS"}
MLLP_KEYS = frozenset({"APP-01", "APP-02", "APP-03"})

# Services that belong to single things (daily.toml names the same keys): a message broker, a
# cache, an application server's metrics, a directory, interfaces; UPS software, a clock, names, a
# shell.
SERVICES: dict[str, tuple[str, ...]] = {
    "APP-01": ("mq", "soap"),
    "APP-02": ("redis",),
    "APP-03": ("prometheus",),
    "APP-05": ("ldap",),
    "APP-06": ("fhir",),
    "APP-10": ("dicomweb",),
    "APP-25": ("cmpp", "sgip", "smgp", "wechat"),
    "HW-002-1": ("nut",),
    "HW-005-1": ("ssh",),
    "HW-010-1": ("vsphere",),
    "HW-010-2": ("vsphere",),
    **dict.fromkeys(("HW-011-1", "HW-011-2", "HW-011-3", "HW-011-4"), ("winrm",)),
    "HW-044-1": ("ntp", "dns"),
}


class Family(StrEnum):
    """Devices that answer alike."""

    ILO4 = "ilo4"
    ILO5 = "ilo5"
    XCC = "xcc"
    PROLIANT = "proliant"  # G7 and older: no Redfish, the CPQ health MIB
    IMM = "imm"
    THINKSERVER = "thinkserver"  # its controller speaks IPMI only
    PLAIN_SERVER = "plain-server"
    H3C_SWITCH = "h3c-switch"
    HUAWEI_SWITCH = "huawei-switch"
    PLAIN_SWITCH = "plain-switch"
    BROCADE = "brocade"
    OCEANSTOR = "oceanstor"
    UNITY = "unity"
    PLAIN_STORAGE = "plain-storage"
    UPS = "ups"
    LIEBERT = "liebert"
    HUAWEI_SECURITY = "huawei-security"
    DPTECH = "dptech"
    PLAIN_SECURITY = "plain-security"
    ROOM = "room"
    APPLICATION = "application"
    DATABASE = "database"
    MANUAL = "manual"  # only people can look at it


REDFISH_FAMILIES = frozenset({Family.ILO4, Family.ILO5, Family.XCC})

# What the squeezed vendor + model contains -> family; the first hit wins.
_SERVERS: tuple[tuple[str, Family], ...] = (
    ("dl580g7", Family.PROLIANT),
    ("dl360g", Family.ILO4),
    ("380gen10", Family.ILO5),
    ("380g10", Family.ILO5),
    ("sr650", Family.XCC),
    ("x3650", Family.IMM),
    ("x3850", Family.IMM),
    ("thinkserver", Family.THINKSERVER),
)
_ARRAYS = (("oceanstor", Family.OCEANSTOR), ("unity", Family.UNITY))
_BY_KIND: dict[str, Family] = {
    "fc-switch": Family.BROCADE,
    "ups": Family.UPS,
    "crac": Family.LIEBERT,
    ROOM: Family.ROOM,
    APPLICATION: Family.APPLICATION,
    DATABASE: Family.DATABASE,
}


def family(kind: str, vendor: str, model: str) -> Family:
    """Which family a registered thing belongs to; `MANUAL` when no protocol reaches it."""
    name = "".join(character for character in f"{vendor} {model}".lower() if character.isalnum())
    if kind == "server":
        return next((found for part, found in _SERVERS if part in name), Family.PLAIN_SERVER)
    if kind == "switch":
        return _by_vendor(name, Family.H3C_SWITCH, Family.HUAWEI_SWITCH, Family.PLAIN_SWITCH)
    if kind == "storage":
        return next((found for part, found in _ARRAYS if part in name), Family.PLAIN_STORAGE)
    if kind in SECURITY_KINDS:
        if "dptech" in name or "迪普" in name:
            return Family.DPTECH
        return _by_vendor(
            name, Family.PLAIN_SECURITY, Family.HUAWEI_SECURITY, Family.PLAIN_SECURITY
        )
    return _BY_KIND.get(kind, Family.MANUAL)


def _by_vendor(name: str, h3c: Family, huawei: Family, other: Family) -> Family:
    if "h3c" in name or "新华三" in name:
        return h3c
    return huawei if "huawei" in name or "华为" in name else other


def family_of(peer: Peer) -> Family:
    """The family of a peer."""
    return family(peer.kind, peer.vendor, peer.model)


def protocols_for(kind: str, vendor: str, model: str) -> tuple[str, ...]:
    """What a registered thing of this kind and model speaks in the region.

    DICOM and MLLP belong to single applications, not to their kind: see `protocols_of`.
    """
    found = family(kind, vendor, model)
    if kind in SECURITY_KINDS:
        return ("https", "tcp") if kind in _SILENT_SECURITY else ("snmp", "https", "tcp")
    if found is Family.UNITY:
        return ("snmp", "https", "unisphere")
    if found is Family.OCEANSTOR:
        return ("snmp", "devicemanager")
    if found is Family.PLAIN_STORAGE:
        return ("snmp", "https")
    if found in REDFISH_FAMILIES:
        return ("snmp", "redfish")
    others: dict[Family, tuple[str, ...]] = {
        Family.THINKSERVER: ("snmp", "ipmi"),
        Family.APPLICATION: ("http", "https"),
        Family.DATABASE: ("sql",),
        Family.ROOM: ("modbus",),
        Family.MANUAL: (),
    }
    return others.get(found, ("snmp",))


def protocols_of(peer: Peer) -> tuple[str, ...]:
    """What one peer speaks: its own list when it has one, else its kind's; plus services."""
    spoken = peer.protocols or protocols_for(peer.kind, peer.vendor, peer.model)
    extra: list[str] = []
    if peer.kind == APPLICATION:
        extra += ["dicom"] if peer.key in DICOM_TITLES else []
        extra += ["mllp"] if peer.key in MLLP_KEYS else []
    extra += () if peer.protocols else SERVICES.get(peer.key, ())
    return tuple(dict.fromkeys((*spoken, *extra)))


def cracs_of_room(room: str, peers: Sequence[Peer]) -> tuple[str, ...]:
    """Keys of the air conditioners that cool a room: all of them stand in the first room."""
    rooms = sorted(peer.key for peer in peers if peer.kind == ROOM)
    if not rooms or room != rooms[0]:
        return ()
    return tuple(sorted(peer.key for peer in peers if peer.kind == "crac"))
