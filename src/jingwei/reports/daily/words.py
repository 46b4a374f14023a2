"""Small words the daily report is put together from."""

import re
from collections.abc import Iterable

from jingwei.reports.daily.sheet import Answer, Counts
from jingwei.reports.document import Cell, RowsRef
from jingwei.terms import Result

NOTHING = "本期无"
NOT_FILLED = "未采集（未填写）"
_KEY = re.compile(r"^(?P<stem>.*?)(?P<number>\d+)$")


def finding_number(finding: int | None) -> str:
    """How a finding is called on paper."""
    return "—" if finding is None else f"发现 {finding}"


def share(counts: Counts) -> str:
    """应检 74，已检 73，正常 72，异常 1: zero counts are left out, planned and checked never."""
    parts = [f"应检 {counts.planned}", f"已检 {counts.checked}"]
    named = (
        ("正常", counts.normal),
        ("关注", counts.attention),
        ("异常", counts.abnormal),
        ("未检", counts.unchecked),
        ("不适用", counts.not_applicable),
    )
    parts += [f"{word} {number}" for word, number in named if number]
    return "，".join(parts)


def number(value: int, rows: RowsRef, state: Result | None = None) -> Cell:
    """A count that opens the rows it counts; coloured only when it is not zero."""
    return Cell(str(value), state=state if value else None, align="center", rows=rows)


def natural(key: str) -> tuple[tuple[int, str], ...]:
    """Sort key by which HW-003-2 comes before HW-003-10."""
    parts = re.split(r"(\d+)", key)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def key_list(keys: Iterable[str]) -> str:
    """HW-016-1, HW-016-2, HW-016-3 → HW-016-1～3: neighbours are drawn together."""
    runs: list[tuple[str, str, str]] = []  # stem, first number, last number
    for key in dict.fromkeys(keys):
        found = _KEY.match(key)
        stem, digits = (found["stem"], found["number"]) if found else (key, "")
        if runs and digits and _follows(runs[-1], stem, digits):
            runs[-1] = (stem, runs[-1][1], digits)
        else:
            runs.append((stem, digits, digits))
    return "、".join(
        f"{stem}{first}" if first == last else f"{stem}{first}～{last}"
        for stem, first, last in runs
    )


def _follows(run: tuple[str, str, str], stem: str, digits: str) -> bool:
    return run[0] == stem and run[2] != "" and int(digits) == int(run[2]) + 1


def measured(answer: Answer) -> str:
    """实测值, or why there is none: never 0, never blank."""
    if answer.reading:
        return answer.reading
    if answer.result is Result.UNCHECKED:
        return f"未采集（{answer.reason or '无数据'}）"
    return "—"


def remark(answer: Answer) -> str:
    """说明: reason, note, trend, and whether it was entered after its day."""
    reason = answer.reason
    if reason == answer.reading or (answer.result is Result.UNCHECKED and not answer.reading):
        reason = ""  # already said as the reading
    parts = [reason, answer.note, f"趋势：{answer.trend}" if answer.trend else ""]
    if answer.source == "manual" and answer.by:
        parts.append(f"人工：{answer.by}")
    if answer.files:
        parts.append(f"附件 {answer.files} 个")
    if answer.late:
        parts.append("补录")
    return "；".join(part for part in parts if part) or "—"


def length(text: str) -> float:
    """How wide `text` is in Chinese characters; Latin ones count half, capitals a little more."""
    return sum(1.0 if not char.isascii() else 0.7 if char.isupper() else 0.52 for char in text)


def clip(text: str, width: float) -> str:
    """`text` cut to `width` characters (Latin ones count half) with … in place of the rest."""
    used = 0.0
    for index, char in enumerate(text):
        used += length(char)
        if used > width:
            return text[:index].rstrip("，；、 ") + "…"
    return text
