"""jingwei contract: what machines read."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from typer.testing import CliRunner

from jingwei.contract.models import Obligation
from jingwei.run import setup
from jingwei.run.cli.contract import app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped contract, as a first start loads it."""
    from jingwei.run import clock  # noqa: PLC0415
    from jingwei.run.paths import content_folder  # noqa: PLC0415

    call_command("check")
    from jingwei.contract import actions  # noqa: PLC0415

    actions.load(content_folder() / "contracts" / "jingan-2022", clock.today())
    actions.ensure_demo_copy(clock.today())
    monkeypatch.setattr(setup, "ensure", lambda: None)


def run(*arguments: str) -> Any:
    answer = CliRunner().invoke(app, list(arguments))
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_all_189_are_assessed_and_an_empty_house_has_met_none_by_itself() -> None:
    answer = run("assess", "--json")
    assert len(answer["obligations"]) == 189 == Obligation.objects.count()
    assert sum(answer["counts"].values()) == 189
    assert answer["demonstration"] is True
    first = answer["obligations"][0]
    assert {"id", "state", "value", "limit", "evidence", "text"} <= set(first)


def test_a_past_day_is_assessed_as_of_its_end() -> None:
    answer = run("assess", "--as-of", "2022-12-31", "--json")
    assert answer["as_of"].startswith("2022-12-31T23:59:59")
    assert answer["demonstration"] is False


def test_duties_are_dated_within_the_days_asked_for() -> None:
    rows = run("duties", "--from", "2022-12-01", "--to", "2022-12-31", "--json")
    asked = {row["what"] for row in rows}
    assert asked >= {"daily", "leak-check", "monthly"}
    assert "monthly-inspection" not in asked  # no application is registered that it could be of
    assert all(row["last"] >= "2022-12-01" and row["opens"] <= "2022-12-31" for row in rows)


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", "--as-of", "2999-01-01", "--json"),
        ("assess", "--as-of", "yesterday", "--json"),
        ("duties", "--from", "2022-12-02", "--to", "2022-12-01", "--json"),
        ("assess", "--as-of", "2001-01-01", "--json"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(app, list(arguments))
    assert answer.exit_code != 0
    assert "Traceback" not in answer.output


@pytest.mark.parametrize("witness", ["7", "x:" + "0" * 64, "1:abc", "0:" + "0" * 64])
def test_a_link_not_as_it_is_printed_is_refused(witness: str) -> None:
    answer = CliRunner().invoke(app, ["verify", "--witness", witness])
    assert answer.exit_code == 2
    assert "序号:哈希" in answer.output


def test_a_printed_link_that_the_chain_lost_is_told() -> None:
    answer = CliRunner().invoke(app, ["verify", "--json", "--witness", "999999:" + "a" * 64])
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["broken"][0]["why"] == "缺少链外留存的第 999999 条"
