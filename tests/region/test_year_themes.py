"""Each theme of a year against its own truth, counted another way than the theme counts."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import lru_cache

import pytest
from year_counting import MINUTE, wall

from jingwei.region.year import Year, days, simulate
from jingwei.region.year.duties import _RECORD
from jingwei.region.year.facts import Fault, Paper
from jingwei.region.year.faults import HOURS, standing_of
from jingwei.region.year.papers import FILED
from jingwei.region.year.places import FIRST_LINE, UNITS, UPS
from jingwei.region.year.times import COUNTED
from jingwei.terms.incident import Cause, Severity
from jingwei.terms.obligation import Standing

MET, BROKEN, UNPROVEN = Standing.MET, Standing.BREACHED, Standing.NO_EVIDENCE
SEEDS = range(24)
each_year = pytest.mark.parametrize("seed", SEEDS)


@lru_cache(maxsize=64)
def made(seed: int) -> Year:
    return simulate(seed)


def reading(year: Year, question: str) -> str:
    return next((each.reading for each in year.settled if each.question == question), "")


# -- faults


def judged(fault: Fault) -> Severity:
    """The worst severity that was in force."""
    order = list(Severity)
    reached = [fault.severity]
    if fault.regrade is not None and fault.regrade.granted:
        reached.append(fault.regrade.to)
    return min(reached, key=order.index)


def late_repairs(year: Year) -> int:
    """Faults attended whose repair took longer than it may; open ones took until the close."""
    number = 0
    for fault in year.faults:
        if fault.arrived is None or fault.cancelled is not None:
            continue
        arrived = fault.phone if fault.resident else fault.arrived
        assert arrived is not None
        used = wall(arrived, fault.restored or year.close)
        if fault.pause is not None and fault.pause.granted:
            used -= wall(fault.pause.start, fault.pause.end)
        number += used > HOURS[judged(fault)] * 60
    for event in year.emergencies:
        number += not event.withdrawn and wall(event.arrived, event.restored) > 240
    return number


@each_year
def test_repairs_that_took_too_long_are_the_broken_ones(seed: int) -> None:
    truth = made(seed).truth["principle.security-and-timely-repair"]
    assert truth.broken == late_repairs(made(seed))


@each_year
def test_the_three_severities_add_up_to_all_repairs(seed: int) -> None:
    truth = made(seed).truth
    parts = [truth[f"fault.{slug}.repair"] for slug in ("outage", "degraded", "no-impact")]
    whole = truth["principle.security-and-timely-repair"]
    assert sum(part.kept or 0 for part in parts) == whole.kept
    assert sum(part.broken or 0 for part in parts) == whole.broken


@each_year
def test_the_hotline_counts_calls_that_the_client_confirmed(seed: int) -> None:
    year = made(seed)
    known = [f for f in year.faults if f.by_phone and standing_of(f) is MET]
    asked = [r for r in year.requests if r.by_phone and r.confirmed is not None]
    events = [e for e in year.emergencies if not e.withdrawn]
    assert year.truth["daily.hotline"].kept == len(known) + len(asked) + len(events)


@each_year
def test_every_fault_that_was_raised_is_an_escalation(seed: int) -> None:
    year = made(seed)
    raised = [fault for fault in year.faults if fault.level]
    assert year.truth["fault.escalation"].kept == len(raised)
    makers = [fault for fault in raised if fault.level == "maker"]
    assert year.truth["escalation.oem-onsite"].kept == len(makers)


@each_year
def test_parts_that_were_fitted_are_the_parts_that_are_judged(seed: int) -> None:
    year = made(seed)
    fitted = [fault.part for fault in year.faults if fault.part is not None]
    assert year.truth["parts.genuine-oem"].kept == len(fitted)
    used = [part for part in fitted if part.second_hand]
    assert year.truth["parts.second-hand-only-if-eol"].kept == len(used)


# -- amounts


def minutes_down(year: Year) -> int:
    """Minutes in which a core system was down for a cause that counts, one by one."""
    down: set[datetime] = set()
    spells = [
        (fault.reported, fault.restored, fault.cause, fault.excluded)
        for fault in year.faults
        if fault.occurred is not None and fault.restored is not None
    ]
    spells += [
        (event.detected, event.restored, event.cause, None)
        for event in year.emergencies
        if not event.withdrawn
    ]
    for start, end, cause, excluded in spells:
        if excluded or (cause is not None and cause not in COUNTED):
            continue
        down |= {start + n * MINUTE for n in range(wall(start, end))}
    return len(down)


@each_year
def test_downtime_is_held_against_both_limits(seed: int) -> None:
    year = made(seed)
    lost = minutes_down(year)
    percent = MET if lost <= 525.6 else BROKEN
    assert year.truth["availability.core-99.9-percent"].standing is percent
    assert year.truth["principle.availability"].standing is percent
    hours = MET if lost <= 528 else BROKEN
    assert year.truth["availability.downtime-8.8h"].standing is hours


@each_year
def test_emergencies_use_up_the_day_the_year_allows_by_the_reading_that_counts(seed: int) -> None:
    year = made(seed)
    events = [each for each in year.emergencies if not each.withdrawn and not each.excluded]
    whole = sum(wall(each.detected, each.restored) for each in events)
    once = {
        each.detected + n * MINUTE
        for each in events
        for n in range(wall(each.detected, each.restored))
    }
    ends = {"union": len(once) <= 1440, "sum": whole <= 1440}
    chosen = reading(year, "A05")
    expected = {ends[chosen]} if chosen else set(ends.values())
    found = year.truth["emergency.total-duration-24h"].standing
    if len(expected) > 1:
        assert found is Standing.NOT_AGREED
    else:
        assert found is (MET if expected.pop() else BROKEN)


@each_year
def test_development_is_held_against_ten_months_of_either_length(seed: int) -> None:
    year = made(seed)
    total = sum(number for request in year.requests for _, number in request.days)
    found = year.truth["change.dev-within-10-person-months"].standing
    if total == 0:
        assert found is Standing.NOT_APPLICABLE
        return
    ends = {"20": total <= 200, "21.75": float(total) <= 217.5}
    chosen = reading(year, "A23")
    expected = {ends[chosen]} if chosen else set(ends.values())
    assert (found is Standing.NOT_AGREED) == (len(expected) > 1)
    if len(expected) == 1:
        assert (found is MET) == expected.pop()


def test_causes_that_count_are_the_tenders_two() -> None:
    assert {Cause.HARDWARE, Cause.SYSTEM_SOFTWARE} == COUNTED


# -- daily runs


@each_year
def test_days_that_were_not_looked_at_are_the_broken_ones(seed: int) -> None:
    year = made(seed)
    seen = {run.day for run in year.runs if run.ended is not None and not run.off}
    truth = year.truth["realtime.data-monitoring"]
    assert (truth.kept, truth.broken) == (len(seen), 365 - len(seen))


@each_year
def test_a_missed_free_day_is_broken_by_natural_days_only(seed: int) -> None:
    year = made(seed)
    seen = {run.day for run in year.runs if run.ended is not None and not run.off}
    by_reading = {
        "natural": set(days.all_days()) <= seen,
        "working": set(days.working_days()) <= seen,
    }
    chosen = reading(year, "A33")
    expected = {by_reading[chosen]} if chosen else set(by_reading.values())
    found = year.truth["daily.system-run-check"].standing
    assert (found is Standing.NOT_AGREED) == (len(expected) > 1)
    if len(expected) == 1:
        assert (found is MET) == expected.pop()


@each_year
def test_readings_on_days_without_air_conditioning_are_not_judged(seed: int) -> None:
    year = made(seed)
    cooled = {run.day for run in year.runs if run.cooled and not run.off}
    rows = [r for r in year.readings if r.item == "room.temperature" and r.day in cooled]
    good = [row for row in rows if row.low >= 18 and row.high <= 28]
    truth = year.truth["room.temperature-range"]
    assert (truth.kept, truth.broken) == (len(good), len(rows) - len(good))


@each_year
def test_findings_without_any_follow_up_are_the_broken_ones(seed: int) -> None:
    year = made(seed)
    left = [each for each in year.findings if each.noted is None and each.closed is None]
    truth = year.truth["daily.follow-up-check"]
    assert (truth.kept, truth.broken) == (len(year.findings) - len(left), len(left))


# -- duties


@each_year
def test_inspections_are_counted_by_unit_and_quarter(seed: int) -> None:
    year = made(seed)
    good: Counter[str] = Counter()
    for first, last in days.quarters():
        inside = [
            each
            for each in year.done
            if each.duty == "hardware-inspection" and first <= each.at.date() <= last
        ]
        for unit in UNITS:
            held = [each for each in inside if each.object == unit]
            good["advice"] += bool(held) and all("advice" in each.fields for each in held)
            good["record"] += bool(held) and all(set(_RECORD) <= set(e.fields) for e in held)
            good["seen"] += bool(held) and all(each.confirmed for each in held)
    assert year.truth["hw.inspection-advice"].kept == good["advice"]
    assert year.truth["hw.inspection-record-fields"].kept == good["record"]
    assert year.truth["hw.inspection-client-confirmation"].kept == good["seen"]


@each_year
def test_a_ups_discharged_too_soon_again_was_not_discharged_twice(seed: int) -> None:
    year = made(seed)
    kept = 0
    for unit in UPS:
        held = sorted(e.at for e in year.done if e.duty == "ups-discharge" and e.object == unit)
        apart = len(held) == 2 and held[1] - held[0] >= timedelta(days=120)
        seen = all(
            each.confirmed
            for each in year.done
            if each.duty == "ups-discharge" and each.object == unit
        )
        kept += apart and seen
    assert year.truth["power.ups-discharge-twice-a-year"].kept == kept


@each_year
def test_checks_before_holidays_count_up_to_the_last_working_day(seed: int) -> None:
    year = made(seed)
    at = [each.at.date() for each in year.done if each.duty == "holiday-check"]
    kept = [eve for eve in days.EVES if any(eve - timedelta(days=9) <= each <= eve for each in at)]
    assert year.truth["hw.precheck-holidays"].kept == len(kept)


# -- papers and people


@each_year
def test_papers_on_file_count_when_the_client_confirmed_them(seed: int) -> None:
    year = made(seed)
    seen = {p.kind for p in year.papers if p.confirmed is not None and p.returned is None}
    for name, wanted in FILED.items():
        expected = MET if set(wanted) <= seen else UNPROVEN
        assert year.truth[name].standing is expected


@each_year
def test_exchange_reports_count_within_seven_days_of_their_month(seed: int) -> None:
    year = made(seed)
    kept = 0
    for first, last in days.months():
        due = days.at(last, 24) + timedelta(days=7)
        held = [
            p for p in year.papers if p.kind == "monthly-exchange" and p.period == (first, last)
        ]
        kept += any(in_time(paper, due) for paper in held)
    assert year.truth["monthly.exchange-check"].kept == kept


def in_time(paper: Paper, due: datetime) -> bool:
    return paper.electronic is not None and paper.electronic < due and paper.confirmed is not None


@each_year
def test_working_days_with_four_on_site_are_the_kept_ones(seed: int) -> None:
    year = made(seed)
    there = {present.day: len(set(present.people) & set(FIRST_LINE)) for present in year.present}
    enough = [day for day in days.working_days() if there.get(day, 0) >= 4]
    truth = year.truth["staff.onsite-minimum"]
    assert truth == year.truth["staff.worktime-5x8"]
    assert truth.kept == len(enough)


@each_year
def test_leave_counts_when_it_was_granted_before_it_began(seed: int) -> None:
    year = made(seed)
    kept = [
        leave
        for leave in year.leaves
        if not leave.late
        and leave.withdrawn is None
        and leave.answer is not None
        and leave.answer[1]
        and leave.answer[0] <= leave.start
    ]
    assert year.truth["staff.leave-request"].kept == len(kept)


@each_year
def test_two_are_on_guard_at_every_hour_of_a_kept_day(seed: int) -> None:
    year = made(seed)
    kept = 0
    for guard in year.guards:
        for number in range((guard.end - guard.start).days):
            low = guard.start + timedelta(days=number)
            hours = [low + timedelta(hours=n, minutes=30) for n in range(24)]
            there = [sum(a <= at < b for _, a, b in guard.turns) for at in hours]
            kept += min(there) >= 2
    assert (year.truth["emergency.public-health-7x24"].kept or 0) == kept


@each_year
def test_drills_broken_off_do_not_count(seed: int) -> None:
    year = made(seed)
    held = [drill for drill in year.drills if not drill.aborted]
    expected = MET if len(held) >= 2 else BROKEN if held else UNPROVEN
    assert year.truth["emergency.drills-min-2"].standing is expected


def test_the_first_day_of_the_year_is_a_tuesday() -> None:
    assert (days.FIRST, days.FIRST.weekday()) == (date(2022, 11, 1), 1)
