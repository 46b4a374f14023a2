"""A report is built: a version is written once from the facts of a moment and never again.

Numbers are JAWS-<class>-<period>-<sequence> (reports.md sections 0 and 1); a subject, such as a
day, has one number and as many versions as it needs. A draft is superseded by the next version,
never changed in place.
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts import queries as audit
from jingwei.accounts.models import User
from jingwei.reports import kinds, queries
from jingwei.reports.daily.sheet import Issue, Revision
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.kinds import ReportKind
from jingwei.reports.life import DONE, OPEN, OUT
from jingwei.reports.models import Report, ReportState
from jingwei.reports.queries import AUDIT_KIND, BUILT, audit_key
from jingwei.reports.revive import to_json
from jingwei.reports.snapshot import freeze, subject_of
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
        if last.state in OUT | DONE:
            raise FrozenError(
                f"{number} V{last.version} {last.get_state_display()}，不再改动；"
                "数据有变化，如需更正请出新版本并写明原因"
            )
        reason = _because(last)
    return _write(kind, subject, last, data, by, now, address, reason)


def _because(last: Report) -> str:
    if last.state != ReportState.RETURNED:
        return REFRESHED
    step = last.steps.last()
    return f"V{last.version} 被退回后修改：{step.opinion if step else ''}"


def _write(
    kind: ReportKind, subject: str, last: Report | None, data: Any, by: User | str, now: datetime,
    address: str, reason: str,
) -> Report:  # fmt: skip
    number = kind.number(subject)
    version = last.version + 1 if last else 1
    name = (by.full_name or by.username) if isinstance(by, User) else by
    entry = Revision(f"V{version}", now, name, reason or FIRST)
    newest = audit.newest_link()
    link = f"{newest[0]}:{newest[1]}" if newest else ""
    issue = Issue(number, version, now, name, (*_revisions(number), entry), link)
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
        if held.state in OPEN:
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
