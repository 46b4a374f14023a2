"""WinRM: what a Windows host says of itself, its volumes, services and Hyper-V machines.

The questions are ours and fixed; nobody types a command into a check. They only read.
"""

import base64
import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree

from jingwei.probes import net
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

_THREADS = Threads("winrm", 8)
_LONGEST = 1_048_576  # bytes of an answer
_MOST_SERVICES = 40
_SERVICE = re.compile(r"[A-Za-z0-9_.$ -]{1,80}")
_STARTS = frozenset({"Start", "StartIfRunning"})  # Hyper-V: AutomaticStartAction
_HEX = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that CLIXML hides
_DENIED = 5  # ERROR_ACCESS_DENIED

# PowerShell 3 and newer (Windows Server 2012). Each part fills one key of $r.
_PARTS = {
    "system": (
        "$o = Get-CimInstance Win32_OperatingSystem;"
        "$p = (Get-CimInstance Win32_Processor | Measure-Object LoadPercentage -Average).Average;"
        r"$k = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update';"
        "$r.system = @{ uptime = ((Get-Date) - $o.LastBootUpTime).TotalHours; cpu = $p;"
        " total = $o.TotalVisibleMemorySize; free = $o.FreePhysicalMemory;"
        r" reboot = (Test-Path ($k + '\RebootRequired')) };"
    ),
    "volumes": (
        "$r.volumes = @(Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | ForEach-Object"
        " { @{ name = $_.DeviceID; total = $_.Size; free = $_.FreeSpace } });"
    ),
    "machines": (
        "$r.machines = @(Get-VM | ForEach-Object { @{ name = $_.Name; state = [string]$_.State;"
        " start = [string]$_.AutomaticStartAction; health = [string]$_.ReplicationHealth } });"
    ),
}
_SERVICES = (
    "$r.services = @(foreach ($n in @({names})) {{ $s = Get-Service -Name $n -ErrorAction"
    " SilentlyContinue; @{{ name = $n; state = if ($s) {{ [string]$s.Status }} else {{ 'missing' }}"
    " }} }});"
)
_HEAD = (
    "$ProgressPreference = 'SilentlyContinue'; $ErrorActionPreference = 'Stop';"
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8; $r = @{};"
)
_TAIL = "$r | ConvertTo-Json -Depth 4 -Compress"


@dataclass(frozen=True, kw_only=True)
class WinRmOptions:
    """Options of `winrm`."""

    port: int = port(5985)
    scheme: Literal["http", "https"] = option("http", label="协议", help="http 时消息由 NTLM 加密")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="CA 证书文件", help="内部 CA；空为公认 CA")
    what: tuple[Literal["system", "volumes", "machines"], ...] = option(
        ("system", "volumes"), label="读什么", help="machines 为 Hyper-V 虚机"
    )
    services: tuple[str, ...] = option((), label="服务", help="服务名，如 MSSQLSERVER")

    def __post_init__(self) -> None:
        """Refuse to ask for nothing, and names that are no service's."""
        if not (self.what or self.services):
            raise OptionError("what", "what 与 services 至少给一项")
        if len(self.services) > _MOST_SERVICES:  # a command line of Windows has 8,191 characters
            raise OptionError("services", f"至多 {_MOST_SERVICES} 个")
        for name in self.services:
            if not _SERVICE.fullmatch(name):
                raise OptionError("services", f"不是服务名：{name!r}")


@probe(
    "winrm",
    label="Windows 主机（WinRM）",
    options=WinRmOptions,
    protocol="winrm",
    readings={
        "windows.uptime": ("h", "开机时长"),
        "windows.cpu": ("%", "处理器使用率"),
        "windows.memory": ("%", "内存使用率"),
        "windows.reboot_pending": ("", "更新后是否等待重启"),
        "volume.used": ("%", "每个固定盘的使用率"),
        "service.state": ("", "每个服务的状态；没有该服务为 missing"),
        "machine.state": ("", "每台 Hyper-V 虚机的状态"),
        "machine.replication": ("", "每台虚机的复制健康；未启用复制则没有"),
        "machines.total": ("count", "虚机数"),
        "machines.down": ("count", "设为自动启动而没有运行的虚机数"),
    },
    secrets=("user", "password"),
    silence="地址不通，或没有启用 WinRM",
)
async def winrm(target: Target, options: WinRmOptions) -> list[Reading]:
    """以只读账号经 WinRM 运行固定的查询（NTLM 认证，消息加密）；不接受任意命令。"""
    user = target.secrets.get("user", "")
    if not user:
        raise ProbeError("没有为该主机配置 WinRM 账号", Reason.COLLECTOR)
    place = await net.find(target.address, options.port)
    (await net.connect(place)).close()  # the kernel's own words for a shut door
    # A certificate is for a name: over HTTPS the name that was given is asked.
    host = target.address if options.scheme == "https" else place.ip
    host = f"[{host}]" if ":" in host else host
    login = (user, target.secrets.get("password", ""))
    left = time_left()
    said = await _THREADS.call(lambda: _ask(host, options, login, left))
    return list(understood(said, options))


def script(options: WinRmOptions) -> str:
    """The question. Pure: parts of ours, and names that were checked."""
    parts = [_PARTS[part] for part in options.what]
    if options.services:
        names = ",".join(f"'{name}'" for name in options.services)
        parts.append(_SERVICES.format(names=names))
    return "".join([_HEAD, *parts, _TAIL])


def _ask(host: str, options: WinRmOptions, login: tuple[str, str], seconds: float) -> bytes:
    """Standard output of the question; blocks. Raises ProbeError."""
    # Imported late: it takes a fifth of a second, and many districts have no Windows host to ask.
    import requests  # noqa: PLC0415
    from winrm.exceptions import (  # noqa: PLC0415
        InvalidCredentialsError,
        WinRMError,
        WinRMTransportError,
        WSManFaultError,
    )
    from winrm.protocol import Protocol  # noqa: PLC0415

    from jingwei.probes.winrm_line import Line  # noqa: PLC0415

    until = time.monotonic() + seconds
    whole = max(2, int(seconds))
    protocol = Protocol(
        f"{options.scheme}://{host}:{options.port}/wsman", transport="ntlm",
        username=login[0], password=login[1], proxy=None,
        ca_trust_path=options.ca_file or None,  # type: ignore[arg-type]  # None: its own list
        message_encryption="never",  # set up below, when the line is ours
        server_cert_validation="validate" if options.verify else "ignore",
        read_timeout_sec=whole, operation_timeout_sec=whole - 1,
    )  # fmt: skip
    line = Line(until, 2 * _LONGEST)
    try:
        session = protocol.transport.build_session()
        session.mount(f"{options.scheme}://", line)
        if options.scheme == "http":
            protocol.transport.setup_encryption(session)
        return _run(protocol, script(options), until)
    except InvalidCredentialsError:
        raise ProbeError(line.refusal(), Reason.REFUSED) from None
    except WinRMTransportError as error:
        raise ProbeError(f"主机以 HTTP {error.code} 拒绝 WinRM 请求", Reason.REFUSED) from None
    except requests.exceptions.SSLError as error:
        raise ProbeError(f"证书未通过校验：{error}", Reason.REFUSED) from None
    except requests.Timeout:
        raise ProbeError("连接已建立，但没有应答", Reason.TIMEOUT) from None
    except (requests.RequestException, OSError):
        raise ProbeError("对方不是 WinRM，或中途断开") from None
    except WSManFaultError as error:
        why = Reason.REFUSED if error.wsman_fault_code == _DENIED else Reason.PROTOCOL
        raise ProbeError(f"WinRM 返回错误：{' '.join(error.reason.split())[:300]}", why) from None
    except WinRMError as error:
        raise ProbeError(f"WinRM 返回错误：{str(error)[:300]}") from None
    except (ElementTree.ParseError, StopIteration, KeyError, ValueError, TypeError) as error:
        raise ProbeError(f"应答不合 WS-Management：{type(error).__name__}") from None
    finally:
        protocol.transport.close_session()


def _run(protocol: Any, question: str, until: float) -> bytes:
    """One shell, one command, and both closed again."""
    shell = protocol.open_shell(codepage=65001)
    try:
        encoded = base64.b64encode(question.encode("utf-16-le")).decode()
        arguments = ["-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]
        command = protocol.run_command(shell, "powershell", arguments)
        try:
            return _output(protocol, shell, command, until)
        finally:
            protocol.cleanup_command(shell, command)
    finally:
        protocol.close_shell(shell)


def _output(protocol: Any, shell: str, command: str, until: float) -> bytes:
    from winrm.exceptions import WinRMOperationTimeoutError  # noqa: PLC0415

    said, failed, done, code = bytearray(), bytearray(), False, 0
    while not done:
        if time.monotonic() > until:
            raise ProbeError("查询没有在时限内完成", Reason.TIMEOUT)
        try:
            out, err, code, done = protocol.get_command_output_raw(shell, command)
        except WinRMOperationTimeoutError:
            continue
        said += out
        failed += err
        if len(said) + len(failed) > _LONGEST:
            raise ProbeError(f"应答超过 {_LONGEST} 字节")
    if code or not said.strip():
        raise ProbeError(f"查询出错（退出码 {code}）：{complaint(bytes(failed))}")
    return bytes(said)


def complaint(raw: bytes) -> str:
    """The words of PowerShell's error stream, which may be CLIXML ([MS-PSRP] 2.2.5). Pure."""
    text = raw.decode("utf-8", "replace")
    if text.startswith("#< CLIXML"):
        found = re.findall(r'<S S="Error">(.*?)</S>', text, re.DOTALL)
        text = _HEX.sub(lambda hit: chr(int(hit[1], 16)), html.unescape("".join(found)))
    return " ".join(text.split())[:300] or "没有说明"


def understood(raw: bytes, options: WinRmOptions) -> Iterator[Reading]:
    """The readings of an answer. Pure. Raises ProbeError for what is no such answer."""
    try:
        said = json.loads(raw.decode("utf-8-sig"))
    except ValueError:
        raise ProbeError("查询的结果不是 JSON，可能被截断") from None
    if not isinstance(said, dict):
        raise ProbeError("查询的结果不是所要的 JSON")
    wanted = [*options.what, *(["services"] if options.services else [])]
    if missing := [part for part in wanted if part not in said]:
        raise ProbeError(f"查询的结果缺少 {'、'.join(missing)}")
    try:
        for part in wanted:
            yield from _READ[part](said[part])
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ProbeError(f"查询的结果中有读不懂的值：{error!r}") from None


def _system(row: Mapping[str, Any]) -> Iterator[Reading]:
    yield Reading("windows.uptime", float(row["uptime"]), "h")
    if row.get("cpu") is not None:  # a machine that just started has no average yet
        yield Reading("windows.cpu", float(row["cpu"]), "%")
    used = 100 - 100 * float(row["free"]) / float(row["total"])
    yield Reading("windows.memory", used, "%")
    yield Reading("windows.reboot_pending", bool(row["reboot"]))


def _volumes(rows: list[Mapping[str, Any]]) -> Iterator[Reading]:
    for row in rows:
        if row.get("total"):  # a volume that is locked or not formatted has no size
            used = 100 - 100 * float(row["free"]) / float(row["total"])
            yield Reading("volume.used", used, "%", str(row["name"]))


def _services(rows: list[Mapping[str, Any]]) -> Iterator[Reading]:
    for row in rows:
        yield Reading("service.state", str(row["state"]), instance=str(row["name"]))


def _machines(rows: list[Mapping[str, Any]]) -> Iterator[Reading]:
    down = 0
    for row in rows:
        name, state = str(row["name"]), str(row["state"])
        down += row["start"] in _STARTS and state != "Running"
        yield Reading("machine.state", state, instance=name)
        if row.get("health") not in (None, "", "NotApplicable"):
            yield Reading("machine.replication", str(row["health"]), instance=name)
    yield Reading("machines.total", len(rows), "count")
    yield Reading("machines.down", down, "count")


_READ: dict[str, Callable[[Any], Iterator[Reading]]] = {
    "system": _system,
    "volumes": _volumes,
    "services": _services,
    "machines": _machines,
}
