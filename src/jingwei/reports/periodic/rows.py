"""The rows behind the numbers of a periodic report, frozen with it.

A figure names a set of rows and which of them it counts (`document.Behind`); the same rows stand
in the report's appendix, open on its page, and add up to the figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jingwei.reports.document import Behind

DONE, CANCELLED, OPEN = "已完成", "已撤销", "在办"


@dataclass(frozen=True, slots=True)
class Opened:
    """One ticket opened in the period. `ended`: 已完成, 已撤销 or 在办."""

    number: str
    kind: str
    title: str
    at: datetime
    channel: str
    system: str
    institution: str
    severity: str
    cause: str
    form: str
    state: str
    ended: str


@dataclass(frozen=True, slots=True)
class Timed:
    """One limit of one fault on one calendar; seconds. `outcome` is a field of `facts.Kept`."""

    number: str
    severity: str
    limit: str
    calendar: str
    outcome: str
    allowed: int
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Down:
    """One downtime of a core device in the contract year; `end` None: it still is down."""

    number: str
    start: datetime
    end: datetime | None
    cause: str
    excluded_by: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of daily checks. `works` None: nobody published whether it is a working day."""

    date: date
    works: bool | None
    finished: bool
    planned: int = 0
    checked: int = 0


@dataclass(frozen=True, slots=True)
class Duty:
    """One dated duty whose last day lies in the period; `number` times or objects."""

    label: str
    what: str
    first: date
    last: date
    number: int
    done: int
    standing: str


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking of development work of the contract year; person-days as text."""

    number: str
    date: date
    days: str
    person: str
    work: str


@dataclass(frozen=True, slots=True)
class Present:
    """One day with attendance of the first line."""

    date: date
    there: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the contract year up to the end of the period.

    None: nobody knows (before anything was watched, or to come). `down_left` and `emergency_left`
    are seconds of the year's budgets left at its end; `days_used` the person-days used by then.
    `owed` and `finished` are daily checks.
    """

    label: str
    ratio: float | None = None
    down_left: int | None = None
    emergency_left: int | None = None
    days_used: float | None = None
    severities: tuple[int, ...] | None = None
    requests: int | None = None
    owed: int | None = None
    finished: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Every set of rows of one report."""

    tickets: tuple[Opened, ...] = ()
    clocks: tuple[Timed, ...] = ()
    downs: tuple[Down, ...] = ()
    days: tuple[Day, ...] = ()
    duties: tuple[Duty, ...] = ()
    efforts: tuple[Booked, ...] = ()
    presence: tuple[Present, ...] = ()


# Where each set stands on paper, and what it is called.
APPENDICES = {
    "tickets": "工单明细", "clocks": "时限明细", "downs": "停机明细", "days": "日检逐日明细",
    "duties": "周期工作明细", "efforts": "开发工作量明细", "presence": "在岗逐日明细",
}  # fmt: skip


def appendix(name: str) -> str:
    """附件 1, 附件 2 ...: how a figure refers to its set on paper."""
    return f"附件 {list(APPENDICES).index(name) + 1}"


def behind(name: str, **where: str | tuple[str, ...]) -> Behind:
    """A reference to the rows of a set whose fields say this; several words: any of them."""
    chosen = tuple(
        (field, tuple(said) if isinstance(said, tuple) else (said,))
        for field, said in where.items()
    )
    return Behind(name, chosen, appendix(name))


def chosen(rows: Rows, ref: Behind) -> Sequence[Any]:
    """The rows a figure counts. Raises KeyError for a set, AttributeError for a field, unknown."""
    if ref.rows not in APPENDICES:
        raise KeyError(ref.rows)
    return [
        row
        for row in getattr(rows, ref.rows)
        if all(str(getattr(row, field)) in said for field, said in ref.where)
    ]
