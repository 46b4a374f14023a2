"""Small blocks the sections of a periodic report are made of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
    Behind,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    KeyValues,
    Paragraph,
    Row,
    Table,
    chinese_number,
    minute,
)
from jingwei.reports.emergency.words import duration
from jingwei.reports.periodic.facts import Account, Tally
from jingwei.reports.periodic.rows import CANCELLED, DONE, OPEN, behind
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


def number(value: int, bad: Result | None = None, rows: Behind | None = None) -> Cell:
    """A count, right-aligned; `bad` colours it unless it is 0; `rows` are those it counts."""
    state = bad if value and bad else None
    return Cell(str(value), state=state, align="right", rows=rows if value else None)


def verdict(kept: bool, yes: str = "达标", no: str = "超限") -> Cell:
    """Kept or not, as sign and word."""
    state = Result.NORMAL if kept else Result.ABNORMAL
    return Cell(f"{state.sign} {yes if kept else no}", state=state, align="center")


def tallies(
    caption: str, what: str, rows: Iterable[Tally], where: Callable[[str], dict[str, Any]]
) -> Block:
    """Counts of tickets: opened, done, withdrawn, open; `where`: which tickets a label counts."""
    columns = ((what, 6), ("件数", 1.6), ("已完成", 1.6), ("已撤销", 1.6), ("在办", 1.6))
    made = []
    for t in rows:
        mine = where(t.label)
        made.append(
            (
                t.label, number(t.opened, rows=behind("tickets", **mine)),
                number(t.done, rows=behind("tickets", **mine | {"ended": DONE})),
                number(t.cancelled, rows=behind("tickets", **mine | {"ended": CANCELLED})),
                number(t.open, rows=behind("tickets", **mine | {"ended": OPEN})),
            )
        )  # fmt: skip
    return table(caption, columns, made)


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


def unlinked(block: Block) -> Block:
    """A block whose numbers lead nowhere: its report was frozen before rows were kept."""
    if isinstance(block, Table):
        rows = (replace(row, cells=tuple(map(_bare, row.cells))) for row in block.rows)
        return replace(block, rows=tuple(rows))
    if isinstance(block, KeyValues):
        return replace(block, pairs=tuple((label, _bare(cell)) for label, cell in block.pairs))
    return block


def _bare(cell: Cell) -> Cell:
    return replace(cell, rows=None)


def formal(
    held: Account, issue: Issue, title: str, sections: Sequence[tuple[str, Sequence[Block]]],
    appendix: Sequence[Block] = (), *, draft: bool,
) -> Document:  # fmt: skip
    """The whole report: the shared front, numbered sections, signatures, the rows behind it."""
    span = held.span
    last = f"{chinese_number(len(sections) + 1)}、签收"
    said = chapters(sections)
    blocks = [*(said if appendix else map(unlinked, said)), *front.signatures(last), *appendix]
    notice = "" if span.closed else f"报告期未结束，数据截至 {minute(span.as_of)}。"
    period = f"{span.days}（{span.label}）"
    return front.formal(held.project, issue, title, period, blocks, draft=draft, notice=notice)
