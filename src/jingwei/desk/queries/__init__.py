"""Every read of the desk."""

from jingwei.desk.queries.availability import Outage, outages, unclassified
from jingwei.desk.queries.clocks import TicketClocks, calendars, clocks, clocks_of
from jingwei.desk.queries.history import as_it_stood
from jingwei.desk.queries.lists import (
    Work,
    due_within,
    my_work,
    open_tickets,
    overdue,
    papers_owed,
    team_work,
)
from jingwei.desk.queries.log import instants, log, maker, promise, tracking
from jingwei.desk.queries.search import (
    Wanted,
    by_number,
    by_token,
    listed,
    own,
    search,
    similar,
)

__all__ = [
    "Outage",
    "TicketClocks",
    "Wanted",
    "Work",
    "as_it_stood",
    "by_number",
    "by_token",
    "calendars",
    "clocks",
    "clocks_of",
    "due_within",
    "instants",
    "listed",
    "log",
    "maker",
    "my_work",
    "open_tickets",
    "outages",
    "overdue",
    "own",
    "papers_owed",
    "promise",
    "search",
    "similar",
    "team_work",
    "tracking",
    "unclassified",
]
