"""Taking a ticket from state to state, along the table and no other way."""

from collections.abc import Mapping
from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.writing import (
    LATE,
    audit,
    demand,
    name_of,
    past,
    plain,
    refused,
    take,
    wanted,
    whole,
    write,
)
from jingwei.desk.completion import owed
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Kind, State, Ticket, TicketEvent, WorkEntry
from jingwei.desk.transitions import Transition, find
from jingwei.terms.incident import Instant

_LABELS = {"reason": "原因", "solution": "处理结果", "precheck_ref": "变更前健康检查报告编号"}


def advance(
    ticket: Ticket,
    step: str,
    by: User,
    now: datetime,
    *,
    version: int,
    reason: str = "",
    facts: Mapping[str, str] | None = None,
) -> TicketEvent:
    """One step of `transitions.TABLE` for every kind but the data change.

    Raises ForbiddenError for a step that does not lead on from here or is not for this person,
    BadInputError for missing facts, StaleError; what is forbidden is audited as refused.
    """
    try:
        return _advance(ticket, step, by, now, version, reason, facts or {})
    except ForbiddenError as error:
        refused(ticket, step, by, now, error)
        raise


@whole
def _advance(
    ticket: Ticket, step: str, by: User, now: datetime, version: int, reason: str,
    facts: Mapping[str, str],
) -> TicketEvent:  # fmt: skip
    if ticket.kind == Kind.DATA_CHANGE:
        raise ForbiddenError("step", "数据修改单按报告单流程办理")
    take(ticket, version)
    way = allowed(ticket, step, by)
    given = {**facts, "reason": reason}
    for need in way.needs:
        wanted(need, given.get(need, ""), _LABELS[need])
    if step == "resolve":
        _resolved(ticket)
        _complete(ticket, reason)
        ticket.solution = plain("solution", given["solution"], "处理结果")
    elif step == "confirm" and ticket.kind == Kind.INCIDENT:
        _confirmed(ticket, by, now)
    elif step == "close":
        _healed(ticket, reason)
    return move(ticket, way, by, now, reason=reason, value=given.get("precheck_ref", ""))


def allowed(ticket: Ticket, step: str, by: User) -> Transition:
    """The transition. Raises ForbiddenError when the table has none, or not for this person."""
    way = find(ticket.kind, ticket.state, step)
    if way is None:
        here = f"{ticket.get_kind_display()}单“{ticket.get_state_display()}”"
        raise ForbiddenError("step", f"{here}不能执行“{step}”")
    demand(by, way.may)
    return way


def move(
    ticket: Ticket, way: Transition, by: User, now: datetime, *, reason: str = "", value: str = ""
) -> TicketEvent:
    """Write the new state and its line of the log; call after every guard."""
    before = ticket.state
    ticket.state = way.end
    ticket.save(update_fields=("state", "solution"))
    text = f"{way.label}：{State(before).label} → {way.end.label}" + (
        f"（{value}）" if value else ""
    )
    return write(
        ticket,
        EventKind.STATE,
        by,
        now,
        state=way.end,
        value=text,
        reason=reason,
        before={"state": before},
    )


@whole
def assign(
    ticket: Ticket, to: User | None, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Give it to somebody who handles tickets, or back to the team."""
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if to is not None:
        demand(to, May.HANDLE_TICKETS)
    before = name_of(ticket.assignee) if ticket.assignee else "团队"
    ticket.assignee = to
    ticket.save(update_fields=("assignee",))
    return write(
        ticket, EventKind.ASSIGN, by, now, value=name_of(to) if to else "团队",
        before={"assignee": before},
    )  # fmt: skip


@whole
def log_work(
    ticket: Ticket, text: str, by: User, now: datetime, *,
    at: datetime | None = None, minutes: int | None = None,
) -> WorkEntry:  # fmt: skip
    """What was done; two may write at once, so no version is asked. Raises BadInputError."""
    demand(by, May.HANDLE_TICKETS)
    ticket.refresh_from_db()  # he may have read it before somebody closed it
    if ticket.ended:
        raise BadInputError("state", f"{ticket.number}{ticket.get_state_display()}，不能再记")
    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise BadInputError("minutes", f"用时须为 1 至 1440 分钟，收到 {minutes}")
    happened = past(at or now, now)
    entry = WorkEntry(
        ticket=ticket, at=happened, entered_at=now, late=now - happened > LATE, minutes=minutes,
        text=plain("text", wanted("text", text, "处理内容"), "处理内容"), by=by,
        by_name=name_of(by),
    )  # fmt: skip
    entry.save()
    audit(ticket, "work", by, now, after={"text": entry.text, "minutes": minutes})
    return entry


def _resolved(ticket: Ticket) -> None:
    if ticket.kind != Kind.INCIDENT:
        return
    facts = facts_of(ticket)
    if Instant.RESTORED not in facts.instants:
        raise BadInputError("restored", "请先记录恢复时间")
    if Instant.ARRIVED not in facts.instants and not facts.remote:
        raise BadInputError("arrived", "请先记录到场时间，或标明远程解决")


def _complete(ticket: Ticket, reason: str) -> None:
    """The form is filled in; receipts, parts or bookings are there, or it says why not."""
    left = owed(ticket)
    if left.fields:
        what = "、".join(left.fields.values())
        raise BadInputError("form", f"表单尚未填完：{what}")
    if left.reason and not reason.strip():
        raise BadInputError("reason", f"{left.reason}，解决须写明原因")


def _confirmed(ticket: Ticket, by: User, now: datetime) -> None:
    if Instant.CONFIRMED not in facts_of(ticket).instants:
        write(ticket, EventKind.INSTANT, by, now, instant=Instant.CONFIRMED)


def _healed(ticket: Ticket, reason: str) -> None:
    """Closing needs every linked finding healed, or a reason why not."""
    open_ones = ticket.finding_links.filter(finding__closed_at__isnull=True).count()
    if open_ones and not reason.strip():
        raise BadInputError("reason", f"尚有 {open_ones} 个关联发现未恢复，关闭须写明原因")
