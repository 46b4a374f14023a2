"""Measures over lost time: availability, 8.8 h, 24 h, emergency clocks."""

from datetime import timedelta

import pytest
from measures_making import TERM, at, judge, ref, without, year

from jingwei.sla.availability import Downtime
from jingwei.sla.clock import ClockState
from jingwei.sla.measures.facts import ClockFact, EmergencyFact, Facts, Family
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Ref, Standing


def down(hours: float, cause: Cause = Cause.HARDWARE, start: str = "2023-03-01 10:00",
         excluded_by: str = "") -> tuple[Ref, Downtime]:  # fmt: skip
    began = at(start)
    return ref("GD-1"), Downtime(began, began + timedelta(hours=hours), cause, excluded_by)


@pytest.mark.parametrize(
    ("hours", "percent", "total"),
    [
        (8.75, Standing.MET, Standing.MET),
        (8.76, Standing.MET, Standing.MET),
        (8.78, Standing.BREACHED, Standing.MET),
        (8.8, Standing.BREACHED, Standing.MET),
        (8.81, Standing.BREACHED, Standing.BREACHED),
    ],
)
def test_the_two_ways_the_tender_counts_are_judged_apart(
    hours: float, percent: Standing, total: Standing
) -> None:
    facts = year(downtimes=(down(hours),))
    assert judge("downtime.total", facts, percent=99.9).standing is percent
    assert judge("downtime.total", facts, hours=8.8).standing is total


def test_what_nobody_watched_proves_nothing() -> None:
    assert judge("downtime.total", year(watched_from=None), hours=8.8).standing is (
        Standing.NO_EVIDENCE
    )
    assert judge("downtime.total", without(Family.DOWNTIMES), hours=8.8).standing is (
        Standing.NO_EVIDENCE
    )


def test_before_the_term_begins_nothing_is_due() -> None:
    assert judge("downtime.total", year("2022-10-01"), hours=8.8).standing is Standing.NOT_DUE


def test_an_outage_of_a_business_system_does_not_count_against_devices() -> None:
    facts = year(downtimes=(down(20, Cause.BUSINESS_SYSTEM),))
    assert judge("downtime.total", facts, hours=8.8).standing is Standing.MET


def test_what_nobody_classified_counts() -> None:
    facts = year(downtimes=(down(9, Cause.UNCLASSIFIED),))
    assert judge("downtime.total", facts, hours=8.8).standing is Standing.BREACHED
    assert judge("downtime.classified", facts).standing is Standing.DUE


def event(
    key: str, start: str, hours: float, cause: Cause = Cause.HARDWARE, excluded_by: str = "",
    clock: ClockState = ClockState.MET, **given: object,
) -> EmergencyFact:  # fmt: skip
    began = at(start)
    clocks = tuple(
        ClockFact(name, "7x24", clock, timedelta(minutes=4))
        for name in ("emergency_respond", "emergency_arrive", "disaster_diagnose")
    )
    facts: dict[str, object] = {"level": 1, "clocks": clocks, **given}
    return EmergencyFact(
        ref(key, start, "emergency"),
        downtime=Downtime(began, began + timedelta(hours=hours), cause, excluded_by),
        **facts,  # type: ignore[arg-type]
    )


def two() -> Facts:
    return year(
        emergencies=(
            event("YJ-1", "2023-03-01 10:00", 13), event("YJ-2", "2023-03-01 11:00", 12)
        )
    )  # fmt: skip


def test_overlapping_emergencies_are_counted_once_and_the_sum_is_printed_beside() -> None:
    verdict = judge("emergency.total", two())
    assert (verdict.standing, verdict.value) == (Standing.MET, "13.00 小时")
    assert "累加 25.00 小时" in verdict.note
    assert judge("emergency.total", two(), overlap="sum").standing is Standing.BREACHED


@pytest.mark.parametrize(("hours", "standing"), [(24.0, Standing.MET), (24.01, Standing.BREACHED)])
def test_exactly_twenty_four_hours_pass(hours: float, standing: Standing) -> None:
    facts = year(emergencies=(event("YJ-1", "2023-03-01", hours),))
    assert judge("emergency.total", facts).standing is standing


@pytest.mark.parametrize(("approval", "standing"), [("", Standing.BREACHED), ("顾", Standing.MET)])
def test_an_exclusion_needs_the_client(approval: str, standing: Standing) -> None:
    facts = year(
        emergencies=(
            event("YJ-1", "2023-03-01", 30, Cause.BUSINESS_DEPLOYMENT, excluded_by=approval),
        )
    )
    assert judge("emergency.total", facts).standing is standing


def test_an_emergency_clock_that_ran_out_is_a_breach() -> None:
    facts = year(emergencies=(event("YJ-1", "2023-03-01", 1, clock=ClockState.BREACHED),))
    verdict = judge("emergency.clock", facts, clock="emergency_respond")
    assert verdict.standing is Standing.BREACHED
    assert judge("emergency.clock", facts, clock="emergency_respond", levels=[2]).standing is (
        Standing.NOT_APPLICABLE
    )


def test_disaster_clocks_only_run_for_disasters() -> None:
    asked = {"clock": "disaster_diagnose", "disaster": True}
    plain = year(emergencies=(event("YJ-1", "2023-03-01", 1, clock=ClockState.BREACHED),))
    disaster = year(
        emergencies=(event("YJ-1", "2023-03-01", 1, clock=ClockState.BREACHED, disaster=True),)
    )
    assert judge("emergency.clock", plain, **asked).standing is Standing.NOT_APPLICABLE
    assert judge("emergency.clock", disaster, **asked).standing is Standing.BREACHED


def test_a_level_without_the_clients_consent_is_not_proven() -> None:
    facts = year(
        emergencies=(
            event("YJ-1", "2023-03-01", 1, graded=True), event("YJ-2", "2023-03-02", 1, level=2)
        )
    )  # fmt: skip
    assert judge("emergency.graded", facts, level=1).standing is Standing.MET
    assert judge("emergency.graded", facts, level=2).standing is Standing.NO_EVIDENCE


def test_the_term_is_the_whole_year() -> None:
    assert TERM.length == timedelta(days=365)
