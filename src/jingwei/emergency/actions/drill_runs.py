"""What the runner of a drill writes: who runs it, what it did and saw, how it ended.

One process runs a drill: it holds `lease` and must extend it. A lease that ran out is a runner that
died; the drill is then aborted, never taken over, since nobody knows what happened meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import name_of, plain, wanted
from jingwei.emergency.actions.drills import audit, demand
from jingwei.emergency.actions.log import measured
from jingwei.emergency.actions.writing import write
from jingwei.emergency.models import (
    Drill,
    DrillKind,
    DrillReading,
    DrillState,
    DrillStep,
    Emergency,
    EntryKind,
    Stage,
)
from jingwei.terms import Result
from jingwei.terms.incident import Instant

RUNNER = "演练程序"
DEAD = "执行演练的进程意外中断"


@dataclass(frozen=True, slots=True)
class Read:
    """One verdict of one check during a drill."""

    at: datetime
    target: str
    item: str
    result: Result
    reading: str = ""


def claim_drill(now: datetime, until: datetime) -> Drill | None:
    """A started drill nobody runs yet, leased to the caller until then; None when there is none."""
    waiting = Drill.objects.filter(
        state=DrillState.RUNNING, kind=DrillKind.REGION, lease=None, started_at=None
    )
    for pk in waiting.values_list("pk", flat=True):
        if waiting.filter(pk=pk).update(lease=until):
            return Drill.objects.get(pk=pk)
    return None


def extend(drill: Drill, until: datetime) -> bool:
    """Hold the lease longer. False when it is ours no more: the drill was aborted meanwhile."""
    held = Drill.objects.filter(pk=drill.pk, state=DrillState.RUNNING, lease=drill.lease)
    if not held.update(lease=until):
        return False
    drill.lease = until
    return True


def begin(drill: Drill, now: datetime) -> None:
    """Second 0 of the script: the private region stands ready."""
    with transaction.atomic():
        if not Drill.objects.filter(
            pk=drill.pk, state=DrillState.RUNNING, started_at=None
        ).update(started_at=now):  # fmt: skip
            raise BadInputError("state", f"{drill.number}已不在进行中")
        drill.started_at = now
        _say(drill, "演练区域就绪，剧本开始", now, now)
        audit(drill, "began", RUNNER, now)


def line_done(
    drill: Drill, line: DrillStep, result: str, at: datetime, now: datetime, *, occurred: bool
) -> None:
    """A line of the script was carried out. `occurred`: this is the fault everything counts from.

    `now` as read after `at`; a line is written down once.
    """
    with transaction.atomic():
        if not DrillStep.objects.filter(pk=line.pk, done_at=None).update(
            done_at=at, result=result[:300]
        ):
            return
        line.done_at, line.result = at, result[:300]
        words = f"{line.get_action_display()}：{line.text}"
        _say(drill, words, at, now, instant=Instant.OCCURRED if occurred else None)


def store(drill: Drill, readings: Iterable[Read]) -> None:
    """Keep what the checks saw, with the drill and nowhere else."""
    DrillReading.objects.bulk_create(
        [
            DrillReading(
                drill=drill, at=each.at, target=each.target[:32], item=each.item[:64],
                result=each.result.value, reading=each.reading.replace("\0", "")[:300],
            )
            for each in readings
        ]
    )  # fmt: skip


def detected(drill: Drill, text: str, at: datetime, now: datetime) -> None:
    """The first hard 异常: the alarm from which people's clocks run."""
    _say(drill, text, at, now, instant=Instant.DETECTED)


def told(drill: Drill, text: str, at: datetime, now: datetime) -> None:
    """Anything else the runner saw. That business is back people say, as in a real event."""
    _say(drill, text, at, now)


def finish(drill: Drill, now: datetime) -> bool:
    """The script is through. False when the drill was aborted meanwhile."""
    with transaction.atomic():
        done = Drill.objects.filter(pk=drill.pk, state=DrillState.RUNNING).update(
            state=DrillState.ENDED, ended_at=now, lease=None
        )
        if done:
            drill.refresh_from_db()
            _say(drill, "剧本结束，演练区域已停止测量", now, now)
            audit(drill, "ended", RUNNER, now)
    return bool(done)


def abort_drill(drill: Drill, reason: str, by: User, now: datetime) -> None:
    """Somebody stops a running drill. Raises BadInputError without a reason or when none runs."""
    demand(by, May.PLAN_DRILLS)
    words = plain("reason", wanted("reason", reason, "中止原因"), "中止原因", 150)
    if not abort(drill, f"{name_of(by)}：{words}", now, by):
        raise BadInputError("state", f"{drill.number}{drill.get_state_display()}，不能中止")


def abort(drill: Drill, reason: str, now: datetime, by: User | None = None) -> bool:
    """End a running drill without a result; its event is withdrawn. False when none runs."""
    with transaction.atomic():
        done = Drill.objects.filter(pk=drill.pk, state=DrillState.RUNNING).update(
            state=DrillState.ABORTED, ended_at=now, lease=None, cancelled_reason=reason[:200]
        )
        drill.refresh_from_db()
        if not done:
            return False
        _withdraw(drill, reason, now, by)
        audit(drill, "aborted", by or RUNNER, now, reason=reason)
    return True


def abandon(now: datetime) -> list[Drill]:
    """Abort the drills whose runner died; which ones."""
    dead = Drill.objects.filter(
        state=DrillState.RUNNING, kind=DrillKind.REGION, lease__lt=now
    )  # fmt: skip
    return [drill for drill in dead if abort(drill, DEAD, now)]


def _withdraw(drill: Drill, reason: str, now: datetime, by: User | None) -> None:
    event = Emergency.objects.filter(drill=drill).first()
    if event is None or event.stage in (Stage.ENDED, Stage.WITHDRAWN):
        return
    write(event, EntryKind.WITHDRAW, by, now, value="演练中止", reason=reason)
    Emergency.objects.filter(pk=event.pk).update(stage=Stage.WITHDRAWN)


def _say(
    drill: Drill, text: str, at: datetime, now: datetime, *, instant: Instant | None = None
) -> None:
    """One line of the event's log; people may have ended the event already, then none."""
    event = Emergency.objects.filter(drill=drill).first()
    if event is None or event.stage in (Stage.ENDED, Stage.WITHDRAWN):
        return
    measured(event, text[:500], at, now, instant=instant)
