"""The health check before a holiday or a change: whose word it is, and what stood in the way."""

import pytest
from desk_making import at
from round_making import answered, done, hot, opened, said, sheet, watched, world

from jingwei.accounts.models import User
from jingwei.assets.models import Person, Target
from jingwei.calendars.models import CalendarDay
from jingwei.checks.models import StateChange
from jingwei.desk.models import Kind, Shift
from jingwei.reports import actions
from jingwei.reports.document import BY_HAND
from jingwei.reports.errors import ReportError
from jingwei.reports.rounds import precheck
from jingwei.reports.rounds.precheck import Precheck
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
SPRING = "2023-01-21"  # the first day off of the Spring Festival; due on Friday the 20th
AFTER = at("2023-01-29 09:00")
FIELDS = {"core": "核心系统正常", "capacity": "余量 40 %", "backup": "昨日全量成功",
          "switch": "双机可切换", "contacts": "王磊值班", "result": "具备"}  # fmt: skip


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


def held(subject: str = SPRING) -> Precheck:
    return precheck.gather(subject, AFTER)


def drawn(by: User, subject: str = SPRING) -> str:
    return said(document_of(actions.build("precheck", subject, by, AFTER)))


def test_it_is_due_on_the_last_working_day_before_the_holiday(people: tuple[User, User]) -> None:
    wang, _ = people
    found = held()
    assert [day.isoformat() for day in found.period] == ["2023-01-11", "2023-01-20"]
    assert "春节" in found.event
    assert "最迟完成 2023-01-20" in drawn(wang)


def test_fit_is_a_persons_word(people: tuple[User, User]) -> None:
    wang, gu = people
    assert precheck.conclusion(held())[0] is Result.ABNORMAL  # over, and nobody checked
    assert f"结论（具备或不具备）：{BY_HAND}" in drawn(wang)
    answered(done("holiday-check", wang, "2023-01-19 15:00", fields=FIELDS), gu)
    assert precheck.conclusion(held())[0] is Result.NORMAL
    text = drawn(wang)
    for wanted in ("结论：具备。", "现场检查：余量 40 %。", "现场检查：昨日全量成功。",
                   "平台备份记录：未采集（备份模块尚未接入）", "已确认 顾主任"):  # fmt: skip
        assert wanted in text, wanted


def test_not_fit_is_read_before_fit(people: tuple[User, User]) -> None:
    wang, _ = people
    done("holiday-check", wang, "2023-01-19 15:00", fields=FIELDS | {"result": "不具备：缺备件"})
    assert precheck.conclusion(held())[0] is Result.ABNORMAL


def test_a_word_that_says_neither_is_nobodys_yes(people: tuple[User, User]) -> None:
    wang, _ = people
    done("holiday-check", wang, "2023-01-19 15:00", fields=FIELDS | {"result": "看过了"})
    assert precheck.conclusion(held())[0] is Result.ATTENTION
    done("holiday-check", wang, "2023-01-20 15:00", fields={"core": "好"})
    verdict, sentence = precheck.conclusion(held())
    assert verdict is Result.ATTENTION
    assert "记录未写结论" in sentence


def test_a_check_after_the_day_is_no_check_before_the_holiday(people: tuple[User, User]) -> None:
    wang, _ = people
    done("holiday-check", wang, "2023-01-21 09:00", fields=FIELDS)
    assert held().rows == ()


def test_what_is_red_on_the_day_stands_in_the_report(people: tuple[User, User]) -> None:
    wang, _ = people
    done("holiday-check", wang, "2023-01-19 15:00", fields=FIELDS)
    hot()
    watched("HW-001-1", "server.load", Result.ATTENTION)
    watched("APP-08", "app.certificate", Result.NORMAL)
    text = drawn(wang)
    assert precheck.conclusion(held())[0] is Result.ATTENTION
    assert "CPU、内存、文件系统 1 ◆ 关注 关注 1" in text
    assert "证书有效期 1 ● 正常 正常 1" in text
    assert "冗余与切换类检查：未采集（没有这类自动检查）" in text


def test_checks_are_read_as_they_stood_on_the_day(people: tuple[User, User]) -> None:
    del people
    check = watched("HW-001-1", "server.load", Result.NORMAL)
    StateChange.objects.create(
        check_ref=check, at=at("2023-01-25 08:00"), before=Result.NORMAL, after=Result.ABNORMAL
    )
    assert held().capacity[0].worst == Result.NORMAL


def test_tickets_still_open_are_what_is_left(people: tuple[User, User]) -> None:
    wang, _ = people
    ticket = opened(wang, Kind.SERVICE_REQUEST, "报表 13812345678")
    assert ticket.number in drawn(wang)
    assert "13812345678" not in drawn(wang)


def test_each_day_off_says_who_is_on_duty(people: tuple[User, User]) -> None:
    wang, _ = people
    person = Person.objects.create(name="王磊", line="first", user=wang)
    Shift.objects.create(
        person=person, start=at("2023-01-22 08:00"), end=at("2023-01-23 08:00"), on_call=True,
        entered_by="陈",
    )  # fmt: skip
    rows = {day.day.isoformat(): day.people for day in held().duty}
    assert rows["2023-01-22"] == ("王磊（备勤）",)
    assert rows["2023-01-25"] == ()
    assert "未排班" in drawn(wang)


@pytest.mark.parametrize(
    "subject", ["2023-01-22", "2023-01-20", "2023-13-01", "0001-01-01", "9999-12-31", "春节", "\0"]
)
def test_any_other_subject_is_told_what_was_expected(
    subject: str, people: tuple[User, User]
) -> None:
    del people
    with pytest.raises(ReportError, match=r"假期第一天|假期首日"):
        held(subject)


def test_the_holidays_nearby_are_named(people: tuple[User, User]) -> None:
    del people
    with pytest.raises(ReportError, match=r"2023-01-21（春节"):
        held("2023-01-22")


def test_a_holiday_whose_year_before_is_not_published_has_no_day(
    people: tuple[User, User],
) -> None:
    del people
    CalendarDay.objects.filter(date__gte="2023-01-14", date__lt="2023-01-21").delete()
    with pytest.raises(ReportError, match="未公布"):
        held()


def test_a_sheet_filled_on_site_stands_whole(people: tuple[User, User]) -> None:
    wang, _ = people
    record = done("holiday-check", wang, "2023-01-19 15:00", fields=FIELDS)
    sheet(record, ("告警清零", Result.NORMAL, "全部清零"))
    assert "告警清零 无告警 ● 正常 全部清零" in drawn(wang)


# -- changes


def test_a_change_has_the_check_that_names_it(people: tuple[User, User]) -> None:
    wang, _ = people
    change = opened(wang, Kind.CHANGE, "扩容", target=Target.objects.get(key="HW-001-1"))
    done("change-check", wang, "2023-01-10 09:00", about="GD-1999-00001", fields=FIELDS)
    assert held(change.number).rows == ()
    done("change-check", wang, "2023-01-11 09:00", about=change.number, fields=FIELDS)
    text = drawn(wang, change.number)
    assert f"变更单号 {change.number}" in text
    assert "变更前健康检查报告" in text
    assert "结论：具备。" in text
    assert f"变更期间值守人员：{BY_HAND}" in text
    assert held(change.number).period[1].isoformat() == "2023-01-11"


def test_a_ticket_that_is_no_change_is_told(people: tuple[User, User]) -> None:
    wang, _ = people
    ticket = opened(wang, Kind.SERVICE_REQUEST, "报表")
    with pytest.raises(ReportError, match="变更单的单号"):
        held(ticket.number)
