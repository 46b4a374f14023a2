"""content/desk is read at start: a mistake stops it, with file and line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jingwei.desk import policies as readers
from jingwei.rules.document import ContentError
from jingwei.run import policies

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Path:
    """The shipped files in a folder of their own."""
    shutil.copytree(CONTENT / "desk", tmp_path / "desk")
    settings.JINGWEI_CONTENT = tmp_path
    return tmp_path / "desk"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))


def test_the_shipped_files_are_sound(desk: Path) -> None:
    policies.check()
    assert policies.automatic().rules
    assert policies.watch().soon


def test_an_unchanged_file_is_read_once_and_a_changed_one_again(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = readers.load_watch
    monkeypatch.setattr(readers, "load_watch", lambda file: read.append(file) or real(file))
    assert [policies.watch().most for _ in range(3)] == [10, 10, 10]
    assert len(read) == 1
    change(desk / "watch.toml", "most = 10", "most = 7")
    assert policies.watch().most == 7
    assert len(read) == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("watch.toml", "most = 10", "most = 0", r"watch\.toml:\d+: most"),
        ("watch.toml", '"20 min"', '"5 min"', r"watch\.toml:6: .*client 不能小于 manager"),
        ("watch.toml", '["1 h", ', '["soon", ', r"watch\.toml:9: before"),
        ("watch.toml", "[past]", "[passed]", r"watch\.toml:\d+: .*passed"),
        ("watch.toml", '"7x24" ', '"8x8" ', r"watch\.toml:4: calendar"),
        ("automatic.toml", "hourly = 10", 'hourly = "ten"', r"automatic\.toml:\d+: hourly"),
        ("automatic.toml", '"outage"', '"outrage"', r"automatic\.toml:\d+: severity"),
        ("automatic.toml", "core = true\nsev", "core = 1\nsev", r"automatic\.toml:\d+: core"),
        ("automatic.toml", 'id = "database"', 'id = "core.application"', "重复"),
        ("automatic.toml", "[[rule]]", "[[rule]", r"automatic\.toml:\d+: 不是合法的 TOML"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_and_line(
    desk: Path, file: str, old: str, new: str, said: str
) -> None:
    change(desk / file, old, new)
    with pytest.raises(ContentError, match=said):
        policies.check()


def test_a_missing_or_foreign_file_is_named(desk: Path) -> None:
    (desk / "watch.toml").write_bytes("最多 = 1".encode("gbk"))
    with pytest.raises(ContentError, match=r"watch\.toml:1: 文件应为 UTF-8"):
        policies.watch()
    (desk / "watch.toml").unlink()
    with pytest.raises(ContentError, match=r"watch\.toml:1: 读不到文件"):
        policies.watch()


@pytest.mark.parametrize("command", [["up", "--no-region"], ["work"], ["notice", "list"]])
def test_a_start_stops_with_2_and_makes_nothing_of_its_own(
    tmp_path: Path, command: list[str]
) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    change(content / "desk" / "watch.toml", "most = 10", "most = 0")
    program = (
        "import sys; from pathlib import Path; from jingwei.run import paths;"
        f"paths.content_folder = lambda: Path({str(content)!r});"
        "from jingwei.run.cli import main; main()"
    )
    environment = os.environ | {"JINGWEI_DATA": str(tmp_path / "data")}
    environment.pop("JINGWEI_DATABASE_URL", None)
    ended = subprocess.run(
        [sys.executable, "-c", program, *command],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "watch.toml:13: most" in ended.stderr
    assert "Traceback" not in ended.stderr
    if command[0] != "notice":  # a first command makes the tables before it looks
        assert (tmp_path / "data" / "jingwei.sqlite3").stat().st_size == 0
