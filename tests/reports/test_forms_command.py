"""jingwei report build for the desk's forms: each kind by its subject, bad input told."""

import json
from pathlib import Path
from typing import Any

import pytest
from desk_making import incident
from report_making import ready
from slip_making import (
    AFTER,
    EOS,
    TRAINING,
    Cast,
    changed,
    data_changed,
    opened,
    requested,
    spare,
)
from typer.testing import CliRunner, Result

from jingwei.desk.models import Kind
from jingwei.reports import actions, kinds
from jingwei.reports.models import Report
from jingwei.run import clock, setup
from jingwei.run.cli import report as command

pytestmark = pytest.mark.django_db
PERIODS = (
    ("spare-parts", "2022-Q1", "JAWS-BJ-2022Q1-01"), ("dev-ledger", "2022", "JAWS-KF-2022-01"),
    ("training", "2022-12", "JAWS-PX-202212-01"), ("staffing", "2022-11", "JAWS-RY-202211-01"),
    ("performance", "2022-Q1", "JAWS-XN-2022Q1-01"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    monkeypatch.setattr(setup, "ensure", lambda: None)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def run(*words: object) -> Result:
    return CliRunner().invoke(command.app, [str(word) for word in words])


def build(kind: str, subject: str, out: Path, *more: str) -> Any:
    """What a build told, as JSON."""
    result = run("build", kind, "--period", subject, "--out", out, "--json", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(("kind", "subject", "number"), PERIODS)
def test_a_ledger_is_built_and_written_in_all_formats(
    cast: Cast, tmp_path: Path, kind: str, subject: str, number: str
) -> None:
    answer = build(kind, subject, tmp_path)
    assert (answer["number"], answer["version"], answer["state"]) == (number, 1, "draft")
    names = {path.name for path in tmp_path.iterdir() if path.suffix in {".docx", ".pdf", ".xlsx"}}
    assert names == {f"{number}-V1.{suffix}" for suffix in ("docx", "pdf", "xlsx")}
    assert answer["conclusion"]


def test_a_form_of_each_sort_of_ticket_is_built_by_its_number(cast: Cast, tmp_path: Path) -> None:
    for kind, code, ticket in (
        ("data-change-form", "SJ", data_changed(cast)), ("work-order", "FW", requested(cast)),
        ("change-record", "BG", changed(cast)),
        ("eos-notice", "GZD", opened(cast, Kind.EOS_NOTICE, "eos_notice", EOS)),
        ("spare-parts", "BJ", spare(cast)),
        ("training", "PX", opened(cast, Kind.TRAINING, "training", TRAINING)),
    ):  # fmt: skip
        answer = build(kind, ticket.number, tmp_path, "--format", "docx")
        assert answer["number"] == f"JAWS-{code}-{ticket.number}-01"
        assert len(answer["files"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("staffing", "--period", "2022"), "应写成"),
        (("staffing", "--period", "2023-09"), "还没有开始"),
        (("dev-ledger", "--period", "2035-Q1"), "没有合同覆盖"),
        (("performance", "--period", "十一月"), "应写成"),
        (("work-order", "--period", "GD-2022-99999"), "没有单号"),
        (("work-order",), "--period"),
        (("work-order", "--date", "2022-11-07"), "不用 --date"),
        (("eos-notice", "--period", "GD\x01"), "没有单号"),
        (("training", "--period", "x" * 5000), "应写成"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    cast: Cast, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = run("build", *words, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()
    assert not Report.objects.exists()


def test_a_ticket_of_another_kind_is_told_with_what_was_expected(
    cast: Cast, tmp_path: Path
) -> None:
    fault = incident(cast.wang)
    result = run("build", "data-change-form", "--period", fault.number, "--out", tmp_path / "o")
    assert result.exit_code == 2
    assert "是故障，应为数据修改单的单号" in result.output.replace("\n", "")
    assert not (tmp_path / "o").exists()


def test_a_submitted_form_is_written_again_as_it_was(cast: Cast, tmp_path: Path) -> None:
    ticket = requested(cast)
    made = actions.build("work-order", ticket.number, cast.wang, AFTER)
    actions.submit(ready(made, AFTER), cast.wang, AFTER)
    answer = build("work-order", ticket.number, tmp_path)
    assert (answer["version"], answer["state"]) == (1, "submitted")
    again = build("work-order", ticket.number, tmp_path, "--reason", "补附件")
    assert again["version"] == 2


def test_the_help_names_every_form() -> None:
    result = run("build", "--help")
    told = "".join(result.output.split())
    for kind in (*kinds.SLIPS, *kinds.LEDGERS):
        assert kind.name.split("-", maxsplit=1)[0] in told
