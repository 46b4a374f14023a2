"""The command line of checks, probes and the region: tables, JSON, exit codes, clear refusals."""

import json
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import check_making as making
import pytest
from check_making import celsius, saw
from typer.testing import CliRunner, Result

from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.actions import routine as routine_actions
from jingwei.region import RegionError, control
from jingwei.run import clock, routine, setup
from jingwei.run.cli import check, printing, probe, region
from jingwei.terms import Result as Word

pytestmark = pytest.mark.django_db


def call(app: Any, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """One room with one hot check, and no other content."""
    monkeypatch.setattr(routine, "load_devices", list)
    monkeypatch.setattr(setup, "ensure", lambda: None)
    made = making.check(making.target())
    actions.record([saw(made, celsius(29.4), confirmed=True, at=clock.now())])


# -- check


def test_a_run_tells_its_counts_and_exits_0(room: None) -> None:
    found = call(check.app, "run", "daily", "--json")
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert told["routine"] == "daily"
    assert told["date"] == clock.today().isoformat()
    assert told["planned"] == told["checked"] + told["unchecked"] + told["not_applicable"] == 4
    assert sum(told["unchecked_reasons"].values()) == told["unchecked"]
    assert told["findings"] == []
    assert told["took_seconds"] < 20


def test_a_run_lists_findings_with_target_item_reading_and_threshold(
    room: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = _board(room_result="abnormal")
    monkeypatch.setattr(check, "run_routine", lambda *_, **__: board)
    found = call(check.app, "run", "daily", "--json")
    assert found.exit_code == 0
    finding = json.loads(found.stdout)["findings"][0]
    assert (finding["target"], finding["item"]) == ("ROOM-01", "room.temperature")
    assert (finding["reading"], finding["threshold"]) == ("29.4 ℃", "18–28 ℃")
    assert call(check.app, "run", "daily", "--fail-on-abnormal").exit_code == 1
    shown = call(check.app, "run", "daily")
    assert "29.4" in shown.stdout
    assert "机房温度" in shown.stdout


def _board(room_result: str) -> routine.Outcome:
    run = routine_actions.ensure_run("daily", clock.today(), clock.now())
    target = Target.objects.get(key="ROOM-01")
    answer = actions.Answer("room.temperature", target.pk, Word(room_result), "29.4 ℃", "18–28 ℃")
    actions.write_answers(run, [answer], clock.now())
    return routine.Outcome(run, queries.board("daily", clock.today()), (), 0.5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "weekly"), "daily"),
        (("run", "daily", "--date", "23/11/2026"), "YYYY-MM-DD"),
        (("run", "daily", "--date", (clock.today() + timedelta(days=2)).isoformat()), "还没有到"),
        (("status", "--as-of", "gestern"), "YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_run_is_told_and_exits_2(
    room: None, words: tuple[str, ...], said: str
) -> None:
    found = call(check.app, *words)
    assert found.exit_code == 2
    assert said in found.stderr


def test_status_lists_every_check_and_counts_every_state(room: None) -> None:
    told = json.loads(call(check.app, "status", "--json").stdout)
    assert told["counts"]["abnormal"] == 1
    assert told["checks"][0]["target"] == "ROOM-01"
    before = (clock.today() - timedelta(days=3)).isoformat()
    then = json.loads(call(check.app, "status", "--json", "--as-of", before).stdout)
    assert then["counts"]["unchecked"] == 1
    assert "机房温度" in call(check.app, "status").stdout


def test_the_list_names_probe_and_period(room: None) -> None:
    told = json.loads(call(check.app, "list", "--json").stdout)
    assert (told[0]["probe"], told[0]["every"]) == ("tcp", 300)
    assert "ROOM-01" in call(check.app, "list").stdout
    told = json.loads(call(check.app, "list", "--json", "--item", "ups.load").stdout)
    assert told == []
    unknown = call(check.app, "list", "--target", "none")
    assert unknown.exit_code == 2
    assert "none" in unknown.stderr


# -- probe


def test_a_probe_gives_readings_and_exits_0() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = call(probe.app, "tcp", "127.0.0.1", "--option", f"port={port}", "--json")
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert told["answered"]
    assert told["readings"][0]["unit"] == "ms"


def test_a_probe_without_an_answer_exits_1_and_says_why() -> None:
    found = call(probe.app, "tcp", "127.0.0.1", "-o", "port=1", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["reason"] == "refused"
    assert "拒绝" in call(probe.app, "tcp", "127.0.0.1", "-o", "port=1").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tpc", "127.0.0.1"), "tcp"),
        (("tcp", "127.0.0.1", "-o", "prot=1"), "port"),
        (("tcp", "127.0.0.1", "-o", "port=x"), "整数"),
        (("tcp", "127.0.0.1", "-o", "port"), "名称=值"),
        (("tcp",), "--list"),
        (("heartbeat", "127.0.0.1"), "不能探测"),
        (("tcp", "127.0.0.1", "-o", "port=1", "--secret-file", "/nowhere"), "/nowhere"),
    ],
)
def test_bad_usage_of_a_probe_is_told_and_exits_2(words: tuple[str, ...], said: str) -> None:
    found = call(probe.app, *words)
    assert found.exit_code == 2
    assert said in found.stderr


def test_a_secret_file_that_is_no_object_of_texts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.json"
    for text in ("[1]", "{", '{"a": 1}'):
        file.write_text(text)
        found = call(probe.app, "tcp", "127.0.0.1", "-o", "port=1", "--secret-file", str(file))
        assert found.exit_code == 2
        assert "JSON" in found.stderr
    piped = call(
        probe.app, "tcp", "127.0.0.1", "-o", "port=1", "--secret-file", "-", stdin='{"user": "x"}'
    )
    assert piped.exit_code == 1


def test_all_probes_are_listed_with_their_options() -> None:
    told = json.loads(call(probe.app, "--list", "--json").stdout)
    assert {"icmp", "tcp", "http", "snmp", "sql", "redfish"} <= {one["name"] for one in told}
    assert all(one["label"] and isinstance(one["options"], list) for one in told)
    assert "端口" in call(probe.app, "tcp", "--list").stdout


# -- region


def test_the_faults_can_be_listed_without_a_running_region(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "ensure", lambda: None)
    settings.JINGWEI_DATA = tmp_path
    making.target("ROOM-01", "room")
    told = json.loads(call(region.app, "fault", "--list", "--json").stdout)
    hot = next(one for one in told if one["name"] == "room-hot")
    assert hot["targets"] == ["ROOM-01"]
    assert hot["finding"] == {"item": "room.temperature", "result": "abnormal"}
    assert "room-hot" in call(region.app, "fault", "--list").stdout


@pytest.mark.parametrize("words", [("fault", "room-hot"), ("heal",), ("status",), ("down",)])
def test_without_a_region_its_commands_say_so(
    words: tuple[str, ...], settings: Any, tmp_path: Path
) -> None:
    settings.JINGWEI_DATA = tmp_path
    found = call(region.app, *words, "--json")
    assert found.exit_code in (1, 2)
    assert "region up" in found.stderr
    assert "region up" in json.loads(found.stdout)["error"]


def test_a_fault_without_a_name_asks_for_one() -> None:
    found = call(region.app, "fault")
    assert found.exit_code == 2
    assert "--list" in found.stderr


def test_a_fault_and_its_healing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    played = {
        "fault": "room-hot", "label": "机房 29.4 ℃", "item": "room.temperature",
        "target": "ROOM-01", "target_label": "永和路机房", "repair": "region heal room-hot",
        "changed": True, "seconds": 0.1,
    }  # fmt: skip
    monkeypatch.setattr(control, "fault", lambda *_: played)
    monkeypatch.setattr(control, "heal", lambda *_: {"healed": [played]})
    assert json.loads(call(region.app, "fault", "room-hot", "--json").stdout) == played
    assert "room.temperature" in call(region.app, "fault", "room-hot").stdout
    assert "1 个故障" in call(region.app, "heal").stdout
    assert json.loads(call(region.app, "heal", "--json").stdout)["healed"]


def test_an_unknown_fault_lists_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise RegionError("没有故障“x”；可用：room-hot")

    monkeypatch.setattr(control, "fault", unknown)
    found = call(region.app, "fault", "x")
    assert found.exit_code == 2
    assert "room-hot" in found.stderr


def test_instants_are_printed_in_shanghai_time(capsys: pytest.CaptureFixture[str]) -> None:
    printing.as_json({"at": making.NOON, "day": making.NOON.date()})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-23T12:00:00+08:00", "day": "2026-11-23",
    }  # fmt: skip
    assert printing.when(None) == "—"
