"""jingwei report: build a report, list what there is, prove that nothing was changed since."""

import os
from datetime import date as day_of
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from jingwei.accounts.actions.audit import COMMAND_LINE
from jingwei.checks.content import ContentError
from jingwei.checks.queries import UnknownRoutineError
from jingwei.reports import actions, kinds, queries
from jingwei.reports.daily.front import conclusion
from jingwei.reports.daily.sheet import count
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.files import FORMATS
from jingwei.reports.fonts import FontsMissingError, find
from jingwei.reports.models import Report, ReportState
from jingwei.reports.queries import Verification
from jingwei.reports.snapshot import data_of, thaw
from jingwei.run import clock, setup
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail

app = typer.Typer(no_args_is_help=True)

BROKEN = 1  # verify found something
WRONG = 2  # bad input, bad folder, no fonts

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
_KINDS = " ".join(f"{kind.name}（{kind.label}）" for kind in kinds.KINDS.values())
_STATES = "、".join(f"{value}（{label}）" for value, label in ReportState.choices)


@app.callback()
def group() -> None:
    """生成、列出、校验报告。"""


@app.command()
def build(
    kind: Annotated[str, typer.Argument(help=f"报告类别：{_KINDS}", metavar="KIND")],
    date: Annotated[
        str | None, typer.Option(help="日检报告的日期 YYYY-MM-DD，默认今天（北京时间）")
    ] = None,
    period: Annotated[
        str,
        typer.Option(
            help="报告期：月报 2026-11，季报 2026-Q1（合同季）或 2026-C1（自然季），年报 2026；"
            "故障、应急、演练报告和各表单为单号"
        ),
    ] = "",
    out: Annotated[Path, typer.Option(help="写到哪个文件夹，没有则新建")] = Path(),
    formats: Annotated[
        str, typer.Option("--format", help="docx、pdf、xlsx 或 all（全部）", metavar="FORMAT")
    ] = "all",
    reason: Annotated[
        str, typer.Option(help="已提交或已签收之后再出新版本的原因；不给则不出新版本")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """生成报告并写出 Word、PDF 和表格。已提交、已签收的版本不会改动：重跑写出的仍是原件。"""
    if kind not in kinds.KINDS:
        fail(f"没有“{kind}”这类报告；可用：{'、'.join(kinds.KINDS)}", WRONG, json_wanted=as_json)
    wanted = FORMATS if formats == "all" else (formats,)
    if formats not in (*FORMATS, "all"):
        message = f"--format 应为 {'、'.join(FORMATS)} 或 all，得到“{formats}”"
        fail(message, WRONG, json_wanted=as_json)
    subject = _subject(kind, date, period, as_json)
    _check_folder(out, as_json)
    try:
        if "pdf" in wanted:
            find()  # before anything is written
        setup.ensure()
        report, note = _built(kind, subject, reason)
        paths = actions.render(report, out, wanted)
    except (ReportError, FontsMissingError, ContentError, UnknownRoutineError) as error:
        fail(str(error), WRONG, json_wanted=as_json)
    answer = described(report) | {"files": [str(path.absolute()) for path in paths], "note": note}
    if as_json:
        printing.as_json(answer)
    else:
        _show(answer)


def _subject(kind: str, date: str | None, period: str, as_json: bool) -> str:
    """What the report is about: a day for the daily check, else what --period says."""
    if kind == kinds.DAILY.name:
        if period and date:
            fail("--date 与 --period 只能给一个", WRONG, json_wanted=as_json)
        return printing.day(
            date or period or None, "--date", clock.today(), json_wanted=as_json
        ).isoformat()
    if date:
        fail(f"{kinds.of(kind).label}不用 --date，请用 --period", WRONG, json_wanted=as_json)
    if not period:
        fail("请用 --period 给出报告期或单号", WRONG, json_wanted=as_json)
    return period


def _built(kind: str, subject: str, reason: str) -> tuple[Report, str]:
    """The report to write out, and what to tell about it."""
    now = clock.now()

    def build_() -> Report:
        if kind == kinds.DAILY.name:
            return actions.build_daily(day_of.fromisoformat(subject), COMMAND_LINE, now)
        return actions.build(kind, subject, COMMAND_LINE, now)

    held = queries.newest(kinds.of(kind).number(subject))
    if not reason:
        try:
            return build_(), ""
        except FrozenError as error:
            if held is None:
                raise
            return held, f"{error}（--reason）"
    if held is None or held.state == ReportState.DRAFT:
        return build_(), "尚无已提交的版本，--reason 未用"
    return actions.new_version(held, reason, COMMAND_LINE, now), ""


def _check_folder(out: Path, as_json: bool) -> None:
    """Before building: whether the folder can be written, or made."""
    existing = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not existing.is_dir():
        fail(f"--out：{existing} 不是文件夹", WRONG, json_wanted=as_json)
    if not os.access(existing, os.W_OK | os.X_OK):
        fail(f"--out：没有权限写入文件夹 {existing}", WRONG, json_wanted=as_json)


def described(report: Report) -> dict[str, Any]:
    """A report as machines read it; a daily check with its counts."""
    if report.kind != kinds.DAILY.name:
        result, sentence = kinds.of(report.kind).conclude(data_of(report)[1])
        return summary(report) | {"result": result.value, "conclusion": sentence}
    sheet = thaw(report).sheet
    counts = count(sheet.answers)
    return summary(report) | {
        "planned": counts.planned,
        "checked": counts.checked,
        "abnormal": counts.abnormal,
        "attention": counts.attention,
        "unchecked": counts.unchecked,
        "not_applicable": counts.not_applicable,
        "conclusion": conclusion(sheet)[1],
    }


def summary(report: Report) -> dict[str, Any]:
    """What a list says of a report."""
    return {
        "kind": report.kind,
        "number": report.number,
        "version": report.version,
        "state": report.state,
        "date": report.period_start,
        "until": report.period_end,
        "sha256": report.sha256,
        "created_at": report.created_at,
        "created_by": report.created_by,
        "reason": report.reason,
    }


def _show(answer: dict[str, Any]) -> None:
    console = Console()
    state = ReportState(answer["state"]).label
    counts = ""
    if "planned" in answer:
        counts = (
            f"应检 {answer['planned']}  已检 {answer['checked']}  异常 {answer['abnormal']}  "
            f"关注 {answer['attention']}  未检 {answer['unchecked']}"
        )
    said = f"[bold]{answer['number']} V{answer['version']}[/bold]  {state}  {counts}"
    console.print(said.rstrip())
    console.print(escape(answer["conclusion"]))
    console.print(f"SHA-256  {answer['sha256']}", style="dim", soft_wrap=True)
    for path in answer["files"]:
        console.print(escape(path), soft_wrap=True)
    if answer["note"]:
        console.print(escape(answer["note"]), style="yellow")


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help=f"只看一种状态：{_STATES}")] = "",
    start: Annotated[str | None, typer.Option("--from", help="起始日期 YYYY-MM-DD")] = None,
    end: Annotated[str | None, typer.Option("--to", help="截止日期 YYYY-MM-DD（含）")] = None,
    as_json: AsJson = False,
) -> None:
    """列出报告的各个版本，最近的在前。"""
    if state and state not in ReportState.values:
        fail(f"--state 应为 {_STATES}，得到“{state}”", WRONG, json_wanted=as_json)
    first = printing.day(start, "--from", clock.today(), json_wanted=as_json) if start else None
    last = printing.day(end, "--to", clock.today(), json_wanted=as_json) if end else None
    setup.ensure()
    found = [summary(held) for held in queries.reports(state=state, start=first, end=last)]
    if as_json:
        printing.as_json(found)
        return
    if not found:
        Console().print("没有报告；用 jingwei report build daily 生成")
        return
    rows = [
        (held["number"], f"V{held['version']}", ReportState(held["state"]).label,
         printing.when(held["created_at"]), held["created_by"], held["sha256"][:12])
        for held in found
    ]  # fmt: skip
    printing.table("", ("编号", "版本", "状态", "生成时间", "生成人", "SHA-256"), rows)


@app.command()
def verify(
    number: Annotated[
        str, typer.Argument(help="报告编号；不给则校验全部", metavar="[NUMBER]")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """重新计算数据快照和定稿文件的 SHA-256，与数据库和审计日志核对。退出码 1：有改动。"""
    setup.ensure()
    if number and queries.newest(number) is None:
        fail(f"没有编号为“{number}”的报告", WRONG, json_wanted=as_json)
    checked, gone = queries.verify_all(number)
    bad = [result for result in checked if not result.ok]
    if as_json:
        printing.as_json(
            {"ok": not bad and not gone, "reports": [_verified(one) for one in checked],
             "missing": gone}
        )  # fmt: skip
    else:
        console = Console()
        for result in bad:
            title = f"✕ {queries.audit_key(result.report)}：{'；'.join(result.problems)}"
            console.print(escape(title), style="red")
        for text in gone:
            console.print(escape(f"✕ {text}"), style="red")
        console.print(f"校验 {len(checked)} 个版本，{len(checked) - len(bad)} 个无改动")
    if bad or gone:
        raise typer.Exit(BROKEN)


def _verified(result: Verification) -> dict[str, Any]:
    return {
        "number": result.report.number,
        "version": result.report.version,
        "state": result.report.state,
        "ok": result.ok,
        "problems": list(result.problems),
    }
