"""jingwei clock: what a deadline is on either calendar of the contract."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from jingwei.calendars import queries
from jingwei.contract.queries import hours, ticket_clocks
from jingwei.desk.models import Ticket
from jingwei.run import clock, setup
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.sla.calendar import Calendar, UnpublishedError, WallCalendar, WorkingCalendar, due
from jingwei.sla.clock import Clock, ClockState
from jingwei.terms import SHANGHAI

_NAMES = {"phone": "电话响应", "on_site": "到场", "repair": "排除故障"}
_STATES = {
    ClockState.NOT_STARTED: "未起算",
    ClockState.RUNNING: "在计",
    ClockState.PAUSED: "暂停计时",
    ClockState.OVERDUE: "已超时",
    ClockState.MET: "按时",
    ClockState.BREACHED: "超时",
    ClockState.NOT_APPLICABLE: "不适用",
    ClockState.DEFECT: "记录有缺",
    ClockState.UNPUBLISHED: "日历未公布",
}

app = typer.Typer(no_args_is_help=True)


class Which(StrEnum):
    """The two calendars."""

    WORKING = "5x8"
    WALL = "7x24"


@app.callback()
def group() -> None:
    """时限：工作时间与自然时间。"""


@app.command("due")
def due_command(
    calendar: Annotated[Which, typer.Option(help="5x8 工作时间，或 7x24 自然时间")],
    start: Annotated[str, typer.Option("--from", help="起算时间，如 2023-01-20T17:20")],
    minutes: Annotated[int, typer.Option(min=0, help="时限（分钟）")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """从某一时刻起，若干分钟的时限到何时为止（含该时刻）。"""
    try:
        begun = datetime.fromisoformat(start)
    except ValueError:
        fail(f"--from：“{start}”不是时间，应写成 2023-01-20T17:20", json_wanted=as_json)
    begun = clock.local(begun if begun.tzinfo else begun.replace(tzinfo=SHANGHAI))
    try:
        end = due(_calendar(calendar, begun.date()), begun, timedelta(minutes=minutes))
    except (UnpublishedError, OverflowError) as error:
        fail(str(error), json_wanted=as_json)
    if as_json:
        printing.as_json(
            {
                "calendar": calendar.value,
                "from": begun.isoformat(),
                "minutes": minutes,
                "due": end.isoformat(),
            }
        )
    else:
        typer.echo(f"{calendar.value}：{begun:%Y-%m-%d %H:%M} 起 {minutes} 分钟")
        typer.echo(f"到期：{end:%Y-%m-%d %H:%M:%S}（含）")


@app.command("ticket")
def ticket_command(
    number: Annotated[str, typer.Argument(help="工单号，如 IN20220001")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """一张故障单的全部时限，工作时间与自然时间并列。"""
    setup.ensure()
    # A NUL never names a ticket, and PostgreSQL refuses to look for one.
    found = None if "\x00" in number else Ticket.objects.filter(number=number).first()
    if found is None:
        fail(f"没有工单“{number}”", json_wanted=as_json)
    now = clock.now()
    held = ticket_clocks(found, now)
    if as_json:
        printing.as_json(
            {
                "ticket": found.number,
                "as_of": now,
                "severity": held.severity,
                "due": held.due,
                "clocks": [_plain(each) for each in held.all],
            }
        )
        return
    if held.severity is None:
        typer.echo(f"{found.number}：没有时限（只有已定级、未取消的故障单计时）")
        return
    printing.table(
        f"{found.number}　{held.severity.label}",
        ("日历", "时限", "状态", "起算", "到期", "完成", "说明"),
        [
            (
                each.calendar, _NAMES.get(each.limit.name, each.limit.name),
                _STATES[each.state], printing.when(each.started), printing.when(each.due),
                printing.when(each.stopped), each.note,
            )
            for each in held.all
        ],
    )  # fmt: skip


def _plain(each: Clock) -> dict[str, object]:
    """A clock for machines; spans in seconds, None where there is none."""
    return {
        "calendar": each.calendar,
        "name": each.limit.name,
        "clause": each.limit.clause,
        "allowed_seconds": int(each.limit.allowed.total_seconds()),
        "state": each.state.value,
        "started": each.started,
        "due": each.due,
        "stopped": each.stopped,
        "used_seconds": None if each.used is None else each.used.total_seconds(),
        "left_seconds": None if each.left is None else each.left.total_seconds(),
        "note": each.note,
    }


def _calendar(which: Which, day: date) -> Calendar:
    if which is Which.WALL:
        return WallCalendar()
    setup.ensure()
    return WorkingCalendar(queries.days(date.min, date.max), hours(day))
