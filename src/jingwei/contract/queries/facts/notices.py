"""What makers announced, and the notices the client got of it (tender L655)."""

from datetime import datetime

from jingwei.desk.models import EndOfService, Kind, State, Ticket
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import DoneFact
from jingwei.terms.obligation import Ref

RELEASE = "新补丁或新版本"  # the form's own word for what is no end of service


def announced(term: Term, now: datetime) -> list[DoneFact]:
    """The announcement in force of every model, and the notice of it: the newest of each."""
    rows = EndOfService.objects.filter(at__gte=term.start, at__lt=term.end, at__lte=now)
    latest = {(row.maker.casefold(), row.model.casefold()): row for row in rows.order_by("id")}
    if not latest:
        return []
    found = [
        DoneFact(Ref("end-of-service", f"eos-{row.pk}", row.at), "end-of-service", row.at)
        for row in latest.values()
    ]
    tickets = Ticket.objects.filter(kind=Kind.EOS_NOTICE, created_at__lte=now).exclude(
        state=State.CANCELLED
    )
    for ticket in tickets.select_related("form").prefetch_related("events").order_by("id"):
        values = ticket.form.values if hasattr(ticket, "form") else {}
        key = (str(values.get("maker", "")).casefold(), str(values.get("model", "")).casefold())
        row = latest.get(key)
        if row is not None and values.get("what") != RELEASE:
            found.append(
                DoneFact(
                    Ref("ticket", ticket.number, ticket.created_at), "eos-notice",
                    ticket.created_at, about=f"eos-{row.pk}", confirmed_at=_seen(ticket, now),
                )
            )  # fmt: skip
    return found


def _seen(ticket: Ticket, now: datetime) -> datetime | None:
    """When the client confirmed the notice."""
    steps = (e for e in ticket.events.all() if e.entered_at <= now)
    return max((e.at for e in steps if e.state == State.CONFIRMED), default=None)
