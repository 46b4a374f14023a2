"""The frozen facts of one day: everything the daily report says is counted from these.

A sheet is kept as JSON in `Report.snapshot` and never read from the database again, so a signed
report stays as it was. Every answer carries the id of its row (`checks.ItemResult`), every
exception that of its finding.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from jingwei.terms import Result, worst

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Project:
    """Whose report this is. `demonstration` marks a copy of the contract, or demo endpoints."""

    title: str
    client: str
    provider: str = ""
    contract: str = ""
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The sheet's head (section 一). None and "" mean: nobody said, which is never "no"."""

    date: date
    working_day: bool | None = None
    day_name: str = ""
    safeguard: str = ""
    weather: str = ""
    inspector: str = ""
    reviewer: str = ""
    present: tuple[str, ...] | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    automatic_only: bool = False
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One item at one target. `id` is the ItemResult's, None when nobody answered.

    `took_ms` is the response time in milliseconds, where one was measured.
    """

    target: str
    label: str
    kind: str
    result: Result
    id: int | None = None
    reading: str = ""
    threshold: str = ""
    trend: str = ""
    reason: str = ""
    note: str = ""
    at: datetime | None = None
    source: str = ""
    by: str = ""
    late: bool = False
    finding: int | None = None
    files: int = 0
    took_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """应检 = 已检 (normal + attention + abnormal) + 未检 + 不适用."""

    targets: int
    planned: int
    normal: int
    attention: int
    abnormal: int
    unchecked: int
    not_applicable: int

    @property
    def checked(self) -> int:
        """已检: a verdict was reached."""
        return self.normal + self.attention + self.abnormal

    @property
    def worst(self) -> Result:
        """What the counts come to; of nothing planned: 不适用."""
        if self.abnormal:
            return Result.ABNORMAL
        if self.attention:
            return Result.ATTENTION
        if self.unchecked:
            return Result.UNCHECKED
        return Result.NORMAL if self.normal else Result.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the sheet with its answers."""

    id: str
    label: str
    standard: str = ""
    mode: str = "automatic"
    until: str = ""
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the sheet; `number` is that of reports.md section 2."""

    id: str
    number: int
    label: str
    items: tuple[Item, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers of all items, in order."""
        return tuple(answer for item in self.items for answer in item.answers)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What was done about a finding, when and by whom (tender L602)."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A finding as it stood when the sheet was frozen."""

    id: int
    target: str
    label: str
    item: str
    item_label: str
    result: Result
    opened_at: datetime
    closed_at: datetime | None = None
    reading: str = ""
    threshold: str = ""
    detail: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    follow_ups: tuple[FollowUp, ...] = ()
    ticket: str = ""

    @property
    def status(self) -> str:
        """How far it has come."""
        if self.closed_at is not None:
            return "已恢复"
        return "处置中" if self.acknowledged_at is not None else "待处置"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One day of the daily check, frozen."""

    project: Project
    head: Head
    sections: tuple[Section, ...]
    incidents: tuple[Incident, ...] = ()
    coverage: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers of all sections, in order."""
        return tuple(answer for section in self.sections for answer in section.answers)


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the 修订记录."""

    version: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What identifies this version of the report.

    `link` is the newest link of the audit chain when it was written, "123:hash": noted on paper, it
    shows later whether that link is still there. "" in what was written before this was printed.
    """

    number: str
    version: int
    created_at: datetime
    created_by: str
    revisions: tuple[Revision, ...] = ()
    link: str = ""


def count(answers: Iterable[Answer]) -> Counts:
    """Count answers by result."""
    held = list(answers)
    tally = Counter(answer.result for answer in held)
    return Counts(
        targets=len({answer.target for answer in held}),
        planned=len(held),
        normal=tally[Result.NORMAL],
        attention=tally[Result.ATTENTION],
        abnormal=tally[Result.ABNORMAL],
        unchecked=tally[Result.UNCHECKED],
        not_applicable=tally[Result.NOT_APPLICABLE],
    )


def verdict(answers: Iterable[Answer]) -> Result:
    """What several answers come to: the worst of them; of none, 未检."""
    return worst([answer.result for answer in answers])
