"""调整开发工作量台账 (tender L517: within 10 person-months; reports.md section 16).

Demand by demand: on what basis, how much was estimated, what the client agreed to, what it took;
used and left of the contract year's budget. More than it is shown, never hidden.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jingwei.desk import queries as desk
from jingwei.desk.models import Kind, State, Ticket
from jingwei.desk.queries.effort import Entry
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.forms import ledger, periods
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import table
from jingwei.reports.periodic.rows import Booked, Rows
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Round
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import Result

TITLE = "调整开发工作量台账"
SHAPES = ("quarterly", "annual", "monthly")
_WHOSE = "评估由服务方作出，确认与验收是甲方的意见；更正另记一行，不改原记录。"
NO_AGREEMENT = "甲方未确认"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand; person-days as text, "" where nobody said. `used` in the contract year."""

    number: str
    demand: str
    system: str
    title: str
    basis: str
    estimate: str
    agreed: str
    accepted: str
    state: str
    period: str
    used: str
    cancelled: bool = False

    @property
    def beyond(self) -> bool:
        """Whether it took more than the client agreed to."""
        return bool(self.agreed) and Decimal(self.used) > Decimal(self.agreed)

    @property
    def unagreed(self) -> bool:
        """Whether work was booked that the client never agreed to."""
        return not self.agreed and Decimal(self.used) != 0


@dataclass(frozen=True, slots=True)
class Ledger(Round):
    """The ledger of a period within its contract year; figures are person-days as text."""

    limit: str = "0"
    used: str = "0"
    period_used: str = "0"
    left: str = "0"
    months: str = "0"
    note: str = ""
    demands: tuple[Demand, ...] = ()
    rows: Rows = ledger.NO_ROWS

    @property
    def over(self) -> bool:
        """Whether more was used than the contract gives."""
        return Decimal(self.left) < 0


def gather(subject: str, now: datetime) -> Ledger:
    """The ledger of a period: the contract year up to its end. Raises ReportError."""
    held, span = periods.find(subject, now, *SHAPES)
    last = min(span.last, day_of(span.as_of))
    book = desk.ledger(span.year_first, last)
    used: dict[str, Decimal] = defaultdict(Decimal)
    here: dict[str, Decimal] = defaultdict(Decimal)
    for each in book.entries:
        used[each.effort.ticket.number] += each.effort.days
        if each.effort.date >= span.first:
            here[each.effort.ticket.number] += each.effort.days
    found = _tickets(span, list(used))
    return Ledger(
        records.project(held, span), span, str(book.limit), str(book.used),
        str(sum(here.values(), Decimal(0))), str(book.left), str(book.months), book.note,
        tuple(_demand(row, used[row.number], here[row.number]) for row in found),
        Rows(tickets=ledger.tickets(found), efforts=_booked(book.entries)),
    )  # fmt: skip


def _tickets(span: Span, booked: Sequence[str]) -> list[Ticket]:
    """Demands opened in the contract year up to the end of the span, and those worked on."""
    rows = Ticket.objects.select_related("application", "institution", "target", "form")
    opened = rows.filter(
        kind=Kind.DEV_EFFORT, created_at__gte=midnight(span.year_first),
        created_at__lt=span.as_of,
    )  # fmt: skip
    worked = rows.filter(number__in=booked)
    return sorted({row.pk: row for row in [*opened, *worked]}.values(), key=lambda row: row.number)


def _demand(row: Ticket, used: Decimal, here: Decimal) -> Demand:
    held = getattr(row, "form", None)
    said = held.values if held is not None else {}
    return Demand(
        row.number, masked(str(said.get("demand_no", ""))),
        row.application.name if row.application else "", masked(row.title),
        masked(str(said.get("basis", ""))), str(said.get("estimate", "")),
        str(said.get("agreed", "")), masked(str(said.get("accepted", ""))),
        row.get_state_display(), str(here), str(used), row.state == State.CANCELLED,
    )  # fmt: skip


def _booked(entries: Sequence[Entry]) -> tuple[Booked, ...]:
    return tuple(
        Booked(
            each.effort.ticket.number, each.effort.date, str(each.effort.days),
            each.effort.person.name,
            masked(each.effort.work) + ("（更正）" if each.effort.corrects_id else ""),
        )
        for each in entries
    )  # fmt: skip


def document(held: Ledger, issue: Issue, *, draft: bool) -> Document:
    """Draw up the ledger. Pure: the same facts and issue always give the same tree."""
    sections: list[ledger.Section] = [
        ("合同年度额度", _budget(held)),
        ("需求与工作量", [_demands(held), Note(_WHOSE)]),
        ("需双方商定的事项", _open(held)),
    ]  # fmt: skip
    return ledger.formal(held, issue, TITLE, sections, draft=draft, rows=held.rows)


def conclusion(held: Ledger) -> tuple[Result, str]:
    """One verdict and one sentence."""
    text = f"累计 {held.used} 人日，额度 {held.limit} 人日，剩余 {held.left} 人日"
    text += f"；本期 {held.period_used} 人日"
    if held.over:
        return Result.ABNORMAL, f"{text}；超出额度，须甲方决定"
    if any(one.unagreed or one.beyond for one in held.demands):
        return Result.ATTENTION, f"{text}；有需求未经甲方确认或超过确认人日"
    if not held.rows.efforts:
        return Result.NOT_APPLICABLE, f"合同年度内没有登记开发工作量；额度 {held.limit} 人日"
    return Result.NORMAL, text


def _budget(held: Ledger) -> list[Block]:
    bad = Result.ABNORMAL if held.over else None
    every = periods.counted(held.rows, "efforts")
    pairs = (
        ("额　　度", Cell(f"{held.limit} 人日（10 人月）")),
        ("合同年度累计", Cell(f"{held.used} 人日（{held.months} 人月）", rows=every)),
        ("其中本期", Cell(f"{held.period_used} 人日")),
        ("剩　　余", Cell(f"{held.left} 人日", state=bad)),
    )
    span = held.span
    return [
        KeyValues(pairs, 2),
        Note(f"合同年度 {span.year_first} 至 {span.year_last}，截至 {span.last}。{held.note}。"),
    ]


def _demands(held: Ledger) -> Block:
    columns = (("单号", 3.6), ("需求号", 2), ("系统与需求", 4), ("政策或业务依据", 4),
               ("评估", 1.4), ("甲方确认", 2), ("本期", 1.4), ("累计", 1.6),
               ("状态与验收", 2.6))  # fmt: skip
    made = []
    for one in held.demands:
        state = Result.ATTENTION if one.unagreed or one.beyond else None
        made.append((
            one.number, one.demand or "未填写",
            "：".join(word for word in (one.system, one.title) if word), one.basis or "未填写",
            Cell(one.estimate or "—", align="right"),
            Cell(one.agreed or NO_AGREEMENT, state=state, align="right"),
            Cell(one.period, align="right"),
            Cell(one.used, align="right",
                 rows=periods.counted(held.rows, "efforts", number=one.number)),
            "；".join(word for word in (one.state, one.accepted) if word),
        ))  # fmt: skip
    return table("需求与工作量（人日）", columns, made)


def _open(held: Ledger) -> list[Block]:
    said = []
    if held.over:
        said.append(f"超出额度 {-Decimal(held.left)} 人日，是否另行结算由甲方决定。")
    said += [f"{one.number} 已登记 {one.used} 人日，{NO_AGREEMENT}。"
             for one in held.demands if one.unagreed]  # fmt: skip
    said += [f"{one.number} 累计 {one.used} 人日，超过甲方确认的 {one.agreed} 人日。"
             for one in held.demands if one.beyond]  # fmt: skip
    return [Paragraph(text) for text in said] or [Paragraph("本期无。")]
