"""The simulated year by itself: the same from a seed, whole, with every case it promises."""

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jingwei.region.year import Year, days, places, simulate
from jingwei.region.year.rounds import SHEET
from jingwei.region.year.times import lost
from jingwei.region.year.truth import Expected, Ledger
from jingwei.rules.document import load
from jingwei.terms.obligation import Standing

SEEDS = range(20)
MET, BROKEN = Standing.MET, Standing.BREACHED
PROMISED = (
    "run missed on a working day",
    "run missed on a free day",
    "run begun and not ended",
    "nothing ran all day",
    "run partly checked",
    "precision air conditioning off",
    "reading just out of range",
    "finding noted",
    "finding healed",
    "finding left",
    "crac-maintenance done",
    "crac-maintenance left out",
    "leak-report done",
    "leak-report left out",
    "call kept",
    "limit kept to the minute",
    "answered one minute late",
    "arrived one minute late",
    "no call back on record",
    "a minute late on a made-up working day",
    "a minute late after a holiday",
    "over lunch",
    "at night",
    "over a weekend",
    "made-up working day",
    "over the Spring Festival",
    "over New Year",
    "over the National Day",
    "repaired in time",
    "repaired to the minute",
    "repaired one minute late",
    "solved remotely",
    "cancelled by the client",
    "pause granted",
    "pause refused",
    "fault left open",
    "resolved and refused",
    "resident on site before the report",
    "fault report kept",
    "fault report exact",
    "fault report late",
    "fault report never",
    "fault report unconfirmed",
    "fault report again",
    "second-hand part on the day its support ends",
    "downtime of another cause",
    "downtime without a cause",
    "exclusion approved",
    "exclusion refused",
    "two down at once",
    "emergency answered to the minute",
    "emergency answered late",
    "emergency attended to the minute",
    "emergency attended late",
    "disaster",
    "emergency excluded",
    "emergency exclusion refused",
    "level without consent",
    "overlapping emergencies",
    "24 h differ by reading",
    "24 h agree",
    "emergency withdrawn",
    "emergency report exact",
    "emergency report late",
    "emergency report no paper",
    "emergency report never",
    "0 drills",
    "1 drills",
    "2 drills",
    "3 drills",
    "drill broken off",
    "drill report exact",
    "drill report late",
    "request confirmed",
    "request unconfirmed",
    "request open",
    "change whole",
    "change changed",
    "change waiting",
    "change going on",
    "extraction",
    "modification",
    "agreed by word only",
    "approved on the form",
    "a booking undone",
    "end of service told",
    "end of service untold",
    "end of service unconfirmed",
    "release told",
    "duty kept",
    "duty forgotten",
    "duty too late",
    "duty unconfirmed",
    "duty disagreed",
    "duty record incomplete",
    "a round in every quarter of both kinds",
    "a unit left out of a round",
    "inspection no advice",
    "inspection incomplete",
    "inspection unconfirmed",
    "discharge kept",
    "discharge close",
    "discharge one half",
    "discharge once",
    "discharge unseen",
    "paper confirmed",
    "paper unconfirmed",
    "paper absent",
    "paper returned",
    "monthly exact",
    "monthly late",
    "monthly never",
    "monthly unconfirmed",
    "quarterly exact",
    "quarterly late",
    "quarterly no paper",
    "quarterly section absent",
    "annual late",
    "three on site",
    "a day without attendance",
    "leave granted",
    "leave granted to the minute",
    "leave granted late",
    "leave refused",
    "leave withdrawn",
    "leave told afterwards",
    "leave afterwards and refused",
    "leave unanswered",
    "replacement granted",
    "replacement granted late",
    "replacement refused",
    "client wants it today",
    "client wants it soon",
    "guard kept",
    "guard with a gap",
    "judged at the year's end",
    "judged when the books are closed",
)


@lru_cache(maxsize=64)
def made(seed: int) -> Year:
    return simulate(seed)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_a_seed_gives_the_same_year_each_time(seed: int) -> None:
    assert simulate(seed) == simulate(seed)


def test_two_seeds_give_two_years() -> None:
    assert made(1) != made(2)


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_every_obligation_of_the_contract_has_its_truth(seed: int) -> None:
    assert set(simulate(seed).truth) == obligations()


@lru_cache(maxsize=1)
def obligations() -> set[str]:
    folder = Path(__file__).resolve().parents[2] / "content/contracts/jingan-2022/obligations"
    files = [load(path.read_text("utf-8"), path.name).data for path in folder.glob("*.toml")]
    return {row["id"] for data in files for row in data["obligation"]}


@pytest.mark.parametrize("case", PROMISED)
def test_every_promised_case_is_in_one_of_twenty_years(case: str) -> None:
    assert any(case in made(seed).cases for seed in SEEDS)


def test_twenty_years_settle_every_question_in_one_and_leave_it_open_in_another() -> None:
    cases = set[str]().union(*(made(seed).cases for seed in SEEDS))
    for question in ("A03", "A05", "A14", "A23", "A33"):
        assert {f"{question} settled", f"{question} left open"} <= cases
    for paper in ("monthly", "quarterly", "annual", "appraisal"):
        assert {f"{paper} agreed", f"{paper} not agreed"} <= cases


def test_twenty_years_bring_an_amount_to_each_side_of_each_limit() -> None:
    cases = set[str]().union(*(made(seed).cases for seed in range(60)))
    assert {f"downtime of {n} minutes" for n in (525, 526, 528, 529)} <= cases
    assert {f"{n} days of development" for n in ("0", "200", "200.25", "217.5", "217.75")} <= cases


def test_every_standing_is_the_truth_of_some_obligation() -> None:
    seen = {each.standing for seed in SEEDS for each in made(seed).truth.values()}
    assert seen >= {
        MET, BROKEN, Standing.DUE, Standing.NOT_AGREED, Standing.NO_EVIDENCE,
        Standing.NOT_APPLICABLE,
    }  # fmt: skip


def test_rooms_that_are_not_there_prove_nothing() -> None:
    for name in ("daily.exchange-check", "daily.audit-log-check", "backup.validity-test"):
        assert {made(seed).truth[name].standing for seed in SEEDS} == {Standing.NO_EVIDENCE}


def test_most_obligations_are_kept_in_one_year_and_broken_in_another() -> None:
    both = [
        name for name in obligations()
        if {MET, BROKEN} <= {made(seed).truth[name].standing for seed in SEEDS}
    ]  # fmt: skip
    assert len(both) > 75


@given(st.integers(0, 10**6))
@example(196_612)  # six minutes of downtime: over before anybody could arrive
@settings(max_examples=10, deadline=None)
def test_what_happens_happens_in_order_and_within_the_year(seed: int) -> None:
    year = simulate(seed)
    start, end = days.at(days.FIRST, 0), days.END
    for fault in year.faults:
        assert start <= fault.reported < end
        moments = [fault.arrived, fault.restored, fault.confirmed]
        known = [at for at in moments if at is not None]
        assert known == sorted(known)
    for event in year.emergencies:
        assert event.detected <= event.reported <= event.restored <= event.ended
    for done in year.done:
        assert start <= done.at < end
    for paper in year.papers:
        assert paper.filed <= year.close or paper.about or paper.period


def test_keys_that_others_are_about_are_there() -> None:
    for seed in SEEDS:
        year = made(seed)
        keys = {f.key for f in (*year.faults, *year.emergencies, *year.drills, *year.findings)}
        about = {each.about.removesuffix("/fault") for each in (*year.papers, *year.done)}
        assert about - {""} <= keys


def test_a_partly_checked_run_names_items_of_the_sheet() -> None:
    for seed in SEEDS:
        for run in made(seed).runs:
            assert run.unchecked <= set(SHEET)


# -- the days by hand


def test_the_year_has_its_two_hundred_and_fifty_working_days() -> None:
    assert (len(days.all_days()), len(days.working_days())) == (365, 250)
    assert [len(days.within(quarter)) for quarter in days.quarters()] == [62, 63, 63, 62]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 1, 28), True), (date(2023, 4, 23), True), (date(2023, 10, 7), True),
        (date(2023, 1, 27), False), (date(2023, 1, 2), False), (date(2023, 9, 29), False),
        (date(2022, 11, 5), False), (date(2022, 11, 4), True), (date(2023, 5, 3), False),
    ],
)  # fmt: skip
def test_holidays_and_made_up_days_are_the_state_councils(day: date, works: bool) -> None:
    assert days.works(day) is works


def test_the_eves_are_the_last_working_days_before_their_holidays() -> None:
    for eve in days.EVES:
        assert days.works(eve)
        assert not days.works(eve + timedelta(days=1))


def test_quarters_months_and_halves_cover_the_year_once() -> None:
    for parts in (days.months(), days.quarters(), days.calendar_quarters(), days.halves()):
        assert parts[0][0] == days.FIRST
        assert parts[-1][1] == days.LAST
        for (_, last), (first, _) in pairwise(parts):
            assert first == last + timedelta(days=1)


# -- the ledger


def test_minutes_that_two_share_are_lost_once() -> None:
    nine = days.at(date(2023, 3, 1), 9)
    hour = timedelta(hours=1)
    assert lost([(nine, nine + 2 * hour), (nine + hour, nine + 3 * hour)]) == 180
    assert lost([]) == 0


def test_one_breach_breaks_and_nothing_is_what_was_said_for_nothing() -> None:
    ledger = Ledger()
    ledger.asked("a")
    ledger.asked("b", empty=Standing.NO_EVIDENCE)
    ledger.note("a", MET)
    ledger.note("a", BROKEN)
    truth = ledger.close({})
    assert truth["a"] == Expected(BROKEN, 1, 1)
    assert truth["b"] == Expected(Standing.NO_EVIDENCE, 0, 0)


def test_readings_that_come_to_different_ends_are_not_agreed_until_one_is_chosen() -> None:
    ledger = Ledger()
    ledger.asked("a", "A03")
    ledger.note("a", MET, "working")
    ledger.note("a", BROKEN, "wall")
    assert ledger.close({})["a"].standing is Standing.NOT_AGREED
    assert ledger.close({"A03": "working"})["a"] == Expected(MET, 1, 0)
    assert ledger.close({"A03": "wall"})["a"] == Expected(BROKEN, 0, 1)


def test_readings_with_one_end_but_other_occurrences_are_not_counted() -> None:
    ledger = Ledger()
    ledger.asked("a", "A03")
    ledger.note("a", MET)
    ledger.note("a", MET, "wall")
    assert ledger.close({})["a"] == Expected(MET)


def test_an_amount_is_what_it_was_fixed_to() -> None:
    ledger = Ledger()
    ledger.asked("a")
    ledger.note("a", MET)
    ledger.fix("a", BROKEN)
    assert ledger.close({})["a"] == Expected(BROKEN)


def test_the_tenders_devices_are_one_hundred_and_seventy_two() -> None:
    assert (len(places.UNITS), len(set(places.UNITS)), len(places.APPLICATIONS)) == (172, 172, 25)
    assert set(places.UPS) < set(places.UNITS)
