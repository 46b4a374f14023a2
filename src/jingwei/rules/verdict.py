"""What judging came to: a verdict for each reading, and a judgement on the whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jingwei.rules import units
from jingwei.rules.rule import Rule
from jingwei.terms import Reading, Result


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's word on one reading; `reading` is None when it did not come.

    `seen` judges this sample, `result` also what must last. `growth` is what a delta rule judged;
    `first` says that a second sample would settle it.
    """

    rule: Rule
    reading: Reading | None
    result: Result
    seen: Result
    threshold: str
    reason: str = ""
    growth: float | None = None
    first: bool = False

    @property
    def key(self) -> str:
        """The reading's key, as series and people name it."""
        return self.reading.key if self.reading else self.rule.reading

    @property
    def label(self) -> str:
        """What people call it: 磁盘 CTE0.3 状态."""
        return self.rule.named(self.reading.instance if self.reading else "")

    @property
    def shown(self) -> str:
        """The value as people read it: 29.4 ℃, 预失效, +12."""
        if self.reading is None:
            return "未返回"
        if self.growth is not None:
            return f"+{units.shown(self.growth, self.reading.unit)}"
        value = self.reading.value
        word = str(value).lower() if isinstance(value, bool) else str(value)
        return self.rule.words.get(word) or units.shown(value, self.reading.unit)

    @property
    def text(self) -> str:
        """Label and value: 机房温度 29.4 ℃."""
        return f"{self.label} {self.shown}".strip()

    def table(self) -> dict[str, Any]:
        """A plain table fit for JSON: what the last verdict on this reading was."""
        reading = self.reading
        return {
            "key": self.key,
            "label": self.label,
            "value": reading.value if reading else None,
            "unit": reading.unit if reading else self.rule.unit,
            "shown": self.shown,
            "result": self.result.value,
            "seen": self.seen.value,
            "threshold": self.threshold,
            "reason": self.reason,
            "limits": [[result.value, limit] for result, limit in self.rule.limits()],
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one answer. The texts fit their columns (300, 200 and 300 characters).

    `memory` goes into the next judgement. `sample_again` says that a counter was seen for the first
    time: whoever asks only once a day asks again after a few seconds. `readings` are those asked
    for and those rules derived (a used percent of free and total): what the history keeps.
    """

    result: Result
    seen: Result
    reading_text: str
    threshold_text: str
    reason: str
    verdicts: tuple[Verdict, ...] = ()
    memory: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sample_again: bool = False
    readings: tuple[Reading, ...] = ()
