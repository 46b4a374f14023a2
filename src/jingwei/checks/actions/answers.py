"""Answers by people: to manual items, to what could not be checked, and confirmations."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.checks.actions import files as storage
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import name_of
from jingwei.checks.actions.routine import is_late, is_late_by_hand
from jingwei.checks.models import Attachment, Finding, FindingNote, ItemResult, RoutineRun
from jingwei.checks.queries import plan
from jingwei.terms import SHANGHAI, Result

_BAD = (Result.ATTENTION, Result.ABNORMAL)


def answer_item(
    run: RoutineRun,
    item: str,
    target: Target,
    result: Result,
    *,
    note: str = "",
    reading: str = "",
    files: Sequence[storage.Upload] = (),
    by: User,
    now: datetime,
) -> ItemResult:
    """A person's answer to one item, replacing the one before (which stays, not current).

    关注 or 异常 needs a note: the follow-up the tender asks for (L602); it opens a finding, or adds
    to the one that is open. 正常 closes a finding a person opened. Raises BadInputError naming the
    field; then nothing was stored.
    """
    note = note.strip()
    item_label = _check(run, item, target, result, note)
    storage.check(list(files))
    stored = [storage.store(upload) for upload in files]  # by hash: an orphan harms nothing
    with transaction.atomic():
        RoutineRun.objects.select_for_update().get(pk=run.pk)
        before = _replace(run, item, target)
        finding = _finding(run, item, target, result, reading, note, before, by, now)
        made = ItemResult.objects.create(
            run=run, item=item, target=target, result=result, reading=reading.strip()[:300],
            reason=note[:300] if result in (Result.UNCHECKED, Result.NOT_APPLICABLE) else "",
            note=note, at=now, source=ItemResult.Source.MANUAL, by=by, by_name=name_of(by),
            late=is_late_by_hand(run, before, now), finding=finding,
        )  # fmt: skip
        Attachment.objects.bulk_create(
            Attachment(
                item_result=made, name=file.name, media_type=file.media_type, size=file.size,
                sha256=file.sha256, path=file.path,
            )
            for file in stored
        )  # fmt: skip
        accounts.record(
            by, "routine.answer", kind="item_result", key=f"{run.date} {item} {target.key}",
            before={"result": before.result} if before else None,
            after={"result": str(result), "label": item_label, "files": len(stored)},
            reason=note, now=now,
        )  # fmt: skip
    return made


def confirm_item(
    run: RoutineRun, item: str, target: Target, *, note: str = "", by: User, now: datetime
) -> ItemResult:
    """A person stands behind an automatic answer: the same verdict, now with a name.

    Raises BadInputError when there is no automatic verdict to confirm.
    """
    with transaction.atomic():
        RoutineRun.objects.select_for_update().get(pk=run.pk)
        before = ItemResult.objects.filter(run=run, item=item, target=target, current=True).first()
        if before is None or before.source != ItemResult.Source.AUTOMATIC:
            raise BadInputError("item", "没有可确认的自动检查结果")
        if before.result == Result.UNCHECKED:
            raise BadInputError("item", f"该项未检（{before.reason}），不能确认为已检")
        if before.by_id is not None:
            return before
        ItemResult.objects.filter(pk=before.pk).update(current=False)
        made = ItemResult.objects.create(
            run=run, item=item, target=target, result=before.result, reading=before.reading,
            threshold=before.threshold, trend=before.trend, reason=before.reason,
            note=note.strip() or before.note, at=now, source=ItemResult.Source.AUTOMATIC, by=by,
            by_name=name_of(by), late=is_late(run, now), finding=before.finding,
        )  # fmt: skip
        accounts.record(
            by, "routine.confirm-item", kind="item_result",
            key=f"{run.date} {item} {target.key}", after={"result": before.result}, now=now,
        )  # fmt: skip
    return made


def open_finding_from_item(row: ItemResult, text: str, by: User, now: datetime) -> Finding:
    """Open a finding a check did not (a suspicion at a 正常 or 关注 item); the text is required.

    With a finding open already, the text is added to that one.
    """
    if not text.strip():
        raise BadInputError("note", "请说明发现了什么")
    with transaction.atomic():
        finding = row.finding
        if finding is None or finding.closed_at is not None:
            finding = _open(row.target, row.item, row.reading, row.threshold, text)
            finding.result = row.result if Result(row.result) in _BAD else Result.ATTENTION
            finding.opened_at = now
            finding.save()
            ItemResult.objects.filter(pk=row.pk).update(finding=finding)
            row.finding = finding
        else:
            _note(finding, text, by, now)
        accounts.record(
            by, "finding.open", kind="finding", key=str(finding.pk), reason=text.strip(), now=now
        )
    return finding


def _check(run: RoutineRun, item: str, target: Target, result: Result, note: str) -> str:
    """Raise BadInputError unless this is an answer the routine owes; the item's label."""
    asked = plan.routine(run.routine)
    known = {one.id: one for one in asked.items}.get(item)
    if known is None:
        raise BadInputError("item", f"{asked.label}没有检查项“{item}”")
    place = plan.TargetRow(target.pk, target.key, target.kind, target.label)
    if not plan.applies(known, place):
        raise BadInputError("target", f"检查项“{known.label}”不适用于 {target.key}")
    if result in _BAD and not note:
        raise BadInputError("note", f"{result.label}项须填写说明和后续检查")
    if result in (Result.NOT_APPLICABLE, Result.UNCHECKED) and not note:
        raise BadInputError("note", f"请填写{result.label}的原因")
    return known.label


def _replace(run: RoutineRun, item: str, target: Target) -> ItemResult | None:
    before = ItemResult.objects.filter(run=run, item=item, target=target, current=True).first()
    if before is not None:
        ItemResult.objects.filter(pk=before.pk).update(current=False)
    return before


def _finding(
    run: RoutineRun, item: str, target: Target, result: Result, reading: str, note: str,
    before: ItemResult | None, by: User, now: datetime,
) -> Finding | None:  # fmt: skip
    """The finding this answer belongs to: opened, added to, or closed by it."""
    held = before.finding if before and before.finding else None
    if held is None or held.closed_at is not None:
        held = Finding.objects.filter(
            target=target, item=item, check_ref__isnull=True, closed_at__isnull=True
        ).first()
    if result in _BAD:
        if held is None:
            held = _open(target, item, reading, "", note)
            held.result, held.opened_at = result, now
            held.save()
        else:
            _worsen(held, result)
            _note(held, note, by, now)
        return held
    if held is not None and held.check_ref_id is None and result is Result.NORMAL:
        if held.opened_at.astimezone(SHANGHAI).date() > run.date:
            return None  # a late word about the days before says nothing of what was found since
        Finding.objects.filter(pk=held.pk).update(closed_at=now)
        _note(held, f"{run.date} 复查正常。{note}".strip(), by, now)
        return None
    return held if held is not None and held.check_ref_id is not None else None


def _worsen(finding: Finding, result: Result) -> None:
    if result is Result.ABNORMAL and finding.result != Result.ABNORMAL:
        Finding.objects.filter(pk=finding.pk).update(result=result)


def _open(target: Target, item: str, reading: str, threshold: str, text: str) -> Finding:
    return Finding(
        target=target, item=item, origin=Finding.Origin.ROUTINE, reading=reading.strip()[:300],
        threshold=threshold, detail=text.strip(),
    )  # fmt: skip


def _note(finding: Finding, text: str, by: User, now: datetime) -> None:
    FindingNote.objects.create(finding=finding, at=now, by_name=name_of(by), text=text.strip())
