"""Redfish: power, fans, temperatures, drives, memory and system health (DMTF DSP0266, DSP2046).

Old (Power, Thermal) and new (PowerSubsystem, ThermalSubsystem) schemas are both read.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import Connection, Origin, Request, decoded
from jingwei.probes.options import option
from jingwei.probes.values import at_least_one
from jingwei.terms import Reading, Reason, Target

Part = Literal["power", "thermal", "drives", "memory", "system"]
Json = dict[str, Any]

_MAX_BODY = 4_194_304
_MAX_ASKED = 400  # resources in one question: a tree that points at itself ends here


@dataclass(frozen=True, kw_only=True)
class RedfishOptions:
    """Options of `redfish`."""

    port: int = option(
        0, label="端口", minimum=0, maximum=65535, help="0 为默认：https 443，http 80"
    )
    scheme: Literal["https", "http"] = option("https", label="协议")
    what: tuple[Part, ...] = option(
        ("system", "power", "thermal", "drives", "memory"), label="读取部分"
    )
    auth: Literal["basic", "session"] = option("basic", label="认证方式")
    verify: bool = option(False, label="校验证书", help="管理口多为自签名证书")
    ca_file: str = option("", label="内部 CA 证书文件")


@probe(
    "redfish",
    label="Redfish 硬件健康",
    options=RedfishOptions,
    readings={
        "redfish.system.health": ("", "整机健康：OK、Warning、Critical"),
        "redfish.power_state": ("", "电源状态：On、Off"),
        "redfish.psu.health": ("", "电源模块健康"),
        "redfish.psu.state": ("", "电源模块状态：Enabled、Absent 等"),
        "redfish.power": ("W", "整机功率"),
        "redfish.fan.health": ("", "风扇健康"),
        "redfish.temperature": ("°C", "温度"),
        "redfish.drive.health": ("", "磁盘健康"),
        "redfish.drive.predicted_failure": ("", "磁盘预警"),
        "redfish.drive.life_left": ("%", "固态盘剩余寿命"),
        "redfish.memory.health": ("", "内存健康"),
    },
    secrets=("user", "password"),
    silence="地址不通，或管理口不应答",
)
async def redfish(target: Target, options: RedfishOptions) -> list[Reading]:
    """沿资源树读取。缺失的部分不给读数；一个都没有则为协议错误。"""
    client = _Client(target, options)
    try:
        await client.log_in()
        tree = await collect(client, options.what)
    finally:
        await client.log_out()
        await client.close()
    return at_least_one(judged(tree), "该管理口没有所问的 Redfish 资源")


@dataclass(slots=True)
class Tree:
    """What was read: (owner id, resource) pairs, by part."""

    systems: list[Json] = field(default_factory=list)
    power_supplies: list[Json] = field(default_factory=list)
    power_controls: list[Json] = field(default_factory=list)
    fans: list[Json] = field(default_factory=list)
    temperatures: list[Json] = field(default_factory=list)
    drives: list[Json] = field(default_factory=list)
    memory: list[Json] = field(default_factory=list)


class Source:
    """Something that gives resources by path: the network, or a recorded sample."""

    async def get(self, path: str) -> Json | None:
        """The resource, or None when there is none (404)."""
        raise NotImplementedError


async def collect(source: Source, what: Sequence[str]) -> Tree:
    """Walk the parts that are wanted."""
    tree = Tree()
    root = await source.get("/redfish/v1/")
    if root is None:
        raise ProbeError("该地址没有 Redfish 服务")
    if {"system", "drives", "memory"} & set(what):
        async for system in _members(source, _link(root, "Systems") or "/redfish/v1/Systems"):
            tree.systems.append(system)
            await _system(source, system, what, tree)
    if {"power", "thermal"} & set(what):
        async for chassis in _members(source, _link(root, "Chassis") or "/redfish/v1/Chassis"):
            if "power" in what:
                await _power(source, chassis, tree)
            if "thermal" in what:
                await _thermal(source, chassis, tree)
    if "system" not in what:
        tree.systems.clear()
    return tree


async def _system(source: Source, system: Json, what: Sequence[str], tree: Tree) -> None:
    if "drives" in what and (storages := _link(system, "Storage")):
        async for storage in _members(source, storages):
            for link in _rows(storage, "Drives"):
                drive = await _opened(source, link)
                if drive is not None:
                    tree.drives.append({"Storage": storage.get("Id", ""), **drive})
    if "memory" in what and (modules := _link(system, "Memory")):
        async for module in _members(source, modules):
            tree.memory.append(module)


async def _power(source: Source, chassis: Json, tree: Tree) -> None:
    if new := await _linked(source, chassis, "PowerSubsystem"):
        if supplies := _link(new, "PowerSupplies"):
            async for supply in _members(source, supplies):
                tree.power_supplies.append(supply)
    elif old := await _linked(source, chassis, "Power"):
        tree.power_supplies += _rows(old, "PowerSupplies")
        tree.power_controls += _rows(old, "PowerControl")


async def _thermal(source: Source, chassis: Json, tree: Tree) -> None:
    new = await _linked(source, chassis, "ThermalSubsystem")
    if new is None:
        if old := await _linked(source, chassis, "Thermal"):
            tree.fans += _rows(old, "Fans")
            tree.temperatures += _rows(old, "Temperatures")
        return
    if fans := _link(new, "Fans"):
        async for fan in _members(source, fans):
            tree.fans.append(fan)
    if metrics := await _linked(source, new, "ThermalMetrics"):
        for row in _rows(metrics, "TemperatureReadingsCelsius"):
            name = row.get("DeviceName") or row.get("PhysicalContext")
            tree.temperatures.append({"Name": name, "ReadingCelsius": row.get("Reading")})


def judged(tree: Tree) -> list[Reading]:
    """Readings of a tree. Pure."""
    readings: list[Reading] = []
    several = len(tree.systems) > 1
    for system in tree.systems:
        instance = str(system.get("Id", "")) if several else ""
        readings += _health("redfish.system.health", system, instance)
        if isinstance(system.get("PowerState"), str):
            readings.append(Reading("redfish.power_state", system["PowerState"], "", instance))
    for supply, name in named(tree.power_supplies):
        readings += _health("redfish.psu.health", supply, name)
        if state := _status(supply).get("State"):
            readings.append(Reading("redfish.psu.state", str(state), "", name))
    for control, name in named(tree.power_controls):
        many = len(tree.power_controls) > 1
        readings += _number("redfish.power", control.get("PowerConsumedWatts"), "W", name * many)
    for fan, name in named(_present(tree.fans)):
        readings += _health("redfish.fan.health", fan, name)
    for sensor, name in named(_present(tree.temperatures)):
        readings += _number("redfish.temperature", sensor.get("ReadingCelsius"), "°C", name)
    for module, name in named(_present(tree.memory)):
        readings += _health("redfish.memory.health", module, name)
    for drive, name in named(_present(tree.drives)):
        readings += _drive(drive, name)
    return readings


def _drive(drive: Json, name: str) -> list[Reading]:
    readings = _health("redfish.drive.health", drive, name)
    if isinstance(drive.get("FailurePredicted"), bool):
        predicted = drive["FailurePredicted"]
        readings.append(Reading("redfish.drive.predicted_failure", predicted, "", name))
    life = drive.get("PredictedMediaLifeLeftPercent")
    return readings + _number("redfish.drive.life_left", life, "%", name)


def named(rows: Sequence[Json]) -> list[tuple[Json, str]]:
    """Each row with a name of its own: Name where names differ, else Id, else its place."""
    for key in (("Name",), ("Id",), ("MemberId",), ("Storage", "Id"), ("Storage", "Name")):
        names = ["/".join(str(row.get(part) or "") for part in key) for row in rows]
        if all(name.strip("/") for name in names) and len(set(names)) == len(names):
            return list(zip(rows, names, strict=True))
    return [(row, str(number)) for number, row in enumerate(rows, start=1)]


def _present(rows: Sequence[Json]) -> list[Json]:
    """Without empty slots. (An absent power supply is told apart: it may be a lost one.)"""
    return [row for row in rows if _status(row).get("State") != "Absent"]


def _status(row: Json) -> Json:
    status = row.get("Status")
    return status if isinstance(status, dict) else {}


def _health(name: str, row: Json, instance: str) -> list[Reading]:
    health = _status(row).get("Health")
    return [Reading(name, health, "", instance)] if isinstance(health, str) and health else []


def _number(name: str, value: Any, unit: str, instance: str) -> list[Reading]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [Reading(name, value, unit, instance)]


# -- walking


def _link(resource: Json, name: str) -> str:
    link = resource.get(name)
    path = link.get("@odata.id") if isinstance(link, dict) else None
    return path if isinstance(path, str) else ""


def _rows(resource: Json, name: str) -> list[Json]:
    rows = resource.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


async def _linked(source: Source, resource: Json, name: str) -> Json | None:
    path = _link(resource, name)
    return await source.get(path) if path else None


async def _opened(source: Source, member: Json) -> Json | None:
    """A member: given in full ($expand), or as a link to follow."""
    path = member.get("@odata.id")
    if isinstance(path, str) and len(member) == 1:
        return await source.get(path)
    return member


async def _members(source: Source, path: str) -> AsyncIterator[Json]:
    """Members of a collection, over its pages."""
    seen: set[str] = set()
    while path and path not in seen:
        seen.add(path)
        collection = await source.get(path)
        if collection is None:
            return
        for member in _rows(collection, "Members"):
            resource = await _opened(source, member)
            if resource is not None:
                yield resource
        following = collection.get("Members@odata.nextLink")
        path = following if isinstance(following, str) else ""


class _Client(Source):
    """Resources over one kept connection; opened again when the controller closes it."""

    def __init__(self, target: Target, options: RedfishOptions) -> None:
        tls = options.scheme == "https"
        port = options.port or (443 if tls else 80)
        self._origin = Origin(tls, target.address, port, "", options.verify, options.ca_file)
        self._host = target.address if port in (80, 443) else f"{target.address}:{port}"
        self._secrets = target.secrets
        self._auth = options.auth
        self._headers: tuple[tuple[str, str], ...] = ()
        self._session = ""
        self._asked = 0
        self._connection: Connection | None = None

    async def log_in(self) -> None:
        """Basic needs no question of its own; a session is made by POST (DSP0266 13.3.4)."""
        user = self._secrets.get("user") or self._secrets.get("username")
        if not user:
            return
        password = self._secrets.get("password", "")
        if self._auth == "basic":
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers = (("Authorization", f"Basic {pair}"),)
            return
        body = json.dumps({"UserName": user, "Password": password}).encode()
        made = await self._send("POST", "/redfish/v1/SessionService/Sessions", body)
        token = made.header("x-auth-token")
        if made.status not in (200, 201) or not token:
            raise ProbeError(f"登录失败（HTTP {made.status}）", Reason.REFUSED)
        self._headers = (("X-Auth-Token", token),)
        location = made.header("location")
        self._session = location[location.find("/redfish/") :] if "/redfish/" in location else ""

    async def log_out(self) -> None:
        """Controllers have few session slots: give ours back, also after a failure or a timeout."""
        if self._session:
            with suppress(ProbeError, OSError, EOFError):
                async with asyncio.timeout(2):
                    await self._send("DELETE", self._session)

    async def get(self, path: str) -> Json | None:
        """One resource. Raises ProbeError for a refusal, a server error, or what is no JSON."""
        if not path.startswith("/") or not path.isprintable() or " " in path:
            raise ProbeError(f"资源路径无法理解：{path[:80]!r}")
        self._asked += 1
        if self._asked > _MAX_ASKED:
            raise ProbeError(f"资源超过 {_MAX_ASKED} 个，已停止")
        response = await self._send("GET", path)
        if response.status == 404:
            return None
        if response.status in (401, 403):
            raise ProbeError("登录被拒绝：用户或密码不对，或权限不足", Reason.REFUSED)
        if response.status != 200:
            raise ProbeError(f"{path} 返回 HTTP {response.status}")
        try:
            document = json.loads(decoded(response, _MAX_BODY))
        except (ValueError, RecursionError):
            raise ProbeError(f"{path} 不是有效的 JSON") from None
        if not isinstance(document, dict):
            raise ProbeError(f"{path} 不是 Redfish 资源")
        return document

    async def _send(self, method: str, path: str, body: bytes = b"") -> Any:
        headers = (("Host", self._host), ("Accept", "application/json"), *self._headers)
        if body:
            headers = (*headers, ("Content-Type", "application/json"))
        fresh = self._connection is None or not self._connection.usable
        connection = await self._open() if fresh else self._connection
        request = Request(method, path, headers, body)
        try:
            response = await connection.send(request, _MAX_BODY)  # type: ignore[union-attr]
        except (ProbeError, OSError, EOFError):
            if fresh or method == "POST":
                raise
            # The controller closed the kept connection while we asked: once more, on a new one.
            connection = await self._open()
            response = await connection.send(request, _MAX_BODY)
        if not response.keep_alive or response.truncated:
            await self.close()
        return response

    async def _open(self) -> Connection:
        await self.close()
        self._connection = await Connection(self._origin).__aenter__()
        return self._connection

    async def close(self) -> None:
        """Cut the connection."""
        if self._connection is not None:
            await self._connection.__aexit__()
            self._connection = None
