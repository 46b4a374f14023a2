"""What the installation in the data folder is like: database, audit chain, people, calendar."""

import socket
import stat
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from jingwei.accounts import queries as accounts
from jingwei.accounts.roles import Role
from jingwei.assets.credentials import SealBrokenError, unseal
from jingwei.assets.models import Credential, Endpoint
from jingwei.calendars import queries as calendars
from jingwei.checks import queries as checks
from jingwei.checks.content import ContentError, load_devices, load_routine
from jingwei.contract import queries as contracts
from jingwei.run.doctor.line import Line, bad, ok, warn
from jingwei.terms import SHANGHAI

_NEED_SECRETS = (
    "snmp",
    "redfish",
    "ipmi",
    "winrm",
    "vsphere",
    "unisphere",
    "devicemanager",
    "sql",
)  # protocols that let nobody in without a credential
_UP = "运行 jingwei up（启动时自动升级并补齐）"


def database() -> Iterator[Line]:
    """Reachable, of a version that does, every migration applied, and SQLite in WAL mode."""
    try:
        connection.ensure_connection()
        plan = MigrationExecutor(connection)
        missing = plan.migration_plan(plan.loader.graph.leaf_nodes())
    except DatabaseError as error:
        where = settings.DATABASES["default"]
        name = where.get("HOST") or where["NAME"]
        yield bad("数据库", f"{name} 无法连接：{error}", "检查 JINGWEI_DATABASE_URL 与数据库服务")
        return
    if connection.vendor == "sqlite":
        yield from _sqlite_mode()
    else:
        yield from _postgresql_version()
    if missing:
        yield bad("数据库", f"有 {len(missing)} 个升级步骤未执行", _UP)


def _sqlite_mode() -> Iterator[Line]:
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        sound = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    file = Path(connection.settings_dict["NAME"])
    if file.exists() and file.stat().st_mode & 0o077:
        mode_now = stat.filemode(file.stat().st_mode)
        yield warn("数据库", f"{file} 可被他人读取（{mode_now}）", f"chmod 600 {file}")
    if sound != "ok":
        yield bad("数据库", f"SQLite 文件损坏：{sound}", "停止服务，从最近一次备份恢复数据文件夹")
    elif mode != "wal":
        yield warn(
            "数据库",
            f"SQLite 日志模式为 {mode}，应为 wal",
            "把数据文件夹移到本地磁盘（网络盘不支持 WAL）",
        )
    else:
        yield ok("数据库", "SQLite，WAL 模式，快速校验通过")


def _postgresql_version() -> Iterator[Line]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
    text = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number >= 140000:
        yield ok("数据库", text)
    else:
        yield bad("数据库", f"{text} 低于 14", "升级 PostgreSQL 到 14 或更新版本")


def content() -> Iterator[Line]:
    """Every device model and routine can be read; else the file, the line and what was expected."""
    folder = Path(settings.JINGWEI_CONTENT)
    try:
        routines = [load_routine(path) for path in sorted((folder / "routines").glob("*.toml"))]
        models = load_devices(folder / "devices")
    except (ContentError, OSError) as error:
        yield bad("检查内容", str(error), "改正该文件的该行；写法见 docs/how-to/add-a-check.md")
        return
    yield ok("检查内容", f"{len(models)} 个设备型号，{len(routines)} 个例行检查")


def audit(now: datetime) -> Iterator[Line]:
    """The chain holds, the database refuses to change it, and nothing in it lies ahead of now."""
    if gone := accounts.unguarded():
        yield bad(
            "审计链",
            f"数据库中防止修改记录的触发器缺失：{'、'.join(gone)}",
            "查明原因；下次运行 jingwei up 时重建并记入审计链",
        )
        return
    check = accounts.verify_chain()
    if not check.intact:
        yield bad(
            "审计链",
            f"第 {check.broken_at} 条断开：{check.reason}",
            "保留现场，通知审计管理员，与备份和 data/logs 中的哈希比对",
        )
        return
    newest = accounts.entries().first()
    if newest is not None and (newest.at - now).total_seconds() > 60:
        yield bad(
            "时钟", f"最新审计记录的时间 {newest.at:%Y-%m-%d %H:%M} 晚于系统时间", "校准系统时间"
        )
    yield ok("审计链", f"{check.entries} 条，完整；末条哈希 {check.head[:16]}")


def people() -> Iterator[Line]:
    """There is somebody who can administer."""
    active = accounts.users(active_only=True)
    if not active.exists():
        yield warn("用户", "尚无用户", "运行 jingwei up，首个管理员的密码只显示一次")
    elif not active.filter(role=Role.SYSTEM_ADMIN).exists():
        yield bad("用户", "没有在用的系统管理员", "jingwei user add 名称 --role system_admin")
    else:
        yield ok("用户", f"{active.count()} 个在用账号")


def calendar(now: datetime) -> Iterator[Line]:
    """This year's working days are known, and from December on next year's too."""
    today = now.astimezone(SHANGHAI).date()
    missing = [year for year in (today.year, today.year + 1) if not _covered(year)]
    mend = "升级 chinesecalendar 后重启，或按国务院通知在“工作日历”中录入"
    if calendars.coverage() is None:
        yield bad("工作日历", "尚未导入", _UP)
    elif today.year in missing:
        yield bad("工作日历", f"{today.year} 年未公布：工作日无法判断，不作猜测", mend)
    elif missing and today.month == 12:
        yield warn("工作日历", f"{today.year + 1} 年未公布", mend)
    elif missing:
        yield ok("工作日历", f"{today.year} 年已有；{today.year + 1} 年未公布（通常 11 月发布）")
    else:
        yield ok("工作日历", f"{today.year}、{today.year + 1} 年已有")


def _covered(year: int) -> bool:
    return calendars.working_days(date(year, 1, 1), date(year, 12, 31)) is not None


def contract(now: datetime) -> Iterator[Line]:
    """A contract is in force today."""
    found = contracts.current(now.astimezone(SHANGHAI).date())
    if found is None:
        yield warn("合同", "今天不在任何合同的服务期内", "录入续签的合同版本，或启用演示区域")
    else:
        mark = "（演示副本）" if found.demonstration else ""
        yield ok("合同", f"{found.title}{mark} {found.period_start}～{found.period_end}")


def endpoints() -> Iterator[Line]:
    """Every endpoint that needs a login has one, and every credential opens."""
    bare = Endpoint.objects.filter(
        protocol__in=_NEED_SECRETS, credential=None, target__valid_to=None
    )
    count = bare.count()
    if count:
        names = "、".join(f"{e.target.key} {e.protocol}" for e in bare.select_related("target")[:5])
        yield warn(
            "接入端点",
            f"{count} 个端点没有凭据：{names}{'……' if count > 5 else ''}",
            "在“接入端点”页登记凭据，否则相应检查为未检",
        )
    sealed = [row.name for row in Credential.objects.all() if not _opens(row)]
    if sealed:
        yield bad(
            "凭据",
            f"{len(sealed)} 项凭据无法解密：{'、'.join(sealed[:5])}",
            "恢复原来的 secret.key，或重新登记这些凭据",
        )
    if not count and not sealed:
        yield ok("接入端点", f"{Endpoint.objects.count()} 个端点，凭据齐全")


def _opens(row: Credential) -> bool:
    try:
        unseal(bytes(row.ciphertext), row.name)
    except SealBrokenError:
        return False
    return True


def worker(now: datetime) -> Iterator[Line]:
    """Somebody does the checks that are due."""
    late = checks.overdue(now)
    if late:
        yield warn(
            "检查进程",
            f"{late} 项检查已到期而无人执行",
            "运行 jingwei up 或 jingwei work，并查看日志",
        )
    else:
        yield ok("检查进程", "没有积压的检查")


def region() -> Iterator[Line]:
    """Where demonstration endpoints are registered, the miniature region answers at one of them."""
    demo = Endpoint.objects.filter(demo=True)
    listening = demo.filter(protocol__in=("http", "https", "sql", "modbus")).order_by("pk").first()
    if listening is None:
        yield ok("演示区域", "已登记" if demo.exists() else "未启用")
    elif _connects(listening.address, listening.port):
        yield ok("演示区域", "运行中（演示数据，非真实设备）")
    else:
        yield warn(
            "演示区域",
            "已启用但未运行，其检查将为异常或未检",
            "运行 jingwei up，或 jingwei region up",
        )


def _connects(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True
