"""Contract versions, their obligations, papers and duties."""

from jingwei.contract.models.appraisal import Appraisal, AppraisalStep
from jingwei.contract.models.contract import Contract
from jingwei.contract.models.document import Document, DocumentStep
from jingwei.contract.models.duty import DutyConfirmation, DutyFile, DutyRecord, DutySheet
from jingwei.contract.models.obligation import Ambiguity, Decision, Obligation
from jingwei.contract.models.seal import Seal

__all__ = [
    "Ambiguity",
    "Appraisal",
    "AppraisalStep",
    "Contract",
    "Decision",
    "Document",
    "DocumentStep",
    "DutyConfirmation",
    "DutyFile",
    "DutyRecord",
    "DutySheet",
    "Obligation",
    "Seal",
]
