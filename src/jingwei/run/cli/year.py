"""jingwei region year: a simulated contract year, played, looked at, and proven."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from jingwei.contract import queries
from jingwei.region.year import simulate
from jingwei.run import paths, setup
from jingwei.run import year as years
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
_DATABASE = "JINGWEI_DATABASE_URL"


def year(
    seed: Annotated[int, typer.Option("--seed", help="种子：同一种子得到同一年")],
    prove: Annotated[
        bool, typer.Option("--prove", help="与真值逐条比较，有差异时退出码为 1")
    ] = False,
    into: Annotated[
        Path | None, typer.Option("--into", help="写入此数据文件夹，供查看；须为空")
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="日检每项每个对象都有结果（数据量与实际相当）")
    ] = False,
    as_json: AsJson = False,
    here: Annotated[bool, typer.Option("--here", hidden=True)] = False,
) -> None:
    """模拟一个合同年（2022-11 至 2023-10），写入单独的演示数据库；--prove 逐条验证 189 条义务。"""
    if here:  # the process that works in the year's own folder
        _inside(seed, prove=prove, thorough=thorough, as_json=as_json)
        return
    asked = (("--prove", prove), ("--thorough", thorough), ("--json", as_json))
    options = ["--seed", str(seed), *(name for name, wanted in asked if wanted)]
    if into is None and not prove:
        fail("请用 --into 指定数据文件夹，或用 --prove 验证", json_wanted=as_json)
    if into is None:
        with tempfile.TemporaryDirectory(prefix="jingwei-year-") as folder:
            raise typer.Exit(_apart(Path(folder), options))
    if into.resolve() == paths.data_folder().resolve() or (into.exists() and _occupied(into)):
        fail(f"--into {into} 不是空文件夹：模拟的年度只写入自己的数据库", 1, json_wanted=as_json)
    into.mkdir(parents=True, exist_ok=True)
    raise typer.Exit(_apart(into, options))


def _occupied(folder: Path) -> bool:
    return not folder.is_dir() or any(folder.iterdir())


def _apart(folder: Path, options: list[str]) -> int:
    """The same command in a process whose data folder and database are the year's own."""
    inside = {**os.environ, "JINGWEI_DATA": str(folder.resolve())}
    inside.pop(_DATABASE, None)
    command = [sys.executable, "-m", "jingwei.run", "region", "year", "--here", *options]
    return subprocess.run(command, env=inside, check=False).returncode


def _inside(seed: int, *, prove: bool, thorough: bool, as_json: bool) -> None:
    setup.prepare(lambda text: typer.echo(text, err=True), administrator=False)
    made = simulate(seed)
    try:
        stage = years.play(made, thorough=thorough)
    except years.OccupiedError as error:
        fail(str(error), 1, json_wanted=as_json)
    found = years.compare(stage.contract, made) if prove else []
    judged = queries.assess_all(stage.contract, made.close)
    counts = Counter(row.assessment.verdict.standing for row in judged)
    if as_json:
        printing.as_json(
            {
                "seed": seed, "as_of": made.close, "obligations": len(judged),
                "counts": {each.value: number for each, number in counts.items()},
                "cases": sorted(made.cases),
                "truth": {name: asdict(each) for name, each in sorted(made.truth.items())},
                "differences": [asdict(each) for each in found] if prove else None,
            }
        )  # fmt: skip
    else:
        _show(seed, made.close, found, counts, prove=prove)
    if found:
        raise typer.Exit(1)


def _show(
    seed: int, close: Any, found: list[years.Difference], counts: Counter[Any], *, prove: bool
) -> None:
    printing.table(
        f"种子 {seed} 的合同年，截至 {close:%Y-%m-%d %H:%M}：共 {counts.total()} 条义务",
        ("状态", "条数"), [(each.label, number) for each, number in counts.items()],
    )  # fmt: skip
    if not prove:
        return
    title = "与真值的差异" if found else "与真值全部一致"
    printing.table(
        f"{title}：{len(found)} 条", ("义务", "应为", "实为", "证据"),
        [(d.obligation, d.expected, d.found, "；".join(d.evidence)) for d in found],
    )  # fmt: skip
