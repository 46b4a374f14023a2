"""What a periodic report freezes. None and "" mean: nobody knows; 0 was counted."""

from dataclasses import dataclass, field
from datetime import date, datetime

from jingwei.reports.daily.sheet import Project
from jingwei.reports.periodic.rows import Month, Rows
from jingwei.reports.periodic.spans import Span


@dataclass(frozen=True, slots=True)
class Tally:
    """Tickets of one sort that were opened: how many ended well, were withdrawn, are open."""

    label: str
    opened: int
    done: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        """Not ended yet."""
        return self.opened - self.done - self.cancelled


@dataclass(frozen=True, slots=True)
class Kept:
    """One limit of one severity on one calendar, over the faults of the period."""

    severity: str
    limit: str
    calendar: str
    met: int = 0
    late: int = 0
    running: int = 0
    remote: int = 0
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class Late:
    """One limit that was not kept; seconds."""

    number: str
    title: str
    limit: str
    calendar: str
    allowed: int
    used: int | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the period."""

    number: str
    title: str
    where: str
    severity: str
    cause: str
    at: datetime
    restored: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, on what, who approved it, the health check before it, what came of it."""

    number: str
    at: datetime
    where: str
    what: str
    approved: str
    checked_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily check over the period. `owed` None: the year's working days are not published."""

    owed: int | None
    finished: int
    planned: int
    checked: int
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One section of the daily check: answers by verdict."""

    label: str
    normal: int
    attention: int
    abnormal: int
    unchecked: int


@dataclass(frozen=True, slots=True)
class Climate:
    """One measuring point of a room over the period, and the days it was out of its range."""

    target: str
    item: str
    days: int
    low: float
    high: float
    out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What the checks found: opened and healed in the period, open at its end."""

    opened: int
    closed: int
    left: int


@dataclass(frozen=True, slots=True)
class Owing:
    """One kind of dated duty in the period, and when it was missed."""

    label: str
    owed: int
    done: int
    missed: tuple[str, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a duty that was done; `fields` are label and text."""

    duty: str
    label: str
    at: datetime
    object: str
    by: str
    result: str
    confirmed: bool
    number: str
    fields: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Budgets:
    """What the contract year allows and what of it is used up to the end of the period; seconds.

    `days_used` and `days_limit` are person-days of development, as text. `watched_from` is the day
    from which anybody looked: before it, and with None, no share of time is known.
    """

    down_used: int
    down_period: int
    down_excluded: int
    down_limit: int
    down_left: int
    ratio: float
    down_met: bool
    emergency_used: int
    emergency_sum: int
    emergency_excluded: int
    emergency_limit: int
    emergency_left: int
    emergency_met: bool
    days_used: str
    days_period: str
    days_limit: str
    days_left: str
    days_note: str
    drills_done: int
    drills_needed: int
    watched_from: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One emergency of the period."""

    number: str
    title: str
    level: str
    start: datetime
    end: datetime | None
    cause: str
    excluded_by: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Attendance: working days with entries, and those on which fewer came than promised."""

    owed: int | None
    known: int
    short: tuple[str, ...]
    needed: int
    leaves: int
    late_consents: int
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part that was replaced; `number` is its ticket."""

    number: str
    at: datetime
    device: str
    name: str
    serial_out: str
    serial_in: str
    origin: str
    basis: str = ""
    disk_kept: str = ""
    down: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a maker announced about a model in use."""

    model: str
    production: date | None
    support: date | None
    units: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Expiry:
    """A device whose warranty ends within the period or the next 90 days."""

    row: str
    name: str
    ends: date
    ended: bool
    status: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """One kind of duty that is due after the period."""

    label: str
    first: date
    last: date
    number: int


@dataclass(frozen=True, slots=True)
class Promise:
    """One obligation: where it stands, by which records. `open` are ambiguities not settled."""

    key: str
    clause: str
    text: str
    standing: str
    value: str
    limit: str
    refs: tuple[str, ...] = ()
    more: int = 0
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a monthly, quarterly or annual report says."""

    project: Project
    span: Span
    working_days: int | None
    daily: Daily
    found: Found
    budgets: Budgets
    people: People
    tickets: tuple[Tally, ...] = ()
    requests: tuple[Tally, ...] = ()
    channels: tuple[Tally, ...] = ()
    systems: tuple[Tally, ...] = ()
    institutions: tuple[Tally, ...] = ()
    severities: tuple[Tally, ...] = ()
    causes: tuple[Tally, ...] = ()
    kept: tuple[Kept, ...] = ()
    late: tuple[Late, ...] = ()
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()
    left: tuple[Fault, ...] = ()
    checked: tuple[Checked, ...] = ()
    climate: tuple[Climate, ...] = ()
    duties: tuple[Owing, ...] = ()
    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()
    drills: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    endings: tuple[Ending, ...] = ()
    expiries: tuple[Expiry, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    missing: tuple[tuple[str, ...], ...] = ()
    papers: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    months: tuple[Month, ...] = ()
    rows: Rows = field(default_factory=Rows)

    @property
    def watched(self) -> bool:
        """Whether anybody looked at the devices in the period or before it."""
        since = self.budgets.watched_from
        return since is not None and since <= self.span.last

    @property
    def period(self) -> tuple[date, date]:
        """The days, both included."""
        return self.span.first, self.span.last
