"""What happens in a simulated year, as plain values: who plays it knows nothing of the truth.

Every moment is in Shanghai. A `key` names a fact so that others can be about it; the numbers the
platform gives are known only when it is played.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from jingwei.region.year.truth import Expected
from jingwei.terms.incident import Cause, Severity


@dataclass(frozen=True, slots=True)
class Run:
    """One day's checks. `unchecked` names items of which one place stayed 未检.

    `ended` None: begun and never finished. `off`: nothing ran; the system says so the day after.
    """

    day: date
    began: datetime
    ended: datetime | None
    unchecked: frozenset[str] = frozenset()
    cooled: bool = True
    off: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The lowest and highest value of a room's item on one day."""

    day: date
    item: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found; `noted` when somebody followed it up."""

    key: str
    item: str
    target: str
    opened: datetime
    noted: datetime | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that was asked for; `granted` is the client's word."""

    start: datetime
    end: datetime
    granted: bool


@dataclass(frozen=True, slots=True)
class Regrade:
    """Another severity that was asked for."""

    at: datetime
    to: Severity
    granted: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was fitted; `model` is what a maker's announcement allows second-hand."""

    at: datetime
    second_hand: bool = False
    model: str = "演示部件"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from the report to the client's word.

    `resident`: the engineer was on site before the report. `level` is whom it was raised to.
    `excluded`: it was asked not to count it, and what the client said.
    """

    key: str
    severity: Severity
    reported: datetime
    phone: datetime | None
    arrived: datetime | None
    restored: datetime | None
    confirmed: datetime | None
    occurred: datetime | None = None
    resident: bool = False
    cancelled: datetime | None = None
    by_phone: bool = False
    application: str = ""
    target: str = ""
    pause: Pause | None = None
    regrade: Regrade | None = None
    cause: Cause | None = None
    excluded: bool | None = None
    level: str = ""
    part: Part | None = None
    reopened: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A ticket of another kind with its form; `days` are person-days of development by day."""

    key: str
    form: str
    opened: datetime
    resolved: datetime | None
    confirmed: datetime | None
    by_phone: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    days: tuple[tuple[date, Decimal], ...] = ()
    undone: tuple[date, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change from the client's approval on; `started` None: nobody touched anything."""

    key: str
    form: str
    opened: datetime
    approved: datetime | None
    started: datetime | None
    resolved: datetime | None
    confirmed: datetime | None
    kept_structure: bool = True


@dataclass(frozen=True, slots=True)
class DataChange:
    """A data change form. `oral`: agreed by word of mouth, and never put on paper."""

    key: str
    opened: datetime
    executed: datetime
    verified: datetime | None
    extract: bool = False
    oral: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A maker's announcement about a model, and the notice the client got of it.

    `ends` is when its support ends; with `unmade` its production ended then, too.
    """

    key: str
    model: str
    recorded: datetime
    ends: date
    told: datetime | None
    confirmed: datetime | None
    unmade: bool = False


@dataclass(frozen=True, slots=True)
class Emergency:
    """A real emergency; `graded` when the client agreed to its level."""

    key: str
    level: int
    detected: datetime
    reported: datetime
    responded: datetime
    arrived: datetime
    restored: datetime
    ended: datetime
    cause: Cause
    graded: datetime | None
    application: str = "APP-10"
    occurred: datetime | None = None
    diagnosed: datetime | None = None
    disaster: bool = False
    excluded: bool | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill; an aborted one was not held."""

    key: str
    started: datetime
    ended: datetime
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A duty that was done, on one object where it goes by object; `about` is another fact's key.

    `confirmed` is the client's answer with its moment.
    """

    duty: str
    at: datetime
    object: str = ""
    about: str = ""
    fields: tuple[str, ...] = ()
    confirmed: tuple[datetime, bool] | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: for a period, about a fact, or simply on file."""

    kind: str
    filed: datetime
    electronic: datetime | None = None
    paper: datetime | None = None
    confirmed: datetime | None = None
    returned: datetime | None = None
    period: tuple[date, date] | None = None
    about: str = ""
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Present:
    """Who of the first and second line came on a day."""

    day: date
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Time away of somebody; `answer` when and what the client said; `late`: told afterwards."""

    person: str
    stand_in: str
    asked: datetime
    start: datetime
    end: datetime
    answer: tuple[datetime, bool] | None = None
    withdrawn: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """One person for another; `by_client`: the client wanted it."""

    leaving: str
    joining: str
    asked: datetime
    on: date
    answer: tuple[datetime, bool] | None = None
    by_client: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A period of 7x24 presence with its turns: who, from, until."""

    name: str
    start: datetime
    end: datetime
    turns: tuple[tuple[str, datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What the client settled of the contract's open questions: a reading, or days for a paper."""

    question: str
    at: datetime
    reading: str = ""
    about: str = ""
    value: int | None = None


@dataclass(frozen=True)
class Year:
    """Everything of one seed, judged as of `close`, and what it has to come to."""

    seed: int
    close: datetime
    settled: tuple[Settled, ...] = ()
    runs: tuple[Run, ...] = ()
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    faults: tuple[Fault, ...] = ()
    requests: tuple[Request, ...] = ()
    changes: tuple[Change, ...] = ()
    data_changes: tuple[DataChange, ...] = ()
    notices: tuple[Notice, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    drills: tuple[Drill, ...] = ()
    done: tuple[Done, ...] = ()
    papers: tuple[Paper, ...] = ()
    present: tuple[Present, ...] = ()
    leaves: tuple[Leave, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    guards: tuple[Guard, ...] = ()
    truth: Mapping[str, Expected] = field(default_factory=dict)
    cases: frozenset[str] = frozenset()
