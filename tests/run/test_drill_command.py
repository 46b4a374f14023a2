"""jingwei drill: what it lists, plans, shows and refuses, for people and for machines."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from drill_district import planned, short
from typer.testing import CliRunner, Result

from jingwei.accounts.models import User
from jingwei.emergency.actions import drill_runs
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.actions.drills import start_drill
from jingwei.emergency.models import Drill, DrillState
from jingwei.run import clock, setup
from jingwei.run.cli import drill
from jingwei.run.drills import runner, scenarios
from jingwei.terms import Result as Word

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chen(settings: Any, tmp_path: Path) -> User:
    """A whole installation, and somebody who may plan."""
    settings.JINGWEI_DATA = tmp_path
    setup.prepare(administrator=False)
    return User.objects.create_user("chen", password="a-long-enough-one", role="manager")


def call(*words: str) -> Result:
    return CliRunner().invoke(drill.app, list(words))


def told(*words: str) -> Any:
    """What it says to a machine, when it says yes."""
    found = call(*words, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def over(by: User) -> Drill:
    """A drill that ran: found after ten seconds, normal after a minute."""
    made, scenario = planned("storage-controller", by)
    now = clock.now() - timedelta(minutes=2)
    start_drill(made, scenario, by, now, version=made.version)
    drill_runs.begin(made, now)
    for line in made.script.exclude(action="expect"):
        first = line.action == "inject"
        drill_runs.line_done(made, line, "已执行", now, now, occurred=first)
    found, normal = now + timedelta(seconds=10), now + timedelta(seconds=60)
    drill_runs.detected(made, "存储 控制器：正常 → 异常", found, found)
    drill_runs.store(made, [Read(normal, "", "all.normal", Word.NORMAL)])
    drill_runs.finish(made, clock.now())
    return made


def test_scenarios_are_listed_with_what_they_watch_and_break() -> None:
    found = {one["scenario"]: one for one in told("scenarios")}
    assert len(found) >= 6
    assert found["database"]["faults"] == [{"fault": "db-down", "target": "DB-02"}]
    assert "network.online" in found["core-switch"]["watch"]["HW-038-1"]
    assert "区卫数据库" in call("scenarios").output


def test_a_scenario_the_region_cannot_play_is_told_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong() -> None:
        raise scenarios.ContentError("drills/x.toml", 12, "登记里没有 HW-999-1")

    monkeypatch.setattr(scenarios, "read_checked", wrong)
    found = call("scenarios")
    assert found.exit_code == 2
    assert "drills/x.toml:12" in found.output


def test_a_drill_is_planned_and_listed() -> None:
    made = told("plan", "database", "--by", "chen", "--at", "2026-12-08T14:00")
    assert made["state"] == "planned"
    assert made["planned_at"] == "2026-12-08T14:00:00+08:00"
    assert [one["number"] for one in told("list")] == [made["number"]]
    assert made["number"] in call("list").output


def test_a_planned_drill_takes_everything_from_its_scenario() -> None:
    number = told("plan", "pacs", "--by", "chen", "--title", "第一次")["number"]
    held = Drill.objects.get(number=number)
    one = scenarios.read()["pacs"]
    assert held.title == "第一次"
    assert held.roles == dict(one.roles)
    assert held.script.count() == len(one.script)
    assert held.plan.key == "pacs-down"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "ufo", "--by", "chen"), "没有名为 ufo 的场景"),
        (("plan", "pacs", "--by", "nobody"), "没有在用的用户"),
        (("plan", "pacs", "--by", "chen", "--at", "明天"), "--at 应为"),
        (("plan", "pacs", "--by", "chen", "--at", "9999-12-31T00:00"), "三年之内"),
        (("run", "YL-1999-01"), "没有编号为"),
        (("show", "YL-1999-01"), "没有编号为"),
        (("run", "YL-1999-01", "--claimed"), "没有编号为"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    found = call(*words)
    assert found.exit_code == 2
    assert said in found.output
    assert not Drill.objects.exists()


def test_who_may_not_plan_is_refused() -> None:
    User.objects.create_user("gu", password="a-long-enough-one", role="client_approver")
    found = call("plan", "pacs", "--by", "gu")
    assert found.exit_code == 2
    assert "不能计划和组织演练" in found.output


@pytest.mark.parametrize("speed", ["0", "61"])
def test_a_wrong_speed_starts_nothing(chen: User, speed: str) -> None:
    made, _ = planned("pacs", chen)
    found = call("run", made.number, "--speed", speed)
    assert found.exit_code == 2
    assert "倍率" in found.output
    made.refresh_from_db()
    assert made.state == DrillState.PLANNED


def test_a_drill_nobody_started_is_not_claimed(chen: User) -> None:
    made, _ = planned("pacs", chen)
    found = call("run", made.number, "--claimed")
    assert found.exit_code == 1
    assert "没有等待执行" in found.output


def test_a_tabletop_drill_is_played_on_its_page() -> None:
    number = told("plan", "pacs", "--by", "chen", "--tabletop")["number"]
    found = call("run", number)
    assert found.exit_code == 0
    assert "桌面推演" in found.output
    assert Drill.objects.get(number=number).state == DrillState.RUNNING


def test_run_carries_out_and_leaves_with_1_when_it_was_aborted(
    chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = planned("pacs", chen)

    def aborted(self: runner.Run) -> None:
        drill_runs.abort(self.drill, "演练区域：没有空闲的网段", clock.now())

    monkeypatch.setattr(runner.Run, "run", aborted)
    found = call("run", made.number, "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["reason"] == "演练区域：没有空闲的网段"
    assert json.loads(found.stdout)["score"] is None


def test_a_scenario_that_is_gone_starts_nothing(
    chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = planned("pacs", chen)
    monkeypatch.setattr(scenarios, "read", dict)
    found = call("run", made.number)
    assert found.exit_code == 2
    assert "已不存在" in found.output


def test_the_result_tells_minutes_score_and_gaps(chen: User) -> None:
    shown = told("show", over(chen).number)
    assert shown["minutes"]["detect"] == pytest.approx(10 / 60)
    assert shown["minutes"]["rto"] == pytest.approx(1)
    verdicts = {one["key"]: one["verdict"] for one in shown["score"]["criteria"]}
    assert verdicts["detect"] == "met"
    assert verdicts["respond"] == "unmeasured"
    assert verdicts["rpo"] == "no-target"
    assert any("响应未测得" in text for text in shown["gaps"])
    assert shown["script"][1]["fault"] == "controller-degraded"


def test_people_read_the_result_as_a_table(chen: User) -> None:
    text = call("show", over(chen).number).output
    assert "未测得" in text
    assert "不合格" in text


def test_a_dead_runner_is_seen_by_whoever_looks(chen: User) -> None:
    made, scenario = planned("pacs", chen)
    then = clock.now() - timedelta(hours=1)
    start_drill(made, scenario, chen, then, version=made.version, lease=then)
    assert told("list")[0]["state"] == "aborted"
    assert "中断" in call("show", made.number).output


# -- scenarios against register and region


def test_every_shipped_scenario_can_be_played() -> None:
    for one in scenarios.read_checked().values():
        assert {peer.key for peer in scenarios.cast(one)} == scenarios.keys(one)
        assert short(one)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('key = "DB-02"', 'key = "DB-99"', "登记里没有 DB-99"),
        ('key = "DB-02"', 'key = "APP-10"', "data 应为数据库"),
        ('name = "db-down"\non = "db"', 'name = "db-gone"\non = "db"', "没有名为 db-gone 的故障"),
        ('"db.connection", ', "", "没有观察这一项"),
        ('"db.connection"', '"db.connexion"', "没有名为 db.connexion"),
    ],
)
def test_what_register_or_region_lack_is_an_error_with_its_line(
    settings: Any, tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = (Path(settings.JINGWEI_CONTENT) / "drills" / "database.toml").read_text("utf-8")
    changed = text.replace(before, after, 1)
    if "db-gone" in after:
        changed = changed.replace('fault = "db-down"', 'fault = "db-gone"')
    assert changed != text
    one = scenarios.scenarios.parse(changed, "database", "drills/database.toml")
    with pytest.raises(scenarios.ContentError) as caught:
        scenarios.cast(one)
    assert said in caught.value.message
    assert caught.value.line > 5


def test_a_scenario_without_its_plan_stops_a_start_with_its_line() -> None:
    with pytest.raises(scenarios.ContentError, match=r"drills/\w[\w-]*\.toml:[234]: 没有代码为"):
        scenarios.need_plans({"fire"})
    scenarios.need_plans({one.plan for one in scenarios.read().values()})
