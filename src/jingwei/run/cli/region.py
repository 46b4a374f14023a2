"""jingwei region: the miniature region, and the faults it can play."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from jingwei import region as district_region
from jingwei.region import RegionError, control, scenarios
from jingwei.region import faults as catalogue
from jingwei.run import district, logs, paths, setup, supervisor
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.run.cli.year import year
from jingwei.terms import FaultSpec

app = typer.Typer(no_args_is_help=True)
app.command()(year)
logger = logging.getLogger("jingwei.region")

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
On = Annotated[str | None, typer.Option("--on", help="对象，如 HW-016-1", metavar="TARGET")]
T = TypeVar("T")


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", help="在后台运行")] = False,
    as_json: AsJson = False,
) -> None:
    """启动演示区域并登记其端点。默认在前台运行，Ctrl-C 停止。"""
    if control.running(district.folder()):
        fail("演示区域已在运行；jingwei region status 查看，jingwei region down 停止")
    setup.prepare(lambda text: typer.echo(text, err=True), administrator=False)
    process = district.spawn(detached=detach)
    try:
        district.ready(process)
        district.register()
        district.wanted(True)
        status = control.status(district.folder())
    except RegionError as error:
        _end(process)
        fail(str(error), 1, json_wanted=as_json)
    except BaseException:
        _end(process)
        raise
    if as_json:
        printing.as_json(status)
    else:
        _show_status(status)
    if not detach:
        _attend(process)


def _attend(process: "subprocess.Popen[bytes]") -> None:
    """Stay until the region ends or somebody says stop."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    try:
        code = process.wait()
    finally:
        _end(process)
    if code:
        fail(f"演示区域意外结束（退出码 {code}）", 1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    supervisor.Child("region", lambda: process, process=process).stop()


@app.command(hidden=True)
def serve(with_parent: Annotated[bool, typer.Option("--with-parent")] = False) -> None:
    """The region's own process; `up` starts it."""
    if with_parent:
        supervisor.end_with_parent()
    try:
        district_region.serve(district.folder(), district.peers(), needs=district.needs())
    except RegionError as error:
        logger.error("%s", error)
        fail(str(error), 1)
    except Exception as error:
        logs.configure(paths.data_folder(), console=logging.CRITICAL)
        logger.error("演示区域未能运行", exc_info=error)
        fail(f"演示区域未能运行：{type(error).__name__}：{error}", 1)


@app.command()
def down(as_json: AsJson = False) -> None:
    """停止演示区域并取消登记其端点；历史保留，相应检查项变为未检。"""
    status = _or_fail(lambda: control.status(district.folder()), as_json)
    pid = int(status["pid"])
    os.kill(pid, signal.SIGTERM)
    ends = time.monotonic() + 30
    while control.running(district.folder()):
        if time.monotonic() > ends:
            fail(f"演示区域（进程 {pid}）30 秒内没有停止", 1, json_wanted=as_json)
        time.sleep(0.1)
    removed = district.leave()
    if as_json:
        printing.as_json({"stopped": pid, "endpoints_removed": removed})
    else:
        typer.echo(f"演示区域已停止，取消登记 {removed} 个端点")


@app.command()
def fault(
    name: Annotated[str | None, typer.Argument(help="故障名，见 --list", metavar="NAME")] = None,
    on: On = None,
    list_all: Annotated[bool, typer.Option("--list", help="列出全部故障")] = False,
    as_json: AsJson = False,
) -> None:
    """注入一个故障；不指定 --on 时用第一个可用对象。"""
    if list_all:
        _list_faults(as_json)
        return
    if name is None:
        fail("请给出故障名；jingwei region fault --list 列出全部故障")
    found = _or_fail(lambda: control.fault(district.folder(), name, on), as_json)
    if as_json:
        printing.as_json(found)
        return
    changed = "已注入" if found["changed"] else "此前已注入"
    typer.echo(f"{changed}：{found['label']}，对象 {found['target']} {found['target_label']}")
    typer.echo(f"应在检查项 {found['item']} 报异常。恢复：{found['repair']}")


def _list_faults(as_json: bool) -> None:
    """Of the running region, else of the register: the list needs no region."""
    if control.running(district.folder()):
        specs = _or_fail(lambda: control.faults(district.folder()), as_json)
    else:
        setup.ensure()
        specs = catalogue.available(district.peers())
    if as_json:
        printing.as_json([_fault(spec) for spec in specs])
        return
    printing.table(
        f"{len(specs)} 种故障", ("故障名", "说明", "必须发现于", "对象"),
        [
            (spec.name, spec.label, spec.item, _some(spec.targets)) for spec in specs
        ],
    )  # fmt: skip


def _fault(spec: FaultSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "label": spec.label,
        "targets": list(spec.targets),
        "item": spec.item,
        "finding": {"item": spec.item, "result": "abnormal"},
        "repair": spec.repair,
    }


def _some(targets: tuple[str, ...]) -> str:
    shown = "、".join(targets[:3])
    return f"{shown} 等 {len(targets)} 个" if len(targets) > 3 else shown


@app.command()
def scenario(
    name: Annotated[str | None, typer.Argument(help="场景名，见 --list", metavar="NAME")] = None,
    list_all: Annotated[bool, typer.Option("--list", help="列出全部场景")] = False,
    as_json: AsJson = False,
) -> None:
    """演一个完整场景：在影响最大的地方注入故障，相关对象随之受影响。"""
    if list_all:
        rows = [(one.name, one.label) for one in scenarios.SCENARIOS.values()]
        if as_json:
            printing.as_json([{"name": name, "label": label} for name, label in rows])
        else:
            printing.table(f"{len(rows)} 个场景", ("场景名", "说明"), rows)
        return
    if name is None:
        fail("请给出场景名；jingwei region scenario --list 列出全部场景")
    found = _or_fail(lambda: control.scenario(district.folder(), name), as_json)
    if as_json:
        printing.as_json(found)
        return
    typer.echo(f"{found['label']}：")
    for one in found["faults"]:
        typer.echo(f"  {one['fault']}：{one['label']}，对象 {one['target']} {one['target_label']}")
    cause = found["cause"]
    typer.echo(
        f"受影响对象 {found['affected']} 个。应首先发现：{cause['target']} 的 {cause['item']} 异常"
    )
    typer.echo("恢复：jingwei region heal")


@app.command()
def heal(
    name: Annotated[str | None, typer.Argument(help="故障名，省略为全部", metavar="NAME")] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """恢复故障：指定的、某对象的，或全部。"""
    found = _or_fail(lambda: control.heal(district.folder(), name, on), as_json)
    if as_json:
        printing.as_json(found)
        return
    healed = found["healed"]
    typer.echo(f"已恢复 {len(healed)} 个故障" if healed else "没有需要恢复的故障")


@app.command()
def status(as_json: AsJson = False) -> None:
    """演示区域是否在运行，有哪些故障。"""
    found = _or_fail(lambda: control.status(district.folder()), as_json, code=1)
    if as_json:
        printing.as_json({"running": True, **found})
    else:
        _show_status(found)


def _show_status(found: dict[str, Any]) -> None:
    console = Console()
    console.print(
        f"演示区域在运行：进程 {found['pid']}，{found['things']} 个对象，"
        f"{found['endpoints']} 个端点，自 {found['started']}"
    )
    for one in found["faults"]:
        console.print(
            f"[bold red]故障[/bold red] {one['fault']}：{one['label']}（{one['target']}）"
        )
    if not found["faults"]:
        console.print("没有注入的故障")
    sys.stdout.flush()


def _or_fail(ask: Callable[[], T], as_json: bool, code: int = 2) -> T:
    try:
        return ask()
    except RegionError as error:
        fail(str(error), code, json_wanted=as_json)
