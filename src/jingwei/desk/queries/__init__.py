"""Every read of the desk."""

from jingwei.desk.queries.clocks import TicketClocks, calendars, clocks, clocks_of
from jingwei.desk.queries.lists import (
    Work,
    due_within,
    my_work,
    open_tickets,
    overdue,
    papers_owed,
    team_work,
)
from jingwei.desk.queries.search import by_token, search, similar

__all__ = [
    "TicketClocks",
    "Work",
    "by_token",
    "calendars",
    "clocks",
    "clocks_of",
    "due_within",
    "my_work",
    "open_tickets",
    "overdue",
    "papers_owed",
    "search",
    "similar",
    "team_work",
]
