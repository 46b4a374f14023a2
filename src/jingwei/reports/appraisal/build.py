"""The appraisal sheet as one document tree. A draft proposes; only the client gives points."""

from jingwei.reports import front
from jingwei.reports.appraisal.facts import Sheet
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
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
from jingwei.terms import Result

TITLE = "服务质量考核表"
NONE = "本期无"
_DRAFT = "考核草案：扣分均为系统按规则提出的建议，得分由甲方发布，不作付款依据。"


def document(held: Sheet, issue: Issue, *, draft: bool) -> Document:
    """Draw up the sheet. Pure: the same facts and issue always give the same tree."""
    blocks: list[Block] = [
        *_result(held), *_parts(held), *_lines(held), *_said(held), *front.signatures("五、签字"),
    ]  # fmt: skip
    period = f"{held.first.isoformat()} 至 {held.last.isoformat()}"
    notice = "" if held.score else _DRAFT
    return front.formal(held.project, issue, TITLE, period, blocks, draft=draft, notice=notice)


def conclusion(held: Sheet) -> tuple[Result, str]:
    """One verdict and one sentence; a draft has no verdict."""
    if not held.score:
        return Result.UNCHECKED, f"草案：建议扣分 {len(held.lines)} 项，待甲方发布"
    text = f"{held.state}：{held.score} 分（{held.grade}），扣分 {len(held.lines)} 项"
    return Result.NORMAL if not held.lines else Result.ATTENTION, text


def _result(held: Sheet) -> list[Block]:
    score = f"{held.score} 分（{held.grade}）" if held.score else "待甲方发布"
    return [
        Heading(1, "一、考核结果"),
        KeyValues(
            (
                ("状　　态", Cell(held.state)),
                ("得　　分", Cell(score)),
                ("草案版本", Cell(f"V{held.version}")),
                ("起　　草", Cell(f"{minute(held.drafted_at)}　{held.drafted_by}")),
            )
        ),
        Note("扣分从 100 分起算，每项考核内容以该项分值为限；无证据的义务既不加分也不扣分。"),
    ]


def _parts(held: Sheet) -> list[Block]:
    columns = (
        Column("考核内容", 5), Column("分值", 1.6, "right"), Column("建议扣分", 2, "right"),
        Column("甲方扣分", 2, "right"), Column("义务（有证据/全部）", 3, "right"),
    )  # fmt: skip
    rows = tuple(
        Row((
            Cell(part.label), Cell(part.points), Cell(part.proposed),
            Cell("待发布" if part.lost is None else part.lost),
            Cell(f"{part.proven}/{part.obligations}" if part.obligations else "甲方评定"),
        ))
        for part in held.parts
    )  # fmt: skip
    return [Heading(1, "二、分项"), Table(columns, rows, caption="考核分项")]


def _lines(held: Sheet) -> list[Block]:
    word = "扣分" if held.score else "建议扣分"
    columns = (
        Column("序", 0.8, "center"), Column("考核内容", 2.4), Column("条款", 2.6),
        Column(word, 1.4, "right"), Column("理由", 5), Column("证据", 3),
    )  # fmt: skip
    rows = tuple(
        Row((
            Cell(str(line.no)), Cell(line.group), Cell(line.clause), Cell(line.points),
            Cell(f"{line.reason}；甲方改动：{line.changed}" if line.changed else line.reason),
            Cell("、".join(line.evidence)),
        ))
        for line in held.lines
    )  # fmt: skip
    table: Block = Table(columns, rows, caption=f"{word}明细", size="small") if rows else (
        Paragraph(NONE)
    )  # fmt: skip
    return [Heading(1, f"三、{word}明细"), table]


def _said(held: Sheet) -> list[Block]:
    columns = (
        Column("步骤", 2.2), Column("时间", 3), Column("经办", 2), Column("得分", 1.4, "right"),
        Column("说明", 6),
    )  # fmt: skip
    rows = tuple(
        Row((Cell(each.label), Cell(minute(each.at)), Cell(each.by), Cell(each.score or "—"),
             Cell(each.text or "—")))
        for each in held.said
    )  # fmt: skip
    table: Block = Table(columns, rows, caption="发布、申诉与裁定") if rows else Paragraph(NONE)
    return [Heading(1, "四、发布、申诉与裁定"), table]
