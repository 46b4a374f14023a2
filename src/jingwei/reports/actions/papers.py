"""A submitted report is the paper the contract asks for: filed there, with each step it takes."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.checks.actions.files import MOST_BYTES, Upload
from jingwei.contract import actions as contract
from jingwei.contract import queries as contracts
from jingwei.contract.actions import ContractError, Paper
from jingwei.contract.models import Document as PaperOnFile
from jingwei.contract.models import DocumentStep
from jingwei.reports import kinds
from jingwei.reports.document import Document
from jingwei.reports.errors import ReportError
from jingwei.reports.files import name_of
from jingwei.reports.models import Report
from jingwei.reports.sections import held_sections
from jingwei.reports.snapshot import data_of, subject_of

_EVENTS = frozenset({"fault", "emergency", "drill"})


def file(report: Report, document: Document, pdf: bytes, by: User, now: datetime) -> None:
    """File it with the contract of its last day, where that names such a paper.

    Raises ReportError when the contract's room refuses.
    """
    held = contracts.current(report.period_end)
    content = contracts.content_of(held) if held is not None else None
    if held is None or content is None or report.kind not in content.documents:
        return
    if not kinds.of(report.kind).proves(data_of(report)[1]):
        return  # a part of the paper, or a frame without figures: never what is owed
    name = name_of(report.number, report.version, "pdf")
    paper = Paper(
        kind=report.kind, title=f"{kinds.of(report.kind).label} {report.number} V{report.version}",
        about=subject_of(report) if report.kind in _EVENTS else "",
        report=filed_as(report), period_start=report.period_start, period_end=report.period_end,
        sections=held_sections(report.kind, document),
        upload=Upload(name, pdf) if pdf and len(pdf) <= MOST_BYTES else None,
    )  # fmt: skip
    try:
        filed = contract.file_paper(held, paper, by, now)
        contract.note_step(filed, DocumentStep.Kind.ELECTRONIC, by, now)
    except ContractError as error:
        raise ReportError(f"合同文件登记被拒：{error.message}") from error


def note(
    report: Report, kind: DocumentStep.Kind, by: User, now: datetime, *,
    at: datetime | None = None, note: str = "",
) -> None:  # fmt: skip
    """The same step for the paper on file, if it was filed. Raises ReportError when refused."""
    filed = PaperOnFile.objects.filter(report=filed_as(report)).order_by("id").last()
    if filed is None:
        return
    try:
        contract.note_step(filed, kind, by, now, at=at, note=note[:300])
    except ContractError as error:
        raise ReportError(f"合同文件登记被拒：{error.message}") from error


def filed_as(report: Report) -> str:
    """How the contract's papers name one version of a report."""
    return f"{report.number} V{report.version}"
