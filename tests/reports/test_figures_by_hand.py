"""Each figure of the periodic reports against facts made by hand: cell by cell, no database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from account_making import ISSUE, budgets, empty, fault, promise, span, whole
from desk_making import at
from hypothesis import given
from hypothesis import strategies as st

from jingwei.reports.charts import Chart
from jingwei.reports.document import Block, Cell, KeyValues, Paragraph, Table
from jingwei.reports.periodic import appendix, documents, facts, parts, pictures, spans
from jingwei.reports.periodic import desk_sections as desk
from jingwei.reports.periodic import rows as sets
from jingwei.reports.periodic import upkeep_sections as upkeep
from jingwei.reports.periodic.matrix import matrix
from jingwei.reports.periodic.rows import Booked, Day, Down, Duty, Month, Opened, Rows, Timed
from jingwei.reports.sections import held_sections
from jingwei.terms import Result
from jingwei.terms.obligation import Standing


def tables(blocks: Sequence[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def grid(table: Table) -> list[list[str]]:
    """The texts of a table row by row."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def charts(blocks: Sequence[Block]) -> list[Chart]:
    return [block for block in blocks if isinstance(block, Chart)]


def pairs(blocks: Sequence[Block]) -> dict[str, Cell]:
    """Label → cell of every grid of values."""
    return {
        label: cell for block in blocks if isinstance(block, KeyValues)
        for label, cell in block.pairs
    }  # fmt: skip


def texts(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


# Upkeep


def test_the_daily_check_is_told_with_its_share() -> None:
    held = pairs(upkeep.checks(whole()))
    assert held["应检工作日"].text == "62 天"
    assert held["完成日检"].text == "61 天"
    assert held["应检项次"].text == "6100"
    assert held["实检项次"].text == "6000（98.36 %）"
    assert [held[word].text for word in ("新增异常", "已恢复", "期末未恢复")] == [
        "5 项", "4 项", "1 项",
    ]  # fmt: skip


def test_no_daily_check_is_unknown_in_every_figure_of_it() -> None:
    held = pairs(upkeep.checks(empty()))
    assert held["完成日检"].text == "未采集（没有完成的日检）"
    assert held["应检项次"].text == "—"
    assert held["实检项次"].text == "—"
    assert "未采集（本期没有日检结果）" in texts(upkeep.checks(empty()))


def test_verdicts_of_the_daily_check_stand_by_section_and_are_coloured() -> None:
    (table,) = tables(upkeep.checks(whole()))
    assert grid(table) == [["机房检查", "10", "1", "2", "3"]]
    states = [cell.state for cell in table.rows[0].cells]
    assert states == [None, None, Result.ATTENTION, Result.ABNORMAL, None]


@pytest.mark.parametrize(("opened", "closed", "left"), [(0, 0, 0), (5, 4, 1), (10**6, 7, 0)])
def test_found_is_counted_as_it_is(opened: int, closed: int, left: int) -> None:
    held = pairs(upkeep.checks(whole(found=facts.Found(opened, closed, left))))
    assert held["新增异常"].text == f"{opened} 项"
    assert held["已恢复"].text == f"{closed} 项"
    assert held["期末未恢复"].text == f"{left} 项"


def test_duties_are_told_with_what_was_missed_and_what_waits() -> None:
    owing = facts.Owing("UPS 充放电", 4, 2, (), 2)
    (table,) = tables(upkeep.duties(whole(duties=(owing, *whole().duties))))
    assert grid(table) == [
        ["UPS 充放电", "4", "2", "2", "无"],
        ["应用系统月度巡视", "75", "50", "0", "2022-12（0/25）"],
    ]
    assert [row.cells[4].state for row in table.rows] == [None, Result.ABNORMAL]


def test_a_figure_of_nothing_opens_no_rows() -> None:
    (table,) = tables(upkeep.duties(whole(duties=(facts.Owing("演练", 0, 0),))))
    assert all(cell.rows is None for cell in table.rows[0].cells)
    (table,) = tables(upkeep.duties(whole()))
    assert table.rows[0].cells[1].rows is not None


def test_the_rooms_are_told_with_both_ends_and_the_days_out_of_range() -> None:
    (table,) = tables(upkeep.rooms(whole()))
    assert grid(table) == [["ROOM-01", "温度（℃）", "92", "19.5", "29.4", "2022-11-07"]]
    assert table.rows[0].cells[5].state is Result.ABNORMAL
    assert texts(upkeep.rooms(empty())) == "未采集（没有机房温湿度的日汇总）"


def test_records_say_whether_the_client_confirmed() -> None:
    (table,) = tables(upkeep.records(whole()))
    assert grid(table) == [
        ["UPS 主机巡检", "2023-01-11 09:00", "HW-001-1", "王磊", "—", "未确认", "duty:8"]
    ]


def test_what_nobody_collects_is_told_with_why() -> None:
    assert "备份作业结果：未采集（平台的这一部分尚未接入）。" in texts(upkeep.missing(whole()))
    assert texts(upkeep.missing(empty())) == "本期无"


def test_people_are_told_with_the_days_they_were_too_few() -> None:
    text = texts(upkeep.people(whole()))
    assert "62 个工作日，其中 60 天有考勤；少于 4 人的 1 天：2022-11-09（3 人）" in text
    assert "请假：2 次；请假与人员变更中事前未获甲方同意的：1 次。" in text
    assert "人员变更：王磊 → 李婷。" in text
    text = texts(upkeep.people(empty()))
    assert "在岗人数：未采集（本期没有考勤记录）。" in text
    assert "人员变更：本期无。" in text


def test_the_budgets_of_the_year_are_told_in_hours_and_minutes() -> None:
    (table,) = tables(upkeep.availability(whole()))
    core, spells = grid(table)
    assert core[1:6] == ["1 小时 30 分", "1 小时 30 分", "0 分", "8 小时 45 分 36 秒",
                         "7 小时 15 分 36 秒"]  # fmt: skip
    assert spells[1:6] == ["1 件", "1 小时", "10 分", "24 小时", "23 小时"]
    assert [row[6] for row in (core, spells)] == [f"{Result.NORMAL.sign} 达标"] * 2
    assert "合同年可用率 99.983 %" in texts(upkeep.availability(whole()))


@pytest.mark.parametrize(("down", "spell"), [(True, False), (False, True), (False, False)])
def test_a_budget_that_was_not_kept_is_told_on_its_own_line(down: bool, spell: bool) -> None:
    held = whole(budgets=budgets(down_met=down, emergency_met=spell))
    (table,) = tables(upkeep.availability(held))
    states = [row.cells[6].state for row in table.rows]
    assert [state is Result.ABNORMAL for state in states] == [not down, not spell]


def test_ledgers_say_used_limit_and_left() -> None:
    held = pairs(upkeep.ledgers(whole()))
    assert held["开发工作量本期"].text == "2.50 人日"
    assert held["合同年累计"].text == "2.50 / 217.50 人日"
    assert held["剩余"].text == "215.00 人日"
    assert held["应急演练"].text == "1 / 2 次"
    assert "本期演练：YL-2022-01（2022-12-10）。" in texts(upkeep.ledgers(whole()))


def test_what_falls_due_next_is_told_with_its_days() -> None:
    (table,) = tables(upkeep.ahead(whole()))
    assert grid(table) == [["UPS 充放电维护", "2022-11-01", "2023-04-30", "4"]]
    assert "下期到期的周期工作：本期无。" in texts(upkeep.ahead(empty()))


SUMMARY = ("日常检查", "故障", "核心设备可用性", "应急事件", "周期工作", "人员在岗", "遗留工单")


def lights(held: facts.Account) -> dict[str, Result | None]:
    """Line of the summary → its light."""
    (table,) = tables(upkeep.summary(held))
    return {row.cells[0].text: row.cells[2].state for row in table.rows}


def test_the_summary_lights_follow_their_own_facts_only() -> None:
    assert tuple(lights(whole())) == SUMMARY
    good = whole(
        daily=facts.Daily(62, 62, 10, 10), late=(), duties=(), left=(),
        people=facts.People(62, 62, (), 4, 0, 0),
    )  # fmt: skip
    assert set(lights(good).values()) == {Result.NORMAL}
    for name, more in (
        ("日常检查", {"daily": facts.Daily(62, 61, 1, 1, ("2022-12-05",))}),
        ("故障", {"late": whole().late}),
        ("核心设备可用性", {"budgets": budgets(down_met=False)}),
        ("应急事件", {"budgets": budgets(emergency_met=False)}),
        ("周期工作", {"duties": whole().duties}),
        ("人员在岗", {"people": whole().people}),
    ):
        made = lights(replace(good, **more))
        assert [line for line, light in made.items() if light is Result.ABNORMAL] == [name]
    assert lights(replace(good, left=whole().left))["遗留工单"] is Result.ATTENTION


def test_nobody_checked_or_signed_in_is_unknown_in_the_summary() -> None:
    made = lights(empty())
    assert made["日常检查"] is made["人员在岗"] is Result.UNCHECKED


# The desk


def test_service_levels_count_what_was_decided_and_the_rest_apart() -> None:
    (levels, late) = tables(desk.service_levels(whole()))
    assert grid(levels) == [
        ["造成生产运行中断", "电话响应", "5x8", "3", "1", "75.00 %", "0", "1", "1"]
    ]
    assert grid(late) == [["GD-2022-00002", "慢", "电话响应", "5x8", "30 分", "1 小时"]]
    assert levels.rows[0].cells[4].state is Result.ABNORMAL
    assert levels.rows[0].cells[8].state is Result.ATTENTION


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_what_runs_or_was_remote_never_makes_the_share_better(
    met: int, late: int, other: int
) -> None:
    kept = facts.Kept("x", "电话响应", "5x8", met, late, other, other, other)
    table = tables(desk.service_levels(whole(kept=(kept,))))[0]
    share = table.rows[0].cells[5].text
    if met + late == 0:
        assert share == "—"
    else:
        assert share == f"{met / (met + late) * 100:.2f} %"


def test_faults_are_told_one_by_one_with_what_is_not_known() -> None:
    open_ = fault("GD-2022-00002", severity="", cause="", restored=None, state="处理中")
    listed = tables(desk.faults(whole(faults=(fault(), open_))))[-1]
    assert grid(listed)[0] == [
        "GD-2022-00001", "PACS 打不开", "区域PACS", "造成生产运行中断", "设备硬件故障",
        "2022-11-07 09:00", "2022-11-07 10:30", "已关闭",
    ]  # fmt: skip
    assert grid(listed)[1][3:5] == ["—", "—"]
    assert grid(listed)[1][6] == "—"


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_tally_is_its_parts(done: int, cancelled: int, open_: int) -> None:
    tally = facts.Tally("电话", done + cancelled + open_, done, cancelled)
    (table,) = tables(desk.counts(empty(channels=(tally,))))
    counts = [int(text) for text in grid(table)[0][1:]]
    assert counts == [done + cancelled + open_, done, cancelled, open_]


def test_a_change_without_approval_or_check_is_coloured() -> None:
    (table,) = tables(desk.changes(whole()))
    good, bad = table.rows
    assert [cell.text for cell in good.cells[4:6]] == ["顾主任", "2022-12-01 08:00"]
    assert [cell.text for cell in bad.cells[4:6]] == ["无", "无"]
    assert [cell.state for cell in bad.cells[4:6]] == [Result.ATTENTION] * 2


def test_parts_stand_with_both_serials_and_the_downtime() -> None:
    (table,) = tables(desk.parts(whole()))
    assert grid(table) == [[
        "2022-11-07", "存储", "控制器", "OLD", "NEW", "原厂正品", "保险柜", "1 小时 30 分",
        "GD-2022-00001",
    ]]  # fmt: skip
    unknown = replace(whole().parts[0], serial_out="", disk_kept="", down=None, basis="公告")
    (table,) = tables(desk.parts(whole(parts=(unknown,))))
    assert grid(table)[0][3:8] == ["—", "NEW", "原厂正品；公告", "—", "—"]


def test_warranties_and_ends_of_service_say_whether_they_are_over() -> None:
    later = facts.Expiry("HW-017", "交换机", date(2023, 3, 31), False, "保内")
    ends = facts.Ending("甲 乙", None, date(2023, 4, 1), 3, False)
    warranty, service = tables(desk.hardware(whole(
        expiries=(*whole().expiries, later), endings=(*whole().endings, ends)
    )))  # fmt: skip
    assert [row[3] for row in grid(warranty)] == ["已过保", "将过保"]
    assert grid(service) == [
        ["华为 5500", "2022-01-01", "2022-12-31", "2", "已停止"],
        ["甲 乙", "—", "2023-04-01", "3", "90 天内停止"],
    ]


def test_an_emergency_is_told_from_its_start_to_its_end() -> None:
    over = replace(whole().events[0], end=at("2022-12-24 11:00"), excluded_by="顾主任")
    (table,) = tables(desk.events(whole(events=(whole().events[0], over))))
    assert [row[4] for row in grid(table)] == ["尚未恢复", "2022-12-24 11:00"]
    assert [row[6] for row in grid(table)] == ["否", "顾主任"]


# The matrix


def test_the_matrix_counts_every_standing_and_shows_what_is_behind_each() -> None:
    summary, whole_ = tables(matrix(whole().promises))
    counts = {row[0].split(" ", 1)[1]: int(row[1]) for row in grid(summary)}
    assert sum(counts.values()) == 4
    assert counts[Standing.MET.label] == counts[Standing.NO_EVIDENCE.label] == 1
    lines = [row for row in whole_.rows if not row.head]
    assert [row.cells[0].text for row in lines] == ["1", "2", "3", "4"]
    assert lines[0].cells[5].text == "ticket:1、ticket:2、ticket:3 等（另 4 条）"
    assert lines[3].cells[3].text == "1/1（A03 未裁定）"
    assert lines[1].cells[5].text == "无"


@pytest.mark.parametrize("standing", list(Standing))
def test_only_what_is_met_is_green(standing: Standing) -> None:
    _, table = tables(matrix([promise("a", standing)]))
    state = table.rows[1].cells[2].state
    assert (state is Result.NORMAL) is (standing is Standing.MET)
    assert (state is Result.ABNORMAL) is (standing is Standing.BREACHED)


# Charts


def month(label: str, **more: Any) -> Month:
    return Month(label, **more)


def test_a_month_nobody_watched_is_a_gap_and_is_named() -> None:
    held = whole(months=(month("22-11"), month("22-12", ratio=99.95, down_left=3600,
                                               emergency_left=7200)))  # fmt: skip
    share, down, spells = charts(pictures.availability(held))
    assert share.series[0].values == (None, 99.95)
    assert share.note.startswith("22-11：未采集")
    assert down.series[0].values == (None, 1.0)
    assert spells.series[0].values == (None, 2.0)
    assert share.limits[0].value == 99.9
    assert share.axis == (99.8, 100.0)


def test_one_month_or_none_watched_is_no_chart() -> None:
    assert pictures.availability(whole(months=(month("22-11", ratio=100.0),))) == []
    assert pictures.availability(whole(months=(month("22-11"), month("22-12")))) == []
    none = tuple(month(label, severities=(0, 0, 0, 0)) for label in ("22-11", "22-12"))
    assert pictures.severities(whole(months=none)) == []


def test_the_axis_reaches_down_to_the_worst_month() -> None:
    held = whole(months=(month("22-11", ratio=97.5), month("22-12", ratio=100.0)))
    assert charts(pictures.availability(held))[0].axis == (97.5, 100.0)


def test_faults_without_a_grade_have_a_place_only_when_there_are_some() -> None:
    graded = whole(
        months=(month("a", severities=(1, 0, 2, 0)), month("b", severities=(0, 1, 0, 0)))
    )
    (chart,) = charts(pictures.severities(graded))
    assert [each.values for each in chart.series] == [(1, 0), (0, 1), (2, 0)]
    some = whole(months=(month("a", severities=(1, 0, 0, 3)), month("b", severities=(0, 0, 0, 0))))
    (chart,) = charts(pictures.severities(some))
    assert chart.series[-1].name == "未定级"
    assert chart.series[-1].values == (3, 0)


def opened(number: str, moment: str) -> Opened:
    return Opened(number, "故障", "x", at(moment), "电话", "PACS", "医院", "中断", "", "", "已关闭",
                  "已完成")  # fmt: skip


def timed(number: str, outcome: str, used: int | None, calendar: str = "5x8") -> Timed:
    return Timed(number, "中断", "电话响应", calendar, outcome, 1800, used)


def test_shares_in_time_are_by_the_month_a_fault_was_opened() -> None:
    rows = Rows(
        tickets=(opened("a", "2022-11-07 09:00"), opened("b", "2022-12-07 09:00")),
        clocks=(timed("a", "met", 600), timed("a", "late", 2400), timed("b", "met", 60),
                timed("b", "remote", None)),
    )  # fmt: skip
    share, took = charts(pictures.kept(whole(rows=rows)))
    assert share.labels == ("22-11", "22-12")
    assert [each.values for each in share.series] == [(50.0, 100.0), (None, None)]
    assert share.axis == (40.0, 100.0)
    assert took.series[0].values == (1, 1, 0, 0, 1, 0)
    assert took.note.startswith("另有 1 项没有用时")


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=40))
def test_every_answer_is_in_one_bar(lengths: list[int]) -> None:
    rows = Rows(clocks=tuple(timed("a", "met", used) for used in lengths))
    (chart,) = charts(pictures.kept(whole(rows=rows)))
    assert sum(value or 0 for value in chart.series[0].values) == len(lengths)
    late = sum(used > 3600 for used in lengths)
    assert chart.series[0].values[-1] == late


def test_days_checked_stand_beside_days_owed() -> None:
    held = whole(months=(month("22-11", owed=22, finished=21), month("22-12", finished=20)))
    (chart,) = charts(pictures.checks(held))
    assert [each.values for each in chart.series] == [(22, None), (21, 20)]
    assert chart.note == "22-12：工作日安排未公布。"


def test_development_is_drawn_against_its_limit() -> None:
    held = whole(months=(month("22-11", days_used=2.5), month("22-12", days_used=4.0)))
    (chart,) = charts(pictures.efforts(held))
    assert chart.series[0].values == (2.5, 4.0)
    assert chart.limits[0].value == 217.5
    assert pictures.efforts(whole(months=(month("a"), month("b")))) == []


# The rows behind


def test_each_set_is_told_column_by_column() -> None:
    for name, row, wanted in (
        ("clocks", timed("a", "late", 2400), ["a", "中断", "电话响应", "5x8", "30 分", "40 分",
                                              "超时"]),
        ("downs", Down("d", at("2022-11-07 09:00"), None, "硬件"),
         ["d", "2022-11-07 09:00", "尚未恢复", "硬件", "否"]),
        ("days", Day(date(2022, 11, 7), None, True, 10, 9),
         ["2022-11-07", "未公布", "是", "10", "9"]),
        ("days", Day(date(2022, 11, 8), True, False), ["2022-11-08", "是", "否", "—", "—"]),
        ("duties", Duty("巡视", "11 月", date(2022, 11, 1), date(2022, 11, 30), 25, 24, "违约"),
         ["巡视", "11 月", "2022-11-01", "2022-11-30", "25", "24", "违约"]),
        ("efforts", Booked("a", date(2022, 11, 8), "2.50", "王磊", "接口"),
         ["a", "2022-11-08", "2.50", "王磊", "接口"]),
    ):  # fmt: skip
        assert grid(appendix.table(name, [row])) == [wanted]


def test_a_reference_counts_what_its_fields_say() -> None:
    rows = Rows(clocks=(timed("a", "met", 1), timed("b", "late", 2), timed("c", "late", 3, "7x24")))

    def count(**where: Any) -> int:
        return len(sets.chosen(rows, sets.behind("clocks", **where)))

    assert count() == 3
    assert count(outcome="late") == 2
    assert count(outcome=("late", "met")) == 3
    assert count(outcome="late", calendar="5x8") == 1


@pytest.mark.parametrize("name", list(sets.APPENDICES))
def test_every_set_has_a_place_of_its_own(name: str) -> None:
    assert sets.behind(name).appendix == sets.appendix(name)
    assert sets.appendix(name).startswith("附件 ")
    assert len({sets.appendix(each) for each in sets.APPENDICES}) == len(sets.APPENDICES)


# What a period is, and what a report holds


def test_a_span_closes_with_the_last_moment_of_its_last_day() -> None:
    assert span().closed
    assert not span(as_of=at("2023-01-31 23:59")).closed
    assert span().days == "2022-11-01 至 2023-01-31"
    assert span().holds(at("2022-11-01 00:00"))
    assert not span().holds(at("2022-10-31 23:59"))
    assert not span(as_of=at("2022-12-01 00:00")).holds(at("2022-12-01 00:01"))


@pytest.mark.parametrize("kind", ["monthly", "quarterly", "half-yearly", "annual"])
def test_every_shape_has_an_example(kind: str) -> None:
    assert "如" in spans.shape(kind)


def test_the_tenders_sections_are_found_when_they_say_something() -> None:
    made = documents.quarterly(whole(), ISSUE, draft=True)
    assert {"daily-maintenance", "config-changes", "faults-and-requests", "security-check"} <= {
        *held_sections("quarterly", made)
    }
    bare = documents.quarterly(empty(), ISSUE, draft=True)
    assert "security-check" not in held_sections("quarterly", bare)
    assert held_sections("daily", made) == ()


def test_an_unlinked_table_keeps_its_words() -> None:
    (table,) = tables(upkeep.duties(whole()))
    bare = parts.unlinked(table)
    assert isinstance(bare, Table)
    assert grid(bare) == grid(table)
    assert all(cell.rows is None for row in bare.rows for cell in row.cells)
    assert bare.behind == ""
    assert table.behind.startswith("数字的明细见附件")
