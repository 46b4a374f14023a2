"""Folding the observations of a day into one row a series. Reading only; actions store it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Avg, Count, Max, Min, OuterRef, Q, Subquery

from jingwei.checks.models import DailySummary, Observation, Series
from jingwei.terms import SHANGHAI, Result

_BAD = (Result.ATTENTION.code, Result.ABNORMAL.code)  # as rules.summary counts
_CHUNK = 400  # series in one statement: each is one seek into the primary key


def day_start(day: date) -> datetime:
    """Midnight in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    """`ids` in pieces a statement can take."""
    for start in range(0, len(ids), _CHUNK):
        yield list(ids[start : start + _CHUNK])


def fold(series_ids: Sequence[int], day: date) -> list[DailySummary]:
    """Unsaved summaries of one Shanghai day, for the series that were observed on it."""
    low = int(day_start(day).timestamp())
    high = int(day_start(day + timedelta(days=1)).timestamp())
    folded: list[DailySummary] = []
    for chunk in chunks(series_ids):
        folded += _fold(chunk, day, low, high)
    return folded


def _fold(chunk: Sequence[int], day: date, low: int, high: int) -> list[DailySummary]:
    seen = Observation.objects.filter(epoch__gte=low, epoch__lt=high)
    rows = (
        seen.filter(series_id__in=chunk)
        .values("series_id")
        .annotate(
            number=Count("epoch"),
            bad=Count("epoch", filter=Q(code__in=_BAD)),
            unchecked=Count("epoch", filter=Q(code=Result.UNCHECKED.code)),
            low=Min("value"),
            high=Max("value"),
            mean=Avg("value"),
        )
        .order_by("series_id")
    )
    newest = seen.filter(series_id=OuterRef("pk"), value__isnull=False).order_by("-epoch")
    last = dict(
        Series.objects.filter(pk__in=chunk)
        .annotate(last=Subquery(newest.values("value")[:1]))
        .values_list("pk", "last")
    )
    return [
        DailySummary(
            series_id=row["series_id"], date=day, count=row["number"], bad=row["bad"],
            unchecked=row["unchecked"], minimum=row["low"], maximum=row["high"],
            mean=row["mean"], last=last.get(row["series_id"]),
        )
        for row in rows
    ]  # fmt: skip
