"""节前、变更前健康检查报告 (tender L622): is what matters fit to be left alone, or to be changed?

Asked for by the first day off of a holiday ("2023-01-21") or the number of a change. The day it is
about is the last working day before the holiday, or the day the change was checked.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.calendars import queries as calendars
from jingwei.calendars.queries import Block as Holiday
from jingwei.checks import queries as checks
from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.contract.queries.versions import in_order
from jingwei.desk import queries as desk
from jingwei.desk.models import Kind, Ticket
from jingwei.desk.queries import roster
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.errors import ReportError
from jingwei.reports.masking import masked
from jingwei.reports.periodic import tickets
from jingwei.reports.periodic.facts import Fault
from jingwei.reports.periodic.parts import number, table, uncollected, when
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Issue, Round
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import Result

TITLE = "健康检查报告"
HOLIDAY, CHANGE = "holiday-check", "change-check"
LEAD = timedelta(days=9)  # with the last day itself: the ten days the contract's calendar gives
_DAY = timedelta(days=1)
_BACKUPS = uncollected("备份模块尚未接入")
# What a quick look before time off is about (reports.md section 9), by item of the routines.
_CAPACITY = ("db.tablespace", "db.archive", "storage.pool", "server.load")
_SWITCH = ("db.replication", "storage.controller", "server.power", "ups.battery", "ups.output")
_ENDING = ("app.certificate", "db.accounts", "security.signature")
_FIT = {"具备": Result.NORMAL, "不具备": Result.ABNORMAL}


@dataclass(frozen=True, slots=True)
class Look:
    """One item, or one section of the routines: how many checks stood in which verdict."""

    label: str
    checks: int
    verdicts: str
    worst: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One day off: who is on duty or on call. `working` None: the year is not published."""

    day: date
    name: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Precheck(Round):
    """What was checked before one holiday or one change. `until` is the last day off."""

    event: str = ""
    change: str = ""
    until: date | None = None
    rows: tuple[Done, ...] = ()
    looks: tuple[Look, ...] = ()
    capacity: tuple[Look, ...] = ()
    switch: tuple[Look, ...] = ()
    ending: tuple[Look, ...] = ()
    issues: tuple[Issue, ...] = ()
    left: tuple[Fault, ...] = ()
    duty: tuple[OnDuty, ...] = ()

    @property
    def record(self) -> Done | None:
        """The newest record; None where nobody checked."""
        return self.rows[-1] if self.rows else None


def gather(subject: str, now: datetime) -> Precheck:
    """A holiday by its first day off, or a change by its number. Raises ReportError."""
    text = subject.strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _change(text, now)
    return _holiday(day, now)


def _holiday(day: date, now: datetime) -> Precheck:
    near = calendars.holidays(day - timedelta(days=60), day + timedelta(days=60)) if (
        2000 <= day.year < 2100
    ) else []  # fmt: skip
    block = next((each for each in near if each.first == day), None)
    if block is None:
        known = "、".join(f"{each.first}（{each.name}）" for each in near)
        known = f"附近有：{known}" if known else "前后 60 天没有已公布的节假日"
        raise ReportError(f"{day} 不是节假日的首日；应为假期第一天，{known}")
    if block.deadline is None:
        raise ReportError(f"{block.name}（{block.first} 起）前的工作日安排未公布，不能确定检查日")
    held = _contract(block.deadline)
    span = _span(held, str(day), f"{block.name}前", block.deadline - LEAD, block.deadline, now)
    rows = records.done(held, span, HOLIDAY)
    event = f"{block.name}（{block.first} 至 {block.last}）"
    return _filled(held, span, now, event=event, until=block.last, rows=rows,
                   duty=_on_duty(block))  # fmt: skip


def _change(text: str, now: datetime) -> Precheck:
    found = Ticket.objects.filter(number=subjects.plain(text)).first()
    if found is None or found.kind != Kind.CHANGE:
        raise ReportError(
            f"“{text[:30]}”应为假期首日（如 2027-01-01）或变更单的单号（如 GD-2026-00001）"
        )
    last = day_of(min(now, found.created_at + timedelta(days=365)))
    held = _contract(day_of(found.created_at))
    whole = _span(held, text, f"变更 {found.number} 前", day_of(found.created_at), last, now)
    rows = tuple(row for row in records.done(held, whole, CHANGE) if row.about == found.number)
    day = day_of(rows[-1].at) if rows else last
    span = _span(held, text, whole.label, min(whole.first, day), day, now)
    event = f"变更 {found.number}：{masked(found.title)}"
    return _filled(held, span, now, event=event, change=found.number, rows=rows)


def _contract(day: date) -> Contract:
    for held in in_order(contract.contracts().order_by()):
        if held.period_start <= day <= held.period_end:
            return held
    raise ReportError(f"没有合同覆盖 {day}，不能生成健康检查报告")


def _span(
    held: Contract, subject: str, label: str, first: date, last: date, now: datetime
) -> Span:  # fmt: skip
    first = max(first, held.period_start)
    if midnight(first) > now:
        raise ReportError(f"{label}的检查自 {first} 起，还没有开始，不能生成报告")
    as_of = min(now, midnight(last + _DAY))
    return Span("precheck", subject, label, first, last, held.period_start, held.period_end, as_of)


def _filled(
    held: Contract, span: Span, now: datetime, *, event: str, rows: tuple[Done, ...],
    change: str = "", until: date | None = None, duty: tuple[OnDuty, ...] = (),
) -> Precheck:  # fmt: skip
    seen = _by_item(span)
    sections = []
    for name in checks.routine_ids():
        plan = checks.routine(name)
        for section in plan.sections:
            mine = Counter[str]()
            for item in plan.items:
                if item.section == section.id:
                    mine += seen.get(item.id, Counter())
            if mine:
                sections.append(_look(section.label, mine))
    labels = records.item_labels()

    def look(names: tuple[str, ...]) -> tuple[Look, ...]:
        return tuple(_look(labels.get(name, name), seen[name]) for name in names if name in seen)

    return Precheck(
        records.project(held, span), span, event, change, until, rows, tuple(sections),
        look(_CAPACITY), look(_SWITCH), look(_ENDING),
        tuple(one for one in records.issues(span) if one.closed_at is None), _left(span), duty,
    )  # fmt: skip


def _by_item(span: Span) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for (_, item), counts in records.items(span).items():
        found.setdefault(item, Counter()).update(counts)
    return found


def _look(label: str, counts: Counter[str]) -> Look:
    return Look(label, sum(counts.values()), records.told(counts), records.worst_of(counts))


def _left(span: Span) -> tuple[Fault, ...]:
    """Tickets that were open at the moment, the oldest first, as they stand now."""
    rows = desk.open_tickets().filter(created_at__lt=span.as_of).prefetch_related("events")
    return tuple(tickets.fault(row, None) for row in rows.order_by("created_at", "id"))


def _on_duty(block: Holiday) -> tuple[OnDuty, ...]:
    made = []
    for day in roster.on_duties(block.first, block.last):
        people = [shift.person.name + ("（备勤）" if shift.on_call else "") for shift in day.shifts]
        people += [person.name for person in day.due]
        made.append(OnDuty(day.day, day.name, tuple(dict.fromkeys(people))))
    return tuple(made)


def document(held: Precheck, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    title = f"{'变更' if held.change else '节'}前{TITLE}"
    sections: list[parts.Section] = [
        ("事件与检查", _head(held)),
        ("核心系统与设备快检", [_looks("各专业自动检查（检查日）", held.looks),
                       parts.issues("未恢复异常", held.issues)]),
        ("容量余量", [*_field(held, "capacity"), _looks("容量类检查", held.capacity)]),
        ("备份与恢复点", [*_field(held, "backup"), Paragraph(f"平台备份记录：{_BACKUPS}。")]),
        ("切换能力", [*_field(held, "switch"), _looks("冗余与切换类检查", held.switch)]),
        ("证书、许可与密码到期", [_looks("到期类检查", held.ending),
                        Paragraph(parts.by_hand("许可与密码到期情况"))]),
        ("备件、联系人与值班", [*_field(held, "contacts"), _roster(held),
                       Paragraph(parts.by_hand("备件准备情况"))]),
        ("封网与变更冻结", [Paragraph(parts.by_hand("封网与变更冻结窗口"))]),
        ("遗留问题", [_open(held)]),
        ("结论", _verdict(held)),
        ("照片与附件", parts.photos(held.rows)),
    ]  # fmt: skip
    return parts.formal(held, issue, title, sections, draft=draft)


def conclusion(held: Precheck) -> tuple[Result, str]:
    """具备 or 不具备 is a person's word; without a record it is nobody's."""
    row = held.record
    if row is None:
        text = f"{held.event}：没有检查记录"
        return (Result.ABNORMAL if held.span.closed else Result.UNCHECKED), text
    word = row.said("result")
    fit = next((_FIT[each] for each in ("不具备", "具备") if each in word), None)
    text = f"{held.event}：{word or '记录未写结论'}；未恢复异常 {len(held.issues)} 项"
    if fit is Result.ABNORMAL or row.result == "异常":
        return Result.ABNORMAL, text
    if fit is None or held.issues or row.result == "关注":
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _head(held: Precheck) -> list[Block]:
    row = held.record
    pairs = [
        ("事　　件", Cell(held.event)), ("最迟完成", Cell(held.span.last.isoformat())),
        ("检查时间", Cell(parts.moment(row) if row else parts.UNRECORDED)),
        ("检 查 人", Cell(row.by if row else parts.UNRECORDED)),
    ]  # fmt: skip
    if held.change:
        pairs[1] = ("变更单号", Cell(held.change))
    caption = "健康检查记录"
    return [KeyValues(tuple(pairs)), parts.records(caption, held.rows, objects=False),
            *parts.sheets(held.rows, whole=True)]  # fmt: skip


def _field(held: Precheck, key: str) -> list[Block]:
    row = held.record
    if row is None:
        return [Paragraph(f"现场检查：{parts.UNRECORDED}。")]
    return [Paragraph(f"现场检查：{parts.field(row, key)}。")]


def _looks(caption: str, rows: tuple[Look, ...]) -> Block:
    if not rows:
        return Paragraph(f"{caption}：{uncollected('没有这类自动检查')}。")
    made = [(each.label, number(each.checks), parts.checked(each.worst), each.verdicts)
            for each in rows]  # fmt: skip
    columns = (("项目", 5), ("检查数", 1.6), ("最差", 2), ("各结论", 6))
    return table(caption, columns, made)


def _roster(held: Precheck) -> Block:
    if held.change:
        return Paragraph(parts.by_hand("变更期间值守人员"))
    rows = [(each.day.isoformat(), each.name, "、".join(each.people) or "未排班")
            for each in held.duty]  # fmt: skip
    return table("假期值班", (("日期", 3), ("日历", 4), ("值班人员", 8)), rows)


def _open(held: Precheck) -> Block:
    columns = (("单号", 3), ("内容", 6), ("对象", 4), ("时间", 2.8), ("状态", 1.8))
    rows = [(one.number, one.title, one.where, when(one.at), one.state) for one in held.left]
    return table("检查日前开立、现未办结的工单", columns, rows)


def _verdict(held: Precheck) -> list[Block]:
    said = held.record.said("result") if held.record else ""
    text = f"结论：{said}。" if said else parts.by_hand("结论（具备或不具备）")
    return [Paragraph(text, strong=bool(said)), Note(f"统计：{conclusion(held)[1]}。")]
