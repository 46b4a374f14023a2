"""硬件巡检报告 (tender L622-623): four mandatory elements for every unit, and the client's word.

A unit is inspected when somebody recorded it in the period; what checks saw stands beside it and
never in its place.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from jingwei.assets import queries as assets
from jingwei.assets.models import AssetRow
from jingwei.desk import queries as desk
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic.parts import number, table, when
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Issue, Round, Thing, of_object
from jingwei.terms import Result

TITLE = "硬件巡检报告"
DUTY = "hardware-inspection"
ELEMENTS = ("content", "time", "running", "health")  # tender L623, in its order
_SPECIAL = ("精密空调", "UPS", "存储", "FC 交换机", "交换机", "防火墙", "网闸", "WAF", "入侵检测")
_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Ending:
    """A model or a warranty that ended, or ends within 90 days of the period."""

    what: str
    kind: str
    ends: date


@dataclass(frozen=True, slots=True)
class Inspection(Round):
    """One round of inspections. `scope` is a site or a unit, "" for all that is in use."""

    scope: str = ""
    units: tuple[Thing, ...] = ()
    rows: tuple[Done, ...] = ()
    issues: tuple[Issue, ...] = ()
    endings: tuple[Ending, ...] = ()

    def of(self, code: str) -> Done | None:
        """The newest record of a unit."""
        found = of_object(self.rows, code)
        return found[-1] if found else None

    @property
    def seen(self) -> tuple[Thing, ...]:
        """Units with a record in the period."""
        inspected = {row.object for row in self.rows}
        return tuple(unit for unit in self.units if unit.code in inspected)


def gather(subject: str, now: datetime) -> Inspection:
    """A quarter's inspections, "2026-Q1", of one site or unit with "/". Raises ReportError."""
    held, span, scope = subjects.find("quarterly", subject, now, scoped=True)
    units = records.units(span, scope)
    if not units:
        raise ReportError(
            f"台账中没有在用的设备或站点“{scope[:30]}”；设备号如 HW-046-1，站点号如 SITE-1"
            if scope else "台账中没有在用的设备，无法生成硬件巡检报告"
        )  # fmt: skip
    codes = [unit.code for unit in units]
    rows = tuple(row for row in records.done(held, span, DUTY) if row.object in codes)
    return Inspection(
        records.project(held, span), span, scope, units, rows, records.issues(span, codes),
        _endings(span.last, {code.rpartition("-")[0] for code in codes}),
    )  # fmt: skip


def _endings(day: date, wanted: set[str]) -> tuple[Ending, ...]:
    made = []
    for row in AssetRow.objects.filter(code__in=wanted).order_by("code"):
        known = assets.warranty(row, day)
        if day - _AHEAD <= known.ends <= day + _AHEAD:
            made.append(Ending(f"{row.code} {row.name}", "保修", known.ends))
    for each in desk.announcements(day):
        last = each.row.support_ends or each.row.production_ends
        if (each.near or each.ended) and last is not None and each.units:
            made.append(Ending(f"{each.row.maker} {each.row.model}", "停产停服", last))
    return tuple(made)


def document(held: Inspection, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("基本信息", _head(held)),
        ("巡检范围", _scope(held)),
        ("逐台巡检结果（四要素）", [PageBreak(landscape=True), *_elements(held), PageBreak()]),
        ("专项情况", _special(held)),
        ("问题与隐患清单", _problems(held)),
        ("版本与到期", _endings_blocks(held)),
        ("照片与附件", parts.photos(held.rows)),
        ("总体评价与建议", [Paragraph(f"统计：{conclusion(held)[1]}。"),
                     Paragraph(parts.by_hand("总体评价")), Paragraph(parts.by_hand("建议"))]),
        ("客户确认", _confirmed(held)),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Inspection) -> tuple[Result, str]:
    """One verdict and one sentence; what was not inspected is never in order."""
    total, seen = len(held.units), len(held.seen)
    latest = [row for unit in held.seen if (row := held.of(unit.code))]
    waiting = sum(row.answer != "yes" for row in latest)
    state = parts.worst_word(row.result for row in latest)
    text = f"应巡 {total} 台，已巡 {seen} 台，未巡 {total - seen} 台；待客户确认 {waiting} 台"
    if not seen:
        return Result.UNCHECKED, text
    if state is Result.ABNORMAL or (total > seen and held.span.closed):
        return Result.ABNORMAL, text
    if state is Result.ATTENTION or total > seen or waiting:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _head(held: Inspection) -> list[Block]:
    times = [row.at for row in held.rows]
    sites = list(dict.fromkeys(unit.site for unit in held.units))
    people = list(dict.fromkeys(row.by for row in held.rows))
    return [
        KeyValues(
            (
                ("站　　点", Cell("、".join(sites))),
                ("范　　围", Cell(held.scope or "全部在用设备")),
                ("首次巡检", Cell(when(min(times, default=None), parts.UNRECORDED))),
                ("末次巡检", Cell(when(max(times, default=None), parts.UNRECORDED))),
                ("工 程 师", Cell("、".join(people) or parts.UNRECORDED)),
                ("陪 同 人", Cell(BY_HAND)),
            )
        ),
        Paragraph("依据：维保商至少每季度提供一次现场技术巡检，将每次巡检服务内容、巡检时间、"
                  "系统运行情况、健康检查报告记录在案（L622-623）。"),
    ]  # fmt: skip


def _scope(held: Inspection) -> list[Block]:
    seen = {unit.code for unit in held.seen}
    made = []
    for (site, kind), found in groupby(
        sorted(held.units, key=lambda u: (u.site, u.kind)), key=lambda u: (u.site, u.kind)
    ):
        rows = list(found)
        done = sum(unit.code in seen for unit in rows)
        over = sum(unit.tender == "过保" for unit in rows)
        made.append(
            (site, kind, number(len(rows)), number(over), number(done),
             number(len(rows) - done, Result.ABNORMAL))
        )  # fmt: skip
    columns = (("站点", 4), ("类别", 4), ("台数", 1.5), ("过保", 1.5), ("已巡", 1.5), ("未巡", 1.5))
    missing = [unit.code for unit in held.units if unit.code not in seen]
    blocks: list[Block] = [table("巡检范围", columns, made, small=False)]
    if missing:
        blocks += [Paragraph(f"未巡设备：{'、'.join(missing)}。"),
                   Paragraph(parts.by_hand("未巡原因"))]  # fmt: skip
    return blocks


def _elements(held: Inspection) -> list[Block]:
    columns = (
        ("设备", 4.2), ("位置与序列号", 2.8), ("巡检服务内容", 4), ("巡检时间", 2.4),
        ("系统运行情况", 4), ("健康检查报告", 4), ("结论", 1.7), ("自动检查（期末）", 2.6),
    )  # fmt: skip
    made = []
    for unit in held.seen:
        row = held.of(unit.code)
        if row is not None:
            made.append(
                (f"{unit.code} {unit.name}", _where(unit), parts.field(row, "content"),
                 _time(row), parts.field(row, "running"),
                 parts.field(row, "health"), parts.judged(row.result),
                 unit.checks or "未接入自动检查")
            )  # fmt: skip
    more = [(row.object, parts.said(row, but=ELEMENTS)) for row in held.rows
            if any(one.key not in ELEMENTS for one in row.fields)]  # fmt: skip
    note = "一台设备本期有多次记录时列最后一次；自动检查为报告期末的结论，不代替现场巡检。"
    blocks = [table("逐台巡检结果", columns, made), Note(note)]
    if more:
        blocks.append(table("其他检查项与建议", (("设备", 2), ("记录", 14)), more))
    one = len(held.units) == 1
    blocks += parts.sheets(held.rows, whole=one)
    if not one and any(row.answers for row in held.rows):
        blocks.append(Note("各设备的全部检查项见平台记录，或按设备号生成的单台报告。"))
    return blocks


def _time(row: Done) -> str:
    """When it was inspected: as the form says, with the record's own time."""
    own = row.said("time")
    return f"{own}（{parts.moment(row)} 登记）" if own else parts.moment(row)


def _where(unit: Thing) -> str:
    said = [unit.place, f"SN {unit.serial}" if unit.serial else "SN 未采集", unit.address]
    return "；".join(text for text in said if text)


def _special(held: Inspection) -> list[Block]:
    made = []
    for kind in _SPECIAL:
        rows = [unit for unit in held.units if unit.kind == kind]
        if not rows:
            continue
        mine = {unit.code for unit in rows}
        watched = sum(bool(unit.checks) for unit in rows)
        bad = sum(unit.worst in (Result.ABNORMAL, Result.ATTENTION) for unit in rows)
        opened = sum(row.target in mine and row.closed_at is None for row in held.issues)
        made.append(
            (kind, number(len(rows)),
             number(watched) if watched else "未采集（未接入自动检查）",
             number(bad, Result.ABNORMAL) if watched else "未采集", number(opened))
        )  # fmt: skip
    columns = (("类别", 3), ("台数", 1.6), ("有自动检查", 3), ("期末不正常", 2), ("未恢复异常", 2))
    return [
        table("专项汇总", columns, made, small=False),
        Note("滤网、冷凝水、压缩机、电池外观、特征库与许可等须现场查看的内容见逐台记录。"),
    ]


def _problems(held: Inspection) -> list[Block]:
    bad = [row for row in held.rows if row.result not in ("正常", "normal")]
    made = [
        (number(place), row.object, parts.judged(row.result), parts.said(row, but=ELEMENTS),
         BY_HAND, BY_HAND)
        for place, row in enumerate(bad, start=1)
    ]  # fmt: skip
    columns = (("编号", 1.2), ("设备", 2.2), ("等级", 1.8), ("描述与建议", 7), ("责任方", 2.2),
               ("计划完成", 2.2))  # fmt: skip
    return [
        Heading(2, "（一）现场巡检发现"), table("现场巡检发现的问题", columns, made),
        Heading(2, "（二）自动检查发现"), parts.issues("自动检查发现的异常", held.issues),
    ]  # fmt: skip


def _endings_blocks(held: Inspection) -> list[Block]:
    last = held.span.last
    made = [
        (each.kind, each.what, each.ends.isoformat(), "已到期" if each.ends < last else "将到期")
        for each in held.endings
    ]
    columns = (("种类", 2), ("对象", 8), ("到期日", 3), ("情况", 3))
    return [
        table("到期情况（报告期末前后 90 天）", columns, made, small=False),
        Paragraph(parts.by_hand("固件、微码版本与厂商最新版的差异")),
    ]  # fmt: skip


def _confirmed(held: Inspection) -> list[Block]:
    latest = [row for unit in held.seen if (row := held.of(unit.code))]
    yes = sum(row.answer == "yes" for row in latest)
    no = [row for row in latest if row.answer == "no"]
    blocks: list[Block] = [
        Paragraph(
            f"已由客户在平台确认 {yes} 台，不同意 {len(no)} 台，"
            f"待确认 {len(latest) - yes - len(no)} 台。无客户确认的巡检不算完成（L623）。"
        )
    ]
    if no:
        columns = (("设备", 3), ("客户意见", 10))
        blocks.append(table("客户不同意的记录", columns, [(r.object, parts.answer(r)) for r in no]))
    return blocks
