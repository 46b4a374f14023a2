"""jingwei up and jingwei work."""

from typing import Annotated

import typer
from rich.console import Console

from jingwei.assets.actions import SeedError
from jingwei.checks.content import ContentError
from jingwei.run import policies, setup, supervisor, worker
from jingwei.run.cli.printing import fail
from jingwei.run.setup import Prepared

app = typer.Typer(no_args_is_help=True)


@app.command()
def up(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听端口", min=1, max=65535)] = 8000,
    region: Annotated[
        bool | None,
        typer.Option(
            "--region/--no-region", help="是否启动演示区域（记住选择；默认：未登记真实端点时启动）"
        ),
    ] = None,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="是否在本机执行检查")
    ] = True,
) -> None:
    """启动静卫：页面、检查与演示区域。Ctrl-C 或 SIGTERM 停止。"""
    console = Console()

    def say(text: str) -> None:
        console.print(f"[dim]{text}[/dim]")

    def greet(prepared: Prepared, with_region: bool) -> None:
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - what was given
        console.print(f"[bold]静卫已启动：http://{shown}:{port}/[/bold]")
        if prepared.administrator:
            name, password = prepared.administrator
            console.print(f"管理员 {name}，初始密码 {password}（只显示这一次，请立即修改）")
        if with_region:
            console.print("演示区域：端点与读数均来自本机的微缩区域，不是真实设备。")
        console.print("按 Ctrl-C 停止。")

    try:
        supervisor.up(host, port, region=region, worker=with_worker, say=say, greet=greet)
    except (supervisor.PortTakenError, ContentError, SeedError) as error:
        fail(str(error))


@app.command()
def work(
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """只执行检查（可在多台主机上对同一 PostgreSQL 运行多个）。"""
    if with_parent:
        supervisor.end_with_parent()
    else:
        try:
            policies.check()
        except ContentError as error:
            fail(str(error))
        setup.migrate()
    worker.work()
