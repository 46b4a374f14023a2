"""Daily summaries are evidence: what comes late adds to them, nothing takes away from them."""

from datetime import date, datetime, timedelta

import pytest
from check_making import NOON, celsius, check, saw, target
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from jingwei.checks import queries
from jingwei.checks.actions import pushed, record, retention
from jingwei.checks.models import Check, DailySummary, Observation, Series
from jingwei.checks.queries import summaries
from jingwei.terms import SHANGHAI, Result

pytestmark = pytest.mark.django_db
DAY = NOON.date()


@pytest.fixture
def series(db: None) -> Series:
    return Series.objects.create(check_ref=check(target()), name="room.temperature", unit="°C")


def observe(
    series: Series, start: datetime, *values: float | None, code: int | None = None
) -> None:
    """A value every five minutes."""
    Observation.objects.bulk_create(
        Observation(
            series=series, epoch=int(start.timestamp()) + 300 * number, value=value,
            code=Result.NORMAL.code if code is None else code,
        )
        for number, value in enumerate(values)
    )  # fmt: skip


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def stored(series: Series) -> dict[date, tuple[int, float | None]]:
    rows = DailySummary.objects.filter(series=series).order_by("date")
    return {row.date: (row.count, row.mean) for row in rows}


def test_a_few_late_answers_do_not_replace_a_whole_day_that_was_pruned(series: Series) -> None:
    observe(series, ago(40), *[20.0] * 100)
    retention.prune(NOON, 35)
    observe(series, ago(40) + timedelta(seconds=7), 90.0)
    assert retention.prune(NOON, 35) == 1
    assert stored(series) == {ago(40).date(): (100, 20.0)}


def test_a_batch_told_again_after_pruning_changes_no_summary() -> None:
    room = check(target())
    batch = [saw(room, celsius(24 + n), at=ago(40) + timedelta(minutes=n)) for n in range(3)]
    record(batch)
    retention.prune(NOON, 35)
    before = list(DailySummary.objects.order_by("pk").values())
    record(batch[:1])
    retention.prune(NOON, 35)
    assert list(DailySummary.objects.order_by("pk").values()) == before


def test_what_comes_late_within_the_kept_days_is_added_when_they_go(series: Series) -> None:
    observe(series, ago(36), 20.0)
    retention.store_day(ago(36).date())
    observe(series, ago(36) + timedelta(hours=1), 30.0)
    retention.prune(NOON, 35)
    assert stored(series) == {ago(36).date(): (2, 25.0)}


def test_a_clock_that_was_ahead_once_does_not_end_the_folding(series: Series) -> None:
    DailySummary.objects.create(series=series, date=date(2031, 1, 1), count=1)
    observe(series, ago(2), 20.0)
    observe(series, ago(1), 21.0)
    assert retention.store_missing_days(NOON) >= 2
    assert set(stored(series)) == {ago(2).date(), ago(1).date(), date(2031, 1, 1)}


def test_days_of_an_outage_of_ours_are_on_the_chart_before_they_are_folded(series: Series) -> None:
    for days in (5, 4, 3, 1, 0):
        observe(series, ago(days), float(days))
    retention.store_day(ago(5).date())
    found = queries.days(series, ago(6).date(), DAY, now=NOON)
    assert [(day.date, day.mean) for day in found] == [
        (ago(days).date(), float(days)) for days in (5, 4, 3, 1, 0)
    ]
    assert DailySummary.objects.count() == 1, "reading writes nothing"


@pytest.mark.parametrize(
    ("hour", "minute", "second", "mine"),
    [(0, 0, 0, True), (23, 59, 59, True)],
)
def test_the_first_and_the_last_second_of_a_day_are_its_own(
    series: Series, hour: int, minute: int, second: int, mine: bool
) -> None:
    at = datetime(DAY.year, DAY.month, DAY.day, hour, minute, second, tzinfo=SHANGHAI)
    observe(series, at, 1.0)
    assert bool(summaries.fold([series.pk], DAY)) is mine
    for other in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
        assert summaries.fold([series.pk], other) == []


@pytest.mark.parametrize(
    ("codes", "bad", "unchecked", "shown"),
    [
        ([Result.NORMAL] * 3, 0, 0, Result.NORMAL),
        ([Result.NORMAL, Result.UNCHECKED], 0, 1, Result.NORMAL),
        ([Result.UNCHECKED] * 2, 0, 2, Result.UNCHECKED),
        ([Result.ATTENTION, Result.UNCHECKED], 1, 1, Result.ATTENTION),
        ([Result.ABNORMAL, Result.ATTENTION, Result.NORMAL], 2, 0, Result.ATTENTION),
        ([Result.NOT_APPLICABLE], 0, 0, Result.NORMAL),
    ],
)
def test_a_day_says_how_often_it_was_bad_and_how_often_nobody_saw(
    series: Series, codes: list[Result], bad: int, unchecked: int, shown: Result
) -> None:
    for number, code in enumerate(codes):
        value = None if code is Result.UNCHECKED else 20.0
        observe(series, ago(50) + timedelta(minutes=number), value, code=code.code)
    retention.store_day(ago(50).date())
    day = DailySummary.objects.get()
    assert (day.count, day.bad, day.unchecked) == (len(codes), bad, unchecked)
    told = queries.history(series, ago(60), NOON, now=NOON)
    assert [point.code for point in told.points] == [shown.code]


def test_a_day_of_silence_has_a_count_and_no_values(series: Series) -> None:
    observe(series, ago(1), None, None, code=Result.UNCHECKED.code)
    retention.store_missing_days(NOON)
    day = DailySummary.objects.get()
    assert (day.count, day.minimum, day.maximum, day.mean, day.last) == (2, None, None, None, None)
    assert "近 7 日" not in queries.trend(series, 20.0, DAY)
    assert "较昨日" not in queries.trend(series, 20.0, DAY), "compared with nothing"


def test_the_last_value_of_a_day_is_the_last_number_not_the_last_silence(series: Series) -> None:
    observe(series, ago(1), 20.0, 21.0, None)
    retention.store_missing_days(NOON)
    assert DailySummary.objects.get().last == 21.0


def test_folding_more_series_than_one_statement_takes_folds_each_once() -> None:
    room = check(target())
    many = Series.objects.bulk_create(
        Series(check_ref=room, name="port", instance=str(number)) for number in range(450)
    )
    for number, one in enumerate(many):
        observe(one, ago(40), float(number))
    assert retention.prune(NOON, 35) == 450
    days = DailySummary.objects.order_by("series__pk").values_list("mean", flat=True)
    assert list(days) == [float(number) for number in range(450)]


@pytest.mark.parametrize(("keep", "left"), [(0, 1), (1, 2), (2, 3), (36500, 3)])
def test_so_many_whole_days_are_kept_beside_today(series: Series, keep: int, left: int) -> None:
    for days in range(3):
        observe(series, ago(days), 1.0)
    retention.prune(NOON, keep)
    assert Observation.objects.count() == left


class TestCheckedPiecemeal(TestCase):
    """However pruning and late answers alternate, no day's count ever falls."""

    @given(st.lists(st.tuples(st.integers(36, 39), st.integers(0, 86000)), max_size=12))
    @settings(max_examples=15, deadline=None)
    def test_counts_never_fall(self, seen: list[tuple[int, int]]) -> None:
        DailySummary.objects.all().delete()
        Observation.objects.all().delete()
        one = check(target(f"R-{Check.objects.count()}"))
        series = Series.objects.create(check_ref=one, name="x")
        counts: dict[date, int] = {}
        for days, second in seen:
            midnight = summaries.day_start(ago(days).date())
            epoch = int(midnight.timestamp()) + second
            if not Observation.objects.filter(series=series, epoch=epoch).exists():
                Observation.objects.create(series=series, epoch=epoch, value=1.0, code=1)
            if second % 2:
                retention.prune(NOON, 35)
                now = {day: count for day, (count, _) in stored(series).items()}
                assert all(now[day] >= count for day, count in counts.items())
                counts = now


@pytest.mark.parametrize("held", [None, -500])
def test_what_was_seen_before_sending_began_stays_here(series: Series, held: int | None) -> None:
    place = None if held is None else int(NOON.timestamp()) + held
    Series.objects.update(pushed=place)
    pushed.begin(NOON)
    series.refresh_from_db()
    assert series.pushed == (int(NOON.timestamp()) if held is None else place)
