"""What a Windows host answers to the questions of a monitoring account."""

import json
from collections.abc import Callable

from jingwei.region.fault_names import FaultName
from jingwei.region.mibs.host import cpu_percent
from jingwei.region.thing import Thing

_GB = 2**30
_MACHINES = ("APP-RHIP", "APP-EHR", "APP-VACCINE", "TEST-01")
_BY_HAND = "TEST-01"  # nobody starts it by itself, and it is off
_STOPPED, _FULL = "vmms", "D:"


def told(thing: Thing, script: str) -> str:
    """The JSON of a question: the parts it asks for, as they are at this moment."""
    found: dict[str, object] = {
        name: of(thing) for name, of in _PARTS.items() if f"$r.{name} =" in script
    }
    if "$r.services =" in script:
        found["services"] = [row for row in _services(thing) if f"'{row['name']}'" in script]
    return json.dumps(found)


def _system(thing: Thing) -> dict[str, object]:
    total = 256 * 1024 * 1024
    return {
        "uptime": thing.uptime() / 3600, "cpu": round(cpu_percent(thing)), "total": total,
        "free": round(total * thing.wave("memory", 0.3, 0.5)), "reboot": False,
    }  # fmt: skip


def _volumes(thing: Thing) -> list[dict[str, object]]:
    full = thing.has(FaultName.WINDOWS_VOLUME_FULL)
    used = {"C:": thing.wave("volume C", 0.4, 0.6), _FULL: 0.97 if full else 0.55}
    return [
        {"name": name, "total": 500 * _GB, "free": round(500 * _GB * (1 - part))}
        for name, part in used.items()
    ]


def _services(thing: Thing) -> list[dict[str, object]]:
    stopped = thing.has(FaultName.WINDOWS_SERVICE_STOPPED)
    states = {"vmms": "Running", "EventLog": "Running", "W32Time": "Running"}
    if stopped:
        states[_STOPPED] = "Stopped"
    return [{"name": name, "state": state} for name, state in states.items()]


def _machines(thing: Thing) -> list[dict[str, object]]:
    down = thing.has(FaultName.HYPERV_VM_DOWN)
    return [
        {
            "name": name,
            "state": "Off" if name == _BY_HAND or (down and name == _MACHINES[0]) else "Running",
            "start": "Nothing" if name == _BY_HAND else "StartIfRunning",
            "health": "NotApplicable",
        }
        for name in _MACHINES
    ]


_PARTS: dict[str, Callable[[Thing], object]] = {
    "system": _system, "volumes": _volumes, "machines": _machines,
}  # fmt: skip
