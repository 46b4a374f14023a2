"""Measures over tickets: clocks, what was asked for, what must not happen."""

import pytest
from measures_making import at, judge, ref, ticket, without, year

from jingwei.sla.clock import ClockState
from jingwei.sla.measures.facts import DocumentFact, Family
from jingwei.terms.obligation import Standing

MET, LATE = ClockState.MET, ClockState.BREACHED
PHONE = {"clock": "phone", "severity": "outage", "limit": "30 分钟"}


def both(one: ClockState, other: ClockState) -> tuple[tuple[str, str, ClockState], ...]:
    return ("phone", "5x8", one), ("phone", "7x24", other)


def test_a_fault_in_time_on_both_calendars_is_met() -> None:
    facts = year(tickets=(ticket("GD-1", *both(MET, MET), severity="outage"),))
    verdict = judge("ticket.clock", facts, **PHONE)
    assert (verdict.standing, verdict.value, verdict.limit) == (Standing.MET, "1/1 达到", "30 分钟")
    assert [str(each) for each in verdict.refs] == ["ticket:GD-1"]


def test_calendars_that_disagree_are_not_agreed_and_both_are_printed() -> None:
    facts = year(tickets=(ticket("GD-1", *both(MET, LATE), severity="outage"),))
    verdict = judge("ticket.clock", facts, **PHONE)
    assert verdict.standing is Standing.NOT_AGREED
    assert "5x8 按时" in verdict.lines[0].text
    assert "7x24 超时" in verdict.lines[0].text


@pytest.mark.parametrize(
    ("calendar", "standing"), [("5x8", Standing.MET), ("7x24", Standing.BREACHED)]
)
def test_a_calendar_the_client_settled_decides(calendar: str, standing: Standing) -> None:
    facts = year(tickets=(ticket("GD-1", *both(MET, LATE), severity="outage"),))
    assert judge("ticket.clock", facts, **PHONE, calendars=[calendar]).standing is standing


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (ClockState.DEFECT, Standing.NO_EVIDENCE),
        (ClockState.UNPUBLISHED, Standing.NO_EVIDENCE),
        (ClockState.OVERDUE, Standing.BREACHED),
        (ClockState.RUNNING, Standing.DUE),
        (ClockState.PAUSED, Standing.DUE),
        (ClockState.NOT_STARTED, Standing.DUE),
        (ClockState.NOT_APPLICABLE, Standing.NOT_APPLICABLE),
    ],
)
def test_what_a_clock_says_is_never_better_than_it_is(
    state: ClockState, standing: Standing
) -> None:
    facts = year(tickets=(ticket("GD-1", *both(state, state), severity="outage"),))
    assert judge("ticket.clock", facts, **PHONE).standing is standing


def test_one_late_fault_among_many_is_a_breach_and_stands_first() -> None:
    good = tuple(ticket(f"GD-{n}", *both(MET, MET), severity="outage") for n in range(5))
    facts = year(tickets=(*good, ticket("GD-9", *both(LATE, LATE), severity="outage")))
    verdict = judge("ticket.clock", facts, **PHONE)
    assert (verdict.standing, verdict.value) == (Standing.BREACHED, "5/6 达到")
    assert verdict.lines[0].ref == ref("GD-9")


def test_other_severities_cancelled_tickets_and_requests_do_not_count() -> None:
    late = both(LATE, LATE)
    facts = year(
        tickets=(
            ticket("GD-1", *late, severity="degraded"),
            ticket("GD-2", *late, severity="outage", cancelled=True),
            ticket("GD-3", *late, severity="outage", kind="service_request"),
        )
    )
    assert judge("ticket.clock", facts, **PHONE).standing is Standing.NOT_APPLICABLE


def test_without_the_desk_there_is_no_evidence() -> None:
    verdict = judge("ticket.clock", without(Family.TICKETS), **PHONE)
    assert verdict.standing is Standing.NO_EVIDENCE


def request(key: str, **given: object) -> object:
    given = {"kind": "service_request", "form": "data-import"} | given
    return ticket(key, **given)  # type: ignore[arg-type]


def test_nothing_asked_is_this_term_none_and_not_met() -> None:
    verdict = judge("ticket.handled", year(), forms=["data-import"])
    assert (verdict.standing, verdict.value) == (Standing.NOT_APPLICABLE, "本期无")


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ({}, Standing.DUE),
        ({"ended_at": at("2023-01-11")}, Standing.NO_EVIDENCE),
        ({"ended_at": at("2023-01-11"), "confirmed_at": at("2023-01-12")}, Standing.MET),
        ({"cancelled": True}, Standing.NOT_APPLICABLE),
    ],
)
def test_a_request_is_met_only_with_the_clients_word(
    given: dict[str, object], standing: Standing
) -> None:
    facts = year(tickets=(request("GD-1", **given),))
    assert judge("ticket.handled", facts, forms=["data-import"]).standing is standing


def test_a_request_without_what_it_must_have_is_a_breach() -> None:
    done = {"ended_at": at("2023-01-11"), "confirmed_at": at("2023-01-12")}
    facts = year(tickets=(request("GD-1", **done, marks=frozenset({"cpu"})),))
    verdict = judge("ticket.handled", facts, must=["cpu", "memory"])
    assert verdict.standing is Standing.BREACHED
    assert "memory" in verdict.lines[0].text


STATEMENT = {"marks": ["data-leak"], "statement": "security-statement"}


def test_that_no_leak_is_written_down_proves_nothing() -> None:
    assert judge("ticket.count", year(), **STATEMENT).standing is Standing.NO_EVIDENCE


def test_a_statement_the_client_confirmed_proves_it() -> None:
    paper = DocumentFact(
        ref("7", kind="document"), "security-statement", confirmed_at=at("2023-10-30")
    )
    unseen = DocumentFact(ref("8", kind="document"), "security-statement")
    assert judge("ticket.count", year(documents=(paper,)), **STATEMENT).standing is Standing.MET
    assert (
        judge("ticket.count", year(documents=(unseen,)), **STATEMENT).standing
        is Standing.NO_EVIDENCE
    )


def test_one_leak_is_a_breach_whatever_was_stated() -> None:
    paper = DocumentFact(
        ref("7", kind="document"), "security-statement", confirmed_at=at("2023-10-30")
    )
    leak = ticket("GD-5", marks=frozenset({"data-leak"}))
    verdict = judge("ticket.count", year(documents=(paper,), tickets=(leak,)), **STATEMENT)
    assert (verdict.standing, verdict.value) == (Standing.BREACHED, "1 起")
