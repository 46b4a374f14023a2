"""What a fault report freezes: words, instants and figures, no telephone numbers."""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.reports.emergency.facts import Line, Moment, Timer
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Grading:
    """A grading that was made or asked for, and what the client said; `reason` its basis."""

    at: datetime
    label: str
    by: str
    consent: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Down:
    """The downtime the fault stands for; `end` None: it lasts. `assumed`: no instant of occurring.

    `counted` tells whether it counts as downtime of core devices (tender L700);
    `excluded_by` names the client's word that it does not count.
    """

    start: datetime
    end: datetime | None
    seconds: int
    assumed: bool = False
    core: bool = False
    counted: bool = False
    excluded_by: str = ""


@dataclass(frozen=True, slots=True)
class Pausing:
    """An interval the client agreed not to count."""

    start: datetime
    end: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A part that was replaced."""

    at: datetime
    name: str
    model: str
    serial_out: str
    serial_in: str
    origin: str
    basis: str = ""
    disk_kept: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it stood `as_of`, the time of its last record."""

    project: Project
    number: str
    title: str
    text: str
    state: str
    ended: bool
    severity: str
    opened_at: datetime
    as_of: datetime
    reporter: str = ""
    institution: str = ""
    channel: str = ""
    taken_by: str = ""
    assignee: str = ""
    system: str = ""
    target: str = ""
    warranty: str = ""
    site: str = ""
    level: str = ""
    cause: str = ""
    cause_reason: str = ""
    solution: str = ""
    remote: bool = False
    confirmed: str = ""
    files: int = 0
    gradings: tuple[Grading, ...] = ()
    moments: tuple[Moment, ...] = ()
    timers: tuple[Timer, ...] = ()
    pauses: tuple[Pausing, ...] = ()
    lines: tuple[Line, ...] = ()
    escalations: tuple[Line, ...] = ()
    parts: tuple[Fitted, ...] = ()
    down: Down | None = None
    parent: str = ""
    children: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        """From the day of its first instant to the day of its last one."""
        known = [moment.at for moment in self.moments if moment.at is not None]
        start, last = min([*known, self.opened_at]), max([*known, self.opened_at])
        return start.astimezone(SHANGHAI).date(), last.astimezone(SHANGHAI).date()
