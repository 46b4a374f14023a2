"""jingwei doctor: what is missing or misconfigured on this machine, and how to mend it.

It looks and never changes anything. `bad` means something does not work, `warn` that it works
with limits or soon won't.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from jingwei.run.doctor.line import Level, Line, bad, ok, warn

__all__ = ["Level", "Line", "bad", "examine", "ok", "warn"]

Look = Callable[[], Iterable[Line]]


def examine(data: Path, now: datetime) -> list[Line]:
    """Every check of this machine and of the installation in `data`, in order.

    A check that fails by itself is a `bad` line of its own; the others go on. What needs the
    database is left out when the database can't be reached, and a line says so.
    """
    from jingwei.run.doctor import installation, machine  # noqa: PLC0415 - needs Django ready

    looks: list[tuple[str, Look]] = [
        ("Python", machine.python),
        ("SQLite", machine.sqlite),
        ("时钟", lambda: machine.clock(now)),
        ("数据文件夹", lambda: machine.folder(data)),
        ("密钥文件", lambda: machine.key_file(data)),
        ("中文字体", machine.fonts),
        ("ICMP 权限", machine.icmp),
        ("网页端口", machine.port),
        ("开发工具", machine.peers),
    ]
    lines = [line for name, look in looks for line in _safely(name, look)]
    lines += _safely("检查内容", installation.content)
    database = _safely("数据库", installation.database)
    lines += database
    if any(line.level is Level.BAD for line in database):
        return [*lines, warn("安装内容", "数据库未就绪，其余各项未检查", "先解决上面的数据库问题")]
    rest: list[tuple[str, Look]] = [
        ("审计链", lambda: installation.audit(now)),
        ("用户", installation.people),
        ("工作日历", lambda: installation.calendar(now)),
        ("合同", lambda: installation.contract(now)),
        ("接入端点", installation.endpoints),
        ("检查进程", lambda: installation.worker(now)),
        ("演示区域", installation.region),
    ]
    return lines + [line for name, look in rest for line in _safely(name, look)]


def _safely(name: str, look: Look) -> list[Line]:
    """One check; a crash in it is told like any other fault and hides none of the others."""
    try:
        return list(look())
    except Exception as error:  # noqa: BLE001 - the doctor must outlive what he finds
        detail = f"检查时出错：{type(error).__name__}: {error}"
        return [bad(name, detail, "请把本行连同 data/logs/jingwei.log 交给维护人员")]
