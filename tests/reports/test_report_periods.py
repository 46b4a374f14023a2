"""Which days a periodic report is about: contract quarters, months, years, and bad subjects."""

from datetime import date

import pytest
from desk_making import at
from hypothesis import given
from hypothesis import strategies as st

from jingwei.contract.models import Contract
from jingwei.reports import kinds, periodic
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic import Span
from jingwei.reports.revive import from_json, to_json

LATER = at("2024-06-01 10:00")


@pytest.fixture
def held(db: None) -> Contract:
    return Contract.objects.create(
        code="jingan-2022", title="静安区区域卫生信息平台日常运维", client="信息中心",
        period_start=date(2022, 11, 1), period_end=date(2023, 10, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "subject", "first", "last"),
    [
        ("quarterly", "2022-Q1", "2022-11-01", "2023-01-31"),
        ("quarterly", "2022-Q2", "2023-02-01", "2023-04-30"),
        ("quarterly", "2022-Q3", "2023-05-01", "2023-07-31"),
        ("quarterly", "2022-Q4", "2023-08-01", "2023-10-31"),
        ("quarterly", "2022-C4", "2022-11-01", "2022-12-31"),
        ("quarterly", "2023-C1", "2023-01-01", "2023-03-31"),
        ("quarterly", "2023-C4", "2023-10-01", "2023-10-31"),
        ("monthly", "2022-11", "2022-11-01", "2022-11-30"),
        ("monthly", "2023-02", "2023-02-01", "2023-02-28"),
        ("monthly", "2023-10", "2023-10-01", "2023-10-31"),
        ("annual", "2022", "2022-11-01", "2023-10-31"),
    ],
)
def test_a_subject_is_read_as_the_contracts_own_period(
    held: Contract, kind: str, subject: str, first: str, last: str
) -> None:
    found, span = periodic.find(kind, subject, LATER)
    assert found == held
    assert (str(span.first), str(span.last)) == (first, last)
    assert (str(span.year_first), str(span.year_last)) == ("2022-11-01", "2023-10-31")
    assert span.closed
    assert span.days == f"{first} 至 {last}"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("quarterly", "2022"),
        ("quarterly", "2022-Q5"),
        ("quarterly", "2022-q1"),
        ("monthly", "2022-13"),
        ("monthly", "2022-1"),
        ("monthly", "2022-Q1"),
        ("annual", "22"),
        ("annual", "0001"),
        ("annual", "2022\0"),
        ("annual", "x" * 10_000),
        ("annual", ""),
        ("annual", "\ud800"),
        ("monthly", "9999-12"),
    ],
)
def test_a_subject_written_otherwise_is_told_how(held: Contract, kind: str, subject: str) -> None:
    with pytest.raises(ReportError, match="应写成"):
        periodic.find(kind, subject, LATER)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("quarterly", "2023-Q1"), ("monthly", "2022-10"), ("monthly", "2023-11"), ("annual", "2021"),
     ("quarterly", "2022-C3"), ("annual", "2999")],
)  # fmt: skip
def test_a_period_no_contract_covers_is_refused(held: Contract, kind: str, subject: str) -> None:
    with pytest.raises(ReportError, match="没有合同覆盖"):
        periodic.find(kind, subject, LATER)


def test_a_period_to_come_is_refused_and_one_that_lasts_is_not_closed(held: Contract) -> None:
    now = at("2022-12-01 12:00")
    with pytest.raises(ReportError, match="还没有开始"):
        periodic.find("quarterly", "2022-Q2", now)
    span = periodic.find("quarterly", "2022-Q1", now)[1]
    assert not span.closed
    assert span.as_of == now
    assert span.holds(at("2022-11-01 00:00"))
    assert not span.holds(at("2022-12-02 00:00"))
    assert not span.holds(at("2022-10-31 23:59"))


def test_the_last_moment_of_a_period_is_in_it_and_the_next_is_not(held: Contract) -> None:
    span = periodic.find("monthly", "2022-11", LATER)[1]
    assert span.holds(at("2022-11-30 23:59"))
    assert not span.holds(at("2022-12-01 00:00"))


def test_a_contract_that_begins_within_a_month_has_its_own_months(held: Contract) -> None:
    Contract.objects.create(
        code="seaside", title="海滨区", client="卫健委", period_start=date(2025, 3, 15),
        period_end=date(2026, 9, 14),
    )  # fmt: skip
    now = at("2027-01-01 10:00")
    spans = {
        subject: periodic.find(kind, subject, now)[1]
        for kind, subject in (("monthly", "2025-03"), ("quarterly", "2025-Q4"),
                              ("annual", "2025"), ("annual", "2026"), ("quarterly", "2026-Q2"))
    }  # fmt: skip
    assert spans["2025-03"].days == "2025-03-15 至 2025-04-14"
    assert spans["2025-Q4"].days == "2025-12-15 至 2026-03-14"
    assert spans["2025"].days == "2025-03-15 至 2026-03-14"
    assert spans["2026"].days == "2026-03-15 至 2026-09-14"
    assert spans["2026-Q2"].days == "2026-06-15 至 2026-09-14"
    with pytest.raises(ReportError, match="没有合同覆盖"):
        periodic.find("quarterly", "2026-Q3", now)


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (date(2022, 11, 1), ("2022-11", "2022-Q1", "2022")),
        (date(2023, 1, 31), ("2023-01", "2022-Q1", "2022")),
        (date(2023, 2, 1), ("2023-02", "2022-Q2", "2022")),
        (date(2023, 10, 31), ("2023-10", "2022-Q4", "2022")),
    ],
)
def test_the_form_offers_the_period_that_holds_the_day(
    held: Contract, day: date, wanted: tuple[str, str, str]
) -> None:
    offered = periodic.proposed(day)
    assert (offered["monthly"], offered["quarterly"], offered["annual"]) == wanted
    for kind, subject in offered.items():
        span = periodic.find(kind, subject, LATER)[1]
        assert span.first <= day <= span.last


def test_without_a_contract_nothing_is_offered(db: None) -> None:
    assert periodic.proposed(date(2022, 11, 7)) == {}


def test_numbers_say_class_and_period_and_never_meet() -> None:
    numbers = {
        kinds.of(kind).number(subject)
        for kind, subject in (("monthly", "2022-11"), ("quarterly", "2022-Q1"),
                              ("quarterly", "2022-C1"), ("annual", "2022"))
    }  # fmt: skip
    assert numbers == {
        "JAWS-YB-202211-01", "JAWS-JB-2022Q1-01", "JAWS-JB-2022C1-01", "JAWS-NB-2022-01",
    }  # fmt: skip


@given(
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(0, 400),
    back=st.integers(0, 400),
)  # fmt: skip
def test_a_span_survives_its_snapshot(first: date, length: int, back: int) -> None:
    last = date.fromordinal(first.toordinal() + length)
    moment = at(f"{date.fromordinal(max(1, last.toordinal() - back))} 12:00")
    span = Span("annual", "2022", "x", first, last, first, last, moment)
    assert from_json(Span, to_json(span)) == span
    assert not span.closed
