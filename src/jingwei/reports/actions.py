"""Every write of reports: build, submit, sign, return; a version is written once and never again.

Numbers are JAWS-<class>-<period>-<sequence> (reports.md sections 0 and 1); a subject, such as a
day, has one number and as many versions as it needs. A draft is superseded by the next version,
never changed in place.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.reports import files, kinds, queries
from jingwei.reports.canonical import file_sha256, sha256
from jingwei.reports.daily.sheet import Issue, Revision
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.files import FORMATS
from jingwei.reports.kinds import ReportKind
from jingwei.reports.models import Report, ReportFile, ReportState, ReportStep
from jingwei.reports.queries import AUDIT_KIND, BUILT, audit_key
from jingwei.reports.revive import to_json
from jingwei.reports.snapshot import document_of, freeze, subject_of
from jingwei.terms import SHANGHAI

FIRST = "初稿"
REFRESHED = "更新数据后重新生成"
_TRIES = 5  # builds that met another build at the same number


def number_of(day: date) -> str:
    """The number of a day's report; unique and never used again."""
    return kinds.DAILY.number(day.isoformat())


def build_daily(day: date, by: User | str, now: datetime, *, address: str = "") -> Report:
    """The day's report with the facts of this moment.

    Nothing changed since the last version: that version, whatever its state. A draft, or one that
    was returned, is followed by a new version. Raises FrozenError when a submitted or signed one
    would be followed silently (use `new_version` and say why), ReportError for a day to come.
    """
    if day > now.astimezone(SHANGHAI).date():
        raise ReportError(f"{day} 还没有到，不能生成日检报告")
    return build("daily", day.isoformat(), by, now, address=address)


def build(kind: str, subject: str, by: User | str, now: datetime, *, address: str = "") -> Report:
    """A report of any kind about its subject with the facts of this moment; see `build_daily`.

    Raises FrozenError as that does, and ReportError for a kind or a subject there is not.
    """
    return _retried(kinds.of(kind), subject, by, now, address, reason="")


def new_version(
    report: Report, reason: str, by: User | str, now: datetime, *, address: str = ""
) -> Report:
    """A new version after a submitted, signed or returned one, and why. The old one stays.

    Raises ReportError without a reason.
    """
    if not reason.strip():
        raise ReportError("请写明出新版本的原因")
    kind, subject = kinds.of(report.kind), subject_of(report)
    return _retried(kind, subject, by, now, address, reason=reason.strip())


def submit(
    report: Report, by: User, now: datetime, *, opinion: str = "", address: str = ""
) -> Report:
    """Freeze the newest draft: its files are made and kept with their hashes.

    Raises ReportError (not allowed, not a draft, not the newest, disk) or FontsMissingError.
    """
    _allowed(by, May.SUBMIT_REPORTS, "提交")
    report.refresh_from_db()
    if report.state != ReportState.DRAFT:
        raise FrozenError(f"{report.number} V{report.version} 已是“{report.get_state_display()}”")
    if not queries.is_newest(report):
        raise ReportError("已有更新的版本，请提交最新一版")
    _made_whole(report)
    made = files.produce(document_of(report, final=True))
    names = {
        files.name_of(report.number, report.version, suffix): data for suffix, data in made.items()
    }
    with transaction.atomic():
        _step(report, ReportState.DRAFT, ReportState.SUBMITTED, by, now, opinion)
        written = files.write_all(queries.folder(), names)
        ReportFile.objects.bulk_create(
            ReportFile(
                report=report, format=path.suffix[1:], path=path.name, sha256=file_sha256(path),
                created_at=now,
            )
            for path in written
        )  # fmt: skip
        _audit("report.submit", report, by, now, opinion, address)
    return report


def sign(
    report: Report, by: User, now: datetime, *, opinion: str = "同意", address: str = ""
) -> Report:
    """The client signs a submitted version; from here on nothing changes it."""
    _allowed(by, May.SIGN_REPORTS, "签收")
    _newest_submitted(report)
    if problems := queries.verify(report).problems:
        raise ReportError(f"校验未通过，不能签收：{'；'.join(problems)}")
    with transaction.atomic():
        _step(report, ReportState.SUBMITTED, ReportState.SIGNED, by, now, opinion)
        _audit("report.sign", report, by, now, opinion, address)
    return report


def return_(report: Report, opinion: str, by: User, now: datetime, *, address: str = "") -> Report:
    """The client returns a submitted version and says why; it stays, the next is a new version."""
    _allowed(by, May.SIGN_REPORTS, "退回")
    if not opinion.strip():
        raise ReportError("请写明退回的原因")
    _newest_submitted(report)
    with transaction.atomic():
        _step(report, ReportState.SUBMITTED, ReportState.RETURNED, by, now, opinion.strip())
        _audit("report.return", report, by, now, opinion.strip(), address)
    return report


def render(report: Report, out: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write the report's files into a folder, all or none.

    A submitted version gives its kept files, byte for byte; a draft is drawn and marked 草稿.
    Raises ReportError (unknown format, folder, a kept file that was changed), FontsMissingError.
    """
    contents = {
        files.name_of(report.number, report.version, suffix): data
        for suffix, data in contents_of(report, formats).items()
    }
    return files.write_all(out, contents)


def contents_of(report: Report, formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """The report's bytes in each format; see `render`."""
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ReportError(f"没有“{unknown[0]}”格式；可用：{'、'.join(FORMATS)}")
    if report.state == ReportState.DRAFT:
        _made_whole(report)
        return files.produce(document_of(report), tuple(formats))
    kept = {file.format: file for file in report.files.all()}
    found: dict[str, bytes] = {}
    for name in formats:
        file = kept.get(name)
        if file is None and name == "xlsx":  # submitted before there were workbooks
            _made_whole(report)
            found |= files.produce(document_of(report), (name,))
            continue
        if file is None:
            raise ReportError(f"{report.number} V{report.version} 没有 {name} 定稿文件")
        path = queries.folder() / file.path
        try:
            if file_sha256(path) != file.sha256:
                raise ReportError(f"定稿文件 {file.path} 的 SHA-256 不符：文件被改动，不予提供")
            found[name] = path.read_bytes()
        except OSError as error:
            raise ReportError(f"定稿文件 {file.path} 读不了：{error.strerror}") from error
    return found


def _retried(
    kind: ReportKind, subject: str, by: User | str, now: datetime, address: str, *, reason: str
) -> Report:
    """Two builds at once meet at the unique (number, version); the later looks again."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _build(kind, subject, by, now, address, reason)
        except IntegrityError:
            continue
    raise ReportError("同时有多次生成，请稍后再试")


def _build(
    kind: ReportKind, subject: str, by: User | str, now: datetime, address: str, reason: str
) -> Report:
    data = kind.facts(subject, now)
    number = kind.number(subject)
    last = queries.newest(number)
    if last is not None and not reason:
        if last.snapshot.get("data") == to_json(data):
            return last
        if last.state in (ReportState.SUBMITTED, ReportState.SIGNED):
            raise FrozenError(
                f"{number} V{last.version} {last.get_state_display()}，不再改动；"
                "数据有变化，如需更正请出新版本并写明原因"
            )
        reason = _because(last)
    return _write(kind, subject, last, data, by, now, address, reason)


def _because(last: Report) -> str:
    if last.state != ReportState.RETURNED:
        return REFRESHED
    step = last.steps.order_by("at", "id").last()
    return f"V{last.version} 被退回后修改：{step.opinion if step else ''}"


def _write(
    kind: ReportKind, subject: str, last: Report | None, data: Any, by: User | str, now: datetime,
    address: str, reason: str,
) -> Report:  # fmt: skip
    number = kind.number(subject)
    version = last.version + 1 if last else 1
    name = (by.full_name or by.username) if isinstance(by, User) else by
    entry = Revision(f"V{version}", now, name, reason or FIRST)
    issue = Issue(number, version, now, name, (*_revisions(number), entry))
    kept, digest = freeze(kind, subject, issue, data)
    start, end = kind.period(data)
    report = Report.objects.create(
        kind=kind.name, period_start=start, period_end=end, number=number, version=version,
        reason=reason, snapshot=kept, sha256=digest, created_at=now, created_by=name,
    )  # fmt: skip
    accounts.record(
        by, BUILT, kind=AUDIT_KIND, key=audit_key(report), after={"sha256": digest},
        reason=reason, address=address, now=now,
    )  # fmt: skip
    return report


def _revisions(number: str) -> list[Revision]:
    """修订记录 of the versions before: drafts nobody submitted are told in one line each run."""
    lines: list[Revision] = []
    drafts: list[Report] = []
    for held in queries.versions(number):
        if held.state == ReportState.DRAFT:
            drafts.append(held)
            continue
        lines += _drafts(drafts)
        drafts = []
        said = held.reason or FIRST
        text = f"{said}（{held.get_state_display()}）"
        lines.append(Revision(f"V{held.version}", held.created_at, held.created_by, text))
    return lines + _drafts(drafts)


def _drafts(drafts: list[Report]) -> list[Revision]:
    if not drafts:
        return []
    first, last = drafts[0], drafts[-1]
    versions = f"V{first.version}" if first is last else f"V{first.version}～V{last.version}"
    return [Revision(versions, last.created_at, last.created_by, "草稿，未提交")]


def _step(
    report: Report, before: str, after: ReportState, by: User, now: datetime, opinion: str
) -> None:
    """Move on from one state, once: of two people who press at once, the second is told so."""
    moved = Report.objects.filter(pk=report.pk, state=before).update(state=after)
    if not moved:
        raise FrozenError("该版本刚被他人处理，请刷新后再看")
    name = by.full_name or by.username
    ReportStep.objects.create(
        report=report, at=now, state=after, by=by, by_name=name, opinion=opinion
    )
    report.state = after


def _newest_submitted(report: Report) -> None:
    report.refresh_from_db()
    if report.state != ReportState.SUBMITTED:
        raise FrozenError(
            f"只有“已提交”的版本可以签收或退回，该版本为“{report.get_state_display()}”"
        )
    if not queries.is_newest(report):
        raise ReportError("已有更新的版本，请处理最新一版")


def _made_whole(report: Report) -> None:
    if sha256(report.snapshot) != report.sha256:
        raise ReportError(
            f"{report.number} V{report.version} 的数据快照与 SHA-256 不符：内容被改动"
        )


def _allowed(by: User, what: May, word: str) -> None:
    if not may(by.role, what):
        raise ReportError(f"您的角色（{by.get_role_display()}）不能{word}报告")


def _audit(
    action: str, report: Report, by: User, now: datetime, opinion: str, address: str
) -> None:
    accounts.record(
        by, action, kind=AUDIT_KIND, key=audit_key(report),
        after={"state": report.state, "sha256": report.sha256}, reason=opinion, address=address,
        now=now,
    )  # fmt: skip
