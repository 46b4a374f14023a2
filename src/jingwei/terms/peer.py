"""What the miniature region is asked to play, where it answers, and what can go wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Peer:
    """One registered thing the miniature region shall play.

    `key` is the register's key (unit "HW-016-1", application "APP-10", database "DB-01", room
    "ROOM-01"); `kind` the register's kind ("server", "switch", "application", "database",
    "room" ...); `protocols` what it speaks ("snmp", "redfish", "http", "https", "tcp",
    "dicom", "mllp", "modbus", "sql").
    """

    key: str
    kind: str
    label: str
    vendor: str = ""
    model: str = ""
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one protocol of one registered thing answers.

    `settings` are probe options that belong to the endpoint, not to the check (ae_title,
    path, unit id, database name); `secrets` are resolved by the register's credential store.
    """

    key: str
    protocol: str
    address: str
    port: int
    settings: Mapping[str, str | int | bool] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault the region can play: on which targets, and the finding that must follow.

    `item` is the daily check item that must turn abnormal at the target; no other item of no
    other target may.
    """

    name: str
    label: str
    item: str
    targets: tuple[str, ...]
    repair: str


@dataclass(frozen=True, slots=True)
class Need:
    """The register's word that one thing can't work without another.

    Keys of both, and the kind: "power", "network", "host", "storage", "database", "application".
    """

    dependent: str
    giver: str
    kind: str
