"""Every write of this room."""

from jingwei.contract.actions.appraisal import Change, appeal, decide, issue, propose
from jingwei.contract.actions.decisions import settle
from jingwei.contract.actions.duties import Done, confirm_duty, record_duty
from jingwei.contract.actions.errors import BadInputError, ContractError, ForbiddenError
from jingwei.contract.actions.papers import Paper, file_paper, note_step
from jingwei.contract.actions.seals import seal
from jingwei.contract.actions.sheets import Filled, TakenError, confirm_round, finish_sheet
from jingwei.contract.actions.versions import ensure_demo_copy, load

__all__ = [
    "BadInputError",
    "Change",
    "ContractError",
    "Done",
    "Filled",
    "ForbiddenError",
    "Paper",
    "TakenError",
    "appeal",
    "confirm_duty",
    "confirm_round",
    "decide",
    "ensure_demo_copy",
    "file_paper",
    "finish_sheet",
    "issue",
    "load",
    "note_step",
    "propose",
    "record_duty",
    "seal",
    "settle",
]
