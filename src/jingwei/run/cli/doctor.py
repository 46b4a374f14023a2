"""jingwei doctor: what is missing or misconfigured, and how to mend it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from jingwei.run import clock
from jingwei.run.doctor import Level, Line, examine

app = typer.Typer(no_args_is_help=True)
_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "red"}
_SIGNS = {Level.OK: "●", Level.WARN: "◆", Level.BAD: "✕"}


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
    """检查本机与安装：缺什么、哪里配置不当、如何解决。有故障时退出码为 1。"""
    lines = examine(settings.JINGWEI_DATA, clock.now())
    sound = all(line.level is not Level.BAD for line in lines)
    if as_json:
        rows = [asdict(line) for line in lines]
        typer.echo(json.dumps({"ok": sound, "checks": rows}, ensure_ascii=False, indent=2))
    else:
        _table(lines)
    raise typer.Exit(0 if sound else 1)


def _table(lines: list[Line]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name in ("state", "name", "detail"):
        table.add_column(name, overflow="fold", no_wrap=name != "detail")
    for line in lines:
        colour = _COLOURS[line.level]
        state = f"[{colour}]{_SIGNS[line.level]} {line.level.label}[/]"
        table.add_row(state, line.name, line.detail)
        if line.mend:
            table.add_row("", "", f"[dim]→ {line.mend}[/]")
    Console().print(table)
    counts = {level: sum(line.level is level for line in lines) for level in Level}
    words = "，".join(f"{level.label} {count}" for level, count in counts.items())
    Console().print(f"共 {len(lines)} 项：{words}")
