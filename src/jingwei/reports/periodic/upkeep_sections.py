"""Sections about upkeep: daily checks, inspections, rooms, security, people, budgets."""

from collections.abc import Sequence

from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    percent,
)
from jingwei.reports.periodic import pictures
from jingwei.reports.periodic.facts import Account, Record
from jingwei.reports.periodic.parts import (
    NONE,
    length,
    number,
    table,
    uncollected,
    verdict,
    when,
)
from jingwei.reports.periodic.rows import appendix, behind
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

SECURITY = "security-check"
_UNPUBLISHED = "工作日安排未公布"
UNWATCHED = "尚无监测数据"
_MOST_LISTED = 40  # records told one by one; of more only what was not in order
_WAITING = (Standing.DUE.label, Standing.NOT_DUE.label)


def summary(held: Account) -> list[Block]:
    """One page: what was kept, what was not, what nobody knows."""
    budgets, daily, people = held.budgets, held.daily, held.people
    faults = len(held.faults)
    late = {each.number for each in held.late}
    missed = sum(len(each.missed) for each in held.duties)
    rows = (
        ("日常检查", f"完成 {daily.finished} 天；工作日未完成 {len(daily.without)} 天",
         _light(bad=bool(daily.without), known=bool(daily.finished))),
        ("故障", f"{faults} 件；有时限超时的 {len(late)} 件",
         _light(bad=bool(late), known=bool(faults) or held.watched)),
        ("核心设备可用性", f"本期停机 {spent(held, budgets.down_period)}；合同年余量 "
         f"{length(budgets.down_left) if held.watched else uncollected(UNWATCHED)}",
         _light(bad=not budgets.down_met, known=held.watched)),
        ("应急事件", f"{len(held.events)} 件；24 小时余量 {length(budgets.emergency_left)}",
         _light(bad=not budgets.emergency_met, known=held.watched)),
        ("周期工作", f"逾期未完成 {missed} 项", _light(bad=bool(missed))),
        ("人员在岗", f"有考勤 {people.known} 天；不足 {people.needed} 人 {len(people.short)} 天",
         _light(bad=bool(people.short), known=bool(people.known))),
        ("遗留工单", f"{len(held.left)} 件", _light(watch=bool(held.left))),
    )  # fmt: skip
    return [
        table("综述", (("项目", 3.4), ("情况", 9), ("结论", 2.4)), rows, small=False),
        Paragraph(f"综合评价：{BY_HAND}"),
    ]


def _light(*, bad: bool = False, watch: bool = False, known: bool = True) -> Cell:
    if bad:
        state = Result.ABNORMAL
    elif not known:
        state = Result.UNCHECKED
    else:
        state = Result.ATTENTION if watch else Result.NORMAL
    word = "未采集" if state is Result.UNCHECKED else state.label
    return Cell(f"{state.sign} {word}", state=state, align="center")


def checks(held: Account) -> list[Block]:
    """Daily checks and what they found (L523)."""
    daily = held.daily
    owed = _UNPUBLISHED if daily.owed is None else f"{daily.owed} 天"
    done = behind("days", finished="True")
    blocks: list[Block] = [
        KeyValues(
            (
                ("应检工作日", Cell(owed, rows=behind("days", works="True"))),
                (
                    "完成日检",
                    Cell(f"{daily.finished} 天" if daily.finished else _no_daily(daily), rows=done),
                ),
                ("应检项次", Cell(str(daily.planned) if daily.finished else "—", rows=done)),
                ("实检项次", Cell(_share(daily.checked, daily.planned), rows=done)),
                ("新增异常", _found(held, held.found.opened)),
                ("已恢复", _found(held, held.found.closed)),
                ("期末未恢复", _found(held, held.found.left)),
            )
        ),
        *pictures.checks(held),
    ]
    if daily.without:
        blocks.append(Paragraph(f"未完成日检的工作日：{'、'.join(daily.without)}。"))
    if not held.checked:
        return [*blocks, Paragraph(uncollected("本期没有日检结果"))]
    columns = (("专业", 6), ("正常", 1.6), ("关注", 1.6), ("异常", 1.6), ("未检", 1.6))
    rows = [
        (each.label, number(each.normal), number(each.attention, Result.ATTENTION),
         number(each.abnormal, Result.ABNORMAL), number(each.unchecked))
        for each in held.checked
    ]  # fmt: skip
    return [*blocks, table("日检结果汇总（项次）", columns, rows)]


def _found(held: Account, number: int) -> Cell:
    """How many findings; where nobody looked, none was not found."""
    return Cell(f"{number} 项" if number or held.watched else uncollected(UNWATCHED))


def _no_daily(daily: object) -> str:
    del daily
    return uncollected("没有完成的日检")


def _share(part: int, whole: int) -> str:
    return f"{part}（{percent(part, whole)}）" if whole else "—"


def duties(held: Account) -> list[Block]:
    """Everything that was owed by date: inspections, rounds, discharges, papers."""
    columns = (("工作", 5), ("应完成", 1.7), ("已完成", 1.7), ("未到期", 1.7), ("逾期未完成", 6))
    rows = [
        (each.label, number(each.owed, rows=behind("duties", label=each.label)),
         number(each.done, rows=behind("duties", label=each.label)),
         number(each.waiting, rows=behind("duties", label=each.label, standing=_WAITING)),
         Cell("；".join(each.missed) or "无",
              state=Result.ABNORMAL if each.missed else None))
        for each in held.duties
    ]  # fmt: skip
    return [
        table("周期工作完成情况", columns, rows),
        Note("括号内为该期已完成数/应完成数；按截止日落在本期内的计。"),
    ]


def records(held: Account) -> list[Block]:
    """What people wrote down, security checks apart: counted, and what was not in order by name.

    A quarter has hundreds of them; a report that lists them all is not read.
    """
    mine = [each for each in held.records if each.duty != SECURITY]
    if len(mine) <= _MOST_LISTED:
        return [_listed("巡检与周期工作记录", mine)]
    columns = (("工作", 4.4), ("记录", 1.6), ("对象", 1.6), ("正常", 1.6), ("关注或异常", 2),
               ("甲方已确认", 2), ("未确认", 1.6))  # fmt: skip
    rows = []
    for label in dict.fromkeys(each.label for each in mine):
        those = [each for each in mine if each.label == label]
        well = sum(each.result == Result.NORMAL.label for each in those)
        agreed = sum(each.confirmed for each in those)
        rows.append(
            (label, number(len(those)), number(len({e.object for e in those if e.object})),
             number(well), number(len(those) - well, Result.ATTENTION), number(agreed),
             number(len(those) - agreed, Result.ATTENTION))
        )  # fmt: skip
    odd = [each for each in mine if each.result != Result.NORMAL.label]
    return [
        table("巡检与周期工作记录汇总", columns, rows),
        Note("逐台、逐应用的记录见硬件巡检报告、应用系统月度巡视检查报告和机房检查记录。"),
        _listed("关注与异常的记录", odd),
    ]


def _listed(caption: str, rows: Sequence[Record]) -> Block:
    columns = (("工作", 3.4), ("时间", 3.2), ("对象", 2.6), ("执行人", 2), ("结论", 4),
               ("甲方确认", 2), ("记录号", 2.2))  # fmt: skip
    return table(
        caption, columns,
        [(each.label, when(each.at), each.object or "—", each.by, each.result or "—",
          "已确认" if each.confirmed else "未确认", each.number) for each in rows],
    )  # fmt: skip


def rooms(held: Account) -> list[Block]:
    """Temperature and humidity of the rooms (L663): 18-28, 35-75 with both ends."""
    if not held.climate:
        return [Paragraph(uncollected("没有机房温湿度的日汇总"))]
    columns = (("测点", 3), ("项目", 2.6), ("天数", 1.4), ("最低", 1.8), ("最高", 1.8),
               ("超限日期", 6))  # fmt: skip
    rows = [
        (each.target, each.item, number(each.days), f"{each.low:g}", f"{each.high:g}",
         Cell("、".join(each.out) or "无", state=Result.ABNORMAL if each.out else None))
        for each in held.climate
    ]  # fmt: skip
    return [
        table("机房温湿度", columns, rows),
        Note("范围 18～28 ℃、35～75 %，含端点；温湿度以空调开机为前提（L663、A17）。"),
    ]


def missing(held: Account) -> list[Block]:
    """What this platform collects nothing about yet."""
    return [Paragraph(f"{what}：{uncollected(why)}。") for what, why in held.missing] or [
        Paragraph(NONE)
    ]


def security(held: Account) -> list[Block]:
    """The period's security checks as they were written down (L568, L587)."""
    own = [each for each in held.records if each.duty == SECURITY]
    if not own:
        return [
            Paragraph("本期没有系统安全检查记录。"),
            Paragraph(f"系统安全检查报告：{uncollected('未登记安全检查')}；补做或说明：{BY_HAND}"),
        ]
    blocks: list[Block] = []
    for each in own:
        confirmed = "甲方已确认" if each.confirmed else "甲方未确认"
        blocks += [
            Heading(3, f"{each.label}　{when(each.at)}（{each.by}，{each.number}，{confirmed}）"),
            KeyValues(tuple((label, Cell(text or "—")) for label, text in each.fields), 1)
            if each.fields
            else Paragraph(f"结论：{each.result or '—'}"),
        ]
    return blocks


def people(held: Account) -> list[Block]:
    """Attendance, leave, replacements (L513-515)."""
    staff = held.people
    if not staff.known:
        blocks: list[Block] = [Paragraph(f"在岗人数：{uncollected('本期没有考勤记录')}。")]
    else:
        owed = _UNPUBLISHED if staff.owed is None else f"{staff.owed} 个工作日"
        daily = f"（逐日见{appendix('presence')}）" if held.rows.presence else ""
        blocks = [
            Paragraph(
                f"{owed}，其中 {staff.known} 天有考勤；少于 {staff.needed} 人的 "
                f"{len(staff.short)} 天：{'、'.join(staff.short) or '无'}"
                f"{daily}。"
            )
        ]
    leaves = f"{staff.leaves} 次" if staff.leaves else NONE
    late = f"{staff.late_consents} 次" if staff.late_consents else NONE
    blocks.append(Paragraph(f"请假：{leaves}；请假与人员变更中事前未获甲方同意的：{late}。"))
    return [*blocks, Paragraph(f"人员变更：{'；'.join(staff.changes) or NONE}。")]


def availability(held: Account) -> list[Block]:
    """The 8.8 h / 99.9 % and the 24 h of the contract year, up to the end of the period."""
    b = held.budgets
    downs = behind("downs")
    columns = (("项目", 4.4), ("本期", 2.6), ("合同年累计", 2.8), ("已剔除", 2.4), ("上限", 2.6),
               ("余量", 2.6), ("结论", 2.2))  # fmt: skip
    rows = (
        ("核心设备停机（99.9 %，8.8 小时取严）", Cell(spent(held, b.down_period), rows=downs),
         Cell(spent(held, b.down_used), rows=downs), Cell(length(b.down_excluded), rows=downs),
         length(b.down_limit), length(b.down_left) if held.watched else "—",
         _kept(held, b.down_met)),
        ("一、二级应急事件（24 小时）", f"{len(held.events)} 件", length(b.emergency_used),
         length(b.emergency_excluded), length(b.emergency_limit), length(b.emergency_left),
         _kept(held, b.emergency_met)),
    )  # fmt: skip
    ratio = f"{b.ratio:.3f} %" if held.watched else uncollected(UNWATCHED)
    since = b.watched_from
    late = f"；{since} 起有监测，此前未采集" if since and since > held.span.year_first else ""
    return [
        table("可用性与时限", columns, rows),
        Paragraph(
            f"合同年可用率 {ratio}（{held.span.year_first} 至 {held.span.year_last}{late}）；"
            f"应急事件逐件相加 {length(b.emergency_sum)}。"
        ),
        Note("停机取并集，未分类原因计入，剔除须经甲方同意；演练不计入（A04、A05）。"),
        *pictures.availability(held),
    ]


def spent(held: Account, seconds: int) -> str:
    """A downtime; where nobody watched, none is not known to be none."""
    return length(seconds) if seconds or held.watched else uncollected(UNWATCHED)


def _kept(held: Account, met: bool) -> Cell:
    """Over the limit is over the limit; within it is only known where somebody watched."""
    if met and not held.watched:
        return Cell(f"{Result.UNCHECKED.sign} 未采集", state=Result.UNCHECKED)
    return verdict(met)


def ledgers(held: Account) -> list[Block]:
    """What the contract counts over the year: development work, drills (L517, L683)."""
    b = held.budgets
    efforts = behind("efforts")
    return [
        KeyValues(
            (
                ("开发工作量本期", Cell(f"{b.days_period} 人日", rows=efforts)),
                ("合同年累计", Cell(f"{b.days_used} / {b.days_limit} 人日", rows=efforts)),
                ("剩余", Cell(f"{b.days_left} 人日")),
                ("应急演练", Cell(f"{b.drills_done} / {b.drills_needed} 次")),
            )
        ),
        Note(b.days_note),
        *pictures.efforts(held),
        Paragraph(f"本期演练：{'、'.join(held.drills) or NONE}。"),
    ]


def ahead(held: Account) -> list[Block]:
    """What falls due next."""
    columns = (("工作", 5), ("可开始", 2.8), ("截止", 2.8), ("数量", 1.6))
    rows = [(e.label, e.first.isoformat(), e.last.isoformat(), number(e.number))
            for e in held.ahead]  # fmt: skip
    return [table("下期到期的周期工作", columns, rows), Paragraph(f"其他计划：{BY_HAND}")]
