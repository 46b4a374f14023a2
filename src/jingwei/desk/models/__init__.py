"""Tickets, their log, the work done on them, and the data change form."""

from jingwei.desk.models.data_change import DataChange
from jingwei.desk.models.log import AppendOnlyError, TicketEvent, WorkEntry
from jingwei.desk.models.ticket import Ticket, TicketFinding, TicketNumber
from jingwei.desk.models.words import ENDED, Channel, EventKind, Kind, Purpose, State

__all__ = [
    "ENDED",
    "AppendOnlyError",
    "Channel",
    "DataChange",
    "EventKind",
    "Kind",
    "Purpose",
    "State",
    "Ticket",
    "TicketEvent",
    "TicketFinding",
    "TicketNumber",
    "WorkEntry",
]
