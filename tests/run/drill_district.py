"""A register, its plans and somebody who may plan drills; short drills on real private regions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jingwei.accounts.models import User
from jingwei.emergency.actions.drills import Outline, plan_drill, start_drill
from jingwei.emergency.models import Drill, DrillKind, Plan
from jingwei.emergency.scenarios import Line, Scenario
from jingwei.run import clock, setup
from jingwei.run.drills import scenarios, stage
from jingwei.run.drills.runner import Pace, Run

QUICK = Pace(every=0.5, calm=2, patience=20)


def furnish(settings: Any, folder: Path) -> User:
    """Everything a first start makes, in that folder; the manager."""
    settings.JINGWEI_DATA = folder
    setup.prepare(administrator=False)
    return User.objects.create_user("chen", password="a-long-enough-one", role="manager")


def short(scenario: Scenario) -> list[Line]:
    """The scenario's faults, all on after a second and off after nine, nothing to wait for."""
    on = [Line(1, "inject", f"注入 {f.name}", f.name, f.target) for f in scenario.faults]
    off = [Line(9, "clear", f"解除 {f.name}", f.name, f.target) for f in scenario.faults]
    return [Line(0, "tell", "开始"), *on, Line(5, "expect", "判明"), *off, Line(10, "tell", "完")]


def planned(key: str, by: User, script: list[Line] | None = None) -> tuple[Drill, Scenario]:
    """A drill of a shipped scenario with a short script."""
    scenario = scenarios.read_checked()[key]
    outline = Outline(
        title=scenario.title, kind=DrillKind.REGION,
        plan=Plan.objects.get(key=scenario.plan, valid_to=None), level=scenario.level,
        planned_at=clock.now(), background=scenario.background, roles=scenario.roles,
        targets=scenario.targets, script=short(scenario) if script is None else script,
    )  # fmt: skip
    return plan_drill(outline, scenario, by, clock.now()), scenario


def carried_out(
    drill: Drill, scenario: Scenario, by: User, *, speed: float = 1,
    stopped: Callable[[], bool] = lambda: False, pace: Pace = QUICK,
) -> list[str]:  # fmt: skip
    """Start and run it here; what it said."""
    said: list[str] = []
    lease = clock.now() + stage.STARTING
    start_drill(drill, scenario, by, clock.now(), version=drill.version, speed=speed, lease=lease)
    Run(drill, scenario, stopped=stopped, pace=pace, say=said.append).run()
    drill.refresh_from_db()
    return said


def processes(folder: Path) -> list[str]:
    """The command lines of whatever runs in this folder: regions and their databases."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and str(os.getpid()) != path.parent.name:
            found.append(line)
    return found


def command(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """`jingwei ...` as a process of its own, on a database of its own."""
    environment = {**os.environ, "JINGWEI_DATA": str(folder)}
    environment.pop("JINGWEI_DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "jingwei.run", *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip


def asked(folder: Path, *words: str) -> Any:
    """What a command says with --json."""
    said, _ = command(folder, *words, "--json").communicate(timeout=90)
    return json.loads(said)
