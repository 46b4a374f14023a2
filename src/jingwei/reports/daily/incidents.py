"""Section 十二: what is not normal, what was done about it, under which number, how far it is."""

from jingwei.reports.daily.sheet import Answer, Incident, Item, Sheet
from jingwei.reports.daily.words import NOTHING, finding_number, measured, remark
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Note,
    Paragraph,
    Row,
    RowsRef,
    Table,
    minute,
    state_cell,
)
from jingwei.terms import Result

_COLUMNS = (
    Column("序", 0.8, "center"), Column("对象", 4), Column("异常项", 2.6),
    Column("级别", 1.5, "center"), Column("发现时间", 2.4, "center"),
    Column("实测值（阈值）", 4.2), Column("后续检查", 5), Column("故障单号", 1.8, "center"),
    Column("状态", 2.4, "center"),
)  # fmt: skip
_ORDER = (Result.ABNORMAL, Result.ATTENTION)


def incidents(sheet: Sheet) -> list[Block]:
    """The exceptions page."""
    blocks: list[Block] = [Heading(1, "十二、异常与处置")]
    rows = _rows(sheet)
    if not rows:
        blocks.append(Paragraph(f"{NOTHING}。"))
        return blocks
    numbered = tuple(Row((Cell(str(number)), *cells)) for number, cells in enumerate(rows, start=1))
    blocks.append(Table(_COLUMNS, numbered, caption=f"异常清单（共 {len(rows)} 项）", size="small"))
    blocks.append(
        Note(
            "异常项转后续检查（招标文件 L602）。故障单模块尚未接入，故障单号暂列发现编号；"
            "含本日检查所见与本日内仍未恢复或当日恢复的发现。"
        )
    )
    return blocks


def _rows(sheet: Sheet) -> list[tuple[Cell, ...]]:
    """Each exceptional answer with its finding, then findings of the day no answer speaks of."""
    by_id = {incident.id: incident for incident in sheet.incidents}
    rows: list[tuple[Cell, ...]] = []
    told: set[int] = set()
    for wanted in _ORDER:
        for section in sheet.sections:
            for item in section.items:
                for answer in item.answers:
                    if answer.result is not wanted:
                        continue
                    found = by_id.get(answer.finding) if answer.finding is not None else None
                    if answer.finding is not None:
                        told.add(answer.finding)
                    ref = RowsRef(section.id, item.id, target=answer.target)
                    rows.append(_of_answer(item, answer, found, ref))
    rows += [_of_finding(found) for found in sheet.incidents if found.id not in told]
    return rows


def _of_answer(
    item: Item, answer: Answer, found: Incident | None, ref: RowsRef
) -> tuple[Cell, ...]:
    opened = found.opened_at if found else answer.at
    said = remark(answer)
    done = _follow_ups(found) if found else ""
    follow = "\n".join(part for part in (said if said != "—" else "", done) if part)
    return (
        Cell(f"{answer.target}\n{answer.label}"),
        Cell(item.label),
        state_cell(answer.result),
        Cell(minute(opened)),
        Cell(_with_threshold(measured(answer), answer.threshold), rows=ref),
        Cell(follow or "未填写"),
        Cell(_ticket(found) if found else finding_number(answer.finding)),
        Cell(_status(found) if found else "未建发现"),
    )


def _of_finding(found: Incident) -> tuple[Cell, ...]:
    return (
        Cell(f"{found.target}\n{found.label}"),
        Cell(found.item_label),
        state_cell(found.result),
        Cell(minute(found.opened_at)),
        Cell(_with_threshold(found.reading or "未采集（无读数）", found.threshold)),
        Cell("\n".join(part for part in (found.detail, _follow_ups(found)) if part) or "未填写"),
        Cell(_ticket(found)),
        Cell(_status(found)),
    )


def _with_threshold(reading: str, threshold: str) -> str:
    return f"{reading}\n（阈值 {threshold}）" if threshold else reading


def _follow_ups(found: Incident) -> str:
    return "\n".join(
        f"{minute(entry.at)[5:]} {entry.by}：{entry.text}" for entry in found.follow_ups
    )


def _ticket(found: Incident) -> str:
    return found.ticket or finding_number(found.id)


def _status(found: Incident) -> str:
    if found.closed_at is not None:
        return f"已恢复\n{minute(found.closed_at)}"
    if found.acknowledged_at is not None:
        return f"处置中\n{found.acknowledged_by} 已确认"
    return "待处置"
