"""业务系统月交互数据检查报告 (tender L561): its frame, until the platform counts what is exchanged.

Which system serves which institution is known from the register; not one figure of what was sent
is, so every figure says why it is not there. Nothing is 0 that nobody counted.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from jingwei.assets import queries as assets
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic.parts import number, table, uncollected
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Issue, Round
from jingwei.terms import Result

TITLE = "业务系统月交互数据检查报告"
NOT_YET = uncollected("交互数据模块尚未接入")
_MEASURES = ("上传量", "日均", "环比", "同比", "完整率", "及时率", "准确率", "一致率")
_BRIEF = "未采集"


@dataclass(frozen=True, slots=True)
class System:
    """One application and the institutions it serves, by the register; `said` is the tender's."""

    code: str
    name: str
    said: str
    institutions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange(Round):
    """The frame of a month: systems, the institutions of the district, findings on interfaces."""

    systems: tuple[System, ...] = ()
    issues: tuple[Issue, ...] = ()


def gather(subject: str, now: datetime) -> Exchange:
    """A month, "2026-11". Raises ReportError."""
    held, span, _ = subjects.find("monthly", subject, now)
    rows = list(assets.applications(assets.ApplicationFilter(), span.last))
    if not rows:
        raise ReportError("台账中没有在用的应用，无法生成月交互数据检查报告")
    return Exchange(
        records.project(held, span), span,
        tuple(
            System(row.code, row.name, row.coverage_raw or "招标文件未写明",
                   tuple(each.institution.name for each in assets.covered(row, span.last)))
            for row in rows
        ),
        records.issues(span, items="exchange."),
    )  # fmt: skip


def document(held: Exchange, issue: Edition, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("报告期与口径", [
            KeyValues((("报告期", Cell(held.span.days)), ("口径", Cell(NOT_YET)))),
            Note("业务日期口径与上传日期口径二选一，接入交互数据后注明。"),
        ]),
        ("机构与系统月上传量", _matrix(held)),
        ("环比、同比与日均", [_measures(held)]),
        ("完整率、及时率、准确率与一致率", [
            Paragraph(NOT_YET),
            Note("完整率＝实到日数÷应到日数；及时率＝按时到达批次÷应到批次；"
                 "准确率＝校验通过÷总数；一致率＝平台计数与源系统计数之比。"),
        ]),
        ("缺传、迟传与异常波动", [parts.issues("交互数据异常", held.issues) if held.issues
                        else Paragraph(NOT_YET), Paragraph(parts.by_hand("原因与补传情况"))]),
        ("数据质量问题", [Paragraph(NOT_YET)]),
        ("与市级平台回执核对", [Paragraph(NOT_YET)]),
        ("建议", [Paragraph(parts.by_hand("建议"))]),
        ("附件：逐日明细", [Paragraph(NOT_YET)]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Exchange) -> tuple[Result, str]:
    """未检, whatever the register says: nobody counted anything."""
    return Result.UNCHECKED, f"应统计 {len(held.systems)} 个系统；{NOT_YET}"


def _matrix(held: Exchange) -> list[Block]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for system in held.systems:
        for name in system.institutions:
            by_place[name].append(system.code)
    systems = [
        (system.code, system.name, system.said,
         number(len(system.institutions)) if system.institutions
         else uncollected("台账未登记"), _BRIEF)
        for system in held.systems
    ]  # fmt: skip
    places = [(name, "、".join(codes), number(len(codes)), _BRIEF)
              for name, codes in sorted(by_place.items())]  # fmt: skip
    return [
        table("各系统", (("应用号", 1.8), ("系统", 5.6), ("覆盖范围（原文）", 4), ("应传机构", 2.4),
                      ("月上传量", 2)), systems),
        table("各机构", (("机构", 5), ("应传系统", 8), ("系统数", 1.6), ("月上传量", 2)), places),
        Note(f"月上传量一栏：{NOT_YET}。"),
    ]  # fmt: skip


def _measures(held: Exchange) -> Block:
    columns = (("应用号", 2), *((name, 1.8) for name in _MEASURES))
    rows = [(system.code, *(_BRIEF for _ in _MEASURES)) for system in held.systems]
    return table("各系统指标", columns, rows)
