"""What others say to a running region: fault, heal, status. Plain functions, no async."""

import json
import socket
from pathlib import Path
from typing import Any

from jingwei.region import record
from jingwei.region.errors import RegionError
from jingwei.terms import Endpoint, FaultSpec

_SECONDS = 40.0
_LONGEST_REPLY = 4_194_304


def running(folder: Path) -> bool:
    """Whether a region runs in this folder."""
    return record.running(folder)


def endpoints(folder: Path) -> list[Endpoint]:
    """Where everything answers, with secrets. Raises `RegionError` when no region runs."""
    return list(record.read(folder).endpoints)


def status(folder: Path) -> dict[str, Any]:
    """pid, started, network, things, endpoints, protocols and the faults that are on.

    Raises `RegionError` when no region runs in `folder`.
    """
    return dict(_ask(folder, "status"))


def faults(folder: Path) -> list[FaultSpec]:
    """The faults the running region can play. Raises `RegionError`."""
    return [
        FaultSpec(row["fault"], row["label"], row["item"], tuple(row["targets"]), row["repair"])
        for row in _ask(folder, "list")
    ]


def fault(folder: Path, name: str, target: str | None = None) -> dict[str, Any]:
    """Switch a fault on; without a target at the first possible one.

    Gives fault, label, item, target, target_label, repair, seconds, and `changed` (False when it
    was on already). Raises `RegionError` when no region runs, or the fault or target is unknown.
    """
    return dict(_ask(folder, "fault", name, target))


def heal(folder: Path, name: str | None = None, target: str | None = None) -> dict[str, Any]:
    """Switch faults off: of a name, of a target, or all. Gives `healed`, a list.

    Raises `RegionError` when no region runs, or the fault or target is unknown.
    """
    return dict(_ask(folder, "heal", name, target))


def scenario(folder: Path, name: str) -> dict[str, Any]:
    """Play a whole scenario: gives scenario, label, cause, faults, affected (how many targets).

    Raises `RegionError` when no region runs, or there is no such scenario.
    """
    return dict(_ask(folder, "scenario", name))


def _ask(folder: Path, command: str, name: str | None = None, target: str | None = None) -> Any:
    known = record.read(folder)
    question = {"token": known.token, "command": command, "name": name, "target": target}
    reply = bytearray()
    try:
        with socket.create_connection((known.control, known.port), timeout=_SECONDS) as connection:
            connection.sendall(json.dumps(question).encode() + b"\n")
            while not reply.endswith(b"\n") and len(reply) < _LONGEST_REPLY:
                part = connection.recv(65_536)
                if not part:
                    break
                reply += part
    except OSError as error:
        raise RegionError(f"演示区域（进程 {known.pid}）没有应答：{error}") from None
    try:
        document = json.loads(reply)
    except ValueError:
        raise RegionError(f"演示区域（进程 {known.pid}）中断了应答") from None
    if not document["ok"]:
        raise RegionError(document["error"])
    return document["result"]
