"""Small blocks the sections of a periodic report are made of."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Table,
    chinese_number,
    minute,
)
from jingwei.reports.emergency.words import duration
from jingwei.reports.periodic.facts import Account, Tally
from jingwei.terms import Result

NONE = "本期无"
Shares = Sequence[tuple[str, float]]


def uncollected(why: str) -> str:
    """What is written where nothing was collected; never 0 (reports.md section 0)."""
    return f"未采集（{why}）"


def table(
    caption: str, columns: Shares, rows: Iterable[Sequence[str | Cell]], *, small: bool = True
) -> Block:
    """A table of texts and cells, or one line that there was nothing of it: 本期无."""
    made = tuple(
        Row(tuple(each if isinstance(each, Cell) else Cell(each) for each in row)) for row in rows
    )
    if not made:
        return Paragraph(f"{caption}：{NONE}。")
    titles = tuple(Column(title, width) for title, width in columns)
    return Table(titles, made, caption, "small" if small else "normal")


def number(value: int, bad: Result | None = None) -> Cell:
    """A count, right-aligned; `bad` colours it unless it is 0."""
    return Cell(str(value), state=bad if value and bad else None, align="right")


def verdict(kept: bool, yes: str = "达标", no: str = "超限") -> Cell:
    """Kept or not, as sign and word."""
    state = Result.NORMAL if kept else Result.ABNORMAL
    return Cell(f"{state.sign} {yes if kept else no}", state=state, align="center")


def tallies(caption: str, what: str, rows: Iterable[Tally]) -> Block:
    """Counts of tickets: opened, done, withdrawn, open."""
    columns = ((what, 6), ("件数", 1.6), ("已完成", 1.6), ("已撤销", 1.6), ("在办", 1.6))
    return table(
        caption, columns,
        [(t.label, number(t.opened), number(t.done), number(t.cancelled), number(t.open))
         for t in rows],
    )  # fmt: skip


def length(seconds: int | None) -> str:
    """X 小时 Y 分; "—" where there is none."""
    return duration(seconds)


def when(at: datetime | None, missing: str = "—") -> str:
    """An instant in Beijing time."""
    return minute(at, missing)


def chapters(held: Sequence[tuple[str, Sequence[Block]]]) -> list[Block]:
    """Sections with their numbers: 一、 二、 ..."""
    blocks: list[Block] = []
    for place, (title, inside) in enumerate(held, start=1):
        blocks += [Heading(1, f"{chinese_number(place)}、{title}"), *inside]
    return blocks


def formal(
    held: Account, issue: Issue, title: str, sections: Sequence[tuple[str, Sequence[Block]]], *,
    draft: bool,
) -> Document:  # fmt: skip
    """The whole report: the shared front, numbered sections, signatures at the end."""
    span = held.span
    last = f"{chinese_number(len(sections) + 1)}、签收"
    blocks = [*chapters(sections), *front.signatures(last)]
    notice = "" if span.closed else f"报告期未结束，数据截至 {minute(span.as_of)}。"
    period = f"{span.days}（{span.label}）"
    return front.formal(held.project, issue, title, period, blocks, draft=draft, notice=notice)
