"""What needs the client's word: re-grading and pauses. Asked for, answered, and only then true."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import demand, past, take, wanted, whole, write
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Kind, Ticket, TicketEvent
from jingwei.terms.incident import Severity


@whole
def regrade(
    ticket: Ticket, severity: Severity, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Ask for another severity; in force once the client agrees (domain.md section 4, rule 6).

    When the client himself asks, he has agreed. Raises BadInputError, ForbiddenError, StaleError.
    """
    either(by)
    take(ticket, version)
    _incident(ticket)
    if severity == ticket.severity:
        raise BadInputError("severity", f"已是“{severity.label}”")
    wanted("reason", reason, "改级原因")
    return ask(
        ticket,
        write(
            ticket, EventKind.SEVERITY, by, now, value=severity, reason=reason,
            before={"severity": ticket.severity},
        ),
        by, now,
    )  # fmt: skip


@whole
def pause(
    ticket: Ticket, start: datetime, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Ask for the clocks to stand still from `start`. The tender grants none (rule 7).

    Raises BadInputError while another pause runs or waits, or without a reason.
    """
    either(by)
    take(ticket, version)
    _incident(ticket)
    wanted("reason", reason, "暂停原因")
    facts = facts_of(ticket)
    if any(each.end is None for each in facts.pauses) or any(
        each.kind == EventKind.PAUSE for each in facts.waiting
    ):
        raise BadInputError("pause", "已有暂停在计或待甲方答复")
    if any(each.end is not None and each.end > start for each in facts.pauses):
        raise BadInputError("at", "与已同意的暂停重叠")
    return ask(ticket, write(ticket, EventKind.PAUSE, by, now, at=start, reason=reason), by, now)


@whole
def resume(ticket: Ticket, end: datetime, by: User, now: datetime, *, version: int) -> TicketEvent:
    """The clocks run on from `end`. Raises BadInputError when none stands still."""
    either(by)
    take(ticket, version)
    standing = facts_of(ticket).open_pause
    if standing is None:
        raise BadInputError("pause", "没有甲方已同意的暂停")
    if past(end, now) < standing.at:
        raise BadInputError("at", "恢复计时早于暂停开始")
    return write(ticket, EventKind.RESUME, by, now, at=end, refers_to=standing)


@whole
def answer(
    ticket: Ticket,
    asked: TicketEvent,
    granted: bool,
    by: User,
    now: datetime,
    *,
    version: int,
    reason: str = "",
) -> TicketEvent:
    """The client agrees or refuses; a refusal needs its reason. Once, and never the provider.

    Raises ForbiddenError, BadInputError, StaleError.
    """
    demand(by, May.APPROVE_TICKETS)
    take(ticket, version)
    if asked not in facts_of(ticket).waiting:
        raise BadInputError("asked", "该申请不存在或已答复")
    if not granted:
        wanted("reason", reason, "不同意的原因")
    return _answer(ticket, asked, granted, reason, by, now)


def ask(ticket: Ticket, asked: TicketEvent, by: User, now: datetime) -> TicketEvent:
    """What the client asks for himself he has agreed to; anybody else waits for his answer."""
    if may(by.role, May.APPROVE_TICKETS):
        _answer(ticket, asked, True, "甲方提出", by, now)
    return asked


def _answer(
    ticket: Ticket, asked: TicketEvent, granted: bool, reason: str, by: User, now: datetime
) -> TicketEvent:
    made = write(
        ticket, EventKind.ANSWER, by, now, granted=granted, reason=reason, refers_to=asked,
        value=asked.get_kind_display(),
    )  # fmt: skip
    if granted and asked.kind == EventKind.SEVERITY:
        ticket.severity = asked.value
        ticket.save(update_fields=("severity",))
    return made


def either(by: User) -> None:
    """Raises ForbiddenError unless he works on tickets or speaks for the client."""
    if not (by.is_active and may(by.role, May.APPROVE_TICKETS)):
        demand(by, May.HANDLE_TICKETS)


def _incident(ticket: Ticket) -> None:
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("kind", "只有故障单定级和计时")
