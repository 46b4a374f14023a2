"""What an ESXi host of the region holds: itself, its virtual machines, its datastores."""

from collections.abc import Mapping
from dataclasses import dataclass

from jingwei.region.fault_names import FaultName
from jingwei.region.mibs.host import cpu_percent, used_percent
from jingwei.region.thing import Thing

_MHZ, _CORES, _MEMORY = 2600, 12, 64 * 2**30
_MACHINES = 6  # the last is a spare that nobody starts
_DOWN = 2
_STORES = (("datastore1", 558 * 10**9), ("vm-data", 1200 * 10**9))
_RAM = 1  # of `used_percent`
Property = tuple[str, str]  # xsi:type, and what is inside


@dataclass(frozen=True, slots=True)
class Object:
    """One managed object: its type, its key, its properties by path."""

    kind: str
    key: str
    properties: Mapping[str, Property]


def inventory(thing: Thing) -> list[Object]:
    """Everything there is."""
    machines = [_machine(thing, number) for number in range(1, _MACHINES + 1)]
    return [_host(thing), *machines, *(_store(thing, n) for n in range(len(_STORES)))]


def _host(thing: Thing) -> Object:
    busy = sum(cpu_percent(thing, n) for n in range(4)) / 4
    status = "red" if thing.has(FaultName.HOST_ALARM) else "green"
    return Object("HostSystem", "ha-host", {
        "name": ("xsd:string", f"{thing.key.lower()}.region.test"),
        "overallStatus": ("ManagedEntityStatus", status),
        "runtime.connectionState": ("HostSystemConnectionState", "connected"),
        "runtime.inMaintenanceMode": ("xsd:boolean", "false"),
        "summary.hardware.cpuMhz": ("xsd:int", str(_MHZ)),
        "summary.hardware.numCpuCores": ("xsd:short", str(_CORES)),
        "summary.hardware.memorySize": ("xsd:long", str(_MEMORY)),
        "summary.quickStats.overallCpuUsage": ("xsd:int", str(round(_MHZ * _CORES * busy / 100))),
        "summary.quickStats.overallMemoryUsage": (
            "xsd:int", str(round(_MEMORY / 2**20 * used_percent(thing, _RAM) / 100)),
        ),
        "runtime.healthSystemRuntime": ("HealthSystemRuntime", _health(thing)),
        "config.autoStart": ("HostAutoStartManagerConfig", _auto_start()),
    })  # fmt: skip


def _health(thing: Thing) -> str:
    """The sensors the host hands on from its controller."""
    sensors = [
        *((f"Fan {n}", n == 2 and thing.has(FaultName.FAN_FAILED)) for n in range(1, 5)),
        *((f"Power Supply {n}", n == 2 and thing.has(FaultName.PSU_LOST)) for n in (1, 2)),
    ]
    rows = "".join(
        f"<numericSensorInfo><name>{name}</name><healthState><label>{color.title()}</label>"
        f"<summary>{color}</summary><key>{color}</key></healthState><currentReading>0"
        "</currentReading><unitModifier>0</unitModifier><baseUnits></baseUnits>"
        "<sensorType>system</sensorType></numericSensorInfo>"
        for name, bad in sensors
        for color in ("red" if bad else "green",)
    )
    return f"<systemHealthInfo>{rows}</systemHealthInfo>"


def _auto_start() -> str:
    rows = "".join(
        f'<powerInfo><key type="VirtualMachine">{number}</key><startOrder>{number}</startOrder>'
        "<startDelay>120</startDelay><waitForHeartbeat>systemDefault</waitForHeartbeat>"
        "<startAction>powerOn</startAction><stopDelay>-1</stopDelay>"
        "<stopAction>systemDefault</stopAction></powerInfo>"
        for number in range(1, _MACHINES)
    )
    return f"<defaults><enabled>true</enabled></defaults>{rows}"


def _machine(thing: Thing, number: int) -> Object:
    off = number == _MACHINES or (number == _DOWN and thing.has(FaultName.VM_DOWN))
    return Object("VirtualMachine", str(number), {
        "runtime.powerState": ("VirtualMachinePowerState", "poweredOff" if off else "poweredOn"),
        "guest.toolsRunningStatus": (
            "xsd:string", "guestToolsNotRunning" if off else "guestToolsRunning",
        ),
        "summary.config.template": ("xsd:boolean", "false"),
    })  # fmt: skip


def _store(thing: Thing, number: int) -> Object:
    name, size = _STORES[number]
    full = number == 1 and thing.has(FaultName.DATASTORE_FULL)
    used = 97.2 if full else thing.constant(f"datastore{number}", 38, 66)
    return Object("Datastore", f"store-{number}", {
        "name": ("xsd:string", name),
        "summary.capacity": ("xsd:long", str(size)),
        "summary.freeSpace": ("xsd:long", str(round(size * (1 - used / 100)))),
        "summary.accessible": ("xsd:boolean", "true"),
    })  # fmt: skip
