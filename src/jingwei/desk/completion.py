"""What a ticket still owes before it may be resolved: actions guard with it, pages show it.

Reads only. An incident owes its instants instead (`actions.state`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from jingwei.calendars.queries import add_working_days
from jingwei.desk import forms
from jingwei.desk.models import Effort, Kind, Receipt, SparePart, Ticket, TicketForm
from jingwei.terms import SHANGHAI

MOST_NAMES = 5
ANSWER_DAYS = 5


@dataclass(frozen=True, slots=True)
class Owed:
    """`fields` must be filled in; what `reason` names may be left undone with a written reason."""

    fields: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def owed(ticket: Ticket) -> Owed:
    """What is missing from this ticket's form, receipts, parts or bookings."""
    return Owed(_fields(ticket), _reason(ticket))


def missing_receipts(ticket: Ticket) -> list[Receipt]:
    """The institutions that have not said that they have the file, by their code."""
    rows = Receipt.objects.filter(ticket=ticket, received_at=None).select_related("institution")
    return list(rows.order_by("institution__code"))


@dataclass(frozen=True, slots=True)
class Answer:
    """By when a complaint is answered: `due` is None while the calendar is not published."""

    due: date | None
    answered: date | None
    today: date

    @property
    def late(self) -> bool:
        """Answered after the day, or not answered and the day is over."""
        return self.due is not None and (self.answered or self.today) > self.due


def answer_due(ticket: Ticket, now: datetime) -> Answer | None:
    """When a complaint's answer is due, counted from the working day after it was received.

    Five working days is our default; the tender names none. None before the form says when.
    """
    held = TicketForm.objects.filter(ticket=ticket, form="complaint").first()
    if held is None or not held.values.get("received_at"):
        return None
    received = _day(held.values["received_at"])
    answered = held.values.get("answered_at")
    return Answer(
        add_working_days(received, ANSWER_DAYS), _day(answered) if answered else None,
        now.astimezone(SHANGHAI).date(),
    )  # fmt: skip


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(SHANGHAI).date()


def _fields(ticket: Ticket) -> dict[str, str]:
    held = TicketForm.objects.filter(ticket=ticket).first()
    form = forms.by_id(held.form) if held is not None else None
    if held is None or form is None or ticket.kind == Kind.DATA_CHANGE:
        return {}
    return forms.unfinished(form, held.values)


def _receipts(ticket: Ticket) -> str:
    if not Receipt.objects.filter(ticket=ticket).exists():
        return "没有登记下发机构"
    missing = missing_receipts(ticket)
    names = "、".join(row.institution.name for row in missing[:MOST_NAMES])
    more = "等" if len(missing) > MOST_NAMES else ""
    return f"尚有 {len(missing)} 家机构没有回执（{names}{more}）" if missing else ""


def _parts(ticket: Ticket) -> str:
    return "" if SparePart.objects.filter(ticket=ticket).exists() else "没有登记更换的部件"


def _effort(ticket: Ticket) -> str:
    return "" if Effort.objects.filter(ticket=ticket).exists() else "没有登记工作量"


def _reason(ticket: Ticket) -> str:
    rule = _REASONS.get(Kind(ticket.kind))
    return rule(ticket) if rule is not None else ""


_REASONS: dict[Kind, Callable[[Ticket], str]] = {
    Kind.DISTRIBUTION: _receipts,
    Kind.SPARE_PART: _parts,
    Kind.DEV_EFFORT: _effort,
}
