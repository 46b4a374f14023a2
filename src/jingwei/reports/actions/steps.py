"""The steps of a report: reviewed, submitted, delivered on paper, signed or returned, archived.

The provider writes, reviews, submits and delivers; only the client signs or returns. Each step is
a row, a link of the audit chain, and, where the contract names such a paper, a step of that paper.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.checks.actions import BadInputError as RefusedFileError
from jingwei.checks.actions import files as uploads
from jingwei.contract.models import DocumentStep
from jingwei.reports import files, queries
from jingwei.reports.actions import papers
from jingwei.reports.actions.producing import produced
from jingwei.reports.actions.writing import allowed, made_whole, name_of, newest, words
from jingwei.reports.canonical import file_sha256
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.life import ON_PAPER as PAPER_KINDS
from jingwei.reports.life import OPEN, OUT, REVIEWED_FIRST
from jingwei.reports.models import Report, ReportFile, ReportState, ReportStep
from jingwei.reports.queries import AUDIT_KIND, audit_key
from jingwei.reports.snapshot import document_of
from jingwei.reports.statements import places

LATE = timedelta(minutes=30)
_LONGEST = 1000


def review(
    report: Report, by: User, now: datetime, *, opinion: str = "", address: str = ""
) -> Report:
    """Internal review: somebody who did not write it has read it, and nothing is left open.

    Raises ReportError (not allowed, the writer himself, a place nobody decided), FrozenError.
    """
    allowed(by, May.REVIEW_REPORTS, "内审")
    report.refresh_from_db()
    _in(report, {ReportState.DRAFT}, "内审")
    newest(report, "内审")
    _not_own(report, by)
    made_whole(report)
    _nothing_open(report)
    with transaction.atomic():
        _step(report, ReportState.REVIEWED, by, now, opinion, address=address)
    return report


def object_(report: Report, opinion: str, by: User, now: datetime, *, address: str = "") -> Report:
    """The reviewer wants it changed and says what; the draft stays a draft."""
    allowed(by, May.REVIEW_REPORTS, "内审")
    report.refresh_from_db()
    _in(report, {ReportState.DRAFT}, "内审")
    newest(report, "内审")
    opinion = words(opinion, "修改意见", _LONGEST)
    with transaction.atomic():
        _step(report, ReportState.DRAFT, by, now, opinion, address=address, action="object")
    return report


def submit(
    report: Report, by: User, now: datetime, *, opinion: str = "", address: str = ""
) -> Report:
    """Submit electronically: frozen, its files made and kept with their hashes, filed as paper.

    Raises ReportError (not allowed, not reviewed, a place nobody decided, not the newest, disk),
    FrozenError or FontsMissingError.
    """
    allowed(by, May.SUBMIT_REPORTS, "提交")
    report.refresh_from_db()
    if report.state not in OPEN:
        raise FrozenError(f"{report.number} V{report.version} 已是“{report.get_state_display()}”")
    newest(report, "提交")
    if report.kind in REVIEWED_FIRST and report.state != ReportState.REVIEWED:
        raise ReportError("这类报告须先经内审（由编制人以外的人审核），再提交")
    made_whole(report)
    _nothing_open(report)
    document = document_of(report, final=True)
    made, template = produced(report.kind, document)
    names = {
        files.name_of(report.number, report.version, suffix): data for suffix, data in made.items()
    }
    with transaction.atomic():
        _step(report, ReportState.SUBMITTED, by, now, opinion, address=address, more={
            "files": {files.name_of(report.number, report.version, s): files.digest(data)
                      for s, data in made.items()},
            **({"template": str(template)} if template else {}),
        })  # fmt: skip
        papers.file(report, document, made.get("pdf", b""), by, now)
        written = files.write_all(queries.folder(), names)
        ReportFile.objects.bulk_create(
            ReportFile(
                report=report, format=path.suffix[1:], path=path.name, sha256=file_sha256(path),
                created_at=now, template=template if path.suffix == ".docx" else None,
            )
            for path in written
        )  # fmt: skip
    return report


def deliver(
    report: Report, at: datetime, receiver: str, by: User, now: datetime, *, opinion: str = "",
    scan: uploads.Upload | None = None, address: str = "",
) -> Report:  # fmt: skip
    """The paper was handed over: when, to whom, and the scan of the receipt if there is one.

    Raises ReportError: not allowed, before the submission, still to come, nobody named.
    """
    allowed(by, May.SUBMIT_REPORTS, "送达")
    report.refresh_from_db()
    _in(report, {ReportState.SUBMITTED}, "登记书面送达")
    newest(report, "送达")
    receiver = words(receiver, "签收人", 64)
    if at.tzinfo is None or at > now:
        raise ReportError("送达时间晚于当前时间；只能登记已经送达的")
    if queries.reached(report).get(ReportState.SUBMITTED, now).date() > at.date():
        raise ReportError("送达时间早于提交日期；书面版应与已提交的电子版一致")
    with transaction.atomic():
        _step(report, ReportState.DELIVERED, by, now, opinion, at=at, receiver=receiver, scan=scan,
              address=address)  # fmt: skip
        papers.note(report, DocumentStep.Kind.PAPER, by, now, at=at, note=f"签收人：{receiver}")
    return report


def sign(
    report: Report, by: User, now: datetime, *, opinion: str = "同意", address: str = ""
) -> Report:
    """The client confirms; from here on only archiving follows.

    Raises ReportError (not allowed, paper still owed, anything changed), FrozenError.
    """
    allowed(by, May.SIGN_REPORTS, "签收")
    report.refresh_from_db()
    _in(report, OUT, "签收")
    newest(report, "处理")
    if report.kind in PAPER_KINDS and report.state != ReportState.DELIVERED:
        raise ReportError("这类报告须电子、书面两种形式送达，请先登记书面送达")
    if problems := queries.verify(report).problems:
        raise ReportError(f"校验未通过，不能签收：{'；'.join(problems)}")
    with transaction.atomic():
        _step(report, ReportState.SIGNED, by, now, opinion, address=address)
        papers.note(report, DocumentStep.Kind.CONFIRMED, by, now, note=opinion)
    return report


def return_(report: Report, opinion: str, by: User, now: datetime, *, address: str = "") -> Report:
    """The client returns a version and says why; it stays, the next is a new version."""
    allowed(by, May.SIGN_REPORTS, "退回")
    report.refresh_from_db()
    _in(report, OUT, "退回")
    newest(report, "处理")
    opinion = words(opinion, "退回的原因", _LONGEST)
    with transaction.atomic():
        _step(report, ReportState.RETURNED, by, now, opinion, address=address)
        papers.note(report, DocumentStep.Kind.RETURNED, by, now, note=opinion)
    return report


def archive(
    report: Report, by: User, now: datetime, *, scan: uploads.Upload | None = None,
    opinion: str = "", address: str = "",
) -> Report:  # fmt: skip
    """Put away for good: files and snapshot are whole, and the signed page is there as a scan.

    The scan is owed for what is delivered on paper. Raises ReportError, FrozenError.
    """
    allowed(by, May.SUBMIT_REPORTS, "归档")
    report.refresh_from_db()
    _in(report, {ReportState.SIGNED}, "归档")
    if report.kind in PAPER_KINDS and scan is None:
        raise ReportError("请上传签收页的扫描件，再归档")
    if problems := queries.verify(report).problems:
        raise ReportError(f"校验未通过，不能归档：{'；'.join(problems)}")
    with transaction.atomic():
        _step(report, ReportState.ARCHIVED, by, now, opinion, scan=scan, address=address)
    return report


def _step(
    report: Report, after: ReportState, by: User, now: datetime, opinion: str, *,
    at: datetime | None = None, receiver: str = "", scan: uploads.Upload | None = None,
    address: str = "", action: str = "", more: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Move on from the state it was read in, once: of two who press at once the second is told."""
    moved = Report.objects.filter(pk=report.pk, state=report.state).update(state=after)
    if not moved:
        raise FrozenError("该版本刚被他人处理，请刷新后再看")
    happened = at or now
    step = ReportStep(
        report=report, at=happened, entered_at=now, late=now - happened > LATE, state=after, by=by,
        by_name=name_of(by), receiver=receiver,
        opinion=words(opinion, "意见", _LONGEST, needed=False), **_scan(scan),
    )  # fmt: skip
    step.save()
    report.state = after
    accounts.record(
        by, f"report.{action or _ACTIONS[after]}", kind=AUDIT_KIND, key=audit_key(report),
        after={"state": after, "sha256": report.sha256, **queries.told(step), **(more or {})},
        reason=step.opinion, address=address, now=now,
    )  # fmt: skip


_ACTIONS = {
    ReportState.REVIEWED: "review", ReportState.SUBMITTED: "submit",
    ReportState.DELIVERED: "deliver", ReportState.SIGNED: "sign", ReportState.RETURNED: "return",
    ReportState.ARCHIVED: "archive",
}  # fmt: skip


def _scan(scan: uploads.Upload | None) -> dict[str, str]:
    if scan is None:
        return {}
    try:
        held = uploads.store(scan)
    except RefusedFileError as error:
        raise ReportError(error.message) from None
    except OSError as error:
        raise ReportError(f"扫描件写不进磁盘：{error.strerror}") from error
    return {
        "name": held.name, "media_type": held.media_type, "sha256": held.sha256, "path": held.path,
    }  # fmt: skip


def _in(report: Report, states: "set[ReportState] | frozenset[ReportState]", word: str) -> None:
    if report.state not in states:
        names = "、".join(f"“{state.label}”" for state in ReportState if state in states)
        raise FrozenError(
            f"只有{names}的版本可以{word}，该版本为“{report.get_state_display()}”"
        )  # fmt: skip


def _not_own(report: Report, by: User) -> None:
    if by.username in queries.writers(report):
        raise ReportError("内审须由编制人以外的人进行")


def _nothing_open(report: Report) -> None:
    left = places(document_of(report))
    if left:
        some = "、".join(f"“{each.label}”" for each in left[:3]) + ("等" if len(left) > 3 else "")
        raise ReportError(f"还有 {len(left)} 处红色内容未写明：{some}")
