"""Why something was down, and what the client agrees not to count (domain.md section 4, 9-10)."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.desk.actions.agreement import ask, either
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import take, wanted, whole, write
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Kind, Ticket, TicketEvent
from jingwei.terms.incident import Cause


@whole
def classify(
    ticket: Ticket, cause: Cause, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Say why it was down. Until somebody does, it is unclassified and counts in every budget.

    Who changes what the client said is the client. Raises BadInputError, ForbiddenError.
    """
    either(by)
    take(ticket, version)
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("cause", "只有故障单有原因分类")
    if cause == ticket.cause:
        raise BadInputError("cause", f"已是“{cause.label}”")
    if ticket.cause:
        wanted("reason", reason, "改变原因分类的依据")
        said = ticket.events.filter(kind=EventKind.CAUSE).order_by("-id").first()
        clients = said is not None and said.by is not None and _client(said.by)
        if clients and not _client(by):
            raise BadInputError("cause", "甲方已认定原因，更改须由甲方作出")
    before, ticket.cause = ticket.cause, cause.value
    ticket.save(update_fields=("cause",))
    return write(
        ticket, EventKind.CAUSE, by, now, value=cause, reason=reason, before={"cause": before}
    )


@whole
def exclude(ticket: Ticket, reason: str, by: User, now: datetime, *, version: int) -> TicketEvent:
    """Ask that its downtime is not counted; in force once the client agrees.

    Raises BadInputError without a reason, or when that was asked already.
    """
    either(by)
    take(ticket, version)
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("exclude", "只有故障单计停机")
    wanted("reason", reason, "申请不计入的理由")
    facts = facts_of(ticket)
    if facts.excluded is not None:
        raise BadInputError("exclude", "甲方已同意不计入")
    if any(each.kind == EventKind.EXCLUDE for each in facts.waiting):
        raise BadInputError("exclude", "申请待甲方答复")
    return ask(ticket, write(ticket, EventKind.EXCLUDE, by, now, reason=reason), by, now)


def _client(person: User) -> bool:
    return may(person.role, May.APPROVE_TICKETS)
