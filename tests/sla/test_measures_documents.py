"""Measures over documents."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from measures_making import at, judge, ref, ticket, without, year

from jingwei.sla.measures.facts import (
    ConsentFact,
    DocumentFact,
    DrillFact,
    EffortFact,
    Facts,
    Family,
    PresenceFact,
)
from jingwei.terms.obligation import Standing

Q1 = (date(2022, 11, 1), date(2023, 1, 31))
REPORT = {"document": "quarterly", "every": "quarter", "due_days": 10, "paper": True}


def report(**given: object) -> DocumentFact:
    facts: dict[str, object] = {
        "period_start": Q1[0], "period_end": Q1[1], "electronic_at": at("2023-02-05"),
        "paper_at": at("2023-02-08"), "confirmed_at": at("2023-02-09"),
        "sections": frozenset({"advice"}),
    } | given  # fmt: skip
    return DocumentFact(ref("1", kind="document"), "quarterly", **facts)  # type: ignore[arg-type]


def after_q1(*documents: DocumentFact, now: str = "2023-03-01") -> Facts:
    return year(now, documents=documents)


def test_a_report_in_both_forms_before_its_day_is_met() -> None:
    verdict = judge("document.delivered", after_q1(report()), **REPORT)
    assert (verdict.standing, verdict.due) == (Standing.MET, at("2023-05-01"))


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ({"paper_at": at("2023-02-10 23:59")}, Standing.MET),
        ({"paper_at": at("2023-02-11 00:00")}, Standing.BREACHED),
        ({"electronic_at": at("2023-02-20")}, Standing.BREACHED),
        ({"paper_at": None}, Standing.BREACHED),
        ({"electronic_at": None}, Standing.BREACHED),
        ({"confirmed_at": None}, Standing.BREACHED),
        ({"returned": True}, Standing.BREACHED),
        ({"period_start": date(2022, 10, 1)}, Standing.BREACHED),
    ],
)
def test_on_time_is_the_later_of_the_two_forms(
    given: dict[str, object], standing: Standing
) -> None:
    assert judge("document.delivered", after_q1(report(**given)), **REPORT).standing is standing


def test_until_its_day_it_is_due_and_before_the_period_ends_not_yet() -> None:
    waiting = judge("document.delivered", after_q1(now="2023-02-05"), **REPORT)
    assert (waiting.standing, waiting.due) == (Standing.DUE, at("2023-02-11"))
    assert judge("document.delivered", after_q1(now="2023-01-15"), **REPORT).standing is (
        Standing.NOT_DUE
    )


def test_without_a_day_the_client_named_nothing_is_on_time() -> None:
    asked = REPORT | {"due_days": -1}
    assert judge("document.delivered", after_q1(report()), **asked).standing is (
        Standing.NOT_AGREED
    )
    assert judge("document.delivered", after_q1(), **asked).standing is Standing.NOT_AGREED


def test_a_report_without_a_section_it_must_have_is_a_breach() -> None:
    facts = after_q1(report(sections=frozenset()))
    assert judge("document.delivered", facts, **REPORT, sections=["advice"]).standing is (
        Standing.BREACHED
    )
    asked = {"document": "quarterly", "section": "advice"}
    assert judge("document.section", facts, **asked).standing is Standing.BREACHED
    assert judge("document.section", after_q1(report()), **asked).standing is Standing.MET
    assert judge("document.section", after_q1(), **asked).standing is Standing.NO_EVIDENCE


FAULT = {"document": "fault", "event": "fault", "due_days": 5}


def test_each_fault_has_its_report_in_time() -> None:
    fault = ticket("GD-1", ended_at=at("2023-01-10 12:00"))
    paper = DocumentFact(ref("9", kind="document"), "fault", about="GD-1",
                         electronic_at=at("2023-01-12"), confirmed_at=at("2023-01-20"))  # fmt: skip
    asked = year("2023-02-01", tickets=(fault,), documents=(paper,))
    assert judge("document.each", asked, **FAULT).standing is Standing.MET
    late = replace(paper, electronic_at=at("2023-01-16"))
    for documents, standing in (
        ((late,), Standing.BREACHED), ((), Standing.BREACHED),
        ((replace(paper, confirmed_at=None),), Standing.BREACHED),
    ):  # fmt: skip
        facts = year("2023-02-01", tickets=(fault,), documents=documents)
        assert judge("document.each", facts, **FAULT).standing is standing
    fresh = year("2023-01-11", tickets=(fault,))
    assert judge("document.each", fresh, **FAULT).standing is Standing.DUE
    running = year("2023-02-01", tickets=(ticket("GD-1"),))
    assert judge("document.each", running, **FAULT).standing is Standing.NOT_DUE
    assert judge("document.each", year(), **FAULT).standing is Standing.NOT_APPLICABLE


def test_a_drill_calls_for_its_report() -> None:
    drill = DrillFact(ref("YL-1", "2023-05-01", "drill"), at("2023-05-01"))
    facts = year("2023-06-01", drills=(drill,))
    asked = {"document": "drill", "event": "drill", "due_days": 14}
    assert judge("document.each", facts, **asked).standing is Standing.BREACHED


def test_papers_on_file_count_when_the_client_has_seen_them() -> None:
    paper = DocumentFact(ref("3", kind="document"), "nda")
    asked = {"documents": ["nda"]}
    assert judge("document.filed", year(), **asked).standing is Standing.NO_EVIDENCE
    assert judge("document.filed", year(documents=(paper,)), **asked).standing is (
        Standing.NO_EVIDENCE
    )
    seen = replace(paper, confirmed_at=at("2022-11-02"))
    assert judge("document.filed", year(documents=(seen,)), **asked).standing is Standing.MET
    two = {"documents": ["nda", "contract"]}
    assert judge("document.filed", year(documents=(seen,)), **two).standing is (
        Standing.NO_EVIDENCE
    )


def there(day: str, people: int, line: str = "first") -> PresenceFact:
    return PresenceFact(ref(day, day, "attendance"), line, date.fromisoformat(day), people)


def week(*people: int) -> Facts:
    days = ("2022-11-01", "2022-11-02", "2022-11-03", "2022-11-04")
    rows = tuple(there(day, n) for day, n in zip(days, people, strict=False))
    return year("2022-11-06", presence=rows)


FOUR = {"line": "first", "at_least": 4}


def test_four_on_every_working_day_is_met_and_three_are_a_breach() -> None:
    assert judge("roster.present", week(4, 4, 5, 4), **FOUR).standing is Standing.MET
    verdict = judge("roster.present", week(4, 3, 4, 4), **FOUR)
    assert (verdict.standing, verdict.lines[0].text) == (Standing.BREACHED, "2022-11-02 3 人")


def test_a_working_day_without_attendance_is_no_evidence() -> None:
    assert judge("roster.present", week(4, 4, 4), **FOUR).standing is Standing.NO_EVIDENCE
    assert judge("roster.present", without(Family.PRESENCE), **FOUR).standing is (
        Standing.NO_EVIDENCE
    )


def test_a_7x24_period_that_never_came_is_not_applicable() -> None:
    assert judge("roster.present", year(), line="guard", at_least=2).standing is (
        Standing.NOT_APPLICABLE
    )


LEAVE = {"subject": "leave"}


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ({"granted_at": at("2023-01-09")}, Standing.MET),
        ({"granted_at": at("2023-01-10 08:30")}, Standing.MET),
        ({"granted_at": at("2023-01-11")}, Standing.BREACHED),
        ({}, Standing.BREACHED),
        ({"asked_at": at("2023-01-11")}, Standing.BREACHED),
        ({"granted_at": at("2023-01-09"), "complete": False}, Standing.BREACHED),
        ({"effective": False}, Standing.NOT_APPLICABLE),
    ],
)
def test_consent_comes_before_the_leave(given: dict[str, object], standing: Standing) -> None:
    facts: dict[str, object] = {
        "asked_at": at("2023-01-08"), "effective_at": at("2023-01-10 08:30")
    } | given  # fmt: skip
    leave = ConsentFact(ref("1", kind="leave"), "leave", **facts)  # type: ignore[arg-type]
    assert judge("consent.before", year(consents=(leave,)), **LEAVE).standing is standing


def test_a_leave_still_to_come_waits_for_its_consent() -> None:
    leave = ConsentFact(ref("1", kind="leave"), "leave", at("2023-01-08"), at("2023-01-10 08:30"))
    verdict = judge("consent.before", year("2023-01-09", consents=(leave,)), **LEAVE)
    assert (verdict.standing, verdict.due) == (Standing.DUE, at("2023-01-10 08:30"))
    asked = judge("consent.before", year(consents=(leave,)), **LEAVE, granted=False)
    assert asked.standing is Standing.MET


def worked(*days: str) -> Facts:
    return year(efforts=tuple(
        EffortFact(ref(str(n), kind="effort"), date(2023, 1, 10), Decimal(each))
        for n, each in enumerate(days)
    ))  # fmt: skip


def test_ten_person_months_are_counted_with_corrections() -> None:
    verdict = judge("effort.total", worked("200", "17.5"), months=10)
    assert (verdict.standing, verdict.value) == (Standing.MET, "10.00 人月")
    assert judge("effort.total", worked("200", "17.51"), months=10).standing is Standing.BREACHED
    assert judge("effort.total", worked("217.5", "-20"), months=10).standing is Standing.MET
    shorter = judge("effort.total", worked("210"), months=10, days_per_month=20.0)
    assert shorter.standing is Standing.BREACHED
    assert judge("effort.total", year(), months=10).standing is Standing.NOT_APPLICABLE


def test_the_last_moment_for_an_events_report_is_in_time() -> None:
    """Limits are inclusive (domain.md section 4, rule 4): five days after its end to the minute."""
    fault = ticket("GD-1", ended_at=at("2023-01-10 12:00"))
    paper = DocumentFact(
        ref("9", kind="document"), "fault", about="GD-1", confirmed_at=at("2023-01-20"),
        electronic_at=at("2023-01-15 12:00"),
    )  # fmt: skip
    asked = year("2023-02-01", tickets=(fault,), documents=(paper,))
    assert judge("document.each", asked, **FAULT).standing is Standing.MET
    late = replace(paper, electronic_at=at("2023-01-15 12:01"))
    asked = year("2023-02-01", tickets=(fault,), documents=(late,))
    assert judge("document.each", asked, **FAULT).standing is Standing.BREACHED
    waiting = year("2023-01-15 12:00", tickets=(fault,))
    assert judge("document.each", waiting, **FAULT).standing is Standing.DUE
