"""Measures over things, their registry, and assessment under several readings."""

from datetime import date, timedelta
from typing import Any

import pytest
from measures_making import START, at, judge, ref, without, year

from jingwei.sla.assess import Assessment, Question, Reading, assess
from jingwei.sla.measures import MEASURES, ArgumentError, Facts, parse
from jingwei.sla.measures.facts import (
    BackupFact,
    CoverageFact,
    DrillFact,
    Family,
    PartFact,
    ReadingFact,
    RestoreFact,
)
from jingwei.sla.measures.verdict import Line, summed
from jingwei.terms.obligation import Proof, Standing

ROOM = {"item": "room.temperature", "low": 18, "high": 28, "unit": "℃"}


def warm(low: float, high: float, precondition: bool | None = True) -> Facts:
    row = ReadingFact(ref("ROOM-01", kind="reading"), "room.temperature", "ROOM-01",
                      date(2023, 1, 10), low, high, precondition)  # fmt: skip
    return year(readings=(row,))


@pytest.mark.parametrize(
    ("low", "high", "on", "standing"),
    [
        (18, 28, True, Standing.MET),
        (17.9, 25, True, Standing.BREACHED),
        (20, 28.1, True, Standing.BREACHED),
        (10, 40, False, Standing.NO_EVIDENCE),
        (20, 22, None, Standing.NO_EVIDENCE),
    ],
)
def test_the_room_is_in_range_where_the_cooling_was_on(
    low: float, high: float, on: bool | None, standing: Standing
) -> None:
    assert judge("reading.within", warm(low, high, on), **ROOM).standing is standing


def test_no_reading_is_never_in_range() -> None:
    assert judge("reading.within", year(), **ROOM).standing is Standing.NO_EVIDENCE
    assert judge("reading.within", without(Family.READINGS), **ROOM).standing is (
        Standing.NO_EVIDENCE
    )


@pytest.mark.parametrize(
    ("covered", "total", "standing"),
    [
        (74, 74, Standing.MET), (73, 74, Standing.BREACHED), (0, 74, Standing.NO_EVIDENCE),
        (0, 0, Standing.NO_EVIDENCE),
    ],
)  # fmt: skip
def test_a_register_is_complete_or_not(covered: int, total: int, standing: Standing) -> None:
    fact = CoverageFact(ref("dual", kind="register"), "dual-pdu", covered, total, ("U9",))
    verdict = judge("register.complete", year(coverage=(fact,)), what="dual-pdu")
    assert verdict.standing is standing


@pytest.mark.parametrize(
    ("covered", "unknown", "standing", "value"),
    [
        (47, 27, Standing.NO_EVIDENCE, "47/74，27 未登记"),
        (46, 27, Standing.BREACHED, "46/74，27 未登记"),
        (74, 0, Standing.MET, "74/74"),
    ],
)
def test_what_the_register_says_nothing_of_is_neither_kept_nor_broken(
    covered: int, unknown: int, standing: Standing, value: str
) -> None:
    wrong = ("U1",) * (74 - covered - unknown)
    blank = ("U2",) if unknown else ()
    fact = CoverageFact(
        ref("dual", kind="register"), "dual-pdu", covered, 74, wrong, unknown, blank
    )
    verdict = judge("register.complete", year(coverage=(fact,)), what="dual-pdu")
    assert (verdict.standing, verdict.value) == (standing, value)
    said = {line.text: line.standing for line in verdict.lines}
    assert said.get("U2 未登记") is (Standing.NO_EVIDENCE if unknown else None)
    assert said.get("U1 不符") is (Standing.BREACHED if wrong else None)


def part(**given: object) -> Facts:
    facts: dict[str, object] = {"second_hand": False, "allowed": True} | given
    return year(parts=(PartFact(ref("1", kind="part"), at("2023-01-10"), **facts),))  # type: ignore[arg-type]


def test_parts_keep_their_rules() -> None:
    assert judge("part.rule", part(), rule="origin").standing is Standing.MET
    assert judge("part.rule", part(), rule="second-hand").standing is Standing.NOT_APPLICABLE
    bad = part(second_hand=True, allowed=False)
    assert judge("part.rule", bad, rule="second-hand").standing is Standing.BREACHED
    gone = part(disk=True, disk_kept=False)
    assert judge("part.rule", gone, rule="disk").standing is Standing.BREACHED
    assert judge("part.rule", part(disk=True, disk_kept=True), rule="disk").standing is Standing.MET


def drills(*days: str, now: str = "2023-11-02") -> Facts:
    return year(now, drills=tuple(DrillFact(ref(d, d, "drill"), at(d)) for d in days))


@pytest.mark.parametrize(
    ("days", "now", "standing"),
    [
        (("2023-01-10", "2023-06-10"), "2023-11-02", Standing.MET),
        (("2023-01-10",), "2023-06-01", Standing.DUE),
        ((), "2023-06-01", Standing.DUE),
        (("2023-01-10",), "2023-11-02", Standing.BREACHED),
        ((), "2023-11-02", Standing.NO_EVIDENCE),
        (("2023-01-10", "2022-10-10"), "2023-11-02", Standing.BREACHED),
    ],
)
def test_two_drills_within_the_year(days: tuple[str, ...], now: str, standing: Standing) -> None:
    assert judge("drill.count", drills(*days, now=now)).standing is standing


def backups(missing: date | None = None) -> Facts:
    days = [START + timedelta(days=n) for n in range(9)]
    return year("2022-11-10 08:00", backups=tuple(
        BackupFact(ref(str(d), kind="backup"), "DB1", d, ok=d != missing) for d in days
    ))  # fmt: skip


def test_a_failed_backup_is_a_breach_and_no_room_no_evidence() -> None:
    asked = {"objects": "database"}
    assert judge("backup.fresh", backups(), **asked).standing is Standing.MET
    assert judge("backup.fresh", backups(date(2022, 11, 4)), **asked).standing is (
        Standing.BREACHED
    )
    assert judge("backup.fresh", without(Family.BACKUPS), **asked).standing is (
        Standing.NO_EVIDENCE
    )


def test_a_restore_test_is_owed_every_quarter() -> None:
    good = RestoreFact(ref("1", kind="restore"), at("2022-12-01"), ok=True)
    bad = RestoreFact(ref("2", kind="restore"), at("2022-12-01"), ok=False)
    assert judge("restore.tested", year("2023-01-10", restores=(good,))).standing is Standing.MET
    assert judge("restore.tested", year("2023-01-10", restores=(bad,))).standing is Standing.DUE
    assert judge("restore.tested", year(restores=(good,))).standing is Standing.BREACHED
    assert judge("restore.tested", without(Family.RESTORES)).standing is Standing.NO_EVIDENCE


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_no_measure_finds_an_empty_year_met(name: str) -> None:
    """No evidence is never met: only budgets that were watched may hold without an event."""
    given: dict[str, dict[str, Any]] = {
        "ticket.clock": {"clock": "phone"}, "ticket.count": {"marks": ["x"]},
        "emergency.clock": {"clock": "emergency_respond"}, "emergency.graded": {"level": 1},
        "duty.done": {"duty": "x", "every": "month"}, "duty.each": {"duty": "x", "about": "y"},
        "reading.within": ROOM, "register.complete": {"what": "x"}, "part.rule": {"rule": "origin"},
        "document.delivered": {"document": "x", "every": "month", "due_days": 1},
        "document.section": {"document": "x", "section": "y"},
        "document.each": {"document": "x", "event": "fault"},
        "document.filed": {"documents": ["x"]}, "roster.present": {"line": "first", "at_least": 1},
        "consent.before": {"subject": "leave"}, "effort.total": {"months": 10},
        "backup.fresh": {"objects": "database"}, "downtime.total": {"hours": 8.8},
    }  # fmt: skip
    arguments = given.get(name, {})
    assert judge(name, year(known=frozenset(), watched_from=None), **arguments).standing not in (
        Standing.MET, Standing.BREACHED,
    )  # fmt: skip
    watched = judge(name, year(), **arguments).standing
    assert watched is not Standing.MET or name in ("downtime.total", "emergency.total")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "缺少参数 line"),
        ({"line": "first"}, "缺少参数 at_least"),
        ({"line": "first", "at_least": "4"}, "类型不对"),
        ({"line": "first", "at_least": True}, "类型不对"),
        ({"line": "first", "at_least": 4, "colour": 1}, "没有参数 colour，应为：line、at_least"),
    ],
)
def test_arguments_are_checked_by_name_and_type(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        parse(MEASURES["roster.present"], arguments)


def reading(name: str, **arguments: object) -> Reading:
    return Reading(name, name, arguments)


DAYS = Question("A33", (reading("自然日", days="natural"), reading("工作日", days="working")))


def daily(facts: Facts, *questions: Question) -> Assessment:
    return assess("routine.done", {"items": ["*"]}, questions, facts)


def a_week_without_its_weekend() -> Facts:
    from test_measures_duties import every_day  # noqa: PLC0415

    weekend = (date(2022, 11, 5), date(2022, 11, 6))
    runs = tuple(r for r in every_day(date(2022, 11, 9)) if r.date not in weekend)
    return year("2022-11-10 08:00", runs=tuple(
        type(r)(r.ref, r.routine, r.date, {"db.connection": (4, 4)}) for r in runs
    ))  # fmt: skip


def test_an_open_question_whose_readings_differ_is_not_agreed_and_shows_both() -> None:
    found = daily(a_week_without_its_weekend(), DAYS)
    assert found.verdict.standing is Standing.NOT_AGREED
    assert "自然日：违约" in found.verdict.value
    assert "工作日：已履行" in found.verdict.value
    assert found.open_questions == ("A33",)


def test_a_settled_question_counts_alone() -> None:
    settled = Question("A33", (DAYS.readings[1],), settled=True)
    found = daily(a_week_without_its_weekend(), settled)
    assert (found.verdict.standing, found.open_questions) == (Standing.MET, ())


def test_an_open_question_that_makes_no_difference_is_moot_but_still_open() -> None:
    found = daily(year(), DAYS)
    assert found.verdict.standing is Standing.NO_EVIDENCE
    assert found.open_questions == ("A33",)
    assert len(found.under) == 2


def test_a_question_about_something_else_bears_on_nothing() -> None:
    other = Question(
        "A14", (reading("合同季", quarters="contract"), reading("自然季", quarters="x"))
    )
    assert daily(year(), other).under == ()


def test_what_is_kept_so_far_is_met_and_names_the_next_date() -> None:
    lines = [Line(Standing.MET, "一月"), Line(Standing.DUE, "二月", due=at("2023-02-01"))]
    verdict = summed(lines)
    assert (verdict.standing, verdict.due) == (Standing.MET, at("2023-02-01"))


@pytest.mark.parametrize("each", [*Standing, *Proof])
def test_every_standing_has_its_chinese_word(each: Standing | Proof) -> None:
    assert each.label
    assert not each.label.isascii()
