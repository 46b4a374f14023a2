"""Why something was down, what is not counted, and which outages count against core devices."""

from datetime import timedelta

import pytest
from desk_making import MORNING, at, client, later, note, person, target
from desk_making import application as make_application
from desk_making import incident as open_incident

from jingwei.accounts.models import User
from jingwei.assets.models import Application
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError
from jingwei.desk.models import Kind, Ticket
from jingwei.sla.availability import Term, availability
from jingwei.terms.incident import Cause, Instant, Severity

pytestmark = pytest.mark.django_db
YEAR = (at("2022-11-01 00:00"), at("2023-11-01 00:00"))


def application(core: str = Application.Core.YES) -> Application:
    made = make_application()
    made.core = core
    made.save()
    return made


def outage(by: User, minutes: int = 120, **given: object) -> Ticket:
    """A core system that was down for so long from nine on."""
    ticket = open_incident(by, **({"occurred_at": MORNING} | given))
    if minutes:
        _restore(ticket, by, minutes)
    return ticket


def _restore(ticket: Ticket, by: User, minutes: int) -> None:
    for instant, when in ((Instant.ARRIVED, later(10)), (Instant.RESTORED, later(minutes))):
        note(ticket, instant, when, by)


def lost(ticket: Ticket) -> timedelta:
    found = queries.outages(*YEAR)
    assert [each.ticket for each in found] == [ticket]
    assert found[0].downtime.end is not None
    return found[0].downtime.end - found[0].downtime.start


def test_an_outage_of_a_core_system_counts_from_occurrence_to_recovery() -> None:
    ticket = outage(person(), application=application())
    assert lost(ticket) == timedelta(hours=2)
    assert not queries.outages(*YEAR)[0].assumed


def test_without_its_occurrence_the_first_known_instant_counts_and_says_so() -> None:
    outage(person(), application=application(), occurred_at=None)
    found = queries.outages(*YEAR)[0]
    assert (found.assumed, found.downtime.start) == (True, MORNING)


@pytest.mark.parametrize(
    ("core", "number"),
    [(Application.Core.YES, 1), (Application.Core.PROPOSED, 1), (Application.Core.NO, 0)],
)
def test_core_is_what_the_tender_names_or_what_is_proposed(core: str, number: int) -> None:
    outage(person(), application=application(core))
    assert len(queries.outages(*YEAR)) == number


def test_what_was_graded_an_outage_once_stays_one() -> None:
    engineer, approver = person(), client()
    ticket = outage(engineer, application=application())
    asked = actions.regrade(
        ticket, Severity.DEGRADED, "只影响一台", engineer, later(310), version=ticket.version
    )
    actions.answer(ticket, asked, True, approver, later(320), version=ticket.version)
    assert len(queries.outages(*YEAR)) == 1


def test_a_degradation_a_cancelled_fault_and_a_child_do_not_count() -> None:
    engineer, approver = person(), client()
    pacs = application()
    outage(engineer, application=pacs, severity=Severity.DEGRADED)
    wrong = outage(engineer, 0, application=pacs)
    actions.advance(wrong, "cancel", approver, later(5), version=wrong.version, reason="误报")
    parent = outage(engineer, application=pacs)
    child = outage(engineer, 0, application=pacs)
    actions.group(child, parent, engineer, later(301), version=child.version)
    assert [each.ticket for each in queries.outages(*YEAR)] == [parent]


def test_a_device_that_takes_others_with_it_is_core_and_a_server_is_not() -> None:
    engineer = person()
    array = target("HW-016-1")
    array.kind = "storage"
    array.save()
    outage(engineer, target=array)
    outage(engineer, target=target("HW-001-1"))
    assert [each.ticket.target for each in queries.outages(*YEAR)] == [array]


def test_an_outage_that_still_runs_has_no_end() -> None:
    outage(person(), 0, application=application())
    assert queries.outages(*YEAR)[0].downtime.end is None


def test_an_outage_outside_the_term_is_not_in_it() -> None:
    outage(person(), application=application())
    assert queries.outages(at("2023-01-01 00:00"), YEAR[1]) == []


def test_what_nobody_classified_counts_until_somebody_does() -> None:
    engineer = person()
    ticket = outage(engineer, application=application())
    rows = queries.outages(*YEAR)
    assert queries.unclassified(rows) == rows
    term = Term(*YEAR)
    before = availability([r.downtime for r in rows], term, YEAR[1]).counted
    actions.classify(
        ticket, Cause.BUSINESS_SYSTEM, "应用死锁", engineer, later(301), version=ticket.version
    )
    after = availability([r.downtime for r in queries.outages(*YEAR)], term, YEAR[1]).counted
    assert (before, after) == (timedelta(hours=2), timedelta())


def test_a_second_classification_needs_its_reason() -> None:
    engineer = person()
    ticket = outage(engineer, application=application())
    actions.classify(ticket, Cause.HARDWARE, "", engineer, later(301), version=ticket.version)
    with pytest.raises(BadInputError, match="依据"):
        actions.classify(ticket, Cause.POWER, " ", engineer, later(302), version=ticket.version)
    with pytest.raises(BadInputError, match="已是"):
        actions.classify(ticket, Cause.HARDWARE, "x", engineer, later(302), version=ticket.version)


def test_what_the_client_said_only_the_client_changes() -> None:
    engineer, approver = person(), client()
    ticket = outage(engineer, application=application())
    actions.classify(ticket, Cause.HARDWARE, "", approver, later(301), version=ticket.version)
    with pytest.raises(BadInputError, match="甲方"):
        actions.classify(ticket, Cause.POWER, "跳闸", engineer, later(302), version=ticket.version)
    actions.classify(ticket, Cause.POWER, "跳闸", approver, later(303), version=ticket.version)
    assert ticket.cause == Cause.POWER


def test_an_exclusion_counts_only_when_the_client_agrees() -> None:
    engineer, approver = person(), client()
    ticket = outage(engineer, application=application())
    asked = actions.exclude(ticket, "市政停电", engineer, later(301), version=ticket.version)
    assert not queries.outages(*YEAR)[0].downtime.excluded_by
    with pytest.raises(ForbiddenError):
        actions.answer(ticket, asked, True, engineer, later(302), version=ticket.version)
    with pytest.raises(BadInputError, match="待甲方答复"):
        actions.exclude(ticket, "再问", engineer, later(302), version=ticket.version)
    actions.answer(ticket, asked, True, approver, later(303), version=ticket.version)
    assert approver.full_name in queries.outages(*YEAR)[0].downtime.excluded_by
    with pytest.raises(BadInputError, match="已同意不计入"):
        actions.exclude(ticket, "又问", engineer, later(304), version=ticket.version)


def test_a_refused_exclusion_counts_and_may_be_asked_again() -> None:
    engineer, approver = person(), client()
    ticket = outage(engineer, application=application())
    asked = actions.exclude(ticket, "停电", engineer, later(301), version=ticket.version)
    actions.answer(
        ticket, asked, False, approver, later(302), version=ticket.version, reason="有 UPS"
    )
    assert not queries.outages(*YEAR)[0].downtime.excluded_by
    again = actions.exclude(ticket, "UPS 检修", engineer, later(303), version=ticket.version)
    assert again.pk != asked.pk


def test_a_request_has_neither_cause_nor_downtime() -> None:
    engineer = person()
    ticket = actions.open_ticket(
        actions.Intake(kind=Kind.SERVICE_REQUEST, title="导数据"), engineer, MORNING
    )
    for act in (
        lambda: actions.classify(
            ticket, Cause.POWER, "x", engineer, later(5), version=ticket.version
        ),
        lambda: actions.exclude(ticket, "x", engineer, later(5), version=ticket.version),
    ):
        with pytest.raises(BadInputError, match="只有故障单"):
            act()
