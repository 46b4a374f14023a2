"""The fault report's tree over facts made by hand: pure, no database."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from account_making import ISSUE
from desk_making import later
from hypothesis import given
from hypothesis import strategies as st
from test_report_fault import words

from jingwei.reports import fault
from jingwei.reports.daily.sheet import Project
from jingwei.reports.document import BY_HAND
from jingwei.reports.emergency.facts import Line, Moment, Timer
from jingwei.reports.fault import Fault
from jingwei.reports.fault.facts import Down, Fitted, Grading, Pausing
from jingwei.reports.revive import from_json, to_json
from jingwei.terms import Result


def timer(
    state: str = "达标", calendar: str = "5x8", label: str = "电话响应", **more: Any
) -> Timer:
    """One limit of thirty minutes."""
    given_: dict[str, Any] = {
        "judged": calendar == "5x8", "allowed": 1800, "started": later(0), "due": later(30),
        "stopped": later(10), "used": 600,
    }  # fmt: skip
    return Timer(label, calendar, state=state, **{**given_, **more})


def held(**more: Any) -> Fault:
    """A fault that was solved, confirmed and within its limits."""
    given_: dict[str, Any] = {
        "project": Project("静安区区域卫生信息平台日常运维", "信息中心"),
        "number": "GD-2022-00001", "title": "PACS 打不开", "text": "影像调阅超时",
        "state": "已关闭", "ended": True, "severity": "造成生产运行中断", "opened_at": later(0),
        "as_of": later(120), "solution": "重启了服务", "confirmed": "顾主任 2022-11-07 10:50",
        "moments": (Moment("报修", later(0), "王磊"), Moment("到场")),
        "timers": (timer(), timer(calendar="7x24")),
    }  # fmt: skip
    return Fault(**{**given_, **more})


def said(**more: Any) -> str:
    return words(fault.document(held(**more), ISSUE, draft=False))


def test_a_good_fault_is_normal() -> None:
    assert fault.conclusion(held()) == (
        Result.NORMAL, "造成生产运行中断；时限均达标，用户已确认",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "result", "part"),
    [
        ({"timers": (timer("超时"), timer("超时", "7x24"))}, Result.ABNORMAL, "（5x8）"),
        ({"timers": (timer(), timer("超时", "7x24"))}, Result.ATTENTION, "（7x24）"),
        ({"timers": (timer("数据缺陷"),)}, Result.ATTENTION, "数据缺陷"),
        ({"timers": (timer("未公布"),)}, Result.ATTENTION, "未公布"),
        ({"timers": ()}, Result.ATTENTION, "没有时限记录"),
        ({"ended": False, "state": "处理中"}, Result.ATTENTION, "尚未确认"),
        ({"severity": "", "timers": ()}, Result.ATTENTION, "未定级"),
        ({"timers": (timer("不适用"), timer())}, Result.NORMAL, "达标"),
    ],
)
def test_the_verdict_follows_the_worst_limit(
    more: dict[str, Any], result: Result, part: str
) -> None:
    found, sentence = fault.conclusion(held(**more))
    assert found is result
    assert part in sentence


@given(st.lists(st.sampled_from(["达标", "超时", "数据缺陷", "未公布", "计时中"]), max_size=6))
def test_normal_is_only_what_was_kept_in_every_limit(states: list[str]) -> None:
    result, _ = fault.conclusion(held(timers=tuple(timer(state) for state in states)))
    assert (result is Result.NORMAL) == (bool(states) and set(states) == {"达标"})


def test_what_nobody_noted_is_said_so_and_never_guessed() -> None:
    text = said()
    assert "未记录" in text
    assert "未受理" in text
    assert "未指派" in text
    assert "未入知识库" in text


def test_without_a_grading_there_are_no_limits() -> None:
    assert "没有定级，不计时限" in said(severity="", timers=())


def test_a_reason_is_asked_only_for_what_was_late() -> None:
    assert "超时原因" not in said()
    assert f"超时原因：{BY_HAND}" in said(timers=(timer("超时"),))


def test_pauses_are_told_with_their_end_or_that_they_last() -> None:
    pauses = (Pausing(later(5), later(15), "等配件"), Pausing(later(20), None, "等窗口"))
    text = said(pauses=pauses)
    assert "2022-11-07 09:05 至 2022-11-07 09:15，原因：等配件" in text
    assert "至 尚未恢复，原因：等窗口" in text
    assert "暂停计时：本次无。" in said()


@pytest.mark.parametrize(
    ("down", "wanted"),
    [
        (None, "不计停机"),
        (Down(later(0), later(90), 5400, core=True, counted=True), "1 小时 30 分"),
        (Down(later(0), None, 60, core=True, counted=True), "尚未恢复，计至 2022-11-07 11:00"),
        (Down(later(0), later(1), 60, assumed=True), "（无发生时间，按最早已知时间）"),
        (Down(later(0), later(1), 60, core=True, excluded_by="GD 顾主任"), "甲方同意剔除"),
    ],
)
def test_downtime_says_what_it_is_reckoned_from(down: Down | None, wanted: str) -> None:
    assert wanted in said(down=down)


def test_parts_say_where_they_came_from_and_where_the_old_disk_is() -> None:
    part = Fitted(later(60), "硬盘", "华为 900G", "OLD", "NEW", "二手件", "厂商公告", "保险柜")
    text = said(parts=(part,))
    for wanted in ("硬盘 华为 900G", "OLD", "NEW", "二手件；厂商公告", "保险柜"):
        assert wanted in text, wanted


def test_lines_gradings_and_links_are_told() -> None:
    text = said(
        lines=(Line(later(1), "处理", "查日志", "王磊", True),),
        gradings=(Grading(later(0), "造成生产运行中断", "王磊", "初次定级", "全院停诊"),),
        escalations=(Line(later(9), "一线 → 二线", "", "王磊"),),
        parent="GD-2022-00000", children=("GD-2022-00002",), events=("YJ-2022-001 PACS",),
        findings=("存储 磁盘 3",), articles=("K0001 控制器",),
    )  # fmt: skip
    for wanted in (
        "2022-11-07 09:01（补录）", "查日志", "全院停诊", "一线 → 二线：未写原因",
        "所属故障单：GD-2022-00000", "下属故障单：GD-2022-00002", "应急事件：YJ-2022-001 PACS",
        "检查异常：存储 磁盘 3", "已入知识库：K0001 控制器",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_without_a_solution_a_person_has_to_write_it() -> None:
    bare = said(solution="", text="")
    assert bare.count(BY_HAND) == said().count(BY_HAND) + 2


@pytest.mark.parametrize(("ended", "notice"), [(True, ""), (False, "故障单已关闭，截至")])
def test_only_an_open_fault_has_a_notice(ended: bool, notice: str) -> None:
    made = fault.document(held(ended=ended), ISSUE, draft=True)
    assert made.cover.notice.startswith(notice)
    assert bool(made.cover.notice) is not ended
    assert made.meta.mark == "草稿"


def test_a_fault_of_the_demonstration_says_so() -> None:
    project = replace(held().project, demonstration=True)
    made = fault.document(held(project=project), ISSUE, draft=False)
    assert "不代表真实运行情况" in made.cover.notice


@given(st.lists(st.integers(-2000, 2000), max_size=8))
def test_the_period_holds_every_instant(minutes: list[int]) -> None:
    known: list[datetime] = [later(minute) for minute in minutes]
    one = held(moments=tuple(Moment("报修", at) for at in known))
    start, end = one.period
    assert all(start <= at.date() <= end for at in known)
    assert start <= one.opened_at.date() <= end


def test_a_fault_survives_its_snapshot() -> None:
    full = held(
        down=Down(later(0), None, 60), pauses=(Pausing(later(5), None, "x"),),
        gradings=(Grading(later(0), "a", "b", "c"),),
        parts=(Fitted(later(0), "a", "b", "c", "d", "e"),),
    )  # fmt: skip
    assert from_json(Fault, to_json(full)) == full


@given(st.text(max_size=200))
def test_any_text_can_be_drawn(text: str) -> None:
    made = fault.document(held(text=text, title=text, solution=text), ISSUE, draft=False)
    assert len([h for h in made.headings if h.level == 1]) == 10
