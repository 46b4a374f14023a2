"""The report of a drill: the same facts draw the same tree, and nothing unknown is passed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.emergency.actions import drill_runs
from jingwei.emergency.actions.drills import Outline, plan_drill, start_drill
from jingwei.emergency.models import Drill, DrillKind, Plan
from jingwei.emergency.scenarios import Fault, Line, Scenario, Watch
from jingwei.reports import actions, drill, files, kinds
from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.document import Document, KeyValues, Paragraph, Table
from jingwei.reports.drill.facts import Criterion, Exercise, Gap, Score, Step
from jingwei.reports.drill.facts import Role as Part
from jingwei.reports.errors import ReportError
from jingwei.reports.snapshot import data_of, document_of, subject_of
from jingwei.terms import Result

NOW = datetime(2023, 3, 1, 6, 0, tzinfo=UTC)
SCRIPT = (
    Line(0, "inject", "PACS 停", "app-500", "APP-10"), Line(60, "expect", "判明影响"),
    Line(90, "clear", "PACS 恢复", "app-500", "APP-10"),
)  # fmt: skip
SCENARIO = Scenario(
    "pacs", "PACS 演练", "pacs-down", 1, "调不出影像", {"指挥": "陈"},
    {"detect": 5, "respond": 5, "restore": 60}, (Watch("pacs", "APP-10", ("app.available",)),),
    (Fault("app-500", "APP-10"),), SCRIPT,
)  # fmt: skip
GOOD = Score(
    90, 100, 90, "优秀",
    (Criterion("发现", "注入 → 发现", "≤ 5 分", "10 秒", "达到", True, 15, 15, ""),),
)  # fmt: skip
BAD = Criterion("响应", "发现 → 响应", "≤ 5 分", "—", "未测得", False, 0, 15, "没有记录首次响应")


def exercise(**more: Any) -> Exercise:
    """A drill that went well."""
    held = Exercise(
        project=Project("静安区区域卫生信息平台日常运维", "上海市静安区卫生信息中心"),
        number="YL-2023-01", title="PACS 演练", kind="演示区域实操", region=True, scenario="pacs",
        plan="PACS不可用（第 1 版）", level="一级应急响应事件", background="调不出影像",
        planned_at=NOW, planned_by="陈", started_at=NOW, ended_at=NOW + timedelta(minutes=13),
        speed=1, counts=True, aborted="", readings=630, roles=(Part("指挥", "陈"),),
        targets=(Part("发现", "≤ 5 分钟"),), score=GOOD,
        script=(
            Step(0, "注入故障", "PACS 停", "app-500 @ APP-10", NOW, NOW, "已注入", False, False),
            Step(60, "应完成动作", "判明影响", "", NOW, None, "", True, False),
        ),
    )  # fmt: skip
    return replace(held, **more)


def drawn(held: Exercise) -> Document:
    """Its document."""
    issue = Issue(number="JAWS-YL-2023-01", version=1, created_at=NOW, created_by="陈")
    return drill.document(held, issue, draft=True)


def words(document: Document) -> str:
    """Everything the document says."""
    said = [document.cover.notice] if document.cover else []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            said.append(block.text)
        elif isinstance(block, Table):
            said += [cell.text for row in block.rows for cell in row.cells]
        elif isinstance(block, KeyValues):
            said += [f"{name} {cell.text}" for name, cell in block.pairs]
    return "\n".join(said)


def test_it_says_on_its_cover_that_it_is_no_real_event() -> None:
    assert "不是真实事件" in words(drawn(exercise()))


def test_it_proves_that_production_was_not_touched() -> None:
    text = words(drawn(exercise()))
    assert "未操作任何生产设备" in text
    assert "630 条单独存放" in text
    assert "未操作任何系统" in words(drawn(exercise(region=False)))


def test_an_action_nobody_did_is_marked() -> None:
    assert "✕ 未完成" in words(drawn(exercise()))


def test_a_rehearsal_does_not_count_and_says_so() -> None:
    text = words(drawn(exercise(speed=20, counts=False)))
    assert "20 倍速试演" in text
    assert "否（加速试演）" in text


def test_what_was_not_measured_is_never_passed() -> None:
    held = exercise(score=replace(GOOD, percent=40.0, grade="不合格", criteria=(BAD,)))
    assert "◆ 未测得：没有记录首次响应" in words(drawn(held))
    assert drill.conclusion(held)[0] is Result.ABNORMAL


def test_a_good_drill_with_a_gap_asks_for_attention() -> None:
    assert drill.conclusion(exercise())[0] is Result.NORMAL
    assert drill.conclusion(exercise(gaps=(Gap("慢", "陈", ""),)))[0] is Result.ATTENTION


def test_an_aborted_drill_has_no_score() -> None:
    held = exercise(score=None, aborted="进程中断", counts=False)
    assert drill.conclusion(held) == (Result.ABNORMAL, "演练中止：进程中断")
    assert "不评分：进程中断" in words(drawn(held))


def test_gaps_show_their_tickets() -> None:
    text = words(drawn(exercise(gaps=(Gap("慢", "陈", "GD-2023-00001"), Gap("缺", "系统", "")))))
    assert "GD-2023-00001" in text
    assert "未转工单" in text
    assert "本次无" in words(drawn(exercise()))


def test_both_files_are_made() -> None:
    made = files.produce(drawn(exercise()))
    assert made["docx"][:2] == b"PK"
    assert made["pdf"][:5] == b"%PDF-"


# -- from the records


@pytest.fixture
def chen(db: None) -> User:
    return User.objects.create_user(
        "chen", password="a-long-enough-one", full_name="陈", role=Role.MANAGER
    )


def ended(by: User) -> Drill:
    """A drill that is over, found and healed by the machine."""
    plan = Plan.objects.create(
        key="pacs-down", version=1, title="PACS不可用", scope="x", signs="x", level=1, digest="x",
        loaded_at=NOW,
    )  # fmt: skip
    outline = Outline(
        "PACS 演练", DrillKind.REGION, plan, 1, NOW, "调不出影像", {"指挥": "陈"},
        SCENARIO.targets, SCRIPT,
    )  # fmt: skip
    made = plan_drill(outline, SCENARIO, by, NOW)
    start_drill(made, SCENARIO, by, NOW, version=made.version)
    drill_runs.begin(made, NOW)
    inject = made.script.get(action="inject")
    drill_runs.line_done(made, inject, "已注入", NOW, NOW, occurred=True)
    found = NOW + timedelta(seconds=12)
    drill_runs.detected(made, "PACS：正常 → 异常", found, found)
    drill_runs.store(made, [drill_runs.Read(found, "APP-10", "app.available", Result.ABNORMAL)])
    drill_runs.finish(made, NOW + timedelta(minutes=2))
    return made


def test_a_drill_that_is_not_over_has_no_report(chen: User) -> None:
    held = ended(chen)
    Drill.objects.filter(pk=held.pk).update(state="running")
    with pytest.raises(ReportError, match="结束后"):
        drill.gather(held.number)
    with pytest.raises(ReportError, match="没有编号"):
        drill.gather("YL-1999-01")


def test_the_same_records_give_the_same_facts(chen: User) -> None:
    number = ended(chen).number
    assert drill.gather(number) == drill.gather(number)


def test_a_report_is_frozen_and_comes_back_as_it_was(chen: User) -> None:
    held = ended(chen)
    made = actions.build("drill", held.number, chen, timezone.now())
    assert (made.number, subject_of(made)) == ("JAWS-YL-2023-01", held.number)
    assert data_of(made)[1] == drill.gather(held.number)
    text = words(document_of(made))
    assert "系统测得" in text
    assert "12 秒" in text
    assert kinds.of("drill").label == "应急演练报告"
