"""人员、考勤、请假与变更记录 (tender L513-L515, L595-L618; reports.md section 16).

Day by day who was due and who signed in; leave with reason, whereabouts, stand-in and the client's
word before it began; replacements with the client's consent. A day nobody signed in on is 未采集.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.assets.models import Person
from jingwei.desk.models import Asked, Attendance, Leave
from jingwei.desk.queries import roster
from jingwei.desk.queries.roster import FIRST, SECOND
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note
from jingwei.reports.forms import ledger, periods
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import table, uncollected, when
from jingwei.reports.periodic.rows import Present, Rows
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Round
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import Result

TITLE = "人员、考勤、请假与变更记录"
SHAPES = ("monthly", "quarterly")
_PRESENCE = f"工作日一线驻场不少于 {FIRST} 人（L513）；没有签到记录的日子不推定有人在岗。"
_LEAVE = "须在离开之前经甲方同意，写明事由、去向和顶岗人（L514、L606）。"
_UNSIGNED = uncollected("没有签到记录")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: how many were due, who of the first line came. `works` None: not published."""

    date: date
    name: str
    works: bool | None
    due: int
    came: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    late: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """One leave. `answered` None: the client said nothing."""

    name: str
    start: datetime
    end: datetime
    reason: str
    whereabouts: str
    phone: str
    stand_in: str
    asked: datetime
    state: str
    granted: bool
    answered: datetime | None = None
    answered_by: str = ""
    note: str = ""

    @property
    def ahead(self) -> bool:
        """Whether the client agreed before it began (L514, L606)."""
        return self.granted and self.answered is not None and self.answered <= self.start


@dataclass(frozen=True, slots=True)
class Replaced:
    """One person for another; `granted` only by the client."""

    on: date
    leaving: str
    joining: str
    qualification: str
    reason: str
    client_asked: bool
    state: str
    granted: bool
    answered: datetime | None = None
    answered_by: str = ""

    @property
    def ahead(self) -> bool:
        """Whether the client agreed by the day it took place (L597, L616)."""
        said = self.answered is not None and self.answered < midnight(self.on + _DAY)
        return self.granted and said


@dataclass(frozen=True, slots=True)
class Short:
    """Where the roster itself had fewer than promised."""

    line: str
    start: datetime
    end: datetime
    needed: int
    there: int
    why: str


@dataclass(frozen=True, slots=True)
class Staff(Round):
    """The people of a period. `first`, `second`: who was on the roster on its last day."""

    days: tuple[Day, ...] = ()
    leaves: tuple[Away, ...] = ()
    changes: tuple[Replaced, ...] = ()
    short: tuple[Short, ...] = ()
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    rows: Rows = ledger.NO_ROWS

    @property
    def owed(self) -> tuple[Day, ...]:
        """The working days."""
        return tuple(one for one in self.days if one.works)

    @property
    def few(self) -> tuple[Day, ...]:
        """Working days on which somebody signed in, but fewer than four."""
        return tuple(one for one in self.owed if one.came and len(one.came) < FIRST)

    @property
    def unsigned(self) -> tuple[Day, ...]:
        """Working days nobody signed in on: it is not known who was there."""
        return tuple(one for one in self.owed if not one.came)


def gather(subject: str, now: datetime) -> Staff:
    """The people of a month, "2026-11", or of a quarter. Raises ReportError."""
    held, span = periods.find(subject, now, *SHAPES)
    last = min(span.last, day_of(span.as_of - timedelta(microseconds=1)))
    days = _days(span, last)
    return Staff(
        records.project(held, span), span, days, _leaves(span), _changes(span), _short(span, last),
        _people(Person.Line.FIRST, last), _people(Person.Line.SECOND, last),
        Rows(presence=tuple(Present(one.date, len(one.came)) for one in days if one.came)),
    )  # fmt: skip


def _people(line: Person.Line, on: date) -> tuple[str, ...]:
    return tuple(roster.people(line, on).order_by("pk").values_list("name", flat=True))


def _days(span: Span, last: date) -> tuple[Day, ...]:
    late = set(
        Attendance.objects.filter(
            date__gte=span.first, date__lte=last, late=True, corrected_by=None
        ).values_list("date", "person_id")
    )
    made = []
    for each in roster.on_duties(span.first, last):
        came = [one for one in each.came if one.line == Person.Line.FIRST]
        if not each.working and not came:
            continue
        away = [f"{row.person.name}（{row.stand_in.name}顶岗）" if row.stand_in
                else row.person.name for row in each.leaves]  # fmt: skip
        made.append(
            Day(
                each.day, each.name, each.working, len(each.due),
                tuple(one.name for one in came), tuple(away),
                sum((each.day, one.pk) in late for one in came),
            )
        )  # fmt: skip
    return tuple(made)


def _leaves(span: Span) -> tuple[Away, ...]:
    """Leave that touches the span, whatever the client said to it."""
    rows = Leave.objects.filter(
        start__lt=midnight(span.last + _DAY), end__gt=midnight(span.first),
        asked_at__lte=span.as_of,
    ).select_related("person", "stand_in", "answered_by").order_by("start", "pk")  # fmt: skip
    return tuple(
        Away(
            row.person.name, row.start, row.end, masked(row.reason), masked(row.whereabouts),
            masked(row.phone), row.stand_in.name if row.stand_in else "", row.asked_at,
            Asked(row.state).label, row.state == Asked.GRANTED, row.answered_at,
            _name(row.answered_by), masked(row.answer),
        )
        for row in rows
    )  # fmt: skip


def _changes(span: Span) -> tuple[Replaced, ...]:
    rows = roster.changes().filter(
        on__gte=span.first, on__lte=span.last, asked_at__lte=span.as_of
    ).order_by("on", "pk")  # fmt: skip
    return tuple(
        Replaced(
            row.on, row.leaving.name, row.joining_name, masked(row.qualification),
            masked(row.reason), row.client_asked, Asked(row.state).label,
            row.state == Asked.GRANTED, row.answered_at, _name(row.answered_by),
        )
        for row in rows
    )  # fmt: skip


def _name(user: object) -> str:
    return str(getattr(user, "full_name", "") or getattr(user, "username", ""))


def _short(span: Span, last: date) -> tuple[Short, ...]:
    return tuple(
        Short(row.label, row.start, row.end, row.needed, row.there, row.why)
        for row in roster.shortfalls(span.first, last)
    )


def document(held: Staff, issue: Issue, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    sections: list[ledger.Section] = [
        ("在册人员与汇总", _summary(held)),
        ("每日在岗", [_attendance(held),
                  Note(_PRESENCE)]),
        ("请假", [_away(held), Note(_LEAVE)]),
        ("人员变更", [_replaced(held), Note("未经甲方同意不得更换驻场人员（L597、L616）。")]),
        ("排班不足", [_shortfalls(held)]),
    ]  # fmt: skip
    return ledger.formal(held, issue, TITLE, sections, draft=draft, rows=held.rows)


def conclusion(held: Staff) -> tuple[Result, str]:
    """One verdict and one sentence; a day nobody signed in on is never in order."""
    asked: tuple[Away | Replaced, ...] = (*held.leaves, *held.changes)
    late = [one for one in asked if one.granted and not one.ahead]
    text = f"工作日 {len(held.owed)} 天，有签到 {len(held.owed) - len(held.unsigned)} 天，"
    text += f"不足 {FIRST} 人 {len(held.few)} 天；请假 {len(held.leaves)} 次，变更 "
    text += f"{len(held.changes)} 次，甲方事后同意 {len(late)} 次"
    if held.few or late:
        return Result.ABNORMAL, text
    if not held.owed or len(held.unsigned) == len(held.owed):
        return Result.UNCHECKED, text
    waiting = any(one.answered is None for one in asked)
    if held.unsigned or waiting or held.short:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _summary(held: Staff) -> list[Block]:
    signed = len(held.owed) - len(held.unsigned)
    every = periods.counted(held.rows, "presence") if held.rows.presence else None
    pairs = (
        ("一线驻场", Cell(_listed(held.first))), ("二线支持", Cell(_listed(held.second))),
        ("工 作 日", ledger.count(len(held.owed))), ("有签到", ledger.count(signed, rows=every)),
        ("没有签到", ledger.count(len(held.unsigned), Result.ATTENTION)),
        (f"不足 {FIRST} 人", ledger.count(len(held.few), Result.ABNORMAL)),
        ("请假次数", ledger.count(len(held.leaves))), ("人员变更", ledger.count(len(held.changes))),
    )  # fmt: skip
    return [KeyValues(pairs, 2), Note(f"承诺：一线不少于 {FIRST} 人，二线不少于 {SECOND} 人。")]


def _listed(names: tuple[str, ...]) -> str:
    return f"{len(names)} 人：{'、'.join(names)}" if names else uncollected("未登记人员")


def _attendance(held: Staff) -> Block:
    made = []
    for one in held.days:
        if not one.came:
            there: str | Cell = Cell(_UNSIGNED, state=Result.UNCHECKED)
        else:
            few = bool(one.works) and len(one.came) < FIRST
            there = Cell(str(len(one.came)), state=Result.ABNORMAL if few else None,
                         rows=periods.counted(held.rows, "presence",
                                              date=one.date.isoformat()))  # fmt: skip
        late = f"（补录 {one.late} 人）" if one.late else ""
        made.append(
            (
                one.date.isoformat(),
                one.name,
                str(one.due) if one.works else "—",
                there,
                ("、".join(one.came) or "—") + late,
                "、".join(one.away) or "无",
            )
        )
    columns = (("日期", 2.4), ("日历", 2), ("应到", 1.2), ("实到", 4), ("签到人员", 4.8),
               ("请假", 2.6))  # fmt: skip
    return table("每日在岗", columns, made)


def _consent(one: Away | Replaced) -> Cell:
    """The client's word, and whether it came in time."""
    if one.answered is None:
        return Cell(f"{Result.UNCHECKED.sign} {one.state}", state=Result.UNCHECKED)
    said = f"{one.state} {one.answered_by} {when(one.answered)}"
    if not one.granted:
        return Cell(said)
    state = Result.NORMAL if one.ahead else Result.ABNORMAL
    return Cell(f"{state.sign} {said}" + ("" if one.ahead else "（事后）"), state=state)


def _away(held: Staff) -> Block:
    made = [
        (one.name, f"{when(one.start)} 至 {when(one.end)}", one.reason, one.whereabouts,
         one.phone or "未填写", one.stand_in or Cell("无", state=Result.ATTENTION), _consent(one))
        for one in held.leaves
    ]  # fmt: skip
    columns = (("人员", 1.6), ("起止", 3.4), ("事由", 2.4), ("去向", 2.4), ("电话", 2.2),
               ("顶岗人", 1.6), ("甲方意见", 3.6))  # fmt: skip
    return table("请假", columns, made)


def _replaced(held: Staff) -> Block:
    made = [
        (one.on.isoformat(), one.leaving, one.joining, one.qualification,
         ("甲方要求；" if one.client_asked else "") + one.reason, _consent(one))
        for one in held.changes
    ]  # fmt: skip
    columns = (("日期", 2.4), ("原人员", 1.8), ("新人员", 1.8), ("资质与简历", 4), ("原因", 3.4),
               ("甲方同意", 3.6))  # fmt: skip
    return table("人员变更", columns, made)


def _shortfalls(held: Staff) -> Block:
    made = [(one.line, f"{when(one.start)} 至 {when(one.end)}", str(one.needed), str(one.there),
             one.why) for one in held.short]  # fmt: skip
    columns = (("班次", 2.2), ("时间", 6.4), ("应有", 1.3), ("可到", 1.3), ("原因", 4.4))
    return table("排班不足", columns, made)
