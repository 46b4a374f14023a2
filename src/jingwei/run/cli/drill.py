"""jingwei drill: plan, run and read drills against a miniature region of their own."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from jingwei import region as district_region
from jingwei.accounts.models import User
from jingwei.desk.actions.errors import DeskError
from jingwei.emergency.actions import drill_runs
from jingwei.emergency.actions.drills import Outline, plan_drill, start_drill
from jingwei.emergency.models import Drill, DrillKind, DrillState, Plan
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scenarios import Scenario
from jingwei.region import RegionError
from jingwei.rules.document import ContentError
from jingwei.run import clock, logs, paths, setup, supervisor
from jingwei.run.cli import printing
from jingwei.run.cli.printing import fail
from jingwei.run.drills import attend, runner, scenarios, stage
from jingwei.terms import SHANGHAI

app = typer.Typer(no_args_is_help=True)
logger = logging.getLogger("jingwei.drill")

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Number = Annotated[str, typer.Argument(help="演练编号，如 YL-2026-01", metavar="NUMBER")]
T = TypeVar("T")
By = Annotated[str, typer.Option("--by", help="以哪个用户的名义")]


@app.command("scenarios")
def list_scenarios(as_json: AsJson = False) -> None:
    """列出演练场景；每个故障与对象都对照演示区域和台账核对。"""
    setup.ensure()
    found = _or_fail(scenarios.read_checked, as_json)
    if as_json:
        printing.as_json([_scenario(one) for one in found.values()])
        return
    printing.table(
        f"{len(found)} 个场景", ("代码", "名称", "预案", "时长", "对象"),
        [
            (one.key, one.title, one.plan, f"{one.seconds // 60} 分",
             "、".join(watch.key for watch in one.watch))
            for one in found.values()
        ],
    )  # fmt: skip


@app.command("list")
def show_list(as_json: AsJson = False) -> None:
    """列出全部演练。"""
    setup.ensure()
    attend.abandon(clock.now())
    rows = list(queries.drills())
    if as_json:
        printing.as_json([_brief(row) for row in rows])
        return
    printing.table(
        f"{len(rows)} 次演练", ("编号", "名称", "方式", "计划时间", "状态"),
        [
            (row.number, row.title, row.get_kind_display(), printing.when(row.planned_at),
             row.get_state_display())
            for row in rows
        ],
    )  # fmt: skip


@app.command("plan")
def plan_one(
    scenario: Annotated[str, typer.Argument(help="场景代码，见 scenarios", metavar="SCENARIO")],
    by: By,
    at: Annotated[str, typer.Option("--at", help="计划时间 YYYY-MM-DDTHH:MM，北京时间")] = "",
    title: Annotated[str, typer.Option(help="名称，默认用场景的")] = "",
    tabletop: Annotated[bool, typer.Option("--tabletop", help="桌面推演，不启动区域")] = False,
    as_json: AsJson = False,
) -> None:
    """按场景计划一次演练：角色、目标、剧本取自场景，可在页面上修改。"""
    setup.prepare(administrator=False)
    found = _or_fail(scenarios.read_checked, as_json).get(scenario)
    if found is None:
        fail(f"没有名为 {scenario} 的场景；jingwei drill scenarios 列出全部", json_wanted=as_json)
    plan = Plan.objects.filter(key=found.plan, valid_to=None).first()
    if plan is None:
        fail(f"场景 {scenario} 所用的预案 {found.plan} 没有载入", json_wanted=as_json)
    outline = Outline(
        title=title or found.title, kind=DrillKind.TABLETOP if tabletop else DrillKind.REGION,
        plan=plan, level=found.level, planned_at=_moment(at, as_json),
        background=found.background, roles=found.roles, targets=found.targets, script=found.script,
    )  # fmt: skip
    drill = _or_fail(lambda: plan_drill(outline, found, _user(by, as_json), clock.now()), as_json)
    if as_json:
        printing.as_json(_brief(drill))
    else:
        typer.echo(f"已计划：{drill.number} {drill.title}，{printing.when(drill.planned_at)}")


@app.command()
def run(
    number: Number,
    by: By = "",
    speed: Annotated[float, typer.Option(help="时间倍率 1 到 60；不为 1 的是试演，不计次数")] = 1.0,
    as_json: AsJson = False,
    claimed: Annotated[bool, typer.Option("--claimed", hidden=True)] = False,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """开始并执行一次演练，直到剧本走完。Ctrl-C 中止。"""
    if with_parent:
        supervisor.end_with_parent()
    if not claimed:
        setup.prepare(administrator=False)
    drill = _drill(number, as_json)
    found = _or_fail(scenarios.read, as_json).get(drill.scenario)
    if claimed:
        if drill.state != DrillState.RUNNING or drill.lease is None or drill.started_at:
            fail(f"{number} 没有等待执行", 1, json_wanted=as_json)
    else:
        user = _user(by, as_json) if by else drill.created_by
        lease = clock.now() + stage.STARTING
        _or_fail(
            lambda: start_drill(
                drill, found, user, clock.now(), version=drill.version, speed=speed, lease=lease
            ),
            as_json,
        )
    if drill.kind == DrillKind.TABLETOP:
        typer.echo(f"{number} 是桌面推演：请在演练页面上进行和结束")
        return
    _carry_out(drill, found, quiet=as_json or claimed)
    drill.refresh_from_db()
    _show(drill, as_json)
    if drill.state != DrillState.ENDED:
        raise typer.Exit(1)


def _carry_out(drill: Drill, scenario: Scenario | None, *, quiet: bool) -> None:
    stopping = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    if scenario is None:
        drill_runs.abort(drill, f"场景 {drill.scenario} 已不存在", clock.now())
        return
    say: Callable[[str], None] = logger.info if quiet else lambda text: typer.echo(_stamp(text))
    runner.Run(drill, scenario, stopped=stopping.is_set, say=say).run()


def _stamp(text: str) -> str:
    return f"{clock.now().astimezone(SHANGHAI):%H:%M:%S} {text}"


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """一次演练的剧本、实测与得分。"""
    setup.ensure()
    attend.abandon(clock.now())
    _show(_drill(number, as_json), as_json)


def _show(drill: Drill, as_json: bool) -> None:
    scored = queries.result(drill) if drill.state == DrillState.ENDED else None
    if as_json:
        printing.as_json({**_brief(drill), **_details(drill)})
        return
    console = Console()
    console.print(
        f"[bold]{drill.number} {drill.title}[/bold]  {drill.get_state_display()}"
        + (f"（{drill.cancelled_reason}）" if drill.cancelled_reason else "")
        + (f"  {drill.speed:g} 倍速试演" if drill.speed != 1 else "")
    )
    if scored is None:
        return
    printing.table(
        f"得分 {scored.earned:g} / {scored.possible}（{scored.percent:g} %，{scored.grade}）",
        ("项目", "目标", "实测", "结果", "得分"),
        [
            (one.label, one.target, one.measured, one.verdict.label, f"{one.earned:g}/{one.points}")
            for one in scored.criteria
        ],
    )  # fmt: skip


def _details(drill: Drill) -> dict[str, Any]:
    found: dict[str, Any] = {
        "script": [
            {"after": row.after, "action": row.action, "fault": row.fault, "target": row.target,
             "text": row.text, "done_at": row.done_at, "result": row.result}
            for row in drill.script.all()
        ],
        "readings": drill.readings.count(),
        "minutes": dict(queries.measures(drill).minutes),
        "score": None,
        "gaps": queries.proposed_gaps(drill) + [gap.text for gap in drill.gaps.all()],
    }  # fmt: skip
    if drill.state == DrillState.ENDED:
        scored = queries.result(drill)
        found["score"] = {
            "earned": scored.earned, "possible": scored.possible, "percent": scored.percent,
            "grade": scored.grade,
            "criteria": [
                {"key": one.key, "label": one.label, "verdict": one.verdict.value,
                 "target": one.target, "measured": one.measured, "earned": one.earned,
                 "points": one.points, "reason": one.reason}
                for one in scored.criteria
            ],
        }  # fmt: skip
    return found


def _brief(drill: Drill) -> dict[str, Any]:
    return {
        "number": drill.number, "title": drill.title, "kind": drill.kind,
        "scenario": drill.scenario, "state": drill.state, "planned_at": drill.planned_at,
        "started_at": drill.started_at, "ended_at": drill.ended_at, "speed": drill.speed,
        "reason": drill.cancelled_reason,
    }  # fmt: skip


def _scenario(one: Scenario) -> dict[str, Any]:
    return {
        "scenario": one.key, "title": one.title, "plan": one.plan, "level": one.level,
        "seconds": one.seconds, "targets": dict(one.targets),
        "watch": {watch.key: list(watch.items) for watch in one.watch},
        "faults": [{"fault": fault.name, "target": fault.target} for fault in one.faults],
    }  # fmt: skip


@app.command(hidden=True)
def serve(
    where: Annotated[Path, typer.Argument()],
    with_parent: Annotated[bool, typer.Option("--with-parent")] = False,
) -> None:
    """A drill's private region; its runner starts it."""
    if with_parent:
        supervisor.end_with_parent()
    try:
        district_region.serve(where, stage.read_peers(where))
    except RegionError as error:
        fail(str(error), 1)
    except Exception as error:
        logs.configure(paths.data_folder(), console=logging.CRITICAL)
        logger.error("演练区域未能运行", exc_info=error)
        fail(f"演练区域未能运行：{type(error).__name__}：{error}", 1)


def _drill(number: str, as_json: bool) -> Drill:
    found = Drill.objects.filter(number=number.upper()).first()
    if found is None:
        fail(f"没有编号为 {number} 的演练；jingwei drill list 列出全部", json_wanted=as_json)
    return found


def _user(name: str, as_json: bool) -> User:
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        fail(f"没有在用的用户 {name}", json_wanted=as_json)
    return found


def _moment(text: str, as_json: bool) -> datetime:
    if not text:
        return clock.now() + timedelta(minutes=1)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--at 应为 YYYY-MM-DDTHH:MM，得到“{text}”", json_wanted=as_json)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _or_fail(ask: Callable[[], T], as_json: bool) -> T:
    try:
        return ask()
    except (DeskError, ContentError) as error:
        fail(str(error), json_wanted=as_json)
