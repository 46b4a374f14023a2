"""Spare parts, the development ledger, trainings, staffing, performance: each figure by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from desk_making import at, incident, request
from hypothesis import given
from hypothesis import strategies as st
from round_making import hot, measured, said, watched
from slip_making import (
    AFTER,
    PERFORMANCE,
    TRAINING,
    Cast,
    attached,
    away,
    came,
    close,
    demanded,
    duty,
    fill,
    fitted,
    opened,
    replaced,
    spare,
)

from jingwei.assets.models import Person
from jingwei.desk import actions as desk
from jingwei.desk.models import Asked, EndOfService, Kind, Origin, SparePart
from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.document import Behind, Block, KeyValues, PageBreak, Table
from jingwei.reports.errors import ReportError
from jingwei.reports.forms import (
    dev_ledger,
    ledger,
    performance,
    periods,
    spare_parts,
    staffing,
    training,
)
from jingwei.reports.forms.dev_ledger import Demand, Ledger
from jingwei.reports.forms.spare_parts import Fitted, Parts
from jingwei.reports.forms.staffing import Away, Day, Replaced, Staff
from jingwei.reports.periodic.rows import Booked, Present, Rows, chosen
from jingwei.reports.periodic.spans import Span
from jingwei.terms import Result

ISSUE = Issue("JAWS-KF-2022Q1-01", 1, at("2023-02-10 10:00"), "王磊")
PROJECT = Project("静安区区域卫生信息平台日常运维", "信息中心")
SPAN = Span(
    "quarterly", "2022-Q1", "2022 合同年度第 1 季度", date(2022, 11, 1), date(2023, 1, 31),
    date(2022, 11, 1), date(2023, 10, 31), at("2023-02-01 00:00"),
)  # fmt: skip
MONTH = "2022-11"


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


def cells(blocks: tuple[Block, ...], label: str) -> list[str]:
    """What the grids say behind a label."""
    return [
        cell.text for block in blocks if isinstance(block, KeyValues)
        for name, cell in block.pairs if name == label
    ]  # fmt: skip


def table(blocks: tuple[Block, ...], caption: str) -> Table:
    """The one table whose caption ends so."""
    (found,) = [b for b in blocks if isinstance(b, Table) and b.caption.endswith(caption)]
    return found


def links(blocks: tuple[Block, ...]) -> list[Behind]:
    """Every number that opens its rows."""
    rows = [cell for block in blocks if isinstance(block, Table)
            for row in block.rows for cell in row.cells]  # fmt: skip
    rows += [cell for block in blocks if isinstance(block, KeyValues) for _, cell in block.pairs]
    return [cell.rows for cell in rows if isinstance(cell.rows, Behind)]


# What is asked for


@pytest.mark.parametrize(
    ("subject", "first", "last"),
    [
        ("2022-12", date(2022, 12, 1), date(2022, 12, 31)),
        ("2022-Q1", date(2022, 11, 1), date(2023, 1, 31)),
        ("2022-C4", date(2022, 11, 1), date(2022, 12, 31)),
        (" 2022 ", date(2022, 11, 1), date(2023, 10, 31)),
    ],
)
def test_a_ledger_is_asked_for_by_month_quarter_or_year(
    cast: Cast, subject: str, first: date, last: date
) -> None:
    _, span = periods.find(subject, AFTER, "quarterly", "annual", "monthly")
    assert (span.first, span.last) == (first, last)


def test_a_period_the_kind_does_not_take_is_refused_with_those_it_does(cast: Cast) -> None:
    with pytest.raises(ReportError, match=r"“2022”应写成 年-月，如 2026-11；或 年-Q季"):
        periods.find("2022", AFTER, "monthly", "quarterly")
    assert periods.asked(("annual",), "培训单").endswith("培训单的单号，如 GD-2026-00001")


def test_a_ticket_gives_the_days_of_its_records(cast: Cast) -> None:
    ticket = spare(cast)
    fitted(cast, ticket, "2022-12-09 10:00")
    _, span, found = periods.of_ticket(ticket.number, AFTER, "spare-parts", Kind.SPARE_PART)
    assert found.pk == ticket.pk
    assert (span.first, span.last) == (date(2022, 12, 6), date(2022, 12, 9))
    assert span.closed


@given(st.text(max_size=200))
def test_a_number_holds_letters_digits_and_hyphens_only(text: str) -> None:
    number = periods.number("KF", text)
    assert number.startswith("JAWS-KF-")
    assert number.endswith("-01")
    assert len(number) < 80
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in number)


def test_references_name_the_appendix_where_their_rows_stand() -> None:
    rows = Rows(efforts=(Booked("GD-1", date(2022, 12, 1), "1", "王磊", "x"),),
                presence=(Present(date(2022, 12, 1), 4),))  # fmt: skip
    assert periods.counted(rows, "efforts").appendix == "附件 1"
    assert periods.counted(rows, "presence").appendix == "附件 2"
    assert periods.counted(rows, "tickets").appendix == ""
    titles = [block.text for block in periods.listed(rows) if hasattr(block, "level")]
    assert titles == ["附件 1　开发工作量明细", "附件 2　在岗逐日明细"]


def test_wide_rows_stand_on_a_page_across(cast: Cast) -> None:
    fitted(cast, spare(cast))
    held = spare_parts.gather("2022-Q1", AFTER)
    blocks = spare_parts.document(held, ISSUE, draft=True).blocks
    assert [block.landscape for block in blocks if isinstance(block, PageBreak)] == [True]
    assert ledger.count(3).align is None
    assert ledger.count(3, Result.ABNORMAL).state is Result.ABNORMAL
    assert ledger.count(0, Result.ABNORMAL).state is None


# Spare parts


def part(**more: Any) -> Fitted:
    given_: dict[str, Any] = {
        "number": "GD-1", "at": at("2022-12-07 10:00"), "by": "王磊", "device": "HW-001-1",
        "name": "硬盘", "model": "SAS", "serial_out": "OLD", "serial_in": "NEW",
        "origin": "二手件", "genuine": False,
    }  # fmt: skip
    return Fitted(**{**given_, **more})


@pytest.mark.parametrize(
    ("more", "founded"),
    [
        ({"genuine": True}, True),
        ({}, False),
        ({"production": date(2020, 1, 1)}, False),
        ({"production": date(2020, 1, 1), "support": date(2022, 12, 7)}, True),
        ({"production": date(2020, 1, 1), "support": date(2022, 12, 8)}, False),
    ],
)
def test_second_hand_needs_both_ends_before_the_fitting(
    more: dict[str, Any], founded: bool
) -> None:
    held = part(**more)
    assert held.founded is founded
    result, _ = spare_parts.conclusion(Parts(PROJECT, SPAN, fitted=(held,)))
    assert (result is Result.ABNORMAL) is not founded


def test_a_disk_nobody_knows_the_place_of_is_never_in_order() -> None:
    lost = Parts(PROJECT, SPAN, fitted=(part(genuine=True, disk=True),))
    assert spare_parts.conclusion(lost)[0] is Result.ABNORMAL
    blocks = spare_parts.document(lost, ISSUE, draft=True).blocks
    assert table(blocks, "含数据的旧盘").rows[0].cells[3].text == "未登记"
    kept = Parts(PROJECT, SPAN, fitted=(part(genuine=True, disk=True, kept="保险柜"),))
    assert spare_parts.conclusion(kept)[0] is Result.NORMAL


def test_no_part_is_neither_good_nor_bad_and_no_stock_is_ever_counted() -> None:
    held = Parts(PROJECT, SPAN)
    assert spare_parts.conclusion(held) == (Result.NOT_APPLICABLE, "本期无备件更换")
    text = said(spare_parts.document(held, ISSUE, draft=True))
    for wanted in ("更换明细：本期无。", "未采集（平台不登记备件库存）", "（待服务方填写）"):
        assert wanted in text


def test_the_parts_of_a_quarter_are_told_with_both_serials_and_their_ticket(cast: Cast) -> None:
    ticket = spare(cast)
    fitted(cast, ticket)
    fitted(cast, ticket, "2023-02-05 10:00", "2")  # of the next quarter
    held = spare_parts.gather("2022-Q1", AFTER)
    assert [(one.serial_out, one.serial_in) for one in held.fitted] == [("OLD-1", "NEW-1")]
    one = held.fitted[0]
    assert (one.kept, one.warranty, one.supplier) == ("机房保险柜 2", "2025-12-31", "原厂代理")
    assert (one.voucher, one.down) == ("", None)
    blocks = spare_parts.document(held, ISSUE, draft=True).blocks
    assert cells(blocks, "更换件数") == ["1"]
    assert cells(blocks, "采购凭证") == ["未采集（未登记）"]
    assert len(spare_parts.gather("2022", AFTER).fitted) == 2
    (ref,) = links(blocks)
    assert [row.number for row in chosen(held.rows, ref)] == [ticket.number]


def test_a_part_not_fitted_yet_is_waited_for(cast: Cast) -> None:
    ticket = spare(cast)
    held = spare_parts.gather("2022-Q1", AFTER)
    assert [(one.number, one.part) for one in held.waiting] == [(ticket.number, "硬盘 600G")]
    assert spare_parts.conclusion(held)[0] is Result.ATTENTION
    own = spare_parts.gather(ticket.number, AFTER)
    assert (own.ticket, len(own.waiting)) == (ticket.number, 1)
    fitted(cast, ticket)
    assert spare_parts.gather(ticket.number, AFTER).waiting == ()
    assert spare_parts.gather("2022-Q1", AFTER).waiting == ()


def test_a_fault_that_took_a_part_has_its_record_with_its_files(cast: Cast) -> None:
    fault = incident(cast.wang)
    fitted(cast, fault, disk=False, disk_kept="")
    attached(fault, cast.wang, "更换单.pdf")
    held = spare_parts.gather(fault.number, AFTER)
    assert [one.number for one in held.fitted] == [fault.number]
    text = said(spare_parts.document(held, ISSUE, draft=True))
    assert "更换单.pdf" in text
    assert "未采集（平台只登记存储介质的去向）" in text


def test_second_hand_on_record_names_what_it_rests_on(cast: Cast) -> None:
    ticket = spare(cast)
    desk.record_end_of_service(
        "华为", "SAS 600G", date(2019, 1, 1), date(2021, 1, 1), "公告 9", cast.wang,
        at("2022-12-06 09:30"),
    )  # fmt: skip
    fitted(cast, ticket, origin=Origin.SECOND_HAND)
    held = spare_parts.gather("2022-Q1", AFTER)
    assert held.fitted[0].basis == EndOfService.objects.get().source == "公告 9"
    assert held.fitted[0].founded
    row = table(spare_parts.document(held, ISSUE, draft=True).blocks, "二手件依据").rows[0]
    assert [cell.text for cell in row.cells[2:5]] == ["公告 9", "2019-01-01", "2021-01-01"]
    assert SparePart.objects.count() == 1


# Development


def demand(**more: Any) -> Demand:
    given_ = {"number": "GD-1", "demand": "XQ-7", "system": "区域PACS", "title": "接口",
              "basis": "文件", "estimate": "6", "agreed": "6", "accepted": "", "state": "处理中",
              "period": "2.5", "used": "2.5"} | more  # fmt: skip
    return Demand(**given_)


def book(*demands: Demand, left: str = "215.00", **more: Any) -> Ledger:
    rows = Rows(efforts=(Booked("GD-1", date(2022, 12, 7), "2.5", "王磊", "开发"),))
    given_ = {
        "limit": "217.50",
        "used": "2.50",
        "period_used": "2.50",
        "left": left,
        "months": "0.11",
        "note": "口径",
        "demands": demands,
        "rows": rows,
    } | more
    return Ledger(PROJECT, SPAN, **given_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "result"),
    [
        (book(demand()), Result.NORMAL),
        (book(demand(agreed="")), Result.ATTENTION),
        (book(demand(agreed="2")), Result.ATTENTION),
        (book(demand(agreed="", used="0")), Result.NORMAL),
        (book(demand(), left="-1.00"), Result.ABNORMAL),
        (book(rows=Rows()), Result.NOT_APPLICABLE),
    ],
)
def test_the_ledgers_verdict(held: Ledger, result: Result) -> None:
    assert dev_ledger.conclusion(held)[0] is result


def test_what_both_sides_must_settle_is_listed() -> None:
    held = book(demand(agreed=""), demand(number="GD-2", agreed="2"), left="-3.50")
    text = said(dev_ledger.document(held, ISSUE, draft=True))
    assert "超出额度 3.50 人日" in text
    assert "GD-1 已登记 2.5 人日，甲方未确认。" in text
    assert "GD-2 累计 2.5 人日，超过甲方确认的 2 人日。" in text
    assert "本期无。" in said(dev_ledger.document(book(demand()), ISSUE, draft=True))


def test_the_ledger_adds_up_the_bookings_of_the_year_and_of_the_period(cast: Cast) -> None:
    first = demanded(cast, ("2022-12-07", "2.5"), ("2022-12-08", "1.5"), agreed="6")
    second = demanded(cast, ("2023-02-03", "3"))
    whole = dev_ledger.gather("2022", AFTER)
    assert [(one.number, one.used) for one in whole.demands] == [
        (first.number, "4.00"), (second.number, "3.00"),
    ]  # fmt: skip
    assert (whole.used, whole.left) == ("7.00", "210.50")
    quarter = dev_ledger.gather("2022-Q1", AFTER)
    assert (quarter.used, quarter.period_used) == ("4.00", "4.00")
    next_ = dev_ledger.gather("2022-Q2", AFTER)
    assert (next_.used, next_.period_used) == ("7.00", "3.00")
    assert [one.period for one in next_.demands] == ["0", "3.00"]
    assert dev_ledger.gather("2022-12", AFTER).period_used == "4.00"


def test_each_figure_of_the_ledger_opens_the_bookings_it_adds_up(cast: Cast) -> None:
    first = demanded(cast, ("2022-12-07", "2.5"), ("2022-12-08", "1.5"), agreed="6")
    demanded(cast, ("2022-12-09", "1"))
    held = dev_ledger.gather("2022-Q1", AFTER)
    blocks = dev_ledger.document(held, ISSUE, draft=True).blocks
    every, *by_demand = links(blocks)
    totals = {sum(Decimal(row.days) for row in chosen(held.rows, ref))
              for ref in (every, *by_demand)}  # fmt: skip
    assert totals == {Decimal("5"), Decimal("4"), Decimal("1")}
    own = next(ref for ref in links(blocks) if ("number", (first.number,)) in ref.where)
    assert [row.days for row in chosen(held.rows, own)] == ["2.50", "1.50"]


def test_a_correction_stands_beside_what_it_corrects(cast: Cast) -> None:
    ticket = demanded(cast, ("2022-12-07", "2.5"), agreed="6")
    wrong = ticket.efforts.get()
    desk.undo(ticket, wrong, "记错", cast.wang, at("2022-12-08 09:00"), version=ticket.version)
    held = dev_ledger.gather("2022-Q1", AFTER)
    assert [row.days for row in held.rows.efforts] == ["2.50", "-2.50"]
    assert held.rows.efforts[1].work.endswith("（更正）")
    assert Decimal(held.used) == 0


# Trainings


def session(cast: Cast, **more: object) -> Any:
    """A training of December, confirmed, with its sheet signed."""
    ticket = opened(cast, Kind.TRAINING, "training", TRAINING | more, title="PACS 培训")
    attached(ticket, cast.wang)
    return ticket


def test_a_training_is_told_with_who_held_it_and_who_came(cast: Cast) -> None:
    session(cast)
    held = training.gather("2022-Q1", AFTER)
    (one,) = held.sessions
    assert (one.topic, one.trainer, one.attended) == ("PACS 操作", "王磊", "12 人")
    assert one.held == at("2022-12-20 14:00")
    blocks = training.document(held, ISSUE, draft=True).blocks
    assert cells(blocks, "培训次数") == ["1"]
    assert cells(blocks, "到场人次") == ["12（1 次有记录）"]
    text = said(training.document(held, ISSUE, draft=True))
    for wanted in (
        "放射科",
        "三楼会议室",
        "90 分钟",
        "课件 V2",
        "签到表.pdf",
        "待甲方填写",
        "未考核",
    ):
        assert wanted in text, wanted


def test_only_the_clients_rating_makes_a_training_good(cast: Cast) -> None:
    ticket = session(cast)
    assert training.conclusion(training.gather("2022", AFTER))[0] is Result.ATTENTION
    fill(ticket, {"evaluation": "满意"}, cast.gu)
    assert training.conclusion(training.gather("2022", AFTER))[0] is Result.NORMAL
    fill(ticket, {"evaluation": "不满意", "evaluation_note": "太短"}, cast.gu)
    result, _ = training.conclusion(training.gather("2022", AFTER))
    assert result is Result.ABNORMAL


def test_nobody_counted_is_unknown_and_not_zero(cast: Cast) -> None:
    opened(cast, Kind.TRAINING, "training", TRAINING | {"attended": ""})
    held = training.gather("2022-Q1", AFTER)
    blocks = training.document(held, ISSUE, draft=True).blocks
    assert cells(blocks, "到场人次") == ["未采集（没有到场人数）"]
    assert "未采集（工单没有附件）" in said(training.document(held, ISSUE, draft=True))


def test_a_training_counts_in_the_period_it_was_held(cast: Cast) -> None:
    session(cast, held_at="2023-02-05T14:00")
    session(cast, held_at="2023-03-05T14:00")
    assert training.gather("2022-Q1", AFTER).sessions == ()
    held = training.gather("2022-Q2", AFTER)
    assert [one.held for one in held.sessions] == [at("2023-02-05 14:00")]
    assert [one.held for one in held.ahead] == [at("2023-03-05 14:00")]
    assert "2023-03-05 14:00" in said(training.document(held, ISSUE, draft=True))


def test_knowledge_handed_over_on_request_is_a_training_too(cast: Cast) -> None:
    values: dict[str, object] = {
        "topic": "接口规范", "audience": "信息科", "trainer": "王磊", "held_at": "2022-12-21T10:00",
        "place": "线上", "minutes": "60", "attended": "5", "content": "规范", "material": "V1",
    }  # fmt: skip
    ticket = opened(cast, Kind.SERVICE_REQUEST, "knowledge_transfer", values)
    held = training.gather("2022-Q1", AFTER)
    assert [one.topic for one in held.sessions] == ["接口规范"]
    own = training.gather(ticket.number, AFTER)
    assert own.ticket == ticket.number
    assert "内容：规范" in said(training.document(own, ISSUE, draft=True))


def test_another_request_is_no_training(cast: Cast) -> None:
    other = request(cast.wang)
    with pytest.raises(ReportError, match="不是培训或知识转移培训的工单"):
        training.gather(other.number, AFTER)


def test_a_training_written_down_as_a_duty_waits_for_the_clients_word(cast: Cast) -> None:
    duty(cast, "training", "2022-12-22 10:00", {"topic": "安全"}, confirmed=False)
    held = training.gather("2022", AFTER)
    assert (len(held.sessions), len(held.duties)) == (0, 1)
    assert training.conclusion(held)[0] is Result.ATTENTION
    assert "安全" in said(training.document(held, ISSUE, draft=True))


def test_no_training_at_all_is_not_in_order(cast: Cast) -> None:
    result, sentence = training.conclusion(training.gather("2022", AFTER))
    assert (result, "没有培训记录" in sentence) == (Result.UNCHECKED, True)


# Staffing


def staff(*days: Day, **more: Any) -> Staff:
    return Staff(PROJECT, SPAN, days, **more)


def day(number: int, *names: str, works: bool | None = True) -> Day:
    return Day(date(2022, 11, number), "工作日", works, 4, names)


FOUR = ("王磊", "李婷", "赵敏", "陈思远")


@pytest.mark.parametrize(
    ("held", "result"),
    [
        (staff(day(1, *FOUR)), Result.NORMAL),
        (staff(day(1, *FOUR[:3])), Result.ABNORMAL),
        (staff(day(1)), Result.UNCHECKED),
        (staff(day(1, *FOUR), day(2)), Result.ATTENTION),
        (staff(), Result.UNCHECKED),
        (staff(day(5, "王磊", works=False)), Result.UNCHECKED),
        (staff(day(1, *FOUR), day(5, "王磊", works=None)), Result.NORMAL),
    ],
)
def test_the_rosters_verdict(held: Staff, result: Result) -> None:
    assert staffing.conclusion(held)[0] is result


@given(st.lists(st.integers(0, 6), max_size=20))
def test_signed_and_unsigned_days_are_all_working_days(counts: list[int]) -> None:
    names = (*FOUR, "周敏", "吴起")
    held = staff(*(day(1 + n, *names[:c]) for n, c in enumerate(counts)))
    assert len(held.owed) == len(counts)
    assert len(held.unsigned) == counts.count(0)
    assert len(held.few) == sum(0 < c < 4 for c in counts)
    if any(0 < c < 4 for c in counts):
        assert staffing.conclusion(held)[0] is Result.ABNORMAL


def leave(answered: datetime | None, granted: bool = True) -> Away:
    return Away("王磊", at("2022-11-09 08:30"), at("2022-11-09 17:30"), "年假", "苏州", "",
                "李婷", at("2022-11-02 09:00"), "已同意" if granted else "未同意", granted,
                answered, "顾主任")  # fmt: skip


def test_consent_counts_before_leaving_only() -> None:
    assert leave(at("2022-11-09 08:30")).ahead
    assert not leave(at("2022-11-09 08:31")).ahead
    assert not leave(at("2022-11-08 08:00"), granted=False).ahead
    late = staff(day(1, *FOUR), leaves=(leave(at("2022-11-09 09:00")),))
    assert staffing.conclusion(late)[0] is Result.ABNORMAL
    assert "（事后）" in said(staffing.document(late, ISSUE, draft=True))
    waiting = staff(day(1, *FOUR), leaves=(leave(None, granted=False),))
    assert staffing.conclusion(waiting)[0] is Result.ATTENTION
    refused = staff(day(1, *FOUR), leaves=(leave(at("2022-11-08 09:00"), granted=False),))
    assert staffing.conclusion(refused)[0] is Result.NORMAL


def test_a_replacement_needs_the_clients_word_by_its_day() -> None:
    def changed(moment: str) -> Replaced:
        return Replaced(date(2022, 11, 15), "王磊", "周敏", "PMP", "调岗", False, "已同意", True,
                        at(moment), "顾主任")  # fmt: skip

    assert changed("2022-11-15 23:59").ahead
    assert not changed("2022-11-16 00:00").ahead


def test_who_signed_in_is_told_day_by_day_and_nobody_is_presumed(cast: Cast) -> None:
    for name in FOUR:
        came(name, 7)
    came("王磊", 8)
    held = staffing.gather(MONTH, AFTER)
    days = {one.date.day: one for one in held.days}
    assert sorted(days[7].came) == sorted(FOUR)
    assert days[8].came == ("王磊",)
    assert days[9].came == ()
    assert (len(held.owed), len(held.few), len(held.unsigned)) == (22, 1, 20)
    blocks = staffing.document(held, ISSUE, draft=True).blocks
    rows = {row.cells[0].text: row for row in table(blocks, "每日在岗").rows}
    assert rows["2022-11-09"].cells[3].text == "未采集（没有签到记录）"
    assert rows["2022-11-08"].cells[3].state is Result.ABNORMAL
    assert [row.there for row in held.rows.presence] == [4, 1]


def test_the_figure_of_a_day_opens_that_day(cast: Cast) -> None:
    came("王磊", 7, 8)
    held = staffing.gather(MONTH, AFTER)
    refs = links(staffing.document(held, ISSUE, draft=True).blocks)
    found = {len(chosen(held.rows, ref)) for ref in refs}
    assert found == {1, 2}
    assert all(ref.appendix == "附件 1" for ref in refs)


def test_second_line_and_late_entries_are_told_apart(cast: Cast) -> None:
    came("王磊", 7, late=True)
    Person.objects.create(name="二线", line="second")
    came("二线", 7)
    held = staffing.gather(MONTH, AFTER)
    seventh = next(one for one in held.days if one.date.day == 7)
    assert (seventh.came, seventh.late) == (("王磊",), 1)
    assert held.second == ("二线",)
    assert "（补录 1 人）" in said(staffing.document(held, ISSUE, draft=True))


def test_leave_and_replacements_come_from_the_desk(cast: Cast) -> None:
    who = came("王磊", 7)
    other = came("李婷", 7)
    away(who, cast.gu, stand_in=other)
    away(who, cast.gu, "2022-11-21 08:30", "", Asked.WAITING)
    away(who, cast.gu, "2022-12-21 08:30")
    replaced(who, cast.gu)
    held = staffing.gather(MONTH, AFTER)
    assert [one.state for one in held.leaves] == ["已同意", "待答复"]
    assert held.leaves[0].phone == "（手机号略）"
    assert held.leaves[0].stand_in == "李婷"
    assert [(one.leaving, one.joining, one.ahead) for one in held.changes] == [
        ("王磊", "周敏", True)
    ]
    ninth = next(one for one in held.days if one.date.day == 9)
    assert ninth.away == ("王磊（李婷顶岗）",)
    text = said(staffing.document(held, ISSUE, draft=True))
    for wanted in ("苏州", "年假", "PMP，五年运维", "调岗", "已同意 gu 2022-11-08 15:00"):
        assert wanted in text, wanted


def test_a_roster_that_was_short_is_told_with_why(cast: Cast) -> None:
    held = staffing.gather(MONTH, AFTER)
    assert {one.line for one in held.short} == {"一线驻场", "二线支持"}
    assert all(one.there < one.needed for one in held.short)
    assert "在册人数不足" in said(staffing.document(held, ISSUE, draft=True))


def test_a_month_under_way_is_told_up_to_today(cast: Cast) -> None:
    held = staffing.gather("2023-02", AFTER)
    assert max(one.date for one in held.days) <= AFTER.date()
    assert "报告期未结束" in staffing.document(held, ISSUE, draft=True).cover.notice


# Performance


def test_no_review_in_a_closed_period_is_the_verdict(cast: Cast) -> None:
    held = performance.gather("2022-12", AFTER)
    assert performance.conclusion(held)[0] is Result.ABNORMAL
    assert performance.conclusion(performance.gather("2023-02", AFTER))[0] is Result.UNCHECKED
    text = said(performance.document(held, ISSUE, draft=True))
    for word in ("CPU", "内存", "I/O", "网络"):
        assert f"{word}分析：未采集（没有记录）。" in text


WHOLE_REVIEW = {"cpu": "峰值 70 %", "memory": "60 %", "io": "正常", "network": "正常",
                "advice": "扩内存"}  # fmt: skip


def test_a_whole_review_is_in_order_and_half_a_one_is_not(cast: Cast) -> None:
    duty(cast, "performance-review", "2022-12-20 10:00", WHOLE_REVIEW)
    duty(cast, "performance-review", "2023-01-20 10:00", {"cpu": "70 %"})
    whole, half = (performance.gather(month, AFTER) for month in ("2022-12", "2023-01"))
    assert performance.conclusion(whole)[0] is Result.NORMAL
    assert performance.conclusion(half)[0] is Result.ATTENTION
    assert "分析人建议：扩内存。" in said(performance.document(whole, ISSUE, draft=True))
    assert "未采集（记录未填写）" in said(performance.document(half, ISSUE, draft=True))


def test_a_review_that_found_something_bad_is_bad(cast: Cast) -> None:
    duty(cast, "performance-review", "2022-12-20 10:00", WHOLE_REVIEW, result="abnormal")
    assert performance.conclusion(performance.gather("2022-12", AFTER))[0] is Result.ABNORMAL


def test_tuning_stands_with_its_tests_before_and_after(cast: Cast) -> None:
    ticket = opened(cast, Kind.SERVICE_REQUEST, "performance", PERFORMANCE, title="影像慢")
    opened(cast, Kind.SERVICE_REQUEST, "performance", PERFORMANCE | {"after": "", "io": ""})
    held = performance.gather("2022-12", AFTER)
    assert [one.whole for one in held.tuned] == [True, False]
    blocks = performance.document(held, ISSUE, draft=True).blocks
    assert cells(blocks, "优化调整") == ["2"]
    assert cells(blocks, "调整前测试")[0] == "12.4 秒"
    assert cells(blocks, "调整后测试") == ["3.1 秒", "未采集（未填写）"]
    (ref,) = links(blocks)
    assert next(row.number for row in chosen(held.rows, ref)) == ticket.number


def test_a_tuning_half_done_keeps_the_period_from_being_in_order(cast: Cast) -> None:
    duty(cast, "performance-review", "2022-12-20 10:00", WHOLE_REVIEW)
    ticket = opened(cast, Kind.SERVICE_REQUEST, "performance", PERFORMANCE | {"after": ""})
    assert performance.conclusion(performance.gather("2022-12", AFTER))[0] is Result.ATTENTION
    fill(ticket, {"after": "3.1 秒"}, cast.wang)
    close(ticket, cast)
    assert performance.conclusion(performance.gather("2022-12", AFTER))[0] is Result.NORMAL


def test_readings_are_averaged_over_the_days_and_the_highest_comes_first(cast: Cast) -> None:
    check = watched("HW-001-1", "server.load", Result.NORMAL, "2022-12-01 08:00")
    for number, low, high in ((1, 10.0, 30.0), (2, 20.0, 90.0)):
        measured(check, "cpu.used", "%", date(2022, 12, number), low, high)
    measured(check, "answer.time", "ms", date(2022, 12, 1), 100.0, 400.0)
    measured(check, "fans", "rpm", date(2022, 12, 1), 1000.0, 2000.0)
    measured(check, "cpu.used", "%", date(2023, 1, 5), 99.0, 99.0)
    held = performance.gather("2022-12", AFTER)
    assert [(one.name, one.days) for one in held.readings] == [("cpu.used", 2), ("answer.time", 1)]
    assert (held.readings[0].mean, held.readings[0].highest) == (37.5, 90.0)
    assert held.measured == 2
    blocks = performance.document(held, ISSUE, draft=True).blocks
    row = table(blocks, "读数").rows[0]
    assert [cell.text for cell in row.cells[3:]] == ["37.5 %", "90.0 %"]


def test_open_findings_about_load_keep_it_from_being_in_order(cast: Cast) -> None:
    duty(cast, "performance-review", "2023-01-20 10:00", WHOLE_REVIEW)
    watched("HW-001-1", "server.load", Result.ABNORMAL)
    hot("HW-001-1", "server.load")
    hot("HW-001-1", "server.thermal")
    held = performance.gather("2023-01", AFTER)
    assert len(held.issues) == 1
    assert performance.conclusion(held)[0] is Result.ABNORMAL
    assert "未恢复 1 项" in performance.conclusion(held)[1]


def test_checks_without_readings_say_so(cast: Cast) -> None:
    watched("HW-001-1", "server.load", Result.NORMAL, "2022-12-01 08:00")
    text = said(performance.document(performance.gather("2022-12", AFTER), ISSUE, draft=True))
    assert "读数：未采集（期内没有逐日汇总）。" in text
    assert "正常 1" in text
