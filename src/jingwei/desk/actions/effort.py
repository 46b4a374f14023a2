"""Person-days of development, booked against the 10 person-months (tender L517)."""

from datetime import date, datetime
from decimal import Decimal

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Person
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import (
    EARLIEST,
    audit,
    demand,
    name_of,
    plain,
    take,
    wanted,
    whole,
)
from jingwei.desk.models import Effort, Kind, Ticket
from jingwei.terms import SHANGHAI

MOST = Decimal(31)  # person-days of one booking
CENT = Decimal("0.01")


@whole
def book(
    ticket: Ticket, person: Person, day: date, days: Decimal, work: str, by: User, now: datetime,
    *, version: int,
) -> Effort:  # fmt: skip
    """So many person-days of one person. More than the budget is not refused but shown 超出.

    Raises BadInputError naming the field, ForbiddenError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.kind != Kind.DEV_EFFORT:
        raise BadInputError("kind", f"{ticket.number}不是开发工作量单")
    if not days.is_finite() or not 0 < days <= MOST or days != round(days, 2):
        raise BadInputError("days", f"人日须大于 0、不超过 {MOST}，最多两位小数，收到 {days}")
    today = now.astimezone(SHANGHAI).date()
    if not day.year >= EARLIEST or day > today:
        raise BadInputError("date", f"日期“{day.isoformat()}”须在 {EARLIEST} 年以后、不晚于今天")
    if (person.valid_from and day < person.valid_from) or (
        person.valid_to and day > person.valid_to
    ):
        raise BadInputError("person", f"{person.name}在 {day.isoformat()} 不在岗")
    made = Effort(
        ticket=ticket, person=person, date=day, days=days.quantize(CENT), entered_at=now, by=by,
        work=plain("work", wanted("work", work, "工作内容"), "工作内容", 300),
        by_name=name_of(by),
    )  # fmt: skip
    made.save()
    after = {"person": person.name, "date": day.isoformat(), "days": str(made.days)}
    audit(ticket, "effort", by, now, after={**after, "work": made.work})
    return made


@whole
def undo(
    ticket: Ticket, wrong: Effort, reason: str, by: User, now: datetime, *, version: int
) -> Effort:
    """The opposite of a wrong booking; the right one is booked anew.

    Raises BadInputError for a booking of another ticket, one that is a correction or was
    corrected before, and without a reason; ForbiddenError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if wrong.ticket_id != ticket.pk:
        raise BadInputError("effort", "该登记不属于本单")
    if wrong.corrects_id is not None or Effort.objects.filter(corrects=wrong).exists():
        raise BadInputError("effort", "该登记是冲销或已被冲销")
    why = plain("reason", wanted("reason", reason, "冲销原因"), "冲销原因", 250)
    made = Effort(
        ticket=ticket, person=wrong.person, date=wrong.date, days=-wrong.days, corrects=wrong,
        work=f"冲销：{why}", entered_at=now, by=by, by_name=name_of(by),
    )  # fmt: skip
    made.save()
    audit(
        ticket, "effort", by, now, before={"effort": wrong.pk, "days": str(wrong.days)},
        after={"days": str(made.days)}, reason=why,
    )  # fmt: skip
    return made
