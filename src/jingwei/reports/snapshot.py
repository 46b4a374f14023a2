"""What is kept of a report: its data and its issue as one JSON value, with its hash."""

from dataclasses import dataclass, replace
from typing import Any

from jingwei.reports import kinds
from jingwei.reports.canonical import sha256
from jingwei.reports.daily.sheet import Issue, Sheet
from jingwei.reports.document import Document
from jingwei.reports.errors import ReportError
from jingwei.reports.kinds import ReportKind
from jingwei.reports.life import OPEN
from jingwei.reports.models import Report
from jingwei.reports.revive import from_json, to_json
from jingwei.reports.statements import filled


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A daily report's frozen facts."""

    issue: Issue
    sheet: Sheet


def freeze(kind: ReportKind, subject: str, issue: Issue, data: Any) -> tuple[dict[str, Any], str]:
    """The JSON to keep, and its SHA-256. A day says itself in its data; other subjects are kept."""
    kept = {"kind": kind.name, "issue": to_json(issue), "data": to_json(data)}
    if kind is not kinds.DAILY:
        kept["subject"] = subject
    return kept, sha256(kept)


def subject_of(report: Report) -> str:
    """What the report is about: the day, or the number of the event."""
    return str(report.snapshot.get("subject") or report.period_start.isoformat())


def data_of(report: Report) -> tuple[Issue, Any]:
    """Any report's frozen facts. Raises ReportError when they are no snapshot of ours."""
    try:
        issue = from_json(Issue, report.snapshot["issue"])
        return issue, from_json(kinds.of(report.kind).shape, report.snapshot["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(f"报告 {report} 的数据快照无法读取：{error}") from error


def thaw(report: Report) -> Snapshot:
    """A daily report's frozen facts. Raises ReportError for what is none of ours, or no daily."""
    issue, data = data_of(report)
    if not isinstance(data, Sheet):
        raise ReportError(f"{report} 不是日检报告")
    return Snapshot(issue, data)


def document_of(report: Report, *, final: bool = False) -> Document:
    """The report as a document tree with what people wrote into it.

    A version nobody submitted says 草稿, unless `final`.
    """
    drawn = drafted(report, final=final)
    written = {held.key: held.text for held in report.statements.all()}  # the newest comes last
    return filled(drawn, written)


def drafted(report: Report, *, final: bool = False) -> Document:
    """The report as its facts alone draw it: places people decide are still open."""
    issue, data = data_of(report)
    draft = report.state in OPEN and not final
    drawn = kinds.of(report.kind).draw(data, issue, draft)
    return replace(drawn, meta=replace(drawn.meta, sha256=report.sha256))
