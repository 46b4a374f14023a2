"""What tests of drills are made of: a scenario, a plan to go with it, a drill on its way."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from emergency_making import EVE, people, person, plan, site

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.emergency.actions import drill_runs
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.actions.drills import Outline, plan_drill, start_drill
from jingwei.emergency.models import Drill, DrillKind, Emergency, Plan
from jingwei.emergency.scenarios import Fault, Line, Scenario, Watch
from jingwei.terms import Result

SCRIPT = (
    Line(0, "tell", "开始"),
    Line(30, "inject", "PACS 停", "app-500", "APP-10"),
    Line(120, "expect", "判明影响"),
    Line(300, "clear", "PACS 恢复", "app-500", "APP-10"),
    Line(400, "expect", "确认业务"),
)
SCENARIO = Scenario(
    key="pacs", title="PACS 演练", plan="pacs-down", level=1, background="上午调不出影像",
    roles={"指挥": "陈经理"}, targets={"detect": 5, "respond": 5, "restore": 240, "rto": 240},
    watch=(Watch("pacs", "APP-10", ("app.available",)),), faults=(Fault("app-500", "APP-10"),),
    script=SCRIPT, filename="drills/pacs.toml",
)  # fmt: skip


def manager(name: str = "chen") -> User:
    """Who may plan drills."""
    return User.objects.filter(username=name).first() or person(name, Role.MANAGER)


def outline(**more: Any) -> Outline:
    """What the scenario says, unless said otherwise."""
    found = Plan.objects.filter(key="pacs-down").first() or plan()
    given = Outline(
        title="PACS 演练", kind=DrillKind.REGION, plan=found, level=1, planned_at=EVE,
        background="上午调不出影像", roles={"指挥": "陈经理"}, targets=dict(SCENARIO.targets),
        script=SCRIPT,
    )  # fmt: skip
    return replace(given, **more)


def planned(now: datetime = EVE, **more: Any) -> Drill:
    """A drill in the plan."""
    return plan_drill(outline(**more), SCENARIO, manager(), now)


def started(now: datetime = EVE, speed: float = 1, **more: Any) -> tuple[Drill, Emergency]:
    """A drill whose button was pressed, and its event."""
    site()
    people()
    drill = planned(now, **more)
    event = start_drill(drill, SCENARIO, manager(), now, version=drill.version, speed=speed)
    return drill, event


def later(seconds: float) -> datetime:
    """So many seconds after the start."""
    return EVE + timedelta(seconds=seconds)


def ran(speed: float = 1) -> tuple[Drill, Emergency]:
    """A drill as its runner leaves it: hit at 30 s, found at 45, normal at 310, ended at 400."""
    drill, event = started(speed=speed)
    held = drill_runs.claim_drill(EVE, later(150))
    assert held is not None
    drill_runs.begin(held, EVE)
    for line in held.script.all():
        if line.action != "expect":
            at = later(line.after / speed)
            first = line.action == "inject"
            drill_runs.line_done(held, line, "已执行", at, at, occurred=first)
            if first:
                found = later(45 / speed)
                drill_runs.store(held, [Read(found, "APP-10", "app.available", Result.ABNORMAL)])
                drill_runs.detected(held, "PACS：正常 → 异常", found, found)
    back = later(310 / speed)
    drill_runs.store(held, [Read(back, "APP-10", "app.available", Result.NORMAL, "200")])
    drill_runs.store(held, [Read(back, "", "all.normal", Result.NORMAL)])
    assert drill_runs.finish(held, later(400 / speed))
    event.refresh_from_db()
    drill.refresh_from_db()
    return drill, event
