"""Measures held against slow references that count one by one, over random facts."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures_making import END, START, TERM, at, judge, ref, ticket, year

from jingwei.sla.availability import Downtime
from jingwei.sla.clock import ClockState
from jingwei.sla.measures.facts import ConsentFact, DoneFact, EffortFact, PresenceFact, RunFact
from jingwei.sla.measures.periods import Every, add_months, day_of, periods
from jingwei.sla.measures.verdict import Line, in_order, summed
from jingwei.sla.presence import stretches, too_few, without
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Ref, Standing

NOW = at("2023-02-01 09:00")
hours = st.integers(0, 24 * 365).map(lambda n: TERM.start + timedelta(hours=n))
small = st.integers(0, 96).map(lambda n: at("2023-01-02") + timedelta(minutes=30 * n))
spans = st.tuples(small, small).map(lambda both: (min(both), max(both)))
standings = st.lists(st.sampled_from(Standing), max_size=6)
lines = standings.map(lambda found: [Line(each, each.value) for each in found])


@given(lines)
def test_the_sum_is_a_breach_as_soon_as_one_is_and_met_only_by_something_met(
    given_lines: list[Line],
) -> None:
    counted = {each.standing for each in given_lines} - {Standing.NOT_APPLICABLE}
    verdict = summed(given_lines)
    assert (verdict.standing is Standing.BREACHED) == (Standing.BREACHED in counted)
    if verdict.standing is Standing.MET:
        assert Standing.MET in counted
        assert not counted & {Standing.NO_EVIDENCE, Standing.NOT_AGREED}
    if not counted:
        assert verdict.standing is Standing.NOT_APPLICABLE
    assert sorted(verdict.lines, key=repr) == sorted(given_lines, key=repr)


@given(lines)
def test_the_order_of_the_lines_does_not_change_the_verdict(given_lines: list[Line]) -> None:
    assert summed(given_lines) == summed(given_lines[::-1])
    ranks = [each.standing is Standing.BREACHED for each in in_order(given_lines)]
    assert ranks == sorted(ranks, reverse=True)


states = st.sampled_from([
    ClockState.MET, ClockState.BREACHED, ClockState.RUNNING, ClockState.OVERDUE,
    ClockState.DEFECT, ClockState.UNPUBLISHED, ClockState.NOT_STARTED,
])  # fmt: skip
LATE = {ClockState.BREACHED, ClockState.OVERDUE}
BLIND = {ClockState.DEFECT, ClockState.UNPUBLISHED}


@given(states, states)
def test_two_calendars_make_a_breach_only_when_both_say_so(
    one: ClockState, other: ClockState
) -> None:
    facts = year("2023-02-01", tickets=(ticket("T1", ("phone", "5x8", one),
                                               ("phone", "7x24", other)),))  # fmt: skip
    found = judge("ticket.clock", facts, clock="phone").standing
    if {one, other} & BLIND:
        assert found is Standing.NO_EVIDENCE
    elif {one, other} <= LATE:
        assert found is Standing.BREACHED
    elif {one, other} & LATE:
        assert found is Standing.NOT_AGREED
    else:
        assert found in (Standing.MET, Standing.DUE)


@given(st.lists(st.tuples(hours, st.integers(0, 40)), max_size=5), st.integers(1, 364))
def test_hours_of_downtime_are_those_of_a_count_hour_by_hour(
    rows: list[tuple[datetime, int]], passed: int
) -> None:
    now = TERM.start + timedelta(days=passed)
    downs = tuple(
        (ref(f"T{n}"), Downtime(start, start + timedelta(hours=long), Cause.HARDWARE))
        for n, (start, long) in enumerate(rows)
    )
    down = {
        start + timedelta(hours=n) for start, long in rows for n in range(long)
        if start + timedelta(hours=n) < now
    }  # fmt: skip
    verdict = judge("downtime.total", year(downtimes=downs, now=f"{now:%Y-%m-%d}"), hours=8.8)
    assert verdict.value == f"{len(down):.2f} 小时"
    assert (verdict.standing is Standing.BREACHED) == (len(down) > 8)


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 6), max_size=20))
def test_every_past_working_day_needs_four_and_a_day_without_a_word_proves_nothing(
    there: dict[int, int],
) -> None:
    rows = tuple(
        PresenceFact(ref(str(n)), "first", START + timedelta(days=n), number)
        for n, number in there.items()
    )
    facts = year("2022-12-02", presence=rows)
    days = [START + timedelta(days=n) for n in range(31)]
    owed = [day for day in days if day.weekday() < 5 or (day - START).days in there]
    counts = [there.get((day - START).days) for day in owed]
    verdict = judge("roster.present", facts, line="first", at_least=4)
    if any(number is not None and number < 4 for number in counts):
        assert verdict.standing is Standing.BREACHED
    elif None in counts:
        assert verdict.standing is Standing.NO_EVIDENCE
    else:
        assert verdict.standing is Standing.MET
    assert len(verdict.lines) == len(owed)


instants = st.integers(-60, 60).map(lambda n: NOW + timedelta(hours=n))


@given(instants, instants, st.none() | instants)
def test_leave_is_in_order_only_when_asked_and_granted_before_it_began(
    asked: datetime, began: datetime, granted: datetime | None
) -> None:
    fact = ConsentFact(ref("L1"), "leave", asked, began, granted, complete=True)
    verdict = judge("consent.before", year("2023-02-01 09:00", consents=(fact,)), subject="leave")
    if asked >= began:
        assert verdict.standing is Standing.BREACHED
    elif granted is not None and granted <= began:
        assert verdict.standing is Standing.MET
    else:
        assert verdict.standing is (Standing.BREACHED if began <= NOW else Standing.DUE)


@given(st.lists(st.integers(-400, 4000), max_size=8))
def test_person_months_are_the_sum_of_the_days_corrections_taken_off(cents: list[int]) -> None:
    rows = tuple(
        EffortFact(ref(str(n)), START, Decimal(value) / 100) for n, value in enumerate(cents)
    )
    verdict = judge("effort.total", year(efforts=rows), months=1.0)
    if not cents:
        assert verdict.standing is Standing.NOT_APPLICABLE
    else:
        assert (verdict.standing is Standing.MET) == (sum(cents) / 100 / 21.75 <= 1)


@pytest.mark.parametrize("every", [Every.DAY, Every.MONTH, Every.QUARTER, Every.HALF, Every.YEAR])
@pytest.mark.parametrize("quarters", ["contract", "calendar"])
def test_the_periods_of_a_term_cover_each_of_its_days_once(every: Every, quarters: str) -> None:
    found = periods(every, TERM, quarters=quarters)
    days = [
        each.first + timedelta(days=n)
        for each in found for n in range((each.last - each.first).days + 1)
    ]  # fmt: skip
    assert days == [START + timedelta(days=n) for n in range((END - START).days + 1)]
    assert all(each.holds(each.opens) and not each.holds(each.due) for each in found)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 60))
def test_so_many_months_later_is_in_that_month_and_never_a_later_day(
    day: date, months: int
) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(st.lists(st.tuples(st.integers(0, 3), spans), max_size=7))
def test_who_is_there_is_counted_as_if_minute_by_minute(rows: list[Any]) -> None:
    low, high = at("2023-01-02"), at("2023-01-04")
    there = [(who, start, end) for who, (start, end) in rows]
    found = stretches(there, low, high)
    for n in range(96):
        moment = low + timedelta(minutes=30 * n + 15)
        number = len({who for who, start, end in there if start <= moment < end})
        assert [one.there for one in found if one.start <= moment < one.end] == [number]
        short = [one.there for one in too_few(found, 2) if one.start <= moment < one.end]
        assert short == ([number] if number < 2 else [])


@given(spans, st.lists(spans, max_size=5))
def test_what_is_left_without_the_gaps_is_what_no_gap_holds(whole: Any, gaps: list[Any]) -> None:
    left = without(whole, gaps)
    for n in range(96):
        moment = at("2023-01-02") + timedelta(minutes=30 * n + 15)
        inside = whole[0] <= moment < whole[1]
        gone = any(start <= moment < end for start, end in gaps)
        assert any(start <= moment < end for start, end in left) == (inside and not gone)


@given(st.sets(st.integers(0, 29), min_size=1))
def test_a_day_without_a_run_is_missed_and_only_today_may_still_come(done: set[int]) -> None:
    runs = tuple(
        RunFact(Ref("run", str(n), NOW), "daily", START + timedelta(days=n), {"a": (3, 3)})
        for n in done
    )
    verdict = judge("routine.done", year("2022-11-30 09:00", runs=runs))
    missed = set(range(29)) - done
    assert (verdict.standing is Standing.BREACHED) == bool(missed)
    assert sum(each.standing is Standing.BREACHED for each in verdict.lines) == len(missed)


@given(st.lists(hours, max_size=12))
def test_a_duty_once_a_quarter_is_kept_in_the_quarters_in_which_it_was_done(
    times: list[datetime],
) -> None:
    rows = tuple(DoneFact(ref(str(n)), "round", when) for n, when in enumerate(times))
    facts = year("2023-11-02", done=rows)
    quarters = periods(Every.QUARTER, TERM)
    empty = [
        each for each in quarters
        if not any(each.first <= day_of(when) <= each.last for when in times)
    ]  # fmt: skip
    verdict = judge("duty.done", facts, duty="round", every="quarter")
    if not any(when < TERM.end for when in times):
        assert verdict.standing in (Standing.NO_EVIDENCE, Standing.BREACHED)
    else:
        assert (verdict.standing is Standing.BREACHED) == bool(empty)


@given(st.sets(st.sampled_from(["phone", "hardware", "part"])), st.booleans(), st.booleans())
def test_a_request_counts_when_it_ended_and_the_client_said_so(
    marks: set[str], ended: bool, confirmed: bool
) -> None:
    fact = ticket(
        "T1", kind="service_request", marks=frozenset(marks), ended_at=NOW if ended else None,
        confirmed_at=NOW if confirmed else None,
    )  # fmt: skip
    verdict = judge("ticket.handled", year(tickets=(fact,)), marks=["phone"], must=["part"])
    if "phone" not in marks:
        assert verdict.standing is Standing.NOT_APPLICABLE
    elif not ended:
        assert verdict.standing is Standing.DUE
    elif not confirmed:
        assert verdict.standing is Standing.NO_EVIDENCE
    else:
        assert verdict.standing is (Standing.MET if "part" in marks else Standing.BREACHED)
