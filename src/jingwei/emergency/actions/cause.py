"""Why it happened: the cause that the two budgets read. Unclassified counts."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions.errors import BadInputError
from jingwei.emergency.actions.writing import demand, take, whole, within, write
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind
from jingwei.terms.incident import Cause


@whole
def classify(
    emergency: Emergency, cause: Cause, reason: str, by: User, now: datetime, *, version: int
) -> EmergencyEntry:
    """Name the cause. Another cause later needs its exclusion approved anew.

    Raises BadInputError for the cause that stands already, and without a reason.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version, ended=True)
    if cause == emergency.cause:
        raise BadInputError("cause", f"已是“{cause.label}”")
    before = emergency.cause
    made = write(
        emergency, EntryKind.CAUSE, by, now, value=cause.label,
        reason=within("reason", reason, 2000, "原因分类的依据"), before={"cause": before},
    )  # fmt: skip
    Emergency.objects.filter(pk=emergency.pk).update(cause=cause)
    return made
