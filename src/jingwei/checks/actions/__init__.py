"""Every write of checks, their history, their routines and findings."""

from jingwei.checks.actions.answers import answer_item, confirm_item, open_finding_from_item
from jingwei.checks.actions.calls import UnknownTokenError, heartbeat, register, renew
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.files import Upload
from jingwei.checks.actions.findings import acknowledge, close, note
from jingwei.checks.actions.maintenance import add as add_maintenance
from jingwei.checks.actions.maintenance import cancel as cancel_maintenance
from jingwei.checks.actions.observing import SeriesIds
from jingwei.checks.actions.recording import Seen, record
from jingwei.checks.actions.routine import (
    Answer,
    confirm_run,
    request_routine,
    set_header,
    write_answers,
)
from jingwei.checks.actions.sheets import found_on_site
from jingwei.checks.actions.stoppage import start, stop
from jingwei.checks.actions.sync import Synced, recheck, sync_checks, unchecked_reasons

__all__ = [
    "Answer",
    "BadInputError",
    "Seen",
    "SeriesIds",
    "Synced",
    "UnknownTokenError",
    "Upload",
    "acknowledge",
    "add_maintenance",
    "answer_item",
    "cancel_maintenance",
    "close",
    "confirm_item",
    "confirm_run",
    "found_on_site",
    "heartbeat",
    "note",
    "open_finding_from_item",
    "recheck",
    "record",
    "register",
    "renew",
    "request_routine",
    "set_header",
    "start",
    "stop",
    "sync_checks",
    "unchecked_reasons",
    "write_answers",
]
