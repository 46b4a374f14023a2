"""Tickets, what belongs to them, who is there, and what is to be said to whom."""

from jingwei.desk.models.append_only import AppendOnly, AppendOnlyError
from jingwei.desk.models.attached import TicketFile, TicketTarget
from jingwei.desk.models.data_change import DataChange
from jingwei.desk.models.form import Effort, EndOfService, Receipt, SparePart, TicketForm
from jingwei.desk.models.knowledge import Article, Handover
from jingwei.desk.models.log import TicketEvent, WorkEntry
from jingwei.desk.models.notice import Delivery, Notice, NoticeChannel
from jingwei.desk.models.roster import (
    Attendance,
    GuardPeriod,
    InstitutionContact,
    Leave,
    Shift,
    StaffChange,
)
from jingwei.desk.models.ticket import Ticket, TicketFinding, TicketNumber
from jingwei.desk.models.words import (
    ENDED,
    Asked,
    Channel,
    EventKind,
    FileKind,
    Impact,
    Kind,
    Medium,
    NoticeState,
    Origin,
    Purpose,
    State,
    SupportLevel,
    Topic,
    Urgency,
)

__all__ = [
    "ENDED",
    "AppendOnly",
    "AppendOnlyError",
    "Article",
    "Asked",
    "Attendance",
    "Channel",
    "DataChange",
    "Delivery",
    "Effort",
    "EndOfService",
    "EventKind",
    "FileKind",
    "GuardPeriod",
    "Handover",
    "Impact",
    "InstitutionContact",
    "Kind",
    "Leave",
    "Medium",
    "Notice",
    "NoticeChannel",
    "NoticeState",
    "Origin",
    "Purpose",
    "Receipt",
    "Shift",
    "SparePart",
    "StaffChange",
    "State",
    "SupportLevel",
    "Ticket",
    "TicketEvent",
    "TicketFile",
    "TicketFinding",
    "TicketForm",
    "TicketNumber",
    "TicketTarget",
    "Topic",
    "Urgency",
    "WorkEntry",
]
