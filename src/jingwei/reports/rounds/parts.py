"""Blocks the reports about rounds share: records and the client's word, findings, signatures."""

from collections.abc import Iterable, Sequence

from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Document,
    Heading,
    Note,
    Party,
    SignatureBlock,
    chinese_number,
    minute,
)
from jingwei.reports.periodic.parts import chapters, number, table, uncollected, when
from jingwei.reports.rounds.facts import Done, Expected, Issue, Round
from jingwei.terms import Result

Section = tuple[str, Sequence[Block]]
UNSAID = uncollected("记录未填写")
UNRECORDED = uncollected("没有记录")
_DATE = "日　期：　　　　年　　月　　日"
_RESULTS = {each.label: each for each in Result}
_LEFT_OUT = 16  # characters of a hash that are printed


def formal(
    held: Round, issue: Edition, title: str, sections: Sequence[Section], *, draft: bool,
    third: str = "",
) -> Document:  # fmt: skip
    """The whole report: the shared front, numbered sections, signatures (of a third side too)."""
    span = held.span
    notice = "" if span.closed else f"报告期未结束，数据截至 {minute(span.as_of)}。"
    last = f"{chinese_number(len(sections) + 1)}、签字确认"
    blocks = [*chapters(sections), *signatures(last, third)]
    period = f"{span.days}（{span.label}）"
    return front.formal(held.project, issue, title, period, blocks, draft=draft, notice=notice)


def signatures(heading: str, third: str = "") -> list[Block]:
    """Both sides, and the power company's where the tender has the work done with it (L670)."""
    blocks = front.signatures(heading)
    if third:
        lines = ("现场负责人：________________", "意　见：__________________", _DATE)
        blocks.append(SignatureBlock((Party(f"{third}（签字）", lines),)))
    return blocks


def judged(word: str) -> Cell:
    """A verdict of a record or a check, as sign and word."""
    state = _RESULTS.get(word)
    return Cell(word or "—") if state is None else Cell(f"{state.sign} {word}", state=state)


def checked(value: str) -> Cell:
    """The worst verdict of checks; nothing watches it: 未检, never 正常."""
    state = Result(value) if value else Result.UNCHECKED
    return Cell(f"{state.sign} {state.label}", state=state, align="center")


def answer(row: Done) -> Cell:
    """The client's word on a record."""
    if row.answer == "yes":
        state, text = Result.NORMAL, f"已确认 {row.answered_by} {when(row.answered_at)}"
    elif row.answer == "no":
        state, text = Result.ABNORMAL, f"不同意 {row.answered_by}：{row.note or '未写意见'}"
    else:
        state, text = Result.UNCHECKED, "待确认"
    return Cell(f"{state.sign} {text}", state=state)


def moment(row: Done) -> str:
    """When a record's work was done; marked when it was written down later."""
    return when(row.at) + ("（补录）" if row.late else "")


def field(row: Done, key: str) -> str:
    """What a field of a record says, or that nobody filled it in."""
    return row.said(key) or UNSAID


def said(row: Done, *, but: Sequence[str] = ()) -> str:
    """All fields of a record in one cell, without those that have columns of their own."""
    texts = [f"{one.label}：{one.text}" for one in row.fields if one.key not in but]
    return "；".join(texts) or UNSAID


def records(caption: str, rows: Iterable[Done], *, objects: bool = True) -> Block:
    """Records with what they say, who did it, and the client's word."""
    columns = [("时间", 2.6), ("对象", 2.2), ("记录", 7.6), ("结论", 1.5), ("执行人", 1.6),
               ("甲方确认", 2.6), ("证据", 1.6)]  # fmt: skip
    made: list[Sequence[str | Cell]] = []
    for row in rows:
        cells: list[str | Cell] = [
            moment(row), row.object or row.about or "—", said(row), judged(row.result), row.by,
            answer(row), _evidence(row),
        ]  # fmt: skip
        made.append(cells if objects else [*cells[:1], *cells[2:]])
    shares = columns if objects else [*columns[:1], *columns[2:]]
    return table(caption, shares, made)


def _evidence(row: Done) -> str:
    return f"{row.ref}；附件 {len(row.photos)}" if row.photos else row.ref


def issues(caption: str, rows: Iterable[Issue]) -> Block:
    """Findings, what became of them and under which ticket."""
    columns = (("发现时间", 2.8), ("对象", 5), ("检查项", 3), ("级别", 1.6), ("恢复时间", 2.8),
               ("工单", 2.6))  # fmt: skip
    made = [
        (when(row.opened_at), f"{row.label}（{row.target}）", row.what, checked(row.result),
         when(row.closed_at, "未恢复"), row.ticket or "未转工单")
        for row in rows
    ]  # fmt: skip
    return table(caption, columns, made)


def owed(rows: Iterable[Expected]) -> list[Block]:
    """What the contract asks for in the span and what is there of it."""
    made = []
    for row in rows:
        if not row.owed:
            state, word = Result.NOT_APPLICABLE, "本期无应做"
        elif row.done >= row.owed:
            state, word = Result.NORMAL, "已完成"
        elif row.missed:
            state, word = Result.ABNORMAL, "逾期未完成"
        else:
            state, word = Result.ATTENTION, "未到期"
        made.append((row.label, number(row.owed), number(row.done),
                     Cell(f"{state.sign} {word}", state=state)))  # fmt: skip
    columns = (("工作", 6), ("应做", 1.6), ("已做", 1.6), ("完成情况", 3))
    return [table("应做与已做", columns, made, small=False)] if made else []


def sheets(rows: Sequence[Done], *, whole: bool) -> list[Block]:
    """The sheets filled on site: every line, or only those that are not in order."""
    made = [
        (row.object or row.about or row.label, line.label, line.standard, checked(line.result),
         "；".join(text for text in (line.reading, line.note) if text) or "—")
        for row in rows for line in row.answers
        if whole or line.result not in (Result.NORMAL, Result.NOT_APPLICABLE)
    ]  # fmt: skip
    if not any(row.answers for row in rows):
        return []
    columns = (("对象", 2.6), ("检查项", 3.4), ("标准", 4.4), ("结果", 1.8), ("读数与说明", 4.6))
    return [table("现场检查表" if whole else "现场检查表中不正常与未检的项", columns, made)]


def photos(rows: Iterable[Done]) -> list[Block]:
    """The photos and scans behind the records, each with its hash."""
    made = [
        (row.object or row.label, row.ref, photo.name, photo.sha256[:_LEFT_OUT] + "…")
        for row in rows for photo in row.photos
    ]  # fmt: skip
    columns = (("对象", 3), ("记录", 2), ("文件", 6), ("SHA-256", 4))
    return [table("照片与文件", columns, made), Note("原件在平台该记录页，按 SHA-256 存放。")]


def heading(level: int, mark: str, text: str) -> Heading:
    """A heading below a numbered section: （一）... or 1. ..."""
    return Heading(level, f"{mark}{text}")


def by_hand(what: str) -> str:
    """A sentence only a person can write: every writer draws the mark red."""
    return f"{what}：{BY_HAND}"


def worst_word(words: Iterable[str]) -> Result:
    """The worst verdict among those that records came to; of none 未检."""
    found = {_RESULTS[word] for word in words if word in _RESULTS}
    order = (Result.ABNORMAL, Result.ATTENTION, Result.NORMAL)
    return next((each for each in order if each in found), Result.UNCHECKED)
