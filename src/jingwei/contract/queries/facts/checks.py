"""What the checks prove: the daily runs, the readings, and since when anybody watched."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Count, Max, Min, QuerySet

from jingwei.checks.models import DailySummary, ItemResult, RoutineRun
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import ReadingFact, RunFact
from jingwei.sla.measures.periods import day_of
from jingwei.terms import Result
from jingwei.terms.obligation import Ref

_CHECKED = (Result.NORMAL, Result.ATTENTION, Result.ABNORMAL)
_ITEMS = ("room.temperature", "room.humidity")


def runs(first: date, last: date, now: datetime, *, items: bool = True) -> tuple[RunFact, ...]:
    """Every routine run of the term with what was planned and what was really checked by then.

    不适用 is neither planned nor checked; 未检 is planned only. Without `items` only whether the
    day was done: a year of answers is most of the work.
    """
    today = min(last, day_of(now))
    rows = RoutineRun.objects.filter(date__gte=first, date__lte=today)
    counts = _counts(rows, now) if items else {}
    return tuple(
        RunFact(
            Ref("routine", f"{row.routine}/{row.date}", row.finished_at), row.routine, row.date,
            {item: (asked, done) for item, (asked, done) in counts.get(row.pk, {}).items()},
            finished=row.finished_at is not None and row.finished_at <= now,
            confirmed_at=_by(row.confirmed_at, now),
        )
        for row in rows
        if row.started_at is None or row.started_at <= now
    )  # fmt: skip


def _counts(rows: QuerySet[RoutineRun], now: datetime) -> dict[int, dict[str, list[int]]]:
    """Run → item → how many were planned and how many really checked."""
    counts: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    results = (
        ItemResult.objects.filter(run__in=rows, current=True, at__lte=now)
        .exclude(result=Result.NOT_APPLICABLE)
        .order_by()
        .values_list("run_id", "item", "result")
        .annotate(number=Count("id"))
    )
    for run, item, result, number in results:
        counts[run][item][0] += number
        counts[run][item][1] += number if result in _CHECKED else 0
    for run, item, result in _replaced_later(rows, now):
        counts[run][item][0] += 1
        counts[run][item][1] += 1 if result in _CHECKED else 0
    return counts


def _by(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def _replaced_later(
    rows: QuerySet[RoutineRun], now: datetime
) -> list[tuple[int, str, str]]:  # fmt: skip
    """Answers that stood at the moment and gave way to another after it: run, item, result."""
    stood: dict[tuple[int, str, int], str] = {}
    gone = ItemResult.objects.filter(run__in=rows, current=False, at__lte=now).order_by("id")
    for run, item, target, result in gone.values_list("run_id", "item", "target_id", "result"):
        stood[run, item, target] = result
    if not stood:
        return []
    after = ItemResult.objects.filter(
        run__in={run for run, _, _ in stood}, current=True, at__gt=now
    ).values_list("run_id", "item", "target_id")
    return [
        (key[0], key[1], stood[key])
        for key in after
        if key in stood and stood[key] != Result.NOT_APPLICABLE
    ]


def readings(first: date, last: date, now: datetime) -> tuple[ReadingFact, ...]:
    """Each day's lowest and highest readings, with whether a CRAC was on (A17)."""
    today = min(last, day_of(now))
    on = _cooled(first, today, now)
    rows = (
        DailySummary.objects.filter(
            date__gte=first, date__lte=today, series__check_ref__item__in=_ITEMS,
            series__name__in=_ITEMS, minimum__isnull=False,
        )
        .order_by("date", "series")
        .values_list("date", "series__check_ref__item", "series__check_ref__target__key")
        .annotate(low=Min("minimum"), high=Max("maximum"))
    )  # fmt: skip
    return tuple(
        ReadingFact(
            Ref("reading", f"{target}/{item}/{day}"), item, target, day, low, high, on.get(day)
        )
        for day, item, target, low, high in rows
    )


def _cooled(first: date, last: date, now: datetime) -> dict[date, bool]:
    """Day → whether a CRAC was seen working; a day without any answer is not there."""
    rows = (
        ItemResult.objects.filter(
            run__date__gte=first,
            run__date__lte=last,
            item="crac.cooling",
            current=True,
            at__lte=now,
        )
        .exclude(result=Result.UNCHECKED)
        .order_by()
        .values_list("run__date", "result")
        .distinct()
    )
    seen: dict[date, bool] = {}
    for day, result in rows:
        seen[day] = seen.get(day, False) or result in _CHECKED
    return seen


def watched_from(term: Term, now: datetime) -> datetime | None:
    """When the first finished run of the term ended: before it nobody watched."""
    found = RoutineRun.objects.filter(
        finished_at__gte=term.start, finished_at__lt=min(term.end, now)
    ).aggregate(first=Min("finished_at"))
    first: datetime | None = found["first"]
    return first
