"""What is known of every check, now or at the end of a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from jingwei.checks.models import (
    Check,
    CheckState,
    Maintenance,
    RoutineRun,
    StateChange,
    Stoppage,
)
from jingwei.checks.queries.findings import end_of
from jingwei.terms import SHANGHAI, Result

NEVER = "尚未检查"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check and what is known of it. As of a past day only state and reason are known."""

    id: int
    key: str
    item: str
    label: str
    target: str
    target_label: str
    probe: str
    every: int
    result: Result
    since: datetime | None
    reading: str
    threshold: str
    reason: str
    last_at: datetime | None = None
    took_ms: float | None = None
    due: datetime | None = None
    flapping: bool = False
    soft_result: Result | None = None
    soft_count: int = 0
    finding_id: int | None = None


def checks(
    *,
    target: str | None = None,
    item: str | None = None,
    probe: str | None = None,
    enabled_only: bool = True,
) -> QuerySet[Check]:
    """Checks with target, endpoint and state, in the register's order; page it."""
    found = Check.objects.select_related("target", "endpoint", "state")
    if enabled_only:
        found = found.filter(enabled=True)
    if target is not None:
        found = found.filter(target__key=target)
    if item is not None:
        found = found.filter(item=item)
    if probe is not None:
        found = found.filter(probe=probe)
    return found.order_by("target__order", "target__key", "item", "key")


def check(pk: int) -> Check:
    """One check with all that a page about it shows. Raises Check.DoesNotExist."""
    return Check.objects.select_related("target", "endpoint__credential", "state").get(pk=pk)


def check_status(
    as_of: date | None = None, *, target: str | None = None, item: str | None = None
) -> list[CheckRow]:
    """Every standing check's hard state, now or by the end of a day (from state changes)."""
    if as_of is None:
        return _now(target, item)
    return _then(as_of, target, item)


def status_counts(rows: list[CheckRow]) -> dict[Result, int]:
    """How many checks are in which state; every state is present."""
    tally = Counter(row.result for row in rows)
    return {result: tally[result] for result in Result}


def _now(target: str | None, item: str | None) -> list[CheckRow]:
    found = CheckState.objects.filter(check_ref__in=_wanted(target, item))
    found = found.order_by("check_ref__target__order", "check_ref__key")
    rows = found.values_list(
        "check_ref_id", "check_ref__key", "check_ref__item", "check_ref__label",
        "check_ref__target__key", "check_ref__target__label", "check_ref__probe",
        "check_ref__every", "result", "since", "reading", "threshold", "reason", "last_at",
        "took_ms", "due", "flapping", "soft_result", "soft_count",
    )  # fmt: skip
    return [
        CheckRow(
            *row[:8], Result(row[8]), row[9], row[10], row[11],
            row[12] or ("" if row[13] else NEVER), row[13], row[14], row[15], row[16],
            Result(row[17]), row[18],
        )
        for row in rows
    ]  # fmt: skip


def _then(as_of: date, target: str | None, item: str | None) -> list[CheckRow]:
    """One index lookup a check: its last state change before the day's end."""
    last = StateChange.objects.filter(check_ref=OuterRef("pk"), at__lt=end_of(as_of))
    found = _wanted(target, item).annotate(
        change=Subquery(last.order_by("-at", "-id").values("pk")[:1])
    )
    rows = list(
        found.order_by("target__order", "key").values_list(
            "id", "key", "item", "label", "target__key", "target__label", "probe", "every",
            "change",
        )
    )  # fmt: skip
    changes = StateChange.objects.in_bulk([row[8] for row in rows if row[8]])
    return [_row_then(row[:8], changes.get(row[8])) for row in rows]


def _row_then(
    head: tuple[int, str, str, str, str, str, str, int], change: StateChange | None
) -> CheckRow:
    if change is None:
        return CheckRow(*head, Result.UNCHECKED, None, "", "", NEVER)
    return CheckRow(
        *head, Result(change.after), change.at, change.reading, change.threshold, change.reason
    )


def _wanted(target: str | None, item: str | None) -> QuerySet[Check]:
    found = standing()
    if target is not None:
        found = found.filter(target__key=target)
    return found.filter(item=item) if item is not None else found


def standing() -> QuerySet[Check]:
    """Every check that is on, or that a person switched off: that one is 未检, not forgotten."""
    return Check.objects.filter(Q(enabled=True) | Q(pk__in=_off()))


def stoppages(check: Check) -> QuerySet[Stoppage]:
    """When a check was switched off and on, by whom and why, newest first."""
    return Stoppage.objects.filter(check_ref=check)


def _off() -> QuerySet[Stoppage, int]:
    return Stoppage.objects.filter(ended_at__isnull=True).values_list("check_ref_id", flat=True)


def maintenances(at: datetime | None = None) -> QuerySet[Maintenance]:
    """Maintenance windows, newest first; with `at`, only those in force then."""
    found = Maintenance.objects.select_related("target")
    if at is not None:
        off_later = Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=at)
        found = found.filter(off_later, start__lte=at, end__gt=at)
    return found.order_by("-start", "-id")


def signed_late(run: RoutineRun) -> bool:
    """Was the sheet confirmed on a later day than its own (补签)? False while it is not."""
    if run.confirmed_at is None:
        return False
    return run.confirmed_at.astimezone(SHANGHAI).date() > run.date


def overdue(now: datetime) -> int:
    """How many enabled checks should have run more than two periods ago: is a worker alive?"""
    states = CheckState.objects.filter(check_ref__enabled=True, due__lt=now)
    late = states.annotate(every=F("check_ref__every")).values_list("due", "every")
    return sum(1 for due, every in late if due and (now - due).total_seconds() > 2 * every)
