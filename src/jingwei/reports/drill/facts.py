"""What a drill report freezes: the plan, the script as it ran, what was measured, the score."""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Role:
    """Who played what."""

    role: str
    who: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the script: when it was due, when it was done, what came of it."""

    after: int
    action: str
    text: str
    fault: str
    due: datetime | None
    done_at: datetime | None
    result: str
    expected: bool
    in_time: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant of the event; `by_system` says that nobody had to write it down."""

    label: str
    at: datetime | None
    by: str
    by_system: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """One watched item: the worst it was, how it ended."""

    target: str
    item: str
    worst: str
    last: str
    reading: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the score."""

    label: str
    meaning: str
    target: str
    measured: str
    verdict: str
    met: bool
    earned: float
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """The whole score."""

    earned: float
    possible: int
    percent: float
    grade: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What was missing; `ticket` is the number of the one that mends it."""

    text: str
    by: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One drill that is over."""

    project: Project
    number: str
    title: str
    kind: str
    region: bool
    scenario: str
    plan: str
    level: str
    background: str
    planned_at: datetime
    planned_by: str
    started_at: datetime | None
    ended_at: datetime
    speed: float
    counts: bool
    aborted: str
    readings: int
    roles: tuple[Role, ...] = ()
    targets: tuple[Role, ...] = ()
    script: tuple[Step, ...] = ()
    moments: tuple[Moment, ...] = ()
    watched: tuple[Watched, ...] = ()
    score: Score | None = None
    gaps: tuple[Gap, ...] = ()
    story: tuple[Moment, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        """The days it lasted, the last one included."""
        start = self.started_at or self.ended_at
        return start.astimezone(SHANGHAI).date(), self.ended_at.astimezone(SHANGHAI).date()
