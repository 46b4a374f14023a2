"""Scenarios as content: the shipped ones are sound, wrong ones are refused with file and line."""

from pathlib import Path

import pytest

from jingwei.checks.content import load_devices
from jingwei.emergency import scenarios
from jingwei.emergency.models import DrillAction
from jingwei.emergency.plans import read as read_plans
from jingwei.emergency.scenarios import Line, Scenario, problem_of
from jingwei.rules.document import ContentError

CONTENT = Path(__file__).resolve().parents[2] / "content"
GOOD = """title = "演练"
plan = "pacs-down"
level = 1
background = "情景"
[targets]
detect = 5
respond = 5
restore = 240
[[role]]
role = "指挥"
who = "项目负责人"
[[watch]]
name = "pacs"
key = "APP-10"
items = ["app.available"]
[[fault]]
name = "app-500"
on = "pacs"
[[step]]
after = 30
action = "inject"
fault = "app-500"
on = "pacs"
text = "注入"
[[step]]
after = 60
action = "clear"
fault = "app-500"
on = "pacs"
text = "解除"
"""


def parsed(text: str) -> Scenario:
    """One file of that text."""
    return scenarios.parse(text, "one", "drills/one.toml")


def refused(text: str) -> ContentError:
    """The error of that text."""
    with pytest.raises(ContentError) as caught:
        parsed(text)
    return caught.value


def test_six_scenarios_are_shipped_each_with_a_plan_of_the_contract() -> None:
    found = scenarios.read(CONTENT)
    plans = {plan.key for plan in read_plans(CONTENT / "contracts" / "jingan-2022")}
    assert set(found) >= {
        "core-switch", "storage-controller", "pacs", "database", "cooling", "mains"
    }  # fmt: skip
    assert {one.plan for one in found.values()} <= plans


@pytest.mark.parametrize("key", sorted(scenarios.read(CONTENT)))
def test_a_shipped_scenario_tests_people_and_shows_a_recovery(key: str) -> None:
    one = scenarios.read(CONTENT)[key]
    actions = [line.action for line in one.script]
    assert actions.count(DrillAction.INJECT) == actions.count(DrillAction.CLEAR) >= 1
    assert actions.count(DrillAction.EXPECT) >= 3
    assert one.targets["respond"] <= 5
    assert len(one.roles) >= 4
    items = {check.item for model in load_devices(CONTENT / "devices") for check in model.checks}
    assert {item for watch in one.watch for item in watch.items} <= items


def test_only_the_database_scenario_claims_to_measure_data() -> None:
    with_data = {key for key, one in scenarios.read(CONTENT).items() if one.data}
    assert with_data == {
        key for key, one in scenarios.read(CONTENT).items() if "rpo" in one.targets
    }


def test_a_good_file_is_read() -> None:
    one = parsed(GOOD)
    assert (one.key, one.seconds, one.watch[0].key) == ("one", 60, "APP-10")
    assert one.script[0] == Line(30, "inject", "注入", "app-500", "APP-10")


@pytest.mark.parametrize(
    ("before", "after", "line", "word"),
    [
        ('title = "演练"', 'titel = "演练"', 1, "titel"),
        ("level = 1", "level = 3", 3, "level"),
        ("restore = 240", "", 5, "restore"),
        ("detect = 5", "detect = 0", 6, "detect"),
        ("detect = 5", "detct = 5", 6, "detct"),
        ('items = ["app.available"]', "items = []", 12, "items"),
        ('name = "app-500"\non = "pacs"', 'name = "app-500"\non = "pac"', 18, "pac"),
        ("after = 30", "after = -1", 20, "after"),
        ("after = 30", "after = 99999", 20, "after"),
        ('action = "inject"', 'action = "injekt"', 21, "inject"),
        ("after = 60", "after = 20", 25, "早于"),
        ('action = "clear"', 'action = "inject"', 25, "已注入"),
        ('action = "inject"', 'action = "clear"', 19, "没有注入"),
        ('text = "注入"', 'text = ""', 24, "text"),
        ('[[role]]\nrole = "指挥"\nwho = "项目负责人"\n', "", 1, "role"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    before: str, after: str, line: int, word: str
) -> None:
    assert before in GOOD
    error = refused(GOOD.replace(before, after, 1))
    assert (error.file, error.line) == ("drills/one.toml", line), error.message
    assert word in error.message


def test_a_fault_that_stays_on_is_refused() -> None:
    text = GOOD[: GOOD.rindex("[[step]]")]
    assert "没有解除" in refused(text).message


def test_telling_names_no_fault() -> None:
    assert "不写 fault" in refused(GOOD.replace('"inject"', '"tell"', 1)).message


def test_data_needs_a_target_for_what_may_be_lost() -> None:
    assert "rpo" in refused('data = "pacs"\n' + GOOD).message


def test_two_roles_of_one_name_are_refused() -> None:
    twice = GOOD.replace("[[watch]]", '[[role]]\nrole = "指挥"\nwho = "x"\n[[watch]]', 1)
    assert "两次" in refused(twice).message


def test_a_broken_file_names_its_line() -> None:
    assert refused(GOOD + "\n[[").line >= 31


def test_two_files_of_one_title_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "drills"
    folder.mkdir()
    (folder / "a.toml").write_text(GOOD, encoding="utf-8")
    (folder / "b.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ContentError, match="重名"):
        scenarios.read(tmp_path)


def test_a_script_without_an_injection_measures_nothing() -> None:
    assert problem_of([Line(0, "tell", "开始")]) == (0, "剧本没有注入任何故障")


def test_a_fault_may_come_again_after_it_was_cleared() -> None:
    place = ("app-500", "APP-10")
    script = [
        Line(second, action, "x", *place)
        for second, action in ((0, "inject"), (10, "clear"), (20, "inject"), (30, "clear"))
    ]
    assert problem_of(script) is None
