"""Huawei OceanStor over DeviceManager's REST API: controllers, pools, disks, power, fans, alarms.

Every error comes as HTTP 200 with `error.code`. The session is given back whatever happens: an
array has few of them, and one lost with every check would lock the administrators out.
"""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from jingwei.probes import rest
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.http1 import Response, decoded
from jingwei.probes.options import option
from jingwei.probes.rest import PlaceOptions, part
from jingwei.terms import Reading, Reason, Target

_ROOT = "/deviceManager/rest"
_JSON = {"Content-Type": "application/json"}
_PORT = 8088
_SECTOR = 512  # capacities are counted in sectors
Part = Literal["controller", "pool", "disk", "power", "fan", "alert"]
_PATHS: Mapping[str, str] = {
    "controller": "controller", "pool": "storagepool", "disk": "disk", "power": "power",
    "fan": "fan", "alert": "alarm/currentalarm",
}  # fmt: skip
_HEALTH = {"0": "unknown", "1": "normal", "2": "fault", "3": "pre-fail", "5": "degraded"}
_RUNNING = {
    "1": "normal", "2": "running", "14": "pre-copy", "16": "reconstruction", "27": "online",
    "28": "offline", "32": "balancing", "53": "initializing",
}  # fmt: skip
_MAJOR = 5  # alarm levels: 2 informational, 3 warning, 5 major, 6 critical
_NO_SESSION, _WRONG_LOGIN = -401, (1077987870, 1077949061, 1077987871)


@dataclass(frozen=True, kw_only=True)
class OceanStorOptions(PlaceOptions):
    """Options of `storage.oceanstor`."""

    port: int = option(_PORT, label="端口", minimum=1, maximum=65535)
    parts: tuple[Part, ...] = option(
        ("controller", "pool", "disk", "power", "fan", "alert"), label="查看的部件"
    )


@probe(
    "storage.oceanstor",
    label="华为 OceanStor 阵列",
    options=OceanStorOptions,
    readings={
        "oceanstor.time": ("ms", "登录与全部查询合计用时"),
        "controller.health": ("", "每个控制器的健康"),
        "controller.running": ("", "每个控制器的运行状态"),
        "pool.health": ("", "每个存储池的健康"),
        "pool.running": ("", "每个存储池的运行状态"),
        "pool.total": ("B", "存储池容量"),
        "pool.free": ("B", "存储池剩余"),
        "disk.health": ("", "每块磁盘的健康"),
        "disk.running": ("", "每块磁盘的运行状态"),
        "disk.temperature": ("°C", "磁盘温度"),
        "power.health": ("", "每个电源的健康"),
        "power.running": ("", "每个电源的运行状态"),
        "fan.health": ("", "每个风扇的健康"),
        "fan.running": ("", "每个风扇的运行状态"),
        "alert.critical": ("count", "未恢复的重要与紧急告警数"),
    },
    protocol="devicemanager",
    secrets=("user", "password"),
    silence="地址不通，或管理口不应答",
)
async def oceanstor(target: Target, options: OceanStorOptions) -> list[Reading]:
    """以只读账号登录 DeviceManager，读取各部件后注销；登录失败时不再重试，以免锁定账号。"""
    if not target.secrets.get("user"):
        raise ProbeError("没有为该阵列配置 REST 账号", Reason.COLLECTOR)
    started = time.perf_counter()
    bare = replace(target, secrets={})  # the login goes into the session, not into each header
    device, page = await _log_in(bare, target.secrets, options)
    readings: list[Reading] = []
    try:
        for kind in options.parts:
            document = await _told(bare, replace(page, path=f"{_ROOT}/{device}/{_PATHS[kind]}"))
            readings += alarms_read(document) if kind == "alert" else parts_read(kind, document)
    finally:
        with suppress(ProbeError, OSError):
            await fetched(bare, replace(page, path=f"{_ROOT}/{device}/sessions"), method="DELETE")
    took = time.perf_counter() - started
    return [Reading("oceanstor.time", took * 1000, "ms"), *readings]


async def _log_in(
    target: Target, secrets: Mapping[str, str], options: OceanStorOptions
) -> tuple[str, HttpOptions]:
    """The device's id, and a page that carries the session. Raises ProbeError."""
    login = {"username": secrets["user"], "password": secrets.get("password", ""), "scope": "0"}
    page = options.page(
        path=f"{_ROOT}/xxxxx/sessions", method="POST", body=json.dumps(login), headers=_JSON
    )
    _, response = await fetched(target, page)
    document = document_of(response)
    held = part(document, "data")
    device, token = part(held, "deviceid"), part(held, "iBaseToken")
    if not (isinstance(device, str) and isinstance(token, str) and device.isalnum()):
        raise ProbeError("登录应答没有设备号与令牌，对方可能不是 OceanStor 阵列")
    cookie = response.header("set-cookie").partition(";")[0]
    headers = {**_JSON, "iBaseToken": token, **({"Cookie": cookie} if cookie else {})}
    return device, options.page(headers=headers)


async def _told(target: Target, page: HttpOptions) -> Any:
    _, response = await fetched(target, page)
    return document_of(response)


def document_of(response: Response) -> Any:
    """The document of an answer. Raises ProbeError for `error.code` and what is none."""
    if response.status != 200:
        raise ProbeError(f"DeviceManager 返回状态码 {response.status}")
    if response.truncated:
        raise ProbeError("DeviceManager 的应答过长，未读完，不取部分结果")
    try:
        document = json.loads(decoded(response, rest.MOST_BYTES))
    except (ValueError, RecursionError):
        raise ProbeError("应答不是 JSON，对方可能不是 OceanStor 阵列") from None
    error = part(document, "error")
    code = part(error, "code")
    if not isinstance(code, int):
        raise ProbeError("应答没有 error.code，对方可能不是 OceanStor 阵列")
    if code in _WRONG_LOGIN:
        raise ProbeError("登录被拒绝：用户或口令不对，或账号已锁定", Reason.REFUSED)
    if code == _NO_SESSION:
        raise ProbeError("会话无效或账号没有权限", Reason.REFUSED)
    if code:
        raise ProbeError(f"DeviceManager 错误 {code}：{str(part(error, 'description'))[:100]}")
    return document


def _rows(document: Any) -> list[Mapping[str, Any]]:
    rows = part(document, "data")
    if rows is None:  # an array leaves the list out when it has none of a part
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProbeError("应答的 data 不是列表，对方可能不是 OceanStor 阵列")
    return rows


def parts_read(kind: str, document: Any) -> list[Reading]:
    """Health and running state of every part of a kind, sizes and degrees too. Pure."""
    readings = []
    for row in _rows(document):
        name = str(row.get("LOCATION") or row.get("NAME") or row.get("ID") or "")
        for key, reading, words in (
            ("HEALTHSTATUS", "health", _HEALTH), ("RUNNINGSTATUS", "running", _RUNNING),
        ):  # fmt: skip
            raw = str(row.get(key, "0"))
            readings.append(Reading(f"{kind}.{reading}", words.get(raw, f"code-{raw}"), "", name))
        for key, reading in (("USERTOTALCAPACITY", "total"), ("USERFREECAPACITY", "free")):
            size = _whole(row.get(key))
            if kind == "pool" and size is not None:
                readings.append(Reading(f"pool.{reading}", size * _SECTOR, "B", name))
        degrees = _whole(row.get("TEMPERATURE"))
        if kind == "disk" and degrees is not None:
            readings.append(Reading("disk.temperature", degrees, "°C", name))
    return readings


def alarms_read(document: Any) -> list[Reading]:
    """How many major and critical alarms stand. Pure."""
    levels = [_whole(row.get("level", row.get("LEVEL"))) for row in _rows(document)]
    count = sum(1 for level in levels if level is not None and level >= _MAJOR)
    return [Reading("alert.critical", count, "count")]


def _whole(raw: Any) -> int | None:
    """A number as the array writes it: often as text."""
    text = str(raw).strip()
    return int(text) if text.lstrip("-").isdecimal() and text.isascii() else None
