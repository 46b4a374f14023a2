"""Maintenance windows: announced work opens no findings."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import name_of
from jingwei.checks.models import Maintenance


def add(
    target: Target | None, start: datetime, end: datetime, reason: str, by: User, now: datetime
) -> Maintenance:
    """Announce work on a target, or on everything when `target` is None.

    Raises BadInputError when the end is not after the start or already past, or without reason.
    """
    if end <= start:
        raise BadInputError("end", "结束时间应晚于开始时间")
    if end <= now:
        raise BadInputError("end", "结束时间已过；维护窗口应在工作开始前登记")
    if not reason.strip():
        raise BadInputError("reason", "请填写维护原因")
    with transaction.atomic():
        made = Maintenance.objects.create(
            target=target, start=start, end=end, reason=reason.strip()[:200], by=name_of(by)
        )
        accounts.record(
            by, "maintenance.add", kind="maintenance", key=str(made.pk), reason=made.reason,
            after={
                "target": target.key if target else "*",
                "start": start.isoformat(),
                "end": end.isoformat(),
            },
            now=now,
        )  # fmt: skip
    return made


def cancel(window: Maintenance, by: User, now: datetime) -> None:
    """End a window early. Raises BadInputError when it is over or cancelled already."""
    with transaction.atomic():
        live = Maintenance.objects.filter(pk=window.pk, cancelled_at__isnull=True, end__gt=now)
        if not live.update(cancelled_at=now):
            raise BadInputError("maintenance", "该维护窗口已结束或已取消")
        accounts.record(by, "maintenance.cancel", kind="maintenance", key=str(window.pk), now=now)
    window.refresh_from_db()


def in_force(at: datetime) -> dict[int | None, str]:
    """target id → reason of every window in force; None is the key of one for everything."""
    found = Maintenance.objects.filter(start__lte=at, end__gt=at).filter(
        Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=at)
    )
    return dict(found.order_by("-id").values_list("target_id", "reason"))


def resting(moments: Collection[tuple[int, datetime]]) -> set[tuple[int, datetime]]:
    """Those of (target id, instant) that lie in a window of the target or of everything."""
    times = [at for _, at in moments]
    windows = list(Maintenance.objects.filter(start__lte=max(times), end__gt=min(times)))
    return {
        (target, at) for target, at in moments for window in windows
        if window.target_id in (None, target)
        and window.start <= at < min(window.end, window.cancelled_at or window.end)
    }  # fmt: skip


def reason_for(target_id: int, windows: dict[int | None, str]) -> str | None:
    """Why this target is under maintenance, or None when it is not."""
    return windows.get(target_id, windows.get(None))
