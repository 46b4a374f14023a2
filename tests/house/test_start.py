"""jingwei as a process of its own: what can't work is said in a sentence, with exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jingwei.run import secrets


def jingwei(data: Path, *arguments: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """One command in a data folder of its own."""
    environment = {
        name: value for name, value in os.environ.items() if name != "JINGWEI_DATABASE_URL"
    }
    if database:
        environment["JINGWEI_DATABASE_URL"] = database
    return subprocess.run(
        [sys.executable, "-m", "jingwei.run", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment | {"JINGWEI_DATA": str(data)},
    )


def test_help_names_every_group(tmp_path: Path) -> None:
    ended = jingwei(tmp_path, "--help")
    assert ended.returncode == 0
    for word in ("up", "work", "doctor", "region", "assets", "probe", "check", "report", "user"):
        assert word in ended.stdout


def test_a_data_folder_that_can_not_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = jingwei(tmp_path / "file" / "data", "doctor")
    assert ended.returncode == 2
    assert "数据文件夹" in ended.stderr
    assert "JINGWEI_DATA" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_key_is_one_sentence_and_is_kept(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.write_text("broken")
    ended = jingwei(tmp_path, "user", "list")
    assert ended.returncode == 2
    assert "已损坏" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert key.read_text() == "broken"


def test_a_database_that_can_not_be_reached_is_one_sentence_and_is_logged(tmp_path: Path) -> None:
    nobody = "postgresql://nobody:S3cret-9@127.0.0.1:1/none"
    ended = jingwei(tmp_path, "user", "list", database=nobody)
    assert ended.returncode == 2
    assert "数据库无法使用" in ended.stderr
    assert "jingwei doctor" in ended.stderr
    log = (tmp_path / "logs" / "jingwei.log").read_text()
    assert "OperationalError" in log
    assert "Traceback" not in ended.stderr
    assert "S3cret-9" not in ended.stderr + log


def test_the_doctor_names_a_database_that_can_not_be_reached(tmp_path: Path) -> None:
    ended = jingwei(tmp_path, "doctor", "--json", database="postgresql://x:y@127.0.0.1:1/none")
    assert ended.returncode == 1
    assert "无法连接" in ended.stdout


def test_the_doctor_sees_a_new_folder_as_not_yet_migrated(tmp_path: Path) -> None:
    ended = jingwei(tmp_path, "doctor", "--json")
    assert ended.returncode == 1
    assert "个升级步骤未执行" in ended.stdout


@pytest.mark.parametrize("arguments", [("nonsense",), ("user", "add"), ("doctor", "--nonsense")])
def test_wrong_usage_is_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert jingwei(tmp_path, *arguments).returncode == 2


def test_the_first_command_makes_the_key_and_nobody_else_reads_it(tmp_path: Path) -> None:
    jingwei(tmp_path, "--help")
    assert len(secrets.read_key(tmp_path / "secret.key")) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
