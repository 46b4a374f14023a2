"""From the rooms below to the frozen sheet: nothing is made up, nothing is left out."""

from datetime import date, datetime, timedelta

import pytest
from report_making import NOW, Day

from jingwei.assets.models import Endpoint, Target
from jingwei.calendars.models import CalendarDay, Safeguard
from jingwei.checks.actions import Answer, write_answers
from jingwei.checks.models import Check, Finding, Observation, RoutineRun, Series
from jingwei.reports import gather
from jingwei.reports.daily.sheet import Sheet, count
from jingwei.terms import SHANGHAI, Result

pytestmark = pytest.mark.django_db
FRIDAY = NOW.date()


def answer(sheet: Sheet, item: str, target: str):  # type: ignore[no-untyped-def]
    return next(
        held
        for section in sheet.sections
        for one in section.items
        if one.id == item
        for held in one.answers
        if held.target == target
    )


def test_answers_come_with_the_ids_of_their_rows(day: Day) -> None:
    hot = answer(gather.daily(FRIDAY), "room.temperature", "ROOM-01")
    assert hot.result is Result.ABNORMAL
    assert hot.reading == "机房温度 29.4 ℃"
    assert hot.threshold == "18–28 ℃"
    assert hot.finding == day.hot.pk
    assert hot.id in set(day.run.results.values_list("id", flat=True))


def test_a_finished_run_is_exactly_its_answers(day: Day) -> None:
    counts = count(gather.daily(FRIDAY).answers)
    assert (counts.planned, counts.checked, counts.abnormal, counts.unchecked) == (5, 3, 1, 2)


def test_the_head_is_what_people_filled_in(day: Day) -> None:
    head = gather.daily(FRIDAY).head
    assert head.weather == "多云"
    assert head.inspector == "王磊"
    assert head.reviewer == "陈思远"
    assert head.present == ("王磊", "陈思远", "李婷", "赵敏")
    assert head.working_day is True
    assert head.run == day.run.pk


@pytest.mark.parametrize(
    ("said", "present"),
    [
        (None, None),
        ("", None),
        ("甲", ("甲",)),
        (["甲", "乙"], ("甲", "乙")),
        ("甲;乙", ("甲", "乙")),
    ],
)
def test_staff_is_read_from_a_line_or_a_list(
    day: Day, said: object, present: tuple[str, ...] | None
) -> None:
    RoutineRun.objects.filter(pk=day.run.pk).update(header={"present": said})
    assert gather.daily(FRIDAY).head.present == present


def test_a_day_without_a_run_is_planned_and_unchecked(day: Day) -> None:
    sheet = gather.daily(FRIDAY + timedelta(days=3))
    counts = count(sheet.answers)
    assert counts.planned > 0
    assert counts.planned == counts.unchecked
    assert sheet.head.run is None
    assert all(held.reason for held in sheet.answers)


def test_a_year_without_calendar_is_unpublished(day: Day) -> None:
    assert gather.daily(FRIDAY + timedelta(days=30)).head.working_day is None


def test_a_holiday_and_a_safeguard_period_are_named(day: Day) -> None:
    off = date(2026, 10, 1)
    CalendarDay.objects.create(date=off, working=False, name="国庆节", source="test")
    Safeguard.objects.create(start=off, end=off, name="国庆保障")
    head = gather.daily(off).head
    assert (head.working_day, head.day_name, head.safeguard) == (False, "国庆节", "国庆保障")


def test_the_contract_names_project_and_client(day: Day) -> None:
    project = gather.daily(FRIDAY).project
    assert project.title == "静安区区域卫生信息平台日常运维"
    assert project.client == "上海市静安区卫生信息中心"
    assert not project.demonstration


def test_demo_endpoints_mark_the_report(day: Day) -> None:
    Endpoint.objects.create(
        target=day.room, protocol="modbus", address="127.0.0.1", port=1502, demo=True
    )
    assert gather.daily(FRIDAY).project.demonstration


def test_without_a_contract_the_report_says_so() -> None:
    assert gather.daily(FRIDAY).project.title == "（合同未载入）"


def test_findings_come_with_what_was_done(day: Day) -> None:
    found = gather.daily(FRIDAY).incidents[0]
    assert found.id == day.hot.pk
    assert found.item_label == "机房温度"
    assert [(entry.by, entry.text) for entry in found.follow_ups] == [("王磊", "已通知空调厂家")]
    assert found.status == "待处置"


@pytest.mark.parametrize(
    ("opened", "closed", "there"),
    [
        (-2, None, True),  # open since the day before yesterday
        (-2, -1, False),  # healed yesterday
        (-2, 0, True),  # healed today
        (1, None, False),  # opened tomorrow
    ],
)
def test_findings_of_the_day_are_those_open_on_it(
    day: Day, opened: int, closed: int | None, there: bool
) -> None:
    made = Finding.objects.create(
        target=day.application, item="app.login", origin=Finding.Origin.CHECK,
        result=Result.ABNORMAL, opened_at=NOW + timedelta(days=opened),
        closed_at=None if closed is None else NOW + timedelta(days=closed),
    )  # fmt: skip
    assert (made.pk in {found.id for found in gather.daily(FRIDAY).incidents}) is there


def test_targets_stand_in_their_natural_order(day: Day) -> None:
    others = [Target.objects.create(key=f"ROOM-{n}", kind="room", label="机房") for n in (10, 9)]
    write_answers(
        day.run, [Answer("room.leak", other.pk, Result.NORMAL, "无") for other in others], NOW
    )
    leak = next(
        item
        for section in gather.daily(FRIDAY).sections
        for item in section.items
        if item.id == "room.leak"
    )
    assert [held.target for held in leak.answers] == ["ROOM-01", "ROOM-9", "ROOM-10"]


def _timed(day: Day, at: datetime, value: float | None, name: str = "http.time") -> None:
    check, _ = Check.objects.get_or_create(
        key="APP-01:health", target=day.application, item="app.available", label="健康页",
        probe="http",
    )  # fmt: skip
    series, _ = Series.objects.get_or_create(check_ref=check, name=name, unit="ms")
    Observation.objects.create(series=series, epoch=int(at.timestamp()), code=0, value=value)


def test_the_response_time_is_that_of_the_answer(day: Day) -> None:
    answered = NOW.replace(hour=6, minute=1)
    _timed(day, answered - timedelta(minutes=4), 900.0)
    _timed(day, answered - timedelta(seconds=2), 38.26)
    _timed(day, answered + timedelta(hours=1), 5000.0)
    assert answer(gather.daily(FRIDAY), "app.available", "APP-01").took_ms == 38.3


def test_no_response_time_is_none_and_not_zero(day: Day) -> None:
    _timed(day, NOW.replace(hour=6, minute=1), None)
    _timed(day, NOW + timedelta(hours=5), 40.0)
    assert answer(gather.daily(FRIDAY), "app.available", "APP-01").took_ms is None


def test_the_sheet_does_not_depend_on_when_it_is_asked(day: Day) -> None:
    assert gather.daily(FRIDAY) == gather.daily(FRIDAY)
    assert gather.daily(FRIDAY).head.finished_at == datetime(2026, 11, 20, 6, 1, tzinfo=SHANGHAI)
