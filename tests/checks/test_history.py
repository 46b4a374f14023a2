"""History: every spike kept, every day folded once, old rows gone only after that."""

import random
from datetime import date, datetime, timedelta

import check_making as making
import pytest
from check_making import NOON
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from jingwei.checks import queries
from jingwei.checks.actions import retention
from jingwei.checks.models import DailySummary, Observation, Series
from jingwei.checks.queries import summaries
from jingwei.checks.queries.history import MOST_POINTS, thin
from jingwei.checks.queries.movement import movement, trends
from jingwei.rules.summary import Summary
from jingwei.rules.summary import fold as fold_one
from jingwei.terms import SHANGHAI, Result

DAY = date(2026, 11, 23)
rows = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.none() | st.floats(-1e6, 1e6, allow_nan=False),
        st.sampled_from([result.code for result in Result]),
    ),
    unique_by=lambda row: row[0],
    max_size=400,
).map(sorted)


@given(rows, st.integers(10, 60))
def test_thinning_keeps_the_extremes_and_the_order(
    given_rows: list[tuple[int, float | None, int]], most: int
) -> None:
    points = thin(given_rows, most)
    assert len(points) <= max(most, 2)
    epochs = [point.epoch for point in points]
    assert epochs == sorted(epochs)
    values = [value for _, value, _ in given_rows if value is not None]
    kept = [point.value for point in points if point.value is not None]
    if values:
        assert (min(kept), max(kept)) == (min(values), max(values))
    assert set(kept) <= set(values)
    if any(code == Result.ABNORMAL.code for _, _, code in given_rows):
        assert any(point.code == Result.ABNORMAL.code for point in points)


def test_a_gap_stays_a_gap() -> None:
    some = [(i, None if 400 <= i < 600 else 1.0, 0) for i in range(1000)]
    points = thin(some, 100)
    assert any(point.value is None for point in points)


@pytest.mark.django_db
class TestStored:
    """Over observations of one series."""

    @pytest.fixture(autouse=True)
    def _series(self) -> None:
        check = making.check(making.target())
        self.series = Series.objects.create(check_ref=check, name="room.temperature", unit="°C")

    def observe(self, start: datetime, values: list[float | None], step: int = 300) -> None:
        first = int(start.timestamp())
        Observation.objects.bulk_create(
            Observation(
                series=self.series, epoch=first + i * step, value=value,
                code=Result.NORMAL.code if value is not None else Result.UNCHECKED.code,
            )
            for i, value in enumerate(values)
        )  # fmt: skip

    def test_recent_history_is_raw_and_a_long_span_is_thinned(self) -> None:
        self.observe(NOON - timedelta(days=10), [20 + i % 7 for i in range(2880)])
        day = queries.history(self.series, NOON - timedelta(days=2), NOON, now=NOON)
        assert (day.grain, len(day.points)) == ("raw", 576)
        whole = queries.history(self.series, NOON - timedelta(days=10), NOON, now=NOON)
        assert whole.grain == "thinned"
        assert len(whole.points) <= MOST_POINTS
        assert {min(p.low or 0 for p in whole.points), max(p.high or 0 for p in whole.points)} == {
            20, 26,
        }  # fmt: skip

    def test_a_span_beyond_the_observations_is_told_by_days_today_included(self) -> None:
        self.observe(NOON - timedelta(days=60), [20.0, 22.0], step=60)
        retention.store_day((NOON - timedelta(days=60)).date())
        self.observe(NOON - timedelta(hours=1), [25.0])
        long = queries.history(self.series, NOON - timedelta(days=90), NOON, now=NOON)
        assert long.grain == "daily"
        assert [(p.low, p.value, p.high) for p in long.points] == [
            (20.0, 21.0, 22.0), (25.0, 25.0, 25.0),
        ]  # fmt: skip

    @pytest.mark.parametrize("seed", range(5))
    def test_the_database_folds_a_day_as_the_pure_fold_does(self, seed: int) -> None:
        chance = random.Random(seed)
        expected = Summary()
        start = summaries.day_start(DAY)
        for i in range(50):
            result = chance.choice(list(Result))
            value = None if chance.random() < 0.2 else round(chance.uniform(-50, 50), 3)
            Observation.objects.create(
                series=self.series, epoch=int(start.timestamp()) + i, code=result.code, value=value
            )
            expected = fold_one(expected, result, value)
        found = summaries.fold([self.series.pk], DAY)[0]
        assert (found.count, found.bad, found.unchecked, found.last) == (
            expected.count, expected.bad, expected.unchecked, expected.last,
        )  # fmt: skip
        assert (found.minimum, found.maximum) == (expected.minimum, expected.maximum)
        assert found.mean == pytest.approx(expected.mean)

    def test_a_day_is_shanghais_day(self) -> None:
        midnight = datetime(2026, 11, 23, tzinfo=SHANGHAI)
        self.observe(midnight - timedelta(seconds=1), [1.0])
        self.observe(midnight, [2.0])
        assert [s.mean for s in summaries.fold([self.series.pk], DAY)] == [2.0]

    def test_folding_twice_stores_once(self) -> None:
        self.observe(NOON, [1.0, 2.0])
        assert retention.store_day(DAY) == 1
        self.observe(NOON + timedelta(hours=1), [9.0])
        assert retention.store_day(DAY) == 1
        assert DailySummary.objects.get().maximum == 9.0

    def test_every_finished_day_is_folded_after_an_outage_and_today_is_not(self) -> None:
        for days in (4, 2, 0):
            self.observe(NOON - timedelta(days=days), [float(days)])
        retention.store_missing_days(NOON)
        assert [s.date for s in DailySummary.objects.order_by("date")] == [
            DAY - timedelta(days=4), DAY - timedelta(days=2),
        ]  # fmt: skip

    def test_nothing_observed_nothing_folded(self) -> None:
        assert retention.store_missing_days(NOON) == 0
        assert retention.prune(NOON, 35) == 0

    def test_old_observations_go_only_after_they_are_folded(self) -> None:
        self.observe(NOON - timedelta(days=40), [1.0, 3.0])
        self.observe(NOON - timedelta(days=36), [5.0])
        self.observe(NOON - timedelta(days=35), [7.0])
        assert retention.prune(NOON, 35) == 3
        assert [s.mean for s in DailySummary.objects.order_by("date")] == [2.0, 5.0]
        assert Observation.objects.get().value == 7.0
        assert retention.prune(NOON, 35) == 0
        assert DailySummary.objects.count() == 2

    def test_pruning_never_spoils_a_summary_that_is_already_there(self) -> None:
        old = NOON - timedelta(days=40)
        DailySummary.objects.create(series=self.series, date=old.date(), count=288, mean=4.0)
        assert retention.prune(NOON, 35) == 0
        assert DailySummary.objects.get().count == 288

    def test_days_not_folded_yet_are_computed_on_read_and_not_saved(self) -> None:
        self.observe(NOON - timedelta(days=1), [4.0])
        self.observe(NOON, [6.0])
        found = queries.days(self.series, DAY - timedelta(days=3), DAY, now=NOON)
        assert [day.mean for day in found] == [4.0, 6.0]
        assert not DailySummary.objects.exists()

    def test_history_reads_a_range_of_the_primary_key(self) -> None:
        with CaptureQueriesContext(connection) as captured:
            queries.history(self.series, NOON - timedelta(days=1), NOON, now=NOON)
        with connection.cursor() as cursor:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + captured[0]["sql"])
            plan = str(cursor.fetchall())
        if connection.vendor == "sqlite":
            assert "SEARCH" in plan
            assert "SCAN" not in plan

    def test_the_trend_compares_with_yesterday_and_the_week(self) -> None:
        for back, mean in ((1, 24.0), (2, 22.0), (7, 21.0), (8, 1.0)):
            DailySummary.objects.create(
                series=self.series, date=DAY - timedelta(days=back), count=1, mean=mean,
                minimum=mean - 0.5, maximum=mean + 0.5,
            )  # fmt: skip
        text = queries.trend(self.series, 24.4, DAY)
        assert text == "较昨日 +0.4 ℃，近 7 日 20.5–24.5 ℃"
        assert queries.trend(self.series, 24.0, DAY).startswith("较昨日持平")
        assert trends({self.series.pk: (23.0, "°C")}, DAY)[self.series.pk].startswith("较昨日 -1 ℃")

    def test_the_first_day_has_no_trend(self) -> None:
        assert queries.trend(self.series, 24.4, DAY) == ""


def test_a_week_that_never_moved_is_one_number() -> None:
    week = [DailySummary(date=DAY - timedelta(days=3), mean=5.0, minimum=5.0, maximum=5.0)]
    assert movement(5.0, "d", week, DAY).text == "近 7 日 5 天"
