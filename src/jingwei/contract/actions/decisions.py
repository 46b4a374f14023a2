"""The client settles what the tender leaves open."""

from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.contract.actions.errors import BadInputError
from jingwei.contract.actions.writing import audit, demand, name_of, wanted
from jingwei.contract.models import Ambiguity, Decision, Document


@transaction.atomic
def settle(
    ambiguity: Ambiguity, by: User, now: datetime, *, reason: str, reading: str = "",
    about: str = "", value: int | None = None, document: Document | None = None,
) -> Decision:  # fmt: skip
    """One reading from now on; or a value, such as so many days, for one kind of paper.

    Only the client settles. Raises ForbiddenError, BadInputError.
    """
    demand(by, May.APPROVE_TICKETS)
    readings = {each["id"] for each in ambiguity.readings}
    if ambiguity.value:
        if value is None or not 0 <= value <= 366:
            raise BadInputError("value", f"请给出 0 至 366 之间的天数，收到 {value}")
        about = wanted("about", about, "适用的文件", 64)
    elif readings and reading not in readings:
        raise BadInputError("reading", f"请选择读法：{'、'.join(sorted(readings))}")
    reason = wanted("reason", reason, "依据", 2000)
    made = Decision(
        ambiguity=ambiguity, reading=reading if readings else "", about=about, value=value,
        reason=reason, document=document, at=now, by=by, by_name=name_of(by),
    )  # fmt: skip
    made.save()
    audit(
        ambiguity.contract, "settle", by, now, key=ambiguity.key,
        after={"reading": made.reading, "about": about, "value": value}, reason=reason,
    )  # fmt: skip
    return made
