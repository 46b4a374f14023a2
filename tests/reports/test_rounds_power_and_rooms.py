"""UPS discharges and the rooms: what was done, what was measured, and what nobody did."""

from datetime import date

import pytest
from desk_making import at
from round_making import AFTER, answered, done, fed, hot, measured, said, watched, world

from jingwei.accounts.models import User
from jingwei.assets.models import Unit
from jingwei.reports import actions
from jingwei.reports.document import BY_HAND, SignatureBlock
from jingwei.reports.errors import ReportError
from jingwei.reports.rounds import room_record, ups_discharge
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
HALF_OVER = at("2023-05-03 10:00")
FIELDS = {"before": "2.27 V / 3.1 mΩ", "load": "41 %", "minutes": "30", "end-voltage": "1.85 V",
          "after": "2.25 V", "weak": "无", "result": "正常，回电 13812345678"}  # fmt: skip


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


def test_each_discharge_has_its_own_page_of_facts(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done("ups-discharge", wang, object="HW-046-1", fields=FIELDS), gu)
    text = said(document_of(actions.build("ups-discharge", "2022-H1", wang, AFTER)))
    for wanted in ("放电前单体电压/内阻 2.27 V / 3.1 mΩ", "负载率 41 %", "终止电压 1.85 V",
                   "设　　备 HW-046-1 UPS 120K", "已确认 顾主任", "1 / 2"):  # fmt: skip
        assert wanted in text, wanted
    assert f"容量估算 {BY_HAND}" in text  # nobody measured it: a person's word
    assert "13812345678" not in text


def test_the_power_company_signs_too(people: tuple[User, User]) -> None:
    wang, _ = people
    drawn = document_of(actions.build("ups-discharge", "2022-H1", wang, AFTER))
    parties = [p.title for b in drawn.blocks if isinstance(b, SignatureBlock) for p in b.parties]
    assert parties == ["服务方（盖章）", "用户方（盖章）", "强电运维单位（签字）"]


def test_what_was_not_done_in_a_half_that_is_over_is_missed(people: tuple[User, User]) -> None:
    wang, gu = people
    answered(done("ups-discharge", wang, object="HW-046-1", fields=FIELDS), gu)
    running = ups_discharge.gather("2022-H1", AFTER)
    over = ups_discharge.gather("2022-H1", HALF_OVER)
    assert ups_discharge.conclusion(running)[0] is Result.ATTENTION
    assert ups_discharge.conclusion(over)[0] is Result.ABNORMAL
    text = said(document_of(actions.build("ups-discharge", "2022-H1", wang, HALF_OVER)))
    assert "本期没有充放电记录的 UPS：HW-046-2。" in text
    assert f"未做原因与补做安排：{BY_HAND}" in text


def test_both_units_done_and_confirmed_is_in_order(people: tuple[User, User]) -> None:
    wang, gu = people
    for code in ("HW-046-1", "HW-046-2"):
        answered(done("ups-discharge", wang, object=code, fields=FIELDS), gu)
    assert ups_discharge.conclusion(ups_discharge.gather("2022-H1", AFTER)) == (
        Result.NORMAL, "UPS 2 台，本期已充放电 2 台，未做 0 台；待甲方确认 0 次",
    )  # fmt: skip


def test_one_nobody_confirmed_waits_and_a_bad_one_is_bad(people: tuple[User, User]) -> None:
    wang, _ = people
    for code in ("HW-046-1", "HW-046-2"):
        done("ups-discharge", wang, object=code, fields=FIELDS)
    assert ups_discharge.conclusion(ups_discharge.gather("2022-H1", AFTER))[0] is Result.ATTENTION
    done("ups-discharge", wang, "2023-01-20 09:00", object="HW-046-2", result="abnormal")
    assert ups_discharge.conclusion(ups_discharge.gather("2022-H1", AFTER))[0] is Result.ABNORMAL


def test_the_second_half_counts_the_first_for_the_year(people: tuple[User, User]) -> None:
    wang, _ = people
    done("ups-discharge", wang, object="HW-046-1", fields=FIELDS)
    done("ups-discharge", wang, "2023-05-02 09:00", object="HW-046-1", fields=FIELDS)
    held = ups_discharge.gather("2022-H2", HALF_OVER)
    assert (len(held.rows), len(held.year)) == (1, 2)
    assert held.period == (date(2023, 5, 1), date(2023, 10, 31))


def test_only_a_ups_can_be_asked_for(people: tuple[User, User]) -> None:
    del people
    assert [unit.code for unit in ups_discharge.gather("2022-H1/HW-046-2", AFTER).units] == [
        "HW-046-2"
    ]
    with pytest.raises(ReportError, match="“HW-001-1”不是在用的 UPS"):
        ups_discharge.gather("2022-H1/HW-001-1", AFTER)
    with pytest.raises(ReportError, match=r"2022-Q1.*年-H半年"):
        ups_discharge.gather("2022-Q1", AFTER)
    Unit.objects.filter(row__kind="ups").update(valid_to="2022-11-05")
    with pytest.raises(ReportError, match="没有在用的 UPS"):
        ups_discharge.gather("2022-H1", AFTER)


# -- rooms


def climate(low: float = 22.0, high: float = 26.0, day: date = date(2022, 12, 1)) -> None:
    """A day of temperature in the room."""
    check = watched("ROOM-01", "room.temperature", Result.NORMAL, name=str(day))
    measured(check, "room.temperature", "℃", day, low, high)


def rooms(by: User) -> str:
    """What the record of the first quarter says."""
    return said(document_of(actions.build("room-record", "2022-Q1", by, AFTER)))


def test_climate_is_the_lowest_the_highest_and_how_many_days_are_known(
    people: tuple[User, User],
) -> None:
    wang, _ = people
    climate()
    text = rooms(wang)
    assert "永和路机房 温度（℃） 1 / 92 22 26 24 无" in text
    assert "其余各天未采集，不视为正常" in text


def test_both_ends_of_the_range_are_good_and_beyond_them_is_not(
    people: tuple[User, User],
) -> None:
    wang, _ = people
    climate(18.0, 28.0)
    assert not room_record.gather("2022-Q1", AFTER).climate[0].out
    climate(18.0, 28.1, date(2022, 12, 2))
    assert room_record.gather("2022-Q1", AFTER).climate[0].out == ("2022-12-02",)
    assert "✕" not in rooms(wang).split("温湿度（范围")[1].split("超限与处置")[0]
    assert "1 天：2022-12-02" in rooms(wang)


def test_without_readings_the_climate_is_not_collected(people: tuple[User, User]) -> None:
    wang, _ = people
    assert "未采集（本期没有温湿度读数）" in rooms(wang)
    assert "温湿度未采集" in room_record.conclusion(room_record.gather("2022-Q1", AFTER))[1]


def test_a_reading_after_the_quarter_is_not_of_it(people: tuple[User, User]) -> None:
    del people
    climate(day=date(2023, 2, 1))
    assert room_record.gather("2022-Q1", AFTER).climate == ()


def test_each_round_has_its_table_and_a_missing_one_is_told(people: tuple[User, User]) -> None:
    wang, gu = people
    leak = done("leak-check", wang, fields={"point": "空调排水", "result": "干燥"})
    answered(leak, gu)
    done("ups-inspection", wang, object="HW-046-1", fields={"load": "41 %", "with": "强电公司"})
    text = rooms(wang)
    assert "点位：空调排水；结果：干燥" in text
    assert "负载率：41 %；强电单位：强电公司" in text
    assert "消防隐患排查表：未采集（本期没有人登记）" in text
    assert "漏水点人工排查 1 1" in text
    assert "消防隐患排查 1 0 ✕ 逾期未完成" in text


def test_a_missed_round_makes_the_record_bad(people: tuple[User, User]) -> None:
    wang, _ = people
    done("leak-check", wang)
    verdict, sentence = room_record.conclusion(room_record.gather("2022-Q1", AFTER))
    assert verdict is Result.ABNORMAL
    assert "消防隐患排查" in sentence
    assert "漏水点人工排查" not in sentence


def test_a_breach_stands_with_what_was_done_about_it(people: tuple[User, User]) -> None:
    wang, _ = people
    climate(18.0, 29.0)
    hot("ROOM-01", "room.temperature")
    done("crac-maintenance", wang, fields={"work": "清洗滤网", "result": "恢复"})
    text = rooms(wang)
    assert "永和路机房（ROOM-01） 机房温度" in text
    assert "维护内容：清洗滤网" in text


def test_power_is_known_unit_by_unit_or_not_at_all(people: tuple[User, User]) -> None:
    wang, _ = people
    assert "机柜-PDU-服务器映射：未采集（台账未登记电源线）" in rooms(wang)
    fed("HW-001-1", "PDU-A", "PDU-A")
    held = room_record.gather("2022-Q1", AFTER)
    assert held.power is not None
    assert (held.power.units, held.power.known, held.power.poor) == (1, 1, ("HW-001-1",))
    assert "例外清单：HW-001-1。" in rooms(wang)


def test_two_pdus_are_enough(people: tuple[User, User]) -> None:
    del people
    fed("HW-001-1", "PDU-A", "PDU-B")
    held = room_record.gather("2022-Q1", AFTER)
    assert held.power is not None
    assert held.power.poor == ()


def test_rooms_go_by_no_object(people: tuple[User, User]) -> None:
    del people
    with pytest.raises(ReportError, match="不分对象"):
        room_record.gather("2022-Q1/ROOM-01", AFTER)
