"""The drill report as one document tree (reports.md section 11; GB/T 38645 for its chapters)."""

from datetime import datetime

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
    Paragraph,
    Row,
    Table,
    minute,
)
from jingwei.reports.drill.facts import Criterion, Exercise, Step
from jingwei.terms import SHANGHAI, Result

TITLE = "应急响应演练报告"
NONE = "本次无"
_GOOD = 60.0  # percent: from here on a drill has passed


def document(held: Exercise, issue: Issue, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same facts and issue always give the same tree."""
    start, end = held.period
    blocks: list[Block] = [
        *_drill(held),
        *_preparation(held),
        *_script(held),
        *_measured(held),
        *_score(held),
        *_gaps(held),
        *_conclusion(held),
        *front.signatures("八、签字"),
    ]
    notice = "演练报告：全部内容为演练，不是真实事件。"
    if held.speed != 1:
        notice += f"{held.speed:g} 倍速试演，不计入年度演练次数。"
    period = f"{start.isoformat()} 至 {end.isoformat()}（演练 {held.number}）"
    return front.formal(
        held.project, issue, TITLE, period, blocks, draft=draft, notice=notice,
    )  # fmt: skip


def conclusion(held: Exercise) -> tuple[Result, str]:
    """One verdict and one sentence."""
    if held.score is None:
        return Result.ABNORMAL, f"演练中止：{held.aborted}"
    text = f"{held.score.percent:g} %（{held.score.grade}），差距 {len(held.gaps)} 项"
    if held.score.percent < _GOOD:
        return Result.ABNORMAL, text
    return Result.ATTENTION if held.gaps else Result.NORMAL, text


def _drill(held: Exercise) -> list[Block]:
    return [
        Heading(1, "一、演练概况"),
        KeyValues(
            (
                ("演练编号", Cell(held.number)),
                ("演练名称", Cell(held.title)),
                ("类　　型", Cell(f"{held.kind}；专项")),
                ("模拟级别", Cell(held.level)),
                ("预　　案", Cell(held.plan)),
                ("场　　景", Cell(held.scenario)),
                ("计划时间", Cell(f"{minute(held.planned_at)}　{held.planned_by}")),
                ("剧本开始", Cell(_second(held.started_at))),
                ("结　　束", Cell(_second(held.ended_at))),
                ("计入年度", Cell("是" if held.counts else f"否（{_why_not(held)}）")),
            )
        ),
        Heading(2, "（一）目的"),
        Paragraph("检验预案、通知名单和人员处置，实测发现、响应、诊断、恢复及 RTO、RPO（L682）。"),
        Heading(2, "（二）情景"),
        Paragraph(held.background),
        Heading(2, "（三）参演角色"),
        Table(
            (Column("角色", 3), Column("人员", 9)),
            tuple(Row((Cell(one.role), Cell(one.who))) for one in held.roles),
            caption="参演角色",
        ),
    ]


def _why_not(held: Exercise) -> str:
    return "演练中止" if held.aborted else "加速试演"


def _preparation(held: Exercise) -> list[Block]:
    if held.region:
        text = (
            "演练在专用的微缩区域进行：单独的进程、回环网段和数据目录，演练结束即销毁；"
            "故障只注入该区域，未连接、未操作任何生产设备。"
            f"期间读数 {held.readings} 条单独存放，不进入日常检查、异常和可用性统计。"
        )
    else:
        text = "桌面推演：口述处置，未操作任何系统。"
    targets = "；".join(f"{one.role} {one.who}" for one in held.targets)
    return [
        Heading(1, "二、准备与安全"),
        Paragraph(text),
        Paragraph(f"目标：{targets}；到场 ≤ 60 分钟（L684）。"),
        Paragraph(f"备份、回退、业务窗口与通知机构：{BY_HAND}"),
    ]


def _script(held: Exercise) -> list[Block]:
    rows = tuple(_step(number, step) for number, step in enumerate(held.script, start=1))
    columns = (
        Column("序", 1), Column("计划", 2), Column("动作", 2.2), Column("内容", 6.4),
        Column("实际", 2.2), Column("结果", 4.2),
    )  # fmt: skip
    story = tuple(Row((Cell(_second(one.at)), Cell(one.label), Cell(one.by))) for one in held.story)
    blocks: list[Block] = [
        Heading(1, "三、演练过程"),
        Table(columns, rows, caption="剧本执行", size="small"),
        Note("应完成动作的计划时刻是最迟完成时间；其余由演练程序按时执行。"),
    ]
    if story:
        wide = (Column("时间", 3.4), Column("记录", 11), Column("记录人", 2.6))
        blocks.append(Table(wide, story, caption="事件记录", size="small"))
    return blocks


def _step(number: int, step: Step) -> Row:
    if step.done_at is None:
        result = Cell("✕ 未完成" if step.expected else "未执行", state=Result.ABNORMAL)
    elif step.expected and not step.in_time:
        result = Cell(f"◆ 超时　{step.result}", state=Result.ATTENTION)
    else:
        result = Cell(f"✓ {step.result}", state=Result.NORMAL)
    text = f"{step.text}（{step.fault}）" if step.fault else step.text
    return Row(
        (
            Cell(str(number), align="center"),
            Cell(f"+{step.after // 60:02d}:{step.after % 60:02d}", align="center"),
            Cell(step.action),
            Cell(text),
            Cell(_clock(step.done_at)),
            result,
        )
    )


def _measured(held: Exercise) -> list[Block]:
    rows = tuple(
        Row(
            (
                Cell(one.label),
                Cell(_second(one.at)),
                Cell("系统测得" if one.by_system else one.by or "—"),
            )
        )
        for one in held.moments
    )
    blocks: list[Block] = [
        Heading(1, "四、实测"),
        Table((Column("时间点", 4), Column("时间", 5), Column("记录", 4)), rows, caption="时间点"),
    ]
    if held.watched:
        seen = tuple(
            Row((Cell(one.target), Cell(one.item), Cell(one.worst), Cell(one.last),
                 Cell(one.reading or "—")))
            for one in held.watched
        )  # fmt: skip
        columns = (
            Column("对象", 5), Column("检查项", 3), Column("期间最差", 2), Column("结束时", 2),
            Column("最后读数", 5),
        )  # fmt: skip
        blocks.append(Table(columns, seen, caption="观察项", size="small"))
        blocks.append(
            Note(
                "演练期间每 5 秒检查一次，连续次数与日常检查相同；"
                "日常检查按各自周期，发现会相应晚些。"
            )
        )
    return blocks


def _score(held: Exercise) -> list[Block]:
    if held.score is None:
        return [Heading(1, "五、评估打分"), Paragraph(f"演练中止，不评分：{held.aborted}")]
    score = held.score
    columns = (
        Column("项目", 2.2), Column("口径", 5.6), Column("目标", 2.4), Column("实测", 2.4),
        Column("结果", 3.4), Column("得分", 2),
    )  # fmt: skip
    return [
        Heading(1, "五、评估打分"),
        Table(columns, tuple(_criterion(one) for one in score.criteria), caption="评分",
              size="small"),
        Paragraph(
            f"得 {score.earned:g} 分，应计 {score.possible} 分，得分率 {score.percent:g} %，"
            f"{score.grade}。",
            strong=True,
        ),
        Note(
            "达到目标得满分，超出但在两倍以内得一半，更久不得分；未测得一律不得分；计划时没有设目标的项目不计入总分。"
            "90 % 优秀，75 % 良好，60 % 合格。"
        ),
    ]  # fmt: skip


def _criterion(one: Criterion) -> Row:
    state = Result.NORMAL if one.met else Result.ATTENTION
    words = f"{state.sign} {one.verdict}" + (f"：{one.reason}" if one.reason else "")
    return Row(
        (
            Cell(one.label, strong=True),
            Cell(one.meaning),
            Cell(one.target),
            Cell(one.measured),
            Cell(words, state=state),
            Cell(f"{one.earned:g} / {one.points}", align="center"),
        )
    )


def _gaps(held: Exercise) -> list[Block]:
    rows = tuple(
        Row((Cell(str(number), align="center"), Cell(gap.text), Cell(gap.by),
             Cell(gap.ticket or "未转工单")))
        for number, gap in enumerate(held.gaps, start=1)
    )  # fmt: skip
    columns = (Column("序", 1), Column("差距", 10), Column("提出", 2.4), Column("整改工单", 3.2))
    blocks: list[Block] = [Heading(1, "六、差距与整改")]
    blocks.append(Table(columns, rows, caption="差距清单") if rows else Paragraph(NONE))
    return [*blocks, Paragraph(f"预案修订项：{BY_HAND}")]


def _conclusion(held: Exercise) -> list[Block]:
    verdict, text = conclusion(held)
    del verdict
    return [
        Heading(1, "七、结论与附件"),
        Paragraph(f"结论：{text}。"),
        Paragraph(f"总结：{BY_HAND}"),
        Paragraph(f"照片与签到：{BY_HAND}"),
    ]


def _second(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else "未记录"


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M:%S}" if at else "—"
