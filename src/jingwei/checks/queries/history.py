"""What readings were: raw values for weeks, days for good; state changes as a timeline.

An observation is only ever read by a range of its primary key (series, epoch): a year of data
costs what the asked span costs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import QuerySet

from jingwei.checks.models import Check, DailySummary, Observation, Series, StateChange
from jingwei.checks.queries import summaries
from jingwei.terms import SHANGHAI, Result

MOST_POINTS = 1500
_ORDER = (
    Result.NOT_APPLICABLE.code,
    Result.NORMAL.code,
    Result.UNCHECKED.code,
    Result.ATTENTION.code,
    Result.ABNORMAL.code,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a chart. Of a raw value low = value = high; None is a gap, not a zero.

    `epoch` is Unix seconds; `code` is the worst `Result.code` in what the point stands for.
    """

    epoch: int
    value: float | None
    low: float | None
    high: float | None
    code: int


@dataclass(frozen=True, slots=True)
class History:
    """One series over a span. `grain` is "raw", "thinned" (minima and maxima kept) or "daily"."""

    series: Series
    start: datetime
    end: datetime
    grain: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in one hard state. `end` is None for the one that lasts."""

    start: datetime
    end: datetime | None
    result: Result
    reading: str
    threshold: str
    reason: str


def series_of(check: Check) -> QuerySet[Series]:
    """Every reading of a check that was ever seen."""
    return Series.objects.filter(check_ref=check).order_by("name", "instance")


def history(series: Series, start: datetime, end: datetime, *, now: datetime) -> History:
    """Points from `start` until before `end`, at most 1,500.

    Raw while observations are kept (`JINGWEI_OBSERVATION_DAYS`), else days; today counts.
    """
    kept = summaries.day_start(now.astimezone(SHANGHAI).date()) - timedelta(
        days=settings.JINGWEI_OBSERVATION_DAYS
    )
    if start < kept:
        points = daily_points(series, start, end, now=now)
        return History(series, start, end, "daily", points)
    rows = list(
        Observation.objects.filter(
            series_id=series.pk, epoch__gte=int(start.timestamp()), epoch__lt=int(end.timestamp())
        )
        .order_by("epoch")
        .values_list("epoch", "value", "code")
    )
    points = thin(rows, MOST_POINTS)
    return History(series, start, end, "raw" if len(rows) <= MOST_POINTS else "thinned", points)


def thin(rows: Sequence[tuple[int, float | None, int]], most: int) -> tuple[Point, ...]:
    """At most `most` points of (epoch, value, code) rows in order; pure.

    The span is cut into equal times; of each the least and the greatest value stay, at their own
    seconds, so no spike is smoothed away. A time without any value stays as one gap.
    """
    if len(rows) <= most:
        return tuple(Point(epoch, value, value, value, code) for epoch, value, code in rows)
    first, last = rows[0][0], rows[-1][0]
    buckets = max(1, most // 2)
    width = (last - first) / buckets + 1e-9
    points: list[Point] = []
    held: list[tuple[int, float | None, int]] = []
    current = 0
    for row in rows:
        bucket = min(buckets - 1, int((row[0] - first) / width))
        if bucket != current and held:
            points += _extremes(held)
            held = []
        current = bucket
        held.append(row)
    return tuple(points + _extremes(held))


def _extremes(rows: Sequence[tuple[int, float | None, int]]) -> list[Point]:
    code = max((row[2] for row in rows), key=_ORDER.index)
    valued = [(value, epoch) for epoch, value, _ in rows if value is not None]
    if not valued:
        return [Point(rows[0][0], None, None, None, code)]
    ends = sorted({min(valued)[::-1], max(valued)[::-1]})
    return [Point(epoch, value, value, value, code) for epoch, value in ends]


def daily_points(
    series: Series, start: datetime, end: datetime, *, now: datetime
) -> tuple[Point, ...]:
    """One point a day, at Shanghai noon: mean, minimum, maximum."""
    first = start.astimezone(SHANGHAI).date()
    last = (end - timedelta(seconds=1)).astimezone(SHANGHAI).date()
    return tuple(
        Point(
            int(datetime.combine(day.date, time(12), SHANGHAI).timestamp()),
            day.mean, day.minimum, day.maximum, _code(day),
        )
        for day in days(series, first, last, now=now)
    )  # fmt: skip


def days(series: Series, first: date, last: date, *, now: datetime) -> list[DailySummary]:
    """The daily summaries from `first` to `last`; days not folded yet are computed, not saved."""
    today = now.astimezone(SHANGHAI).date()
    kept = today - timedelta(days=settings.JINGWEI_OBSERVATION_DAYS)
    stored = list(
        DailySummary.objects.filter(series=series, date__range=(first, last)).order_by("date")
    )
    known = {day.date for day in stored}
    start, end = max(first, kept), min(last, today)
    span = (start + timedelta(days=number) for number in range((end - start).days + 1))
    for day in _observed(series, [day for day in span if day not in known]):
        stored += summaries.fold([series.pk], day)
    return sorted(stored, key=lambda row: row.date)


def _observed(series: Series, missing: Sequence[date]) -> Iterator[date]:
    """Those of some days, in order, on which a series was seen: one seek for each gap."""
    seen = date.min
    for day in missing:
        if day < seen:
            continue
        since = int(summaries.day_start(day).timestamp())
        later = Observation.objects.filter(series_id=series.pk, epoch__gte=since)
        epoch = later.order_by("epoch").values_list("epoch", flat=True).first()
        if epoch is None:
            return
        seen = datetime.fromtimestamp(epoch, SHANGHAI).date()
        if seen == day:
            yield day


def _code(day: DailySummary) -> int:
    """A day keeps how often it was bad, not how badly: it is shown as 关注."""
    if day.bad:
        return Result.ATTENTION.code
    return Result.UNCHECKED.code if day.unchecked == day.count else Result.NORMAL.code


def changes(
    *, check: int | None = None, target: str | None = None, until: datetime | None = None
) -> QuerySet[StateChange]:
    """State changes of a check or of a whole target, newest first; page it."""
    found = StateChange.objects.select_related("check_ref__target")
    if check is not None:
        found = found.filter(check_ref_id=check)
    if target is not None:
        found = found.filter(check_ref__target__key=target)
    if until is not None:
        found = found.filter(at__lt=until)
    return found.order_by("-at", "-id")


def timeline(check: int, start: datetime, end: datetime) -> list[Span]:
    """The hard states of one check over a span, without holes: before its first check, 未检."""
    before = changes(check=check, until=start).first()
    inside = changes(check=check, until=end).filter(at__gte=start).order_by("at", "id")
    spans = [_opening(before, start)]
    for change in inside:
        spans[-1] = _ended(spans[-1], change.at)
        spans.append(
            Span(
                change.at, None, Result(change.after), change.reading, change.threshold,
                change.reason,
            )
        )  # fmt: skip
    return [span for span in spans if span.end is None or span.end > span.start]


def _opening(before: StateChange | None, start: datetime) -> Span:
    if before is None:
        return Span(start, None, Result.UNCHECKED, "", "", "尚未检查")
    return Span(start, None, Result(before.after), before.reading, before.threshold, before.reason)


def _ended(span: Span, at: datetime) -> Span:
    return Span(span.start, at, span.result, span.reading, span.threshold, span.reason)


def recent_days(series_ids: Iterable[int], on: date) -> dict[int, list[DailySummary]]:
    """The stored summaries of the seven days before a date, by series, in order of date."""
    found: dict[int, list[DailySummary]] = {}
    for chunk in summaries.chunks(sorted(set(series_ids))):
        week = DailySummary.objects.filter(
            series_id__in=chunk, date__gte=on - timedelta(days=7), date__lt=on
        ).order_by("date")
        for day in week:
            found.setdefault(day.series_id, []).append(day)
    return found
