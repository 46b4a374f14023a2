"""The command tree: `jingwei <group> <command>`, and the few that need no group."""

import typer

from jingwei.run import setup
from jingwei.run.cli import (
    assets,
    check,
    clock,
    contract,
    doctor,
    drill,
    notice,
    probe,
    region,
    report,
    user,
    work,
)


def ready() -> None:
    """Makes the database whole before commands that read it: the first one may be any of them."""
    setup.ensure()


app = typer.Typer(
    name="jingwei",
    help="静卫：区域卫生信息平台运维管理平台",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(work.app)  # up, work
app.add_typer(doctor.app)  # doctor
app.add_typer(probe.app)  # probe NAME ADDRESS
app.add_typer(region.app, name="region", help="演示区域")
app.add_typer(assets.app, name="assets", help="资产台账", callback=ready)
app.add_typer(check.app, name="check", help="检查")
app.add_typer(clock.app, name="clock", help="时限")
app.add_typer(contract.app, name="contract", help="合同履约", callback=ready)
app.add_typer(drill.app, name="drill", help="应急演练")
app.add_typer(notice.app, name="notice", help="通知", callback=ready)
app.add_typer(report.app, name="report", help="报告", callback=ready)
app.add_typer(user.app, name="user", help="用户", callback=ready)
