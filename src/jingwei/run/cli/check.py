"""jingwei check: run a routine now, see what is known of every check."""

from typing import Annotated, Any

import typer
from rich.console import Console

from jingwei.assets.models import Target
from jingwei.checks import queries
from jingwei.checks.actions import BadInputError
from jingwei.checks.actions.routine import must_be_today
from jingwei.checks.content import ContentError
from jingwei.checks.queries import Board, CheckRow, Row, UnknownRoutineError
from jingwei.run import clock, setup
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.run.routine import Outcome, run_routine
from jingwei.terms import Result

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
TargetKey = Annotated[str | None, typer.Option("--target", help="只看一个对象，如 HW-016-1")]
ItemId = Annotated[str | None, typer.Option("--item", help="只看一个检查项，如 storage.disk")]


@app.command()
def run(
    routine: Annotated[str, typer.Argument(help="例行检查，如 daily", metavar="ROUTINE")],
    date: Annotated[str | None, typer.Option(help="日期 YYYY-MM-DD，默认今天（北京时间）")] = None,
    fail_on_abnormal: Annotated[
        bool, typer.Option("--fail-on-abnormal", help="有异常时退出码为 1")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """立即执行一次例行检查并写入当日检查表。无需 jingwei up 正在运行。"""
    on = printing.day(date, "--date", clock.today(), json_wanted=as_json)
    setup.ensure()
    try:
        queries.routine(routine)
        must_be_today(on, clock.now())
        with printing.progress("正在检查", shown=not as_json) as progress:
            found = run_routine(routine, on, progress=progress)
    except (UnknownRoutineError, BadInputError, ContentError) as error:
        fail(str(error), json_wanted=as_json)
    if as_json:
        printing.as_json(outcome(found))
    else:
        _show(found)
    if fail_on_abnormal and found.board.counts.abnormal:
        raise typer.Exit(1)


def outcome(found: Outcome) -> dict[str, Any]:
    """A run as machines read it."""
    board, counts = found.board, found.board.counts
    return {
        "routine": board.routine,
        "date": board.date,
        "planned": counts.planned,
        "checked": counts.checked,
        "normal": counts.normal,
        "attention": counts.attention,
        "abnormal": counts.abnormal,
        "unchecked": counts.unchecked,
        "not_applicable": counts.not_applicable,
        "took_seconds": round(found.took, 3),
        "findings": [_finding(row) for row in board.exceptions],
        "unchecked_reasons": dict(board.unchecked_reasons),
        "kept_manual_answers": [
            {"item": answer.item, "target_id": answer.target_id, "automatic": answer.result}
            for answer in found.kept
        ],
    }


def _finding(row: Row) -> dict[str, Any]:
    return {
        "target": row.target,
        "label": row.target_label,
        "item": row.item,
        "item_label": row.item_label,
        "result": row.result.value,
        "reading": row.reading,
        "threshold": row.threshold,
        "trend": row.trend,
        "reason": row.reason,
        "finding": row.finding_id,
    }


def _show(found: Outcome) -> None:
    board, counts, console = found.board, found.board.counts, Console()
    console.print(
        f"[bold]{board.label} {board.date}[/bold]  应检 {counts.planned}  已检 {counts.checked}  "
        f"异常 {counts.abnormal}  关注 {counts.attention}  未检 {counts.unchecked}  "
        f"不适用 {counts.not_applicable}  用时 {found.took:.1f} 秒"
    )
    if board.exceptions:
        printing.table(
            "", ("结果", "对象", "名称", "检查项", "实测值", "阈值"),
            [
                (printing.word(row.result), row.target, row.target_label, row.item_label,
                 row.reading or row.reason, row.threshold)
                for row in board.exceptions
            ],
        )  # fmt: skip
    elif counts.checked:
        console.print(f"{printing.word(Result.NORMAL)}：已检各项没有异常")
    else:
        console.print(f"{printing.word(Result.UNCHECKED)}：没有一项得到检查，不作正常判定")
    _why_unchecked(board)
    for answer in found.kept:
        console.print(f"人工答复保留：{answer.item}（自动检查为{answer.result.label}）")


def _why_unchecked(board: Board) -> None:
    if board.unchecked_reasons:
        printing.table("未检原因", ("原因", "项数"), board.unchecked_reasons)


@app.command()
def status(
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="某日结束时的状态 YYYY-MM-DD，默认现在")
    ] = None,
    target: TargetKey = None,
    item: ItemId = None,
    as_json: AsJson = False,
) -> None:
    """每个检查的当前状态，异常在前。"""
    setup.ensure()
    on = printing.day(as_of, "--as-of", clock.today(), json_wanted=as_json) if as_of else None
    _known(target, as_json)
    rows = queries.check_status(on, target=target, item=item)
    counts = queries.status_counts(rows)
    if as_json:
        printing.as_json(
            {
                "as_of": on or clock.now(),
                "counts": {result.value: number for result, number in counts.items()},
                "checks": [_check(row) for row in rows],
            }
        )
        return
    shown = "  ".join(f"{printing.word(result)} {number}" for result, number in counts.items())
    Console().print(f"共 {len(rows)} 个检查  {shown}")
    bad = [row for row in rows if row.result not in (Result.NORMAL, Result.NOT_APPLICABLE)]
    if bad:
        order = (Result.ABNORMAL, Result.ATTENTION, Result.UNCHECKED)
        bad.sort(key=lambda row: order.index(row.result))
        printing.table(
            "", ("状态", "对象", "检查", "读数或原因", "自"),
            [
                (printing.word(row.result), row.target, row.label, row.reading or row.reason,
                 printing.when(row.since))
                for row in bad
            ],
        )  # fmt: skip


def _check(row: CheckRow) -> dict[str, Any]:
    return {
        "check": row.key,
        "target": row.target,
        "item": row.item,
        "label": row.label,
        "result": row.result.value,
        "since": row.since,
        "reading": row.reading,
        "threshold": row.threshold,
        "reason": row.reason,
        "last_at": row.last_at,
        "flapping": row.flapping,
    }


@app.command("list")
def list_checks(target: TargetKey = None, item: ItemId = None, as_json: AsJson = False) -> None:
    """列出全部检查及其探针、周期、地址。"""
    setup.ensure()
    _known(target, as_json)
    found = list(queries.checks(target=target, item=item))
    if as_json:
        printing.as_json(
            [
                {"check": check.key, "target": check.target.key, "item": check.item,
                 "label": check.label, "probe": check.probe, "every": check.every,
                 "address": _address(check), "source": check.source}
                for check in found
            ]
        )  # fmt: skip
        return
    printing.table(
        f"共 {len(found)} 个检查", ("检查", "名称", "探针", "周期", "地址"),
        [
            (check.key, check.label, check.probe, f"{check.every} s", _address(check))
            for check in found
        ],
    )  # fmt: skip


def _known(target: str | None, as_json: bool) -> None:
    """Leave with 2 for a target the register doesn't have: no rows must mean no checks."""
    if target is not None and not Target.objects.filter(key=target).exists():
        fail(
            f"登记里没有 {target}；应为设备号、应用号、数据库号或机房号，如 HW-016-1",
            json_wanted=as_json,
        )


def _address(check: Any) -> str:
    endpoint = check.endpoint
    return f"{endpoint.address}:{endpoint.port}" if endpoint else ""
