"""Years that were simulated, played and judged: the platform's word against the simulator's truth.

The second half tampers with one fact and asks whether the proof notices: it can fail.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from year_playing import differences, only, played

from jingwei.accounts.models import AuditEntry
from jingwei.checks.models import ItemResult, RoutineRun
from jingwei.contract import queries
from jingwei.desk.models import Kind, Ticket
from jingwei.region.year import Year, days, simulate
from jingwei.run import setup
from jingwei.run.year import OccupiedError, contract_of, play
from jingwei.terms.obligation import Standing

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


pytestmark = pytest.mark.django_db
Tampered = tuple[str, Year, Year]  # obligation, the year as it was, and with one fact changed


@pytest.fixture(autouse=True)
def district(db: None) -> None:
    setup.prepare(administrator=False)


def test_the_platform_says_of_every_obligation_what_is_true() -> None:
    for seed in (3, 7):
        assert differences(simulate(seed)) == {}


def with_case(*cases: str) -> Year:
    """The first year in which all of this happens."""
    return next(year for year in map(simulate, range(500)) if set(cases) <= year.cases)


def where(obligation: str, standing: Standing = Standing.MET, *, without: str = "") -> Year:
    """The first year in which an obligation comes to this."""
    return next(
        year for year in map(simulate, range(500))
        if year.truth[obligation].standing is standing and without not in year.cases
    )  # fmt: skip


def less(facts: tuple[Any, ...], like: Callable[[Any], bool]) -> tuple[Any, ...]:
    """All but the first one that is like this."""
    found = next(index for index, each in enumerate(facts) if like(each))
    return facts[:found] + facts[found + 1 :]


def instead(facts: tuple[Any, ...], old: Any, new: Any) -> tuple[Any, ...]:
    """The same with one in another's place."""
    return tuple(new if each is old else each for each in facts)


def a_late_call_back_made_on_time() -> Tampered:
    year = with_case("answered one minute late")
    late = next(f for f in year.faults if f.phone and f.phone - f.reported == 31 * MINUTE)
    assert late.phone is not None
    faults = instead(year.faults, late, replace(late, phone=late.phone - MINUTE))
    rest = ("settled", "emergencies", "notices")
    changed = only(year, *rest, faults=faults)
    return "fault.phone-online-support", only(year, *rest, "faults"), changed


def a_day_without_a_run() -> Tampered:
    year = where("realtime.data-monitoring")
    fewer = less(year.runs, lambda run: days.works(run.day))
    return "realtime.data-monitoring", only(year, "runs"), only(year, runs=fewer)


def a_unit_left_out_of_an_inspection() -> Tampered:
    year = where("hw.inspection-advice")
    done = tuple(each for each in year.done if each.duty == "hardware-inspection")
    return "hw.inspection-advice", only(year, done=done), only(year, done=done[1:])


def a_report_that_came_late() -> Tampered:
    year = where("monthly.exchange-check")
    papers = tuple(each for each in year.papers if each.kind == "monthly-exchange")
    held = papers[3]
    assert held.electronic is not None
    assert held.confirmed is not None
    late = replace(held, electronic=held.electronic + 9 * DAY, confirmed=held.confirmed + 9 * DAY)
    changed = only(year, papers=instead(papers, held, late))
    return "monthly.exchange-check", only(year, papers=papers), changed


def an_emergency_nobody_attended_in_time() -> Tampered:
    year = where("emergency.arrive-1h-level1-2")
    event = next(each for each in year.emergencies if not each.withdrawn)
    slow = replace(event, arrived=event.detected + 61 * MINUTE)
    changed = only(year, emergencies=instead(year.emergencies, event, slow))
    return "emergency.arrive-1h-level1-2", only(year, "emergencies"), changed


def an_exclusion_that_was_refused() -> Tampered:
    year = with_case("exclusion approved", "downtime of 528 minutes")
    asked = next(each for each in year.faults if each.excluded)
    faults = instead(year.faults, asked, replace(asked, excluded=False))
    rest = ("emergencies", "notices", "runs")
    changed = only(year, *rest, faults=faults)
    return "availability.downtime-8.8h", only(year, *rest, "faults"), changed


def a_decision_that_was_never_made() -> Tampered:
    both = "a round in every quarter of both kinds"
    year = where("hw.inspection-quarterly", without=both)
    changed = only(year, "done")
    return "hw.inspection-quarterly", only(year, "settled", "done"), changed


def a_consent_that_came_too_late() -> Tampered:
    year = where("staff.leave-request")
    granted = next(each for each in year.leaves if each.answer == (each.start, True))
    late = replace(granted, answer=(granted.start + MINUTE, True))
    changed = only(year, leaves=instead(year.leaves, granted, late))
    return "staff.leave-request", only(year, "leaves"), changed


@pytest.mark.parametrize(
    "group",
    [
        (a_late_call_back_made_on_time, a_day_without_a_run, a_report_that_came_late,
         a_consent_that_came_too_late),
        (an_emergency_nobody_attended_in_time, an_exclusion_that_was_refused,
         a_unit_left_out_of_an_inspection, a_decision_that_was_never_made),
    ],
)  # fmt: skip
def test_one_fact_that_is_tampered_with_is_noticed(
    group: tuple[Callable[[], Tampered], ...],
) -> None:
    for tamper in group:
        obligation, was, changed = tamper()
        assert obligation not in differences(was), tamper.__name__
        assert obligation in differences(changed), tamper.__name__


def test_an_obligation_the_truth_does_not_know_is_a_difference() -> None:
    year = simulate(3)
    truth = {name: each for name, each in year.truth.items() if name != "hw.inspection-advice"}
    found = differences(
        replace(only(year), truth={**truth, "no.such": year.truth["daily.hotline"]})
    )
    assert found["hw.inspection-advice"].expected == "没有真值"
    assert found["no.such"].found == "没有这条义务"


def test_a_year_is_not_played_over_somebodys_work() -> None:
    year = only(simulate(3), "faults", "notices")
    with played(year), pytest.raises(OccupiedError, match="空的数据库"):
        play(year)


def test_the_contract_of_a_played_year_is_a_marked_copy_and_the_one_in_force() -> None:
    with played(only(simulate(3))) as stage:
        found = contract_of()
        assert found == stage.contract
        assert found is not None
        assert found.demonstration
        assert queries.current(days.LAST) == found
    assert contract_of() is None


def test_a_year_is_written_by_the_rooms_actions_in_the_order_it_happens() -> None:
    year = simulate(3)
    with played(only(year, "settled", "faults", "notices")):
        moments = list(
            AuditEntry.objects.filter(action__startswith="ticket.")
            .order_by("sequence")
            .values_list("at")
        )
        assert moments == sorted(moments)
        faults = Ticket.objects.filter(kind=Kind.INCIDENT)
        assert faults.count() == len(year.faults)
        assert all(row.title.startswith("【演示】") for row in faults)


def test_what_comes_after_the_close_does_not_happen() -> None:
    year = only(simulate(3), "faults", "notices")
    middle = sorted(fault.reported for fault in year.faults)[len(year.faults) // 2]
    with played(replace(year, close=middle)):
        assert 0 < Ticket.objects.count() < len(year.faults)


def test_a_thorough_year_answers_every_place_of_the_sheet() -> None:
    year = simulate(3)
    one = only(year, runs=tuple(run for run in year.runs if not run.off)[:2])
    with transaction.atomic():
        play(one, thorough=True)
        assert RoutineRun.objects.count() == 2
        assert ItemResult.objects.count() > 1000
        transaction.set_rollback(True)
