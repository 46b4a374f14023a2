"""What the clocks run on under the contract of a day, and tickets' clocks under their own version.

The desk and the emergency room know no contract: whoever shows or judges their clocks asks here
and hands the answer on.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict

from jingwei.contract.models import Contract
from jingwei.contract.policy import hours_of, policy_of
from jingwei.contract.queries.versions import current, in_order, origin
from jingwei.desk import queries as desk
from jingwei.desk.models import Ticket
from jingwei.desk.queries import TicketClocks
from jingwei.sla.calendar import Hours
from jingwei.sla.limits import Policy
from jingwei.terms import SHANGHAI


class Agreed(TypedDict):
    """What the queries of clocks take: `clocks(ticket, now, **agreed(day))`."""

    policy: Policy
    hours: Hours


def policy(as_of: date) -> Policy:
    """The limits in force on a day; a demonstration copy has its original's."""
    return agreed(as_of)["policy"]


def hours(as_of: date) -> Hours:
    """The working hours in force on a day."""
    return agreed(as_of)["hours"]


def agreed(as_of: date | datetime) -> Agreed:
    """Both at once; the tender's own where no contract covers the day."""
    day = as_of.astimezone(SHANGHAI).date() if isinstance(as_of, datetime) else as_of
    return agreed_in(current(day))


def agreed_in(contract: Contract | None) -> Agreed:
    """Both as one version of a contract has them."""
    stored = origin(contract).policy if contract is not None else {}
    return Agreed(policy=policy_of(stored), hours=hours_of(stored))


def ticket_clocks(ticket: Ticket, now: datetime) -> TicketClocks:
    """The clocks of one ticket under the version in force on the day it was opened."""
    return desk.clocks(ticket, now, **agreed(ticket.created_at))


def clocks_of(tickets: Iterable[Ticket], now: datetime) -> dict[int, TicketClocks]:
    """Ticket id → clocks, each under the version in force on the day the ticket was opened."""
    known = list(in_order(Contract.objects.select_related("copy_of")))
    groups: dict[int, tuple[Contract | None, list[Ticket]]] = {}
    for ticket in tickets:
        day = ticket.created_at.astimezone(SHANGHAI).date()
        held = next((row for row in known if row.period_start <= day <= row.period_end), None)
        groups.setdefault(held.pk if held else 0, (held, []))[1].append(ticket)
    found: dict[int, TicketClocks] = {}
    for version, rows in groups.values():
        found |= desk.clocks_of(rows, now, **agreed_in(version))
    return found
