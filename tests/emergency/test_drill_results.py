"""What a drill comes to: measured from its own log, and never among what is real."""

from datetime import date, datetime, timedelta

import pytest
from drill_making import EVE, later, manager, planned, ran, started
from emergency_making import declared, note, person

from jingwei.checks.models import Finding, Observation
from jingwei.emergency import queries as emergency
from jingwei.emergency.actions import call, drill_runs, drills
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.models import Drill
from jingwei.emergency.queries import drills as queries
from jingwei.emergency.scoring import Share, Verdict
from jingwei.sla.availability import Term
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db
YEAR = date(2022, 11, 1), date(2023, 10, 31)


def verdicts(drill: Drill) -> dict[str, Verdict]:
    """What came of each criterion."""
    return {one.key: one.verdict for one in queries.result(drill).criteria}


def test_the_machine_measures_detection_and_recovery_and_people_the_rest() -> None:
    drill, _ = ran()
    found = queries.measures(drill)
    assert found.minutes == {"detect": 0.25, "rto": pytest.approx(280 / 60)}
    assert verdicts(drill)["respond"] is Verdict.UNMEASURED
    assert verdicts(drill)["restore"] is Verdict.UNMEASURED


def test_what_people_tap_on_the_event_is_measured_from_the_alarm() -> None:
    drill, event = ran()
    engineer = person("li")
    note(event, Instant.PHONE_RESPONDED, later(105), engineer)
    note(event, Instant.DIAGNOSED, later(150), engineer)
    note(event, Instant.RESTORED, later(345), engineer)
    minutes = queries.measures(drill).minutes
    assert minutes["respond"] == pytest.approx(1)
    assert minutes["diagnose"] == pytest.approx(2)
    assert minutes["restore"] == pytest.approx(5)


def test_what_was_written_down_late_earns_nothing() -> None:
    drill, event = ran()
    note(event, Instant.PHONE_RESPONDED, later(60), person("li"), now=later(3600))
    one = next(c for c in queries.result(drill).criteria if c.key == "respond")
    assert (one.verdict, one.earned) == (Verdict.UNMEASURED, 0)
    assert "补录" in one.reason


def test_a_detection_that_people_correct_does_not_change_what_was_measured() -> None:
    drill, event = ran()
    note(event, Instant.DETECTED, later(31), person("li"), reason="看错")
    assert queries.measures(drill).minutes["detect"] == 0.25


def test_in_fast_motion_times_are_of_the_script() -> None:
    drill, _ = ran(speed=10)
    assert queries.measures(drill).minutes["detect"] == pytest.approx(0.25)
    assert queries.measures(drill).minutes["rto"] == pytest.approx(280 / 60)


def test_expected_actions_count_when_they_are_in_time() -> None:
    drill, _ = started()
    held = drill_runs.claim_drill(EVE, later(90))
    assert held is not None
    drill_runs.begin(held, EVE)
    first, second = queries.expected(held)
    drills.tick(held, first, "", person("li"), later(120))
    drills.tick(held, second, "", person("wang"), later(401))
    held = Drill.objects.get(pk=drill.pk)
    assert queries.measures(held).shares["expected"] == Share(1, 2)


def test_who_was_reached_counts_and_who_was_not_does_not() -> None:
    drill, event = ran()
    one, two, *_ = event.callees.all()
    call(event, one, True, person("li"), later(60))
    call(event, two, False, person("wang"), later(61))
    assert queries.measures(drill).shares["calls"] == Share(1, event.callees.count())


def test_the_rpo_is_the_age_of_the_last_row_that_survived() -> None:
    drill, _ = ran()
    drill_runs.store(drill, [Read(later(24), "DB-02", queries.DATA_KEPT, Result.NORMAL, "保住")])
    assert queries.measures(drill).minutes["rpo"] == pytest.approx(0.1)


def test_without_data_the_rpo_is_unmeasured_with_its_reason() -> None:
    drill, _ = ran()
    drill.targets = {**drill.targets, "rpo": 15}
    one = next(c for c in queries.result(drill).criteria if c.key == "rpo")
    assert (one.verdict, one.earned) == (Verdict.UNMEASURED, 0)
    assert "没有可核对" in one.reason


def test_data_that_cannot_be_read_is_unmeasured_and_says_why() -> None:
    drill, _ = ran()
    drill_runs.store(drill, [Read(later(320), "DB-02", queries.DATA_KEPT, Result.UNCHECKED, "断")])
    found = queries.measures(drill)
    assert "rpo" not in found.minutes
    assert found.why["rpo"] == "断"


def test_a_drill_never_measured_has_no_minutes() -> None:
    assert queries.measures(planned()).minutes == {}


def test_the_result_proposes_its_gaps_until_they_are_written_down() -> None:
    drill, _ = ran()
    proposed = queries.proposed_gaps(drill)
    assert any("响应未测得" in text for text in proposed)
    assert any("未完成应完成动作：判明影响" in text for text in proposed)
    drills.add_gap(drill, proposed[0], manager(), later(500))
    assert proposed[0] not in queries.proposed_gaps(drill)
    assert len(queries.proposed_gaps(drill)) == len(proposed) - 1


def test_a_breached_target_is_a_gap() -> None:
    drill, event = ran()
    note(event, Instant.PHONE_RESPONDED, later(45 + 400), person("li"))
    assert any(text.startswith("响应6 分 40 秒") for text in queries.proposed_gaps(drill))


def test_the_places_show_the_worst_and_the_last() -> None:
    drill, _ = ran()
    (place,) = queries.places(drill)
    assert (place.worst, place.result) == (Result.ABNORMAL, Result.NORMAL)


# -- never among what is real


def test_a_drill_is_in_no_list_of_events_and_in_no_budget() -> None:
    drill, event = ran()
    note(event, Instant.RESTORED, later(3600), person("li"), now=later(3600))
    term = Term(datetime(2022, 11, 1, tzinfo=SHANGHAI), datetime(2023, 11, 1, tzinfo=SHANGHAI))
    assert list(emergency.events()) == []
    assert list(emergency.search()) == []
    assert emergency.spells(term.start, term.end) == []
    assert emergency.budget(term, later(9000)).used == timedelta(0)
    assert list(emergency.events(real=False)) == [event]
    assert drill.emergency == event


def test_a_real_event_beside_a_drill_keeps_its_own_time() -> None:
    _, event = ran()
    real = declared(person("wang"), later(5000))
    assert list(emergency.events()) == [real]
    assert event not in emergency.events()


def test_what_a_drill_sees_is_no_observation_and_no_finding() -> None:
    drill, _ = ran()
    assert drill.readings.count() == 3
    assert not Observation.objects.exists()
    assert not Finding.objects.exists()


# -- the yearly duty


def test_a_year_without_drills_lacks_two() -> None:
    held = queries.duty(*YEAR)
    assert (held.done, held.planned, held.missing, held.met) == (0, 0, 2, False)


def test_planned_is_not_done() -> None:
    planned()
    held = queries.duty(*YEAR)
    assert (held.done, held.planned, held.missing, held.met) == (0, 1, 1, False)


def test_two_that_ended_meet_the_duty() -> None:
    drill, _ = ran()
    Drill.objects.create(
        number="YL-2023-09", title="二", kind="tabletop", scenario="pacs", plan=drill.plan, level=1,
        planned_at=EVE, background="x", state="ended", started_at=EVE, ended_at=EVE,
        created_at=EVE, created_by=manager(),
    )  # fmt: skip
    held = queries.duty(*YEAR)
    assert (held.done, held.missing, held.met) == (2, 0, True)
    assert queries.duty(date(2023, 11, 1), date(2024, 10, 31)).done == 0


def test_a_rehearsal_and_an_aborted_drill_do_not_count() -> None:
    drill, _ = ran(speed=10)
    assert not queries.counts_for_duty(drill)
    assert queries.duty(*YEAR).done == 0


def test_the_calendar_has_what_is_planned_and_not_what_was_called_off() -> None:
    kept, gone = planned(), planned()
    drills.cancel_drill(gone, "改期", manager(), EVE, version=gone.version)
    span = (EVE - timedelta(days=1), EVE + timedelta(days=1))
    assert [number for number, _, _ in queries.calendar(*span)] == [kept.number]
