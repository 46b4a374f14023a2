"""The three periodic reports: which sections each has, in which order."""

from collections import Counter

from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import BY_HAND, Block, Document, Heading, PageBreak, Paragraph
from jingwei.reports.periodic import desk_sections as desk
from jingwei.reports.periodic import upkeep_sections as upkeep
from jingwei.reports.periodic.appendix import blocks as rows_behind
from jingwei.reports.periodic.facts import Account
from jingwei.reports.periodic.matrix import matrix
from jingwei.reports.periodic.parts import NONE, formal
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

QUARTERLY, MONTHLY, ANNUAL = "季度维护报告", "维保月报", "年度维护服务报告"


def quarterly(held: Account, issue: Issue, *, draft: bool) -> Document:
    """The tender's four sections come first, in its order (L583-587); then what L523, L691 ask."""
    sections: list[tuple[str, list[Block]]] = [
        ("日常维护情况", _upkeep(held)),
        ("配置变更情况", desk.changes(held)),
        ("本季度的故障处理和服务请求汇总", [
            Heading(2, "（一）故障处理"), *desk.faults(held),
            Heading(2, "（二）服务级别"), *desk.service_levels(held),
            Heading(2, "（三）服务请求"), *desk.requests(held),
        ]),
        ("本季度的系统安全检查报告", upkeep.security(held)),
        ("优化调整建议", desk.advice()),
        ("硬件维保情况", [Heading(3, "备件"), *desk.parts(held), *desk.hardware(held)]),
        ("台账", [*upkeep.availability(held), *desk.events(held), *upkeep.ledgers(held),
                 *upkeep.people(held)]),
        ("遗留问题与下季度计划", [*desk.left(held), *upkeep.ahead(held)]),
    ]  # fmt: skip
    return formal(held, issue, QUARTERLY, sections, rows_behind(held), draft=draft)


def monthly(held: Account, issue: Issue, *, draft: bool) -> Document:
    """The fourteen points of reports.md section 5; the tender names the report only (L691)."""
    sections: list[tuple[str, list[Block]]] = [
        ("本月综述", upkeep.summary(held)),
        ("服务级别达成", desk.service_levels(held)),
        ("工单统计", [*desk.counts(held), *desk.requests(held)]),
        ("故障清单与原因分类", desk.faults(held)),
        ("可用性与应急事件", [*upkeep.availability(held), *desk.events(held)]),
        ("日检、月检与机房", _upkeep(held)),
        ("交互数据、备份与日志情况", upkeep.missing(held)),
        ("变更与配置", desk.changes(held)),
        ("安全", upkeep.security(held)),
        ("人员出勤", upkeep.people(held)),
        ("台账", upkeep.ledgers(held)),
        ("保修与停产停服提醒", desk.hardware(held)),
        ("遗留问题与风险", desk.left(held)),
        ("下月计划", upkeep.ahead(held)),
    ]
    return formal(held, issue, MONTHLY, sections, rows_behind(held), draft=draft)


def annual(held: Account, issue: Issue, *, draft: bool) -> Document:
    """The tender's three sections come first (L589-592); then the year's proof."""
    sections: list[tuple[str, list[Block]]] = [
        ("日常维护情况汇总", [*upkeep.summary(held), *_upkeep(held)]),
        ("设备返修、备件更换汇总", desk.parts(held)),
        ("系统优化建议", desk.advice()),
        ("年度服务级别与可用性", [*upkeep.availability(held), *desk.events(held),
                          *desk.service_levels(held)]),
        ("故障处理和服务请求汇总", [*desk.counts(held), *desk.faults(held), *desk.requests(held)]),
        ("配置变更情况", desk.changes(held)),
        ("系统安全检查与安全事件", [*upkeep.security(held),
                            Paragraph(f"重大安全事件与数据外泄：{BY_HAND}")]),
        ("演练、培训与人员", [*upkeep.ledgers(held), *upkeep.people(held)]),
        ("硬件到期提醒", desk.hardware(held)),
        ("遗留问题与交接资料", [*desk.left(held), *_handover(held)]),
        ("义务完成矩阵", [PageBreak(landscape=True), *matrix(held.promises), PageBreak()]),
    ]  # fmt: skip
    sections = _matrix_opens_its_page(sections)
    return formal(held, issue, ANNUAL, sections, rows_behind(held), draft=draft)


def _matrix_opens_its_page(
    sections: list[tuple[str, list[Block]]],
) -> list[tuple[str, list[Block]]]:
    """The page turns before the heading of the matrix, not after it."""
    (before, blocks), (title, inside) = sections[-2:]
    return [*sections[:-2], (before, [*blocks, inside[0]]), (title, inside[1:])]


def _upkeep(held: Account) -> list[Block]:
    """What L523 and L584 call 日常维护: checks, rounds, rooms, and what nobody collects."""
    return [
        Heading(2, "（一）日常检查"), *upkeep.checks(held),
        Heading(2, "（二）巡检与周期工作"), *upkeep.duties(held), *upkeep.records(held),
        Heading(2, "（三）机房环境"), *upkeep.rooms(held),
        Heading(2, "（四）交互数据、备份与日志"), *upkeep.missing(held),
    ]  # fmt: skip


def _handover(held: Account) -> list[Block]:
    papers = [Paragraph(f"本年度归档：{paper}") for paper in held.papers]
    return [Heading(3, "交接资料清单"), *(papers or [Paragraph(f"本年度归档：{NONE}。")]),
            Paragraph(f"其他交接资料：{BY_HAND}")]  # fmt: skip


def conclusion(held: Account) -> tuple[Result, str]:
    """One verdict and one sentence: what is broken first, then what nobody knows."""
    bad = _broken(held)
    faults = f"故障 {len(held.faults)} 件，停机 {upkeep.spent(held, held.budgets.down_period)}"
    if bad:
        return Result.ABNORMAL, f"{faults}；{'；'.join(bad)}"
    if not held.daily.finished:
        return Result.UNCHECKED, f"{faults}；没有完成的日检"
    if not held.watched:
        return Result.UNCHECKED, f"{faults}；{upkeep.UNWATCHED}"
    if not held.span.closed or held.left:
        return Result.ATTENTION, f"{faults}；遗留 {len(held.left)} 件，报告期" + (
            "已结束" if held.span.closed else "未结束"
        )
    return Result.NORMAL, f"{faults}；未见超时与逾期"


def _broken(held: Account) -> list[str]:
    bad = []
    if held.budgets.down_left < 0 or not held.budgets.down_met:
        bad.append("核心设备停机超限")
    if not held.budgets.emergency_met:
        bad.append("应急事件超过 24 小时")
    late = {each.number for each in held.late}
    if late:
        bad.append(f"{len(late)} 件故障有超时")
    missed = sum(len(each.missed) for each in held.duties)
    if missed:
        bad.append(f"{missed} 项周期工作逾期未完成")
    if held.daily.without:
        bad.append(f"{len(held.daily.without)} 个工作日未完成日检")
    standings = Counter(each.standing for each in held.promises)
    if standings[Standing.BREACHED]:
        bad.append(f"{standings[Standing.BREACHED]} 条义务违约")
    return bad
