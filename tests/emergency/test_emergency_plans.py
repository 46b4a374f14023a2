"""The plan files: the eighteen that ship, what a wrong one says, and versions on change."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from emergency_making import EVE, contract_folder, declared, pacs, person

from jingwei.accounts.models import AuditEntry
from jingwei.emergency import actions, plans, queries
from jingwei.emergency.models import Phase, Plan
from jingwei.rules.document import ContentError, load

STEP = '[[step]]\nphase = "{phase}"\nwho = "一线"\nwithin = 5\ntext = "看"\n'
HEAD = 'title = "停电"\nlevel = 1\nscope = "机房"\nsigns = ["灯灭"]\nresources = ["手电"]\n'
EIGHTEEN = (
    "市电", "空调", "漏水", "火灾", "核心交换机", "专网", "存储双控", "数据库", "虚拟化",
    "区域平台交换", "PACS", "前置机", "勒索病毒", "数据泄露", "网页篡改", "短信", "误操作",
    "突发公共卫生事件",
)  # fmt: skip


def text(steps: int = 8, **changes: str) -> str:
    """A plan file that is right, with parts changed."""
    made = HEAD + STEP.format(phase="first") * steps
    for old, new in changes.items():
        made = made.replace(old, new)
    return made


def parsed(source: str) -> plans.PlanText:
    """The plan of a text."""
    return plans.parse(load(source, "plans/x.toml"), "x")


def test_the_eighteen_plans_of_the_domain_ship_and_are_whole() -> None:
    found = plans.read(contract_folder())
    assert len(found) == 18
    titles = " ".join(plan.title for plan in found)
    assert [word for word in EIGHTEEN if word not in titles] == []
    for plan in found:
        phases = {step.phase for step in plan.steps}
        assert {"report", "restore", "end", "after"} <= phases, plan.key
        assert all(len(step.text) > 12 for step in plan.steps), plan.key


def test_every_plan_reports_within_five_minutes_and_says_what_not_to_do() -> None:
    for plan in plans.read(contract_folder()):
        reports = [step for step in plan.steps if step.phase == Phase.REPORT]
        assert all(step.within is not None and step.within <= 5 for step in reports), plan.key
        words = "".join(step.text for step in plan.steps)
        assert any(word in words for word in ("不得", "不要", "不能", "严禁")), plan.key


def test_a_right_file_gives_its_words() -> None:
    plan = parsed(text())
    assert (plan.key, plan.title, plan.level, len(plan.steps)) == ("x", "停电", 1, 8)
    assert plan.steps[0].within == 5


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        (text(7), 6, "现有 7 步"),
        (text(16), 6, "现有 16 步"),
        (text().replace("level = 1", "level = 3"), 2, "1（一级）或 2（二级）"),
        (text().replace("level = 1", "level = true"), 2, "1（一级）"),
        (text().replace('title = "停电"', "title = 5"), 1, "非空文字"),
        (text().replace('title = "停电"', f'title = "{"长" * 101}"'), 1, "最长 100 字"),
        (text().replace('signs = ["灯灭"]', "signs = []"), 4, "非空的文字列表"),
        (text().replace('signs = ["灯灭"]', 'signs = [""]'), 4, "每一项"),
        (text().replace("level = 1", "level = 1\nsevere = 2"), 3, "未知的键 severe"),
        (HEAD + STEP.format(phase="later") * 8, 7, "phase 应为"),
        (text().replace("within = 5", "within = 0", 1), 9, "整数分钟"),
        (text().replace("within = 5", "within = 99999", 1), 9, "整数分钟"),
        (text().replace('who = "一线"', "", 1), 6, "who 应为非空文字"),
        (text().replace("within = 5", "when = 5", 1), 9, "未知的键 when"),
        (text().replace("level = 1", "level = "), 2, "TOML"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(source: str, line: int, said: str) -> None:
    with pytest.raises(ContentError, match=said) as caught:
        parsed(source)
    assert (caught.value.file, caught.value.line) == ("plans/x.toml", line)


def test_phases_that_jump_back_are_refused_but_saving_people_may_come_first() -> None:
    step = [STEP.format(phase=phase) for phase in ("restore", "respond")]
    with pytest.raises(ContentError, match="排在"):
        parsed(HEAD + "".join(step) * 4)
    mixed = "".join(STEP.format(phase=phase) for phase in ("first", "report", "first"))
    assert len(parsed(HEAD + mixed + STEP.format(phase="after") * 5).steps) == 8


def test_two_plans_of_one_title_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.toml").write_text(text(), encoding="utf-8")
    with pytest.raises(ContentError, match="重名"):
        plans.read(tmp_path)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans/a.toml").write_bytes("停电".encode("gb18030"))
    with pytest.raises(ContentError, match="UTF-8"):
        plans.read(tmp_path)


def test_a_contract_without_plans_has_none(tmp_path: Path) -> None:
    assert plans.read(tmp_path) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contract with two plans."""
    (tmp_path / "plans").mkdir()
    for name in ("fire", "pacs-down"):
        shutil.copy(contract_folder() / f"plans/{name}.toml", tmp_path / "plans")
    return tmp_path


@pytest.mark.django_db
def test_loading_twice_changes_nothing(folder: Path) -> None:
    first = actions.load_plans(folder, EVE)
    entries = AuditEntry.objects.count()
    assert actions.load_plans(folder, EVE + timedelta(days=1)) == first
    assert AuditEntry.objects.count() == entries
    assert [plan.version for plan in first] == [1, 1]
    assert first[0].steps.count() == 13


@pytest.mark.django_db
def test_a_changed_text_is_a_new_version_and_an_event_keeps_its_own(folder: Path) -> None:
    actions.load_plans(folder, EVE)
    used = queries.plan("pacs-down")
    event = declared(person(), plan=used)
    path = folder / "plans/pacs-down.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("PACS不可用", "PACS 中断"), "utf-8")
    later = EVE + timedelta(days=1)
    actions.load_plans(folder, later)
    fresh = queries.plan("pacs-down")
    assert (fresh.version, fresh.title) == (2, "PACS 中断")
    event.refresh_from_db()
    assert event.plan == used
    assert queries.plan("pacs-down", 1).valid_to == later
    assert [plan.version for plan in queries.plan_versions("pacs-down")] == [2, 1]


@pytest.mark.django_db
def test_a_plan_whose_file_is_gone_ends(folder: Path) -> None:
    actions.load_plans(folder, EVE)
    (folder / "plans/fire.toml").unlink()
    kept = actions.load_plans(folder, EVE)
    actions.retire_plans(kept, EVE + timedelta(days=1))
    assert [plan.key for plan in queries.plans()] == ["pacs-down"]
    assert Plan.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("system", "key"),
    [("区域PACS（北片）", "pacs-down"), ("区域平台（一期）", "exchange-down"),
     ("人力资源（二期）", None)],
)  # fmt: skip
def test_the_plan_of_a_system_is_proposed_by_its_name(system: str, key: str | None) -> None:
    actions.load_plans(contract_folder(), EVE)
    application = pacs()
    application.name = system
    found = queries.plan_for(application)
    assert (found.key if found else None) == key
    assert queries.plan_for(None) is None


@pytest.mark.django_db
def test_one_wrong_file_changes_nothing(folder: Path) -> None:
    (folder / "plans/zz.toml").write_text("level = 9", encoding="utf-8")
    with pytest.raises(ContentError):
        actions.load_plans(folder, EVE)
    assert Plan.objects.count() == 0
