"""What a printed appraisal freezes: the form, the lines, and what was said about them."""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project


@dataclass(frozen=True, slots=True)
class Part:
    """One group of the sheet. `lost` is None while nothing was issued: a draft gives no points."""

    id: str
    label: str
    points: str
    proposed: str
    lost: str | None
    obligations: int
    proven: int


@dataclass(frozen=True, slots=True)
class Line:
    """One deduction, proposed or issued. `changed`: why the client departed from the proposal."""

    no: int
    group: str
    clause: str
    points: str
    reason: str
    evidence: tuple[str, ...]
    changed: str


@dataclass(frozen=True, slots=True)
class Said:
    """One step: issued, appealed, decided."""

    label: str
    at: datetime
    by: str
    score: str
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """An appraisal as it stood when it was printed. `score` and `grade` are the client's."""

    project: Project
    first: date
    last: date
    version: int
    state: str
    score: str
    grade: str
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]
    said: tuple[Said, ...]
    drafted_by: str
    drafted_at: datetime

    @property
    def period(self) -> tuple[date, date]:
        """The quarter."""
        return self.first, self.last
