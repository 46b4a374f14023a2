"""Every write of this room."""

from jingwei.contract.actions.decisions import settle
from jingwei.contract.actions.duties import Done, confirm_duty, record_duty
from jingwei.contract.actions.errors import BadInputError, ContractError, ForbiddenError
from jingwei.contract.actions.papers import Paper, file_paper, note_step
from jingwei.contract.actions.seals import seal
from jingwei.contract.actions.sheets import Filled, TakenError, confirm_round, finish_sheet
from jingwei.contract.actions.versions import ensure_demo_copy, load

__all__ = [
    "BadInputError",
    "ContractError",
    "Done",
    "Filled",
    "ForbiddenError",
    "Paper",
    "TakenError",
    "confirm_duty",
    "confirm_round",
    "ensure_demo_copy",
    "file_paper",
    "finish_sheet",
    "load",
    "note_step",
    "record_duty",
    "seal",
    "settle",
]
