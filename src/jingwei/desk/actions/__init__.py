"""Every write of the desk."""

from jingwei.desk.actions.agreement import answer, pause, regrade, resume
from jingwei.desk.actions.amend import Basics, amend
from jingwei.desk.actions.attached import attach, link_target
from jingwei.desk.actions.callers import core, leave_message, report_own, set_contact
from jingwei.desk.actions.cause import classify, exclude
from jingwei.desk.actions.data_change import step as data_step
from jingwei.desk.actions.data_form import (
    Form,
    complete_paper,
    edit_form,
    note_destruction,
    open_data_change,
)
from jingwei.desk.actions.distribution import receive, send, take_file
from jingwei.desk.actions.effort import book, undo
from jingwei.desk.actions.errors import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.desk.actions.escalation import escalate
from jingwei.desk.actions.forms import BadFormError, fill, open_request
from jingwei.desk.actions.instants import note_instant, set_remote
from jingwei.desk.actions.intake import (
    Intake,
    group,
    link_finding,
    open_from_finding,
    open_ticket,
    ungroup,
)
from jingwei.desk.actions.parts import (
    Part,
    fit_part,
    open_eos_notice,
    record_end_of_service,
)
from jingwei.desk.actions.problems import open_problem
from jingwei.desk.actions.state import advance, assign, log_work

__all__ = [
    "BadFormError",
    "BadInputError",
    "Basics",
    "DeskError",
    "ForbiddenError",
    "Form",
    "Intake",
    "Part",
    "StaleError",
    "advance",
    "amend",
    "answer",
    "assign",
    "attach",
    "book",
    "classify",
    "complete_paper",
    "core",
    "data_step",
    "edit_form",
    "escalate",
    "exclude",
    "fill",
    "fit_part",
    "group",
    "leave_message",
    "link_finding",
    "link_target",
    "log_work",
    "note_destruction",
    "note_instant",
    "open_data_change",
    "open_eos_notice",
    "open_from_finding",
    "open_problem",
    "open_request",
    "open_ticket",
    "pause",
    "receive",
    "record_end_of_service",
    "regrade",
    "report_own",
    "resume",
    "send",
    "set_contact",
    "set_remote",
    "take_file",
    "undo",
    "ungroup",
]
