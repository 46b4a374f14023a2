"""The Redfish resources of three generations of controllers.

iLO 4 has the old Power and Thermal resources and HP's SmartStorage; iLO 5 has these and the
standard's PowerSubsystem, ThermalSubsystem and Storage; Lenovo's XCC has no SmartStorage. A
server's own Health follows its memory, a chassis' roll-up its power supplies and fans.
"""

from typing import Any

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import Family
from jingwei.region.thing import Thing

Json = dict[str, Any]

ROOT = "/redfish/v1"
SESSIONS = f"{ROOT}/SessionService/Sessions"
_SYSTEM = f"{ROOT}/Systems/1"
_CHASSIS = f"{ROOT}/Chassis/1"
_STORAGE = f"{_SYSTEM}/Storage/1"
_ARRAY = f"{_SYSTEM}/SmartStorage/ArrayControllers/0"
_BAD_PSU, _BAD_FAN, _BAD_DIMM, _BAD_DRIVE = 2, 3, 3, 3
_OK: Json = {"State": "Enabled", "Health": "OK"}


def resources(thing: Thing) -> dict[str, Json]:
    """Every resource by its path (without a trailing slash), as it is at this moment."""
    tree = _roots(thing) | _memory(thing)
    power, thermal = _supplies(thing), _fans(thing)
    old = {
        f"{_CHASSIS}/Power": _power(thing, power),
        f"{_CHASSIS}/Thermal": {"Fans": thermal, "Temperatures": _temperatures(thing)},
    }
    tree |= old
    if thing.family is not Family.XCC:
        tree |= _smart_storage(thing)
    if thing.family is not Family.ILO4:
        tree |= _subsystems(thing, power, thermal) | _storage(thing)
    return tree


def _link(path: str) -> Json:
    return {"@odata.id": path}


def _collection(path: str, members: list[Json]) -> dict[str, Json]:
    """A collection of links, and its members by path."""
    paths = [f"{path}/{member['Id']}" for member in members]
    links: Json = {"Members": [_link(p) for p in paths], "Members@odata.count": len(paths)}
    return {path: links, **dict(zip(paths, members, strict=True))}


def _status(bad: bool, health: str = "Critical", state: str = "Enabled") -> Json:
    return {"State": state, "Health": health} if bad else dict(_OK)


def _roots(thing: Thing) -> dict[str, Json]:
    links = {name: _link(f"{ROOT}/{name}") for name in ("Systems", "Chassis", "Managers")}
    sessions = {"Sessions": _link(SESSIONS)}
    root: Json = {"Id": "RootService", "RedfishVersion": "1.6.0", **links, "Links": sessions}
    return {
        ROOT: root,
        **_collection(f"{ROOT}/Systems", [_computer(thing)]),
        **_collection(f"{ROOT}/Chassis", [_chassis(thing)]),
        **_collection(f"{ROOT}/Managers", [_manager(thing)]),
        **_collection(SESSIONS, []),
    }


def _computer(thing: Thing) -> Json:
    bad = thing.has(FaultName.MEMORY_ECC)
    memory = _status(bad, "Warning")
    storage = [] if thing.family is Family.ILO4 else ["Storage"]
    smart = [] if thing.family is Family.XCC else ["SmartStorage"]
    return {
        "Id": "1",
        "Name": "Computer System",
        "Manufacturer": thing.peer.vendor,
        "Model": thing.peer.model,
        "SerialNumber": f"DEMO{thing.constant('serial', 100_000, 999_999)}",
        "PowerState": "On",
        "Status": _status(bad, "Warning"),
        "ProcessorSummary": {"Count": 2, "Status": {**_OK, "HealthRollup": "OK"}},
        "MemorySummary": {
            "TotalSystemMemoryGiB": 64,
            "Status": {**memory, "HealthRollup": memory["Health"]},
        },
        **{name: _link(f"{_SYSTEM}/{name}") for name in ("Memory", *storage, *smart)},
    }


def _chassis(thing: Thing) -> Json:
    bad = thing.has(FaultName.PSU_LOST) or thing.has(FaultName.FAN_FAILED)
    new = [] if thing.family is Family.ILO4 else ["PowerSubsystem", "ThermalSubsystem"]
    return {
        "Id": "1",
        "Name": "Chassis",
        "ChassisType": "RackMount",
        "Status": {**_OK, "HealthRollup": "Warning" if bad else "OK"},
        **{name: _link(f"{_CHASSIS}/{name}") for name in ("Power", "Thermal", *new)},
    }


def _manager(thing: Thing) -> Json:
    versions = {Family.ILO4: "iLO 4 v2.70", Family.ILO5: "iLO 5 v2.33", Family.XCC: "XCC 4.20"}
    return {
        "Id": "1",
        "Name": "Manager",
        "ManagerType": "BMC",
        "FirmwareVersion": versions.get(thing.family, ""),
        "Status": dict(_OK),
    }


def _memory(thing: Thing) -> dict[str, Json]:
    modules = [
        {
            "Id": f"DIMM{n}",
            "Name": f"DIMM {n}",
            "CapacityMiB": 8192,
            "Status": _status(n == _BAD_DIMM and thing.has(FaultName.MEMORY_ECC), "Warning"),
        }
        for n in range(1, 9)
    ]
    return _collection(f"{_SYSTEM}/Memory", modules)


def _supplies(thing: Thing) -> list[Json]:
    lost = thing.has(FaultName.PSU_LOST)
    found: list[Json] = []
    for n in (1, 2):
        gone = lost and n == _BAD_PSU
        watts = 0 if gone else round(thing.wave("watts", 180, 260) / (1 if lost else 2))
        found.append(
            {
                "Id": str(n),
                "MemberId": str(n - 1),
                "Name": f"PSU {n}",
                "LineInputVoltage": 0 if gone else round(thing.wave(f"line{n}", 218, 226)),
                "LastPowerOutputWatts": watts,
                "PowerCapacityWatts": 750,
                "Status": _status(gone, state="UnavailableOffline"),
            }
        )
    return found


def _power(thing: Thing, supplies: list[Json]) -> Json:
    control = {
        "MemberId": "0",
        "Name": "System Power Control",
        "PowerConsumedWatts": round(thing.wave("watts", 180, 260)),
    }
    return {"Id": "Power", "PowerSupplies": supplies, "PowerControl": [control]}


def _fans(thing: Thing) -> list[Json]:
    found: list[Json] = []
    for n in range(1, 7):
        dead = n == _BAD_FAN and thing.has(FaultName.FAN_FAILED)
        speed = 0 if dead else round(thing.wave(f"fan{n}", 25, 40))
        common = {"Id": str(n), "MemberId": str(n - 1), "Name": f"Fan {n}", "Status": _status(dead)}
        if thing.family is Family.ILO4:
            common["FanName"] = common["Name"]
        found.append({**common, "Reading": speed, "ReadingUnits": "Percent"})
    return found


def _temperatures(thing: Thing) -> list[Json]:
    places = (("Inlet Ambient", 20, 25, 42), ("CPU 1", 40, 60, 90), ("CPU 2", 40, 60, 90))
    return [
        {
            "MemberId": str(n),
            "Name": name,
            "ReadingCelsius": round(thing.wave(name, low, high)),
            "UpperThresholdCritical": limit,
            "Status": dict(_OK),
        }
        for n, (name, low, high, limit) in enumerate(places)
    ]


def _drives(thing: Thing) -> list[Json]:
    found: list[Json] = []
    for n in range(6):
        failing = n == _BAD_DRIVE and thing.has(FaultName.SERVER_DISK_PRE_FAIL)
        found.append(
            {
                "Id": str(n),
                "Name": f"Drive {n}",
                "MediaType": "HDD",
                "CapacityBytes": 600 * 10**9,
                "FailurePredicted": failing,
                "Status": _status(failing, "Warning"),
            }
        )
    return found


def _smart_storage(thing: Thing) -> dict[str, Json]:
    drives = [
        {
            "Id": drive["Id"],
            "Name": "HpSmartStorageDiskDrive",
            "Location": f"1I:1:{int(drive['Id']) + 1}",
            "MediaType": drive["MediaType"],
            "Status": drive["Status"],
        }
        for drive in _drives(thing)
    ]
    controllers = f"{_SYSTEM}/SmartStorage/ArrayControllers"
    array: Json = {
        "Id": "0",
        "Name": "HpSmartStorageArrayController",
        "Status": dict(_OK),
        "Links": {"PhysicalDrives": _link(f"{_ARRAY}/DiskDrives")},
    }
    return {
        f"{_SYSTEM}/SmartStorage": {"Links": {"ArrayControllers": _link(controllers)}},
        **_collection(controllers, [array]),
        **_collection(f"{_ARRAY}/DiskDrives", drives),
    }


def _storage(thing: Thing) -> dict[str, Json]:
    drives = _drives(thing)
    links = [_link(f"{_STORAGE}/Drives/{drive['Id']}") for drive in drives]
    storage = {"Id": "1", "Name": "RAID", "Status": dict(_OK), "Drives": links}
    return {
        **_collection(f"{_SYSTEM}/Storage", [storage]),
        **_collection(f"{_STORAGE}/Drives", drives),
    }


def _subsystems(thing: Thing, supplies: list[Json], fans: list[Json]) -> dict[str, Json]:
    power, thermal = f"{_CHASSIS}/PowerSubsystem", f"{_CHASSIS}/ThermalSubsystem"
    readings = [
        {"DeviceName": row["Name"], "Reading": row["ReadingCelsius"]}
        for row in _temperatures(thing)
    ]
    return {
        power: {"Id": "PowerSubsystem", "PowerSupplies": _link(f"{power}/PowerSupplies")},
        **_collection(f"{power}/PowerSupplies", supplies),
        thermal: {
            "Id": "ThermalSubsystem",
            "Fans": _link(f"{thermal}/Fans"),
            "ThermalMetrics": _link(f"{thermal}/ThermalMetrics"),
        },
        **_collection(f"{thermal}/Fans", fans),
        f"{thermal}/ThermalMetrics": {"TemperatureReadingsCelsius": readings},
    }
