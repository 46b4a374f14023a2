"""What a form about one ticket freezes: its fields, its log, its files; no telephone numbers."""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.reports.emergency.facts import Line
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a ticket's form. `client`: the client's own word; `closing`: due at the end."""

    key: str
    label: str
    text: str = ""
    client: bool = False
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A photo, document or signed scan to a ticket."""

    kind: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """One move of the ticket to another state, and who made it."""

    state: str
    label: str
    at: datetime
    by: str
    text: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """One ticket on paper as it stood `as_of`, the time of its last record.

    `ended`: nothing more is to be done; `cancelled`: it was withdrawn. `clause`: the tender's own
    words and line.
    """

    project: Project
    number: str
    kind: str
    title: str
    text: str
    state: str
    ended: bool
    cancelled: bool
    opened_at: datetime
    as_of: datetime
    form: str = ""
    clause: str = ""
    opened_by: str = ""
    reporter: str = ""
    phone: str = ""
    institution: str = ""
    system: str = ""
    target: str = ""
    site: str = ""
    channel: str = ""
    assignee: str = ""
    solution: str = ""
    entries: tuple[Entry, ...] = ()
    steps: tuple[Step, ...] = ()
    lines: tuple[Line, ...] = ()
    files: tuple[Attached, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        """From the day it was opened to the day of its last record."""
        return day(self.opened_at), day(max(self.opened_at, self.as_of))

    def said(self, key: str) -> str:
        """What a field of the form says; "" where it was left empty."""
        return next((entry.text for entry in self.entries if entry.key == key), "")

    def step(self, *states: str) -> Step | None:
        """The last move to one of these states."""
        return next((step for step in reversed(self.steps) if step.state in states), None)


def day(at: datetime) -> date:
    """The day of an instant, in Beijing."""
    return at.astimezone(SHANGHAI).date()
