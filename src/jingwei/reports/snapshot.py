"""What is kept of a report: the sheet and its issue as one JSON value, with its hash."""

from dataclasses import dataclass
from typing import Any

from jingwei.reports import daily
from jingwei.reports.canonical import sha256
from jingwei.reports.daily.sheet import Issue, Sheet
from jingwei.reports.document import Document
from jingwei.reports.errors import ReportError
from jingwei.reports.models import Report, ReportState
from jingwei.reports.revive import from_json, to_json

KIND = "daily"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A daily report's frozen facts."""

    issue: Issue
    sheet: Sheet


def freeze(issue: Issue, sheet: Sheet) -> tuple[dict[str, Any], str]:
    """The JSON to keep, and its SHA-256."""
    kept = {"kind": KIND, "issue": to_json(issue), "data": to_json(sheet)}
    return kept, sha256(kept)


def thaw(report: Report) -> Snapshot:
    """Read a report's snapshot back. Raises ReportError when it is no snapshot of ours."""
    try:
        issue = from_json(Issue, report.snapshot["issue"])
        sheet = from_json(Sheet, report.snapshot["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(f"报告 {report} 的数据快照无法读取：{error}") from error
    return Snapshot(issue, sheet)


def document_of(report: Report, *, final: bool = False) -> Document:
    """The report as a document tree; a version nobody submitted says 草稿, unless `final`."""
    held = thaw(report)
    draft = report.state == ReportState.DRAFT and not final
    return daily.document(held.sheet, held.issue, draft=draft)
