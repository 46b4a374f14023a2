"""jingwei assets: the register in numbers, in and out of files, and the secrets of real targets."""

import errno
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jingwei.accounts.actions.audit import COMMAND_LINE
from jingwei.assets import actions, queries
from jingwei.assets.actions import Imported, RefusedError
from jingwei.assets.tables import kinds, writing
from jingwei.assets.tables.problems import UnreadableError
from jingwei.assets.words import kind_label
from jingwei.contract import queries as contract
from jingwei.run import clock
from jingwei.run.cli import printing

app = typer.Typer(no_args_is_help=True)

_WHY = {
    errno.ENOENT: "没有这个文件",
    errno.EISDIR: "这是一个文件夹",
    errno.EACCES: "没有读取权限",
}
BAD_ROWS = 1
UNREADABLE = 2
_SHOWN = 40
_KINDS = "、".join(f"{table.name}（{table.label}）" for table in kinds.TABLES)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
AsOf = Annotated[str | None, typer.Option(help="截至日期 YYYY-MM-DD，默认今天")]
Kind = Annotated[str | None, typer.Option(help=f"台账：{_KINDS}")]
Reason = Annotated[str, typer.Option(help="原因，记入变更记录")]

_WORDS = {
    "rows": "硬件清单行",
    "units": "设备台数",
    "tender_in_warranty_units": "招标文件写保内（台）",
    "tender_out_of_warranty_units": "招标文件写过保（台）",
    "in_warranty_units": "按日期推算保内（台）",
    "out_of_warranty_units": "按日期推算过保（台）",
    "warranty_disagrees_units": "推算与招标文件不一致（台）",
    "lapsed_before_start_units": "写保内、服务期开始前已过保（台）",
    "lapses_during_service_units": "写保内、服务期内转过保（台）",
    "applications": "应用",
    "systems": "应用系统",
    "institutions": "医疗机构",
    "sample_institutions": "其中示例机构",
    "sites": "站点",
    "rooms": "机房",
    "databases": "数据库",
    "targets": "检查对象",
    "endpoints": "接入端点",
    "demo_endpoints": "其中演示区域端点",
}


@app.command()
def summary(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """台账汇总：行、台、保修、应用、系统、机构。"""
    day = printing.day(as_of, "--as-of", clock.today(), json_wanted=as_json)
    counted = queries.summary(day, **_period(day))
    if as_json:
        _print(counted)
        return
    period = f"，服务期 {counted['period_start']} 至 {counted['period_end']}"
    table = Table("项目", "数", title=f"台账汇总（截至 {day}{period if _period(day) else ''}）")
    table.columns[1].justify = "right"
    for name, word in _WORDS.items():
        value = counted[name]
        table.add_row(word, "未约定" if value is None else str(value))
    Console().print(table)
    by_kind = counted["kinds"]
    if isinstance(by_kind, dict):
        Console().print("　".join(f"{kind_label(kind)} {n}" for kind, n in by_kind.items()))


def _period(day: date) -> dict[str, date]:
    """The service period that holds the day, a signed one first; else the latest signed one."""
    found = contract.current(day, demonstration=False) or contract.current(day)
    if found is None:
        found = contract.contracts().filter(copy_of=None).first()
    return {"start": found.period_start, "end": found.period_end} if found else {}


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="XLSX 或 CSV 文件", metavar="FILE")],
    kind: Kind = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只预演，不写入")] = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """导入台账。表头决定是哪一种；有一行出错就整体不写入。退出码 1：有错行；2：文件读不了。"""
    try:
        data = file.read_bytes()
    except OSError as error:
        _unreadable(f"读不到文件 {file}：{_WHY.get(error.errno or 0, error.strerror)}", as_json)
    try:
        done = actions.import_file(
            data,
            table=kind,
            dry_run=dry_run,
            actor=COMMAND_LINE,
            now=clock.now(),
            reason=reason or f"导入 {file.name}",
        )
    except UnreadableError as error:
        _unreadable(str(error), as_json)
    if as_json:
        _print(_outcome(done))
    else:
        _show(done)
    if done.errors:
        raise typer.Exit(BAD_ROWS)


def _unreadable(message: str, as_json: bool) -> NoReturn:
    """Machines get the shape they know, with one error that belongs to no row."""
    if not as_json:
        _refuse(message, as_json)
    error = {"row": 0, "field": "文件", "message": message}
    _print({"created": 0, "updated": 0, "unchanged": 0, "errors": [error], "written": False})
    raise typer.Exit(UNREADABLE)


def _outcome(done: Imported) -> dict[str, Any]:
    return {
        "kind": done.table,
        "dry_run": done.dry_run,
        "written": done.written,
        "rows": done.rows,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "errors": [asdict(error) for error in done.errors],
        "ignored_columns": list(done.ignored),
        "encoding": done.encoding,
    }


def _show(done: Imported) -> None:
    console = Console()
    if done.errors:
        table = Table("行", "列", "问题", title=f"{done.label}：{len(done.errors)} 处有误，未写入")
        for error in done.errors[:_SHOWN]:
            table.add_row(str(error.row), escape(error.field), escape(error.message))
        console.print(table)
        if len(done.errors) > _SHOWN:
            console.print(f"……另有 {len(done.errors) - _SHOWN} 处，用 --json 查看全部")
        return
    for change in done.changes[:_SHOWN]:
        fields = "；".join(
            f"{name} {before or '—'} → {after or '—'}" for name, before, after in change.fields
        )
        console.print(
            f"{'新增' if change.created else '修改'} {escape(change.key)}：{escape(fields)}"
        )
    if len(done.changes) > _SHOWN:
        console.print(f"……另有 {len(done.changes) - _SHOWN} 条")
    verb = "预演，未写入" if done.dry_run else "已写入" if done.written else "没有变化"
    console.print(
        f"{done.label}（{verb}）：新增 {done.created}，修改 {done.updated}，不变 {done.unchanged}"
    )


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="写到哪里：.xlsx 或 .csv", metavar="FILE")],
    kind: Kind = "units",
    encoding: Annotated[str, typer.Option(help="CSV 编码：utf-8-sig 或 gb18030")] = "utf-8-sig",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """导出台账；导出的文件可原样导入。口令从不导出。"""
    day = printing.day(as_of, "--as-of", clock.today(), json_wanted=as_json)
    known = {table.name: table for table in kinds.TABLES}
    if kind not in known:
        _refuse(f"没有名为“{kind}”的台账，应为 {_KINDS}", as_json)
    table = known[kind or ""]
    headers, rows = queries.export_table(table, day)
    suffix = file.suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        _refuse(f"文件名应以 .xlsx 或 .csv 结尾，现为“{file.name}”", as_json)
    try:
        if suffix == ".xlsx":
            data = writing.to_xlsx(table.label, headers, rows)
        else:
            data = writing.to_csv(headers, rows, encoding)
        file.write_bytes(data)
    except (LookupError, UnicodeEncodeError):
        _refuse(f"不能用编码 {encoding} 写出，请用 utf-8-sig 或 gb18030", as_json)
    except OSError as error:
        _refuse(f"写不了文件 {file}：{error.strerror}", as_json)
    if as_json:
        _print({"kind": table.name, "rows": len(rows), "file": str(file), "bytes": len(data)})
    else:
        Console().print(f"{table.label}：已导出 {len(rows)} 行到 {escape(str(file))}")


@app.command()
def credential(
    name: Annotated[str, typer.Argument(help="凭据名称，端点按它引用", metavar="NAME")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="要填写的字段，如 user password", metavar="FIELD...")
    ] = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """登记或更换凭据：逐项提问（不回显）；不给字段则从标准输入读 JSON 对象。"""
    if fields:
        secrets = {field: typer.prompt(field, hide_input=True) for field in fields}
    else:
        secrets = _secrets_from_input(as_json)
    try:
        saved = actions.save_credential(
            name, secrets, actor=COMMAND_LINE, now=clock.now(), reason=reason
        )
    except RefusedError as error:
        _refuse(str(error), as_json)
    if as_json:
        _print({"name": saved.name, "fields": saved.fields})
    else:
        Console().print(f"已登记凭据 {escape(saved.name)}：{'、'.join(saved.fields)}")


def _secrets_from_input(as_json: bool) -> dict[str, str]:
    try:
        secrets = json.loads(sys.stdin.read())
    except ValueError:
        secrets = None
    if not isinstance(secrets, dict) or not all(isinstance(v, str) for v in secrets.values()):
        _refuse('标准输入应为 JSON 对象，如 {"user": "ops", "password": "…"}', as_json)
    return secrets


@app.command()
def duplicates(as_json: AsJson = False) -> None:
    """疑似重复：同序列号、同型号同购置月、同地址端口、同 U 位。只提示，不合并。"""
    found = queries.suspected_duplicates()
    if as_json:
        _print([asdict(one) | {"advice": one.advice} for one in found])
        return
    if not found:
        Console().print("没有疑似重复")
        return
    table = Table("对象", "依据", "处理")
    for one in found:
        table.add_row("、".join(one.keys), escape(one.why), one.advice)
    Console().print(table)


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _refuse(message: str, as_json: bool) -> NoReturn:
    if as_json:
        _print({"error": message})
    else:
        Console(stderr=True).print(escape(message), style="red")
    raise typer.Exit(UNREADABLE)
