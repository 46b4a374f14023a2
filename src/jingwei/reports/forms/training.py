"""培训记录 (tender L524, L579; reports.md section 16).

Trainings held by plan and on request, from their tickets, and those written down as a duty done.
How they were received is the client's word alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jingwei.desk import forms
from jingwei.desk.models import Kind, State, Ticket
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, Heading, KeyValues, Note, Paragraph
from jingwei.reports.errors import ReportError
from jingwei.reports.forms import ledger, periods, tickets
from jingwei.reports.forms.facts import Attached
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import table, uncollected, when
from jingwei.reports.periodic.rows import Rows
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts as rounds
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Done, Expected, Round
from jingwei.sla.measures.periods import midnight
from jingwei.terms import Result

TITLE = "培训记录"
DUTY = "training"
TRANSFER = "knowledge_transfer"
SHAPES = ("annual", "quarterly", "monthly")
KINDS = (Kind.TRAINING, Kind.SERVICE_REQUEST)
_UNSAID = uncollected("未填写")


@dataclass(frozen=True, slots=True)
class Session:
    """One training; "" where nobody wrote it. `held` None: the form does not say when."""

    number: str
    kind: str
    topic: str
    audience: str
    trainer: str
    held: datetime | None
    place: str
    minutes: str
    attended: str
    attendees: str
    material: str
    exam: str
    evaluation: str
    content: str
    state: str
    cancelled: bool
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Trainings(Round):
    """The trainings of a period, or one of them. `ahead` counts those still to be held."""

    ticket: str = ""
    sessions: tuple[Session, ...] = ()
    ahead: tuple[Session, ...] = ()
    duties: tuple[Done, ...] = ()
    expected: tuple[Expected, ...] = ()
    rows: Rows = ledger.NO_ROWS

    @property
    def done(self) -> tuple[Session, ...]:
        """Those not withdrawn."""
        return tuple(one for one in self.sessions if not one.cancelled)


def gather(subject: str, now: datetime) -> Trainings:
    """The trainings of a period, "2026", or the one of a ticket. Raises ReportError."""
    if periods.named(subject):
        held, span, ticket = periods.of_ticket(subject, now, DUTY, *KINDS)
        if not _trains(ticket):
            raise ReportError(f"{ticket.number} 不是培训或知识转移培训的工单，不出培训记录")
        one = _session(ticket, forms_of(ticket))
        return Trainings(records.project(held, span), span, ticket.number, (one,))
    held, span = periods.find(subject, now, *SHAPES)
    found = [(row, _session(row, forms_of(row))) for row in _tickets(span)]
    inside = [(row, one) for row, one in found if _inside(span, one.held or row.created_at)]
    return Trainings(
        records.project(held, span), span, "", tuple(one for _, one in inside),
        tuple(one for _, one in found if one.held and one.held >= span.as_of and not one.cancelled),
        records.done(held, span, DUTY), records.expected(held, span, now, DUTY),
        Rows(tickets=ledger.tickets(row for row, _ in inside)),
    )  # fmt: skip


def _trains(ticket: Ticket) -> bool:
    held = getattr(ticket, "form", None)
    return ticket.kind == Kind.TRAINING or (held is not None and held.form == TRANSFER)


def _tickets(span: Span) -> list[Ticket]:
    """Those opened in the contract year by the span's end."""
    rows = Ticket.objects.filter(
        kind__in=KINDS, created_at__gte=midnight(span.year_first), created_at__lt=span.as_of,
    )  # fmt: skip
    rows = rows.select_related("form", "application", "institution", "target")
    return [row for row in rows.prefetch_related("files").order_by("number") if _trains(row)]


def _inside(span: Span, at: datetime) -> bool:
    return midnight(span.first) <= at < min(midnight(span.last + timedelta(days=1)), span.as_of)


def forms_of(row: Ticket) -> dict[str, str]:
    """The form's values by field, as people read them."""
    held = getattr(row, "form", None)
    form = forms.by_id(held.form) if held is not None else None
    if form is None or held is None:
        return {}
    return {one.key: one.text for one in tickets.entries(form, held.values)}


def _session(row: Ticket, said: dict[str, str]) -> Session:
    held = getattr(row, "form", None)
    moment = str(held.values.get("held_at", "")) if held is not None else ""
    return Session(
        row.number, row.get_kind_display(), said.get("topic", "") or masked(row.title),
        said.get("audience", ""), said.get("trainer", ""),
        datetime.fromisoformat(moment) if moment else None, said.get("place", ""),
        said.get("minutes", ""), said.get("attended", ""), said.get("attendees", ""),
        said.get("material", ""), said.get("exam", ""),
        "；".join(word for word in (said.get("evaluation") or said.get("satisfaction", ""),
                                   said.get("evaluation_note", "")) if word),
        said.get("content", ""), row.get_state_display(), row.state == State.CANCELLED,
        tuple(Attached(file.get_kind_display(), masked(file.name), file.sha256)
              for file in row.files.all()),
    )  # fmt: skip


def document(held: Trainings, issue: Issue, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    sections: list[ledger.Section] = [("汇总", _summary(held)), ("培训明细", _details(held))]
    if not held.ticket:
        sections += [
            ("登记的技术培训", [rounds.records("登记的技术培训", held.duties, objects=False)]),
            ("后续计划", [_ahead(held)]),
        ]
    return ledger.formal(held, issue, TITLE, sections, draft=draft, rows=held.rows)


def conclusion(held: Trainings) -> tuple[Result, str]:
    """One verdict and one sentence; nobody trained is never in order."""
    done = held.done
    signed = sum(bool(one.files) for one in done)
    rated = sum(bool(one.evaluation) for one in done)
    text = f"培训 {len(done)} 次（有签到或课件附件 {signed} 次，甲方已评价 {rated} 次）"
    if held.duties:
        text += f"；登记技术培训 {len(held.duties)} 次"
    if not done and not held.duties:
        return Result.UNCHECKED, f"{text}：没有培训记录"
    if any("不满意" in one.evaluation for one in done):
        return Result.ABNORMAL, f"{text}；有不满意"
    waiting = any(row.answer != "yes" for row in held.duties)
    if signed < len(done) or rated < len(done) or waiting:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _summary(held: Trainings) -> list[Block]:
    every = periods.counted(held.rows, "tickets") if held.rows.tickets else None
    told = [one.attended.split()[0] for one in held.done if one.attended]
    people = str(sum(map(int, told))) if told else ""
    pairs = (
        ("培训次数", ledger.count(len(held.done), rows=every)),
        ("到场人次", Cell(f"{people}（{len(told)} 次有记录）" if people else
                       uncollected("没有到场人数"))),
        ("已撤销", ledger.count(len(held.sessions) - len(held.done))),
        ("甲方评价", ledger.count(sum(bool(one.evaluation) for one in held.done))),
    )  # fmt: skip
    blocks: list[Block] = [KeyValues(pairs, 2), *rounds.owed(held.expected)]
    return [*blocks, Note("满意度只由甲方填写；签到表与课件在工单“文件”处。")]


def _details(held: Trainings) -> list[Block]:
    if not held.sessions:
        return [Paragraph("培训明细：本期无。")]
    blocks: list[Block] = []
    for place, one in enumerate(held.sessions, start=1):
        pairs = [
            ("主　　题", one.topic), ("类　　别", one.kind), ("对　　象", one.audience or _UNSAID),
            ("讲　　师", one.trainer or _UNSAID), ("时　　间", when(one.held, _UNSAID)),
            ("地　　点", one.place or _UNSAID), ("时　　长", one.minutes or _UNSAID),
            ("到场人数", one.attended or _UNSAID), ("课　　件", one.material or _UNSAID),
            ("考　　核", one.exam or "未考核"), ("满 意 度", one.evaluation or "待甲方填写"),
            ("状　　态", one.state),
        ]  # fmt: skip
        blocks += [Heading(3, f"{place}. {one.number}　{one.topic}"),
                   KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)]  # fmt: skip
        for label, text in (("参加人员", one.attendees), ("内容", one.content)):
            if text:
                blocks.append(Paragraph(f"{label}：{text}"))
        rows = [(each.kind, each.name, each.sha256[:16] + "…") for each in one.files]
        if rows:
            blocks.append(table("签到与课件", (("种类", 2.4), ("文件名", 8), ("SHA-256", 4)), rows))
        else:
            blocks.append(Paragraph(f"签到与课件：{uncollected('工单没有附件')}。"))
    return blocks


def _ahead(held: Trainings) -> Block:
    rows = [(when(one.held), one.topic, one.audience or "—", one.trainer or "—", one.number)
            for one in held.ahead]  # fmt: skip
    columns = (("时间", 3), ("主题", 5), ("对象", 3.4), ("讲师", 2.4), ("单号", 4))
    return table("后续培训计划", columns, rows)
