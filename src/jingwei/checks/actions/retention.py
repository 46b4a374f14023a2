"""Days are folded into summaries, then observations may go: evidence first, room second."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery

from jingwei.checks.models import DailySummary, Observation, Series
from jingwei.checks.queries import summaries
from jingwei.terms import SHANGHAI

_FIELDS = ("count", "bad", "unchecked", "minimum", "maximum", "mean", "last")


def store_day(day: date) -> int:
    """Fold one finished day of all series; how many summaries. Repeating it changes nothing."""
    return _store(summaries.fold(_all_series(), day))


def store_missing_days(now: datetime) -> int:
    """Fold every finished day since the last folded one (which is folded again); how many days.

    A machine that was off for a week catches up here.
    """
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    # What a clock that was ahead once folded says nothing of how far we are.
    past = DailySummary.objects.filter(date__lte=yesterday)
    day = past.aggregate(last=Max("date"))["last"] or first_day()
    if day is None:
        return 0
    done = 0
    while day <= yesterday:
        store_day(day)
        day += timedelta(days=1)
        done += 1
    return done


def prune(now: datetime, keep_days: int) -> int:
    """Delete observations of days more than `keep_days` ago, folding them first; how many rows.

    Whole days only, and a piece of the series at a time in one transaction each: a summary is
    never computed from half a day, and the writer lock is never held for long.
    """
    today = now.astimezone(SHANGHAI).date()
    cutoff = int(summaries.day_start(today - timedelta(days=keep_days)).timestamp())
    deleted = 0
    for chunk in summaries.chunks(_all_series()):
        with transaction.atomic():
            old = Observation.objects.filter(series_id__in=chunk, epoch__lt=cutoff)
            for day in _days_of(chunk, cutoff):
                _store(summaries.fold(chunk, day))
            deleted += old._raw_delete(using=old.db)  # one DELETE, nothing hangs on an observation
    return deleted


def first_day() -> date | None:
    """The day of the oldest observation, by one seek a series; None when there is none."""
    oldest = Observation.objects.filter(series_id=OuterRef("pk")).order_by("epoch")
    epochs = Series.objects.annotate(first=Subquery(oldest.values("epoch")[:1]))
    first = min(
        (epoch for epoch in epochs.values_list("first", flat=True) if epoch is not None),
        default=None,
    )
    return None if first is None else datetime.fromtimestamp(first, SHANGHAI).date()


def _days_of(chunk: list[int], cutoff: int) -> list[date]:
    """The days on which these series have observations before the cutoff."""
    oldest = Observation.objects.filter(series_id=OuterRef("pk"), epoch__lt=cutoff)
    first = (
        Series.objects.filter(pk__in=chunk)
        .annotate(first=Subquery(oldest.order_by("epoch").values("epoch")[:1]))
        .values_list("first", flat=True)
    )
    start = min((epoch for epoch in first if epoch is not None), default=None)
    if start is None:
        return []
    day = datetime.fromtimestamp(start, SHANGHAI).date()
    end = datetime.fromtimestamp(cutoff, SHANGHAI).date()
    return [day + timedelta(days=number) for number in range((end - day).days)]


def _store(folded: list[DailySummary]) -> int:
    """Write them, but none over one that was made of more: a day pruned since holds more than
    the few answers that came late."""
    held = _counts(folded)
    rows = [row for row in folded if row.count >= held.get((row.series_id, row.date), 0)]
    DailySummary.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("series", "date"), update_fields=_FIELDS,
        batch_size=500,
    )  # fmt: skip
    return len(rows)


def _counts(folded: list[DailySummary]) -> dict[tuple[int, date], int]:
    """(series id, day) → of how many observations the stored summary was made."""
    days = {row.date for row in folded}
    found: dict[tuple[int, date], int] = {}
    for chunk in summaries.chunks(sorted({row.series_id for row in folded})):
        held = DailySummary.objects.filter(series_id__in=chunk, date__in=days).order_by()
        for series, day, count in held.values_list("series_id", "date", "count"):
            found[series, day] = count
    return found


def _all_series() -> list[int]:
    return list(Series.objects.order_by("pk").values_list("pk", flat=True))
