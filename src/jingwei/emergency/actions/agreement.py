"""What needs the client's word: the level, leaving it out of the 24 h, the end, the withdrawal."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions import note_instant
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import past
from jingwei.emergency.actions.writing import (
    demand,
    fits,
    is_client,
    settle,
    take,
    tell,
    whole,
    within,
    write,
)
from jingwei.emergency.facts import cause_of, exclusion_of, facts_of, level_in_force
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind, Level, Stage
from jingwei.sla.availability import EMERGENCY_EXCLUDES
from jingwei.terms.incident import Cause, Instant

_LATER = frozenset({EntryKind.EXCLUDE, EntryKind.DECLARED, EntryKind.LEVEL})  # also once it ended


@whole
def regrade(
    emergency: Emergency, level: Level, reason: str, by: User, now: datetime, *, version: int
) -> EmergencyEntry:
    """Ask for another level; in force when the client agrees. When he asks, he has agreed.

    Raises BadInputError for the level in force or while another change waits.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version)
    facts = facts_of(emergency)
    if level == level_in_force(emergency, facts):
        raise BadInputError("level", f"已是{Level(level).label}")
    if any(entry.kind == EntryKind.LEVEL for entry in facts.waiting):
        raise BadInputError("level", "已有级别变更待甲方答复")
    why = within("reason", reason, 2000, "级别变更的原因")
    word = "升级" if level < emergency.level else "降级"
    asked = write(
        emergency, EntryKind.LEVEL, by, now, level=level, reason=why,
        value=f"{word}为{Level(level).label}", before={"level": emergency.level},
    )  # fmt: skip
    tell(emergency, asked.value, why, now)
    if is_client(by):
        agree(emergency, asked, by, now, "甲方提出")
    return asked


@whole
def ask_end(
    emergency: Emergency, by: User, now: datetime, *, version: int, reason: str = ""
) -> EmergencyEntry:
    """The provider holds the event to be over; only the client ends it.

    Raises BadInputError before the recovery is noted, after the client has refused until it is
    corrected, or while an earlier question waits.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version)
    facts = facts_of(emergency)
    if Instant.RESTORED not in facts.instants:
        raise BadInputError("restored", "请先记录恢复时间")
    if facts.disputed:
        raise BadInputError("restored", "甲方不同意终止：请先更正恢复时间并写明原因")
    if any(entry.kind == EntryKind.END for entry in facts.waiting):
        raise BadInputError("end", "终止申请已提交，待甲方确认")
    fits("reason", reason, 2000, "说明")
    asked = write(emergency, EntryKind.END, by, now, value="申请终止应急", reason=reason)
    if is_client(by):
        _grant(emergency, asked, "甲方确认终止", by, now, now)
    else:
        tell(emergency, "申请终止，待甲方确认", reason, now)
    settle(emergency)
    return asked


@whole
def ask_exclusion(
    emergency: Emergency, reason: str, by: User, now: datetime, *, version: int
) -> EmergencyEntry:
    """Ask that this event stays out of the 24 h of the year (tender L684). Never by itself.

    Raises BadInputError unless the cause is one the tender leaves out.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version, ended=True)
    cause = cause_of(emergency)
    if cause is None or cause not in EMERGENCY_EXCLUDES:
        names = "、".join(cause.label for cause in Cause if cause in EMERGENCY_EXCLUDES)
        raise BadInputError("cause", f"只有原因为{names}的事件可申请不计入（L684）")
    facts = facts_of(emergency)
    if facts.excluded or any(entry.kind == EntryKind.EXCLUDE for entry in facts.waiting):
        raise BadInputError("exclude", "已申请不计入")
    asked = write(
        emergency, EntryKind.EXCLUDE, by, now, value=exclusion_of(cause),
        reason=within("reason", reason, 2000, "不计入的原因"),
    )  # fmt: skip
    if is_client(by):
        agree(emergency, asked, by, now, "甲方提出")
    return asked


@whole
def answer(
    emergency: Emergency,
    asked: EmergencyEntry,
    granted: bool,
    by: User,
    now: datetime,
    *,
    version: int,
    reason: str = "",
    at: datetime | None = None,
) -> EmergencyEntry:
    """The client agrees or refuses, once; a refusal needs its reason. Never the provider.

    `at` is when he said so, for what is written down later. To grant the end is to confirm it:
    the ticket gets its confirmation too. Raises ForbiddenError, BadInputError, StaleError.
    """
    demand(by, May.APPROVE_TICKETS)
    take(emergency, version, ended=asked.kind in _LATER)
    if asked not in facts_of(emergency).waiting:
        raise BadInputError("asked", "该申请不存在或已答复")
    said = past(at or now, now)
    if granted:
        return _grant(emergency, asked, reason, by, now, said)
    why = within("reason", reason, 2000, "不同意的原因")
    made = write(
        emergency, EntryKind.ANSWER, by, now, at=said, granted=False, reason=why,
        refers_to=asked, value=asked.value,
    )  # fmt: skip
    settle(emergency)
    return made


@whole
def withdraw(
    emergency: Emergency, reason: str, by: User, now: datetime, *, version: int
) -> EmergencyEntry:
    """It was none. Only the client may say so: a withdrawn event is in no budget."""
    demand(by, May.APPROVE_TICKETS)
    take(emergency, version)
    made = write(
        emergency, EntryKind.WITHDRAW, by, now, value="撤销应急",
        reason=within("reason", reason, 2000, "撤销的原因"),
    )  # fmt: skip
    Emergency.objects.filter(pk=emergency.pk).update(stage=Stage.WITHDRAWN)
    tell(emergency, "撤销应急", made.reason, now)
    return made


def agree(
    emergency: Emergency, asked: EmergencyEntry, by: User, now: datetime, reason: str
) -> None:
    """Grant what was asked; call inside a transaction, after asking who may."""
    _grant(emergency, asked, reason, by, now, past(asked.at, now))


def _grant(
    emergency: Emergency, asked: EmergencyEntry, reason: str, by: User, now: datetime, at: datetime
) -> EmergencyEntry:
    fits("reason", reason, 2000, "说明")
    if asked.kind == EntryKind.END:
        _confirm(emergency, by, now, at)
        tell(emergency, "应急终止", "甲方已确认业务恢复。", now)
    made = write(
        emergency, EntryKind.ANSWER, by, now, at=at, granted=True, reason=reason,
        refers_to=asked, value=asked.value,
    )  # fmt: skip
    settle(emergency)
    return made


def _confirm(emergency: Emergency, by: User, now: datetime, at: datetime) -> None:
    """The client's word that business runs again is the eighth instant."""
    if Instant.CONFIRMED in facts_of(emergency).instants:
        return
    if emergency.ticket is not None:
        ticket = emergency.ticket
        ticket.refresh_from_db()
        note_instant(ticket, Instant.CONFIRMED, at, by, now, version=ticket.version)
    else:
        write(emergency, EntryKind.INSTANT, by, now, at=at, instant=Instant.CONFIRMED)
