"""Why it happened: the cause that the two budgets read. Unclassified counts."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions import cause as desk
from jingwei.desk.actions.errors import BadInputError
from jingwei.emergency.actions.writing import demand, take, whole, within, write
from jingwei.emergency.facts import cause_of
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind
from jingwei.terms.incident import Cause


@whole
def classify(
    emergency: Emergency, cause: Cause, reason: str, by: User, now: datetime, *, version: int
) -> EmergencyEntry | None:
    """Name the cause. Another cause later needs its exclusion approved anew.

    An event with a fault ticket has one cause, the ticket's: it is written there by the desk's own
    rules (what the client said only he changes) and None comes back. Raises BadInputError for the
    cause that stands already, and without a reason.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version, ended=True)
    if cause == cause_of(emergency):
        raise BadInputError("cause", f"已是“{cause.label}”")
    before = emergency.cause
    why = within("reason", reason, 2000, "原因分类的依据")
    Emergency.objects.filter(pk=emergency.pk).update(cause=cause)
    if emergency.ticket is not None:
        ticket = emergency.ticket
        ticket.refresh_from_db()
        desk.classify(ticket, cause, why, by, now, version=ticket.version)
        return None
    return write(
        emergency, EntryKind.CAUSE, by, now, value=cause.label, reason=why,
        before={"cause": before},
    )  # fmt: skip
