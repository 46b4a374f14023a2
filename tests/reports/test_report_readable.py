"""Periodic reports as they are read: 未采集 where nobody looked, hundreds of records counted."""

from datetime import date

import pytest
from account_making import END, ISSUE, START, budgets, empty, whole
from desk_making import at

from jingwei.reports import periodic
from jingwei.reports.document import (
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    Table,
)
from jingwei.reports.periodic.appendix import blocks
from jingwei.reports.periodic.facts import Account, Record
from jingwei.reports.periodic.rows import APPENDICES, Present, Rows
from jingwei.terms import Result

DRAWN = [periodic.monthly, periodic.quarterly, periodic.annual]


def words(document: Document) -> str:
    """Everything the paper says."""
    said: list[str] = []
    for block in document.blocks:
        if isinstance(block, Paragraph | Note):
            said.append(block.text)
        elif isinstance(block, Table):
            said += [" ".join(cell.text for cell in row.cells) for row in block.rows]
        elif isinstance(block, KeyValues):
            said += [f"{label} {cell.text}" for label, cell in block.pairs]
    return "\n".join(said)


@pytest.mark.parametrize("draw", DRAWN)
def test_an_unwatched_period_has_no_availability_and_no_verdict(draw: object) -> None:
    said = words(draw(empty(), ISSUE, draft=True))  # type: ignore[operator]
    assert "合同年可用率 未采集（尚无监测数据）" in said
    assert "99.983" not in said
    assert "● 达标" not in said
    assert "? 未采集" in said
    assert "新增异常 未采集（尚无监测数据）" in said
    assert "请假：本期无" in said


@pytest.mark.parametrize("draw", DRAWN)
def test_a_watched_period_has_both(draw: object) -> None:
    said = words(draw(whole(), ISSUE, draft=True))  # type: ignore[operator]
    assert "合同年可用率 99.983 %" in said
    assert "此前未采集" not in said
    assert "● 达标" in said
    assert "新增异常 5 项" in said


def test_what_was_watched_from_the_middle_says_so() -> None:
    held = whole(budgets=budgets(watched_from=date(2022, 12, 5)))
    said = words(periodic.quarterly(held, ISSUE, draft=True))
    assert "2022-12-05 起有监测，此前未采集" in said


@pytest.mark.parametrize(
    ("since", "watched"),
    [(None, False), (START, True), (END, True), (date(2023, 2, 1), False)],
)
def test_watched_is_who_looked_before_the_period_ended(since: date | None, watched: bool) -> None:
    assert whole(budgets=budgets(watched_from=since)).watched is watched


def test_a_limit_that_was_overrun_is_overrun_whoever_watched() -> None:
    over = budgets(down_used=40_000, down_period=40_000, down_left=-8464, down_met=False)
    said = words(periodic.quarterly(empty(budgets=over), ISSUE, draft=True))
    assert "✕ 超限" in said
    assert "11 小时" in said
    assert periodic.conclusion(empty(budgets=over))[0] is Result.ABNORMAL


def test_a_quiet_period_is_in_order_only_where_somebody_watched() -> None:
    def quiet(**more: object) -> Account:
        daily = whole().daily
        done = type(daily)(62, 62, 6200, 6200)
        return empty(daily=done, **more)

    verdict, said = periodic.conclusion(quiet())
    assert (verdict, said.rpartition("；")[2]) == (Result.UNCHECKED, "尚无监测数据")
    seen = quiet(budgets=budgets(watched_from=START, down_used=0, down_period=0))
    assert periodic.conclusion(seen)[0] is Result.NORMAL


def record(place: int, **more: object) -> Record:
    """One round at one machine."""
    given: dict[str, object] = {
        "duty": "hardware-inspection", "label": "硬件现场巡检", "at": at("2023-01-12 09:30"),
        "object": f"HW-{place:03}-1", "by": "王磊", "result": "正常", "confirmed": True,
        "number": f"duty:{place}",
    }  # fmt: skip
    return Record(**{**given, **more})  # type: ignore[arg-type]


def test_many_records_are_counted_and_only_what_was_not_in_order_is_listed() -> None:
    rows = [record(place) for place in range(50)]
    rows += [record(50, result="异常"), record(51, confirmed=False)]
    said = words(periodic.quarterly(whole(records=tuple(rows)), ISSUE, draft=True))
    assert "硬件现场巡检 52 52 51 1 51 1" in said
    assert "duty:50" in said
    assert "duty:7" not in said
    assert "逐台、逐应用的记录见硬件巡检报告" in said


def test_few_records_are_told_one_by_one() -> None:
    rows = tuple(record(place) for place in range(3))
    said = words(periodic.monthly(whole(records=rows), ISSUE, draft=True))
    assert [f"duty:{place}" in said for place in range(4)] == [True, True, True, False]
    assert "记录汇总" not in said


def test_narrow_appendices_stand_upright_and_wide_ones_lie() -> None:
    rows = Rows(presence=(Present(date(2022, 11, 1), 4),))
    lying, found = False, {}
    for block in blocks(whole(rows=rows)):
        if isinstance(block, PageBreak):
            lying = block.landscape
        elif isinstance(block, Heading):
            found[block.text.partition("\u3000")[2]] = lying
    assert list(found) == list(APPENDICES.values())
    assert (found["工单明细"], found["在岗逐日明细"], found["日检逐日明细"]) == (True, False, False)
