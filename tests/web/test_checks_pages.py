"""检查与曲线: the list, one check in words, its points as JSON."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from web_making import SignIn, World

from jingwei.checks.models import Check, CheckState, DailySummary, Observation, Series
from jingwei.checks.queries.history import Span
from jingwei.terms import Result
from jingwei.web.pages.checks import MOST_LINES, band, charts

T0 = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in("first_line")


def listed(client: Client, **asked: str) -> str:
    return str(client.get(reverse("checks"), asked).content.decode())


def points(client: Client, check: Check, **asked: str) -> Any:
    series = ",".join(str(pk) for pk in check.series.values_list("pk", flat=True))
    where = reverse("check-history", args=(check.pk,))
    return client.get(where, {"series": series, **asked}).json()


def test_the_list_has_the_worst_first_and_counts_states(world: World, engineer: Client) -> None:
    text = listed(engineer)
    assert "共 4 个" in text
    assert text.index("机房温度 29.4 ℃") < text.index("200，45 ms")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"state": "abnormal"}, 2),
        ({"q": "pacs dicom"}, 1),
        ({"item": "app.available"}, 1),
        ({"probe": "modbus"}, 4),
        ({"probe": "sql"}, 0),
        ({"target": "APP-10"}, 2),
    ],
)
def test_filters_live_in_the_url(
    world: World, engineer: Client, asked: dict[str, str], count: int
) -> None:
    assert f"共 {count} 个" in listed(engineer, **asked)


def test_the_list_can_be_asked_as_of_a_date(world: World, engineer: Client) -> None:
    text = listed(engineer, as_of=str(world.today - timedelta(days=2)))
    assert "尚未检查" in text
    assert "机房温度 29.4 ℃" not in text


def test_a_stopped_worker_is_said_on_the_list(world: World, engineer: Client) -> None:
    CheckState.objects.update(due=timezone.now() - timedelta(hours=1))
    assert "检查程序可能没有运行" in listed(engineer)


def test_one_check_is_told_in_words_with_why(world: World, engineer: Client) -> None:
    text = engineer.get(reverse("check", args=(world.check.pk,))).content.decode()
    assert "超出 18–28 ℃" in text
    assert "tender L664" in text
    assert "5 分钟" in text
    assert "查看异常" in text
    assert "data-chart=" in text


def test_a_check_with_a_broken_probe_name_still_has_its_page(
    world: World, engineer: Client
) -> None:
    Check.objects.filter(pk=world.check.pk).update(probe="gone.probe")
    response = engineer.get(reverse("check", args=(world.check.pk,)))
    assert response.status_code == 200
    assert "gone.probe" in response.content.decode()


def test_secret_looking_options_are_hidden(world: World, engineer: Client) -> None:
    Check.objects.filter(pk=world.check.pk).update(options={"community": "s3cret-word"})
    text = engineer.get(reverse("check", args=(world.check.pk,))).content.decode()
    assert "s3cret-word" not in text


def test_points_come_with_thresholds_and_unit(world: World, engineer: Client) -> None:
    got = points(engineer, world.check)
    assert got["unit"] == "℃"
    assert [one["value"] for one in got["limits"] if one["level"] == "abnormal"] == [18.0, 28.0]
    values = [point[1] for point in got["lines"][0]["points"]]
    assert values == sorted(values), "oldest first"
    assert values[-1] == 29.4
    assert got["lines"][0]["grain"] == "raw"


def test_a_year_is_read_from_daily_summaries(world: World, engineer: Client) -> None:
    series = world.check.series.get()
    DailySummary.objects.create(
        series=series, date=world.today - timedelta(days=200), count=288, mean=23.5, minimum=22,
        maximum=25,
    )  # fmt: skip
    line = points(engineer, world.check, range="year")["lines"][0]
    assert line["grain"] == "daily"
    assert [23.5, 22.0, 25.0] in [point[1:4] for point in line["points"]]


def test_a_month_stays_raw_while_observations_are_kept(world: World, engineer: Client) -> None:
    assert points(engineer, world.check, range="35d")["lines"][0]["grain"] != "daily"


def test_series_of_another_check_are_not_given(world: World, engineer: Client) -> None:
    other = str(world.disk.series.get().pk)
    where = reverse("check-history", args=(world.check.pk,))
    assert engineer.get(where, {"series": other}).status_code == 404
    assert engineer.get(where, {"series": "abc,'"}).status_code == 404


def test_words_have_no_chart_but_numbers_do(world: World) -> None:
    state = world.check.state
    state.readings = [{"key": "room.temperature", "value": "on"}]
    assert charts(world.check) == []
    state.readings = []
    assert [chart.name for chart in charts(world.check)] == ["room.temperature"]


def test_many_instances_are_cut_and_said_so(world: World) -> None:
    for number in range(MOST_LINES + 3):
        Series.objects.create(
            check_ref=world.check, name="disk.temperature", instance=f"D{number}", unit="°C"
        )
    chart = next(one for one in charts(world.check) if one.name == "disk.temperature")
    assert (len(chart.ids), chart.left_out) == (MOST_LINES, 3)


def test_recheck_makes_it_due_now(world: World, engineer: Client) -> None:
    engineer.post(reverse("check-recheck", args=(world.check.pk,)))
    due = CheckState.objects.get(pk=world.check.pk).due
    assert due is not None
    assert due <= timezone.now()


def test_a_check_never_run_has_a_page(world: World, engineer: Client) -> None:
    bare = Check.objects.create(
        key="X:1", target=world.room, item="room.leak", label="漏水", probe="modbus"
    )
    CheckState.objects.create(check_ref=bare)
    text = engineer.get(reverse("check", args=(bare.pk,))).content.decode()
    assert "还没有读数" in text


def test_an_unknown_check_is_not_found(world: World, engineer: Client) -> None:
    assert engineer.get(reverse("check", args=(99999,))).status_code == 404


def test_an_unknown_range_is_a_day(world: World, engineer: Client) -> None:
    got = points(engineer, world.check, range="forever")
    assert got["end"] - got["start"] == 24 * 3600 * 1000


@given(
    st.lists(
        st.tuples(st.integers(1, 5000), st.sampled_from(list(Result))), min_size=1, max_size=20
    )
)
def test_the_band_covers_its_span_without_holes(parts: list[tuple[int, Result]]) -> None:
    spans, at = [], T0
    for minutes, result in parts:
        end = at + timedelta(minutes=minutes)
        spans.append(Span(at, end, result, "", "", ""))
        at = end
    blocks = band(spans, T0, at)
    assert blocks[0].x == 0
    for one, after in itertools.pairwise(blocks):
        assert abs(one.x + max(one.width, 0) - after.x) <= 1.2, "at least one unit wide each"
    assert abs(blocks[-1].x + blocks[-1].width - 1000) <= 1.2


def test_history_is_a_range_of_the_primary_key(world: World, engineer: Client) -> None:
    """A year of rows of other series does not matter: only this series' range is read."""
    series = world.disk.series.get()
    now = int(timezone.now().timestamp())
    Observation.objects.bulk_create(
        Observation(series=series, epoch=now - 3600 - back, code=0, value=1.0)
        for back in range(3000)
    )
    assert len(points(engineer, world.check)["lines"][0]["points"]) == 6
