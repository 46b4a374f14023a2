"""What reports about rounds freeze: records of duties as people wrote them, and the automatic view.

Every kind holds a project and a span; what was never recorded is not there, and its report says so.
"""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.reports.periodic.spans import Span


@dataclass(frozen=True, slots=True)
class Round:
    """A report's project and days; every kind of this room adds what it is about."""

    project: Project
    span: Span

    @property
    def period(self) -> tuple[date, date]:
        """The days it is about, both included."""
        return self.span.first, self.span.last


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a record's form, as it was filled in."""

    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a sheet filled in front of the thing."""

    label: str
    standard: str
    result: str
    reading: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo or scan to a record."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Done:
    """One record of a duty. `answers` are those of its sheet, where one was filled on site.

    `answer` is the client's: "" for none yet, "yes" or "no".
    """

    ref: str
    duty: str
    label: str
    at: datetime
    by: str
    result: str
    object: str = ""
    about: str = ""
    late: bool = False
    fields: tuple[Field, ...] = ()
    photos: tuple[Photo, ...] = ()
    answers: tuple[Answer, ...] = ()
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    note: str = ""

    def said(self, key: str) -> str:
        """What a field says; "" where it was left empty."""
        return next((field.text for field in self.fields if field.key == key), "")


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding of the automatic or daily checks about one object."""

    target: str
    label: str
    what: str
    result: str
    opened_at: datetime
    closed_at: datetime | None
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of the register and, where checks watch it, what they saw last in the span.

    `checks` counts its checks by verdict, as in "正常 4、异常 1"; "" where none watches it.
    """

    code: str
    name: str
    kind: str
    site: str
    place: str
    serial: str = ""
    address: str = ""
    tender: str = ""
    checks: str = ""
    worst: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """Records a duty owes in the span: how many, and how many there are; 0 owed: no date for it."""

    label: str
    owed: int
    done: int
    missed: bool


def of_object(rows: tuple[Done, ...], code: str) -> tuple[Done, ...]:
    """The records about one object, the first first."""
    return tuple(row for row in rows if row.object == code)
