"""jingwei clock: deadlines as an operator asks for them."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from jingwei.calendars import actions
from jingwei.run.cli.clock import app

pytestmark = pytest.mark.django_db
runner = CliRunner()


@pytest.fixture(autouse=True)
def _calendar(db: None) -> None:
    actions.seed(datetime(2026, 11, 23, tzinfo=UTC))


def ask(calendar: str, start: str, minutes: int) -> tuple[int, dict[str, object]]:
    arguments = ["due", "--calendar", calendar, "--from", start, "--minutes", str(minutes)]
    result = runner.invoke(app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_half_an_hour_before_spring_festival_ends_after_it_on_the_working_calendar() -> None:
    code, answer = ask("5x8", "2023-01-20T17:20", 30)
    assert code == 0
    assert answer["due"] == "2023-01-28T08:50:00+08:00"


def test_the_wall_calendar_knows_no_festival() -> None:
    code, answer = ask("7x24", "2023-01-20T17:20", 30)
    assert (code, answer["due"]) == (0, "2023-01-20T17:50:00+08:00")


def test_a_start_in_another_zone_is_the_same_instant() -> None:
    assert ask("5x8", "2023-01-20T09:20+00:00", 30)[1] == ask("5x8", "2023-01-20T17:20", 30)[1]


def test_an_unpublished_year_is_told_and_nothing_is_guessed() -> None:
    code, answer = ask("5x8", "2031-01-20T17:20", 30)
    assert code == 2
    assert "2031 年的工作日安排未公布" in str(answer["error"])


def test_a_start_that_is_no_time_is_told_with_an_example() -> None:
    code, answer = ask("7x24", "明天", 30)
    assert code == 2
    assert "应写成 2023-01-20T17:20" in str(answer["error"])
