"""A ticket as its log stood at a moment: what was written down by then, nothing later."""

from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from jingwei.desk.models import Kind, Ticket, TicketEvent
from jingwei.desk.transitions import first_state


def as_it_stood(ticket: Ticket, at: datetime) -> Ticket:
    """A copy for `clocks`, with the log and the state of that moment; never to be saved.

    A line counts from when it was written down, not from when it says that something happened:
    what was entered three days late was not known before.
    """
    then = Ticket.objects.get(pk=ticket.pk)
    known = TicketEvent.objects.filter(entered_at__lte=at).order_by("id")
    prefetch_related_objects([then], Prefetch("events", queryset=known))
    states = [event.state for event in then.events.all() if event.state]
    then.state = states[-1] if states else first_state(Kind(then.kind))
    return then
