"""Planning, starting, playing and ending drills; who may; what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from drill_making import EVE, SCENARIO, SCRIPT, later, manager, outline, planned, ran, started
from emergency_making import client, person

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import Role
from jingwei.desk.actions.errors import BadInputError, ForbiddenError, StaleError
from jingwei.desk.models import Kind, Ticket
from jingwei.emergency.actions import drill_runs, drills
from jingwei.emergency.models import Drill, DrillKind, DrillState, DrillStep, Emergency, Stage
from jingwei.emergency.scenarios import Line

pytestmark = pytest.mark.django_db


def test_a_planned_drill_has_its_number_its_script_and_a_link_of_the_chain() -> None:
    drill = planned()
    assert drill.number == "YL-2023-01"
    assert [row.after for row in drill.script.all()] == [line.after for line in SCRIPT]
    assert AuditEntry.objects.filter(action="drill.planned", object_key=drill.number).exists()
    assert planned().number == "YL-2023-02"


def test_the_number_is_of_the_year_it_is_planned_for() -> None:
    assert planned(planned_at=EVE + timedelta(days=365)).number == "YL-2024-01"


@pytest.mark.parametrize("role", [Role.FIRST_LINE, Role.CLIENT_APPROVER, Role.AUDIT_ADMIN])
def test_who_may_not_plan_is_refused(role: Role) -> None:
    with pytest.raises(ForbiddenError, match="演练"):
        drills.plan_drill(outline(), SCENARIO, person("x", role), EVE)
    assert not Drill.objects.exists()


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "a" * 10_000}),
        ("title", {"title": "a\0b"}),
        ("title", {"title": "\ud800"}),
        ("background", {"background": ""}),
        ("planned_at", {"planned_at": EVE.replace(year=1)}),
        ("planned_at", {"planned_at": EVE.replace(year=9999)}),
        ("planned_at", {"planned_at": EVE.replace(tzinfo=None)}),
        ("level", {"level": 3}),
        ("roles", {"roles": {}}),
        ("roles", {"roles": {"指挥": ""}}),
        ("roles", {"roles": {f"角色{n}": "x" for n in range(31)}}),
        ("targets", {"targets": {"detect": 5}}),
        ("targets", {"targets": {"detect": 5, "respond": 5, "restore": 0}}),
        ("targets", {"targets": {"detect": 5, "respond": 5, "restore": 5, "speed": 5}}),
        ("script", {"script": ()}),
        ("script", {"script": (Line(0, "tell", "x"),)}),
        ("script", {"script": SCRIPT[:2]}),
        ("script", {"script": (*SCRIPT, Line(500, "tell", " "))}),
        ("script", {"script": (*SCRIPT, Line(9000, "tell", "x"))}),
        ("script", {"script": (*SCRIPT, Line(500, "dance", "x"))}),
        ("script", {"script": (*SCRIPT, Line(10, "tell", "x"))}),
        ("script", {"script": tuple(Line(n, "tell", "x") for n in range(61))}),
        ("script", {"script": (Line(0, "inject", "x", "ups-overload", "HW-003-1"),)}),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(field: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as caught:
        planned(**more)
    assert caught.value.field == field
    assert not Drill.objects.exists()
    assert not DrillStep.objects.exists()


def test_a_plan_is_changed_whole_and_the_chain_has_before_and_after() -> None:
    drill = planned()
    drills.edit_drill(
        drill, outline(title="新名", script=SCRIPT[1:]), SCENARIO, manager(), EVE,
        version=drill.version,
    )  # fmt: skip
    drill.refresh_from_db()
    assert (drill.title, drill.script.count(), drill.version) == ("新名", 4, 2)
    entry = AuditEntry.objects.get(action="drill.changed")
    assert entry.before["title"] == "PACS 演练"
    assert entry.after["title"] == "新名"


def test_of_two_who_change_one_plan_the_second_is_told() -> None:
    drill = planned()
    seen = drill.version
    drills.edit_drill(drill, outline(), SCENARIO, manager(), EVE, version=seen)
    with pytest.raises(StaleError):
        drills.cancel_drill(drill, "改期", manager(), EVE, version=seen)


def test_calling_off_needs_a_reason_and_ends_it() -> None:
    drill = planned()
    with pytest.raises(BadInputError, match="原因"):
        drills.cancel_drill(drill, " ", manager(), EVE, version=drill.version)
    drills.cancel_drill(drill, "重保期", manager(), EVE, version=drill.version)
    assert (drill.state, drill.cancelled_reason) == (DrillState.CANCELLED, "重保期")
    with pytest.raises(BadInputError, match="已取消"):
        drills.start_drill(drill, SCENARIO, manager(), EVE, version=drill.version)


def test_starting_declares_an_event_of_its_own_without_a_ticket() -> None:
    drill, event = started()
    assert (drill.state, drill.started_at) == (DrillState.RUNNING, None)
    assert (event.drill, event.number) == (drill, drill.number)
    assert event.title.startswith("【演练】")
    assert event.ticket is None
    assert not Ticket.objects.exists()


def test_one_drill_at_a_time() -> None:
    started()
    second = planned()
    with pytest.raises(BadInputError, match="YL-2023-01正在进行"):
        drills.start_drill(second, SCENARIO, manager(), EVE, version=second.version)
    assert Emergency.objects.count() == 1


@pytest.mark.parametrize("speed", [0, 0.5, -1, 61, float("nan"), float("inf")])
def test_a_speed_out_of_bounds_is_refused(speed: float) -> None:
    drill = planned()
    with pytest.raises(BadInputError, match="倍率"):
        drills.start_drill(drill, SCENARIO, manager(), EVE, version=drill.version, speed=speed)
    drill.refresh_from_db()
    assert drill.state == DrillState.PLANNED


def test_exactly_one_worker_gets_a_drill() -> None:
    drill, _ = started()
    assert drill_runs.claim_drill(EVE, later(60)) == drill
    assert drill_runs.claim_drill(EVE, later(60)) is None


def test_who_holds_the_lease_extends_it_and_nobody_else() -> None:
    drill, _ = started()
    held = drill_runs.claim_drill(EVE, later(60))
    assert held is not None
    other = Drill.objects.get(pk=drill.pk)
    assert drill_runs.extend(held, later(90))
    assert not drill_runs.extend(other, later(100))


def test_a_runner_that_died_leaves_an_aborted_drill_with_the_reason() -> None:
    drill, event = started()
    drill_runs.claim_drill(EVE, later(60))
    assert drill_runs.abandon(later(59)) == []
    assert drill_runs.abandon(later(61)) == [drill]
    drill.refresh_from_db()
    event.refresh_from_db()
    assert drill.state == DrillState.ABORTED
    assert "中断" in drill.cancelled_reason
    assert event.stage == Stage.WITHDRAWN
    assert drill_runs.abandon(later(100)) == []


def test_a_drill_that_waits_for_a_worker_is_not_dead() -> None:
    drill, _ = started()
    assert drill_runs.abandon(EVE + timedelta(days=1)) == []
    drill.refresh_from_db()
    assert drill.state == DrillState.RUNNING


def test_an_aborted_drill_loses_its_runner_and_cannot_end() -> None:
    drill, _ = started()
    held = drill_runs.claim_drill(EVE, later(60))
    assert held is not None
    drill_runs.begin(held, EVE)
    drill_runs.abort_drill(drill, "真实故障", manager(), later(10))
    assert not drill_runs.extend(held, later(90))
    assert not drill_runs.finish(held, later(90))
    drill.refresh_from_db()
    assert drill.cancelled_reason == "chen：真实故障"
    with pytest.raises(BadInputError, match="已中止"):
        drill_runs.abort_drill(drill, "再来", manager(), later(11))


def test_a_line_is_carried_out_once() -> None:
    drill, event = started()
    line = drill.script.first()
    assert line is not None
    drill_runs.line_done(drill, line, "已通报", later(1), later(1), occurred=False)
    drill_runs.line_done(drill, line, "又一次", later(2), later(2), occurred=False)
    line.refresh_from_db()
    assert (line.done_at, line.result) == (later(1), "已通报")
    assert event.entries.filter(kind="measured").count() == 1


def test_an_expected_action_is_ticked_once_by_those_who_work() -> None:
    drill, _ = started()
    expectation = drill.script.get(after=120)
    engineer = person("li")
    with pytest.raises(BadInputError, match="不在进行中"):
        drills.tick(drill, expectation, "", engineer, later(5))
    drill_runs.begin(drill, EVE)
    with pytest.raises(ForbiddenError):
        drills.tick(drill, expectation, "", person("v", Role.VISITOR), later(60))
    drills.tick(drill, expectation, "三家医院", engineer, later(60))
    expectation.refresh_from_db()
    assert (expectation.done_at, expectation.result) == (later(60), "li：三家医院")
    with pytest.raises(BadInputError, match="已经记录"):
        drills.tick(drill, expectation, "", engineer, later(61))


def test_the_program_does_its_own_lines() -> None:
    drill, _ = started()
    drill_runs.begin(drill, EVE)
    with pytest.raises(BadInputError, match="应完成动作"):
        drills.tick(drill, drill.script.get(after=30), "", person("li"), later(5))


def test_a_line_of_another_drill_is_refused() -> None:
    drill, _ = started()
    drill_runs.begin(drill, EVE)
    other = planned()
    with pytest.raises(BadInputError):
        drills.tick(drill, other.script.get(after=120), "", person("li"), later(5))


def test_a_tabletop_drill_begins_and_ends_by_people() -> None:
    drill, _ = started(kind=DrillKind.TABLETOP)
    assert drill.started_at == EVE
    assert drill_runs.claim_drill(EVE, later(60)) is None
    drills.end_tabletop(drill, manager(), later(900), version=drill.version)
    assert (drill.state, drill.ended_at) == (DrillState.ENDED, later(900))


def test_a_drill_in_the_region_ends_with_its_script_only() -> None:
    drill, _ = started()
    with pytest.raises(BadInputError, match="自动结束"):
        drills.end_tabletop(drill, manager(), later(9), version=drill.version)
    drill.refresh_from_db()
    assert drill.state == DrillState.RUNNING


def test_a_gap_becomes_one_ticket() -> None:
    drill, _ = ran()
    gap = drills.add_gap(drill, "值班电话停用", person("li"), later(500))
    ticket = drills.gap_ticket(gap, Kind.PROBLEM, person("wang"), later(510))
    assert (ticket.kind, gap.ticket) == (Kind.PROBLEM, ticket)
    assert drill.number in ticket.text
    with pytest.raises(BadInputError, match="已有工单"):
        drills.gap_ticket(gap, Kind.PROBLEM, manager(), later(520))
    assert Ticket.objects.count() == 1


def test_the_client_may_write_a_gap_but_opens_no_ticket() -> None:
    drill, _ = ran()
    gap = drills.add_gap(drill, "通知太慢", client(), later(500))
    with pytest.raises(ForbiddenError):
        drills.gap_ticket(gap, Kind.PROBLEM, client("gu2"), later(510))
    gap.refresh_from_db()
    assert gap.ticket is None


@pytest.mark.parametrize("text", ["", "a" * 301, "a\0"])
def test_a_bad_gap_is_refused(text: str) -> None:
    drill, _ = ran()
    with pytest.raises(BadInputError):
        drills.add_gap(drill, text, manager(), later(500))
    assert not drill.gaps.exists()


def test_a_gap_is_written_once_and_not_before_the_start() -> None:
    drill, _ = ran()
    drills.add_gap(drill, "慢", manager(), later(500))
    with pytest.raises(BadInputError, match="已经记录"):
        drills.add_gap(drill, "慢", manager(), later(501))
    with pytest.raises(BadInputError, match="还没有差距"):
        drills.add_gap(planned(), "慢", manager(), later(502))


def test_a_gap_becomes_no_fault() -> None:
    drill, _ = ran()
    gap = drills.add_gap(drill, "慢", manager(), later(500))
    with pytest.raises(BadInputError, match="问题单"):
        drills.gap_ticket(gap, Kind.INCIDENT, manager(), later(510))
