"""jingwei probe: ask one thing once, without registering it."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from jingwei import probes
from jingwei.probes.frame import Probe
from jingwei.rules import units
from jingwei.run import loop
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.terms import Outcome, Target

app = typer.Typer(no_args_is_help=True)


@app.command()
def probe(
    name: Annotated[str | None, typer.Argument(help="探针，见 --list", metavar="NAME")] = None,
    address: Annotated[str | None, typer.Argument(help="地址", metavar="ADDRESS")] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="选项 k=v，可多次")
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", help="凭据 k=v，可多次（会留在命令历史中，宜用 --secret-file）"),
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="凭据文件（JSON 对象；- 为标准输入）")
    ] = None,
    timeout: Annotated[float, typer.Option(help="超时（秒）", min=0.1, max=300)] = 5,
    retries: Annotated[int, typer.Option(help="重试次数", min=0, max=10)] = 0,
    list_all: Annotated[bool, typer.Option("--list", help="列出全部探针与选项")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """对一个地址探测一次。有读数退出码为 0，没有为 1。"""
    if list_all:
        _list(name, as_json=as_json)
        return
    if name is None or address is None:
        fail("用法：jingwei probe NAME ADDRESS [--option k=v]；jingwei probe --list 列出全部探针")
    found = _find(name, as_json=as_json)
    if found.passive:
        fail(f"{found.label}（{name}）由对方主动上报，不能探测", json_wanted=as_json)
    try:
        options = probes.parse_options(found, printing.pairs(option or (), "--option"))
    except probes.OptionError as error:
        fail(f"探针 {name} 的{error}", json_wanted=as_json)
    target = Target(address, address, _secrets(secret or [], secret_file))
    outcome = loop.run(probes.run(found, target, options, timeout=timeout, retries=retries))
    if as_json:
        printing.as_json(_table(found, address, outcome))
    else:
        _show(outcome)
    raise typer.Exit(0 if outcome.answered else 1)


def _find(name: str, *, as_json: bool) -> Probe:
    try:
        return probes.find(name)
    except LookupError as error:
        fail(str(error.args[0]), json_wanted=as_json)


def _secrets(given: list[str], file: Path | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
            read = json.loads(text)
        except OSError as error:
            fail(f"凭据文件 {file} 无法读取：{error.strerror}")
        except ValueError:
            fail(f'凭据文件 {file} 应为 JSON 对象，如 {{"community": "…"}}')
        if not isinstance(read, dict) or not all(isinstance(v, str) for v in read.values()):
            fail(f"凭据文件 {file} 应为 JSON 对象，值都是文本")
        found.update(read)
    return found | printing.pairs(given, "--secret")


def _table(found: Probe, address: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "probe": found.name,
        "address": address,
        "answered": outcome.answered,
        "took_seconds": round(outcome.took, 6),
        "attempts": outcome.attempts,
        "readings": [
            {"name": reading.name, "instance": reading.instance, "value": reading.value,
             "unit": reading.unit}
            for reading in outcome.readings
        ],
        "error": outcome.error,
        "reason": outcome.reason.value if outcome.reason else "",
    }  # fmt: skip


def _show(outcome: Outcome) -> None:
    console = Console()
    if not outcome.answered:
        console.print(f"[bold red]没有读数[/bold red]：{outcome.error}（{outcome.took:.3f} 秒）")
        return
    printing.table(
        f"{len(outcome.readings)} 个读数，用时 {outcome.took * 1000:.1f} ms",
        ("读数", "实例", "值"),
        [
            (reading.name, reading.instance, units.shown(reading.value, reading.unit))
            for reading in outcome.readings
        ],
    )


def _list(name: str | None, *, as_json: bool) -> None:
    found = [_find(name, as_json=as_json)] if name else list(probes.all_probes())
    if as_json:
        printing.as_json([_described(one) for one in found])
        return
    for one in found:
        printing.table(
            f"{one.name}  {one.label}", ("选项", "名称", "类型", "默认", "可选值"),
            [
                (field.name, field.label, field.type,
                 "必填" if field.required else field.default, "、".join(field.choices))
                for field in probes.describe(one)
            ],
        )  # fmt: skip


def _described(one: Probe) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "protocol": one.protocol,
        "passive": one.passive,
        "summary": one.summary,
        "secrets": list(one.secrets),
        "options": [
            {"name": field.name, "label": field.label, "type": field.type,
             "required": field.required, "default": field.default,
             "choices": list(field.choices), "help": field.help}
            for field in probes.describe(one)
        ],
        "readings": [
            {"name": measure.name, "unit": measure.unit, "label": measure.label}
            for measure in one.readings
        ],
    }  # fmt: skip
