"""What every step of a report does, and what people write where its facts end."""

from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.reports import queries
from jingwei.reports.canonical import sha256
from jingwei.reports.document import BY_HAND, plain
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.models import Report, ReportState, ReportStatement
from jingwei.reports.queries import AUDIT_KIND, audit_key
from jingwei.reports.snapshot import drafted
from jingwei.reports.statements import places

LONGEST = 2000


@transaction.atomic
def state_place(
    report: Report, key: str, text: str, by: User, now: datetime, *, address: str = ""
) -> ReportStatement:
    """Write what belongs at an open place of a draft; a later text takes the place of an earlier.

    Raises ReportError: not allowed, no such place, nothing written, too long; FrozenError once the
    version has been reviewed or submitted.
    """
    allowed(by, May.BUILD_REPORTS, "填写")
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.state != ReportState.DRAFT:
        raise FrozenError(f"{held} 已是“{held.get_state_display()}”，不能再填写；请出新版本")
    place = next((each for each in places(drafted(held)) if each.key == key), None)
    if place is None:
        raise ReportError("没有这一处待填写的内容，请刷新后再看")
    said = words(text, f"“{place.label}”的内容", LONGEST)
    if BY_HAND in said:
        raise ReportError(f"请写明“{place.label}”的内容，没有的写“本期无”")
    made = ReportStatement(
        report=held, key=key, before=place.text, text=said, at=now, by=by, by_name=name_of(by)
    )
    made.save()
    accounts.record(
        by, "report.state", kind=AUDIT_KIND, key=audit_key(held),
        after={"statement": made.pk, "place": key, "text": said}, address=address, now=now,
    )  # fmt: skip
    return made


def words(text: str, what: str, most: int, *, needed: bool = True) -> str:
    """What somebody wrote, without blanks around it. Raises ReportError: empty, odd, too long."""
    said = text.strip()
    if needed and not said:
        raise ReportError(f"请写明{what}")
    if plain(said) != said.replace("\r\n", "\n").replace("\r", "\n"):
        raise ReportError(f"{what}含有无法打印的字符")
    if len(said) > most:
        raise ReportError(f"{what}不超过 {most} 字，收到 {len(said)} 字")
    return plain(said)


def name_of(by: User) -> str:
    """How a person is named in a report's records."""
    return by.full_name or by.username


def allowed(by: User, what: May, word: str) -> None:
    """Raises ReportError unless this person may do this to reports."""
    if not (by.is_active and may(by.role, what)):
        raise ReportError(f"您的角色（{by.get_role_display()}）不能{word}报告")


def made_whole(report: Report) -> None:
    """Raises ReportError when the snapshot is not what its hash says."""
    if sha256(report.snapshot) != report.sha256:
        raise ReportError(
            f"{report.number} V{report.version} 的数据快照与 SHA-256 不符：内容被改动"
        )


def newest(report: Report, word: str) -> None:
    """Raises ReportError when a later version is there."""
    if not queries.is_newest(report):
        raise ReportError(f"已有更新的版本，请{word}最新一版")
