"""The fault report as one document tree: the nine blocks of reports.md section 10, in order."""

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
from jingwei.reports.emergency.facts import Moment, Timer
from jingwei.reports.emergency.words import duration
from jingwei.reports.fault.facts import Fault
from jingwei.terms import Result

TITLE = "系统故障处理报告"
NONE = "本次无"
_STATES = {"达标": Result.NORMAL, "超时": Result.ABNORMAL, "数据缺陷": Result.ATTENTION}
_CLEAR = frozenset({"达标", "不适用"})


def document(held: Fault, issue: Issue, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    start, end = held.period
    blocks: list[Block] = [
        *_basic(held),
        *_times(held),
        *_limits(held),
        *_impact(held),
        *_story(held),
        *_cause(held),
        *_measures(held),
        *_proof(held),
        *front.signatures("十、签收"),
    ]
    period = f"{start.isoformat()} 至 {end.isoformat()}（故障单 {held.number}）"
    notice = "" if held.ended else f"故障单{held.state}，截至 {minute(held.as_of)}。"
    return front.formal(held.project, issue, TITLE, period, blocks, draft=draft, notice=notice)


def conclusion(held: Fault) -> tuple[Result, str]:
    """One verdict and one sentence. Late on either calendar is told: which counts is open (A03)."""
    severity = held.severity or "未定级"
    late = [timer for timer in held.timers if timer.state == "超时"]
    if late:
        names = "、".join(f"{timer.label}（{timer.calendar}）" for timer in late)
        judged = any(timer.judged for timer in late)
        return (Result.ABNORMAL if judged else Result.ATTENTION), f"{severity}；超时：{names}"
    if not held.ended:
        return Result.ATTENTION, f"{severity}；{held.state}，用户尚未确认"
    unclear = [timer for timer in held.timers if timer.state not in _CLEAR]
    if unclear or not held.timers:
        names = "、".join(f"{timer.label}（{timer.calendar}）：{timer.state}" for timer in unclear)
        return Result.ATTENTION, f"{severity}；{names or '没有时限记录'}"
    return Result.NORMAL, f"{severity}；时限均达标，用户已确认"


def _basic(held: Fault) -> list[Block]:
    blocks: list[Block] = [
        Heading(1, "一、基本情况"),
        KeyValues(
            (
                ("故障单号", Cell(held.number, strong=True)),
                ("状　　态", Cell(held.state)),
                ("标　　题", Cell(held.title)),
                ("级　　别", Cell(held.severity or "未定级", strong=True)),
                ("报 修 人", Cell(held.reporter or "未记录")),
                ("机　　构", Cell(held.institution or "—")),
                ("报修方式", Cell(held.channel)),
                ("受 理 人", Cell(held.taken_by or "未受理")),
                ("系　　统", Cell(held.system or "—")),
                ("设　　备", Cell(held.target or "—")),
                ("过保/保内", Cell(held.warranty or "—")),
                ("站　　点", Cell(held.site or "—")),
                ("负 责 人", Cell(held.assignee or "未指派")),
                ("支持级别", Cell(held.level)),
            )
        ),
        Note("报修电话见故障单，报告正文不写手机号。"),
        Heading(2, "（一）定级与调整"),
    ]
    rows = tuple(
        Row((Cell(minute(g.at)), Cell(g.label), Cell(g.by), Cell(g.consent),
             Cell(g.reason or "—")))
        for g in held.gradings
    )  # fmt: skip
    columns = (Column("时间", 3.4), Column("级别", 4), Column("定级人", 2.4),
               Column("答复", 3), Column("依据", 5))  # fmt: skip
    blocks.append(Table(columns, rows, caption="定级记录") if rows else Paragraph(NONE))
    linked = (
        ("所属故障单", held.parent), ("下属故障单", "、".join(held.children)),
        ("应急事件", "；".join(held.events)), ("检查异常", "；".join(held.findings)),
    )  # fmt: skip
    told = [f"{word}：{said}" for word, said in linked if said]
    return [*blocks, Heading(2, "（二）关联记录"), *map(Paragraph, told or [NONE])]


def _times(held: Fault) -> list[Block]:
    rows = tuple(
        Row((Cell(m.label), Cell(minute(m.at, "未记录")), Cell(m.by or "—"), Cell(_noted(m))))
        for m in held.moments
    )
    columns = (Column("时间点", 3), Column("时间", 4), Column("记录人", 3), Column("说明", 6))
    return [
        Heading(1, "二、时间"),
        Table(columns, rows, caption="八个时间点"),
        Note("事后超过 30 分钟记录的标“补录”；“未记录”不作推断。"),
    ]


def _noted(moment: Moment) -> str:
    words = ("补录" if moment.late else "", moment.note)
    return "；".join(word for word in words if word) or "—"


def _limits(held: Fault) -> list[Block]:
    blocks: list[Block] = [Heading(1, "三、服务级别")]
    if not held.timers:
        return [*blocks, Paragraph("没有定级，不计时限。")]
    wide = (
        Column("时限", 4), Column("日历", 2), Column("约定", 2.4), Column("起算", 3.6),
        Column("到期", 3.6), Column("实际", 3.6), Column("用时", 3), Column("结论", 2.6),
    )  # fmt: skip
    late = [timer for timer in held.timers if timer.state == "超时"]
    notes = list(dict.fromkeys(t.note for t in held.timers if t.note))
    blocks += [
        Table(wide, tuple(map(_timer, held.timers)), caption="时限", size="small"),
        Note(
            "电话响应、到场、到场后按级别排除（L635 起的故障响应表）；5×8 与 7×24 "
            "两种日历并列，以哪种为准未裁定（A03）。" + "；".join(notes)
        ),
        Paragraph(f"解决方式：{'远程解决，未到场' if held.remote else '现场或未注明远程解决'}。"),
    ]
    if late:
        blocks.append(Paragraph(f"超时原因：{BY_HAND}"))
    for pause in held.pauses:
        blocks.append(
            Paragraph(
                f"甲方同意暂停计时：{minute(pause.start)} 至 {minute(pause.end, '尚未恢复')}，"
                f"原因：{pause.reason}"
            )
        )
    if not held.pauses:
        blocks.append(Paragraph("暂停计时：本次无。"))
    return blocks


def _timer(timer: Timer) -> Row:
    state = _STATES.get(timer.state)
    sign = f"{state.sign} " if state else ""
    return Row(
        (
            Cell(timer.label),
            Cell(timer.calendar, align="center"),
            Cell(duration(timer.allowed)),
            Cell(minute(timer.started)),
            Cell(minute(timer.due)),
            Cell(minute(timer.stopped, "未记录")),
            Cell(duration(timer.used)),
            Cell(f"{sign}{timer.state}", state=state, align="center"),
        )
    )


def _impact(held: Fault) -> list[Block]:
    blocks: list[Block] = [
        Heading(1, "四、现象与影响"),
        Heading(2, "（一）现象"),
        Paragraph(held.text or f"（建单时未另写现象）{BY_HAND}"),
        Heading(2, "（二）影响"),
        Paragraph(f"影响机构：{held.institution or '未登记'}；业务、用户数与数据：{BY_HAND}"),
        Heading(2, "（三）停机"),
    ]
    down = held.down
    if down is None:
        return [*blocks, Paragraph("未定为生产运行中断，不计停机。")]
    end = minute(down.end, f"尚未恢复，计至 {minute(held.as_of)}")
    start = minute(down.start) + ("（无发生时间，按最早已知时间）" if down.assumed else "")
    counted = "是" if down.counted else "否"
    if down.excluded_by:
        counted = f"否，甲方同意剔除（{down.excluded_by}）"
    blocks.append(
        KeyValues(
            (
                ("起　　点", Cell(start)),
                ("止　　点", Cell(end)),
                ("时　　长", Cell(duration(down.seconds), strong=True)),
                ("原因分类", Cell(held.cause or "未分类（按计入处理）")),
                ("核心设备", Cell("是" if down.core else "否")),
                ("计入可用性", Cell(counted)),
            )
        )
    )
    return blocks


def _story(held: Fault) -> list[Block]:
    rows = tuple(
        Row((Cell(minute(line.at) + ("（补录）" if line.late else "")), Cell(line.what),
             Cell(line.text or "—"), Cell(line.who)))
        for line in held.lines
    )  # fmt: skip
    columns = (Column("时间", 3.6), Column("事项", 2.6), Column("内容", 8), Column("记录人", 2.4))
    blocks: list[Block] = [Heading(1, "五、处理过程"), Heading(2, "（一）时间线")]
    blocks.append(Table(columns, rows, caption="时间线", size="small") if rows else Paragraph(NONE))
    blocks.append(Heading(2, "（二）升级与召唤原厂"))
    if not held.escalations:
        return [*blocks, Paragraph("本次无（L705）。")]
    return blocks + [
        Paragraph(f"{minute(line.at)}　{line.what}：{line.text or '未写原因'}（{line.who}）")
        for line in held.escalations
    ]


def _cause(held: Fault) -> list[Block]:
    said = "。".join(word for word in (held.cause, held.cause_reason) if word)
    return [
        PageBreak(),
        Heading(1, "六、原因"),
        Paragraph(f"原因分类：{said or '未分类'}"),
        Paragraph(f"直接原因：{BY_HAND}"),
        Paragraph(f"根本原因与责任方：{BY_HAND}"),
    ]


def _measures(held: Fault) -> list[Block]:
    blocks: list[Block] = [
        Heading(1, "七、处理措施"),
        Paragraph(held.solution or BY_HAND),
        Heading(2, "（一）换件"),
    ]
    rows = tuple(
        Row((Cell(minute(p.at)), Cell(f"{p.name} {p.model}".strip()), Cell(p.serial_out or "—"),
             Cell(p.serial_in), Cell("；".join(w for w in (p.origin, p.basis) if w)),
             Cell(p.disk_kept or "—")))
        for p in held.parts
    )  # fmt: skip
    columns = (Column("时间", 3), Column("部件", 3.6), Column("旧序列号", 3),
               Column("新序列号", 3), Column("来源与依据", 3), Column("旧盘保管", 2.6))  # fmt: skip
    blocks.append(
        Table(columns, rows, caption="换件记录", size="small") if rows else Paragraph(NONE)
    )
    return [
        *blocks,
        Heading(2, "（二）配置变更与数据修复"),
        Paragraph(f"变更单号、数据修改报告单号：{BY_HAND}"),
    ]


def _proof(held: Fault) -> list[Block]:
    files = f"故障单附件 {held.files} 个。" if held.files else "故障单附件：本次无。"
    known = f"已入知识库：{'、'.join(held.articles)}。" if held.articles else "未入知识库。"
    return [
        Heading(1, "八、验证"),
        Paragraph(f"验证方法与结果：{BY_HAND}"),
        Paragraph(f"用户确认：{held.confirmed or '尚未确认'}。{files}"),
        Heading(1, "九、预防"),
        Paragraph(f"整改项、负责人与期限：{BY_HAND}"),
        Paragraph(known),
    ]
