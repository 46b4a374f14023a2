"""jingwei notice: channels from the command line, by the same actions as the worker."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jingwei.desk.actions import DeskError, outbox
from jingwei.desk.models import Delivery, Notice, NoticeChannel, NoticeState
from jingwei.run import clock, loop
from jingwei.run.cli.printing import fail
from jingwei.run.desk import worker_name
from jingwei.run.notices.outbox import Outbox

LONGEST = 75.0  # seconds: an SMS gateway may take a minute (run.notices.sending)
SHOWN = ("id", "at", "channel", "title", "label", "said")
app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("test")
def send_test(
    channel: Annotated[str, typer.Argument(help="渠道的名称")], as_json: AsJson = False
) -> None:
    """向一个渠道真实发送一条测试通知，并显示对方的应答。"""
    held = NoticeChannel.objects.filter(name=channel.encode(errors="replace").decode()).first()
    if held is None:
        names = "、".join(NoticeChannel.objects.values_list("name", flat=True)) or "尚未登记渠道"
        fail(f"没有名为“{channel}”的渠道；现有：{names}", 1, json_wanted=as_json)
    try:
        notice = outbox.test(held, None, clock.now())
    except DeskError as error:
        fail(error.message, 1, json_wanted=as_json)
    name = worker_name()
    if outbox.claim_one(notice, name, clock.now(), clock.now() + timedelta(minutes=5)):
        loop.run(_send(notice, name))
    last = _outcome(notice)
    ok, detail = (last.ok, last.detail) if last else (False, "工作进程仍在发送，结果见发送记录")
    typer.echo(json.dumps({"ok": ok, "detail": detail}, ensure_ascii=False) if as_json else detail)
    raise typer.Exit(0 if ok else 1)


def _outcome(notice: Notice) -> Delivery | None:
    """What became of it: a worker may have been quicker, then it is the worker's to tell."""
    ends = time.monotonic() + LONGEST
    while True:
        last = notice.deliveries.order_by("-pk").first()
        if last is not None or time.monotonic() > ends:
            return last
        time.sleep(0.2)


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
    if not found:
        typer.echo("没有发送失败的通知。" if failed else "还没有通知。")
        return
    table = Table("编号", "时间", "渠道", "标题", "状态", "结果")
    for one in found:
        table.add_row(*(escape(str(one[key])) for key in SHOWN))
    Console().print(table)


def _row(one: Notice) -> dict[str, object]:
    said = list(one.deliveries.all())
    return {
        "id": one.pk, "at": clock.local(one.created_at).isoformat(timespec="seconds"),
        "channel": one.channel.name, "topic": one.topic, "title": one.title,
        "state": one.state, "label": one.get_state_display(), "attempts": one.attempts,
        "said": said[-1].detail if said else "",
    }  # fmt: skip
