"""What a period's figures are made from: facts and rows by hand, each counted as people would."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from account_making import span
from desk_making import at, client, go, incident, later, note, person, publish, request
from round_making import done, register, row
from year_making import contract

from jingwei.accounts.models import User
from jingwei.assets.models import AssetRow, Site, Target
from jingwei.calendars.models import CalendarDay
from jingwei.checks.models import Finding, ItemResult, RoutineRun
from jingwei.desk import actions as desk
from jingwei.desk import queries
from jingwei.desk.actions import Intake
from jingwei.desk.models import Kind
from jingwei.reports.periodic import months, tickets, upkeep
from jingwei.sla.availability import Downtime, Term
from jingwei.sla.clock import ClockState
from jingwei.sla.measures.facts import EmergencyFact, Facts, Family, ReadingFact, RunFact
from jingwei.sla.owed import Owed
from jingwei.terms import Result
from jingwei.terms.incident import Cause, Instant, Severity
from jingwei.terms.obligation import Ref, Standing

START, END = date(2022, 11, 1), date(2023, 1, 31)
TERM = Term(at("2022-11-01 00:00"), at("2023-11-01 00:00"))


def days(*exceptions: date, first: date = START, last: date = END) -> dict[date, bool]:
    """Monday to Friday is worked, but for these."""
    count = (last - first).days + 1
    return {
        day: day.weekday() < 5 and day not in exceptions
        for day in (first + timedelta(days=n) for n in range(count))
    }


def facts(**more: Any) -> Facts:
    """Facts of the contract year."""
    given: dict[str, Any] = {
        "term": TERM, "now": at("2023-02-01 00:00"), "known": frozenset(Family), "working": days(),
    }  # fmt: skip
    return Facts(**{**given, **more})


def run(day: date, planned: int = 10, checked: int = 9, **more: Any) -> RunFact:
    return RunFact(Ref("run", str(day)), "daily", day, {"x": (planned, checked)}, **more)


def reading(day: date, low: float, high: float, item: str = "room.temperature") -> ReadingFact:
    return ReadingFact(Ref("reading", str(day)), item, "ROOM-01", day, low, high)


def owing(what: str, last: date, standing: Standing, number: int = 1, did: int = 0) -> Owed:
    return Owed("o", what, f"{last:%Y-%m}", last.replace(day=1), last, at("2023-01-01 00:00"),
                number, did, standing)  # fmt: skip


@pytest.fixture
def wang(db: None) -> User:
    publish()
    return person(full_name="王磊")


# Daily checks


def test_daily_checks_are_counted_by_day_and_by_item(db: None) -> None:
    first = date(2022, 11, 1)
    runs = tuple(run(first + timedelta(days=n)) for n in range(3))
    held = upkeep.daily(span(), facts(runs=runs))
    assert (held.finished, held.planned, held.checked) == (3, 30, 27)
    assert held.owed is None  # nobody published the year's working days
    assert len(held.without) == sum(days().values()) - 3
    assert held.without[0] == "2022-11-04"


def test_what_was_not_finished_or_lies_outside_is_not_counted(db: None) -> None:
    runs = (
        run(date(2022, 11, 7), finished=False), run(date(2022, 10, 31)), run(date(2023, 2, 1)),
        RunFact(Ref("run", "q"), "quarterly", date(2022, 11, 8), {"x": (9, 9)}),
    )  # fmt: skip
    held = upkeep.daily(span(), facts(runs=runs))
    assert (held.finished, held.planned) == (0, 0)
    assert "2022-11-07" in held.without


def test_a_period_under_way_owes_no_day_to_come(db: None) -> None:
    held = upkeep.daily(span(as_of=at("2022-11-03 10:00")), facts())
    assert held.without == ("2022-11-01", "2022-11-02", "2022-11-03")


def test_a_holiday_is_owed_by_nobody(db: None) -> None:
    held = upkeep.daily(span(as_of=at("2022-11-03 10:00")),
                        facts(working=days(date(2022, 11, 2))))  # fmt: skip
    assert held.without == ("2022-11-01", "2022-11-03")


def test_answers_are_counted_by_section_and_verdict(wang: User) -> None:
    thing = Target.objects.create(key="ROOM-01", kind="room", label="机房")

    def answered(day: int, *results: Result) -> None:
        made = RoutineRun.objects.create(
            routine="daily", date=date(2022, 11, day), working_day=True,
            started_at=at(f"2022-11-{day:02} 06:00"),
        )  # fmt: skip
        items = ("room.temperature", "room.humidity", "room.leak")
        for item, result in zip(items, results, strict=False):
            ItemResult.objects.create(run=made, item=item, target=thing, result=result,
                                      at=made.started_at)  # fmt: skip

    answered(7, Result.ABNORMAL, Result.NORMAL, Result.UNCHECKED)
    answered(8, Result.NORMAL, Result.ATTENTION)
    (room,) = upkeep.checked(span())
    counts = (room.normal, room.attention, room.abnormal, room.unchecked)
    assert counts == (2, 1, 1, 1)
    assert upkeep.checked(span(first=date(2022, 12, 1))) == ()


# Rooms, findings


def test_a_room_is_told_with_its_lowest_highest_and_the_days_out() -> None:
    rows = (
        reading(date(2022, 11, 1), 18.0, 28.0), reading(date(2022, 11, 2), 17.9, 25.0),
        reading(date(2022, 11, 3), 20.0, 28.1), reading(date(2022, 10, 31), 0.0, 50.0),
        reading(date(2022, 11, 1), 35.0, 75.0, "room.humidity"),
        reading(date(2022, 11, 1), 1.0, 1.0, "room.leak"),
    )  # fmt: skip
    humid, warm = upkeep.climate(span(), facts(readings=rows))
    assert (warm.low, warm.high, warm.days) == (17.9, 28.1, 3)
    assert warm.out == ("2022-11-02", "2022-11-03")
    assert (humid.item, humid.out) == ("湿度（%）", ())


def test_findings_are_counted_where_they_opened_healed_and_stayed(db: None) -> None:
    thing = Target.objects.create(key="X", kind="server", label="x")

    def found(opened: str, closed: str = "") -> None:
        Finding.objects.create(
            target=thing, item=f"i{opened}{closed}", origin=Finding.Origin.CHECK, reading="x",
            result=Result.ABNORMAL, opened_at=at(opened), closed_at=at(closed) if closed else None,
        )  # fmt: skip

    found("2022-10-30 09:00", "2022-11-02 09:00")  # before, healed in it
    found("2022-11-03 09:00", "2022-11-04 09:00")  # in it, healed in it
    found("2022-11-05 09:00")  # in it, open
    found("2022-11-06 09:00", "2023-02-05 09:00")  # healed after it
    found("2023-02-02 09:00")  # after it
    held = upkeep.found(span())
    assert (held.opened, held.closed, held.left) == (3, 2, 2)


# Duties


def test_duties_of_a_kind_are_added_up_and_the_missed_are_named() -> None:
    rows = [
        owing("inspect", date(2022, 11, 30), Standing.MET, 25, 25),
        owing("inspect", date(2022, 12, 31), Standing.BREACHED, 25, 24),
        owing("inspect", date(2023, 1, 31), Standing.DUE, 25, 3),
        owing("inspect", date(2023, 2, 28), Standing.NOT_DUE, 25),
        owing("daily", date(2022, 11, 7), Standing.BREACHED),
    ]
    (held,) = upkeep.duties(span(), rows, facts(labels={"inspect": "月度巡视"}))
    assert (held.label, held.owed, held.done, held.waiting) == ("月度巡视", 75, 52, 1)
    assert held.missed == ("2022-12（24/25）",)


def test_what_is_ahead_falls_due_in_the_next_period() -> None:
    rows = [
        owing("a", date(2023, 1, 31), Standing.DUE), owing("b", date(2023, 2, 1), Standing.NOT_DUE),
        owing("c", date(2023, 4, 30), Standing.NOT_DUE), owing("d", date(2023, 5, 1),
                                                              Standing.NOT_DUE),
        owing("daily", date(2023, 2, 2), Standing.NOT_DUE),
    ]  # fmt: skip
    assert [one.label for one in upkeep.ahead(span(), rows, facts())] == ["b", "c"]
    month = span(kind="monthly", last=date(2023, 1, 31))
    assert [one.label for one in upkeep.ahead(month, rows, facts())] == ["b"]


def test_records_are_those_of_the_period_with_their_fields_masked(wang: User) -> None:
    register()
    held = contract()
    done("security-check", wang, "2023-01-10 09:00", fields={"scope": "找 13812345678"})
    done("security-check", wang, "2023-02-10 09:00")
    (one,) = upkeep.records(held, span())
    assert (one.duty, one.by, one.confirmed) == ("security-check", "王磊", False)
    assert "13812345678" not in str(one.fields)


# Hardware


def test_warranties_that_end_in_the_period_or_soon_after_are_told(db: None) -> None:
    site = Site.objects.create(code="SITE-1", name="永和路")
    for number, bought in ((1, date(2019, 10, 1)), (2, date(2019, 11, 1)), (3, date(2020, 4, 1)),
                           (4, date(2020, 5, 1))):  # fmt: skip
        row(number, "server", site, f"服务器 {number}")
        AssetRow.objects.filter(row_no=number).update(purchase_month=bought, warranty_years=3)
    held = upkeep.expiries(span())
    assert [(one.row, one.ends, one.ended) for one in held] == [
        ("HW-002", date(2022, 11, 30), True), ("HW-003", date(2023, 4, 30), False),
    ]  # fmt: skip


def test_ends_of_service_are_told_when_they_are_near_or_over(wang: User) -> None:
    for model, last in (("甲", date(2022, 12, 31)), ("乙", date(2023, 4, 30)),
                        ("丙", date(2024, 1, 1))):  # fmt: skip
        desk.record_end_of_service("厂商", model, None, last, "公告", wang, at("2022-11-02 09:00"))
    held = upkeep.endings(span())
    assert [(one.model, one.ended) for one in held] == [("厂商 甲", True), ("厂商 乙", False)]


# Tickets


def test_every_kind_of_ticket_is_counted_zero_included(wang: User) -> None:
    incident(wang)
    request(wang)
    rows = tickets.opened(span())
    held = {one.label: one.opened for one in tickets.by_kind(rows)}
    assert set(held) == {kind.label for kind in Kind}
    assert (held["故障"], held["服务请求"], held["变更"]) == (1, 1, 0)


def test_tickets_of_the_period_are_those_opened_in_it(wang: User) -> None:
    inside = incident(wang, at("2022-11-01 00:00"))
    incident(wang, at("2022-10-31 23:59"))
    incident(wang, at("2023-02-01 00:00"))
    last = incident(wang, at("2023-01-31 23:59"))
    assert [one.pk for one in tickets.opened(span())] == [inside.pk, last.pk]


def test_tallies_say_the_most_frequent_first_and_what_became_of_each(wang: User) -> None:
    gu = client()
    for title in ("a", "b", "c"):
        incident(wang, title=title)
    held = incident(wang, title="d", severity=Severity.DEGRADED)
    go(held, "cancel", gu, later(5), reason="误报")
    rows = tickets.opened(span())
    made = tickets.tally(rows, tickets.severity)
    assert [(one.label, one.opened, one.cancelled, one.open) for one in made] == [
        (Severity.OUTAGE.label, 3, 0, 3), (Severity.DEGRADED.label, 1, 1, 0),
    ]  # fmt: skip
    assert len(tickets.standing(rows)) == 3


def test_what_is_not_named_is_called_so(wang: User) -> None:
    bare = incident(wang)
    assert tickets.system(bare) == "未指明系统"
    assert tickets.institution(bare) == "未指明机构"
    assert tickets.where(bare) == "—"
    assert tickets.cause(bare) == Cause.UNCLASSIFIED.label


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (ClockState.MET, "met"), (ClockState.BREACHED, "late"), (ClockState.OVERDUE, "late"),
        (ClockState.NOT_APPLICABLE, "remote"), (ClockState.RUNNING, "running"),
        (ClockState.PAUSED, "running"), (ClockState.NOT_STARTED, "running"),
    ],
)  # fmt: skip
def test_a_clock_is_counted_once_by_where_it_stands(state: ClockState, outcome: str) -> None:
    assert tickets.outcome(state) == outcome


def test_every_state_of_a_clock_has_an_outcome() -> None:
    made = {tickets.outcome(state) for state in ClockState}
    assert made == {"met", "late", "remote", "running", "unclear"}


def test_limits_are_counted_on_both_calendars_and_late_ones_listed(wang: User) -> None:
    slow = incident(wang)
    note(slow, Instant.PHONE_RESPONDED, later(45), wang)
    rows = tickets.opened(span())
    held, late = tickets.kept(rows, queries.clocks_of(rows, at("2022-11-07 11:00")))
    phone = [one for one in held if one.limit == "电话响应"]
    assert [(one.calendar, one.met, one.late) for one in phone] == [("5x8", 0, 1), ("7x24", 0, 1)]
    listed = [(one.number, one.limit, one.allowed, one.used) for one in late
              if one.limit == "电话响应"]  # fmt: skip
    assert listed == [(slow.number, "电话响应", 1800, 2700)] * 2


def test_a_change_says_who_agreed_and_when_it_was_checked(wang: User) -> None:
    gu = client()
    ticket = desk.open_ticket(Intake(kind=Kind.CHANGE, title="扩容"), wang, later(0))
    go(ticket, "accept", wang, later(5))
    (bare,) = tickets.changes(tickets.opened(span()))
    assert (bare.approved, bare.checked_at) == ("", None)
    go(ticket, "approve", gu, later(10))
    go(ticket, "sign_precheck", gu, later(20), facts={"precheck_ref": "JQ-1"})
    (held,) = tickets.changes(tickets.opened(span()))
    assert (held.approved, held.checked_at) == ("gu", later(20))


# Months


def spells(*held: Downtime) -> Iterable[tuple[Ref, Downtime]]:
    return tuple((Ref("ticket", str(n)), one) for n, one in enumerate(held))


def test_each_month_has_its_own_share_and_what_is_left_of_the_year(db: None) -> None:
    def down(start: str, end: str) -> Downtime:
        return Downtime(at(start), at(end), Cause.HARDWARE)

    known = facts(
        watched_from=at("2022-11-01 00:00"),
        downtimes=spells(down("2022-11-10 00:00", "2022-11-10 03:00"),
                         down("2022-12-31 23:00", "2023-01-01 01:00")),
    )  # fmt: skip
    november, december, january = months.months(span(), known)
    assert november.ratio == pytest.approx(100 - 3 / 720 * 100, abs=0.001)
    assert december.ratio == pytest.approx(100 - 1 / 744 * 100, abs=0.001)
    assert january.ratio == december.ratio
    used = [november.down_left, december.down_left, january.down_left]
    assert None not in used
    assert [used[n] - used[n + 1] for n in (0, 1)] == [3600, 3600]  # type: ignore[operator]


def test_a_month_before_anybody_watched_is_not_known(db: None) -> None:
    november, december, _ = months.months(span(), facts(watched_from=at("2022-12-10 00:00")))
    assert (november.ratio, november.down_left, november.emergency_left) == (None, None, None)
    assert december.ratio == 100.0


def test_emergencies_use_up_their_own_budget(db: None) -> None:
    event = EmergencyFact(
        Ref("emergency", "1"), 1,
        Downtime(at("2022-12-24 09:00"), at("2022-12-24 13:00"), Cause.HARDWARE), graded=True,
    )  # fmt: skip
    made = months.months(span(), facts(watched_from=START_AT, emergencies=(event,)))
    assert [one.emergency_left for one in made] == [86400, 72000, 72000]


START_AT: datetime = at("2022-11-01 00:00")


def test_months_count_what_was_opened_owed_and_done(wang: User) -> None:
    incident(wang, at("2022-11-07 09:00"))
    gone = incident(wang, at("2022-12-07 09:00"))
    go(gone, "cancel", client(), at("2022-12-07 10:00"), reason="误报")
    request(wang)
    runs = (run(date(2022, 11, 7)), run(date(2022, 12, 7), finished=False))
    november, december, january = months.months(span(), facts(runs=runs))
    assert november.severities is not None
    assert (sum(november.severities), november.requests) == (1, 1)
    assert december.severities is not None
    assert sum(december.severities) == 0
    assert (november.owed, november.finished) == (22, 1)
    assert (december.finished, january.finished) == (0, 0)


def test_a_year_nobody_published_owes_nobody_knows_what(db: None) -> None:
    known = facts(working=days(last=date(2022, 12, 31)))
    assert [one.owed for one in months.months(span(), known)] == [22, 22, None]


def test_a_month_that_has_not_begun_is_not_there(db: None) -> None:
    made = months.months(span(as_of=at("2022-12-05 00:00")), facts())
    assert [one.label for one in made] == ["22-11", "22-12"]
    assert made[1].owed == 2  # the first two days of December


def test_published_days_are_what_is_owed(wang: User) -> None:
    assert CalendarDay.objects.filter(date__gte=START, date__lte=END, working=True).count() == 62
    assert upkeep.daily(span(), facts()).owed == 62
