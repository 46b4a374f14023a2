"""What a sheet that a person filled comes to as the record of a duty, pure.

A sheet is a routine of the content whose answers settle a duty of the contract (tender L522,
L622-623). Whatever is not 正常 says why; an item nobody answered is no answer.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingwei.checks.content import Item, Routine
from jingwei.terms import SHANGHAI, Result

READING, NOTE = 300, 2000  # characters
_WORST = (Result.ABNORMAL, Result.ATTENTION, Result.UNCHECKED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One item's answer as it was given."""

    result: Result
    reading: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """In one line: 正常 38 ℃；滤网已换."""
        head = f"{self.result.label} {self.reading}".strip()
        return f"{head}；{self.note}" if self.note else head


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a sheet: at which field or item, and in words."""

    field: str
    message: str


def faults(items: Sequence[Item], answers: Mapping[str, Answer]) -> list[Fault]:
    """Everything that keeps a sheet from being finished, in the sheet's order."""
    known = {item.id for item in items}
    found = [Fault(name, f"表中没有检查项“{name[:64]}”") for name in answers if name not in known]
    for item in items:
        answer = answers.get(item.id)
        if answer is None:
            found.append(Fault(item.id, f"{item.label}：还没有结论"))
        elif answer.result is not Result.NORMAL and not answer.note:
            found.append(Fault(item.id, f"{item.label}：{answer.result.label}须写明情况"))
        elif len(answer.reading) > READING or len(answer.note) > NOTE:
            most = f"读数不超过 {READING} 字，说明不超过 {NOTE} 字"
            found.append(Fault(item.id, f"{item.label}：{most}"))
        elif not storable(answer.reading + answer.note):
            found.append(Fault(item.id, f"{item.label}：含有不能保存的字符"))
    return found


def storable(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a character."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def result_of(answers: Mapping[str, Answer]) -> str:
    """The record's result: the worst answer; something unchecked is never 正常."""
    seen = {answer.result for answer in answers.values()}
    worst = next((each for each in _WORST if each in seen), Result.NORMAL)
    return str(Result.ATTENTION if worst is Result.UNCHECKED else worst)


def fields_of(
    routine: Routine, items: Sequence[Item], answers: Mapping[str, Answer],
    began: datetime, ended: datetime,
) -> dict[str, str]:  # fmt: skip
    """The fields of the duty's record that the sheet fills by itself."""
    assert routine.sheet is not None  # noqa: S101 - only routines with a sheet come here
    return {
        name: _known(what, items, answers, began, ended)
        for name, what in routine.sheet.fills.items()
    }


def _known(
    what: str, items: Sequence[Item], answers: Mapping[str, Answer], began: datetime,
    ended: datetime,
) -> str:  # fmt: skip
    if what == "items":
        return "、".join(item.label for item in items)
    if what == "time":
        low, high = began.astimezone(SHANGHAI), ended.astimezone(SHANGHAI)
        last = f"{high:%H:%M}" if low.date() == high.date() else f"{high:%Y-%m-%d %H:%M}"
        return f"{low:%Y-%m-%d %H:%M}～{last}"
    if what == "summary":
        return summary(items, answers)
    return answers[what].text if what in answers else ""


def summary(items: Sequence[Item], answers: Mapping[str, Answer]) -> str:
    """How many of each result, and every one that is not 正常 by name."""
    given = [(item, answers[item.id]) for item in items if item.id in answers]
    counts = [
        f"{label} {number} 项"
        for result in Result
        if (label := result.label)
        and (number := sum(answer.result is result for _, answer in given))
    ]
    told = [
        f"{item.label}：{answer.text}"
        for item, answer in given
        if answer.result not in (Result.NORMAL, Result.NOT_APPLICABLE)
    ]
    return "；".join(["，".join(counts), *told])


def digest(content: Any) -> str:
    """The SHA-256 of plain content, the same whatever order its keys are in."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
