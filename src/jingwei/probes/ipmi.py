"""IPMI 2.0 over LAN (RMCP+): what the management controller's sensors say of a server's hardware.

Sensors are found in the controller's own records (SDR) and told apart by their type, so no model
needs a list. A sensor that is not fitted or cannot be read has no reading; it is never healthy.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option, port
from jingwei.terms import Reading, Reason, Target

_SESSION = str(Path(__file__).with_name("ipmi_session.py"))
_LONGEST = 1_048_576  # bytes of an answer
_UNKNOWN_COMMAND, _NOT_THERE = 0xC1, 0xCB  # completion codes, IPMI 2.0 table 5-2
_CELSIUS = "°C"

# Sensor type (IPMI 2.0 table 42-3, in pyghmi's words) -> the reading it becomes.
_HEALTH = {
    "Power Supply": "ipmi.psu.health",
    "Power Unit": "ipmi.psu.health",
    "PSU Redundancy": "ipmi.psu.health",
    "Fan": "ipmi.fan.health",
    "Cooling Device": "ipmi.fan.health",
    "Temperature": "ipmi.temperature.health",
    "Memory": "ipmi.memory.health",
    "Drive Bay": "ipmi.drive.health",
    "Processor": "ipmi.processor.health",
}
_PARTS = {
    "power": ("ipmi.psu.health",),
    "thermal": ("ipmi.fan.health", "ipmi.temperature.health"),
    "memory": ("ipmi.memory.health", "ipmi.processor.health"),
    "drives": ("ipmi.drive.health",),
}
# Commands by what they tell (netfn, number), and how many bytes an answer has at least.
_COMMANDS = {"chassis": (0x00, 0x01), "log": (0x0A, 0x40)}
_LENGTHS = {"chassis": 3, "log": 14}
# Bits of Get Chassis Status (28.2): the power state's byte, the miscellaneous byte.
_MAIN_POWER_FAULT, _OVERLOAD, _DRIVE_FAULT, _COOLING_FAULT = 0x08, 0x02, 0x04, 0x08


@dataclass(frozen=True, kw_only=True)
class IpmiOptions:
    """Options of `ipmi`."""

    port: int = port(623)
    what: tuple[Literal["power", "thermal", "memory", "drives", "chassis", "log"], ...] = option(
        ("power", "thermal", "memory", "drives", "chassis"), label="读什么"
    )


@probe(
    "ipmi",
    label="IPMI 硬件健康",
    options=IpmiOptions,
    protocol="ipmi",
    readings={
        "ipmi.psu.health": ("", "电源：ok、warning、critical、failed"),
        "ipmi.fan.health": ("", "风扇"),
        "ipmi.temperature": ("°C", "温度"),
        "ipmi.temperature.health": ("", "温度传感器，按其自身上下限"),
        "ipmi.memory.health": ("", "内存"),
        "ipmi.processor.health": ("", "处理器"),
        "ipmi.drive.health": ("", "硬盘槽位"),
        "ipmi.power_on": ("", "机箱是否通电"),
        "ipmi.power_fault": ("", "主电源故障或过载"),
        "ipmi.cooling_fault": ("", "散热故障"),
        "ipmi.drive_fault": ("", "硬盘故障"),
        "ipmi.log.entries": ("count", "事件日志（SEL）条数"),
        "ipmi.log.full": ("", "事件日志是否溢出，溢出后新事件不再记录"),
    },
    secrets=("user", "password"),
    silence="地址不通，或管理控制器没有启用 LAN 上的 IPMI",
)
async def ipmi(target: Target, options: IpmiOptions) -> list[Reading]:
    """经 IPMI 2.0 读取传感器、机箱状态与事件日志；不支持的部分没有读数。需要管理口用户名和密码。"""
    user = target.secrets.get("user", "")
    if not user:
        raise ProbeError("没有为该管理口配置 IPMI 账号", Reason.COLLECTOR)
    place = await net.reachable(target.address, options.port)
    wanted = {name for part in options.what for name in _PARTS.get(part, ())}
    commands: list[str] = [part for part in _COMMANDS if part in options.what]
    question = {
        "ip": place.ip, "port": options.port, "user": user,
        "password": target.secrets.get("password", ""), "sensors": bool(wanted),
        "commands": [_COMMANDS[part] for part in commands],
    }  # fmt: skip
    return list(understood(await _session(question), wanted, commands))


async def _session(question: dict[str, Any]) -> dict[str, Any]:
    """What the session's process answers; it is ended whatever happens. Raises ProbeError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", _SESSION, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=_LONGEST,
    )  # fmt: skip
    try:
        said, _ = await process.communicate(json.dumps(question).encode())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
    try:
        answer = json.loads(said)
    except ValueError:
        raise ProbeError("IPMI 会话进程没有给出结果", Reason.COLLECTOR) from None
    return dict(answer)


def refusal(said: str) -> ProbeError:
    """Why there is no session, in words. Pure."""
    words = said.lower()
    if "timeout" in words or words in {"", "none", "ipmiexception"}:
        return ProbeError("管理控制器没有应答", Reason.TIMEOUT)
    if any(part in words for part in ("password", "name", "unauthorized", "privilege", "kg")):
        return ProbeError(f"管理控制器拒绝登录：{said}", Reason.REFUSED)
    return ProbeError(f"管理控制器拒绝建立会话：{said}", Reason.REFUSED)


def understood(answer: dict[str, Any], wanted: set[str], commands: list[str]) -> Iterator[Reading]:
    """The readings of an answer. Pure. Raises ProbeError for one that was cut short."""
    if not answer.get("session"):
        raise refusal(answer.get("error", ""))
    if "error" in answer:
        late = "timeout" in answer["error"].lower()
        reason = Reason.TIMEOUT if late else Reason.PROTOCOL
        raise ProbeError(f"已登录，但读取失败：{answer['error']}", reason)
    for row in answer.get("sensors", ()):
        yield from _sensor(wanted, *row)
    for part, (code, error, data) in zip(commands, answer["commands"], strict=True):
        if code in (_UNKNOWN_COMMAND, _NOT_THERE):
            continue
        if error or len(data) < _LENGTHS[part]:
            raise ProbeError(f"已登录，但读取 {part} 失败：{error or '应答太短'}")
        yield from (_chassis(data) if part == "chassis" else _log(data))


def _sensor(
    wanted: set[str], kind: str, name: str, there: bool, level: int, value: Any, unit: str
) -> Iterator[Reading]:
    reading = _HEALTH.get(kind)
    if reading is None or reading not in wanted or not there:
        return
    yield Reading(reading, health(level), instance=name)
    if kind == "Temperature" and value is not None and unit == _CELSIUS:
        yield Reading("ipmi.temperature", float(value), _CELSIUS, name)


def health(level: int) -> str:
    """The library's bits as a word: the worst of them counts. Pure."""
    words = ((4, "failed"), (2, "critical"), (1, "warning"))
    return next((word for bit, word in words if level & bit), "ok")


def _chassis(data: list[int]) -> Iterator[Reading]:
    """Get Chassis Status (IPMI 2.0, 28.2)."""
    power, other = data[0], data[2]
    yield Reading("ipmi.power_on", bool(power & 1))
    yield Reading("ipmi.power_fault", bool(power & (_MAIN_POWER_FAULT | _OVERLOAD)))
    yield Reading("ipmi.cooling_fault", bool(other & _COOLING_FAULT))
    yield Reading("ipmi.drive_fault", bool(other & _DRIVE_FAULT))


def _log(data: list[int]) -> Iterator[Reading]:
    """Get SEL Info (IPMI 2.0, 31.2)."""
    yield Reading("ipmi.log.entries", data[1] | data[2] << 8, "count")
    yield Reading("ipmi.log.full", bool(data[13] & 0x80))
