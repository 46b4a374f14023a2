"""What happened in a contract's term, as the measures read it: values, no rows of a database.

Each family may be absent because no room delivers it yet: `Facts.known` says which are there.
An absent family proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from jingwei.sla.availability import Downtime, Term
from jingwei.sla.clock import ClockState
from jingwei.terms.obligation import Ref


class Family(StrEnum):
    """The kinds of facts a room may deliver."""

    TICKETS = "tickets"
    DOWNTIMES = "downtimes"
    EMERGENCIES = "emergencies"
    ROUTINES = "routines"
    READINGS = "readings"
    DUTIES = "duties"
    DOCUMENTS = "documents"
    PRESENCE = "presence"
    CONSENTS = "consents"
    EFFORTS = "efforts"
    DRILLS = "drills"
    COVERAGE = "coverage"
    PARTS = "parts"
    BACKUPS = "backups"
    RESTORES = "restores"
    EXCHANGE = "exchange"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class ClockFact:
    """What one clock of one ticket or event came to on one calendar ("5x8" or "7x24")."""

    name: str
    calendar: str
    state: ClockState
    used: timedelta | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketFact:
    """One ticket. `confirmed_at` is the client's word; `form` the kind of occasional work."""

    ref: Ref
    kind: str
    opened_at: datetime
    form: str = ""
    severity: str = ""
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    cancelled: bool = False
    marks: frozenset[str] = frozenset()
    clocks: tuple[ClockFact, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyFact:
    """One real emergency of level 1 or 2; drills are never among them."""

    ref: Ref
    level: int
    downtime: Downtime
    disaster: bool = False
    graded: bool = False
    clocks: tuple[ClockFact, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFact:
    """One day's routine: item → how many were planned and how many were really checked."""

    ref: Ref
    routine: str
    date: date
    items: Mapping[str, tuple[int, int]]
    finished: bool = True
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingFact:
    """One target's day of one item. `precondition` False: it did not hold; None: not known."""

    ref: Ref
    item: str
    target: str
    date: date
    low: float
    high: float
    precondition: bool | None = True


@dataclass(frozen=True, slots=True)
class DoneFact:
    """Something that is owed again and again was done, on one object where it goes by object.

    `fields` are the parts of its record that are filled; `confirmed_at` is the client's word;
    `going_on`: what calls for something afterwards has not ended, so that is not owed yet.
    """

    ref: Ref
    duty: str
    at: datetime
    object: str = ""
    about: str = ""
    confirmed_at: datetime | None = None
    fields: frozenset[str] = frozenset()
    going_on: bool = False


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One document for one period or about one event, as it stands.

    On time is the later of the forms that are demanded; `returned` means that it does not count.
    """

    ref: Ref
    kind: str
    period_start: date | None = None
    period_end: date | None = None
    about: str = ""
    electronic_at: datetime | None = None
    paper_at: datetime | None = None
    confirmed_at: datetime | None = None
    sections: frozenset[str] = frozenset()
    returned: bool = False


@dataclass(frozen=True, slots=True)
class PresenceFact:
    """How many of a line were there on a working day, or in an interval of a 7x24 period."""

    ref: Ref
    line: str
    date: date
    there: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Something that needs the client's word before it takes effect."""

    ref: Ref
    subject: str
    asked_at: datetime
    effective_at: datetime
    granted_at: datetime | None = None
    complete: bool = True
    effective: bool = True


@dataclass(frozen=True, slots=True)
class EffortFact:
    """Booked days of work; corrections are negative."""

    ref: Ref
    date: date
    days: Decimal


@dataclass(frozen=True, slots=True)
class DrillFact:
    """One drill that was held."""

    ref: Ref
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """How much of something in the register is as it has to be; `missing` names what is not.

    Of `unknown` more the register says nothing, `blank` names them: neither right nor wrong.
    """

    ref: Ref
    what: str
    covered: int
    total: int
    missing: tuple[str, ...] = ()
    unknown: int = 0
    blank: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartFact:
    """One part that was fitted; `allowed` tells whether its origin was allowed on that day."""

    ref: Ref
    at: datetime
    second_hand: bool
    allowed: bool
    disk: bool = False
    disk_kept: bool = False


@dataclass(frozen=True, slots=True)
class BackupFact:
    """One object's backup of one day."""

    ref: Ref
    object: str
    date: date
    ok: bool
    full: bool = True


@dataclass(frozen=True, slots=True)
class RestoreFact:
    """One restore test."""

    ref: Ref
    at: datetime
    ok: bool


@dataclass(frozen=True)
class Facts:
    """Everything a measure may read about one term as of `now`.

    `working` maps every published day to whether it is a working day; `blocks` are the first days
    of holidays with their names; `objects` names what a duty has to be done for, by kind;
    `labels` says what papers and duties are called.
    """

    term: Term
    now: datetime
    known: frozenset[Family]
    working: Mapping[date, bool]
    blocks: tuple[tuple[date, str], ...] = ()
    objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    watched_from: datetime | None = None
    tickets: tuple[TicketFact, ...] = ()
    downtimes: tuple[tuple[Ref, Downtime], ...] = ()
    emergencies: tuple[EmergencyFact, ...] = ()
    runs: tuple[RunFact, ...] = ()
    readings: tuple[ReadingFact, ...] = ()
    done: tuple[DoneFact, ...] = ()
    documents: tuple[DocumentFact, ...] = ()
    presence: tuple[PresenceFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    efforts: tuple[EffortFact, ...] = ()
    drills: tuple[DrillFact, ...] = ()
    coverage: tuple[CoverageFact, ...] = ()
    parts: tuple[PartFact, ...] = ()
    backups: tuple[BackupFact, ...] = ()
    restores: tuple[RestoreFact, ...] = ()
