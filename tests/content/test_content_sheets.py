"""Sheets of the content: what they may say, and that ours fill what the tender demands."""

from pathlib import Path

import pytest

from jingwei.checks.content import ContentError, load_routine
from jingwei.checks.queries.plan import TargetRow, applies
from jingwei.contract import clauses

SHEETS = {
    "quarterly": "hardware-inspection", "monthly": "monthly-inspection",
    "pre-holiday": "holiday-check", "pre-change": "change-check",
}  # fmt: skip
GOOD = """
[routine]
id = "walk"
label = "逐台巡视"
calendar = "month"
due = "17:30"
start = "08:30"
source = "第二条"

[routine.sheet]
duty = "round"
each = "unit"
fills = { place = "summary", lamp = "walk.lamp" }

[[section]]
id = "all"
number = 1
label = "全部"

[[item]]
id = "walk.lamp"
section = "all"
label = "指示灯"
applies = { kinds = ["*"] }
mode = "manual"
standard = "无告警"
"""


@pytest.mark.parametrize(("name", "duty"), SHEETS.items())
def test_each_sheet_settles_its_duty_and_fills_only_its_fields(
    content_folder: Path, name: str, duty: str
) -> None:
    routine = load_routine(content_folder / "routines" / f"{name}.toml")
    assert routine.sheet is not None
    assert routine.sheet.duty == duty
    read = clauses.read(content_folder / "contracts" / "jingan-2022")
    assert read is not None
    fields = {key for key, _ in read.duties[duty].fields}
    assert set(routine.sheet.fills) <= fields
    assert {item.mode for item in routine.items} == {"manual"}


def test_an_inspection_has_the_four_elements_the_tender_demands(content_folder: Path) -> None:
    routine = load_routine(content_folder / "routines" / "quarterly.toml")
    assert routine.sheet is not None
    asked = {"running", "advice"}  # what only a person can say
    assert set(routine.sheet.fills) | asked == {"content", "time", "running", "health", "advice"}


def test_every_kind_of_unit_is_looked_at_and_gets_what_is_its_own(content_folder: Path) -> None:
    routine = load_routine(content_folder / "routines" / "quarterly.toml")
    rows = (content_folder / "contracts" / "jingan-2022" / "assets.csv").read_text("utf-8-sig")
    head, *lines = rows.splitlines()
    kinds = {line.split(",")[head.split(",").index("kind")] for line in lines if '"' not in line}
    assert len(kinds) > 15
    for kind in kinds:
        target = TargetRow(1, "X", kind, kind)
        assert len([item for item in routine.items if applies(item, target)]) >= 5, kind


def loaded(folder: Path, text: str) -> Path:
    path = folder / "walk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_star_applies_to_every_kind(tmp_path: Path) -> None:
    routine = load_routine(loaded(tmp_path, GOOD))
    assert applies(routine.items[0], TargetRow(1, "X", "anything", "x"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lamp = "walk.lamp"', 'lamp = "walk.lamb"', "是不是 walk.lamp"),
        ('each = "unit"', 'each = "room"', "each 没有 “room”"),
        ('duty = "round"', 'duty = ""', "duty 不能为空"),
        ("[routine.sheet]", "[routine.sheet]\ncolour = 1", "没有 “colour” 这个键"),
        ('mode = "manual"', 'mode = "automatic"', "不能有自动项"),
    ],
)
def test_a_sheet_that_cannot_be_filled_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = loaded(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ContentError, match=said):
        load_routine(path)
