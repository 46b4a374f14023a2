"""jingwei report: what it prints, what it writes, and how it says no."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from report_making import NOW, Day
from typer.testing import CliRunner, Result

from jingwei.accounts.models import User
from jingwei.checks.actions import Answer, write_answers
from jingwei.reports import actions, queries
from jingwei.reports.fonts import FontsMissingError
from jingwei.reports.models import Report
from jingwei.run import clock, setup
from jingwei.run.cli import report as command
from jingwei.terms import Result as Verdict

pytestmark = pytest.mark.django_db
DATE = NOW.date().isoformat()


@pytest.fixture(autouse=True)
def _this_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(setup, "ensure", lambda: None)  # the register is that of `day`


def run(*words: object) -> Result:
    return CliRunner().invoke(command.app, [str(word) for word in words])


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_building_prints_and_writes_the_report(day: Day, tmp_path: Path) -> None:
    result = run("build", "daily", "--date", DATE, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    answer = told(result)
    assert answer["number"] == "JAWS-RJ-20261120-01"
    assert (answer["version"], answer["state"], answer["date"]) == (1, "draft", DATE)
    assert (answer["planned"], answer["checked"], answer["abnormal"]) == (5, 3, 1)
    assert len(answer["sha256"]) == 64
    assert [Path(path).suffix for path in answer["files"]] == [".docx", ".pdf", ".xlsx"]
    assert all(Path(path).stat().st_size > 10_000 for path in answer["files"])


def test_people_read_the_verdict_and_the_files(day: Day, tmp_path: Path) -> None:
    result = run("build", "daily", "--date", DATE, "--out", tmp_path)
    assert "JAWS-RJ-20261120-01 V1" in result.stdout
    assert "草稿" in result.stdout
    assert "发现异常 1 项" in result.stdout
    assert "JAWS-RJ-20261120-01-V1.pdf" in result.stdout


def test_today_is_the_default(day: Day, tmp_path: Path) -> None:
    assert told(run("build", "daily", "--out", tmp_path, "--json"))["date"] == DATE


def test_one_format_alone(day: Day, tmp_path: Path) -> None:
    run("build", "daily", "--out", tmp_path, "--format", "docx")
    assert [path.suffix for path in tmp_path.iterdir()] == [".docx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("weekly",), "没有“weekly”这类报告；可用：daily"),
        (("daily", "--date", "20261120x"), "--date 应为 YYYY-MM-DD"),
        (("daily", "--date", "2026-11-31"), "--date 应为 YYYY-MM-DD"),
        (("daily", "--date", "2026-12-01"), "2026-12-01 还没有到"),
        (("daily", "--format", "odt"), "--format 应为 docx、pdf、xlsx 或 all，得到“odt”"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    day: Day, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "out"
    result = run("build", *words, "--out", out)
    assert result.exit_code == 2
    assert said in result.output
    assert not out.exists()
    assert not Report.objects.exists()


def test_a_file_as_folder_is_refused_before_anything_is_built(day: Day, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    result = run("build", "daily", "--out", tmp_path / "out" / "deep", "--json")
    assert result.exit_code == 2
    assert "不是文件夹" in told(result)["error"]
    assert not Report.objects.exists()


def test_a_folder_that_may_not_be_written_is_refused(
    day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = SimpleNamespace(access=lambda path, mode: False, W_OK=os.W_OK, X_OK=os.X_OK)
    monkeypatch.setattr(command, "os", denied)
    result = run("build", "daily", "--out", tmp_path)
    assert result.exit_code == 2
    assert "没有权限写入文件夹" in result.output
    assert not Report.objects.exists()


def test_a_machine_without_fonts_is_told_before_anything_is_written(
    day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise FontsMissingError("本机没有可用的中文字体")

    monkeypatch.setattr(command, "find", none)
    result = run("build", "daily", "--out", tmp_path)
    assert result.exit_code == 2
    assert "本机没有可用的中文字体" in result.output
    assert not Report.objects.exists()
    assert list(tmp_path.iterdir()) == []


def signed(engineer: User, client_side: User) -> Report:
    made = actions.submit(actions.build_daily(NOW.date(), engineer, NOW), engineer, NOW)
    return actions.sign(made, client_side, NOW)


def cool(day: Day) -> None:
    write_answers(day.run, [Answer("room.temperature", day.room.pk, Verdict.NORMAL, "24 ℃")], NOW)


def test_a_rerun_hands_out_the_signed_original(
    day: Day, engineer: User, client_side: User, tmp_path: Path
) -> None:
    made = signed(engineer, client_side)
    cool(day)
    result = run("build", "daily", "--out", tmp_path, "--json")
    assert result.exit_code == 0
    answer = told(result)
    assert (answer["version"], answer["state"], answer["sha256"]) == (1, "signed", made.sha256)
    assert "不再改动" in answer["note"]
    for path in map(Path, answer["files"]):
        assert path.read_bytes() == (queries.folder() / path.name).read_bytes()


def test_a_reason_makes_a_new_version(
    day: Day, engineer: User, client_side: User, tmp_path: Path
) -> None:
    signed(engineer, client_side)
    cool(day)
    answer = told(run("build", "daily", "--out", tmp_path, "--reason", "复测更正", "--json"))
    assert (answer["version"], answer["state"], answer["reason"]) == (2, "draft", "复测更正")
    assert Report.objects.get(version=1).state == "signed"


def test_a_reason_without_anything_submitted_is_not_used(day: Day, tmp_path: Path) -> None:
    answer = told(run("build", "daily", "--out", tmp_path, "--reason", "多余", "--json"))
    assert (answer["version"], answer["reason"]) == (1, "")
    assert "未用" in answer["note"]


def test_the_list_has_every_version(day: Day, engineer: User, client_side: User) -> None:
    made = signed(engineer, client_side)
    actions.new_version(made, "更正", engineer, NOW)
    found = told(run("list", "--json"))
    assert [(one["version"], one["state"]) for one in found] == [(2, "draft"), (1, "signed")]
    assert [one["version"] for one in told(run("list", "--state", "signed", "--json"))] == [1]
    assert told(run("list", "--from", "2026-11-21", "--json")) == []
    assert "已签收" in run("list").stdout


def test_an_empty_list_says_what_to_do(day: Day) -> None:
    assert "jingwei report build daily" in run("list").stdout


def test_an_unknown_state_is_refused(day: Day) -> None:
    result = run("list", "--state", "lost")
    assert result.exit_code == 2
    assert "草稿" in result.output


def test_verifying_says_that_all_is_well(day: Day, engineer: User, client_side: User) -> None:
    signed(engineer, client_side)
    result = run("verify", "--json")
    assert result.exit_code == 0
    answer = told(result)
    assert answer["ok"]
    assert [one["ok"] for one in answer["reports"]] == [True]
    assert "1 个无改动" in run("verify").stdout


def test_verifying_finds_a_changed_file(day: Day, engineer: User, client_side: User) -> None:
    signed(engineer, client_side)
    (queries.folder() / "JAWS-RJ-20261120-01-V1.pdf").write_bytes(b"%PDF")
    result = run("verify", "JAWS-RJ-20261120-01")
    assert result.exit_code == 1
    assert "文件被改动" in result.stdout


def test_a_number_nobody_knows_is_refused(day: Day) -> None:
    result = run("verify", "JAWS-RJ-19990101-01")
    assert result.exit_code == 2
    assert "没有编号为" in result.output
