"""The kinds of report there are: what each is about, gathers, and says. One table.

A report is about one subject, told by a short text: the day of a daily check, the number of an
emergency. A new kind is one package (its frozen dataclass, `gather`, `draw`) and one row here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jingwei.reports import daily, drill, emergency, fault, gather, periodic
from jingwei.reports.daily.front import conclusion
from jingwei.reports.daily.sheet import Issue, Sheet
from jingwei.reports.document import Document
from jingwei.reports.drill import Exercise
from jingwei.reports.emergency import Handling
from jingwei.reports.errors import ReportError
from jingwei.reports.fault import Fault
from jingwei.reports.periodic import Account
from jingwei.terms import Result


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind. `shape` is the frozen dataclass its snapshot holds.

    `gather` reads the facts of a subject as they stand (`timed`: as of a moment, for a period that
    may not be over) and `draw` turns them into a document
    (the last argument: whether it is a draft); `number` and `period` identify the report;
    `conclude` says in one line what it comes to.
    """

    name: str
    label: str
    shape: type[Any]
    gather: Callable[..., Any]
    number: Callable[[str], str]
    period: Callable[[Any], tuple[date, date]]
    draw: Callable[[Any, Issue, bool], Document]
    conclude: Callable[[Any], tuple[Result, str]]
    timed: bool = False

    def facts(self, subject: str, now: datetime) -> Any:
        """The facts of a subject. Raises ReportError for one there is not."""
        return self.gather(subject, now) if self.timed else self.gather(subject)


def _day(sheet: Sheet) -> tuple[date, date]:
    return sheet.head.date, sheet.head.date


DAILY = ReportKind(
    name="daily", label="日检报告", shape=Sheet,
    gather=lambda day: gather.daily(date.fromisoformat(day)),
    number=lambda day: f"JAWS-RJ-{day.replace('-', '')}-01", period=_day,
    draw=lambda sheet, issue, draft: daily.document(sheet, issue, draft=draft),
    conclude=conclusion,
)  # fmt: skip
EMERGENCY = ReportKind(
    name="emergency", label="应急事件处置报告", shape=Handling,
    gather=emergency.gather, number=lambda event: f"JAWS-{event}",
    period=lambda handling: handling.period,
    draw=lambda handling, issue, draft: emergency.document(handling, issue, draft=draft),
    conclude=emergency.conclusion,
)  # fmt: skip
DRILL = ReportKind(
    name="drill", label="应急演练报告", shape=Exercise,
    gather=drill.gather, number=lambda number: f"JAWS-{number}",
    period=lambda exercise: exercise.period,
    draw=lambda exercise, issue, draft: drill.document(exercise, issue, draft=draft),
    conclude=drill.conclusion,
)  # fmt: skip
FAULT = ReportKind(
    name="fault", label="故障处理报告", shape=Fault,
    gather=fault.gather, number=lambda ticket: f"JAWS-GZ-{ticket}-01",
    period=lambda held: held.period,
    draw=lambda held, issue, draft: fault.document(held, issue, draft=draft),
    conclude=fault.conclusion,
)  # fmt: skip


def _periodic(name: str, label: str, code: str, draw: Callable[..., Document]) -> ReportKind:
    return ReportKind(
        name=name, label=label, shape=Account,
        gather=lambda subject, now: periodic.gather(name, subject, now),
        number=lambda subject: f"JAWS-{code}-{subject.strip().replace('-', '')}-01",
        period=lambda held: held.period,
        draw=lambda held, issue, draft: draw(held, issue, draft=draft),
        conclude=periodic.conclusion, timed=True,
    )  # fmt: skip


MONTHLY = _periodic("monthly", "维保月报", "YB", periodic.monthly)
QUARTERLY = _periodic("quarterly", "季度维护报告", "JB", periodic.quarterly)
ANNUAL = _periodic("annual", "年度维护服务报告", "NB", periodic.annual)
PERIODIC = (MONTHLY, QUARTERLY, ANNUAL)
KINDS: dict[str, ReportKind] = {
    kind.name: kind for kind in (DAILY, *PERIODIC, EMERGENCY, DRILL, FAULT)
}


def of(name: str) -> ReportKind:
    """The kind of that name. Raises ReportError for one there is not."""
    if name not in KINDS:
        raise ReportError(f"没有“{name}”这类报告；可用：{'、'.join(KINDS)}")
    return KINDS[name]
