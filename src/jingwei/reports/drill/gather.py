"""From the room of emergencies to one frozen value; the same records always give the same one."""

from jingwei.assets.models import Target
from jingwei.checks.queries import plan as sheets
from jingwei.emergency.facts import facts_of
from jingwei.emergency.models import Drill, DrillAction, DrillKind, DrillState, Level
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scenarios import MEASURES
from jingwei.emergency.scoring import Verdict
from jingwei.reports import gather as shared
from jingwei.reports.drill import facts as frozen
from jingwei.reports.errors import ReportError
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant

OVER = (DrillState.ENDED, DrillState.ABORTED)


def gather(number: str) -> frozen.Exercise:
    """The drill of that number. Raises ReportError: there is none, or it is not over."""
    try:
        drill = queries.by_drill_number(number)
    except Drill.DoesNotExist:
        raise ReportError(f"没有编号为 {number[:40]} 的演练") from None
    if drill.state not in OVER or drill.ended_at is None:
        raise ReportError(f"{number} {drill.get_state_display()}，演练结束后才出报告")
    return frozen.Exercise(
        project=shared.project(drill.ended_at.astimezone(SHANGHAI).date()),
        number=drill.number, title=drill.title, kind=drill.get_kind_display(),
        region=drill.kind == DrillKind.REGION, scenario=drill.scenario,
        plan=f"{drill.plan.title}（第 {drill.plan.version} 版）", level=Level(drill.level).label,
        background=drill.background, planned_at=drill.planned_at,
        planned_by=str(drill.created_by), started_at=drill.started_at, ended_at=drill.ended_at,
        speed=drill.speed, counts=queries.counts_for_duty(drill),
        aborted=drill.cancelled_reason if drill.state == DrillState.ABORTED else "",
        readings=drill.readings.count(),
        roles=tuple(frozen.Role(role, str(who)) for role, who in drill.roles.items()),
        targets=tuple(
            frozen.Role(MEASURES[key], f"≤ {drill.targets[key]} 分钟")
            for key in MEASURES if key in drill.targets
        ),
        script=_script(drill), moments=_moments(drill), watched=_watched(drill),
        score=_score(drill), gaps=_gaps(drill), story=_story(drill),
    )  # fmt: skip


def _script(drill: Drill) -> tuple[frozen.Step, ...]:
    return tuple(
        frozen.Step(
            row.after, row.get_action_display(), row.text,
            f"{row.fault} @ {row.target}" if row.fault else "", queries.deadline(drill, row),
            row.done_at, row.result, row.action == DrillAction.EXPECT,
            queries.in_time(drill, row),
        )
        for row in drill.script.all()
    )  # fmt: skip


def _moments(drill: Drill) -> tuple[frozen.Moment, ...]:
    event = queries.event_of(drill)
    own = facts_of(event).own if event else {}
    return tuple(
        frozen.Moment(
            one.label, own[one].at if one in own else None,
            own[one].by_name if one in own else "", one in own and own[one].by is None,
        )
        for one in Instant
    )  # fmt: skip


def _story(drill: Drill) -> tuple[frozen.Moment, ...]:
    """What people and the system wrote into the event's log."""
    event = queries.event_of(drill)
    if event is None:
        return ()
    return tuple(
        frozen.Moment(
            f"{entry.get_kind_display()}：{entry.value or entry.reason or entry.instant}",
            entry.at, entry.by_name, entry.by is None,
        )
        for entry in event.entries.order_by("at", "id")
    )  # fmt: skip


def _watched(drill: Drill) -> tuple[frozen.Watched, ...]:
    found = queries.places(drill)
    keys = {one.target for one in found}
    labels = dict(Target.objects.filter(key__in=keys).values_list("key", "label"))
    items = {
        item.id: item.label for name in sheets.routine_ids() for item in sheets.routine(name).items
    }
    return tuple(
        frozen.Watched(
            f"{labels.get(one.target, '')}（{one.target}）", items.get(one.item, one.item),
            one.worst.label, one.result.label, one.reading,
        )
        for one in found
    )  # fmt: skip


def _score(drill: Drill) -> frozen.Score | None:
    if drill.state != DrillState.ENDED:
        return None
    held = queries.result(drill)
    return frozen.Score(
        held.earned, held.possible, held.percent, held.grade,
        tuple(
            frozen.Criterion(
                one.label, one.meaning, one.target, one.measured, one.verdict.label,
                one.verdict is Verdict.MET, one.earned, one.points, one.reason,
            )
            for one in held.criteria
        ),
    )  # fmt: skip


def _gaps(drill: Drill) -> tuple[frozen.Gap, ...]:
    written = [
        frozen.Gap(gap.text, gap.by_name, gap.ticket.number if gap.ticket else "")
        for gap in drill.gaps.select_related("ticket").order_by("id")
    ]
    return (*written, *(frozen.Gap(text, "系统", "") for text in queries.proposed_gaps(drill)))
