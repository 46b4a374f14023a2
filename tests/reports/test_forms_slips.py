"""Work orders, change records and notices of an end of service: what they say and are held to."""

from datetime import date, datetime
from typing import Any

import pytest
from desk_making import at, go
from round_making import said
from slip_making import (
    AFTER,
    CHANGE,
    EOS,
    IMPORT,
    OPENED,
    Cast,
    changed,
    close,
    duty,
    fill,
    opened,
    requested,
)

from jingwei.assets.models import AssetRow, Institution
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.forms import FORMS, REQUESTS
from jingwei.desk.models import Kind, Receipt, State, Ticket
from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.document import Document, Heading, KeyValues, Paragraph
from jingwei.reports.forms import change_record, eos_notice, parts, tickets, work_order
from jingwei.reports.forms.change_record import Change
from jingwei.reports.forms.eos_notice import Device, Notice
from jingwei.reports.forms.facts import Entry, Slip, Step
from jingwei.reports.forms.work_order import Order, Sent
from jingwei.terms import Result

ISSUE = Issue("JAWS-FW-GD-2022-00001-01", 1, at("2022-12-08 10:00"), "王磊")
PROJECT = Project("静安区区域卫生信息平台日常运维", "信息中心")


def moved(state: State, moment: str = "2022-12-06 10:00", by: str = "王磊", text: str = "") -> Step:
    """One move to a state."""
    return Step(state, state.label, at(moment), by, text)


def base(**more: Any) -> dict[str, Any]:
    """What every slip has."""
    return {
        "project": PROJECT, "number": "GD-2022-00001", "kind": "服务请求", "title": "补传处方",
        "text": "", "state": "已关闭", "ended": True, "cancelled": False, "opened_at": OPENED,
        "as_of": at("2022-12-06 16:00"), **more,
    }  # fmt: skip


def order(**more: Any) -> Order:
    """A request that was done and confirmed."""
    steps = (moved(State.ACCEPTED), moved(State.RESOLVED, "2022-12-06 14:00"),
             moved(State.CONFIRMED, "2022-12-06 15:00", "顾主任"))  # fmt: skip
    given = {"form": "数据手工导入", "clause": "L571 医疗机构数据手工导入", "steps": steps,
             "entries": (Entry("why", "原因", "接口中断"),), "solution": "已导入"}  # fmt: skip
    return Order(**base(**{**given, **more}))


def change(**more: Any) -> Change:
    """A change in the right order, in its window."""
    steps = (
        moved(State.APPROVED, "2022-12-07 10:00", "顾主任"),
        moved(State.PRECHECKED, "2022-12-10 17:00", "顾主任"),
        moved(State.WORKING, "2022-12-10 22:10"), moved(State.RESOLVED, "2022-12-11 02:00"),
        moved(State.CONFIRMED, "2022-12-11 09:00", "顾主任"),
    )  # fmt: skip
    kept = tuple(Entry(key, key, "不改变") for key in ("structure", "communication", "management"))
    entries = (
        Entry("rollback", "回退方案", "换回旧板"),
        Entry("verified", "验证", "业务正常"),
        *kept,
    )
    given: dict[str, Any] = {
        "kind": "变更", "form": "其他重大变更", "steps": steps, "entries": entries,
        "window_from": at("2022-12-10 22:00"), "window_to": at("2022-12-11 04:00"),
    }  # fmt: skip
    return Change(**base(**{**given, **more}))


def notice(**more: Any) -> Notice:
    """A notice a year ahead, decided by the client."""
    said_ = {
        "maker": "华为",
        "model": "5500V3",
        "source": "公告 EOS-1",
        "expires": "2023-12-31",
        "impact": "无备件",
        "advice": "升级",
        "decision": "升级",
        **more.pop("said", {}),
    }
    entries = tuple(Entry(key, key, text, client=key == "decision") for key, text in said_.items())
    given = {"kind": "停止服务通知", "entries": entries, "steps": (moved(State.RESOLVED),),
             "devices": (Device("HW-016-1", "存储", "永和路"),)}  # fmt: skip
    return Notice(**base(**{**given, **more}))


def broken(rows: list[parts.Guard]) -> tuple[str, ...]:
    return parts.broken(rows)


def headings(document: Document) -> list[str]:
    return [block.text.partition("、")[2] for block in document.blocks
            if isinstance(block, Heading) and block.level == 1]  # fmt: skip


# What all slips share


def test_a_field_says_who_still_owes_it() -> None:
    entries = (
        Entry("a", "甲方决定", client=True), Entry("b", "处理", closing=True),
        Entry("c", "备注"), Entry("d", "原因", "接口中断"),
    )  # fmt: skip

    def cells(ended: bool) -> list[str]:
        (grid,) = parts.fields(Slip(**base(entries=entries, ended=ended)))
        assert isinstance(grid, KeyValues)
        return [cell.text for _, cell in grid.pairs]

    assert cells(True) == ["待甲方填写", "未填写", "未填写", "接口中断"]
    assert cells(False) == ["待甲方填写", "办理中，尚未填写", "未填写", "接口中断"]


def test_a_long_text_stands_below_its_grid_for_rows_are_never_cut() -> None:
    held = Slip(**base(entries=(Entry("plan", "实施方案", "第一步\n" * 30),)))
    grid, title, *lines = parts.fields(held)
    assert isinstance(grid, KeyValues)
    assert grid.pairs[0][1].text == "见下"
    assert isinstance(title, Paragraph)
    assert title.text == "实施方案："
    assert len(lines) == 30
    assert len(parts.fields(Slip(**base(entries=(Entry("a", "甲", "字" * 400),))))) == 1
    assert len(parts.fields(Slip(**base(entries=(Entry("a", "甲", "字" * 401),))))) == 3


def test_a_ticket_without_a_form_says_so() -> None:
    (line,) = parts.fields(Slip(**base()))
    assert isinstance(line, Paragraph)
    assert line.text == "表单内容：未采集（这张单没有表单）。"


def test_a_slip_knows_its_days_its_fields_and_its_last_step() -> None:
    held = order(opened_at=at("2022-12-06 23:30"), as_of=at("2022-12-07 00:10"))
    assert held.period == (date(2022, 12, 6), date(2022, 12, 7))
    assert held.said("why") == "接口中断"
    assert held.said("nothing") == ""
    last = held.step(State.ACCEPTED, State.CONFIRMED)
    assert last is not None
    assert last.by == "顾主任"
    assert held.step(State.ROLLED_BACK) is None


def test_what_is_not_ended_says_so_on_its_cover() -> None:
    made = work_order.document(order(ended=False, state="处理中"), ISSUE, draft=True)
    assert "本单处理中，截至 2022-12-06 16:00。" in made.cover.notice
    assert work_order.document(order(), ISSUE, draft=False).cover.notice == ""


def test_guards_are_told_kept_broken_or_to_come() -> None:
    rows = [parts.Guard("甲", True, "是"), parts.Guard("乙", False), parts.Guard("丙", None)]
    table: Any = parts.guards("核对", rows)
    assert [row.cells[1].text for row in table.rows] == [
        f"{Result.NORMAL.sign} 符合", f"{Result.ABNORMAL.sign} 不符合",
        f"{Result.UNCHECKED.sign} 未到此步",
    ]  # fmt: skip
    assert [row.cells[2].text for row in table.rows] == ["是", "—", "—"]
    assert parts.broken(rows) == ("乙",)


# Work orders


def test_a_request_that_was_confirmed_is_in_order() -> None:
    result, sentence = work_order.conclusion(order())
    assert (result, "数据手工导入" in sentence) == (Result.NORMAL, True)
    assert headings(work_order.document(order(), ISSUE, draft=True)) == [
        "申请", "办理内容", "办理结果", "核对", "办理过程", "签字盖章",
    ]  # fmt: skip


def test_closing_is_no_confirmation() -> None:
    steps = (moved(State.ACCEPTED), moved(State.RESOLVED), moved(State.CLOSED))
    held = order(steps=steps)
    assert broken(work_order.guards(held)) == ("用户已确认",)
    assert work_order.conclusion(held)[0] is Result.ATTENTION
    assert "用户确认 未确认" in said(work_order.document(held, ISSUE, draft=True))


def test_what_a_closed_order_left_empty_is_named() -> None:
    held = order(entries=(Entry("imported", "实际导入条数", closing=True),))
    assert broken(work_order.guards(held)) == ("表单要求的内容已填写",)
    assert "未填：实际导入条数" in said(work_order.document(held, ISSUE, draft=True))
    running = order(entries=held.entries, ended=False, steps=())
    assert broken(work_order.guards(running)) == ()
    assert work_order.conclusion(running)[0] is Result.ATTENTION


def test_time_nobody_wrote_down_is_unknown_and_not_zero() -> None:
    text = said(work_order.document(order(), ISSUE, draft=True))
    assert "未采集（没有工时记录）" in text
    text = said(work_order.document(order(minutes=45, worked=2), ISSUE, draft=True))
    assert "45 分钟（2 次记录）" in text


def test_a_file_sent_out_needs_every_receipt() -> None:
    got = Sent("静安中心医院", OPENED, "前置机目录", at("2022-12-06 10:00"), "孙医生")
    owed = Sent("市北医院", OPENED, "前置机目录", None, "")
    held = order(kind="文件下发", distribution=True, sent=(got, owed))
    assert broken(work_order.guards(held)) == ("每家机构都有回执",)
    text = said(work_order.document(held, ISSUE, draft=True))
    for wanted in ("无回执", "1/2 家；缺 市北医院", "孙医生"):
        assert wanted in text
    whole = order(kind="文件下发", distribution=True, sent=(got,))
    assert broken(work_order.guards(whole)) == ()
    assert broken(work_order.guards(order(distribution=True))) == ("每家机构都有回执",)


def test_a_withdrawn_order_is_told_as_that() -> None:
    held = order(cancelled=True, state="已撤销")
    assert work_order.conclusion(held) == (
        Result.NOT_APPLICABLE, "数据手工导入：GD-2022-00001 已撤销",
    )  # fmt: skip


def test_the_nine_kinds_are_named_on_every_order() -> None:
    text = said(work_order.document(order(), ISSUE, draft=True))
    assert len(REQUESTS) == 9
    for form in REQUESTS:
        assert form.label in text


@pytest.mark.django_db
def test_an_order_says_what_the_desk_recorded() -> None:
    cast = Cast()
    held = work_order.gather(requested(cast).number)
    assert (held.form, held.minutes, held.worked) == ("数据手工导入", 45, 1)
    assert held.said("institution") == "静安中心医院（H01）"
    assert held.said("application") == "区域PACS（APP-08）"
    assert held.said("expected") == "1200 条"
    assert work_order.conclusion(held)[0] is Result.NORMAL
    text = said(work_order.document(held, ISSUE, draft=True))
    for wanted in ("62345678", "孙医生", "已查杀，无异常", "BK-7", "（手机号略）", "依据：L571"):
        assert wanted in text, wanted


@pytest.mark.django_db
@pytest.mark.parametrize("form", [form.id for form in REQUESTS])
def test_each_of_the_nine_kinds_has_its_order(form: str) -> None:
    cast = Cast()
    ticket = desk.open_ticket(
        Intake(kind=Kind.SERVICE_REQUEST, title="一件事"), cast.wang, OPENED
    )  # fmt: skip
    declared = next(one for one in FORMS if one.id == form)
    entries = tickets.entries(declared, {})
    assert [one.key for one in entries] == [one.name for one in declared.fields]
    assert all(one.text == "" for one in entries)
    held = work_order.gather(ticket.number)
    assert held.form == ""
    assert "未填表单" in said(work_order.document(held, ISSUE, draft=True))


@pytest.mark.django_db
def test_receipts_come_from_the_desk() -> None:
    cast = Cast()
    ticket = desk.open_ticket(Intake(kind=Kind.DISTRIBUTION, title="下发目录"), cast.wang, OPENED)
    hospital = Institution.objects.get(code="H01")
    Receipt.objects.create(
        ticket=ticket, institution=hospital, sent_at=OPENED, way="前置机目录",
        received_at=at("2022-12-06 11:00"), receiver="孙医生", note="电话 13812345678",
    )  # fmt: skip
    held = work_order.gather(ticket.number)
    assert held.distribution
    assert [(one.institution, one.receiver) for one in held.sent] == [("静安中心医院", "孙医生")]
    assert held.sent[0].note == "电话 （手机号略）"


# Changes


def test_a_change_in_the_right_order_is_in_order() -> None:
    assert change_record.conclusion(change()) == (Result.NORMAL, "GD-2022-00001 已实施并确认")
    assert headings(change_record.document(change(), ISSUE, draft=True)) == [
        "变更申请", "方案与回退", "影响评估", "变更前健康检查", "批准", "实施、验证与观察",
        "先后核对", "办理过程", "签字盖章",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "left_out"),
    [("甲方批准在先", State.APPROVED), ("变更前健康检查经甲方签署在先", State.PRECHECKED)],
)
def test_begun_without_the_clients_word_is_told(what: str, left_out: State) -> None:
    held = change(steps=tuple(one for one in change().steps if one.state != left_out))
    assert what in broken(change_record.guards(held))
    result, sentence = change_record.conclusion(held)
    assert (result, what in sentence) == (Result.ABNORMAL, True)


def test_approved_after_it_began_is_not_approved_before() -> None:
    late = moved(State.APPROVED, "2022-12-10 23:00", "顾主任")
    held = change(steps=(*change().steps[1:], late))
    assert "甲方批准在先" in broken(change_record.guards(held))


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"window_to": at("2022-12-11 01:00")}, ("在时间窗内完成",)),
        ({"window_from": at("2022-12-10 23:00")}, ("在时间窗内开始",)),
        ({"window_from": None}, ("在时间窗内开始", "在时间窗内完成")),
    ],
)
def test_outside_its_window_is_told(
    more: dict[str, datetime | None], what: tuple[str, ...]
) -> None:
    assert broken(change_record.guards(change(**more))) == what


def test_what_the_tender_forbids_to_change_is_told() -> None:
    entries = (*change().entries[:2], Entry("structure", "系统结构", "改变"),
               *change().entries[3:])  # fmt: skip
    held = change(entries=entries)
    assert broken(change_record.guards(held)) == ("系统结构、通信方式、管理模式不改变",)
    assert "改变：系统结构" in said(change_record.document(held, ISSUE, draft=True))


def test_an_impact_nobody_assessed_is_not_kept() -> None:
    held = change(entries=change().entries[:3])
    assert broken(change_record.guards(held)) == ("系统结构、通信方式、管理模式不改变",)
    assert "已评估 1/3 项" in said(change_record.document(held, ISSUE, draft=True))


def test_a_change_not_begun_waits_for_its_steps() -> None:
    held = change(steps=(), ended=False, state="新建")
    kept = {one.what: one.kept for one in change_record.guards(held)}
    assert kept["甲方批准在先"] is kept["在时间窗内开始"] is kept["已验证"] is None
    assert change_record.conclusion(held)[0] is Result.ATTENTION
    text = said(change_record.document(held, ISSUE, draft=True))
    for wanted in ("尚未批准", "尚未签署", "变更前健康检查记录：未采集（没有记录）"):
        assert wanted in text


@pytest.mark.django_db
def test_a_change_stands_with_its_health_check_and_its_watch() -> None:
    cast = Cast()
    ticket = changed(cast)
    duty(cast, "change-check", "2022-12-10 16:00", {"result": "具备"}, about=ticket.number)
    duty(cast, "change-check", "2022-12-10 16:00", {"result": "别的"}, about="GD-2022-09999")
    duty(cast, "change-watch", "2022-12-14 10:00", {"days": "3", "result": "正常"},
         about=ticket.number, confirmed=False)  # fmt: skip
    held = change_record.gather(ticket.number)
    assert (len(held.checks), len(held.watches)) == (1, 1)
    assert held.window_from == at("2022-12-10 22:00")
    assert change_record.conclusion(held)[0] is Result.NORMAL
    text = said(change_record.document(held, ISSUE, draft=True))
    for wanted in ("JQ-1", "具备", "已确认 顾主任", "待确认", "换回旧板", "更换核心交换机主控板"):
        assert wanted in text, wanted
    assert "别的" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("until", ["accept", "approve", "sign_precheck", "start", "resolve"])
def test_a_change_can_be_printed_at_every_stage(until: str) -> None:
    held = change_record.gather(changed(Cast(), until).number)
    assert broken(change_record.guards(held)) == ()
    assert change_record.conclusion(held)[0] is Result.ATTENTION


@pytest.mark.django_db
def test_a_change_of_structure_is_found_in_the_form() -> None:
    held = change_record.gather(changed(Cast(), structure="改变").number)
    assert change_record.conclusion(held)[0] is Result.ABNORMAL
    assert set(CHANGE) <= {one.key for one in held.entries}


# Notices of an end of service


def test_a_notice_in_time_and_decided_is_in_order() -> None:
    result, sentence = eos_notice.conclusion(notice())
    assert result is Result.NORMAL
    assert sentence == "华为 5500V3：在用 1 台，甲方决定升级"


def test_an_open_notice_waits_for_the_client_alone() -> None:
    held = notice(said={"decision": ""}, ended=False)
    assert eos_notice.conclusion(held)[0] is Result.ATTENTION
    assert "待甲方决定" in eos_notice.conclusion(held)[1]
    assert "待甲方填写" in said(eos_notice.document(held, ISSUE, draft=True))


def test_a_notice_closed_without_decision_is_not_in_order() -> None:
    held = notice(said={"decision": ""})
    assert broken(eos_notice.guards(held)) == ("甲方已决定",)
    assert eos_notice.conclusion(held)[0] is Result.ABNORMAL


@pytest.mark.parametrize(
    ("expires", "announced", "kept"),
    [
        ("2023-03-06", "", True),  # ninety days to the day
        ("2023-03-05", "", False),
        ("2022-12-20", "2022-12-01", True),  # the maker himself told no earlier: told in a week
        ("2022-12-20", "2022-11-20", False),
    ],
)
def test_told_ninety_days_ahead_or_at_once(expires: str, announced: str, kept: bool) -> None:
    held = notice(said={"expires": expires, "announced": announced})
    assert ("天告知" in "".join(broken(eos_notice.guards(held)))) is not kept


def test_no_known_end_is_no_verdict() -> None:
    held = notice(said={"expires": ""})
    guard = next(one for one in eos_notice.guards(held) if "天告知" in one.what)
    assert guard.kept is None
    assert held.ends is None
    assert "未采集（平台没有这个厂商和型号的公告）" in said(
        eos_notice.document(held, ISSUE, draft=True)
    )


def test_the_register_says_when_where_the_form_does_not() -> None:
    held = notice(said={"expires": ""}, production=date(2023, 6, 30), support=date(2023, 12, 31),
                  source="厂商公告 7", registered=date(2022, 12, 1))  # fmt: skip
    assert held.ends == date(2023, 6, 30)
    text = said(eos_notice.document(held, ISSUE, draft=True))
    for wanted in ("2023-06-30", "2023-12-31", "厂商公告 7", "2022-12-01", "HW-016-1"):
        assert wanted in text


@pytest.mark.django_db
def test_a_notice_lists_the_devices_of_that_model() -> None:
    cast = Cast()
    AssetRow.objects.filter(code="HW-001").update(vendor_cn="华为", model="5500V3")
    desk.record_end_of_service(
        "华为", "5500V3", date(2023, 6, 30), date(2023, 12, 31), "公告 EOS-1", cast.wang, OPENED
    )
    ticket = opened(cast, Kind.EOS_NOTICE, "eos_notice", EOS)
    held = eos_notice.gather(ticket.number)
    assert [one.key for one in held.devices] == ["HW-001-1"]
    assert (held.production, held.source) == (date(2023, 6, 30), "公告 EOS-1")
    assert held.ends == date(2023, 12, 31)
    fill(ticket, {"decision": "暂缓", "decision_note": "明年预算"}, cast.gu)
    done = eos_notice.gather(close(ticket, cast, "2022-12-08 10:00").number)
    assert "甲方决定暂缓" in eos_notice.conclusion(done)[1]
    assert "明年预算" in said(eos_notice.document(done, ISSUE, draft=True))


@pytest.mark.django_db
def test_a_model_nobody_has_concerns_nothing() -> None:
    cast = Cast()
    held = eos_notice.gather(opened(cast, Kind.EOS_NOTICE, "eos_notice", EOS).number)
    assert held.devices == ()
    assert "受影响的在用设备：本单无。" in said(eos_notice.document(held, ISSUE, draft=True))
    bare = desk.open_ticket(Intake(kind=Kind.EOS_NOTICE, title="补丁"), cast.wang, AFTER)
    assert eos_notice.gather(bare.number).entries == ()


@pytest.mark.django_db
def test_a_code_the_register_lost_is_told_as_it_was_written() -> None:
    cast = Cast()
    ticket = opened(cast, Kind.SERVICE_REQUEST, "data_import", IMPORT)
    held = Ticket.objects.get(pk=ticket.pk).form
    held.values = {**held.values, "institution": "H99"}
    held.save()
    assert work_order.gather(ticket.number).said("institution") == "H99"


@pytest.mark.django_db
def test_steps_are_told_in_the_order_they_were_written_down() -> None:
    cast = Cast()
    ticket = desk.open_ticket(Intake(kind=Kind.SERVICE_REQUEST, title="x"), cast.wang, OPENED)
    go(ticket, "accept", cast.wang, at("2022-12-06 09:30"))
    made = tickets.steps(tickets.find(ticket.number, Kind.SERVICE_REQUEST))
    assert [one.label for one in made] == ["建单", "已受理"]
    assert made[1].at == at("2022-12-06 09:30")
