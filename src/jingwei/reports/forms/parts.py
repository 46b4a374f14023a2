"""Blocks the forms share: the slip's head, its fields, what was checked, its log, its files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
    Block,
    Cell,
    Contents,
    Document,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    Party,
    SignatureBlock,
    chinese_number,
    minute,
)
from jingwei.reports.forms.facts import Entry, Slip
from jingwei.reports.periodic.parts import Shares, chapters, table, when
from jingwei.terms import Result

Section = tuple[str, Sequence[Block]]
UNFILLED = "未填写"
WAITING_CLIENT = "待甲方填写"
NOT_YET = "办理中，尚未填写"
_DATE = "日　期：　　　　年　　月　　日"
_HASH = 16  # characters of a hash that are printed
_FITS, _LINES = 400, 10  # characters and lines that still fit a row of a table
_STRETCH = 120  # characters of one line of a script; longer ones go on in the next row


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing a form is held to. `kept` None: it has not come to that yet."""

    what: str
    kept: bool | None
    text: str = ""


def formal(
    held: Slip, issue: Issue, title: str, sections: Sequence[Section], *, draft: bool,
    sides: Sequence[tuple[str, Sequence[str]]] = (),
) -> Document:  # fmt: skip
    """The whole form: cover, revisions, numbered sections, signatures of both sides and of `sides`.

    A form is short: it has no contents and begins under its revisions.
    """
    first, last = held.period
    blocks = chapters(sections)
    signed = front.signatures(f"{chinese_number(len(sections) + 1)}、签字盖章")
    if sides:
        signed.insert(1, SignatureBlock(tuple(Party(who, (*said, _DATE)) for who, said in sides)))
    notice = "" if held.ended else f"本单{held.state}，截至 {minute(held.as_of)}。"
    period = f"{first.isoformat()} 至 {last.isoformat()}（{held.kind}单 {held.number}）"
    made = front.formal(
        held.project, issue, title, period, [*blocks, *signed], draft=draft, notice=notice
    )
    kept = tuple(one for one in made.blocks if not isinstance(one, Contents | PageBreak))
    return replace(made, blocks=kept)


def head(held: Slip, *more: tuple[str, str]) -> list[Block]:
    """Who asks, for what system, where it stands; the tender's words over it."""
    pairs = [
        ("单　　号", held.number), ("状　　态", held.state), ("标　　题", held.title),
        ("建单时间", when(held.opened_at)), ("申 请 人", held.reporter or UNFILLED),
        ("联系电话", held.phone or UNFILLED), ("机　　构", held.institution or "不涉及"),
        ("系　　统", held.system or "不涉及"), ("设备、对象", held.target or "不涉及"),
        ("来　　源", held.channel), ("建 单 人", held.opened_by or "由规则建单"),
        ("经 办 人", held.assignee or "未指派"), *more,
    ]  # fmt: skip
    blocks: list[Block] = [KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)]
    if held.text:
        blocks.append(Paragraph(f"说明：{held.text}"))
    if held.clause:
        blocks.append(Note(f"依据：{held.clause}。"))
    return blocks


def fields(held: Slip, keys: Iterable[str] = (), *, but: Iterable[str] = ()) -> list[Block]:
    """The form's fields one under another: these keys, or all but those.

    A long text stands below the grid, for a row of a table is never cut.
    """
    chosen, left = tuple(keys), frozenset(but)
    rows = [one for one in held.entries if (one.key in chosen if chosen else one.key not in left)]
    if not rows:
        return [Paragraph("表单内容：未采集（这张单没有表单）。")]
    grid = KeyValues(tuple((one.label, _cell(held, one)) for one in rows), 1)
    return [grid, *(block for one in rows if _long(one.text) for block in _below(one))]


def _long(text: str) -> bool:
    return len(text) > _FITS or text.count("\n") > _LINES


def _below(one: Entry) -> list[Block]:
    lines = [line for line in one.text.splitlines() if line.strip()]
    return [Paragraph(f"{one.label}：", strong=True), *(Paragraph(line) for line in lines)]


def _cell(held: Slip, one: Entry) -> Cell:
    if one.text:
        return Cell("见下" if _long(one.text) else one.text)
    if one.client:
        return Cell(WAITING_CLIENT, state=Result.UNCHECKED)
    if one.closing and not held.ended:
        return Cell(NOT_YET, state=Result.UNCHECKED)
    return Cell(UNFILLED, state=Result.ATTENTION if one.closing else None)


def guards(caption: str, rows: Iterable[Guard]) -> Block:
    """What the form is held to, each kept, not kept, or still to come."""
    made = []
    for one in rows:
        if one.kept is None:
            state, word = Result.UNCHECKED, "未到此步"
        else:
            state, word = (Result.NORMAL, "符合") if one.kept else (Result.ABNORMAL, "不符合")
        made.append((one.what, Cell(f"{state.sign} {word}", state=state), one.text or "—"))
    return listing(caption, (("要求", 6), ("结果", 2), ("依据", 8)), made)


def listing(caption: str, columns: Shares, rows: Sequence[Sequence[str | Cell]]) -> Block:
    """A table of one ticket, or one line that there is nothing of it."""
    return table(caption, columns, rows) if rows else Paragraph(f"{caption}：本单无。")


def broken(rows: Iterable[Guard]) -> tuple[str, ...]:
    """What is not kept."""
    return tuple(one.what for one in rows if one.kept is False)


def story(held: Slip) -> list[Block]:
    """Everything that was written down, by when it happened, and who wrote it."""
    rows = [
        (when(line.at) + ("（补录）" if line.late else ""), line.what, line.text or "—",
         line.who or "规则")
        for line in held.lines
    ]  # fmt: skip
    return [listing("办理记录", (("时间", 3.4), ("事项", 2.4), ("内容", 8), ("记录人", 2)), rows)]


def files(held: Slip) -> list[Block]:
    """What is attached, each with its hash; the originals are on the ticket's page."""
    rows = [(one.kind, one.name, one.sha256[:_HASH] + "…") for one in held.files]
    return [listing("附件", (("种类", 2.4), ("文件名", 8), ("SHA-256", 4)), rows)]


def code(caption: str, text: str) -> Block:
    """A script by its lines: a row is never longer than a page, however long the script is."""
    rows: list[tuple[Cell, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for start in range(0, max(1, len(line)), _STRETCH):
            mark = str(number) if start == 0 else ""
            rows.append((Cell(mark, align="right"), line[start : start + _STRETCH] or "　"))
    return listing(caption, (("行", 1), ("内容", 15)), rows)


def at(moment: datetime | None, by: str = "", missing: str = "—") -> str:
    """When and by whom."""
    return f"{when(moment, missing)} {by}".strip()


def unended(held: Slip) -> tuple[Result, str] | None:
    """The verdict of a ticket that was withdrawn or is still worked on; None for an ended one."""
    if held.cancelled:
        return Result.NOT_APPLICABLE, f"{held.number} 已撤销"
    if not held.ended:
        return Result.ATTENTION, f"{held.number} {held.state}，未办结"
    return None
