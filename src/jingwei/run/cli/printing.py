"""What commands share: JSON for machines, tables for people, errors in one voice."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from jingwei.terms import SHANGHAI, Result
from jingwei.web.days import EARLIEST, LATEST

STYLES = {
    Result.NORMAL: "green",
    Result.ATTENTION: "yellow",
    Result.ABNORMAL: "bold red",
    Result.UNCHECKED: "magenta",
    Result.NOT_APPLICABLE: "dim",
}


def as_json(value: object) -> None:
    """Print one JSON document, Chinese as it is, instants in Shanghai time."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def fail(message: str, code: int = 2, *, json_wanted: bool = False) -> NoReturn:
    """Say what is wrong on stderr (and as JSON where that was asked for) and leave."""
    if json_wanted:
        as_json({"error": message})
    typer.echo(f"错误：{message}", err=True)
    raise typer.Exit(code)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table as wide as the terminal."""
    shown = Table(*columns, title=title or None, title_justify="left", expand=False)
    for row in rows:
        shown.add_row(*[str(cell) for cell in row])
    Console().print(shown)


def word(result: Result) -> str:
    """A state as people see it: colour, sign and word, never colour alone."""
    style = STYLES[result]
    return f"[{style}]{result.sign} {result.label}[/{style}]"


def when(at: datetime | None) -> str:
    """An instant in Shanghai, or a dash."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else "—"


def day(text: str | None, name: str, default: date, *, json_wanted: bool = False) -> date:
    """A date given as YYYY-MM-DD. Leaves with 2 for anything else, and for a year of no use."""
    if text is None:
        return default
    try:
        found = date.fromisoformat(text)
    except ValueError:
        fail(f"{name} 应为 YYYY-MM-DD 格式的日期，得到“{text}”", json_wanted=json_wanted)
    if not EARLIEST <= found.year < LATEST:
        message = f"{name} 应在 {EARLIEST} 年至 {LATEST - 1} 年之间，得到“{text}”"
        fail(message, json_wanted=json_wanted)
    return found


def pairs(given: Sequence[str], name: str) -> dict[str, str]:
    """`k=v` words as a mapping. Leaves with 2 for a word without "="."""
    found: dict[str, str] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key:
            fail(f"{name} 应写成 名称=值，得到“{text}”")
        found[key] = value
    return found


@contextmanager
def progress(label: str, *, shown: bool) -> Iterator[Any]:
    """A bar on stderr when a person watches; yields a function (done, total)."""
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def options_text(values: Mapping[str, Any]) -> str:
    """Options in one line."""
    return "，".join(f"{key}={value}" for key, value in values.items())
