"""性能分析与优化报告 (tender L520, L580, L678; reports.md sections 1 and 16).

What the performance review wrote down about CPU, memory, I/O and network, what was tuned on request
with its tests before and after, and what the checks measured meanwhile. Advice is a person's.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from jingwei.checks.models import DailySummary
from jingwei.desk.models import Kind, State, Ticket
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, Heading, KeyValues, Note, Paragraph
from jingwei.reports.forms import ledger, periods
from jingwei.reports.forms.training import forms_of
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import number, table, uncollected, when
from jingwei.reports.periodic.rows import Rows
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts as rounds
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Done, Expected, Issue, Round
from jingwei.sla.measures.periods import midnight
from jingwei.terms import Result

TITLE = "性能分析与优化报告"
DUTY = "performance-review"
FORM = "performance"
SHAPES = ("monthly", "quarterly")
# What tells of load and speed, by item of the routines.
ITEMS = ("server.load", "network.load", "storage.pool", "db.sessions", "db.locks", "db.tablespace",
         "app.queue", "app.cache", "app.runtime", "app.available")  # fmt: skip
_ASPECTS = (("cpu", "CPU"), ("memory", "内存"), ("io", "I/O"), ("network", "网络"))
_MOST = 30  # readings that are printed, those nearest their worst first
_UNITS = frozenset({"%", "ms"})  # shares and times: what can be read without knowing the device
_UNSAID = uncollected("未填写")


@dataclass(frozen=True, slots=True)
class Tuned:
    """One request to make something faster, "" where nobody wrote it."""

    number: str
    title: str
    system: str
    at: datetime
    state: str
    cancelled: bool
    complaint: str = ""
    cpu: str = ""
    memory: str = ""
    io: str = ""
    network: str = ""
    before: str = ""
    changes: str = ""
    change_ref: str = ""
    after: str = ""
    verified_by: str = ""

    @property
    def whole(self) -> bool:
        """Whether all four aspects were looked at, and it was tested before and after."""
        return all((self.cpu, self.memory, self.io, self.network, self.before, self.after))


@dataclass(frozen=True, slots=True)
class Look:
    """One item: how many checks stood in which verdict at the end."""

    label: str
    checks: int
    verdicts: str
    worst: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value of one target over the days of the span."""

    target: str
    label: str
    name: str
    unit: str
    days: int
    mean: float
    highest: float


@dataclass(frozen=True, slots=True)
class Performance(Round):
    """A period's performance."""

    reviews: tuple[Done, ...] = ()
    expected: tuple[Expected, ...] = ()
    tuned: tuple[Tuned, ...] = ()
    looks: tuple[Look, ...] = ()
    readings: tuple[Reading, ...] = ()
    measured: int = 0
    issues: tuple[Issue, ...] = ()
    rows: Rows = ledger.NO_ROWS


def gather(subject: str, now: datetime) -> Performance:
    """The performance of a month, "2026-11", or of a quarter. Raises ReportError."""
    held, span = periods.find(subject, now, *SHAPES)
    found = _tickets(span)
    readings = _readings(span)
    issues = [row for item in ITEMS for row in records.issues(span, items=item)]
    return Performance(
        records.project(held, span), span, records.done(held, span, DUTY),
        records.expected(held, span, now, DUTY), tuple(map(_tuned, found)), _looks(span),
        readings[:_MOST], len(readings),
        tuple(sorted(issues, key=lambda row: (row.opened_at, row.target))),
        Rows(tickets=ledger.tickets(found)),
    )  # fmt: skip


def _tickets(span: Span) -> list[Ticket]:
    rows = Ticket.objects.filter(
        kind=Kind.SERVICE_REQUEST, form__form=FORM, created_at__gte=midnight(span.first),
        created_at__lt=span.as_of,
    )  # fmt: skip
    return list(rows.select_related("form", "application", "institution", "target")
                .order_by("number"))  # fmt: skip


def _tuned(row: Ticket) -> Tuned:
    said = forms_of(row)
    names = ("complaint", "cpu", "memory", "io", "network", "before", "changes", "change_ref",
             "after", "verified_by")  # fmt: skip
    return Tuned(
        row.number, masked(row.title), row.application.name if row.application else "",
        row.created_at, row.get_state_display(), row.state == State.CANCELLED,
        **{name: said.get(name, "") for name in names},
    )  # fmt: skip


def _looks(span: Span) -> tuple[Look, ...]:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, item), counts in records.items(span).items():
        seen[item].update(counts)
    labels = records.item_labels()
    return tuple(
        Look(labels.get(item, item), sum(seen[item].values()), records.told(seen[item]),
             records.worst_of(seen[item]))
        for item in ITEMS if item in seen
    )  # fmt: skip


def _readings(span: Span) -> tuple[Reading, ...]:
    """Shares and times by target and name, the highest share first, then the slowest."""
    rows = DailySummary.objects.filter(
        date__gte=span.first, date__lte=span.last, series__check_ref__item__in=ITEMS,
        series__unit__in=_UNITS, mean__isnull=False, maximum__isnull=False,
    )  # fmt: skip
    held: dict[tuple[str, str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for target, label, name, unit, mean, highest in rows.values_list(
        "series__check_ref__target__key", "series__check_ref__target__label", "series__name",
        "series__unit", "mean", "maximum",
    ):  # fmt: skip
        held[target, label, name, unit].append((float(mean or 0), float(highest or 0)))
    made = [
        Reading(target, label, name, unit, len(days), sum(mean for mean, _ in days) / len(days),
                max(highest for _, highest in days))
        for (target, label, name, unit), days in held.items()
    ]  # fmt: skip
    return tuple(
        sorted(made, key=lambda one: (one.unit != "%", -one.highest, one.target, one.name))
    )


def document(held: Performance, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    sections: list[ledger.Section] = [
        ("分析情况", _reviews(held)),
        ("自动检查所见", _seen(held)),
        ("优化调整与测试", _tunings(held)),
        ("结论与建议", _advice(held)),
    ]
    return ledger.formal(held, issue, TITLE, sections, draft=draft, rows=held.rows)


def conclusion(held: Performance) -> tuple[Result, str]:
    """One verdict and one sentence; a period nobody looked at is never in order."""
    open_ = [one for one in held.issues if one.closed_at is None]
    text = f"性能分析 {len(held.reviews)} 次；优化调整 {len(held.tuned)} 件；"
    text += f"相关异常 {len(held.issues)} 项，未恢复 {len(open_)} 项"
    if not held.reviews:
        return (Result.ABNORMAL if held.span.closed else Result.UNCHECKED), text
    state = rounds.worst_word(row.result for row in held.reviews)
    if state is Result.ABNORMAL or any(one.result == Result.ABNORMAL for one in open_):
        return Result.ABNORMAL, text
    partial = any(not one.whole and not one.cancelled for one in held.tuned)
    partial |= any(not row.said(key) for row in held.reviews for key, _ in _ASPECTS)
    if state is not Result.NORMAL or open_ or partial:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _reviews(held: Performance) -> list[Block]:
    blocks = rounds.owed(held.expected)
    if not held.reviews:
        return [*blocks, *(Paragraph(f"{word}分析：{rounds.UNRECORDED}。") for _, word in _ASPECTS)]
    for row in held.reviews:
        pairs = [("时　　间", Cell(rounds.moment(row))), ("分 析 人", Cell(row.by)),
                 ("结　　论", rounds.judged(row.result)), ("证　　据", Cell(row.ref))]  # fmt: skip
        pairs += [(word, Cell(rounds.field(row, key))) for key, word in _ASPECTS]
        blocks += [Heading(3, f"{rounds.moment(row)}　{row.object or row.about or row.label}"),
                   KeyValues(tuple(pairs), 2),
                   Paragraph(f"建议：{rounds.field(row, 'advice')}。")]  # fmt: skip
    return blocks


def _seen(held: Performance) -> list[Block]:
    looks = [(one.label, number(one.checks), rounds.checked(one.worst), one.verdicts)
             for one in held.looks]  # fmt: skip
    if not looks:
        return [Paragraph(f"负载与速度类检查：{uncollected('没有这类自动检查')}。")]
    blocks: list[Block] = [
        table("负载与速度类检查（期末）",
              (("检查项", 5), ("检查数", 1.6), ("最差", 2), ("各结论", 6)), looks)
    ]  # fmt: skip
    rows = [
        (f"{one.label}（{one.target}）", one.name, number(one.days),
         Cell(f"{one.mean:.1f} {one.unit}", align="right"),
         Cell(f"{one.highest:.1f} {one.unit}", align="right"))
        for one in held.readings
    ]  # fmt: skip
    if rows:
        columns = (("对象", 6), ("读数", 4), ("天数", 1.4), ("平均", 2.2), ("最高", 2.2))
        blocks += [table("读数", columns, rows),
                   Note(f"共 {held.measured} 个读数，列出占用率最高和最慢的 {len(rows)} 个；平均为"
                        "各日平均的平均。")]  # fmt: skip
    else:
        blocks.append(Paragraph(f"读数：{uncollected('期内没有逐日汇总')}。"))
    return [*blocks, rounds.issues("性能相关异常", held.issues)]


def _tunings(held: Performance) -> list[Block]:
    every = periods.counted(held.rows, "tickets") if held.rows.tickets else None
    cancelled = sum(one.cancelled for one in held.tuned)
    blocks: list[Block] = [KeyValues((
        ("优化调整", ledger.count(len(held.tuned), rows=every)),
        ("其中已撤销", ledger.count(cancelled)),
    ), 2)]  # fmt: skip
    if not held.tuned:
        return [*blocks, Paragraph("优化调整：本期无。")]
    for place, one in enumerate(held.tuned, start=1):
        pairs = (
            ("系　　统", one.system or "—"), ("状　　态", one.state),
            ("性能问题", one.complaint), ("CPU", one.cpu), ("内　　存", one.memory),
            ("I/O", one.io), ("网　　络", one.network), ("调整前测试", one.before),
            ("调整内容", one.changes), ("变更单号", one.change_ref or "未改动生产或未填写"),
            ("调整后测试", one.after), ("确 认 人", one.verified_by),
        )  # fmt: skip
        blocks += [
            Heading(3, f"{place}. {one.number}　{one.title}（{when(one.at)[:10]}）"),
            KeyValues(tuple((label, Cell(text or _UNSAID)) for label, text in pairs), 1),
        ]
    return blocks


def _advice(held: Performance) -> list[Block]:
    result, sentence = conclusion(held)
    said = [row.said("advice") for row in held.reviews if row.said("advice")]
    blocks: list[Block] = [Paragraph(f"统计：{result.sign} {sentence}。")]
    blocks += [Paragraph(f"分析人建议：{text}。") for text in said]
    return [*blocks, Paragraph(rounds.by_hand("综合评价与优化建议"))]
