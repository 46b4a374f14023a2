"""Facts as they are gathered: read in few queries, and the same whichever way they are read."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person, write_contract
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingwei.accounts.models import User
from jingwei.contract import actions, queries
from jingwei.contract.models import Contract
from jingwei.contract.queries.facts import gather
from jingwei.desk import actions as desk
from jingwei.desk.models import Kind, Ticket
from jingwei.sla.measures.facts import Family
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
NOW = at("2025-04-20 10:00")


@pytest.fixture
def contract(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    return Contract.objects.get(code="seaside")


def fault(by: User, number: int) -> Ticket:
    reported = NOW - timedelta(hours=number + 1)
    ticket = desk.open_ticket(
        desk.Intake(
            kind=Kind.INCIDENT, title=f"故障 {number}", severity=Severity.OUTAGE,
            reported_at=reported,
        ),
        by, reported,
    )  # fmt: skip
    answered = reported + timedelta(minutes=20 * number)
    desk.note_instant(
        ticket, Instant.PHONE_RESPONDED, answered, by, answered, version=ticket.version
    )
    return ticket


def test_more_tickets_are_no_more_queries(contract: Contract) -> None:
    wang = person("wang")
    fault(wang, 0)
    with CaptureQueriesContext(connection) as few:
        gather(contract, NOW)
    for number in range(1, 9):
        fault(wang, number)
    with CaptureQueriesContext(connection) as many:
        gather(contract, NOW)
    assert len(many) == len(few)


def test_dated_duties_are_the_same_with_and_without_the_clocks(contract: Contract) -> None:
    fault(person("wang"), 1)
    whole, short = gather(contract, NOW), gather(contract, NOW, clocks=False)
    assert whole.tickets
    assert short.tickets == ()
    assert Family.TICKETS not in short.known
    assert queries.duties(contract, NOW, whole) == queries.duties(contract, NOW, short)


def test_a_fact_has_each_clock_as_the_ticket_has_it(contract: Contract) -> None:
    wang = person("wang")
    tickets = {row.number: row for row in (fault(wang, n) for n in range(4))}
    for fact in gather(contract, NOW).tickets:
        alone = queries.ticket_clocks(tickets[fact.ref.key], NOW).all
        assert [(c.name, c.calendar, c.state, c.used, c.due) for c in fact.clocks] == [
            (c.limit.name, c.calendar, c.state, c.used, c.due) for c in alone
        ]


def test_a_ticket_opened_after_the_moment_is_no_fact_of_it(contract: Contract) -> None:
    made = fault(person("wang"), 1)
    before = made.created_at - timedelta(seconds=1)
    assert gather(contract, before).tickets == ()
    assert [each.ref.key for each in gather(contract, made.created_at).tickets] == [made.number]
