"""VMware vSphere (ESXi, vCenter): hosts, virtual machines, datastores, alarms in one question."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import net
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import tls_context
from jingwei.probes.options import option, port
from jingwei.probes.vsphere_session import Line, Row, Seen, seen
from jingwei.terms import Reading, Reason, Target

_THREADS = Threads("vsphere", 4)
_GRACE = 2.0  # seconds after the end of an attempt in which its session is given back
Part = Literal["host", "vm", "datastore", "alarm"]

_HEALTH = "runtime.healthSystemRuntime"
_HARDWARE = "summary.hardware"
_CPU, _MEMORY = "summary.quickStats.overallCpuUsage", "summary.quickStats.overallMemoryUsage"
# What is asked of each type (vSphere Web Services API reference), for each part.
_WANTED: Mapping[Part, Mapping[str, Sequence[str]]] = {
    "host": {
        "HostSystem": (
            "name", "overallStatus", "runtime.connectionState", "runtime.inMaintenanceMode",
            f"{_HARDWARE}.cpuMhz", f"{_HARDWARE}.numCpuCores", f"{_HARDWARE}.memorySize", _CPU,
            _MEMORY, _HEALTH,
        )
    },
    "vm": {
        "HostSystem": ("config.autoStart",),
        "VirtualMachine": (
            "runtime.powerState", "guest.toolsRunningStatus", "summary.config.template",
        ),
    },
    "datastore": {
        "Datastore": ("name", "summary.capacity", "summary.freeSpace", "summary.accessible")
    },
    "alarm": {"HostSystem": ("triggeredAlarmState",), "Datacenter": ("triggeredAlarmState",)},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class VsphereOptions:
    """Options of `vsphere`."""

    port: int = port(443)
    scheme: Literal["http", "https"] = option("https", label="协议")
    host: str = option("", label="域名", help="核对证书用；空为地址本身")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    parts: tuple[Part, ...] = option(("host", "vm", "datastore", "alarm"), label="读什么")
    most: int = option(5000, label="对象数上限", minimum=1, maximum=50_000)


_READINGS = {
    "vsphere.time": ("ms", "登录、读取、注销合计用时"),
    "vsphere.version": ("", "ESXi 或 vCenter 的版本"),
    "vsphere.build": ("", "构建号"),
    "vsphere.hosts": ("count", "主机数"),
    "vsphere.hosts.connected": ("count", "已连接的主机数"),
    "vsphere.hosts.maintenance": ("count", "维护模式中的主机数"),
    "vsphere.host.connection": ("", "每台主机的连接：connected、disconnected、notResponding"),
    "vsphere.host.status": ("", "每台主机的总体状态：green、yellow、red、gray（未知）"),
    "vsphere.host.cpu": ("%", "每台主机的 CPU 使用率"),
    "vsphere.host.memory": ("%", "每台主机的内存使用率"),
    "vsphere.host.sensors_bad": ("count", "每台主机黄或红的硬件传感器数，主机提供才有"),
    "vsphere.vms": ("count", "虚机数，不含模板"),
    "vsphere.vms.on": ("count", "开机的虚机数"),
    "vsphere.vms.tools_down": ("count", "开机而 VMware Tools 未运行的虚机数"),
    "vsphere.vms.should_run": ("count", "设为随主机自动启动而没有开机的虚机数，启用自动启动才有"),
    "vsphere.datastores": ("count", "数据存储数"),
    "vsphere.datastores.inaccessible": ("count", "不可访问的数据存储数"),
    "vsphere.datastores.fullest": ("%", "最满的数据存储的使用率"),
    "vsphere.datastore.used": ("%", "每个数据存储的使用率"),
    "vsphere.alarms": ("count", "已触发的告警数，仅 vCenter"),
}


@probe(
    "vsphere",
    label="VMware 虚拟化",
    options=VsphereOptions,
    readings=_READINGS,
    secrets=("user", "password"),
    silence="地址不通，或 vSphere 服务不应答",
)
async def vsphere(target: Target, options: VsphereOptions) -> list[Reading]:
    """以只读账号登录 ESXi 或 vCenter，一次批量读取主机、虚机、数据存储与告警后注销。

    账号需对整个清单有可传播的“只读”角色；看不到的对象不会被计入。登录失败不重试，以免锁定账号。
    """
    user, password = target.secrets.get("user", ""), target.secrets.get("password", "")
    if not user or not password:
        raise ProbeError("没有为该主机配置 vSphere 账号", Reason.COLLECTOR)
    place = await net.reachable(target.address, options.port)
    name = options.host or target.address.strip("[]")
    context = tls_context(options.verify, options.ca_file) if options.scheme == "https" else None
    seconds = time_left()
    # A little less than the frame gives, so that the session can still be given back.
    until = time.monotonic() + seconds - min(0.5, seconds / 5)
    line = Line(place.ip, options.port, name, context, until)
    started = time.perf_counter()
    try:
        found = await _THREADS.call(
            lambda: seen(line, user, password, wanted(options.parts), options.most)
        )
    finally:
        asyncio.get_running_loop().call_later(_GRACE, line.cut)
    took = time.perf_counter() - started
    return [Reading("vsphere.time", took * 1000, "ms"), *read(found, options.parts)]


def wanted(parts: Sequence[Part]) -> dict[str, list[str]]:
    """Type -> the property paths these parts need. Pure."""
    paths: dict[str, list[str]] = {}
    for one in parts:
        for kind, names in _WANTED[one].items():
            paths.setdefault(kind, []).extend(n for n in names if n not in paths[kind])
    return paths


def read(found: Seen, parts: Sequence[Part]) -> list[Reading]:
    """The readings of a session. Pure. Raises ProbeError when no host can be seen."""
    hosts = found.rows.get("HostSystem", ())
    if "HostSystem" in found.rows and not hosts:
        raise ProbeError("看不到任何主机：账号没有清单权限，或 vCenter 中没有主机", Reason.REFUSED)
    readings = [
        Reading(f"vsphere.{word}", str(value))
        for word in ("version", "build")
        if (value := getattr(found.about, word, None))
    ]
    if "host" in parts:
        readings += hosts_read(hosts)
    if "vm" in parts:
        readings += machines_read(found.rows["VirtualMachine"], hosts)
    if "datastore" in parts:
        readings += datastores_read(found.rows["Datastore"])
    if "alarm" in parts and found.alarms:  # an ESXi by itself keeps none: no reading, not zero
        rows = (*hosts, *found.rows["Datacenter"])
        # A data center repeats the alarms of what is in it.
        keys = {alarm.key for row in rows for alarm in row.get("triggeredAlarmState") or ()}
        readings.append(Reading("vsphere.alarms", len(keys), "count"))
    return readings


def hosts_read(rows: Sequence[Row]) -> list[Reading]:
    """The readings of the hosts, all of them and each. Pure."""
    readings = [
        Reading("vsphere.hosts", len(rows), "count"),
        *_counted(rows, "runtime.connectionState", "connected", "vsphere.hosts.connected"),
        *_counted(rows, "runtime.inMaintenanceMode", "True", "vsphere.hosts.maintenance"),
    ]
    for name, row in _named(rows):
        for key, word in (("runtime.connectionState", "connection"), ("overallStatus", "status")):
            if row.get(key):
                readings.append(Reading(f"vsphere.host.{word}", str(row[key]), "", name))
        if row.get("runtime.connectionState") != "connected":  # what it said last is no news
            continue
        mhz, cores = row.get(f"{_HARDWARE}.cpuMhz"), row.get(f"{_HARDWARE}.numCpuCores")
        readings += _share("host.cpu", row.get(_CPU), (mhz or 0) * (cores or 0), name)
        size = row.get(f"{_HARDWARE}.memorySize") or 0
        readings += _share("host.memory", row.get(_MEMORY), size / 2**20, name)
        health = list(_sensors(row.get(_HEALTH)))
        if health:
            bad = sum(color in ("yellow", "red") for color in health)
            readings.append(Reading("vsphere.host.sensors_bad", bad, "count", name))
    return readings


def _sensors(health: Any) -> list[str]:
    """The colors of every sensor and part: green, yellow, red, unknown (HealthSystemRuntime)."""
    system = getattr(health, "systemHealthInfo", None)
    hardware = getattr(health, "hardwareStatusInfo", None)
    states = [one.healthState for one in getattr(system, "numericSensorInfo", None) or ()]
    for kind in ("cpuStatusInfo", "memoryStatusInfo", "storageStatusInfo"):
        states += [one.status for one in getattr(hardware, kind, None) or ()]
    return [str(state.key).lower() for state in states if state is not None]


def machines_read(rows: Sequence[Row], hosts: Sequence[Row]) -> list[Reading]:
    """The readings of the virtual machines. Pure."""
    machines = [row for row in rows if row.get("summary.config.template") is not True]
    readings = [
        Reading("vsphere.vms", len(machines), "count"),
        *_counted(machines, "runtime.powerState", "poweredOn", "vsphere.vms.on"),
    ]
    running = [row for row in machines if row.get("runtime.powerState") == "poweredOn"]
    if any(row.get("runtime.powerState") for row in machines) or not machines:
        readings += _counted(
            running, "guest.toolsRunningStatus", "guestToolsNotRunning", "vsphere.vms.tools_down"
        )
    should = _started_with(hosts)
    if should is not None:
        off = {row["id"] for row in machines if row.get("runtime.powerState") == "poweredOff"}
        readings.append(Reading("vsphere.vms.should_run", len(should & off), "count"))
    return readings


def _started_with(hosts: Sequence[Row]) -> set[str] | None:
    """Machines the hosts start by themselves; None when no host does so at all."""
    found: set[str] | None = None
    for host in hosts:
        config = host.get("config.autoStart")
        if config is None or not getattr(config.defaults, "enabled", False):
            continue
        found = found or set()
        for one in config.powerInfo or ():
            if str(one.startAction).lower() == "poweron":
                found.add(one.key._moId)
    return found


def datastores_read(rows: Sequence[Row]) -> list[Reading]:
    """The readings of the datastores. Pure."""
    readings = [
        Reading("vsphere.datastores", len(rows), "count"),
        *_counted(rows, "summary.accessible", "False", "vsphere.datastores.inaccessible"),
    ]
    shares: list[Reading] = []
    for name, row in _named(rows):
        size, free = row.get("summary.capacity"), row.get("summary.freeSpace")
        if row.get("summary.accessible") is False or free is None:
            continue  # the sizes of what nobody reaches are old
        shares += _share("datastore.used", (size or 0) - free, size or 0, name)
    if shares:
        fullest = max(float(one.value) for one in shares)
        readings.append(Reading("vsphere.datastores.fullest", fullest, "%"))
    return readings + shares


def _named(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Each row with its name; names that are not alone take their identity along."""
    names = Counter(str(row.get("name", "")) for row in rows)
    return [
        (name if name and names[name] == 1 else f"{name} {row['id']}".strip(), row)
        for row in rows
        for name in (str(row.get("name", "")),)
    ]


def _counted(rows: Sequence[Row], key: str, word: str, reading: str) -> list[Reading]:
    """How many rows have that word. No reading when there are rows and none of them tells."""
    told = [str(row[key]) for row in rows if row.get(key) is not None]
    return [Reading(reading, told.count(word), "count")] if told or not rows else []


def _share(reading: str, used: Any, whole: float, name: str) -> list[Reading]:
    if not isinstance(used, int) or whole <= 0:
        return []
    return [Reading(f"vsphere.{reading}", round(100 * used / whole, 1), "%", name)]
