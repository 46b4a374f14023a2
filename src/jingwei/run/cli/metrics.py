"""jingwei metrics: observations written to a remote Prometheus."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import typer
from django.db import connections
from rich.console import Console

from jingwei.run import clock, loop
from jingwei.run.cli.printing import fail
from jingwei.run.metrics.push import configured
from jingwei.run.metrics.stream import Stream

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")


@app.command()
def push() -> None:
    """把尚未外送的读数写到 JINGWEI_REMOTE_WRITE_URL（Prometheus remote-write），送完即止。"""
    try:
        place = configured()
    except ValueError as error:
        fail(str(error))
    if place is None:
        fail("未设置 JINGWEI_REMOTE_WRITE_URL，不知道送往何处")
    found = loop.run(Stream(place, clock.now, _in_thread).round())
    text = f"已外送 {found.sent} 条读数"
    if found.dropped:
        text += f"，对方拒收 {found.dropped} 条（原因见日志）"
    Console().print(text)
    if found.problem:
        fail(f"其余未送出，下次继续：{found.problem}")
    if found.dropped:
        raise typer.Exit(1)


async def _in_thread(work: Callable[[], T]) -> T:
    def closing() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(closing)


@app.callback()
def _group() -> None:
    """One command alone would be taken for the whole group."""
