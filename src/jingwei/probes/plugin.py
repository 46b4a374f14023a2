"""Any monitoring plugin: its exit code, its words, its performance data with their thresholds.

The Monitoring Plugins guidelines: exit 0 to 3, one line of text, `|` and performance data
`'label'=value[unit];warn;crit;min;max`. Run without a shell, in a clean environment, in a
process group of its own that is killed as a whole.
"""

import asyncio
import functools
import os
import re
import signal
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jingwei.probes import values
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option
from jingwei.terms import Reading, Reason, Target

SETTING = "JINGWEI_PLUGINS"
FOLDER = "/usr/lib/nagios/plugins"  # where Debian's monitoring-plugins stand
_LONGEST = 65_536  # of what a plugin may say
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_STATES = {0: "ok", 1: "warning", 2: "critical", 3: "unknown"}


@dataclass(frozen=True, kw_only=True)
class PerfReading:
    """One performance datum as a reading."""

    label: str = option(label="标签", help="perfdata 中的名字，可用 * 选多个，多个时以标签命名")
    reading: str = values.reading_name()
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()


@dataclass(frozen=True, kw_only=True)
class PluginOptions:
    """Options of `plugin`."""

    plugin: str = option(label="插件", help="文件名，须在允许的目录中，如 check_ssh")
    arguments: tuple[str, ...] = option(
        (), label="参数", help="每项一个；{address}、{port} 换成目标的地址与端口；不要写口令"
    )
    port: int = option(0, label="端口", minimum=0, maximum=65535, help="只用于参数中的 {port}")
    readings: tuple[PerfReading, ...] = option((), label="读数")

    def __post_init__(self) -> None:
        """Refuse a path for a name: only the allowed folder is searched."""
        if not _NAME.fullmatch(self.plugin):
            raise OptionError("plugin", "应为文件名，不含路径")


@probe(
    "plugin",
    label="监控插件",
    options=PluginOptions,
    readings={
        "plugin.state": ("", "插件自己的结论：ok、warning、critical、unknown"),
        "plugin.text": ("", "插件的第一行文字"),
        "plugin.time": ("ms", "插件运行用时"),
        "plugin.beyond": ("", "每个 perfdata 是否越过插件自己的阈值：none、warn、crit"),
    },
    secrets=("user", "password"),
    silence="插件没有运行完；它和它的子进程已被结束",
)
async def plugin(target: Target, options: PluginOptions) -> list[Reading]:
    """运行一个监控插件（不经 shell，环境清空），读出退出码、文字与 perfdata。

    只运行允许目录中的文件（环境变量 JINGWEI_PLUGINS，冒号分隔；默认 /usr/lib/nagios/plugins），
    且该文件不能是他人可改写的。账号经环境变量 JINGWEI_USER、JINGWEI_PASSWORD 给插件，不进参数：
    参数在进程列表中人人可见。插件的结论只是读数，由规则判断。
    """
    file = located(options.plugin)
    fill = {"{address}": target.address, "{port}": str(options.port)}
    arguments = [functools.reduce(_filled, fill.items(), text) for text in options.arguments]
    started = time.perf_counter()
    code, said = await _run(file, arguments, target.secrets)
    took = time.perf_counter() - started
    return [*judged(options, code, said), Reading("plugin.time", took * 1000, "ms")]


def _filled(text: str, pair: tuple[str, str]) -> str:
    return text.replace(*pair)


def located(name: str) -> Path:
    """The plugin's file. Raises ProbeError (ours) for one there is not, or not to be trusted."""
    folders = [Path(part) for part in os.environ.get(SETTING, FOLDER).split(os.pathsep) if part]
    for folder in folders:
        home = folder.resolve()
        file = (home / name).resolve()
        if not file.is_file():
            continue
        if not file.is_relative_to(home):
            raise ProbeError(f"插件 {name} 指向允许的目录之外", Reason.COLLECTOR)
        if file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ProbeError(f"插件 {name} 可被他人改写，不运行", Reason.COLLECTOR)
        return file
    shown = "、".join(str(folder) for folder in folders) or "（没有设定）"
    raise ProbeError(f"本机没有插件 {name}，找过：{shown}", Reason.COLLECTOR)


async def _run(file: Path, arguments: list[str], secrets: Mapping[str, str]) -> tuple[int, bytes]:
    """Exit code and words. Whatever happens, nothing of the plugin's group is left running."""
    clean = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/"}
    for name, variable in (("user", "JINGWEI_USER"), ("password", "JINGWEI_PASSWORD")):
        if secrets.get(name):
            clean[variable] = secrets[name]
    try:
        process = await asyncio.create_subprocess_exec(
            str(file), *arguments, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=clean, cwd="/", start_new_session=True,
        )  # fmt: skip
    except (PermissionError, OSError) as error:
        message = f"本机不能运行插件 {file.name}：{error.strerror or error}"
        raise ProbeError(message, Reason.COLLECTOR) from None
    try:
        said = await _said(process)
        return await process.wait(), said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(_gone(process))


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, and let go what it said last: its end is told when its pipe is read."""
    with suppress(TimeoutError):  # who left its session may hold the pipe
        async with asyncio.timeout(1):
            while process.stdout is not None and await process.stdout.read(_LONGEST):
                pass
            await process.wait()


async def _said(process: asyncio.subprocess.Process) -> bytes:
    """All it says. Raises ProbeError for more than it may."""
    if process.stdout is None:
        return b""
    said = bytearray()
    while piece := await process.stdout.read(8192):
        said += piece
        if len(said) > _LONGEST:
            raise ProbeError(f"插件的输出超过 {_LONGEST} 字节")
    return bytes(said)


@dataclass(frozen=True, slots=True)
class Datum:
    """One performance datum: name, number, unit as the plugin writes it, its own ranges."""

    label: str
    value: float
    unit: str
    warn: str
    crit: str


def judged(options: PluginOptions, code: int, said: bytes) -> list[Reading]:
    """The readings of what a plugin said. Pure. Raises ProbeError for a code that is none."""
    if code not in _STATES:
        what = f"被信号 {-code} 结束" if code < 0 else f"退出码 {code} 不是 0 至 3"
        raise ProbeError(f"插件{what}", Reason.COLLECTOR)
    text = values.text_of(said)
    words, data = split(text)
    readings = [Reading("plugin.state", _STATES[code]), Reading("plugin.text", words)]
    found = list(performance(data))
    readings += [
        Reading("plugin.beyond", beyond(datum), "", datum.label)
        for datum in found
        if datum.warn or datum.crit
    ]
    for item in options.readings:
        fits = re.compile(".*".join(re.escape(part) for part in item.label.split("*")))
        for datum in found:
            if fits.fullmatch(datum.label):
                instance = datum.label if "*" in item.label else ""
                reading = values.made(item, _whole(datum.value), instance)
                readings += [reading] if reading is not None else []
    return readings


def split(text: str) -> tuple[str, str]:
    """The first line's words, and all performance data: behind `|`, over the lines. Pure."""
    lines = text.splitlines() or [""]
    words, _, data = lines[0].partition("|")
    rest = "\n".join(lines[1:])
    _, bar, more = rest.partition("|")
    return words.strip()[:500], f"{data} {more.replace(chr(10), ' ') if bar else ''}".strip()


_DATUM = re.compile(
    r"(?:'((?:[^']|'')+)'|([^\s='|]+))=(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)([^\s;0-9]*)"
    r"(?:;([^\s;]*))?(?:;([^\s;]*))?(?:;[^\s;]*)?(?:;[^\s;]*)?(?=\s|$)",
    re.ASCII,
)


def performance(text: str) -> Iterator[Datum]:
    """The data of a plugin, those it marks as unknown (U) left out. Pure."""
    for found in _DATUM.finditer(text):
        quoted, bare, number, unit, warn, crit = found.groups()
        label = (quoted or bare).replace("''", "'")
        yield Datum(label, float(number), unit, warn or "", crit or "")


def beyond(datum: Datum) -> str:
    """none, warn or crit by the plugin's own ranges. Pure."""
    if _alerts(datum.crit, datum.value):
        return "crit"
    return "warn" if _alerts(datum.warn, datum.value) else "none"


_RANGE = re.compile(r"(@?)(?:(~|-?[\d.]+)?:)?(-?[\d.]+)?", re.ASCII)


def _alerts(text: str, value: float) -> bool:
    """Whether a value is outside `10`, `10:`, `~:10`, `10:20`, or inside `@10:20` (guidelines)."""
    found = _RANGE.fullmatch(text)
    if not text or found is None:
        return False
    inside, low, high = found.groups()
    try:
        least = float("-inf") if low == "~" else float(low or 0)
        most = float(high) if high else float("inf")
    except ValueError:
        return False
    return (least <= value <= most) == bool(inside)


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
