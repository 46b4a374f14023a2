"""The obligation matrix: every promise of the contract, where it stands, by which evidence."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from jingwei.reports.document import Block, Cell, Column, Note, Paragraph, Row, Table
from jingwei.reports.periodic.facts import Promise
from jingwei.reports.periodic.parts import number, table
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

_STATES = {
    Standing.MET: Result.NORMAL,
    Standing.BREACHED: Result.ABNORMAL,
    Standing.DUE: Result.ATTENTION,
    Standing.NOT_DUE: Result.NOT_APPLICABLE,
    Standing.NOT_AGREED: Result.ATTENTION,
    Standing.NO_EVIDENCE: Result.UNCHECKED,
    Standing.NOT_APPLICABLE: Result.NOT_APPLICABLE,
}


def matrix(promises: Sequence[Promise]) -> list[Block]:
    """Counts by standing, then every obligation in the tender's order under its clause."""
    if not promises:
        return [Paragraph("未采集（合同义务未载入）")]
    counts = Counter(each.standing for each in promises)
    rows = [(_state(each), number(counts[each])) for each in Standing]
    return [
        Paragraph(f"共 {len(promises)} 条义务。没有证据的不算履行；未约定的列出各种读法的结果。"),
        table("义务状态汇总", (("状态", 4), ("条数", 2)), rows),
        Table(
            (
                Column("序", 1, "center"), Column("义务（招标文件原文）", 9), Column("状态", 2.2),
                Column("实际", 5), Column("要求", 3.4), Column("证据号", 5),
            ),
            tuple(_rows(promises)), "义务完成矩阵", "tiny",
        ),
        Note("证据号为平台记录的种类与编号，可在“合同履约”页逐条打开；“等”后为其余条数。"),
    ]  # fmt: skip


def _rows(promises: Sequence[Promise]) -> list[Row]:
    made = []
    place = 0
    for clause, held in groupby(promises, key=lambda each: each.clause):
        made.append(Row((Cell(clause, span=6, strong=True, align="left"),), head=True))
        for each in held:
            place += 1
            made.append(_row(place, each))
    return made


def _row(place: int, each: Promise) -> Row:
    value = each.value
    if each.open:
        value = f"{value}（{'、'.join(each.open)} 未裁定）".strip()
    refs = "、".join(each.refs) + (f" 等（另 {each.more} 条）" if each.more else "")
    return Row(
        (
            Cell(str(place), align="center"), Cell(each.text),
            _state(Standing(each.standing)), Cell(value or "—"), Cell(each.limit or "—"),
            Cell(refs or "无"),
        )
    )  # fmt: skip


def _state(standing: Standing) -> Cell:
    state = _STATES[standing]
    return Cell(f"{state.sign} {standing.label}", state=state)
