"""jingwei contract: where every obligation stands, and what is owed when."""

import re
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from jingwei.contract import queries
from jingwei.contract.models import Contract
from jingwei.run import clock
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.sla.measures import Line
from jingwei.sla.owed import between
from jingwei.terms import SHANGHAI
from jingwei.terms.obligation import Standing

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
_MOST = 50  # rows of evidence in JSON; the page opens to all


@app.callback()
def group() -> None:
    """合同履约：义务状态、到期工作。"""


@app.command()
def assess(
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至日期 YYYY-MM-DD")] = None,
    as_json: AsJson = False,
) -> None:
    """每条义务的状态、值、限值与证据。"""
    now = _moment(as_of, as_json)
    contract = _contract(now.astimezone(SHANGHAI).date(), as_json)
    rows = queries.assess_all(contract, now)
    if as_json:
        printing.as_json(
            {
                "contract": contract.code, "version": contract.version,
                "demonstration": contract.demonstration, "as_of": now,
                "counts": Counter(row.assessment.verdict.standing.value for row in rows),
                "obligations": [_described(row) for row in rows],
            }
        )  # fmt: skip
        return
    counts = Counter(row.assessment.verdict.standing for row in rows)
    printing.table(
        f"{contract}，截至 {now:%Y-%m-%d %H:%M}：共 {len(rows)} 条",
        ("状态", "条数"), [(each.label, counts[each]) for each in Standing],
    )  # fmt: skip
    wrong = (Standing.BREACHED, Standing.NOT_AGREED)
    printing.table(
        "违约与未约定", ("义务", "状态", "值", "限值"),
        [
            (r.obligation.key, r.assessment.verdict.standing.label, r.assessment.verdict.value,
             r.assessment.verdict.limit)
            for r in rows if r.assessment.verdict.standing in wrong
        ],
    )  # fmt: skip


@app.command()
def duties(
    first: Annotated[str | None, typer.Option("--from", help="起始日期 YYYY-MM-DD")] = None,
    last: Annotated[str | None, typer.Option("--to", help="截止日期 YYYY-MM-DD（含）")] = None,
    as_json: AsJson = False,
) -> None:
    """合同展开为带日期的工作：何时该做、做了没有。默认从今天起七天。"""
    today = clock.today()
    low = printing.day(first, "--from", today, json_wanted=as_json)
    high = printing.day(last, "--to", low + timedelta(days=6), json_wanted=as_json)
    if high < low:
        fail(f"--to {high} 早于 --from {low}", json_wanted=as_json)
    now = clock.now()
    contract = _contract(low, as_json)
    labels = queries.labels(contract)
    rows = between(queries.duties(contract, now), low, high)
    if as_json:
        printing.as_json(
            [
                {
                    "what": row.what, "label": labels.get(row.what, row.what),
                    "obligations": row.obligation.split("、"), "period": row.label,
                    "opens": row.opens, "last": row.last, "number": row.number,
                    "done": row.done, "standing": row.standing.value,
                    "evidence": [str(ref) for ref in row.refs[:_MOST]],
                }
                for row in rows
            ]
        )  # fmt: skip
        return
    printing.table(
        f"{low} 至 {high}", ("到期", "工作", "期间", "应做", "已做", "状态"),
        [(row.last, labels.get(row.what, row.what), row.label, row.number, row.done,
          row.standing.label) for row in rows],
    )  # fmt: skip


@app.command()
def verify(
    witness: Annotated[
        str, typer.Option("--witness", help="纸质报告上印的审计链条目，序号:哈希；须仍在链中")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """校验证据：审计链、只可追加的保护、每条记录、每个文件、每份报告。有问题时退出码为 1。"""
    found = queries.verify(witness=_link(witness, as_json))
    from jingwei.reports import queries as reports_of  # noqa: PLC0415 - all kinds take half a second

    reports, strays = reports_of.verify_all()
    broken = [asdict(each) for each in found.broken]
    broken += [
        {"kind": "report", "key": each.report.number, "why": why}
        for each in reports
        for why in each.problems
    ]
    broken += [{"kind": "report-file", "key": name, "why": "不属于任何报告"} for name in strays]
    answer = {"links": found.links, "rows": found.rows, "files": found.files,
              "reports": len(reports), "broken": broken}  # fmt: skip
    if as_json:
        printing.as_json(answer)
    else:
        printing.table(
            f"审计链 {found.links} 条，记录 {found.rows} 条，文件 {found.files} 个，"
            f"报告 {len(reports)} 份：{'全部一致' if not broken else f'{len(broken)} 处不一致'}",
            ("种类", "编号", "问题"), [tuple(each.values()) for each in broken],
        )  # fmt: skip
    if broken:
        raise typer.Exit(1)


def _link(text: str, as_json: bool) -> tuple[int, str] | None:
    """A link as it is printed, `123:` and 64 hexadecimal digits."""
    if not text:
        return None
    match = re.fullmatch(r"\s*([1-9][0-9]{0,17}):([0-9a-fA-F]{64})\s*", text)
    if match is None:
        fail("--witness 应为“序号:哈希”，哈希为 64 位十六进制，与纸质报告上所印相同",
             json_wanted=as_json)  # fmt: skip
    return int(match[1]), match[2].lower()


def _moment(as_of: str | None, as_json: bool) -> datetime:
    """The end of a past day, or now."""
    today = clock.today()
    day = printing.day(as_of, "--as-of", today, json_wanted=as_json)
    if day > today:
        fail(f"--as-of {day} 在今天之后，还没有证据", json_wanted=as_json)
    if day == today:
        return clock.now()
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - timedelta(seconds=1)


def _contract(day: date, as_json: bool) -> Contract:
    found = queries.current(day)
    if found is None:
        fail(f"{day} 没有在服务期内的合同", 1, json_wanted=as_json)
    return found


def _described(row: queries.Assessed) -> dict[str, Any]:
    verdict = row.assessment.verdict
    return {
        "id": row.obligation.key, "clause": row.obligation.clause, "text": row.obligation.text,
        "state": verdict.standing.value, "value": verdict.value, "limit": verdict.limit,
        "due": verdict.due, "note": verdict.note,
        "evidence": [str(ref) for ref in verdict.refs[:_MOST]],
        "lines": [_line(line) for line in verdict.lines[:_MOST]],
        "readings": [
            {"readings": list(under.readings), "state": under.verdict.standing.value,
             "value": under.verdict.value}
            for under in row.assessment.under
        ],
        "undecided": list(row.assessment.open_questions),
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {"state": line.standing.value, "text": line.text, "evidence": str(line.ref or "")}
