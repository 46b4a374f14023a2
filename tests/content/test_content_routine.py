"""Routine files: what loads, and that every mistake is told with file and line."""

from datetime import time
from pathlib import Path

import pytest

from jingwei.checks.content import ContentError, load_routine, routine_items

GOOD = """\
[routine]
id = "weekly"
label = "周检"
calendar = "weekly"
due = "08:30"
start = "06:00"
source = "a test"

[[section]]
id = "room"
number = 3
label = "机房"

[[item]]
id = "room.walk"
section = "room"
label = "巡视"
applies = { kinds = ["room"] }
mode = "manual"
standard = "无异常"

[[item]]
id = "log.platform"
section = "room"
label = "日志"
applies = { keys = ["SITE-1"] }
mode = "automatic"
until = "logs"
standard = "无新增"
"""


def loaded(folder: Path, text: str) -> Path:
    """A routine file."""
    path = folder / "weekly.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_routine_loads_with_all_it_says(tmp_path: Path) -> None:
    routine = load_routine(loaded(tmp_path, GOOD))
    assert (routine.id, routine.due, routine.start) == ("weekly", time(8, 30), time(6))
    assert [section.number for section in routine.sections] == [3]
    walk = routine.item("room.walk")
    assert walk is not None
    assert (walk.kinds, walk.keys, walk.mode, walk.until) == (("room",), (), "manual", "")
    assert routine.item("nothing") is None
    assert routine_items(tmp_path) == {"room.walk", "log.platform"}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('due = "08:30"', 'due = "8:30"', 5, "应为 24 小时制时间"),
        ('start = "06:00"', 'start = "24:00"', 6, "应为 24 小时制时间"),
        ('label = "周检"\n', "", 1, "缺少 label"),
        ("number = 3", 'number = "3"', 11, "number 应为 1 到 99 的整数"),
        ("number = 3\n", "", 9, "number 应为 1 到 99 的整数"),
        ('section = "room"', 'section = "rom"', 16, "section 没有 “rom”。是不是 room？"),
        ('applies = { kinds = ["room"] }', "applies = {}", 18, "applies 至少给 kinds 或 keys"),
        ('applies = { kinds = ["room"] }', "applies = { all = true }", 18, "可用：kinds、keys"),
        ('mode = "manual"', 'mode = "by hand"', 19, "可用：automatic、manual"),
        ('mode = "manual"', 'mode = "manual"\nuntil = "logs"', 20, "人工项不等待"),
        ('id = "log.platform"', 'id = "room.walk"', 23, "检查项 room.walk 重复"),
        ('standard = "无新增"', 'standart = "无新增"', 29, "是不是 standard？"),
    ],
)
def test_every_mistake_names_its_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    path = loaded(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ContentError) as caught:
        load_routine(path)
    assert words in caught.value.message
    assert str(caught.value).startswith(f"{path}:{line}: ")


@pytest.mark.parametrize("twice", ['id = "room"\nnumber = 4', 'id = "other"\nnumber = 3'])
def test_a_section_and_its_number_are_used_once(tmp_path: Path, twice: str) -> None:
    with pytest.raises(ContentError, match="重复"):
        load_routine(loaded(tmp_path, GOOD + f'[[section]]\n{twice}\nlabel = "x"\n'))


def test_the_shipped_daily_sheet_has_the_sections_of_the_report(content_folder: Path) -> None:
    daily = load_routine(content_folder / "routines" / "daily.toml")
    assert [section.number for section in daily.sections] == list(range(3, 12))
    assert {item.until for item in daily.items} == {"", "exchange", "backups", "logs"}
    assert all(daily.item(item.id) is item for item in daily.items)
