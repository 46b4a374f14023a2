"""The appendix of a periodic report: every row its numbers count, one table a set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.reports.document import (
    Align,
    Block,
    Cell,
    Column,
    Heading,
    Note,
    PageBreak,
    Row,
    Table,
)
from jingwei.reports.periodic import rows as sets
from jingwei.reports.periodic.facts import Account
from jingwei.reports.periodic.parts import NONE, length, when

OUTCOMES = {
    "met": "达标", "late": "超时", "running": "进行中", "remote": "远程解决", "unclear": "数据缺陷",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a set of rows. `ticket`: its text is the number of a ticket, to be opened."""

    title: str
    width: float
    read: Callable[[Any], str]
    align: Align = "left"
    ticket: bool = False


def _yes(value: bool | None) -> str:
    return "未公布" if value is None else ("是" if value else "否")


_NUMBER = Field("单号", 4, lambda row: row.number, ticket=True)
FIELDS: dict[str, tuple[Field, ...]] = {
    "tickets": (
        _NUMBER,
        Field("类别", 2.2, lambda row: row.kind),
        Field("标题", 6, lambda row: row.title),
        Field("建单", 3.4, lambda row: when(row.at)),
        Field("来源", 2, lambda row: row.channel),
        Field("系统", 3.4, lambda row: row.system),
        Field("机构", 3.4, lambda row: row.institution),
        Field("级别或表单", 3.6, lambda row: row.severity or row.form or "—"),
        Field("原因", 2.8, lambda row: row.cause or "—"),
        Field("状态", 2, lambda row: row.state),
    ),
    "clocks": (
        _NUMBER,
        Field("级别", 5, lambda row: row.severity),
        Field("时限", 2.4, lambda row: row.limit),
        Field("日历", 1.6, lambda row: row.calendar),
        Field("约定", 2.6, lambda row: length(row.allowed)),
        Field("用时", 3.2, lambda row: length(row.used)),
        Field("结果", 2, lambda row: OUTCOMES.get(row.outcome, row.outcome)),
    ),
    "downs": (
        Field("记录", 4, lambda row: row.number, ticket=True),
        Field("开始", 3.4, lambda row: when(row.start)),
        Field("结束", 3.4, lambda row: when(row.end, "尚未恢复")),
        Field("原因", 4, lambda row: row.cause),
        Field("剔除（甲方同意）", 4, lambda row: row.excluded_by or "否"),
    ),
    "days": (
        Field("日期", 3, lambda row: row.date.isoformat()),
        Field("工作日", 2, lambda row: _yes(row.works)),
        Field("完成日检", 2, lambda row: _yes(row.finished)),
        Field("应检项次", 2, lambda row: str(row.planned) if row.finished else "—", "right"),
        Field("实检项次", 2, lambda row: str(row.checked) if row.finished else "—", "right"),
    ),
    "duties": (
        Field("工作", 5, lambda row: row.label),
        Field("哪一期", 5, lambda row: row.what),
        Field("可开始", 2.8, lambda row: row.first.isoformat()),
        Field("截止", 2.8, lambda row: row.last.isoformat()),
        Field("应完成", 1.8, lambda row: str(row.number), "right"),
        Field("已完成", 1.8, lambda row: str(row.done), "right"),
        Field("状态", 2.4, lambda row: row.standing),
    ),
    "efforts": (
        _NUMBER,
        Field("日期", 2.8, lambda row: row.date.isoformat()),
        Field("人日", 1.8, lambda row: row.days, "right"),
        Field("人员", 2.4, lambda row: row.person),
        Field("工作内容", 8, lambda row: row.work),
    ),
    "presence": (
        Field("日期", 3, lambda row: row.date.isoformat()),
        Field("在岗人数", 2, lambda row: str(row.there), "right"),
    ),
}


_NARROW = 5  # columns


def blocks(held: Account) -> list[Block]:
    """Every set under a heading of its own; a report made before there were rows has none."""
    if held.rows == sets.Rows():
        return []
    made: list[Block] = []
    lying: bool | None = None
    for name, words in sets.APPENDICES.items():
        wide = len(FIELDS[name]) > _NARROW
        if wide is not lying:  # a narrow table has more rows on an upright page
            made.append(PageBreak(landscape=wide))
            lying = wide
        made.append(Heading(1, f"{sets.appendix(name)}　{words}"))
        rows = getattr(held.rows, name)
        made.append(table(name, rows) if rows else Note(f"{NONE}。"))
    return made


def table(name: str, rows: Sequence[Any]) -> Table:
    """The rows of one set as a table."""
    fields = FIELDS[name]
    return Table(
        tuple(Column(field.title, field.width, field.align) for field in fields),
        tuple(Row(tuple(Cell(field.read(row)) for field in fields)) for row in rows),
        sets.APPENDICES[name], "tiny",
    )  # fmt: skip
