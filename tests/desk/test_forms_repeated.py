"""Data changes counted by month, and what comes back too often becomes a problem."""

from datetime import date, datetime, timedelta

import pytest
from desk_making import MORNING, application, client, form, later, person, publish, step

from jingwei.accounts.models import User
from jingwei.assets.models import Application
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake
from jingwei.desk.models import Kind, Purpose, State, Ticket
from jingwei.desk.queries.data_changes import causes

pytestmark = pytest.mark.django_db
DETAILS: dict[str, object] = {
    "unit": "中心医院", "tables": "doc", "personal": "不含", "correction": "不涉及收费和病历",
}  # fmt: skip
TODAY = MORNING.date()


@pytest.fixture
def wang() -> User:
    """An engineer."""
    return person()


@pytest.fixture
def pacs() -> Application:
    """A system."""
    return application()


def change(by: User, of: Application | None, now: datetime = MORNING, **more: object) -> Ticket:
    """A report in draft."""
    intake = Intake(kind=Kind.DATA_CHANGE, title="更正", application=of)
    return actions.open_data_change(intake, form(**more), by, now, DETAILS)


def test_a_report_keeps_its_own_fields_beside_the_guarded_facts(
    wang: User, pacs: Application
) -> None:
    ticket = change(wang, pacs)
    assert ticket.form.values == DETAILS
    wrong = DETAILS | {"correction": "可冲正，不应改库"}
    intake = Intake(kind=Kind.DATA_CHANGE, title="更正")
    with pytest.raises(BadInputError, match="业务冲正"):
        actions.open_data_change(intake, form(), wang, MORNING, wrong)
    with pytest.raises(BadInputError, match="取数用途"):
        actions.open_data_change(
            intake,
            form(purpose=Purpose.EXTRACT, fields="a", masking="b", medium="c",
                 expires_on=date(2023, 1, 1)),
            wang, MORNING, DETAILS,
        )  # fmt: skip
    assert Ticket.objects.count() == 1


def test_a_draft_is_filled_in_anew_with_both_halves(wang: User, pacs: Application) -> None:
    ticket = change(wang, pacs)
    actions.edit_form(
        ticket, form(cause="接口重复"), wang, MORNING, version=ticket.version,
        details=DETAILS | {"tables": "pay"},
    )  # fmt: skip
    ticket.form.refresh_from_db()
    assert ticket.form.values["tables"] == "pay"
    with pytest.raises(BadInputError, match="整单修改"):
        actions.fill(ticket, {"tables": "x"}, wang, MORNING, version=ticket.version)


def test_a_month_is_counted_by_system_and_cause(wang: User, pacs: Application) -> None:
    gu, li = client(), person("li")
    done, back, off = (change(wang, pacs) for _ in range(3))
    change(wang, None)
    change(wang, pacs, datetime.fromisoformat("2022-12-01T00:00:00+08:00"))
    for ticket in (done, back):
        step(ticket, "apply", wang)
        step(ticket, "review", gu)
        step(ticket, "approve", gu, window_start=MORNING, window_end=later(60))
        step(ticket, "back_up", wang, backup_ref="B")
        step(ticket, "execute", wang, later(1), session_ref="S")
    step(done, "finish", wang, later(2), actual_rows=1, images_ref="I")
    step(done, "check", li, later(3))
    step(back, "roll_back", wang, later(2), actual_rows=40, reason="行数不符")
    step(off, "cancel", wang, reason="不改了")
    first, second = queries.by_month(TODAY)
    assert (first.system, first.cause, first.total) == ("区域PACS", "录入错误", 3)
    assert (first.changed, first.rolled_back, first.cancelled, first.rows) == (1, 1, 1, 1)
    assert (second.system, second.total, second.changed) == ("未指明系统", 1, 0)
    assert [line.total for line in queries.by_month(date(2022, 12, 31))] == [1], "the last evening"
    assert queries.by_month(date(2022, 10, 1)) == []


def test_three_times_in_90_days_is_a_defect(wang: User, pacs: Application) -> None:
    change(wang, pacs, MORNING - timedelta(days=90))
    change(wang, pacs)
    change(wang, pacs, cause="接口重复")
    assert queries.repeated(TODAY) == [], "one lies too far back, one has another cause"
    change(wang, pacs)
    gone = change(wang, pacs)
    (found,) = queries.repeated(TODAY)
    assert (found.system, found.cause, len(found.numbers)) == ("区域PACS", "录入错误", 3)
    step(gone, "cancel", wang, reason="重复申请")
    assert queries.repeated(TODAY) == [], "what was cancelled is no fix"


def test_one_tap_opens_a_problem_that_names_them_and_only_one(
    wang: User, pacs: Application
) -> None:
    numbers = [change(wang, pacs).number for _ in range(20)]
    (found,) = queries.repeated(TODAY)
    with pytest.raises(ForbiddenError):
        actions.open_problem(found, client(), MORNING)
    problem = actions.open_problem(found, wang, MORNING)
    assert (problem.kind, problem.application) == (Kind.PROBLEM, pacs)
    named = problem.form.values["incidents"].split()
    assert set(named) < set(numbers)
    assert numbers[-1] in named, "the newest ones fit in"
    (again,) = queries.repeated(TODAY)
    assert again.problem == problem
    with pytest.raises(BadInputError, match=problem.number):
        actions.open_problem(again, wang, MORNING)


def test_the_list_finds_by_any_word_and_state(wang: User, pacs: Application) -> None:
    publish()
    ticket = change(wang, pacs)
    assert [row.ticket for row in queries.data_changes(text="pacs 录入")] == [ticket]
    assert [row.ticket for row in queries.data_changes(state=State.DRAFT)] == [ticket]
    assert not queries.data_changes(text="没有\0的").exists()
    assert not queries.data_changes(purpose=Purpose.EXTRACT).exists()
    step(ticket, "cancel", wang, reason="不改了")
    assert not queries.data_changes(open_only=True).exists()
    assert causes() == ["录入错误"]
