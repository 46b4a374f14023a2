"""NUT: what a UPS says through Network UPS Tools (RFC 9271, upsd on port 3493)."""

import asyncio
import re
import shlex
import time
from dataclasses import dataclass

from jingwei.probes import wire
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

_MOST_LINES = 2_000
_NAME = re.compile(r"[A-Za-z0-9_.\-]*")
# RFC 9271 section 4.3.
_ERRORS = {
    "UNKNOWN-UPS": (Reason.PROTOCOL, "没有这台 UPS，核对 ups 选项"),
    "DATA-STALE": (Reason.PROTOCOL, "UPS 数据已过时：NUT 驱动与 UPS 失去联系"),
    "DRIVER-NOT-CONNECTED": (Reason.PROTOCOL, "NUT 驱动没有运行"),
    "ACCESS-DENIED": (Reason.REFUSED, "NUT 不允许本机访问"),
    "USERNAME-REQUIRED": (Reason.REFUSED, "NUT 要求登录"),
}
_NUMBERS = {
    "battery.charge": ("nut.charge", "%", "电量"),
    "battery.runtime": ("nut.runtime", "s", "估计后备时间"),
    "battery.voltage": ("nut.battery.voltage", "V", "电池电压"),
    "battery.temperature": ("nut.battery.temperature", "°C", "电池温度"),
    "ups.load": ("nut.load", "%", "负载率"),
    "ups.temperature": ("nut.temperature", "°C", "机内温度"),
    "input.voltage": ("nut.input", "V", "输入电压"),
    "output.voltage": ("nut.output", "V", "输出电压"),
}
# Flags of ups.status, the first that is set names where the load's power comes from.
_SOURCES = (
    ("FSD", "shutdown"), ("OFF", "off"), ("OB", "battery"), ("BYPASS", "bypass"),
    ("BOOST", "boost"), ("TRIM", "trim"), ("OL", "line"),
)  # fmt: skip
_BATTERIES = (("LB", "low"), ("RB", "replace"))


@dataclass(frozen=True, kw_only=True)
class NutOptions:
    """Options of `nut`."""

    port: int = port(3493)
    ups: str = option("", label="UPS 名", help="空为唯一的一台")

    def __post_init__(self) -> None:
        """Refuse a name that would be another command."""
        if not _NAME.fullmatch(self.ups):
            raise OptionError("ups", "只能含字母、数字、点、横线和下划线")


_READINGS = {
    "nut.time": ("ms", "连接并读完用时"),
    "nut.status": ("", "ups.status 原文，如 OL CHRG"),
    "nut.source": (
        "",
        "供电：line 市电、battery 电池、bypass 旁路、boost 升压、trim 降压、off、shutdown",
    ),
    "nut.battery": ("", "电池：normal、low 电量低、replace 应更换"),
    "nut.overload": ("", "是否过载"),
    **{name: (unit, label) for name, unit, label in _NUMBERS.values()},
    "nut.alarm": ("", "UPS 的告警原文，有告警才有"),
    "nut.test": ("", "上次自检结果"),
}


@probe(
    "nut",
    label="UPS（NUT）",
    options=NutOptions,
    readings=_READINGS,
    silence="地址不通，或 upsd 没有运行",
)
async def nut(target: Target, options: NutOptions) -> list[Reading]:
    """读取 UPS 的全部变量，只读、不登录：登录会被当作受它供电的主机，影响关机次序。"""
    started = time.perf_counter()
    async with wire.conversation(target.address, options.port) as (reader, writer):
        name = options.ups or await _only(reader, writer)
        rows = await _listed(reader, writer, f"VAR {name}")
    took = time.perf_counter() - started
    facts = {row[0]: row[1] for row in rows if len(row) == 2}
    return [Reading("nut.time", took * 1000, "ms"), *read_variables(facts)]


async def _only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """The name of the only UPS there is. Raises ProbeError when there are none or several."""
    names = [row[0] for row in await _listed(reader, writer, "UPS") if row]
    if len(names) == 1:
        return names[0]
    there = "、".join(names[:10]) or "无"
    raise ProbeError(f"应指明 UPS 名（选项 ups），对方有：{there}")


async def _listed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: str
) -> list[list[str]]:
    """The rows of LIST, without the words that open each of them."""
    writer.write(f"LIST {what}\n".encode())
    await writer.drain()
    first = await wire.line(reader)
    if first.startswith("ERR "):
        word = first.split(" ")[1]
        reason, message = _ERRORS.get(word, (Reason.PROTOCOL, f"NUT 报错：{first[4:80]}"))
        raise ProbeError(message, reason)
    if first != f"BEGIN LIST {what}":
        raise ProbeError("应答不是 NUT 协议")
    rows: list[list[str]] = []
    for _ in range(_MOST_LINES):
        row = await wire.line(reader)
        if row == f"END LIST {what}":
            return rows
        if not row.startswith(f"{what} "):
            raise ProbeError("应答不是 NUT 协议")
        rows.append(_words(row[len(what) + 1 :]))
    raise ProbeError(f"应答超过 {_MOST_LINES} 行")


def _words(text: str) -> list[str]:
    """Words and quoted words (backslash escapes inside quotes, RFC 9271 section 4.1)."""
    try:
        return shlex.split(text, posix=True)
    except ValueError:
        raise ProbeError("应答不是 NUT 协议：引号不成对") from None


def read_variables(facts: dict[str, str]) -> list[Reading]:
    """The readings in a UPS's variables. Pure. Raises ProbeError when there is no status yet."""
    status = facts.get("ups.status", "")
    if not status:
        raise ProbeError("UPS 没有给出 ups.status")
    flags = status.split()
    if "WAIT" in flags:
        raise ProbeError("NUT 驱动刚启动，还没有 UPS 的数据")
    readings = [
        Reading("nut.status", status),
        Reading("nut.source", next((word for flag, word in _SOURCES if flag in flags), "unknown")),
        Reading(
            "nut.battery", next((word for flag, word in _BATTERIES if flag in flags), "normal")
        ),
        Reading("nut.overload", "OVER" in flags),
    ]
    for key, (name, unit, _) in _NUMBERS.items():
        number = _number(facts.get(key, ""))
        if number is not None:
            readings.append(Reading(name, number, unit))
    for key, name in (("ups.alarm", "nut.alarm"), ("ups.test.result", "nut.test")):
        if facts.get(key, "").strip():
            readings.append(Reading(name, facts[key].strip()))
    return readings


def _number(text: str) -> float | None:
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", text.strip(), re.ASCII):
        return None
    return float(text)
