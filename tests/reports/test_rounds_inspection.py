"""The hardware inspection report: four elements a unit, what is missing, the client's word."""

import pytest
from desk_making import at
from round_making import (
    AFTER,
    ELEMENTS,
    IN_Q1,
    answered,
    done,
    hot,
    photographed,
    said,
    sheet,
    watched,
    world,
)

from jingwei.accounts.models import User
from jingwei.assets.models import Unit
from jingwei.desk.models import EndOfService
from jingwei.reports import actions, kinds
from jingwei.reports.document import BY_HAND, Document
from jingwei.reports.errors import ReportError
from jingwei.reports.rounds import inspection
from jingwei.reports.rounds.inspection import Inspection
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
DUTY = "hardware-inspection"
ALL = ("HW-001-1", "HW-020-1", "HW-046-1", "HW-046-2")


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


def held(subject: str = "2022-Q1") -> Inspection:
    return inspection.gather(subject, AFTER)


def drawn(by: User, subject: str = "2022-Q1") -> Document:
    return document_of(actions.build("inspection", subject, by, AFTER))


def test_the_four_elements_of_the_tender_stand_for_each_unit(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, object="HW-001-1", fields=ELEMENTS)
    text = said(drawn(wang))
    for wanted in ("逐台查看面板、电源、风扇", "09:00～09:30", "业务正常", "正常 5 项"):
        assert wanted in text
    assert "下次更换风扇" in text  # the advice (L622) has its table
    assert "逐台巡检结果（四要素）" in text


def test_an_element_nobody_filled_in_is_told(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, object="HW-001-1", fields={"content": "看面板"})
    text = said(drawn(wang))
    assert (
        text.count("未采集（记录未填写）") == 2
    )  # running and health; the time is the record's own
    assert "2023-01-12 09:30" in text


def test_units_without_a_record_are_named_and_never_in_order(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done(DUTY, wang, object="HW-001-1", fields=ELEMENTS), gu)
    verdict, sentence = inspection.conclusion(held())
    assert verdict is Result.ABNORMAL  # the quarter is over
    assert sentence == "应巡 4 台，已巡 1 台，未巡 3 台；待客户确认 0 台"
    text = said(drawn(wang))
    assert "未巡设备：HW-020-1、HW-046-1、HW-046-2。" in text
    assert f"未巡原因：{BY_HAND}" in text


def test_while_the_quarter_lasts_what_is_missing_is_not_late(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done(DUTY, wang, object="HW-001-1", fields=ELEMENTS), gu)
    running = inspection.gather("2022-Q1", at("2023-01-20 10:00"))
    assert inspection.conclusion(running)[0] is Result.ATTENTION


def test_all_inspected_and_confirmed_is_in_order(people: tuple[User, User]) -> None:
    wang, gu = people
    for code in ALL:
        answered(done(DUTY, wang, object=code, fields=ELEMENTS), gu)
    assert inspection.conclusion(held())[0] is Result.NORMAL
    assert "已由客户在平台确认 4 台" in said(drawn(wang))


def test_without_the_clients_word_it_is_not_in_order(people: tuple[User, User]) -> None:
    wang, _ = people
    for code in ALL:
        done(DUTY, wang, object=code, fields=ELEMENTS)
    verdict, sentence = inspection.conclusion(held())
    assert verdict is Result.ATTENTION
    assert "待客户确认 4 台" in sentence
    assert "无客户确认的巡检不算完成" in said(drawn(wang))


def test_what_the_client_refused_stands_with_his_words(people: tuple[User, User]) -> None:
    wang, gu = people
    record = done(DUTY, wang, object="HW-001-1", fields=ELEMENTS)
    answered(record, gu, granted=False, note="滤网没有看，致电 13812345678")
    text = said(drawn(wang))
    assert "不同意 1 台" in text
    assert "滤网没有看" in text
    assert "13812345678" not in text


def test_a_bad_unit_is_a_problem_with_someone_to_name(people: tuple[User, User]) -> None:
    wang, gu = people
    record = done(DUTY, wang, object="HW-020-1", fields=ELEMENTS, result="abnormal")
    answered(record, gu)
    text = said(drawn(wang))
    assert f"1 HW-020-1 ✕ 异常 建议与隐患：下次更换风扇 {BY_HAND}" in text
    assert inspection.conclusion(held())[0] is Result.ABNORMAL


def test_the_newest_of_several_records_counts(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, "2022-12-01 09:00", object="HW-001-1", result="abnormal", fields=ELEMENTS)
    newer = done(DUTY, wang, object="HW-001-1", fields=ELEMENTS)
    found = held().of("HW-001-1")
    assert found is not None
    assert found.ref == f"duty:{newer.pk}"


def test_checks_stand_beside_the_inspection_and_never_in_its_place(
    people: tuple[User, User],
) -> None:
    del people
    watched("HW-001-1", "server.online", Result.NORMAL)
    watched("HW-001-1", "server.disk", Result.ABNORMAL)
    watched("HW-001-1", "server.power", Result.NORMAL, "2023-02-05 08:00")  # after the quarter
    unit = held().units[0]
    assert sorted(unit.checks.split("、")) == ["异常 1", "未检 1", "正常 1"]
    assert unit.worst == Result.ABNORMAL
    assert held().seen == ()
    assert inspection.conclusion(held())[0] is Result.UNCHECKED


def test_a_unit_no_check_watches_is_said_to_be_so(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, object="HW-001-1", fields=ELEMENTS)
    assert "未接入自动检查" in said(drawn(wang))


def test_findings_of_the_quarter_are_listed_with_their_tickets(people: tuple[User, User]) -> None:
    wang, _ = people
    hot()
    text = said(drawn(wang))
    assert "服务器 R740 HW-001-1（HW-001-1）" in text
    assert "未恢复 未转工单" in text


def test_one_site_or_one_unit_can_be_asked_for(people: tuple[User, User]) -> None:
    wang, _ = people
    for code in ALL:
        done(DUTY, wang, object=code, fields=ELEMENTS)
    assert [unit.code for unit in held("2022-Q1/SITE-2").units] == ["HW-020-1"]
    one = held("2022-Q1/hw-046-2")
    assert [unit.code for unit in one.units] == ["HW-046-2"]
    assert [row.object for row in one.rows] == ["HW-046-2"]


def test_a_unit_there_is_not_is_told(people: tuple[User, User]) -> None:
    del people
    with pytest.raises(ReportError, match="没有在用的设备或站点“HW-999-9”"):
        held("2022-Q1/HW-999-9")
    with pytest.raises(ReportError, match="之后应写设备号或站点号"):
        held("2022-Q1/")


def test_an_empty_register_has_no_inspection(people: tuple[User, User]) -> None:
    del people
    Unit.objects.update(valid_to="2022-11-05")
    with pytest.raises(ReportError, match="没有在用的设备"):
        held()


def test_the_calendar_quarter_is_clipped_to_the_term(people: tuple[User, User]) -> None:
    del people
    assert kinds.of("inspection").number("2022-C4") == "JAWS-XJ-2022C4-01"
    assert held("2022-C4").period[0].isoformat() == "2022-11-01"


def test_a_record_of_another_quarter_is_not_this_ones(people: tuple[User, User]) -> None:
    wang, _ = people
    done(DUTY, wang, "2023-02-03 09:00", object="HW-001-1", fields=ELEMENTS)
    assert held().rows == ()


def test_a_sheet_filled_on_site_shows_what_is_not_in_order(people: tuple[User, User]) -> None:
    wang, _ = people
    record = done(DUTY, wang, object="HW-001-1", fields=ELEMENTS)
    sheet(record, ("面板指示灯", Result.NORMAL, ""), ("电源", Result.ATTENTION, "一路无电"))
    whole = said(drawn(wang))
    assert "一路无电" in whole
    assert "面板指示灯" not in whole  # in order: the unit's own report has it
    assert "面板指示灯" in said(drawn(wang, "2022-Q1/HW-001-1"))


def test_photos_stand_with_their_hashes(people: tuple[User, User]) -> None:
    wang, _ = people
    photographed(done(DUTY, wang, object="HW-001-1", fields=ELEMENTS))
    assert "面板.jpg abababababababab…" in said(drawn(wang))


def test_what_ends_soon_is_listed(people: tuple[User, User]) -> None:
    wang, _ = people
    unit = Unit.objects.select_related("row").get(code="HW-001-1")
    unit.row.purchase_month = unit.row.purchase_month.replace(2020, 3)
    unit.row.model, unit.row.vendor = "R740", "Dell"
    unit.row.save()
    EndOfService.objects.create(
        maker="Dell", model="R740", support_ends="2022-12-31", source="公告", at=IN_Q1, by=wang
    )
    text = said(drawn(wang))
    assert "停产停服 Dell R740 2022-12-31 已到期" in text
    assert "保修 HW-001 服务器 R740 2023-03-31 将到期" in text
