"""A check switched off by a person, with a reason, and on again: 未检 meanwhile, never 正常."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import name_of
from jingwei.checks.models import Check, CheckState, Finding, FindingNote, StateChange, Stoppage
from jingwei.terms import Result

WORD = "停用"
LONGEST = 200


def stop(check: Check, reason: str, by: User, now: datetime) -> Stoppage:
    """Switch a check off. Its open finding stays open: nobody saw it healed.

    Raises BadInputError without a reason, or when it is off already.
    """
    reason = _reason(reason)
    with transaction.atomic():
        held = _locked(check)
        if not held.enabled:
            raise BadInputError("reason", "该检查已停用")
        made = Stoppage.objects.create(check_ref=held, at=now, by_name=name_of(by), reason=reason)
        Check.objects.filter(pk=held.pk).update(enabled=False)
        forget(held, f"{WORD}：{reason}", now)
        for finding in Finding.objects.filter(check_ref=held, closed_at__isnull=True):
            FindingNote.objects.create(
                finding=finding, at=now, by_name=name_of(by),
                text=f"检查已停用（{reason}），未确认恢复",
            )  # fmt: skip
        _audit(by, "check.stop", held, now, reason)
    check.refresh_from_db()
    return made


def start(check: Check, by: User, now: datetime) -> None:
    """Switch it on again; a worker asks at once. Raises BadInputError when nobody had it off."""
    with transaction.atomic():
        held = _locked(check)
        open_ones = Stoppage.objects.filter(check_ref=held, ended_at__isnull=True)
        if not open_ones.update(ended_at=now, ended_by=name_of(by)):
            raise BadInputError("check", "该检查没有人工停用，不能启用")
        Check.objects.filter(pk=held.pk).update(enabled=True)
        CheckState.objects.filter(check_ref=held).update(reason="已启用，等待检查", due=now)
        _audit(by, "check.start", held, now)
    check.refresh_from_db()


def stopped(ids: Collection[int] | None = None) -> set[int]:
    """The checks a person switched off, of these or of all."""
    found = Stoppage.objects.filter(ended_at__isnull=True)
    if ids is not None:
        found = found.filter(check_ref_id__in=ids)
    return set(found.values_list("check_ref_id", flat=True))


def reasons() -> dict[tuple[str, int], str]:
    """(item, target id) → "停用：…" where a person switched a check off."""
    found = Stoppage.objects.filter(ended_at__isnull=True).order_by("-id")
    rows = found.values_list("check_ref__item", "check_ref__target_id", "reason")
    return {(item, target): f"{WORD}：{reason}" for item, target, reason in rows}


def _locked(check: Check) -> Check:
    """The check, nobody else's to switch; a recorder may hang its rows on it meanwhile, for it
    holds the state that we will wait for."""
    return Check.objects.select_for_update(no_key=True).get(pk=check.pk)


def forget(check: Check, reason: str, now: datetime) -> None:
    """Nothing is known from now on, and the history says since when and why.

    What was seen before does not count on: who is asked again a year later begins anew. Call it
    inside a transaction.
    """
    state = CheckState.objects.select_for_update().filter(check_ref=check).first()
    if state is None:
        return
    if state.result != Result.UNCHECKED:
        StateChange.objects.create(
            check_ref=check, at=now, before=state.result, after=Result.UNCHECKED, reason=reason
        )
    state.since = now
    state.result = state.soft_result = Result.UNCHECKED
    state.soft_count, state.flapping, state.recent = 0, False, ""
    state.readings, state.memory, state.leased_by = [], {}, ""
    state.reading, state.threshold, state.reason = "", "", reason
    state.due = state.leased_until = None
    state.save()


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadInputError("reason", "请填写停用原因")
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInputError("reason", "停用原因含有无法保存的字符，请删除后重填")
    if len(text) > LONGEST:
        raise BadInputError("reason", f"停用原因不超过 {LONGEST} 字，收到 {len(text)} 字")
    return text


def _audit(by: User, action: str, check: Check, now: datetime, reason: str = "") -> None:
    accounts.record(by, action, kind="check", key=check.key, reason=reason, now=now)
