"""The monthly inspection of applications, and the frame of the exchange report."""

from datetime import date

import pytest
from desk_making import at, incident
from round_making import AFTER, answered, done, hot, measured, opened, said, watched, world

from jingwei.accounts.models import User
from jingwei.assets.models import Application
from jingwei.contract.models import Contract, Document
from jingwei.desk.models import Kind
from jingwei.reports import actions
from jingwei.reports.document import Heading
from jingwei.reports.errors import ReportError
from jingwei.reports.rounds import monthly_exchange, monthly_inspection
from jingwei.reports.rounds.monthly_inspection import Applications
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
DUTY = "monthly-inspection"
FIELDS = {"version": "v3.2 部署于 HW-001-1", "availability": "99.95 %", "errors": "无 ERROR",
          "capacity": "增长 2 GB", "certificate": "2024-05-01", "account": "无离岗账号",
          "issue": "建议扩容"}  # fmt: skip


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


def held(subject: str = "2022-12") -> Applications:
    return monthly_inspection.gather(subject, AFTER)


def drawn(by: User) -> str:
    return said(document_of(actions.build(DUTY, "2022-12", by, AFTER)))


def test_every_application_has_a_section(people: tuple[User, User]) -> None:
    wang, _ = people
    document = document_of(actions.build(DUTY, "2022-12", wang, AFTER))
    titles = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert "（1）APP-01 区域平台一期" in titles
    assert "（2）APP-08 区域PACS" in titles


def test_what_people_recorded_fills_its_section(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done(DUTY, wang, "2022-12-12 09:30", object="APP-08", fields=FIELDS), gu)
    text = drawn(wang)
    for wanted in ("版本与部署 v3.2", "可用率 99.95 %", "错误日志 无 ERROR", "证书到期 2024-05-01",
                   "隐患与建议 建议扩容", "主机 HW-001-1"):  # fmt: skip
        assert wanted in text, wanted
    assert monthly_inspection.conclusion(held())[1].startswith(
        "应用 2 个，已巡视 1 个，未巡视 1 个"
    )


def test_what_nobody_recorded_is_not_collected(people: tuple[User, User]) -> None:
    wang, _ = people
    text = drawn(wang)
    assert "未采集（没有记录）" in text
    assert "错误日志 未采集（日志分析尚未接入）" in text
    assert "部署与依赖 未采集（台账未登记依赖）" in text
    assert "未采集（未归档巡检脚本）" in text
    assert monthly_inspection.conclusion(held())[0] is Result.ABNORMAL  # the month is over


def test_readings_of_the_month_are_counted(people: tuple[User, User]) -> None:
    wang, _ = people
    check = watched("APP-08", "app.available", Result.NORMAL, "2022-12-01 08:00")
    measured(check, "http.time", "ms", date(2022, 12, 2), 20.0, 80.0)
    measured(check, "http.time", "ms", date(2023, 1, 2), 20.0, 900.0)  # another month
    seen = held().apps[1].seen[0]
    assert (seen.count, seen.bad, seen.unchecked) == (288, 2, 4)
    assert (seen.mean, seen.high) == (50.0, 80.0)
    assert "健康页可用 ● 正常 288 2 4 97.92 % 50 / 80 ms" in drawn(wang)


def test_a_check_without_readings_is_not_zero(people: tuple[User, User]) -> None:
    wang, _ = people
    watched("APP-08", "app.available", Result.NORMAL, "2022-12-01 08:00")
    assert "健康页可用 ● 正常 未采集" in drawn(wang)
    assert "自动检查：未采集（未接入自动检查）" in drawn(wang)  # APP-01 has none


def test_faults_and_changes_of_the_month_stand_with_their_application(
    people: tuple[User, User],
) -> None:
    wang, _ = people
    pacs = Application.objects.get(code="APP-08")
    fault = incident(wang, at("2022-12-05 09:00"), application=pacs, title="打不开")
    other = incident(wang, at("2023-01-05 09:00"), application=pacs)
    app = held().apps[1]
    assert [one.number for one in app.faults] == [fault.number]
    assert other.number not in drawn(wang)
    assert held().apps[0].faults == ()


def test_a_change_is_no_fault(people: tuple[User, User]) -> None:
    wang, _ = people
    pacs = Application.objects.get(code="APP-08")
    change = opened(wang, Kind.CHANGE, "升级", application=pacs)
    app = held().apps[1]
    assert ([one.number for one in app.changes], app.faults) == ([change.number], ())


def test_findings_on_applications_ask_for_attention(people: tuple[User, User]) -> None:
    wang, gu = people
    for code in ("APP-01", "APP-08"):
        answered(done(DUTY, wang, "2022-12-12 09:30", object=code, fields=FIELDS), gu)
    assert monthly_inspection.conclusion(held())[0] is Result.NORMAL
    done(DUTY, wang, "2022-12-13 09:30", object="APP-08", fields=FIELDS, result="attention")
    assert monthly_inspection.conclusion(held())[0] is Result.ATTENTION


def test_the_script_of_the_second_line_is_named(people: tuple[User, User]) -> None:
    wang, _ = people
    Document.objects.create(
        contract=Contract.objects.get(code="jingan-2022"), kind="inspection-script",
        title="巡检脚本 v1.3", at=at("2022-11-20 09:00"), by=wang, by_name="王磊",
    )  # fmt: skip
    assert "巡检脚本 v1.3（document:" in drawn(wang)


def test_without_applications_there_is_no_report(people: tuple[User, User]) -> None:
    del people
    Application.objects.update(valid_to="2022-11-05")
    with pytest.raises(ReportError, match="没有在用的应用"):
        held()
    with pytest.raises(ReportError, match="没有在用的应用"):
        monthly_exchange.gather("2022-12", AFTER)


# -- exchange: a frame


def exchange(by: User) -> str:
    return said(document_of(actions.build("monthly-exchange", "2022-12", by, AFTER)))


def test_the_frame_knows_who_sends_and_counts_nothing(people: tuple[User, User]) -> None:
    wang, _ = people
    text = exchange(wang)
    assert "静安中心医院 APP-08 1 未采集" in text
    assert "APP-08 区域PACS 全区 1 未采集" in text
    assert "APP-01 区域平台一期 全区 未采集（台账未登记） 未采集" in text
    assert text.count("未采集（交互数据模块尚未接入）") >= 6
    assert " 0" not in text.split("一、报告期与口径")[1].split("签字确认")[0]


def test_the_frame_is_unchecked_whatever_happened(people: tuple[User, User]) -> None:
    del people
    found = monthly_exchange.gather("2022-12", AFTER)
    assert monthly_exchange.conclusion(found)[0] is Result.UNCHECKED


def test_a_finding_on_an_exchange_is_listed(people: tuple[User, User]) -> None:
    wang, _ = people
    hot("APP-08", "exchange.arrival")
    made = actions.build("monthly-exchange", "2023-01", wang, AFTER)
    assert "区域PACS（APP-08） 前一业务日交互数据到达" in said(document_of(made))
    assert "区域PACS（APP-08）" not in exchange(wang)
