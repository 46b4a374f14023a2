"""What an emergency report freezes: words, instants and figures, no telephone numbers."""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Level:
    """The level in force, its basis, and what the client said to it."""

    label: str
    importance: str
    hours: str
    damage: str
    set_by: str
    set_at: datetime
    consent: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the eight instants; `at` None: nobody noted it."""

    label: str
    at: datetime | None = None
    by: str = ""
    late: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """One limit on one calendar; durations in seconds, None where there is none."""

    label: str
    calendar: str
    judged: bool
    allowed: int
    started: datetime | None
    due: datetime | None
    stopped: datetime | None
    used: int | None
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was to be told; no number is printed."""

    role: str
    name: str
    tries: int
    reached_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story."""

    at: datetime
    what: str
    text: str
    who: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan and what became of it: done, skipped, or not recorded."""

    position: int
    phase: str
    text: str
    who: str
    done: bool | None = None
    at: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outage:
    """How long it was down, and what of it the year's 24 h counts."""

    start: datetime
    end: datetime | None
    seconds: int
    cause: str
    cause_reason: str
    excluded_by: str
    excluded_reason: str


@dataclass(frozen=True, slots=True)
class YearBudget:
    """The contract year's 24 h with this event in it, in seconds; both ways of adding (A05)."""

    start: date
    end: date
    used: int
    sum: int
    excluded: int
    left: int
    limit: int


@dataclass(frozen=True, slots=True)
class Handling:
    """One event as it stood `as_of`, the time of its last record."""

    project: Project
    number: str
    title: str
    text: str
    site: str
    system: str
    target: str
    stage: str
    ended: bool
    disaster: bool
    level: Level
    declared_at: datetime
    declared_by: str
    as_of: datetime
    outage: Outage
    ticket: str = ""
    solution: str = ""
    response: str = ""
    plan: str = ""
    moments: tuple[Moment, ...] = ()
    timers: tuple[Timer, ...] = ()
    calls: tuple[Called, ...] = ()
    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()
    levels: tuple[Line, ...] = ()
    budget: YearBudget | None = None
    parts: tuple[str, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        """The days it lasted, the last one included."""
        end = self.outage.end or self.as_of
        return self.outage.start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
