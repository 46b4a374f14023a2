"""Findings: what is not as it should be, now or as of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from jingwei.checks.models import Finding
from jingwei.terms import SHANGHAI, Result


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """How many findings are open, by level."""

    abnormal: int
    attention: int

    @property
    def total(self) -> int:
        """Both levels."""
        return self.abnormal + self.attention


def end_of(day: date) -> datetime:
    """The first instant after a day in Shanghai: "as of a day" means by its end."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def findings(
    as_of: date | None = None,
    *,
    open_only: bool = True,
    roots: bool = False,
    target: str | None = None,
    item: str | None = None,
    result: Result | None = None,
    text: str = "",
) -> QuerySet[Finding]:
    """Findings, newest first; page it. As of a day: opened by its end and not closed by then.

    `roots`: only those that no other one explains. `result`, notes and the cause are as they are
    now: a finding row keeps its worst level.
    """
    found = Finding.objects.select_related("target", "check_ref", "acknowledged_by")
    if as_of is not None:
        until = end_of(as_of)
        found = found.filter(opened_at__lt=until)
        if open_only:
            found = found.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=until))
    elif open_only:
        found = found.filter(closed_at__isnull=True)
    if roots:
        found = found.filter(cause__isnull=True)
    if target is not None:
        found = found.filter(target__key=target)
    if item is not None:
        found = found.filter(item=item)
    if result is not None:
        found = found.filter(result=result)
    for word in text.split():
        found = found.filter(
            Q(target__key__icontains=word)
            | Q(target__label__icontains=word)
            | Q(item__icontains=word)
            | Q(reading__icontains=word)
            | Q(detail__icontains=word)
        )
    return found.order_by("-opened_at", "-id")


def finding(pk: int) -> Finding:
    """One finding. Raises Finding.DoesNotExist."""
    return Finding.objects.select_related(
        "target", "check_ref__state", "check_ref__endpoint", "acknowledged_by", "cause__target"
    ).get(pk=pk)


def open_counts(as_of: date | None = None) -> FindingCounts:
    """Open findings by level, for the tab title and the wall; what follows from another is not
    counted again."""
    found = findings(as_of, roots=True).order_by()
    levels: Sequence[str] = list(found.values_list("result", flat=True))
    return FindingCounts(levels.count(Result.ABNORMAL), levels.count(Result.ATTENTION))


def open_by_check() -> dict[int, int]:
    """check id → id of its open finding."""
    found = Finding.objects.filter(closed_at__isnull=True, check_ref__isnull=False)
    return {check: pk for check, pk in found.values_list("check_ref_id", "id") if check}
