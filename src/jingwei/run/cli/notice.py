"""jingwei notice: channels from the command line, by the same actions as the worker."""

import asyncio
import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jingwei.desk.actions import DeskError, outbox
from jingwei.desk.models import Notice, NoticeChannel, NoticeState
from jingwei.run import clock, loop
from jingwei.run.desk import worker_name
from jingwei.run.notices.outbox import Outbox

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("test")
def send_test(channel: str, as_json: AsJson = False) -> None:
    """向一个渠道真实发送一条测试通知，并显示对方的应答。"""
    held = NoticeChannel.objects.filter(name=channel).first()
    if held is None:
        names = "、".join(NoticeChannel.objects.values_list("name", flat=True)) or "尚未登记渠道"
        typer.echo(f"没有名为“{channel}”的渠道；现有：{names}", err=True)
        raise typer.Exit(1)
    try:
        notice = outbox.test(held, None, clock.now())
    except DeskError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None
    name = worker_name()
    if outbox.claim_one(notice, name, clock.now(), clock.now() + timedelta(minutes=5)):
        loop.run(_send(notice, name))
    # A worker may have been quicker; what happened is in the log either way.
    last = notice.deliveries.order_by("-pk").first()
    ok, detail = (last.ok, last.detail) if last else (False, "由工作进程发送，结果见发送记录")
    typer.echo(json.dumps({"ok": ok, "detail": detail}, ensure_ascii=False) if as_json else detail)
    raise typer.Exit(0 if ok else 1)


async def _send(notice: Notice, name: str) -> None:
    sender = Outbox(name)
    await sender.deliver(notice)
    done = asyncio.Event()
    done.set()
    await sender.run(done)


@app.command("list")
def show(
    failed: Annotated[bool, typer.Option("--failed", help="只列发送失败的")] = False,
    as_json: AsJson = False,
) -> None:
    """列出最近 200 条通知。"""
    rows = Notice.objects.select_related("channel").prefetch_related("deliveries")
    if failed:
        rows = rows.filter(state=NoticeState.FAILED)
    found = [_row(one) for one in rows.order_by("-pk")[:200]]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("编号", "时间", "渠道", "标题", "状态", "结果")
    for one in found:
        table.add_row(*(str(one[key]) for key in ("id", "at", "channel", "title", "state", "said")))
    Console().print(table)


def _row(one: Notice) -> dict[str, object]:
    said = list(one.deliveries.all())
    return {
        "id": one.pk, "at": clock.local(one.created_at).isoformat(timespec="seconds"),
        "channel": one.channel.name, "topic": one.topic, "title": one.title,
        "state": one.state, "attempts": one.attempts, "said": said[-1].detail if said else "",
    }  # fmt: skip
