"""Reports by month, quarter and year: what is said of each follows from its own papers."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import pytest

from jingwei.region.year import Year, days, simulate
from jingwei.region.year.facts import Paper
from jingwei.region.year.papers import ANNUAL, QUARTERLY
from jingwei.terms.obligation import Standing

MET, BROKEN, DUE = Standing.MET, Standing.BREACHED, Standing.DUE
OPEN = Standing.NOT_AGREED
each_year = pytest.mark.parametrize("seed", range(24))


@lru_cache(maxsize=64)
def made(seed: int) -> Year:
    return simulate(seed)


def agreed(year: Year, kind: str) -> int | None:
    """Days after a period within which the client wants this paper."""
    return next((each.value for each in year.settled if each.about == kind), None)


def held(year: Year, kind: str, period: tuple[date, date]) -> Paper | None:
    """What was handed in for a period by the year's close, with the client's word."""
    for paper in year.papers:
        mine = paper.kind == kind and paper.period == period
        if mine and paper.confirmed is not None and paper.confirmed <= year.close:
            return paper
    return None


def standing(year: Year, at: datetime | None, last: date, within: int | None) -> Standing:
    """One period's paper that was complete at a moment, or never."""
    if within is None:
        return OPEN
    due = days.at(last, 24) + timedelta(days=within)
    if at is not None and at < due:
        return MET
    return BROKEN if due <= year.close or at is not None else DUE


@each_year
def test_monthly_reports_are_judged_by_the_day_the_client_named(seed: int) -> None:
    year = made(seed)
    within = agreed(year, "monthly")
    found = []
    for period in days.months():
        paper = held(year, "monthly", period)
        at = paper.electronic if paper is not None else None
        found.append(standing(year, at, period[1], within))
    truth = year.truth["report.monthly"]
    assert (truth.kept, truth.broken) == (found.count(MET), found.count(BROKEN))
    assert (truth.standing is OPEN) == (within is None)


@each_year
def test_the_annual_report_counts_when_its_paper_form_is_there_too(seed: int) -> None:
    year = made(seed)
    within = agreed(year, "annual")
    paper = held(year, "annual", (days.FIRST, days.LAST))
    at = None
    if paper is not None and paper.electronic is not None and paper.paper is not None:
        at = max(paper.electronic, paper.paper)
    assert year.truth["report.annual"].standing is standing(year, at, days.LAST, within)


@each_year
def test_nothing_is_handed_in_for_the_year_before_it_is_over(seed: int) -> None:
    year = made(seed)
    annual = [paper for paper in year.papers if paper.kind == "annual"]
    assert all(paper.filed >= days.END for paper in annual)
    if year.close == days.END:
        assert annual == []


@pytest.mark.parametrize(
    ("kind", "sections"),
    [
        ("quarterly", QUARTERLY),
        ("annual", ANNUAL),
    ],
)
@each_year
def test_a_section_is_broken_where_a_report_that_was_handed_in_lacks_it(
    kind: str, sections: dict[str, str], seed: int
) -> None:
    year = made(seed)
    papers = [paper for paper in year.papers if paper.kind == kind]
    for name, section in sections.items():
        if not name.startswith(f"report.{kind}."):
            continue
        lacking = [paper for paper in papers if section not in paper.sections]
        truth = year.truth[name]
        assert truth.broken == len(lacking)
        assert truth.kept == len(papers) - len(lacking)
        if not papers:
            assert truth.standing is Standing.NO_EVIDENCE


@each_year
def test_reports_about_faults_count_five_days_from_their_end(seed: int) -> None:
    year = made(seed)
    kept = broken = 0
    for fault in year.faults:
        if fault.cancelled or fault.reopened or fault.restored is None:
            continue
        good = [
            paper
            for paper in year.papers
            if paper.kind == "fault"
            and paper.about == fault.key
            and paper.returned is None
            and paper.confirmed is not None
            and paper.electronic is not None
            and paper.electronic <= fault.restored + timedelta(days=5)
        ]
        kept += bool(good)
        broken += not good
    events = [event for event in year.emergencies if not event.withdrawn]
    truth = year.truth["report.fault-handling"]
    assert (truth.kept, truth.broken) == (kept + len(events), broken)


@each_year
def test_reports_about_emergencies_count_on_paper_seven_days_from_the_recovery(seed: int) -> None:
    year = made(seed)
    kept = 0
    for event in year.emergencies:
        papers = [p for p in year.papers if p.kind == "emergency" and p.about == event.key]
        due = event.restored + timedelta(days=7)
        kept += any(paper.paper is not None and paper.paper <= due for paper in papers)
    assert year.truth["emergency.recover-and-report"].kept == kept


@each_year
def test_reports_about_drills_count_fourteen_days_from_their_end(seed: int) -> None:
    year = made(seed)
    ends = {drill.key: drill.ended for drill in year.drills if not drill.aborted}
    papers = [paper for paper in year.papers if paper.kind == "drill"]
    kept = [
        paper
        for paper in papers
        if paper.electronic is not None
        and paper.electronic <= ends[paper.about] + timedelta(days=14)
    ]
    truth = year.truth["emergency.drill-report"]
    assert (truth.kept, truth.broken) == (len(kept), len(ends) - len(kept))
