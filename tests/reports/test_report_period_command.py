"""jingwei report build for the periodic and fault reports."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from desk_making import resolved
from report_making import ready
from typer.testing import CliRunner, Result
from year_making import NOW, full, year

from jingwei.accounts.models import User
from jingwei.reports import actions
from jingwei.reports.models import Report
from jingwei.run import clock, setup
from jingwei.run.cli import report as command

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(setup, "ensure", lambda: None)


@pytest.fixture
def wang() -> User:
    by, approver = year()
    full(by, approver)
    return by


def run(*words: object) -> Result:
    return CliRunner().invoke(command.app, [str(word) for word in words])


def told(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("kind", "period", "number"),
    [
        ("monthly", "2022-11", "JAWS-YB-202211-01"),
        ("quarterly", "2022-Q1", "JAWS-JB-2022Q1-01"),
        ("annual", "2022", "JAWS-NB-2022-01"),
    ],
)
def test_a_period_is_built_and_written_in_both_formats(
    wang: User, tmp_path: Path, kind: str, period: str, number: str
) -> None:
    result = run("build", kind, "--period", period, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    answer = told(result)
    assert (answer["number"], answer["version"], answer["state"]) == (number, 1, "draft")
    assert answer["conclusion"].startswith("故障 ")
    assert answer["until"] > answer["date"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) >= [
        f"{number}-V1.docx", f"{number}-V1.pdf",
    ]  # fmt: skip


def test_people_read_number_verdict_and_files(wang: User, tmp_path: Path) -> None:
    result = run("build", "monthly", "--period", "2022-11", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "JAWS-YB-202211-01 V1" in result.stdout
    assert "故障 1 件" in result.stdout
    assert "应检" not in result.stdout


def test_a_fault_is_built_by_its_number(wang: User, tmp_path: Path) -> None:
    ticket = resolved(wang)
    result = run(
        "build", "fault", "--period", ticket.number, "--out", tmp_path, "--format", "docx", "--json"
    )
    assert result.exit_code == 0, result.output
    assert told(result)["number"] == f"JAWS-GZ-{ticket.number}-01"
    assert len(told(result)["files"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("weekly",), "没有“weekly”这类报告"),
        (("monthly",), "--period"),
        (("monthly", "--date", "2022-11-01"), "不用 --date"),
        (("monthly", "--period", "2022-Q1"), "应写成"),
        (("annual", "--period", "2030"), "没有合同覆盖"),
        (("quarterly", "--period", "2022-Q4"), "还没有开始"),
        (("fault", "--period", "GD-1"), "没有单号"),
        (("daily", "--date", "2022-11-07", "--period", "2022-11-07"), "只能给一个"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    wang: User, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = run("build", *words, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()
    assert not Report.objects.exists()


def test_the_daily_check_takes_its_day_as_period_too(wang: User, tmp_path: Path) -> None:
    result = run("build", "daily", "--period", "2022-11-07", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    assert told(result)["number"] == "JAWS-RJ-20221107-01"


def test_a_submitted_period_is_written_again_as_it_was(wang: User, tmp_path: Path) -> None:
    made = actions.build("monthly", "2022-11", wang, NOW)
    actions.submit(ready(made, NOW), wang, NOW)
    resolved(wang)  # one fault more in that month
    result = run("build", "monthly", "--period", "2022-11", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    answer = told(result)
    assert (answer["version"], answer["state"]) == (1, "submitted")
    assert "--reason" in answer["note"]
    again = run(
        "build", "monthly", "--period", "2022-11", "--out", tmp_path, "--reason", "漏计", "--json"
    )
    assert told(again)["version"] == 2


def test_a_reason_without_a_submitted_version_is_not_used(wang: User, tmp_path: Path) -> None:
    result = run(
        "build", "annual", "--period", "2022", "--out", tmp_path, "--reason", "x",
        "--format", "docx", "--json",
    )  # fmt: skip
    assert told(result)["note"] == "尚无已提交的版本，--reason 未用"


def test_the_annual_report_is_made_in_time(wang: User, tmp_path: Path) -> None:
    start = perf_counter()
    result = run("build", "annual", "--period", "2022", "--out", tmp_path, "--json")
    assert result.exit_code == 0
    assert perf_counter() - start < 30


def test_the_list_names_them_all(wang: User) -> None:
    actions.build("monthly", "2022-11", wang, NOW)
    actions.build("annual", "2022", wang, NOW)
    kinds = {each["kind"] for each in told(run("list", "--json"))}
    assert kinds == {"monthly", "annual"}
