"""The emergency report as one document tree (reports.md section 11)."""

from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    Row,
    Table,
    minute,
)
from jingwei.reports.emergency.facts import Handling, Moment, Timer
from jingwei.reports.emergency.words import duration
from jingwei.terms import Result

TITLE = "应急事件处置报告"
NONE = "本次无"
_STATES = {"达标": Result.NORMAL, "超时": Result.ABNORMAL, "数据缺陷": Result.ATTENTION}


def document(held: Handling, issue: Issue, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    start, end = held.period
    blocks: list[Block] = [
        *_event(held),
        *_times(held),
        *_people(held),
        *_story(held),
        *_plan(held),
        *_impact(held),
        *_lengths(held),
        *_after(held),
        *front.signatures("九、签收"),
    ]
    period = f"{start.isoformat()} 至 {end.isoformat()}（事件 {held.number}）"
    notice = "" if held.ended else f"初报：事件{held.stage}，截至 {minute(held.as_of)}。"
    return front.formal(held.project, issue, TITLE, period, blocks, draft=draft, notice=notice)


def conclusion(held: Handling) -> tuple[Result, str]:
    """One verdict and one sentence."""
    late = [timer for timer in held.timers if timer.judged and timer.state == "超时"]
    length = f"历时 {duration(held.outage.seconds)}"
    if late:
        names = "、".join(timer.label for timer in late)
        return Result.ABNORMAL, f"{held.level.label}，{length}；超时：{names}"
    if not held.ended:
        return Result.ATTENTION, f"{held.level.label}，{held.stage}，{length}（尚未终止）"
    defects = [timer for timer in held.timers if timer.judged and timer.state not in _CLEAR]
    if defects:
        names = "、".join(f"{timer.label}：{timer.state}" for timer in defects)
        return Result.ATTENTION, f"{held.level.label}，{length}；{names}"
    return Result.NORMAL, f"{held.level.label}，{length}，时限均达标，甲方已确认终止"


_CLEAR = frozenset({"达标", "不适用"})


def _event(held: Handling) -> list[Block]:
    level = held.level
    blocks: list[Block] = [
        Heading(1, "一、事件概况"),
        KeyValues(
            (
                ("事件编号", Cell(held.number)),
                ("故障单号", Cell(held.ticket or "—")),
                ("事件名称", Cell(held.title)),
                ("站　　点", Cell(held.site)),
                ("应用系统", Cell(held.system or "—")),
                ("设　　备", Cell(held.target or "—")),
                ("启　　动", Cell(f"{minute(held.declared_at)}　{held.declared_by}")),
                ("状　　态", Cell(held.stage)),
            )
        ),
        Heading(2, "（一）定级及依据"),
        KeyValues(
            (
                ("级　　别", Cell(level.label, strong=True)),
                ("是否灾难", Cell("是（2 小时诊断、4 小时基本修复）" if held.disaster else "否")),
                ("系统重要程度", Cell(level.importance)),
                ("服务时段", Cell(level.hours)),
                ("受损程度", Cell(level.damage)),
                ("定 级 人", Cell(f"{level.set_by}　{minute(level.set_at)}")),
                ("甲方意见", Cell(level.consent)),
            )
        ),
        Note("三要素参照 GB/T 28827.3 §5.4；级别定义见招标文件 L686～L689。"),
        Heading(2, "（二）级别变更"),
    ]
    if not held.levels:
        blocks.append(Paragraph(NONE))
    for line in held.levels:
        blocks.append(Paragraph(f"{minute(line.at)}　{line.what}：{line.text}（{line.who}）"))
    blocks += [Heading(2, "（三）现象"), Paragraph(held.text or "（启动时未另写情况说明）")]
    return blocks


def _times(held: Handling) -> list[Block]:
    moments = tuple(
        Row(
            (
                Cell(moment.label),
                Cell(minute(moment.at, "未记录")),
                Cell(moment.by or "—"),
                Cell(_noted(moment)),
            )
        )
        for moment in held.moments
    )
    columns = (Column("时间点", 3), Column("时间", 4), Column("记录人", 3), Column("说明", 6))
    timers = tuple(_timer(timer) for timer in held.timers)
    wide = (
        Column("时限", 5), Column("日历", 2), Column("起算", 3.6), Column("到期", 3.6),
        Column("实际", 3.6), Column("用时", 3), Column("结论", 2.4),
    )  # fmt: skip
    return [
        Heading(1, "二、时间与时限"),
        Table(columns, moments, caption="八个时间点"),
        Note("时间点以关联故障单为唯一来源；事后超过 30 分钟记录的标“补录”。"),
        Paragraph(f"响应方式：{held.response or '未另注明（现场、电话或网络）'}。"),
        Table(wide, timers, caption="时限", size="small"),
        Note("标 * 的用于判定：应急、灾难按 7×24，故障按 5×8；另一日历并列供核对（A03）。"),
    ]  # fmt: skip


def _noted(moment: Moment) -> str:
    words = ("补录" if moment.late else "", moment.note)
    return "；".join(word for word in words if word) or "—"


def _timer(timer: Timer) -> Row:
    state = _STATES.get(timer.state)
    sign = f"{state.sign} " if state else ""
    return Row(
        (
            Cell(timer.label),
            Cell(f"{timer.calendar}{' *' if timer.judged else ''}", align="center"),
            Cell(minute(timer.started)),
            Cell(minute(timer.due)),
            Cell(minute(timer.stopped, "未记录")),
            Cell(duration(timer.used)),
            Cell(f"{sign}{timer.state}", state=state, align="center"),
        )
    )


def _people(held: Handling) -> list[Block]:
    rows = tuple(
        Row(
            (
                Cell(call.role),
                Cell(call.name),
                Cell(str(call.tries), align="center"),
                Cell(minute(call.reached_at, "未接通" if call.tries else "未通知")),
                Cell(call.by or "—"),
            )
        )
        for call in held.calls
    )
    columns = (
        Column("职责", 5), Column("姓名", 3), Column("呼叫次数", 2.4), Column("接通时间", 4),
        Column("呼叫人", 3),
    )  # fmt: skip
    makers = [
        call for call in held.calls if call.tries and ("原厂" in call.role or "厂商" in call.role)
    ]
    called = "、".join(call.name for call in makers)
    blocks: list[Block] = [Heading(1, "三、指挥与通知")]
    blocks.append(
        Table(columns, rows, caption="通知记录") if rows else Paragraph("通知名单未登记。")
    )
    word = f"已召唤原厂：{called}" if makers else "未召唤原厂技术人员"
    blocks.append(Paragraph(f"{word}（L705）。"))
    return blocks


def _story(held: Handling) -> list[Block]:
    rows = tuple(
        Row(
            (
                Cell(minute(line.at) + ("（补录）" if line.late else "")),
                Cell(line.what),
                Cell(line.text or "—"),
                Cell(line.who),
            )
        )
        for line in held.lines
    )
    columns = (Column("时间", 3.6), Column("事项", 2.6), Column("内容", 8), Column("记录人", 2.4))
    return [Heading(1, "四、处置过程"), Table(columns, rows, caption="时间线", size="small")]


def _plan(held: Handling) -> list[Block]:
    blocks: list[Block] = [Heading(1, "五、预案执行")]
    if not held.steps:
        return [*blocks, Paragraph(f"启用预案：{held.plan or '未启用预案'}。")]
    words = {True: "已执行", False: "未执行", None: "未记录"}
    rows = tuple(
        Row(
            (
                Cell(str(step.position), align="center"),
                Cell(step.phase),
                Cell(step.text),
                Cell(words[step.done], align="center"),
                Cell(minute(step.at)),
                Cell("；".join(part for part in (step.by, step.reason) if part) or "—"),
            )
        )
        for step in held.steps
    )
    columns = (
        Column("序", 1), Column("阶段", 2.2), Column("步骤", 8), Column("结果", 1.8),
        Column("时间", 3), Column("执行人与说明", 3),
    )  # fmt: skip
    done = sum(step.done is True for step in held.steps)
    return [
        *blocks,
        Paragraph(f"启用预案：{held.plan}；共 {len(held.steps)} 步，已执行 {done} 步。"),
        Table(columns, rows, caption="预案步骤", size="small"),
    ]


def _impact(held: Handling) -> list[Block]:
    return [
        Heading(1, "六、影响、处置与恢复验证"),
        Heading(2, "（一）影响范围"),
        Paragraph(f"{held.level.damage}；影响机构、业务与数据：{BY_HAND}"),
        Heading(2, "（二）处置措施"),
        Paragraph(held.solution or BY_HAND),
        Heading(2, "（三）恢复验证"),
        Paragraph(
            f"业务恢复 {minute(held.outage.end, '尚未恢复')}；甲方"
            + ("已确认终止。" if held.ended else "尚未确认终止。")
            + f"验证方法与结果：{BY_HAND}"
        ),
    ]


def _lengths(held: Handling) -> list[Block]:
    outage, budget = held.outage, held.budget
    excluded = "无"
    if outage.excluded_by:
        excluded = f"{outage.excluded_by} 批准：{outage.excluded_reason}"
    counted = 0 if outage.excluded_by else outage.seconds
    blocks: list[Block] = [
        Heading(1, "七、时长计算"),
        KeyValues(
            (
                ("起　　点", Cell(minute(outage.start))),
                ("止　　点", Cell(minute(outage.end, f"未恢复，计至 {minute(held.as_of)}"))),
                ("总 时 长", Cell(duration(outage.seconds), strong=True)),
                ("剔 除 项", Cell(excluded)),
                ("计入 24 小时", Cell(duration(counted), strong=True)),
                ("原因分类", Cell(outage.cause)),
            )
        ),
    ]
    if budget is None:
        return [*blocks, Paragraph("合同年累计：事件发生时没有生效的合同，无法计算。")]
    blocks += [
        KeyValues(
            (
                ("合同年度", Cell(f"{budget.start} 至 {budget.end}")),
                ("累计（并集）", Cell(duration(budget.used))),
                ("逐件相加", Cell(duration(budget.sum))),
                ("已剔除", Cell(duration(budget.excluded))),
                ("上　　限", Cell(duration(budget.limit))),
                ("余　　量", Cell(duration(budget.left), strong=True)),
            )
        ),
        Note(
            "起点为发生或首次告警，止点为业务恢复；一级、二级合并计算（L684）；同时发生的取区间并集，逐件相加并列供核对（A05）；"
            "未分类原因计入，剔除须经甲方批准；演练不计入。"
        ),
    ]
    return blocks


def _after(held: Handling) -> list[Block]:
    reason = f"{held.outage.cause}。{held.outage.cause_reason}".strip()
    return [
        PageBreak(),
        Heading(1, "八、原因、损失与整改"),
        Heading(2, "（一）原因分析"),
        Paragraph(reason),
        Paragraph(f"直接原因与根本原因：{BY_HAND}"),
        Heading(2, "（二）损失"),
        Paragraph(BY_HAND),
        Heading(2, "（三）整改项、负责人与期限"),
        Paragraph(BY_HAND),
        Heading(2, "（四）附件（日志、截图、通知）"),
        Paragraph("见故障单附件。" if held.ticket else NONE),
    ]
