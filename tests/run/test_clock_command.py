"""jingwei clock: deadlines as an operator asks for them."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.calendars import actions
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import Kind, Ticket
from jingwei.run import setup
from jingwei.run.cli.clock import app
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

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


REPORTED = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)


@pytest.fixture
def ticket(monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """A fault of the evening before Spring Festival; nobody has come yet."""
    monkeypatch.setattr(setup, "ensure", lambda: None)
    by = User.objects.create_user("wang", password="a-long-enough-one", role=Role.FIRST_LINE)
    made = desk.open_ticket(
        Intake(
            kind=Kind.INCIDENT, title="PACS 打不开", severity=Severity.OUTAGE, reported_at=REPORTED
        ),
        by, REPORTED,
    )  # fmt: skip
    answered = REPORTED.replace(minute=50)
    desk.note_instant(
        made, Instant.PHONE_RESPONDED, answered, by, answered, version=made.version
    )  # fmt: skip
    return made


def test_the_clocks_of_a_ticket_are_told_on_both_calendars(ticket: Ticket) -> None:
    result = runner.invoke(app, ["ticket", ticket.number, "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["ticket"], answer["severity"]) == (ticket.number, "outage")
    clocks = {(each["calendar"], each["name"]): each for each in answer["clocks"]}
    assert set(clocks) == {
        (calendar, name) for calendar in ("5x8", "7x24") for name in ("phone", "on_site", "repair")
    }
    assert clocks["5x8", "phone"]["due"] == "2023-01-28T08:50:00+08:00"
    assert clocks["5x8", "phone"]["used_seconds"] == 600  # half past five ends the day
    assert clocks["7x24", "phone"]["state"] == "met"  # exactly thirty minutes
    assert clocks["7x24", "phone"]["left_seconds"] == 0
    assert clocks["7x24", "on_site"]["state"] == "overdue"
    assert clocks["7x24", "on_site"]["due"] == "2023-01-20T19:20:00+08:00"
    assert clocks["7x24", "repair"]["state"] == "not_started"
    assert clocks["7x24", "repair"]["used_seconds"] is None


def test_the_clocks_of_a_ticket_are_read_by_people_too(ticket: Ticket) -> None:
    result = runner.invoke(app, ["ticket", ticket.number], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "造成生产运行中断" in result.stdout
    assert "电话响应" in result.stdout
    assert "未起算" in result.stdout


def test_a_ticket_without_clocks_says_so(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(state="cancelled")
    result = runner.invoke(app, ["ticket", ticket.number])
    assert (result.exit_code, "没有时限" in result.stdout) == (0, True)


@pytest.mark.parametrize("number", ["IN19990001", "\x00", "一" * 10_000])
def test_a_ticket_there_is_not_is_told(number: str, ticket: Ticket) -> None:
    result = runner.invoke(app, ["ticket", number, "--json"])
    assert result.exit_code == 2
    assert "没有工单" in json.loads(result.stdout)["error"]
