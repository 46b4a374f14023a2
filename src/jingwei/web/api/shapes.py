"""What the interface says about tickets: the shapes of its answers."""

from datetime import date, datetime
from typing import Any

from ninja import Schema


class Thing(Schema):
    """Something of the register, or a person: how it is referred to, and its name."""

    code: str
    name: str


class TicketLine(Schema):
    """One ticket in a list."""

    number: str
    version: int
    kind: str
    kind_label: str
    state: str
    state_label: str
    ended: bool
    severity: str
    title: str
    institution: Thing | None
    application: Thing | None
    target: Thing | None
    site: Thing | None
    assignee: Thing | None
    level: str
    cause: str
    channel: str
    reporter: str
    phone: str
    parent: str | None
    created_at: datetime


class TicketPage(Schema):
    """Some tickets, newest first. `next` is the cursor of the following page, null at the end."""

    items: list[TicketLine]
    next: str | None


class LogLine(Schema):
    """One line of the log. `refers_to` is the id of the line it answers or corrects."""

    id: int
    kind: str
    kind_label: str
    at: datetime
    entered_at: datetime
    late: bool
    instant: str
    state: str
    value: str
    granted: bool | None
    resident: bool
    reason: str
    refers_to: int | None
    by: str


class WorkLine(Schema):
    """What somebody did."""

    at: datetime
    entered_at: datetime
    late: bool
    minutes: int | None
    text: str
    by: str


class FileLine(Schema):
    """A file; fetch it on the ticket's page."""

    kind: str
    name: str
    caption: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    by: str


class FormShape(Schema):
    """The filled form of a ticket."""

    form: str
    values: dict[str, Any]


class DataChangeShape(Schema):
    """A data change report without its scripts: `script_hash` says which one was approved."""

    purpose: str
    cause: str
    database: str | None
    sealed_by: str
    script_hash: str
    expected_rows: int
    actual_rows: int | None
    medical_batch: bool
    window_start: datetime | None
    window_end: datetime | None
    oral_by: str
    paper_due: date | None
    paper_ref: str
    backup_ref: str
    session_ref: str
    images_ref: str
    verified_by: str


class ReceiptShape(Schema):
    """One institution a file was sent to."""

    institution: Thing
    sent_at: datetime | None
    received_at: datetime | None
    receiver: str


class PartShape(Schema):
    """A part that was fitted."""

    name: str
    maker: str
    model: str
    serial_out: str
    serial_in: str
    origin: str
    fitted_at: datetime
    by: str


class ClockShape(Schema):
    """One promise on one calendar; its deadline counts, inclusive. `note` says what is wrong."""

    name: str
    calendar: str
    state: str
    started: datetime | None
    due: datetime | None
    stopped: datetime | None
    allowed_seconds: int
    clause: str
    note: str


class TurningClock(ClockShape):
    """A clock as it stands now: seconds used and left, negative once overdue."""

    used_seconds: float | None
    left_seconds: float | None


class ClocksShape(Schema):
    """Every clock of a ticket as of a moment, on both calendars (the tender does not say which)."""

    number: str
    as_of: datetime
    severity: str
    due: datetime | None
    overdue: bool
    clocks: list[TurningClock]


class StepShape(Schema):
    """A step that leads on from here and that the caller may take; `needs` are names of facts."""

    step: str
    label: str
    to: str
    needs: list[str]


class WholeTicket(TicketLine):
    """One ticket with all that belongs to it.

    An institution's contact gets an empty `work` and `steps`, and of `log` what concerns him.
    """

    text: str
    solution: str
    impact: str
    urgency: str
    findings: list[int]
    targets: list[Thing]
    clocks: list[ClockShape]
    log: list[LogLine]
    work: list[WorkLine]
    files: list[FileLine]
    form: FormShape | None
    data_change: DataChangeShape | None
    receipts: list[ReceiptShape]
    parts: list[PartShape]
    steps: list[StepShape]
