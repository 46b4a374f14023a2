"""Measures over what is owed again and again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from measures_making import START, at, judge, ref, without, year

from jingwei.sla.measures.facts import DoneFact, Facts, Family, RunFact
from jingwei.sla.owed import owed
from jingwei.terms.obligation import Standing


def run(day: date, **given: object) -> RunFact:
    items = {"db.connection": (4, 4), "server.power": (70, 70), "exchange.arrival": (20, 0)}
    facts: dict[str, object] = {"items": items} | given
    return RunFact(ref(f"daily/{day}", kind="routine"), "daily", day, **facts)  # type: ignore[arg-type]


def every_day(until: date, *, but: tuple[date, ...] = ()) -> tuple[RunFact, ...]:
    days = (START + timedelta(days=n) for n in range((until - START).days + 1))
    return tuple(run(day) for day in days if day not in but)


def test_a_run_every_day_is_met() -> None:
    facts = year("2022-11-10 20:00", runs=every_day(date(2022, 11, 10)))
    verdict = judge("routine.done", facts, items=["db.*"])
    assert (verdict.standing, verdict.value) == (Standing.MET, "10/10 达到")


def test_a_missed_day_stays_missed() -> None:
    missed = date(2022, 11, 5)
    facts = year("2023-11-02", runs=every_day(date(2023, 10, 31), but=(missed,)))
    verdict = judge("routine.done", facts, items=["db.*"])
    assert (verdict.standing, verdict.value) == (Standing.BREACHED, "364/365 达到")
    assert verdict.lines[0].text == "2022-11-05 未执行"


def test_a_saturday_without_a_run_is_missed_by_natural_days_only() -> None:
    saturday = date(2022, 11, 5)
    facts = year("2022-11-10 20:00", runs=every_day(date(2022, 11, 10), but=(saturday,)))
    natural = judge("routine.done", facts, items=["db.*"], days="natural")
    working = judge("routine.done", facts, items=["db.*"], days="working")
    assert (natural.standing, working.standing) == (Standing.BREACHED, Standing.MET)


def test_today_is_still_due_until_midnight() -> None:
    facts = year("2022-11-10 08:00", runs=every_day(date(2022, 11, 9)))
    verdict = judge("routine.done", facts, items=["db.*"])
    assert verdict.standing is Standing.MET
    assert verdict.due == at("2022-11-11")


def test_what_was_planned_and_not_checked_is_not_met() -> None:
    facts = year("2022-11-10 20:00", runs=every_day(date(2022, 11, 10)))
    whole = judge("routine.done", facts)
    looked = judge("routine.done", facts, complete=False)
    assert (whole.standing, looked.standing) == (Standing.BREACHED, Standing.MET)


def test_a_run_that_never_finished_is_not_met() -> None:
    runs = tuple(replace(each, finished=False) for each in every_day(date(2022, 11, 3)))
    facts = year("2022-11-10 20:00", runs=runs)
    assert judge("routine.done", facts, complete=False).standing is Standing.BREACHED


def test_not_one_run_is_no_evidence_and_neither_is_a_room_that_is_not_built() -> None:
    assert judge("routine.done", year()).standing is Standing.NO_EVIDENCE
    facts = without(Family.EXCHANGE)
    verdict = judge("routine.done", facts, items=["exchange.*"], family="exchange")
    assert verdict.standing is Standing.NO_EVIDENCE


def test_items_without_any_object_are_no_evidence() -> None:
    facts = year("2022-11-10 20:00", runs=every_day(date(2022, 11, 10)))
    assert judge("routine.done", facts, items=["nothing.*"]).standing is Standing.NO_EVIDENCE


@pytest.mark.parametrize(
    ("patterns", "said"),
    [(["db.*"], "4/4"), (["db.connection", "server.*"], "74/74"), (["*"], "应检 94，已检 74")],
)
def test_a_day_counts_the_items_its_patterns_name_and_no_other(
    patterns: list[str], said: str
) -> None:
    facts = year("2022-11-01 20:00", runs=(run(START),))
    verdict = judge("routine.done", facts, items=patterns)
    assert said in verdict.lines[0].text


def test_an_item_that_came_later_is_not_missed_on_the_days_before_it() -> None:
    early = run(START, items={"db.connection": (4, 4)})
    late = run(START + timedelta(days=1), items={"db.jobs": (4, 4), "db.connection": (4, 4)})
    facts = year("2022-11-02 20:00", runs=(early, late))
    verdict = judge("routine.done", facts, items=["db.jobs"])
    found = {line.text[:10]: line.standing for line in verdict.lines}
    assert found == {"2022-11-01": Standing.NOT_APPLICABLE, "2022-11-02": Standing.MET}


def test_before_the_term_nothing_is_owed() -> None:
    facts = year("2022-10-01")
    assert judge("routine.done", facts).standing is Standing.NOT_DUE
    assert judge("duty.done", facts, duty="leak-check", every="quarter").standing is (
        Standing.NOT_DUE
    )


def done(duty: str, when: str, **given: object) -> DoneFact:
    return DoneFact(ref(f"{duty}-{when}", when, "duty"), duty, at(when), **given)  # type: ignore[arg-type]


QUARTERS = ("2022-12-01", "2023-03-01", "2023-06-01", "2023-09-01")


def leaks(*days: str, now: str = "2023-11-02", **given: object) -> Facts:
    return year(now, done=tuple(done("leak-check", day, **given) for day in days))


def test_once_a_quarter_is_met() -> None:
    verdict = judge("duty.done", leaks(*QUARTERS), duty="leak-check", every="quarter")
    assert (verdict.standing, verdict.value) == (Standing.MET, "4/4 达到")


@pytest.mark.parametrize("missing", QUARTERS)
def test_a_missed_quarter_is_a_breach_that_others_do_not_heal(missing: str) -> None:
    kept = [day for day in QUARTERS if day != missing]
    verdict = judge("duty.done", leaks(*kept, *kept), duty="leak-check", every="quarter")
    assert verdict.standing is Standing.BREACHED


def test_within_the_running_quarter_it_is_met_so_far_and_due_at_its_end() -> None:
    verdict = judge(
        "duty.done", leaks(QUARTERS[0], now="2023-02-10"), duty="leak-check", every="quarter"
    )
    assert (verdict.standing, verdict.due) == (Standing.MET, at("2023-05-01"))
    first = judge("duty.done", leaks(now="2022-12-10"), duty="leak-check", every="quarter")
    assert (first.standing, first.due) == (Standing.DUE, at("2023-02-01"))


def test_the_reading_of_quarter_decides_whether_one_was_missed() -> None:
    facts = leaks("2022-11-15", "2023-04-10", "2023-07-10", "2023-10-10")
    asked = {"duty": "leak-check", "every": "quarter"}
    assert judge("duty.done", facts, **asked).standing is Standing.MET
    assert judge("duty.done", facts, **asked, quarters="calendar").standing is Standing.BREACHED


UPS = {"duty": "ups-discharge", "every": "year", "times": 2, "objects": "ups", "gap_days": 120,
       "confirmed": True}  # fmt: skip


def discharges(*given: tuple[str, str], confirmed: bool = True, now: str = "2023-11-02") -> Facts:
    said = at("2023-10-01") if confirmed else None
    return year(now, done=tuple(
        done("ups-discharge", day, object=unit, confirmed_at=said) for unit, day in given
    ))  # fmt: skip


TWICE = (("U1", "2022-12-01"), ("U1", "2023-06-01"), ("U2", "2022-12-01"), ("U2", "2023-06-01"))


def test_every_unit_is_discharged_twice() -> None:
    assert judge("duty.done", discharges(*TWICE), **UPS).standing is Standing.MET


def test_one_unit_discharged_once_is_a_breach_that_names_it() -> None:
    verdict = judge("duty.done", discharges(*TWICE[:3]), **UPS)
    assert verdict.standing is Standing.BREACHED
    assert "U2" in verdict.lines[0].text


def test_two_discharges_in_one_week_are_one() -> None:
    close = (("U1", "2022-12-01"), ("U1", "2022-12-05"), *TWICE[2:])
    assert judge("duty.done", discharges(*close), **UPS).standing is Standing.BREACHED


def test_without_the_clients_word_it_is_not_proven() -> None:
    facts = discharges(*TWICE, confirmed=False)
    assert judge("duty.done", facts, **UPS).standing is Standing.NO_EVIDENCE


def test_a_record_that_lacks_a_demanded_part_is_a_breach() -> None:
    facts = leaks(*QUARTERS, fields=frozenset({"point"}))
    verdict = judge("duty.done", facts, duty="leak-check", every="quarter",
                    fields=["point", "result"])  # fmt: skip
    assert verdict.standing is Standing.BREACHED
    assert "result" in verdict.lines[0].text


def test_objects_nobody_registered_are_no_evidence() -> None:
    facts = replace(discharges(*TWICE), objects={})
    assert judge("duty.done", facts, **UPS).standing is Standing.NO_EVIDENCE


def test_never_done_is_no_evidence_once_it_was_owed() -> None:
    verdict = judge("duty.done", year(), duty="leak-check", every="quarter")
    assert verdict.standing is Standing.NO_EVIDENCE


HOLIDAYS = ((date(2022, 12, 31), "元旦"), (date(2023, 1, 21), "春节"), (date(2023, 4, 5), "清明节"))


def test_a_check_is_owed_before_each_holiday_the_contract_names() -> None:
    asked = {"duty": "holiday-check", "every": "holiday", "names": ["元旦", "春节"]}
    checks = (done("holiday-check", "2022-12-29"), done("holiday-check", "2023-01-18"))
    facts = year("2023-02-01", done=checks, blocks=HOLIDAYS)
    assert judge("duty.done", facts, **asked).standing is Standing.MET
    late = year("2023-02-01", done=(checks[0], done("holiday-check", "2023-01-23")),
                blocks=HOLIDAYS)  # fmt: skip
    assert judge("duty.done", late, **asked).standing is Standing.BREACHED


def change(key: str, day: str) -> DoneFact:
    return DoneFact(ref(key, day), "change", at(day))


def test_each_change_has_its_health_check() -> None:
    asked = {"duty": "change-check", "about": "change", "confirmed": True}
    check = done("change-check", "2023-02-01", about="GD-1", confirmed_at=at("2023-02-01"))
    facts = year(done=(change("GD-1", "2023-02-02"), check))
    assert judge("duty.each", facts, **asked).standing is Standing.MET
    two = year(done=(change("GD-1", "2023-02-02"), change("GD-2", "2023-03-02"), check))
    assert judge("duty.each", two, **asked).standing is Standing.BREACHED
    unsigned = year(done=(change("GD-1", "2023-02-02"), replace(check, confirmed_at=None)))
    assert judge("duty.each", unsigned, **asked).standing is Standing.NO_EVIDENCE
    assert judge("duty.each", year(), **asked).standing is Standing.NOT_APPLICABLE


def test_nothing_is_owed_by_date_for_things_nobody_registered() -> None:
    facts = year("2023-11-02", objects={})
    given = {"duty": "ups-discharge", "objects": "ups", "every": "half", "times": 1}
    assert owed("k", "duty.done", given, [], facts) == []
    assert len(owed("k", "duty.done", given, [], year("2023-11-02"))) == 2


def test_a_day_on_which_nothing_at_all_was_looked_at_is_missed() -> None:
    """The system writes such a day down as a finished run whose every item is 未检."""
    idle = run(START, items={"app.available": (4, 0)})
    rest = tuple(run(START + timedelta(days=n)) for n in (1, 2))
    facts = year("2022-11-03 23:00", runs=(idle, *rest))
    verdict = judge("routine.done", facts, items=["*"], complete=False)
    assert verdict.standing is Standing.BREACHED
    partly = run(START, items={"app.available": (4, 1)})
    facts = year("2022-11-03 23:00", runs=(partly, *rest))
    assert judge("routine.done", facts, items=["*"], complete=False).standing is Standing.MET


CALLED = {"duty": "change-watch", "about": "change"}


def test_what_comes_after_a_change_is_not_owed_while_it_goes_on() -> None:
    call = DoneFact(ref("GD-1"), "change", at("2023-01-10"), going_on=True)
    assert judge("duty.each", year(done=(call,)), **CALLED).standing is Standing.DUE
    ended = replace(call, going_on=False)
    assert judge("duty.each", year(done=(ended,)), **CALLED).standing is Standing.BREACHED


def test_of_two_answers_the_one_the_client_confirmed_counts() -> None:
    call = DoneFact(ref("GD-1"), "change", at("2023-01-10"))
    seen = DoneFact(ref("1"), "change-watch", at("2023-01-11"), about="GD-1",
                    confirmed_at=at("2023-01-12"))  # fmt: skip
    later = DoneFact(ref("2"), "change-watch", at("2023-01-13"), about="GD-1")
    for answers in ((seen, later), (later, seen)):
        facts = year(done=(call, *answers))
        assert judge("duty.each", facts, **CALLED, confirmed=True).standing is Standing.MET
