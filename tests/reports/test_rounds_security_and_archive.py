"""The security check and the archive: counted where counting is possible, red where it is not."""

from datetime import date, timedelta

import pytest
from desk_making import at, incident
from hypothesis import given
from hypothesis import strategies as st
from round_making import AFTER, answered, done, fed, hot, opened, photographed, said, watched, world

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Application, Person, Target, Unit
from jingwei.checks.models import ItemResult, RoutineRun
from jingwei.contract.models import Contract, Document
from jingwei.desk.models import EndOfService, Kind
from jingwei.emergency.models import Plan
from jingwei.reports import actions
from jingwei.reports.document import BY_HAND
from jingwei.reports.rounds import archive, security_check
from jingwei.reports.rounds.archive import Archive
from jingwei.reports.rounds.security_check import Security, first_day
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
DUTY = "security-check"
FIELDS = {"scope": "基线核查、弱口令", "policy": "策略已复核", "vulnerability": "高 0 中 2 低 5",
          "retention": "最早 2022-05-01", "account": "无共享账号", "advice": "升级库"}  # fmt: skip


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


def held(subject: str = "2022-Q1") -> Security:
    return security_check.gather(subject, AFTER)


def drawn(by: User) -> str:
    return said(document_of(actions.build(DUTY, "2022-Q1", by, AFTER)))


def test_each_field_of_the_check_stands_in_its_chapter(people: tuple[User, User]) -> None:
    wang, gu = people
    record = done(DUTY, wang, fields=FIELDS)
    answered(record, gu)
    photographed(record, "漏扫.pdf")
    text = drawn(wang)
    chapters = text.split("、签字确认")[0]
    for title, wanted in (("范围与方法", "基线核查"), ("边界与策略", "策略已复核"),
                          ("漏洞统计", "高 0 中 2 低 5"), ("账号审计", "无共享账号"),
                          ("风险评级与建议", "升级库")):  # fmt: skip
        assert wanted in chapters.split(f"、{title}")[1].split("\n")[1], title
    assert "漏扫.pdf" in text
    assert security_check.conclusion(held())[0] is Result.NORMAL


def test_without_a_check_nothing_is_said_to_be_safe(people: tuple[User, User]) -> None:
    wang, _ = people
    assert drawn(wang).count("未采集（本期没有安全检查记录）") == 6
    assert security_check.conclusion(held())[0] is Result.ABNORMAL
    running = security_check.gather("2022-Q1", at("2023-01-20 10:00"))
    assert security_check.conclusion(running)[0] is Result.UNCHECKED


def test_leaks_and_incidents_are_a_persons_statement(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, fields=FIELDS)
    text = drawn(wang)
    for wanted in (f"重大安全事件与数据外泄：{BY_HAND}", f"风险评级：{BY_HAND}",
                   f"等保整改项：{BY_HAND}", "未采集（日志模块尚未接入）",
                   "未采集（备份模块尚未接入）"):  # fmt: skip
        assert wanted in text, wanted


@pytest.mark.parametrize(
    ("oldest", "word"),
    [("2022-07-12", "满足留存 6 个月"), ("2022-07-13", "不满足留存 6 个月"),
     ("2022年7月1日", "满足留存 6 个月")],
)  # fmt: skip
def test_six_months_of_logs_are_reckoned_from_the_oldest_day(
    oldest: str, word: str, people: tuple[User, User]
) -> None:
    wang, _ = people
    done(DUTY, wang, fields=FIELDS | {"retention": f"最早一条 {oldest}"})
    assert f"检查日 2023-01-12：{word}" in drawn(wang)


def test_a_date_nobody_can_read_is_not_judged(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, fields=FIELDS | {"retention": "去年春天；2022-13-45"})
    assert "留存 6 个月" not in drawn(wang)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.text(max_size=20))
def test_the_first_day_a_text_names_is_found(day: date, before: str) -> None:
    before = "".join(char for char in before if not char.isdigit())
    for written in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日"):
        assert first_day(f"{before} {written} 起") == day
    assert first_day(before) is None


def test_somebody_who_left_and_may_still_log_in_is_a_breach(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done(DUTY, wang, fields=FIELDS), gu)
    Person.objects.create(name="李某", line="first", user=wang, valid_to=date(2022, 12, 31))
    Person.objects.create(name="赵某", line="first", valid_to=date(2022, 12, 31))  # no login
    assert [one.name for one in held().accounts] == ["李某"]
    assert security_check.conclusion(held())[0] is Result.ABNORMAL
    assert "李某 2022-12-31 须停用" in drawn(wang)
    User.objects.filter(pk=wang.pk).update(is_active=False)
    assert held().accounts == ()


def test_security_devices_are_counted_with_what_watches_them(people: tuple[User, User]) -> None:
    wang, _ = people
    assert "防火墙 1 未采集" in drawn(wang)
    watched("HW-020-1", "security.online", Result.ABNORMAL)
    device = held().devices[0]
    assert (device.kind, device.devices, device.watched, device.worst) == (
        "防火墙", 1, 1, Result.ABNORMAL,
    )  # fmt: skip
    assert {zone.zone: zone.devices for zone in held().zones} == {"外网区": 1, "未登记区域": 3}


def test_only_findings_on_security_devices_are_here(people: tuple[User, User]) -> None:
    del people
    hot("HW-001-1", "server.disk")
    hot("HW-020-1", "security.online")
    assert [one.target for one in held().issues] == ["HW-020-1"]


def test_daily_answers_about_security_are_added_up(people: tuple[User, User]) -> None:
    wang, _ = people
    assert "日检安全项：未采集（本期没有日检结果）" in drawn(wang)
    run = RoutineRun.objects.create(routine="daily", date=date(2023, 1, 5))
    firewall = Target.objects.get(key="HW-020-1")
    ItemResult.objects.create(
        run=run, item="security.online", target=firewall, result=Result.NORMAL,
        at=at("2023-01-05 06:00"),
    )  # fmt: skip
    assert "安全设备在线 1 0 0 0" in drawn(wang)


def test_changes_of_security_devices_only(people: tuple[User, User]) -> None:
    wang, _ = people
    firewall = opened(wang, Kind.CHANGE, "放通端口", target=Target.objects.get(key="HW-020-1"))
    opened(wang, Kind.CHANGE, "扩容", target=Target.objects.get(key="HW-001-1"))
    assert [one.number for one in held().changes] == [firewall.number]


# -- the archive


def book(subject: str = "2022") -> Archive:
    return archive.gather(subject, AFTER)


def filed(by: User) -> str:
    return said(document_of(actions.build("archive", "2022", by, AFTER)))


def test_it_holds_the_register_as_it_was_read(people: tuple[User, User]) -> None:
    wang, _ = people
    text = filed(wang)
    for wanted in ("台账读取时间：2023-02-10 10:00", "HW-046 UPS 120K UPS 永和路数据中心 2 过保",
                   "HW-046-2 UPS 120K", "APP-08 区域PACS", "主机 HW-001-1", "主机 1"):  # fmt: skip
        assert wanted in text, wanted
    assert "未采集（台账未登记电源线）" in text


def test_what_has_no_paper_is_said_by_chapter(people: tuple[User, User]) -> None:
    wang, _ = people
    before = archive.conclusion(book())[1]
    assert "没有归档文件的项 14 个" in before
    Document.objects.create(
        contract=Contract.objects.get(code="jingan-2022"), kind="archive-config",
        title="拓扑与地址", at=at("2022-12-01 09:00"), by=wang, by_name="王磊",
    )  # fmt: skip
    assert "没有归档文件的项 13 个" in archive.conclusion(book())[1]
    assert "A 系统配置 1 2022-12-01 09:00 拓扑与地址（document:" in filed(wang)
    assert archive.conclusion(book())[0] is Result.ATTENTION


def test_every_change_of_the_register_since_the_year_began_is_listed(
    people: tuple[User, User],
) -> None:
    wang, _ = people
    for day, kind, key in (("2022-12-01", "units", "HW-001-1"), ("2022-10-01", "units", "OLD"),
                           ("2022-12-02", "ticket", "GD-1")):  # fmt: skip
        accounts.record(
            wang, f"{kind}.change", kind=kind, key=key, after={"序列号": "SN1"},
            reason="现场核对 13812345678", now=at(f"{day} 09:00"),
        )  # fmt: skip
    assert [(one.key, one.fields) for one in book().edits] == [("HW-001-1", "序列号")]
    assert "13812345678" not in filed(wang)


def test_no_telephone_of_anybody_stands_in_it(people: tuple[User, User]) -> None:
    wang, _ = people
    Person.objects.create(name="王磊", line="first", phone="021-12345678", user=wang)
    text = filed(wang)
    assert "王磊 一线驻场" in text
    assert "12345678" not in text


def test_plans_versions_and_ends_are_listed(people: tuple[User, User]) -> None:
    wang, _ = people
    Plan.objects.create(
        key="pacs", version=2, title="PACS 预案", scope="x", signs="x", level=1, digest="x",
        loaded_at=at("2022-11-02 09:00"),
    )  # fmt: skip
    EndOfService.objects.create(
        maker="Dell", model="R740", support_ends=date(2022, 12, 31), source="公告",
        at=at("2022-11-03 09:00"), by=wang,
    )  # fmt: skip
    done("version-check", wang, fields={"baseline": "BIOS 2.1", "difference": "无"})
    fed("HW-001-1", "PDU-A", "PDU-B")
    text = filed(wang)
    for wanted in ("PACS 预案（第 2 版，2022-11-02 生效）", "Dell R740（2022-12-31，在用 0 台）",
                   "版本基线：BIOS 2.1", "已登记电源线 2 根"):  # fmt: skip
        assert wanted in text, wanted


def test_what_is_due_in_the_next_ninety_days_is_the_plan(people: tuple[User, User]) -> None:
    del people
    planned = book().planned
    assert planned
    last = AFTER.date() + timedelta(days=90)
    assert all(AFTER.date() <= each.last <= last for each in planned)
    assert "硬件现场巡检" in {each.what for each in planned}


def test_faults_of_devices_and_changes_stand_in_it(people: tuple[User, User]) -> None:
    wang, _ = people
    december = at("2022-12-06 09:00")
    fault = incident(wang, december, target=Target.objects.get(key="HW-001-1"))
    incident(wang, december, application=Application.objects.get(code="APP-08"))
    change = opened(wang, Kind.CHANGE, "扩容")
    assert [one.number for one in book().faults] == [fault.number]
    assert [one.number for one in book().changes] == [change.number]


def test_an_empty_register_is_no_archive_in_order(people: tuple[User, User]) -> None:
    del people
    Unit.objects.update(valid_to="2022-11-05")
    Application.objects.update(valid_to="2022-11-05")
    assert archive.conclusion(book())[0] is Result.UNCHECKED
