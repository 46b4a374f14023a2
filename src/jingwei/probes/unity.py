"""Dell EMC Unity over Unisphere's REST API: controllers, pools, disks, power, fans, alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import rest
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option
from jingwei.probes.rest import Answer, PlaceOptions, part
from jingwei.terms import Reading, Reason, Target

_WHO = "Unisphere"
_HEADERS = {"X-EMC-REST-CLIENT": "true", "Accept": "application/json"}
Part = Literal["controller", "pool", "disk", "power", "fan", "battery", "alert"]
_TYPES: Mapping[str, str] = {
    "controller": "storageProcessor", "pool": "pool", "disk": "disk", "power": "powerSupply",
    "fan": "fan", "battery": "battery", "alert": "alert",
}  # fmt: skip
_FIELDS = {"pool": ",sizeTotal,sizeFree", "alert": ",severity,state"}
# HealthEnum of the Unity REST API reference; 5 alone is good.
_HEALTH = {
    0: "unknown", 5: "normal", 7: "ok-but", 10: "degraded", 15: "minor", 20: "fault",
    25: "critical", 30: "non-recoverable",
}  # fmt: skip
_CRITICAL, _INACTIVE = 2, 2  # SeverityEnum: 0 emergency, 1 alert, 2 critical; AlertStateEnum


@dataclass(frozen=True, kw_only=True)
class UnityOptions(PlaceOptions):
    """Options of `storage.unity`."""

    parts: tuple[Part, ...] = option(
        ("controller", "pool", "disk", "power", "fan", "battery", "alert"), label="查看的部件"
    )


@probe(
    "storage.unity",
    label="Dell EMC Unity 阵列",
    options=UnityOptions,
    readings={
        "unity.time": ("ms", "全部查询合计用时"),
        "controller.health": ("", "每个控制器（SP）的健康"),
        "pool.health": ("", "每个存储池的健康"),
        "pool.total": ("B", "存储池容量"),
        "pool.free": ("B", "存储池剩余"),
        "disk.health": ("", "每块磁盘的健康"),
        "power.health": ("", "每个电源的健康"),
        "fan.health": ("", "每个风扇的健康"),
        "battery.health": ("", "每个电池的健康"),
        "alert.critical": ("count", "未恢复的严重告警数"),
    },
    protocol="unisphere",
    secrets=("user", "password"),
    silence="地址不通，或管理口不应答",
)
async def unity(target: Target, options: UnityOptions) -> list[Reading]:
    """以只读账号（Operator 角色）经 REST 读取各部件的健康与容量，不改动任何配置。"""
    if not target.secrets.get("user"):
        raise ProbeError("没有为该阵列配置 REST 账号", Reason.COLLECTOR)
    took, readings = 0.0, []
    for kind in options.parts:
        fields = "id,name,health" if kind != "alert" else "id"
        path = f"/api/types/{_TYPES[kind]}/instances?compact=true&fields={fields}"
        page = options.page(path=path + _FIELDS.get(kind, ""), headers=_HEADERS)
        said = await rest.answer(target, page, who=_WHO)
        took += said.took
        readings += alerts_read(said) if kind == "alert" else parts_read(kind, said)
    return [Reading("unity.time", took * 1000, "ms"), *readings]


def rows_of(said: Answer) -> list[Mapping[str, Any]]:
    """The instances of an answer. Pure. Raises ProbeError when it lists none."""
    if said.status != 200:
        raise ProbeError(f"{_WHO} 返回状态码 {said.status}")
    entries = part(said.document, "entries")
    found = [part(entry, "content") for entry in entries] if isinstance(entries, list) else [None]
    rows: list[Mapping[str, Any]] = [row for row in found if isinstance(row, dict)]
    if len(rows) < len(found):
        raise ProbeError("应答不是 Unity 的对象列表，对方可能不是 Unity 阵列")
    return rows


def parts_read(kind: str, said: Answer) -> list[Reading]:
    """The health of every part of a kind; a pool's sizes too. Pure."""
    readings = []
    for row in rows_of(said):
        name = str(row.get("name") or row.get("id") or "")
        value = part(row.get("health"), "value")
        word = _HEALTH.get(value, f"code-{value}") if isinstance(value, int) else "unknown"
        readings.append(Reading(f"{kind}.health", word, "", name))
        for key, reading in (("sizeTotal", "total"), ("sizeFree", "free")):
            size = row.get(key)
            if isinstance(size, int) and not isinstance(size, bool):
                readings.append(Reading(f"{kind}.{reading}", size, "B", name))
    return readings


def alerts_read(said: Answer) -> list[Reading]:
    """How many critical alerts stand. Pure."""
    count = 0
    for row in rows_of(said):
        severity, state = row.get("severity"), row.get("state")
        count += isinstance(severity, int) and severity <= _CRITICAL and state != _INACTIVE
    return [Reading("alert.critical", count, "count")]
