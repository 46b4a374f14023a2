"""Drills as plans: put down, changed, called off, started; what they showed to be missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Target
from jingwei.desk import actions as desk
from jingwei.desk.actions.errors import BadInputError, ForbiddenError, StaleError
from jingwei.desk.actions.writing import EARLIEST, name_of, plain, wanted
from jingwei.desk.models import Channel, Kind, Ticket, TicketNumber
from jingwei.emergency.actions.declare import Declaration, declare
from jingwei.emergency.models import (
    Drill,
    DrillAction,
    DrillGap,
    DrillKind,
    DrillState,
    DrillStep,
    Emergency,
    Level,
    Plan,
)
from jingwei.emergency.scenarios import (
    LONGEST,
    MEASURES,
    MOST_MINUTES,
    REQUIRED,
    Line,
    Scenario,
    problem_of,
)
from jingwei.terms import SHANGHAI

FASTEST = 60.0  # script seconds per real second, at most
FURTHEST = timedelta(days=3 * 366)  # a plan for later than this is a slip of the keyboard
MOST_LINES, MOST_ROLES = 60, 30
_FAULTY = (DrillAction.INJECT, DrillAction.CLEAR)


@dataclass(frozen=True, slots=True)
class Outline:
    """What is put down when a drill is planned. `targets` are minutes; the script is in order."""

    title: str
    kind: DrillKind
    plan: Plan
    level: int
    planned_at: datetime
    background: str
    roles: Mapping[str, str]
    targets: Mapping[str, int]
    script: Sequence[Line]


def plan_drill(outline: Outline, scenario: Scenario, by: User, now: datetime) -> Drill:
    """A new drill with its number YL-2026-01. Raises ForbiddenError, BadInputError naming the field
    (title, planned_at, background, roles, targets, script, level).
    """
    demand(by, May.PLAN_DRILLS)
    fields = _fields(outline, scenario, now)
    with transaction.atomic():
        drill = Drill.objects.create(
            number=_next_number(outline.planned_at), scenario=scenario.key, created_at=now,
            created_by=by, **fields,
        )  # fmt: skip
        _write_script(drill, outline.script)
        audit(drill, "planned", by, now, after=_told(drill))
    return drill


def edit_drill(
    drill: Drill, outline: Outline, scenario: Scenario, by: User, now: datetime, *, version: int
) -> None:
    """Change what was planned, script included; only before it is started."""
    demand(by, May.PLAN_DRILLS)
    fields = _fields(outline, scenario, now)
    with transaction.atomic():
        take(drill, version, DrillState.PLANNED)
        before = _told(drill)
        for name, value in fields.items():
            setattr(drill, name, value)
        drill.save(update_fields=tuple(fields))
        drill.script.all().delete()
        _write_script(drill, outline.script)
        audit(drill, "changed", by, now, before=before, after=_told(drill))


def cancel_drill(drill: Drill, reason: str, by: User, now: datetime, *, version: int) -> None:
    """Call off a drill that was not started. Raises BadInputError without a reason."""
    demand(by, May.PLAN_DRILLS)
    words = plain("reason", wanted("reason", reason, "取消原因"), "取消原因", 200)
    with transaction.atomic():
        take(drill, version, DrillState.PLANNED)
        drill.state, drill.cancelled_reason = DrillState.CANCELLED, words
        drill.save(update_fields=("state", "cancelled_reason"))
        audit(drill, "cancelled", by, now, reason=words)


def start_drill(
    drill: Drill, scenario: Scenario | None, by: User, now: datetime, *, version: int,
    speed: float = 1.0, lease: datetime | None = None,
) -> Emergency:  # fmt: skip
    """Declare its event, on the same pages as a real one; a worker then runs the script.

    A tabletop drill begins at once: people play it. `lease`: the caller runs it himself until
    then. Raises BadInputError while another drill runs (one set of people cannot play two), or
    when `speed` is not 1 to 60.
    """
    demand(by, May.PLAN_DRILLS)
    if not 1 <= speed <= FASTEST:  # false for NaN too
        raise BadInputError("speed", f"时间倍率应为 1 到 {FASTEST:.0f}，得到 {speed:g}")
    with transaction.atomic():
        take(drill, version, DrillState.PLANNED)
        _one_at_a_time(drill, now)
        tabletop = drill.kind == DrillKind.TABLETOP
        if not tabletop and scenario is None:
            raise BadInputError("scenario", f"场景 {drill.scenario} 已不存在，不能按剧本实操")
        drill.state, drill.speed = DrillState.RUNNING, 1.0 if tabletop else speed
        drill.started_at, drill.lease = (now if tabletop else None), lease
        drill.save(update_fields=("state", "speed", "started_at", "lease"))
        audit(drill, "started", by, now, after={"speed": drill.speed, "kind": drill.kind})
        target = Target.objects.filter(key=scenario.watch[0].key).first() if scenario else None
        return declare(
            Declaration(
                title=f"【演练】{drill.title}"[:200], level=Level(drill.level),
                importance="演练：按剧本设定", hours="演练时段", damage="演练：未影响生产系统",
                text=drill.background, target=target, plan=drill.plan, drill=drill,
            ),
            by, now,
        )  # fmt: skip


def tick(drill: Drill, line: DrillStep, note: str, by: User, now: datetime) -> None:
    """An expected action is done; in time is judged by the clock, not by who ticks.

    Raises BadInputError for a line that is no expectation, is ticked already, or before the start.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    words = plain("note", note, "说明", 200)
    with transaction.atomic():
        held = Drill.objects.select_for_update().get(pk=drill.pk)
        if held.state != DrillState.RUNNING or held.started_at is None:
            raise BadInputError("state", f"{held.number}不在进行中，不能再记动作")
        if line.drill_id != held.pk or line.action != DrillAction.EXPECT:
            raise BadInputError("step", "只有“应完成动作”由人记录完成")
        said = f"{name_of(by)}：{words}" if words else name_of(by)
        if not held.script.filter(pk=line.pk, done_at=None).update(done_at=now, result=said):
            raise BadInputError("step", "这一项已经记录完成")
        audit(held, "ticked", by, now, after={"position": line.position, "result": said})


def end_tabletop(drill: Drill, by: User, now: datetime, *, version: int) -> None:
    """End a drill that people play; one in the region ends with its script."""
    demand(by, May.PLAN_DRILLS)
    with transaction.atomic():
        take(drill, version, DrillState.RUNNING)
        if drill.kind != DrillKind.TABLETOP:
            raise BadInputError("state", "实操演练在剧本走完、恢复正常后自动结束")
        drill.state, drill.ended_at = DrillState.ENDED, now
        drill.save(update_fields=("state", "ended_at"))
        audit(drill, "ended", by, now)


# -- what it showed


def add_gap(drill: Drill, text: str, by: User, now: datetime) -> DrillGap:
    """Something that was missing. Raises BadInputError when empty, known, or before the start."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    words = plain("text", wanted("text", text, "差距"), "差距", 300)
    with transaction.atomic():
        held = Drill.objects.select_for_update().get(pk=drill.pk)
        if held.state in (DrillState.PLANNED, DrillState.CANCELLED):
            raise BadInputError("state", f"{held.number}{held.get_state_display()}，还没有差距可记")
        if held.gaps.filter(text=words).exists():
            raise BadInputError("text", "这条差距已经记录")
        gap = DrillGap.objects.create(drill=held, text=words, found_at=now, by_name=name_of(by))
        audit(held, "gap", by, now, after={"text": words})
    return gap


def gap_ticket(gap: DrillGap, kind: Kind, by: User, now: datetime) -> Ticket:
    """The ticket that closes a gap: a problem, or a service request. Once for each gap."""
    if kind not in (Kind.PROBLEM, Kind.SERVICE_REQUEST):
        raise BadInputError("kind", "差距只能转为问题单或服务请求")
    with transaction.atomic():
        held = DrillGap.objects.select_for_update(of=("self",)).select_related("drill").get(
            pk=gap.pk
        )  # fmt: skip
        if held.ticket_id is not None:
            raise BadInputError("ticket", f"这条差距已有工单 {held.ticket}")
        drill = held.drill
        ticket = desk.open_ticket(
            desk.Intake(
                kind=kind, title=f"演练整改：{held.text}"[:200],
                text=f"演练 {drill.number} {drill.title} 发现的差距：{held.text}",
                channel=Channel.OTHER, reporter=held.by_name[:64],
            ),
            by, now,
        )  # fmt: skip
        held.ticket = ticket
        held.save(update_fields=("ticket",))
        audit(drill, "gap-ticket", by, now, after={"text": held.text, "ticket": ticket.number})
    gap.refresh_from_db()
    return ticket


# -- shared with `drill_runs`


def demand(by: User, *any_of: May) -> None:
    """Raises ForbiddenError unless this person may do one of these and his account is in use."""
    if not (by.is_active and any(may(by.role, what) for what in any_of)):
        what = "计划和组织演练" if May.PLAN_DRILLS in any_of else "记录演练"
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能{what}")


def take(drill: Drill, version: int, state: DrillState) -> None:
    """Count the version up, for this writer only. Raises StaleError, and BadInputError when the
    drill does not stand where it must.
    """
    if not Drill.objects.filter(pk=drill.pk, version=version).update(version=F("version") + 1):
        raise StaleError
    drill.refresh_from_db()
    if drill.state != state:
        raise BadInputError("state", f"{drill.number}{drill.get_state_display()}，不能再改")


def audit(
    drill: Drill, action: str, by: User | str, now: datetime, *,
    before: object = None, after: object = None, reason: str = "",
) -> None:  # fmt: skip
    """One link of the audit chain about a drill."""
    accounts.record(
        by, f"drill.{action}", kind="drill", key=drill.number, before=before, after=after,
        reason=reason, now=now,
    )  # fmt: skip


def _one_at_a_time(drill: Drill, now: datetime) -> None:
    """Raises BadInputError while another drill runs. The desk's row of the year is the lock."""
    _lock(now)
    running = Drill.objects.filter(state=DrillState.RUNNING).exclude(pk=drill.pk).first()
    if running is not None:
        raise BadInputError("state", f"{running.number}正在进行，结束后再开始这一场")


def _fields(outline: Outline, scenario: Scenario, now: datetime) -> dict[str, object]:
    """The row's own fields, each of them checked."""
    if outline.planned_at.tzinfo is None:
        raise BadInputError("planned_at", "计划时间缺少时区")
    if not EARLIEST <= outline.planned_at.year <= (now + FURTHEST).year:
        raise BadInputError("planned_at", "计划时间应在三年之内")
    if outline.level not in Level.values:
        raise BadInputError("level", "模拟级别应为一级或二级")
    _check_script(outline.script, scenario, DrillKind(outline.kind))
    return {
        "title": plain("title", wanted("title", outline.title, "名称"), "名称", 190),
        "kind": DrillKind(outline.kind), "plan": outline.plan, "level": outline.level,
        "planned_at": outline.planned_at,
        "background": plain(
            "background", wanted("background", outline.background, "情景设定"), "情景设定", 3000
        ),
        "roles": _roles(outline.roles), "targets": _targets(outline.targets),
    }  # fmt: skip


def _roles(roles: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for given_role, given_who in roles.items():
        role = plain("roles", given_role, "角色", 64)
        who = plain("roles", given_who, "人员", 200)
        if role and who:
            found[role] = who
        elif role or who:
            raise BadInputError("roles", f"角色“{role or who}”须同时填写角色和人员")
    if not found:
        raise BadInputError("roles", "至少填写一个角色和担任的人员")
    if len(found) > MOST_ROLES:
        raise BadInputError("roles", f"角色不超过 {MOST_ROLES} 个")
    return found


def _targets(targets: Mapping[str, int]) -> dict[str, int]:
    for key in REQUIRED:
        if key not in targets:
            raise BadInputError("targets", f"请填写{MEASURES[key]}目标（分钟）")
    for key, minutes in targets.items():
        if key not in MEASURES:
            raise BadInputError("targets", f"没有名为 {key} 的目标")
        if not 1 <= minutes <= MOST_MINUTES:
            raise BadInputError(
                "targets", f"{MEASURES[key]}目标应为 1 到 {MOST_MINUTES} 分钟，得到 {minutes}"
            )
    return dict(targets)


def _check_script(script: Sequence[Line], scenario: Scenario, kind: DrillKind) -> None:
    if not script:
        raise BadInputError("script", "剧本不能为空")
    if len(script) > MOST_LINES:
        raise BadInputError("script", f"剧本不超过 {MOST_LINES} 行，收到 {len(script)} 行")
    known = {(fault.name, fault.target) for fault in scenario.faults}
    for number, line in enumerate(script, start=1):
        if line.action not in DrillAction.values:
            raise BadInputError("script", f"第 {number} 行的动作“{line.action}”不认识")
        if not 0 <= line.after <= LONGEST:
            raise BadInputError("script", f"第 {number} 行的时间应为 0 到 {LONGEST} 秒")
        text = plain("script", line.text, f"第 {number} 行的内容", 300)
        if not text:
            raise BadInputError("script", f"第 {number} 行没有内容")
        if line.action in _FAULTY and (line.fault, line.target) not in known:
            raise BadInputError("script", f"第 {number} 行的故障不属于这个场景")
    if problem := problem_of(script):
        raise BadInputError("script", f"第 {problem[0] + 1} 行：{problem[1]}")


def _write_script(drill: Drill, script: Sequence[Line]) -> None:
    DrillStep.objects.bulk_create(
        DrillStep(
            drill=drill, position=number, after=line.after, action=line.action,
            fault=line.fault if line.action in _FAULTY else "",
            target=line.target if line.action in _FAULTY else "", text=line.text.strip(),
        )
        for number, line in enumerate(script, start=1)
    )  # fmt: skip


def _told(drill: Drill) -> dict[str, object]:
    return {
        "title": drill.title, "kind": drill.kind, "scenario": drill.scenario,
        "planned_at": drill.planned_at.isoformat(), "targets": drill.targets,
        "script": [f"+{row.after} {row.action} {row.text}"[:120] for row in drill.script.all()],
    }  # fmt: skip


def _next_number(at: datetime) -> str:
    """YL-2026-01, of the year it is planned for."""
    year = _lock(at)
    prefix = f"YL-{year}-"
    last = Drill.objects.filter(number__startswith=prefix).order_by("-id").first()
    return f"{prefix}{int(last.number.removeprefix(prefix)) + 1 if last else 1:02d}"


def _lock(at: datetime) -> int:
    """Two at once wait for each other at the desk's row of the year; which year."""
    year = at.astimezone(SHANGHAI).year
    TicketNumber.objects.get_or_create(year=year)
    TicketNumber.objects.filter(year=year).update(last=F("last"))
    return year
