"""What every write of emergencies does: take the event in its version, add to the log, audit."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import F

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.desk.actions.errors import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.desk.actions.notices import post
from jingwei.desk.actions.writing import LATE, name_of, past
from jingwei.desk.models import Topic
from jingwei.emergency.facts import facts_of, level_in_force, stage_of
from jingwei.emergency.models import (
    Callee,
    Emergency,
    EmergencyEntry,
    EntryKind,
    Level,
    PlanStep,
    Stage,
)
from jingwei.terms.incident import Instant

P = ParamSpec("P")
R = TypeVar("R")
SYSTEM = "系统"  # who wrote what nobody wrote by hand
_WORDS = {
    May.HANDLE_TICKETS: "处置应急事件",
    May.APPROVE_TICKETS: "代表甲方审批和确认",
    May.DECLARE_EMERGENCY: "启动应急",
    May.PLAN_DRILLS: "计划和组织演练",
}


def whole(
    action: Callable[Concatenate[Emergency, P], R],
) -> Callable[Concatenate[Emergency, P], R]:
    """All of an action or nothing, and the event in memory as it then stands in the database.

    What somebody may not do is written into the audit chain, after the rest was undone.
    """

    @wraps(action)
    def done(emergency: Emergency, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                return action(emergency, *args, **kwargs)
        except ForbiddenError as error:
            _refused(emergency, action.__name__, args, error)
            raise
        finally:
            emergency.refresh_from_db()

    return done


def _refused(emergency: Emergency, action: str, args: Sequence[Any], error: DeskError) -> None:
    """A refusal is in the chain too. Every action takes `by` and `now` beside each other."""
    at = next(place for place, value in enumerate(args) if isinstance(value, User))
    accounts.record(
        args[at], "emergency.refused", kind="emergency", key=emergency.number,
        after={"action": action}, reason=error.message, succeeded=False, now=args[at + 1],
    )  # fmt: skip


def demand(by: User, *any_of: May) -> None:
    """Raises ForbiddenError unless this person may do one of these and his account is in use."""
    if not (by.is_active and any(may(by.role, what) for what in any_of)):
        words = "或".join(_WORDS[what] for what in any_of)
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能{words}")


def is_client(by: User) -> bool:
    """Whether this person speaks for the client."""
    return may(by.role, May.APPROVE_TICKETS)


def take(emergency: Emergency, version: int, *, ended: bool = False) -> None:
    """Count the version up, for this writer only; call first, inside a transaction.

    Raises StaleError for a version that is not the present one, and BadInputError for an event
    that was withdrawn, or has ended unless `ended` allows it (causes are found later).
    """
    held = Emergency.objects.filter(pk=emergency.pk, version=version)
    if not held.update(version=F("version") + 1):
        raise StaleError
    emergency.refresh_from_db()
    live(emergency, ended=ended)


def live(emergency: Emergency, *, ended: bool = False) -> None:
    """Raises BadInputError when nothing may be written any more."""
    closed = {Stage.WITHDRAWN} if ended else {Stage.WITHDRAWN, Stage.ENDED}
    if emergency.stage in closed:
        raise BadInputError("stage", f"{emergency.number}{emergency.get_stage_display()}，不能再改")


def write(
    emergency: Emergency,
    kind: EntryKind,
    by: User | None,
    now: datetime,
    *,
    at: datetime | None = None,
    instant: Instant | None = None,
    level: Level | None = None,
    value: str = "",
    reason: str = "",
    granted: bool | None = None,
    step: PlanStep | None = None,
    callee: Callee | None = None,
    refers_to: EmergencyEntry | None = None,
    before: Any = None,
) -> EmergencyEntry:
    """One line of the log and one link of the audit chain. `by` None: the system measured it.

    Raises BadInputError when `at` has no time zone or lies ahead of `now`.
    """
    happened = past(at or now, now)
    entry = EmergencyEntry(
        emergency=emergency, kind=kind, at=happened, entered_at=now, late=now - happened > LATE,
        instant=instant or "", level=level, value=value[:500], granted=granted,
        reason=reason.strip(), step=step, callee=callee, refers_to=refers_to, by=by,
        by_name=name_of(by) if by else SYSTEM,
    )  # fmt: skip
    entry.save()
    accounts.record(
        by or SYSTEM, f"emergency.{kind.value}", kind="emergency", key=emergency.number,
        before=before,
        after={
            "at": happened.isoformat(), "late": entry.late, "instant": entry.instant,
            "level": level, "value": entry.value, "granted": granted,
            "refers_to": refers_to.pk if refers_to else None,
        },
        reason=entry.reason, now=now,
    )  # fmt: skip
    return entry


def tell(emergency: Emergency, what: str, body: str, now: datetime) -> None:
    """Put one notice on every channel that carries emergencies (or drills); never undoes."""
    drill = emergency.drill_id is not None
    mark = "【演练】" if drill else f"【{emergency.get_level_display()}】"
    post(
        Topic.DRILL if drill else Topic.EMERGENCY, f"emergency:{emergency.number}:{what}",
        f"{mark}{what}：{emergency.title}", f"{emergency.number} {body}", now,
        link=f"/emergencies/{emergency.number}/",
    )  # fmt: skip


def settle(emergency: Emergency) -> None:
    """Repeat level and stage on the row, for lists, as the log now has them."""
    fresh = Emergency.objects.select_related("ticket").get(pk=emergency.pk)
    facts = facts_of(fresh)
    level = level_in_force(fresh, facts)
    stage = Stage.ENDED if facts.ended is not None else stage_of(fresh, facts)
    if stage is Stage.RESTORED and facts.disputed:
        stage = Stage.OPEN
    if (level, stage) != (fresh.level, fresh.stage):
        Emergency.objects.filter(pk=fresh.pk).update(level=level, stage=stage)


def within(field: str, text: str, longest: int, what: str) -> str:
    """The text without blanks around it. Raises BadInputError when empty or unfit."""
    found = text.strip()
    if not found:
        raise BadInputError(field, f"请填写{what}")
    return fits(field, found, longest, what)


def fits(field: str, text: str, longest: int, what: str) -> str:
    """The text. Raises BadInputError when it is too long, or holds what no database keeps."""
    if len(text) > longest:
        raise BadInputError(field, f"{what}不超过 {longest} 字，收到 {len(text)} 字")
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInputError(field, f"{what}含有不能保存的字符")
    return text
