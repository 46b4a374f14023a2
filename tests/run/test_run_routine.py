"""A routine run over real peers on loopback: every place answered, or the reason it is not."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from datetime import date, timedelta

import check_making as making
import pytest
from check_making import NOON, later
from run_making import minutes_ago

from jingwei.assets.models import Endpoint, Target
from jingwei.checks import actions, content, queries
from jingwei.checks.actions import maintenance
from jingwei.checks.models import (
    Check,
    CheckState,
    DailySummary,
    Finding,
    ItemResult,
    Observation,
    RoutineRun,
    Series,
)
from jingwei.rules.rule import parse
from jingwei.run import clock, duties, routine
from jingwei.run.asking import Pace, StoppedError
from jingwei.run.routine import run_routine
from jingwei.terms import SHANGHAI, Result

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
NOW = Pace(pause=0, sample_gap=0)
QUICK = {"reading": "connect.time", "unit": "ms", "label": "连接", "crit": "> 5000"}
ONLINE = content.CheckTemplate(
    id="tcp.online", item="security.online", label="管理面", probe="tcp", protocol="tcp",
    options={}, rules=(parse(QUICK),),
    every=60, timeout=2, retries=0, strikes=3, on_error=Result.ABNORMAL, source="tender L600",
)  # fmt: skip
MODEL = content.DeviceModel(
    "security", "安全设备", "tender", content.Match(kinds=("firewall", "ids")), (ONLINE,), ()
)


@pytest.fixture
def port() -> Iterator[int]:
    """A port that accepts, served from a thread of its own."""
    ready, stop = threading.Event(), threading.Event()
    found: list[int] = []

    async def serve() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        found.append(server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.to_thread(stop.wait)
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(5)
    yield found[0]
    stop.set()
    thread.join()


@pytest.fixture(autouse=True)
def _content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routine, "load_devices", lambda: [MODEL])


@pytest.fixture
def firewall(port: int) -> Target:
    found = making.target("HW-025-1", "firewall")
    making.endpoint(found, "tcp", port)
    return found


def run(**extra: object) -> routine.Outcome:
    return run_routine("daily", DAY, now=lambda: NOON, pace=NOW, **extra)  # type: ignore[arg-type]


def test_what_answers_is_normal_with_its_reading_and_its_history(firewall: Target) -> None:
    found = run()
    row = found.board.rows[0]
    assert (row.result, row.item, row.target) == (Result.NORMAL, "security.online", "HW-025-1")
    assert "连接" in row.reading
    assert "ms" in row.reading
    assert row.threshold
    assert found.board.progress is queries.Progress.DONE
    assert Observation.objects.filter(series__name="connect.time").count() == 1
    assert CheckState.objects.get().result == Result.NORMAL


def test_every_place_has_exactly_one_answer_and_every_unchecked_a_reason(firewall: Target) -> None:
    making.target("APP-01", "application", order=1)
    making.target("ROOM-01", "room", order=2)
    making.target("SITE-1", "site", order=3)
    making.target("HW-030-1", "ids", order=4)
    found = run()
    board = found.board
    assert board.counts.planned == ItemResult.objects.filter(current=True).count()
    assert board.counts.checked == 1
    assert all(row.reason for row in board.rows if row.result is Result.UNCHECKED)
    reasons = dict(board.unchecked_reasons)
    assert reasons["交换数据模块尚未接入"] == 1
    assert reasons["备份模块尚未接入"] == 1
    assert reasons["日志模块尚未接入"] == 4
    assert reasons["待人工检查"] == 2
    bare = next(
        row for row in board.rows if row.target == "HW-030-1" and row.item == "security.online"
    )
    assert "tcp" in bare.reason


def test_a_dead_target_is_abnormal_and_its_finding_is_on_the_sheet(firewall: Target) -> None:
    Endpoint.objects.update(port=1)
    row = run().board.exceptions[0]
    finding = Finding.objects.get()
    assert (row.result, row.finding_id) == (Result.ABNORMAL, finding.pk)
    assert (finding.target, finding.item) == (firewall, "security.online")


def test_running_again_after_the_repair_closes_the_finding_and_appends(
    firewall: Target, port: int
) -> None:
    Endpoint.objects.update(port=1)
    run()
    Endpoint.objects.update(port=port)
    found = run_routine("daily", DAY, now=lambda: later(10), pace=NOW)
    assert found.board.counts.abnormal == 0
    assert Finding.objects.get().closed_at == later(10)
    results = ItemResult.objects.order_by("id").values_list("result", "current")
    assert list(results) == [("abnormal", False), ("normal", True)]
    assert RoutineRun.objects.count() == 1


def test_maintenance_is_not_applicable_and_opens_nothing(firewall: Target) -> None:
    Endpoint.objects.update(port=1)
    maintenance.add(firewall, later(-10), later(60), "升级固件", making.person(), later(-10))
    row = run().board.rows[0]
    assert (row.result, row.reason) == (Result.NOT_APPLICABLE, "维护：升级固件")
    assert not Finding.objects.exists()


def test_manual_items_are_not_asked_for_on_a_day_off(firewall: Target) -> None:
    RoutineRun.objects.create(routine="daily", date=DAY, working_day=False, automatic_only=True)
    making.target("HW-031-1", "kvm", order=1)
    board = run().board
    kvm = next(row for row in board.rows if row.item == "kvm.working")
    assert (kvm.result, kvm.reason) == (Result.NOT_APPLICABLE, "非工作日仅自动检查")
    assert board.waiting == ()


def test_a_persons_answer_survives_a_second_run_and_is_reported(firewall: Target) -> None:
    Endpoint.objects.update(port=1)
    first = run()
    actions.answer_item(
        first.run, "security.online", firewall, Result.NORMAL, note="现场确认正常",
        by=making.person(), now=later(1),
    )  # fmt: skip
    second = run_routine("daily", DAY, now=lambda: later(2), pace=NOW)
    assert [answer.result for answer in second.kept] == [Result.ABNORMAL]
    assert second.board.rows[0].by_name == "王工"


def test_the_trend_tells_of_yesterday(firewall: Target) -> None:
    run()
    series = Series.objects.get(name="connect.time")
    DailySummary.objects.create(
        series=series, date=DAY - timedelta(days=1), count=1, mean=0.0, minimum=0.0, maximum=900.0
    )
    found = run_routine("daily", DAY, now=lambda: later(1), pace=NOW)
    assert found.board.rows[0].trend.startswith("较昨日 +")
    assert "近 7 日 0–900 ms" in found.board.rows[0].trend


def test_being_stopped_leaves_the_run_unfinished_and_the_next_one_finishes_it(
    firewall: Target,
) -> None:
    with pytest.raises(StoppedError):
        run(stopped=lambda: True)
    unfinished = RoutineRun.objects.get()
    assert (unfinished.started_at, unfinished.finished_at) == (NOON, None)
    assert not Observation.objects.exists()
    assert run().board.progress is queries.Progress.DONE


def test_a_day_to_come_is_refused(firewall: Target) -> None:
    with pytest.raises(actions.BadInputError, match="还没有到"):
        run_routine("daily", DAY + timedelta(days=1), now=lambda: NOON, pace=NOW)


def test_a_check_run_for_a_past_day_is_marked_late(firewall: Target) -> None:
    run_routine("daily", DAY, now=lambda: later(24 * 60), pace=NOW)
    assert ItemResult.objects.get().late


def test_a_second_check_of_the_same_place_makes_it_as_bad_as_the_worst(firewall: Target) -> None:
    run()
    first = Check.objects.get()
    worse = {"reading": "connect.time", "unit": "ms", "label": "再连", "crit": ">= 0"}
    making.check(
        firewall, "security.online", [worse], name="second", endpoint=first.endpoint, probe="tcp"
    )
    # Not in the content, so it is made after the sync of the run it is for.
    found = routine._checks_of(
        queries.plan.places(queries.routine("daily"), queries.plan.live_targets(DAY))
    )
    assert len(found["security.online", firewall.pk]) == 2


# -- duties


def test_the_daily_starts_at_its_time_once() -> None:
    before = NOON.replace(hour=5, minute=59)
    assert duties.start_routines(before) == []
    assert len(duties.start_routines(NOON.replace(hour=6, minute=0))) == 1
    assert duties.start_routines(NOON) == []


def test_a_start_that_was_missed_is_caught_up_and_the_days_between_are_told() -> None:
    RoutineRun.objects.create(
        routine="daily",
        date=DAY - timedelta(days=3),
        started_at=later(-4320),
        finished_at=later(-4320),
    )
    asked = duties.start_routines(NOON)
    assert [one.date for one in asked] == [DAY]
    assert RoutineRun.objects.count() == 4


def test_a_run_cut_off_at_the_command_line_is_asked_for_again() -> None:
    now = clock.now()
    stuck = RoutineRun.objects.create(
        routine="daily", date=now.astimezone(SHANGHAI).date(), started_at=minutes_ago(11)
    )
    assert duties.abandoned_runs(now) == 1
    stuck.refresh_from_db()
    assert stuck.due == now
    assert duties.abandoned_runs(now) == 0


def test_housekeeping_is_due_at_start_and_once_a_day() -> None:
    assert duties.housekeeping_due(NOON, None)
    assert not duties.housekeeping_due(NOON, DAY)
    night = NOON.replace(day=24, hour=0, minute=5)
    assert not duties.housekeeping_due(night, DAY)
    assert duties.housekeeping_due(night.replace(minute=10), DAY)


def test_housekeeping_folds_and_prunes(firewall: Target) -> None:
    run()
    duties.housekeeping(NOON + timedelta(days=40))
    assert not Observation.objects.exists()
    assert DailySummary.objects.filter(date=DAY).exists()


def test_the_register_is_looked_at_again_only_when_it_changed(firewall: Target) -> None:
    model = [MODEL]
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(routine, "load_devices", lambda: model)
        before = duties.register_state()
        assert duties.register_state() == before
        making.endpoint(firewall, "snmp", 161)
        assert duties.register_state() != before
        duties.align_checks(NOON)
        assert Check.objects.count() == 1
