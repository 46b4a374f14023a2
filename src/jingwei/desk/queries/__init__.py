"""Every read of the desk."""

from jingwei.desk.queries.availability import Outage, outages, unclassified
from jingwei.desk.queries.clocks import TicketClocks, calendars, clocks, clocks_of
from jingwei.desk.queries.data_changes import (
    MonthCause,
    Repeated,
    by_month,
    data_changes,
    repeated,
)
from jingwei.desk.queries.distribution import (
    by_link,
    distributed,
    link_of,
    missing_receipts,
    own_receipts,
    receipts,
)
from jingwei.desk.queries.effort import Ledger, ledger
from jingwei.desk.queries.forms import Counted, requests_by_form
from jingwei.desk.queries.history import as_it_stood
from jingwei.desk.queries.known import Stood, stood
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
from jingwei.desk.queries.parts import affected, announced, announcements, parts
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
    "Counted",
    "Ledger",
    "MonthCause",
    "Outage",
    "Repeated",
    "Stood",
    "TicketClocks",
    "Wanted",
    "Work",
    "affected",
    "announced",
    "announcements",
    "as_it_stood",
    "by_link",
    "by_month",
    "by_number",
    "by_token",
    "calendars",
    "clocks",
    "clocks_of",
    "data_changes",
    "distributed",
    "due_within",
    "instants",
    "ledger",
    "link_of",
    "listed",
    "log",
    "maker",
    "missing_receipts",
    "my_work",
    "open_tickets",
    "outages",
    "overdue",
    "own",
    "own_receipts",
    "papers_owed",
    "parts",
    "promise",
    "receipts",
    "repeated",
    "requests_by_form",
    "search",
    "similar",
    "stood",
    "team_work",
    "tracking",
    "unclassified",
]
