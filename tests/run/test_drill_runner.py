"""Short drills on real private regions: measured, undisturbed, leaving nothing behind."""

import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from drill_district import (
    QUICK,
    asked,
    carried_out,
    command,
    furnish,
    planned,
    processes,
    short,
)

from jingwei.assets.models import Endpoint
from jingwei.checks.models import CheckState, Finding, Observation
from jingwei.emergency import queries as emergency
from jingwei.emergency.models import Drill, DrillState, Stage
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scenarios import Line
from jingwei.region import RegionError, control
from jingwei.rules.document import ContentError
from jingwei.run import clock
from jingwei.run.drills import attend, scenarios, stage
from jingwei.run.drills.runner import Pace
from jingwei.terms import Result

pytestmark = [pytest.mark.region, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chen(settings: Any, tmp_path: Path) -> Any:
    return furnish(settings, tmp_path)


def test_a_database_that_goes_down_is_found_comes_back_and_kept_its_data(
    chen: Any, tmp_path: Path
) -> None:
    drill, scenario = planned("database", chen)
    said = carried_out(drill, scenario, chen)
    assert drill.state == DrillState.ENDED, said
    minutes = queries.measures(drill).minutes
    assert 0 < minutes["detect"] * 60 < 8
    assert 7.5 < minutes["rto"] * 60 < 15
    assert minutes["rpo"] * 60 < 3
    kept = queries.data_kept(drill)
    assert kept is not None
    assert kept.result == Result.NORMAL
    places = {one.item: one for one in queries.places(drill)}
    assert places["db.connection"].worst is Result.ABNORMAL
    assert places["db.connection"].result is Result.NORMAL
    assert processes(tmp_path) == []
    assert not stage.folder(drill.number).exists()


def test_nothing_of_a_drill_is_among_the_checks(chen: Any) -> None:
    drill, scenario = planned("storage-controller", chen)
    before = list(CheckState.objects.order_by("pk").values_list("result", "last_at"))
    carried_out(drill, scenario, chen)
    assert drill.readings.count() > 10
    assert not Observation.objects.exists()
    assert not Finding.objects.exists()
    assert not Endpoint.objects.exists()
    assert list(CheckState.objects.order_by("pk").values_list("result", "last_at")) == before
    assert list(emergency.events()) == []


def test_a_drill_runs_beside_the_demonstration_and_touches_nothing_of_it(chen: Any) -> None:
    drill, scenario = planned("storage-controller", chen)
    with stage.region("DEMO", scenarios.cast(scenario)) as other:
        network = control.status(other)["network"]
        carried_out(drill, scenario, chen)
        assert control.status(other)["network"] == network
        assert control.status(other)["faults"] == []
    assert drill.state == DrillState.ENDED


def test_a_rule_that_wants_ten_minutes_counts_them_by_the_script(chen: Any) -> None:
    script = [
        Line(0, "inject", "高温", "room-hot", "ROOM-01"),
        Line(900, "clear", "降温", "room-hot", "ROOM-01"),
    ]
    drill, scenario = planned("cooling", chen, script)
    carried_out(drill, scenario, chen, speed=60)
    assert drill.state == DrillState.ENDED
    assert 10 <= queries.measures(drill).minutes["detect"] < 15
    assert not queries.counts_for_duty(drill)


def test_a_fault_that_stays_leaves_the_recovery_unmeasured(chen: Any) -> None:
    drill, scenario = planned("storage-controller", chen)
    # As if somebody had lost the line that heals: the drill ends all the same, and says so.
    drill.script.filter(action="clear").delete()
    said = carried_out(drill, scenario, chen, pace=Pace(every=0.5, calm=1, patience=3))
    assert drill.state == DrillState.ENDED, said
    assert "rto" not in queries.measures(drill).minutes


def test_told_to_stop_it_is_aborted_with_the_reason(chen: Any, tmp_path: Path) -> None:
    drill, scenario = planned("storage-controller", chen)
    ends = time.monotonic() + 8
    carried_out(drill, scenario, chen, stopped=lambda: time.monotonic() > ends)
    assert drill.state == DrillState.ABORTED
    assert "停止信号" in drill.cancelled_reason
    event = queries.event_of(drill)
    assert event is not None
    assert event.stage == Stage.WITHDRAWN
    assert processes(tmp_path) == []


def test_a_target_that_left_the_register_aborts_with_its_line(chen: Any) -> None:
    from jingwei.assets.models import Target  # noqa: PLC0415 - only here

    drill, scenario = planned("storage-controller", chen)
    Target.objects.filter(key="HW-016-1").update(valid_to=clock.today())
    carried_out(drill, scenario, chen)
    assert drill.state == DrillState.ABORTED
    assert "HW-016-1" in drill.cancelled_reason
    with pytest.raises(ContentError, match=r"storage-controller\.toml:\d+"):
        scenarios.cast(scenario)


def test_a_region_that_cannot_start_aborts_the_drill(
    chen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drill, scenario = planned("storage-controller", chen)

    def no(*_: Any, **__: Any) -> None:
        raise RegionError("没有空闲的演示网段")

    monkeypatch.setattr(stage.district, "ready", no)
    carried_out(drill, scenario, chen)
    assert drill.state == DrillState.ABORTED
    assert "网段" in drill.cancelled_reason


def test_killed_it_leaves_no_process_and_the_drill_is_aborted(tmp_path: Path) -> None:
    """All of it by commands, in a folder of its own."""
    asked(tmp_path, "user", "add", "chen", "--role", "manager")
    number = asked(tmp_path, "drill", "plan", "storage-controller", "--by", "chen")["number"]
    process = command(tmp_path, "drill", "run", number)
    try:
        _wait(lambda: asked(tmp_path, "drill", "show", number)["readings"] > 0)
        assert processes(tmp_path / "drills") != []
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    _wait(lambda: processes(tmp_path / "drills") == [])
    with sqlite3.connect(tmp_path / "jingwei.sqlite3", timeout=10) as database:
        database.execute("UPDATE emergency_drill SET lease = '2020-01-01 00:00:00'")
    shown = asked(tmp_path, "drill", "show", number)
    assert shown["state"] == "aborted"
    assert "中断" in shown["reason"]
    assert shown["score"] is None
    assert not (tmp_path / "drills" / number).exists()


def test_a_worker_runs_what_was_started_and_only_one_does(chen: Any, tmp_path: Path) -> None:
    from jingwei.emergency.actions.drills import start_drill  # noqa: PLC0415 - only here

    drill, scenario = planned("storage-controller", chen)
    start_drill(drill, scenario, chen, clock.now(), version=drill.version)
    one, two = attend.Attendant(), attend.Attendant()
    try:
        one.look(clock.now())
        two.look(clock.now())
        assert one._child is not None
        assert two._child is None
        os.kill(one._child.pid, signal.SIGKILL)
        one._child.wait()
        one.look(clock.now())
        assert _state(drill) == DrillState.ABORTED
    finally:
        one.close()
        two.close()


def _fresh(drill: Drill) -> Drill:
    return Drill.objects.get(pk=drill.pk)


def _state(drill: Drill) -> str:
    return _fresh(drill).state


def _wait(until: Any, seconds: float = 40) -> None:
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.2)


def test_the_short_script_is_a_sound_one(chen: Any) -> None:
    for key, one in scenarios.read_checked().items():
        drill, _ = planned(key, chen, short(one))
        assert drill.script.count() == len(one.faults) * 2 + 3
    assert QUICK.every < 1
