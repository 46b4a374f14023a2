"""Findings: opened and closed by what checks see, worked on by people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.checks.actions import causes
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.models import Check, Finding, FindingNote
from jingwei.terms import Result

BAD = (Result.ATTENTION, Result.ABNORMAL)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The hard state of one check at an instant: what decides over its finding.

    `silent`: the last question was not answered.
    """

    check_id: int
    target_id: int
    item: str
    at: datetime
    result: Result
    reading: str
    threshold: str
    reason: str
    silent: bool = False


def settle(
    standpoints: Sequence[Standpoint], under_maintenance: set[int],
    causing: causes.Standing | None,
) -> dict[int, int]:  # fmt: skip
    """Bring findings in line with hard states; call inside a transaction. Returns check → finding.

    It looks at levels, not at edges: a check still bad when its maintenance ends gets its finding
    then, and a crash between two steps heals itself. 未检 changes nothing: not seeing a fault
    is not its end. What a fault that is not settled yet would explain waits for it.

    `under_maintenance`: the checks that were seen in a window. `causing`: None when all is well
    and was well before, so that nothing has to be asked.
    """
    # Few findings are open at any time: to ask which is cheaper than to ask for each check.
    held = Finding.objects.filter(closed_at__isnull=True, check_ref__isnull=False)
    now_open = dict(held.values_list("check_ref_id", "pk"))
    rows = Finding.objects.in_bulk(
        [now_open[point.check_id] for point in standpoints if point.check_id in now_open]
    )
    standing = {found.check_ref_id: found for found in rows.values()}
    opened: list[Finding] = []
    changed: list[Finding] = []
    for point in standpoints:
        finding = standing.get(point.check_id)
        if finding is not None:
            if _follow(finding, point):
                changed.append(finding)
        elif point.result in BAD and point.check_id not in under_maintenance:
            opened.append(_opened(point))
    opened = _without_waiting(opened, standpoints, causing)
    Finding.objects.bulk_create(opened)
    Finding.objects.bulk_update(
        changed, ("result", "reading", "threshold", "detail", "closed_at"), batch_size=200
    )
    if causing is not None:
        causes.attribute(causing, {point.check_id: _silence(point) for point in standpoints})
    still = [*standing.values(), *opened]
    return {
        found.check_ref_id: found.pk
        for found in still
        if found.closed_at is None and found.check_ref_id is not None
    }


def _without_waiting(
    opened: Sequence[Finding], standpoints: Sequence[Standpoint],
    causing: causes.Standing | None,
) -> list[Finding]:  # fmt: skip
    """Without those that a fault would explain which has no finding itself, not yet or not at all.

    Not yet: it is not certain. Not at all: it is under maintenance, and so is what hangs on it.
    """
    if not causing:
        return list(opened)
    silent = {point.check_id: point.silent for point in standpoints}
    standing = Finding.objects.filter(closed_at__isnull=True, check_ref__isnull=False)
    held: set[int | None] = set(standing.values_list("check_ref_id", flat=True))
    held |= {found.check_ref_id for found in opened}
    checks = Check.objects.in_bulk([found.check_ref_id for found in opened])
    kept = []
    for found in opened:
        check = checks.get(found.check_ref_id or 0)
        root = causing.behind(check, silence=silent[check.pk]) if check else None
        if root is None or root.check in held:
            kept.append(found)
    return kept


def _silence(point: Standpoint) -> bool | None:
    """Whether it was silent; None when we could not even ask."""
    return None if point.result is Result.UNCHECKED and not point.silent else point.silent


def _opened(point: Standpoint) -> Finding:
    return Finding(
        check_ref_id=point.check_id, target_id=point.target_id, item=point.item,
        origin=Finding.Origin.CHECK, result=point.result, opened_at=point.at,
        reading=point.reading, threshold=point.threshold, detail=point.reason,
    )  # fmt: skip


def _follow(finding: Finding, point: Standpoint) -> bool:
    """Update or close an open finding; True when it changed. Its level only ever gets worse."""
    if point.result in (Result.NORMAL, Result.NOT_APPLICABLE):
        finding.closed_at = max(point.at, finding.opened_at)
        return True
    if point.result not in BAD:
        return False
    worse = point.result is Result.ABNORMAL and finding.result != Result.ABNORMAL
    if finding.reading == point.reading and not worse:
        return False
    if worse:
        finding.result = point.result
    finding.reading, finding.threshold = point.reading, point.threshold
    finding.detail = point.reason
    return True


def acknowledge(finding: Finding, by: User, now: datetime) -> None:
    """Somebody has seen it and takes care. The first one counts."""
    with transaction.atomic():
        taken = Finding.objects.filter(pk=finding.pk, acknowledged_at__isnull=True)
        if taken.update(acknowledged_at=now, acknowledged_by=by):
            _audit(by, "finding.acknowledge", finding, now)
    finding.refresh_from_db()


def note(finding: Finding, text: str, by: User, now: datetime) -> FindingNote:
    """Add a follow-up. Raises BadInputError when it is empty."""
    if not text.strip():
        raise BadInputError("note", "请填写跟进内容")
    with transaction.atomic():
        made = FindingNote.objects.create(
            finding=finding, at=now, by_name=name_of(by), text=text.strip()
        )
        _audit(by, "finding.note", finding, now, after={"text": made.text})
    return made


def close(finding: Finding, text: str, by: User, now: datetime) -> None:
    """A person says it is healed. Only findings a person opened: the others close by checking.

    Raises BadInputError when a check decides over it, when it is closed, or without a text.
    """
    if finding.check_ref_id is not None:
        raise BadInputError("finding", "该发现由自动检查判定，复检正常后自动关闭")
    if not text.strip():
        raise BadInputError("note", "请填写处理结果")
    with transaction.atomic():
        if not Finding.objects.filter(pk=finding.pk, closed_at__isnull=True).update(closed_at=now):
            raise BadInputError("finding", "该发现已关闭")
        FindingNote.objects.create(
            finding=finding, at=now, by_name=name_of(by), text=f"处理完成：{text.strip()}"
        )
        _audit(by, "finding.close", finding, now, reason=text.strip())
    finding.refresh_from_db()


def name_of(by: User | str) -> str:
    """How a person is named in a record, kept even when the account is renamed."""
    return by if isinstance(by, str) else (by.full_name or by.username)


def _audit(
    by: User, action: str, finding: Finding, now: datetime,
    after: Mapping[str, str] | None = None, reason: str = "",
) -> None:  # fmt: skip
    accounts.record(
        by, action, kind="finding", key=str(finding.pk),
        after=dict(after) if after else None, reason=reason, now=now,
    )  # fmt: skip
