"""Making an installation whole, by whichever commands come first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUMMARY = [sys.executable, "-m", "jingwei.run", "assets", "summary", "--json"]


def test_four_first_commands_at_once_make_one_whole_installation(tmp_path: Path) -> None:
    environment = os.environ | {"JINGWEI_DATA": str(tmp_path)}
    environment.pop("JINGWEI_DATABASE_URL", None)
    running = [
        subprocess.Popen(
            SUMMARY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    assert '"units": 172' in answers[0][0]


def test_a_start_cut_short_after_the_tables_is_finished_by_the_next_command(
    tmp_path: Path,
) -> None:
    environment = os.environ | {"JINGWEI_DATA": str(tmp_path)}
    environment.pop("JINGWEI_DATABASE_URL", None)
    only_tables = (
        "import os, django;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'jingwei.run.settings';"
        "django.setup();"
        "from jingwei.run import setup; setup.migrate()"
    )
    subprocess.run([sys.executable, "-c", only_tables], env=environment, check=True)
    found = subprocess.run(SUMMARY, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert '"applications": 25' in found.stdout


@pytest.mark.parametrize("command", [["assets", "summary"], ["report", "list"], ["user", "list"]])
def test_any_command_may_be_the_first(command: list[str], tmp_path: Path) -> None:
    environment = os.environ | {"JINGWEI_DATA": str(tmp_path)}
    environment.pop("JINGWEI_DATABASE_URL", None)
    found = subprocess.run(
        [sys.executable, "-m", "jingwei.run", *command, "--json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
