"""jingwei clock: what a deadline is on either calendar of the contract."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from jingwei.calendars import queries
from jingwei.run import clock, setup
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.sla.calendar import Calendar, UnpublishedError, WallCalendar, WorkingCalendar, due
from jingwei.terms import SHANGHAI

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
        end = due(_calendar(calendar), begun, timedelta(minutes=minutes))
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


def _calendar(which: Which) -> Calendar:
    if which is Which.WALL:
        return WallCalendar()
    setup.ensure()
    return WorkingCalendar(queries.days(date.min, date.max))
