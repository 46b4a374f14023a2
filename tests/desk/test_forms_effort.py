"""The ledger of the 10 person-months: booked, undone by the opposite, over is flagged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from desk_making import MORNING, application, client, person
from desk_making import request as plain_request

from jingwei.accounts.models import User
from jingwei.accounts.queries import verify_chain
from jingwei.assets.models import Person
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake, StaleError
from jingwei.desk.models import Effort, Kind, Ticket

pytestmark = pytest.mark.django_db
DAY = MORNING.date()
YEAR = (date(2022, 11, 1), date(2023, 10, 31))


class Cast:
    """An engineer, a developer on the list of people, a demand."""

    def __init__(self) -> None:
        self.wang = person()
        self.zhao = Person.objects.create(name="赵", line="second", valid_from=date(2022, 11, 1))
        application()
        values: dict[str, object] = {
            "demand_no": "XQ-1", "application": "APP-08", "basis": "12 号文", "demand": "改规则",
            "includes": "开发", "estimate": "12.5",
        }  # fmt: skip
        intake = Intake(kind=Kind.DEV_EFFORT, title="签约规则")
        self.ticket = actions.open_request("dev_effort", values, intake, self.wang, MORNING)

    def book(self, days: str = "1", **more: Any) -> Effort:
        """Booked today."""
        ticket: Ticket = more.pop("ticket", self.ticket)
        by: User = more.pop("by", self.wang)
        given = {"person": self.zhao, "day": DAY, "days": Decimal(days), "work": "编码", **more}
        return actions.book(ticket, **given, by=by, now=MORNING, version=ticket.version)

    def undo(self, wrong: Effort, reason: str = "记错") -> Effort:
        """Its opposite."""
        return actions.undo(
            self.ticket, wrong, reason, self.wang, MORNING, version=self.ticket.version
        )


@pytest.fixture
def cast() -> Cast:
    """Who takes part."""
    return Cast()


def test_ten_person_months_are_217_and_a_half_days_and_the_page_says_how(cast: Cast) -> None:
    found = queries.ledger(*YEAR)
    assert (found.limit, found.left, found.over) == (Decimal("217.50"), Decimal("217.50"), 0)
    assert "A23" in found.note
    assert "21.75" in found.note
    other = queries.ledger(*YEAR, days_per_month=Decimal(20))
    assert other.limit == Decimal("200.00")


def test_bookings_add_up_in_the_period_both_ends_included(cast: Cast) -> None:
    cast.book("1.5", day=date(2022, 11, 1))
    cast.book("2.25")
    found = queries.ledger(*YEAR)
    assert (found.used, found.months) == (Decimal("3.75"), Decimal("0.17"))
    assert [entry.used for entry in found.entries] == [Decimal("1.50"), Decimal("3.75")]
    assert queries.ledger(date(2022, 11, 1), date(2022, 11, 1)).used == Decimal("1.50")
    assert queries.ledger(date(2022, 11, 8), date(2023, 10, 31)).used == 0


def test_exactly_the_limit_is_within_and_the_next_hour_is_over(cast: Cast) -> None:
    for _ in range(7):
        cast.book("31")
    cast.book("0.50")
    full = queries.ledger(*YEAR)
    assert (full.left, full.over) == (0, 0)
    assert not any(entry.over for entry in full.entries)
    cast.book("0.01")
    over = queries.ledger(*YEAR)
    assert over.over == Decimal("0.01")
    assert [entry.over for entry in over.entries][-2:] == [False, True]


def test_a_wrong_booking_is_undone_by_its_opposite_once(cast: Cast) -> None:
    wrong = cast.book("5")
    with pytest.raises(BadInputError, match="冲销原因"):
        cast.undo(wrong, " ")
    opposite = cast.undo(wrong)
    assert (opposite.days, opposite.corrects) == (Decimal(-5), wrong)
    assert queries.ledger(*YEAR).used == 0
    for each in (wrong, opposite):
        with pytest.raises(BadInputError, match="冲销"):
            cast.undo(each)
    assert verify_chain().intact


@pytest.mark.parametrize("days", ["0", "-1", "31.01", "0.005", "NaN", "Infinity", "1E+5"])
def test_a_booking_is_some_days_of_two_places(cast: Cast, days: str) -> None:
    with pytest.raises(BadInputError) as error:
        cast.book(days)
    assert error.value.field == "days"


@pytest.mark.parametrize("day", [date(2022, 11, 8), date(1, 1, 1), date(9999, 12, 31)])
def test_work_lies_in_the_past(cast: Cast, day: date) -> None:
    with pytest.raises(BadInputError) as error:
        cast.book(day=day)
    assert error.value.field == "date"


def test_somebody_who_was_not_here_did_no_work(cast: Cast) -> None:
    with pytest.raises(BadInputError, match="不在岗"):
        cast.book(day=date(2022, 10, 31))
    Person.objects.filter(pk=cast.zhao.pk).update(valid_to=date(2022, 11, 6))
    with pytest.raises(BadInputError, match="不在岗"):
        cast.book(person=Person.objects.get(pk=cast.zhao.pk))


def test_work_is_booked_on_a_demand_by_the_provider(cast: Cast) -> None:
    with pytest.raises(BadInputError, match="不是开发工作量单"):
        cast.book(ticket=plain_request(cast.wang))
    with pytest.raises(ForbiddenError):
        cast.book(by=client())
    with pytest.raises(BadInputError, match="工作内容"):
        cast.book(work="")
    with pytest.raises(StaleError):
        actions.book(cast.ticket, cast.zhao, DAY, Decimal(1), "编码", cast.wang, MORNING, version=0)
    assert not Effort.objects.exists()


def test_another_demands_booking_is_not_undone_here(cast: Cast) -> None:
    wrong = cast.book()
    other = actions.open_request(
        "dev_effort", dict(cast.ticket.form.values), Intake(Kind.DEV_EFFORT, "另一需求"), cast.wang,
        MORNING,
    )  # fmt: skip
    with pytest.raises(BadInputError, match="不属于本单"):
        actions.undo(other, wrong, "x", cast.wang, MORNING, version=other.version)


def test_the_client_says_how_many_days_it_agrees_to(cast: Cast) -> None:
    gu = client()
    ask = {"version": cast.ticket.version}
    with pytest.raises(ForbiddenError):
        actions.fill(cast.ticket, {"agreed": "10"}, cast.wang, MORNING, **ask)
    actions.fill(cast.ticket, {"agreed": "10.50"}, gu, MORNING, version=cast.ticket.version)
    cast.ticket.form.refresh_from_db()
    assert cast.ticket.form.values["agreed"] == "10.5"
