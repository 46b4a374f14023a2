"""What the machine gives: Python, SQLite, clock, disk, key file, fonts, ICMP, port, peers."""

import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from jingwei.reports import fonts as typefaces
from jingwei.run import secrets
from jingwei.run.doctor.line import Line, bad, ok, warn

PYTHON = (3, 11)
PORT = 8000
_GIB = 1024**3
_BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no machine runs this before it was written
# A command that shows it is there: its Debian package, and what its absence costs.
_PEERS = {
    "chromium": ("chromium", "页面"), "mariadbd": ("mariadb-server", "MariaDB"),
    "snmpd": ("snmpd", "SNMP"), "snmptrap": ("snmp", "Trap"),
    "redis-server": ("redis-server", "Redis"), "slapd": ("slapd", "LDAP"),
    "upsd": ("nut-server", "UPS"), "rabbitmq-server": ("rabbitmq-server", "RabbitMQ"),
    "chronyd": ("chrony", "NTP"), "dnsmasq": ("dnsmasq-base", "DNS"),
    "prometheus-node-exporter": ("prometheus-node-exporter", "Prometheus 指标"),
    "prometheus": ("prometheus", "指标外送"), "Orthanc": ("orthanc", "PACS"),
    "ipmi_sim": ("openipmi", "IPMI"),
}  # fmt: skip
# Nothing here asks for these: a person compares with them by hand (scripts/up --full).
_COMPARED = {
    "/usr/share/orthanc/plugins/libOrthancDicomWeb.so": ("orthanc-dicomweb", "DICOMweb"),
    "ldapsearch": ("ldap-utils", "LDAP"), "nginx": ("nginx", "HTTP 与证书"),
    "/usr/share/tomcat10/bin/catalina.sh": ("tomcat10", "应用服务器"),
    "rsyslogd": ("rsyslog", "syslog"),
}  # fmt: skip


def python() -> Iterator[Line]:
    """Python 3.11 or newer."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= PYTHON:
        yield ok("Python", found)
    else:
        yield bad("Python", found, "需要 Python 3.11 或更新版本")


def sqlite() -> Iterator[Line]:
    """SQLite 3.35 or newer: the worker claims work with UPDATE ... RETURNING."""
    if sqlite3.sqlite_version_info >= (3, 35):
        yield ok("SQLite", sqlite3.sqlite_version)
    else:
        yield bad(
            "SQLite",
            f"{sqlite3.sqlite_version} 低于 3.35",
            "升级系统的 libsqlite3，或用 JINGWEI_DATABASE_URL 改用 PostgreSQL",
        )


def clock(now: datetime) -> Iterator[Line]:
    """A clock that can be right, kept by the network."""
    if now < _BUILT:
        yield bad("时钟", f"系统时间 {now:%Y-%m-%d %H:%M}（UTC）早于软件发布", "校准系统时间")
        return
    synchronised = _ntp()
    if synchronised is False:
        yield warn(
            "时钟",
            "系统未与时间服务器同步",
            "启用 chrony 或 systemd-timesyncd，指向内网 NTP 服务器",
        )
    else:
        detail = "已与时间服务器同步" if synchronised else "时间合理（本机无法查询同步状态）"
        yield ok("时钟", detail)


def _ntp() -> bool | None:
    """Whether systemd says the clock is synchronised; None when nobody can say."""
    if shutil.which("timedatectl") is None:
        return None
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())


def folder(data: Path) -> Iterator[Line]:
    """The data folder can be written and has room."""
    trial = data / f".doctor-{os.getpid()}"
    try:
        data.mkdir(parents=True, exist_ok=True)
        try:
            trial.write_bytes(b"x" * 4096)
        finally:
            trial.unlink(missing_ok=True)  # a full disk makes the file but not its bytes
    except OSError as error:
        yield bad(
            "数据文件夹",
            f"{data} 无法写入：{error.strerror}",
            "检查文件夹的属主与权限，或用 JINGWEI_DATA 另选文件夹",
        )
        return
    free = shutil.disk_usage(data).free
    text = f"{data}，剩余 {free / _GIB:.1f} GiB"
    mend = "清理磁盘，或把数据文件夹移到更大的磁盘（JINGWEI_DATA）"
    if free < _GIB:
        yield bad("数据文件夹", text, mend)
    elif free < 5 * _GIB:
        yield warn("数据文件夹", text, mend)
    else:
        yield ok("数据文件夹", text)


def key_file(data: Path) -> Iterator[Line]:
    """The key exists, is whole, and nobody else reads it."""
    path = data / "secret.key"
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secrets.read_key(path)
    except FileNotFoundError:
        yield warn("密钥文件", f"{path} 尚未生成", "首次运行 jingwei up 时自动生成；请单独备份")
    except secrets.KeyFileError as error:
        yield bad("密钥文件", str(error), "从备份恢复该文件；无备份时所有凭据须重新录入")
    else:
        if mode & 0o077:
            yield bad("密钥文件", f"权限 {mode:04o}，他人可读", f"chmod 600 {path}")
        else:
            yield ok("密钥文件", f"权限 {mode:04o}；请与数据库分开备份")


def fonts() -> Iterator[Line]:
    """Chinese typefaces for the PDF reports."""
    try:
        faces = typefaces.find()
    except typefaces.FontsMissingError:
        yield bad(
            "中文字体",
            "未找到可用的中文字体，无法生成 PDF（Word 文件不受影响）",
            "apt-get install fonts-noto-cjk，或用 JINGWEI_FONTS 指定存放宋体、黑体的文件夹",
        )
    else:
        yield ok("中文字体", f"{faces.serif}、{faces.sans}")


def icmp() -> Iterator[Line]:
    """Whether this user may send pings, by datagram or by raw socket."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        yield ok("ICMP 权限", "可发送回显请求")
        return
    yield warn(
        "ICMP 权限",
        "无权发送回显请求，连通性检查将记为未检",
        'sysctl -w net.ipv4.ping_group_range="0 2147483647"（写入 /etc/sysctl.d/ 以长期生效）',
    )


def port(number: int = PORT) -> Iterator[Line]:
    """The pages' port is free, or it is Jingwei who has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", number))
        except OSError:
            taken = True
        else:
            taken = False
    if not taken:
        yield ok("网页端口", f"{number} 空闲")
    elif _answers(number):
        yield ok("网页端口", f"{number} 由正在运行的静卫使用")
    else:
        yield warn(
            "网页端口", f"{number} 被其他程序占用", f"换一个端口：jingwei up --port {number + 1}"
        )


def _answers(number: int) -> bool:
    """Whether the health page of Jingwei answers there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/healthz", timeout=2) as answer:
            return answer.status == 200  # type: ignore[no-any-return]
    except (OSError, ValueError):
        return False


def peers() -> Iterable[Line]:
    """Real servers the tests run against, and those people compare with; only for a checkout."""
    if not (Path(__file__).parents[4] / "tests").is_dir():
        return
    yield _installed("开发工具", _PEERS, "对真实服务的测试会跳过")
    yield _installed("对照软件", _COMPARED, "不能与真实软件手工对照")


def _installed(name: str, wanted: Mapping[str, tuple[str, str]], cost: str) -> Line:
    """Which packages are missing and what that costs."""
    missing = [told for command, told in wanted.items() if _absent(command)]
    if not missing:
        return ok(name, "、".join(package for package, _ in wanted.values()))
    listed = "、".join(f"{package}（{what}）" for package, what in missing)
    return warn(
        name,
        f"未安装 {listed}：{cost}，运行不受影响",
        f"apt-get install {' '.join(package for package, _ in missing)}",
    )


def _absent(command: str) -> bool:
    if command.endswith((".so", ".sh")):  # no program of the path
        return not Path(command).exists()
    return shutil.which(command, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None
