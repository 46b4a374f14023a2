"""系统安全检查报告 (tender L568, L577, L587): what people checked, and what the platform can count.

Figures about data changes, accounts and devices are counted from the records; leaks and incidents
are a person's statement and stay red until somebody makes it.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from jingwei.assets.models import Person, Unit
from jingwei.assets.words import KINDS
from jingwei.checks.models import ItemResult
from jingwei.contract.models import Contract
from jingwei.desk.models import DataChange, Kind
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.periodic import tickets
from jingwei.reports.periodic.facts import Change
from jingwei.reports.periodic.parts import number, table, uncollected, when
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Expected, Issue, Round
from jingwei.sla.measures.periods import add_months, day_of, midnight
from jingwei.terms import Result

TITLE = "系统安全检查报告"
DUTY = "security-check"
PATCHES = "version-check"
STATEMENTS = ("security-statement", "confidentiality-statement")
KEPT_MONTHS = 6  # reports.md section 12: logs are kept that long
SECURITY = ("firewall", "netgap", "waf", "ids", "av-gateway", "db-firewall", "bastion",
            "log-audit", "nac", "masking", "situational-awareness", "situational-probe",
            "load-balancer")  # fmt: skip
_LOGS = uncollected("日志模块尚未接入")
_BACKUPS = uncollected("备份模块尚未接入")
_DAY = re.compile(r"(20\d\d)[-年./](\d{1,2})[-月./](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Zone:
    """Devices in use of one network zone."""

    zone: str
    devices: int


@dataclass(frozen=True, slots=True)
class Watched:
    """One kind of security device: how many, how many are watched, their verdicts."""

    kind: str
    devices: int
    watched: int
    verdicts: str
    worst: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of the daily checks to one item over the span, by verdict."""

    item: str
    normal: int
    attention: int
    abnormal: int
    unchecked: int


@dataclass(frozen=True, slots=True)
class Account:
    """A login still open for somebody who left."""

    name: str
    left: date


@dataclass(frozen=True, slots=True)
class Security(Round):
    """A quarter's security. `extracted` and `modified` count data changes asked for."""

    rows: tuple[Done, ...] = ()
    patches: tuple[Done, ...] = ()
    expected: tuple[Expected, ...] = ()
    zones: tuple[Zone, ...] = ()
    devices: tuple[Watched, ...] = ()
    answers: tuple[Answers, ...] = ()
    issues: tuple[Issue, ...] = ()
    changes: tuple[Change, ...] = ()
    accounts: tuple[Account, ...] = ()
    extracted: int = 0
    modified: int = 0
    statements: tuple[str, ...] = ()


def gather(subject: str, now: datetime) -> Security:
    """A quarter's security checks, "2026-Q1". Raises ReportError."""
    held, span, _ = subjects.find("quarterly", subject, now)
    devices, keys = _devices(span)
    asked = Counter(_data_changes(span))
    return Security(
        records.project(held, span), span, records.done(held, span, DUTY),
        records.done(held, span, PATCHES), records.expected(held, span, now, DUTY), _zones(span),
        devices, _answers(span), records.issues(span, keys) if keys else (), _changes(span),
        _accounts(span), asked["extract"], asked["modify"], _statements(held, span),
    )  # fmt: skip


def _in_use(span: Span) -> list[Unit]:
    rows = Unit.objects.exclude(valid_to__lte=span.last).select_related("row")
    return list(rows.order_by("row__row_no", "number"))


def _zones(span: Span) -> tuple[Zone, ...]:
    found = Counter(row.row.zone for row in _in_use(span))
    named = sorted(found.items(), key=lambda each: (each[0] == "", each[0]))
    return tuple(Zone(zone or "未登记区域", count) for zone, count in named)


def _devices(span: Span) -> tuple[tuple[Watched, ...], list[str]]:
    rows = [row for row in _in_use(span) if row.row.kind in SECURITY]
    keys = [row.code for row in rows]
    seen = records.states(span, keys)
    made = []
    for kind in SECURITY:
        mine = [row.code for row in rows if row.row.kind == kind]
        counts: Counter[str] = Counter()
        for code in mine:
            counts.update(seen.get(code, {}))
        if mine:
            made.append(
                Watched(KINDS[kind], len(mine), sum(code in seen for code in mine),
                        records.told(counts), records.worst_of(counts))
            )  # fmt: skip
    return tuple(made), keys


def _answers(span: Span) -> tuple[Answers, ...]:
    rows = (
        ItemResult.objects.filter(
            run__date__gte=span.first, run__date__lte=span.last, current=True,
            item__startswith="security.",
        )
        .order_by()
        .values_list("item", "result")
        .annotate(number=Count("id"))
    )  # fmt: skip
    counts: dict[str, Counter[str]] = {}
    for item, result, found in rows:
        counts.setdefault(item, Counter())[result] += found
    labels = records.item_labels()
    return tuple(
        Answers(labels.get(item, item), held[Result.NORMAL], held[Result.ATTENTION],
                held[Result.ABNORMAL], held[Result.UNCHECKED])
        for item, held in sorted(counts.items())
    )  # fmt: skip


def _changes(span: Span) -> tuple[Change, ...]:
    rows = [row for row in tickets.opened(span)
            if row.kind == Kind.CHANGE and row.target is not None
            and row.target.kind in SECURITY]  # fmt: skip
    return tickets.changes(rows)


def _accounts(span: Span) -> tuple[Account, ...]:
    gone = Person.objects.filter(valid_to__lt=day_of(span.as_of), user__is_active=True)
    return tuple(
        Account(row.name, row.valid_to) for row in gone.order_by("name") if row.valid_to is not None
    )


def _data_changes(span: Span) -> list[str]:
    end = min(span.as_of, midnight(span.last + timedelta(days=1)))
    asked = DataChange.objects.filter(
        ticket__created_at__gte=midnight(span.first), ticket__created_at__lt=end
    )
    return list(asked.values_list("purpose", flat=True))


def _statements(held: Contract, span: Span) -> tuple[str, ...]:
    papers = held.documents.filter(
        kind__in=STATEMENTS, at__gte=midnight(span.first), at__lte=span.as_of
    )
    return tuple(f"{row.title}（document:{row.pk}）" for row in papers.order_by("id"))


def document(held: Security, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("范围与方法", [*_field(held, "scope"), *parts.owed(held.expected)]),
        ("资产暴露面", [table("各网络区域在用设备", (("区域", 6), ("台数", 2)),
                         [(z.zone, number(z.devices)) for z in held.zones], small=False)]),
        ("边界与策略", [*_field(held, "policy"), _change_list(held)]),
        ("漏洞统计", [*_field(held, "vulnerability"),
                  Note("高、中、低危与新增、修复、遗留由检查人填写；漏洞细节按敏感文件控制发放。")]),
        ("安全告警与事件", _alerts(held)),
        ("日志留存核查", _retention(held)),
        ("账号审计", _audit(held)),
        ("数据安全", _data(held)),
        ("备份与恢复", [Paragraph(_BACKUPS)]),
        ("补丁与版本", [parts.records("版本与补丁检查", held.patches)]),
        ("主页防篡改与应用审计", [Paragraph(_LOGS)]),
        ("等保整改项跟踪", [Paragraph(parts.by_hand("等保整改项"))]),
        ("风险评级与建议", [*_field(held, "advice"), Paragraph(parts.by_hand("风险评级"))]),
        ("检查记录与附件", [parts.records("安全检查记录", held.rows), *parts.photos(held.rows)]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Security) -> tuple[Result, str]:
    """One verdict and one sentence; without a check by people it is 未检."""
    left = [one for one in held.issues if one.closed_at is None]
    text = f"安全检查 {len(held.rows)} 次；未恢复异常 {len(left)} 项"
    text += f"；离岗仍可登录账号 {len(held.accounts)} 个"
    if not held.rows:
        return (Result.ABNORMAL if held.span.closed else Result.UNCHECKED), text
    state = parts.worst_word(row.result for row in held.rows)
    if state is Result.ABNORMAL or held.accounts:
        return Result.ABNORMAL, text
    waiting = any(row.answer != "yes" for row in held.rows)
    if state is Result.ATTENTION or left or waiting:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _field(held: Security, key: str) -> list[Block]:
    """What each check of the span says of one chapter."""
    if not held.rows:
        return [Paragraph(uncollected("本期没有安全检查记录"))]
    return [Paragraph(f"{when(row.at)}　{row.by}：{parts.field(row, key)}") for row in held.rows]


def _change_list(held: Security) -> Block:
    columns = (("单号", 3), ("时间", 2.6), ("对象", 3.6), ("内容", 5), ("批准", 2), ("状态", 1.8))
    rows = [(c.number, when(c.at), c.where, c.what, c.approved or "无", c.state)
            for c in held.changes]  # fmt: skip
    return table("安全设备变更", columns, rows)


def _alerts(held: Security) -> list[Block]:
    devices = [
        (each.kind, number(each.devices), number(each.watched) if each.watched else "未采集",
         parts.checked(each.worst), each.verdicts or "未接入自动检查")
        for each in held.devices
    ]  # fmt: skip
    answers = [
        (each.item, number(each.normal), number(each.attention, Result.ATTENTION),
         number(each.abnormal, Result.ABNORMAL), number(each.unchecked))
        for each in held.answers
    ]  # fmt: skip
    columns = (("检查项", 6), ("正常", 1.6), ("关注", 1.6), ("异常", 1.6), ("未检", 1.6))
    return [
        table("安全设备状态（期末）", (("类别", 4), ("台数", 1.6), ("有自动检查", 2), ("结论", 2),
                              ("各检查", 6)), devices),
        table("日检安全项（项次）", columns, answers) if answers
        else Paragraph(f"日检安全项：{uncollected('本期没有日检结果')}。"),
        parts.issues("安全设备异常与处置", held.issues),
    ]  # fmt: skip


def _retention(held: Security) -> list[Block]:
    blocks = _field(held, "retention")
    for row in held.rows:
        oldest = first_day(row.said("retention"))
        if oldest is None:
            continue
        enough = add_months(oldest, KEPT_MONTHS) <= day_of(row.at)
        word = f"{'满足' if enough else '不满足'}留存 {KEPT_MONTHS} 个月"
        blocks.append(Paragraph(f"最早日志 {oldest}，检查日 {day_of(row.at)}：{word}。"))
    return blocks


def first_day(text: str) -> date | None:
    """The first date a text names, None where it names none there is."""
    found = _DAY.search(text)
    if found is None:
        return None
    try:
        return date(*(int(each) for each in found.groups()))
    except ValueError:
        return None


def _audit(held: Security) -> list[Block]:
    rows = [(each.name, each.left.isoformat(), "须停用") for each in held.accounts]
    return [
        *_field(held, "account"),
        table("离岗人员仍可登录本平台的账号", (("人员", 4), ("离岗日期", 3), ("处置", 3)), rows),
        Note("业务系统、数据库和设备上的账号由检查人核对；共享账号、超权须逐项写明。"),
    ]  # fmt: skip


def _data(held: Security) -> list[Block]:
    said = "、".join(held.statements) or "无"
    return [
        KeyValues(
            (
                ("提取数据申请", Cell(f"{held.extracted} 件")),
                ("修改数据申请", Cell(f"{held.modified} 件")),
                ("本期归档的安全声明", Cell(said)),
            )
        ),
        Paragraph(parts.by_hand("重大安全事件与数据外泄")),
    ]
