"""Forms on the pages: choose, fill in, send, sign, fit, book; data changes; notices of an end."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.accounts.queries import entries, verify_chain
from jingwei.assets.models import AssetRow, Institution, Person
from jingwei.desk import actions
from jingwei.desk.forms import FORMS
from jingwei.desk.models import (
    DataChange,
    Effort,
    EndOfService,
    InstitutionContact,
    Kind,
    Receipt,
    SparePart,
    State,
    Ticket,
)
from jingwei.web.once import new_key

REPORT = {
    "title": "更正科室代码", "purpose": "modify", "application": "APP-10", "reporter": "孙",
    "sealed_by": "陈主任", "cause": "录入错误", "text": "登记时选错科室", "unit": "市北医院",
    "tables": "doc，id=7", "personal": "不含", "correction": "不涉及收费和病历",
    "script": "UPDATE doc SET dept = 2 WHERE id = 7", "expected_rows": "1",
    "rollback_script": "UPDATE doc SET dept = 1 WHERE id = 7",
    "count_query": "SELECT count(*) FROM doc WHERE id = 7",
}  # fmt: skip
FILE = {
    "title": "下发药品目录", "channel": "phone", "file": "药品目录 2026.2", "content": "代码表",
    "ordered_by": "信息中心 顾", "institutions": ["I-1", "I-2"], "way": "前置机目录",
}  # fmt: skip


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    Person.objects.create(name="王磊", line="first")
    Institution.objects.create(code="I-2", name="江宁社区", area="S", kind="chc")
    return sign_in("first_line", full_name="王磊")


@pytest.fixture
def gu(world: World, sign_in: SignIn) -> Client:
    return sign_in("client_approver", full_name="顾主任")


def send(client: Client, name: str, ticket: Ticket | None = None, **data: Any) -> Any:
    """POST with a key of its own, and the ticket's version as it stands."""
    args: tuple[str, ...] = ()
    if ticket is not None:
        ticket.refresh_from_db()
        args = (ticket.number,)
        data.setdefault("version", ticket.version)
    return client.post(reverse(name, args=args), {"once": new_key(), **data})


def made(response: Any) -> Ticket:
    """The ticket a form led to."""
    assert response.status_code == 302, text_of(response)
    return Ticket.objects.get(number=response["Location"].strip("/").split("/")[-1])


def page(client: Client, ticket: Ticket) -> str:
    return text_of(client.get(reverse("ticket", args=(ticket.number,))))


def opened(engineer: Client, form_id: str, **data: Any) -> Ticket:
    response = engineer.post(reverse("ticket-new-form", args=(form_id,)), data)
    return made(response)


def distribution(engineer: Client) -> Ticket:
    return opened(engineer, "distribution", **FILE)


def work(ticket: Ticket, user: User) -> None:
    """Taken up."""
    for step in ("accept", "start"):
        actions.advance(ticket, step, user, timezone.now(), version=ticket.version)


# ---- choosing and filling in


def test_every_form_is_offered_and_opens(engineer: Client) -> None:
    text = text_of(engineer.get(reverse("ticket-new")))
    for form in FORMS:
        if form.kind is Kind.DATA_CHANGE:
            continue
        where = reverse("ticket-new-form", args=(form.id,))
        assert f'href="{where}"' in text
        filled = text_of(engineer.get(where))
        for field in form.fields:
            assert (f'name="{field.name}"' in filled) != field.client, (form.id, field.name)


@pytest.mark.parametrize("form_id", ["data_change", "nothing"])
def test_no_other_form_is_there(engineer: Client, form_id: str) -> None:
    assert engineer.get(reverse("ticket-new-form", args=(form_id,))).status_code == 404


def test_a_form_with_faults_is_told_field_by_field_and_nothing_is_lost(engineer: Client) -> None:
    response = engineer.post(reverse("ticket-new-form", args=("distribution",)), {
        **FILE, "institutions": ["I-9"], "content": "随便", "sent_by": "0001-01-01",
    })  # fmt: skip
    text = text_of(response)
    assert response.status_code == 422
    assert "药品目录 2026.2" in text, "what was typed is still there"
    assert not Ticket.objects.exists()
    again = engineer.post(reverse("ticket-new-form", args=("distribution",)), {
        **FILE, "content": "随便", "sent_by": "0001-01-01",
    })  # fmt: skip
    assert "内容须为：代码表、程序安装包" in text_of(again)
    assert "要求下发日期须在 2000 年到 2100 年之间" in text_of(again)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": " "}, "请填写标题"), ({"file": ""}, "请填写文件名和版本"),
        ({"file": "长" * 10_000}, "不超过 200 字"), ({"institutions": []}, "请选择下发机构"),
        ({"file": "a\0b"}, "error"), ({"ordered_by": "病人 11010519491231002X"}, "居民身份证号"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_the_field(
    engineer: Client, changed: dict[str, Any], said: str
) -> None:
    where = reverse("ticket-new-form", args=("distribution",))
    response = engineer.post(where, {**FILE, **changed})
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Ticket.objects.exists()


def test_a_form_is_filled_in_further_on_the_tickets_page(engineer: Client, gu: Client) -> None:
    now = timezone.localtime(timezone.now()).strftime("%Y-%m-%dT%H:%M")
    ticket = opened(
        engineer, "training", title="PACS 培训", channel="phone", topic="调阅", audience="影像科",
        trainer="王磊", held_at=now, place="会议室",
    )  # fmt: skip
    assert "请填写课件名称和版本" in page(engineer, ticket)
    held = dict(ticket.form.values)
    assert send(engineer, "ticket-fill", ticket, **held, minutes="九十").status_code == 422
    refused = send(engineer, "ticket-fill", ticket, **held, minutes="九十", material="V1")
    assert "时长须为数字，收到“九十”" in text_of(refused)
    assert 'value="V1"' in text_of(refused)
    assert send(engineer, "ticket-fill", ticket, **held, minutes="90").status_code == 302
    assert "90 分钟" in page(engineer, ticket)
    assert send(engineer, "ticket-word", ticket, evaluation="满意").status_code == 403
    assert send(gu, "ticket-fill", ticket, topic="别的").status_code == 403
    assert send(gu, "ticket-word", ticket, evaluation="满意").status_code == 302
    ticket.form.refresh_from_db()
    assert ticket.form.values["evaluation"] == "满意"
    assert ticket.form.values["minutes"] == "90"


def test_two_engineers_in_one_form_are_told_of_each_other(engineer: Client) -> None:
    ticket = distribution(engineer)
    response = send(engineer, "ticket-fill", ticket, version=ticket.version - 1, file="旧的")
    assert response.status_code == 409
    assert "已被他人修改" in text_of(response)
    assert "旧的" in text_of(response)


def test_a_ticket_opened_without_a_form_is_offered_the_forms_of_its_kind(engineer: Client) -> None:
    user = User.objects.get(username="u-first_line")
    intake = actions.Intake(kind=Kind.SERVICE_REQUEST, title="查数据")
    ticket = actions.open_ticket(intake, user, timezone.now())
    text = page(engineer, ticket)
    assert "这张单还没有表单" in text
    assert "数据错误查找与指导" in text
    response = send(
        engineer, "ticket-fill", ticket, form="data_error", institution="I-1",
        application="APP-10", business="门诊", symptom="上传失败",
    )  # fmt: skip
    assert response.status_code == 302, text_of(response)
    assert ticket.form.form == "data_error"


# ---- distribution


def test_files_are_sent_and_receipts_noted_and_missing_ones_listed(engineer: Client) -> None:
    ticket = distribution(engineer)
    assert "尚有 2 家机构没有回执" in page(engineer, ticket)
    assert send(engineer, "ticket-send", ticket, way="前置机").status_code == 422
    sent = send(engineer, "ticket-send", ticket, institutions=["I-1", "I-2"], way="前置机")
    assert sent.status_code == 302
    noted = {"institution": "I-1", "receiver": "孙", "note": "电话"}
    assert send(engineer, "ticket-receipt", ticket, **noted).status_code == 302
    assert send(engineer, "ticket-receipt", ticket, **noted).status_code == 422, "given before"
    text = page(engineer, ticket)
    assert "缺 1 家回执" in text
    assert "尚有 1 家机构没有回执（江宁社区）" in text


def test_a_distribution_with_missing_receipts_asks_for_the_reason(engineer: Client) -> None:
    ticket = distribution(engineer)
    work(ticket, User.objects.get(username="u-first_line"))
    assert 'id="resolve_reason"' in page(engineer, ticket)
    bare = send(engineer, "ticket-advance", ticket, step="resolve", solution="已下发")
    assert bare.status_code == 422
    assert "没有回执（" in text_of(bare)
    done = send(
        engineer, "ticket-advance", ticket, step="resolve", solution="已下发", reason="机构停诊"
    )
    assert done.status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == State.RESOLVED


def test_a_contact_signs_for_his_own_institution_and_no_other(
    engineer: Client, sign_in: SignIn
) -> None:
    ticket = distribution(engineer)
    send(engineer, "ticket-send", ticket, institutions=["I-1", "I-2"], way="专网邮件")
    contact = sign_in("institution", full_name="市北 钱")
    user = User.objects.get(username="u-institution")
    assert "没有下发给本机构的文件" in text_of(contact.get(reverse("own-receipts")))
    first, second = Receipt.objects.order_by("institution__code")
    assert contact.post(reverse("own-receive", args=(first.pk,))).status_code in (403, 422)
    InstitutionContact.objects.create(user=user, institution=first.institution)
    text = text_of(contact.get(reverse("own-receipts")))
    assert text.count("已收到，签收") == 1
    assert "药品目录 2026.2" in text
    assert contact.post(reverse("own-receive", args=(second.pk,))).status_code == 403
    assert contact.post(reverse("own-receive", args=(first.pk,))).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.receiver, second.received_at) == ("市北 钱", None)
    assert contact.post(reverse("own-receive", args=(first.pk,))).status_code == 422


# ---- parts and announcements


def part(**more: Any) -> dict[str, Any]:
    return {
        "target": "HW-016-1 华为", "part_name": "硬盘", "maker": "华为", "model": "ST4000",
        "serial_out": "OLD-1", "serial_in": "NEW-1", "origin": "genuine", "disk": "on",
        "disk_kept": "甲方保险柜 3 号", **more,
    }  # fmt: skip


def spare(engineer: Client) -> Ticket:
    return opened(
        engineer, "spare_part", title="换硬盘", channel="phone", target="HW-016-1", fault="预失效",
        part="4T 硬盘",
    )  # fmt: skip


def test_a_genuine_part_is_fitted_and_its_disk_stays(engineer: Client) -> None:
    ticket = spare(engineer)
    assert send(engineer, "ticket-part", ticket, **part()).status_code == 302
    fitted = SparePart.objects.get()
    assert (fitted.target, fitted.disk_kept) == (ticket.target, "甲方保险柜 3 号")
    assert "旧盘保管：甲方保险柜 3 号" in page(engineer, ticket)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"origin": "second_hand"}, "不能用二手件（L704）"),
        ({"disk_kept": ""}, "请填写旧盘保管地点"), ({"disk_kept": "已返厂"}, "不得离场"),
        ({"serial_in": ""}, "error"), ({"serial_in": "old-1"}, "序列号相同"),
        ({"target": "HW-999-9"}, "登记里没有"), ({"target": "APP-10"}, "不是设备"),
        ({"fitted_at": "2999-01-01T00:00"}, "晚于当前时间"),
    ],
)  # fmt: skip
def test_a_part_that_may_not_be_is_told(
    engineer: Client, changed: dict[str, Any], said: str
) -> None:
    response = send(engineer, "ticket-part", spare(engineer), **part(**changed))
    assert response.status_code == 422
    assert said in text_of(response)
    assert not SparePart.objects.exists()


def test_an_announcement_leads_to_a_notice_that_the_client_confirms(
    engineer: Client, gu: Client, world: World
) -> None:
    AssetRow.objects.filter(code="HW-016").update(vendor_cn="华为", model="5500V3")
    asked = {
        "maker": "华为",
        "model": "5500v3",
        "source": "公告 2021-7",
        "support_ends": "2022-01-01",
    }
    assert send(engineer, "end-of-service-new", **{**asked, "source": ""}).status_code == 422
    assert send(engineer, "end-of-service-new", **{**asked, "support_ends": ""}).status_code == 422
    response = send(engineer, "end-of-service-new", **asked)
    row = EndOfService.objects.get()
    where = reverse("end-of-service-row", args=(row.pk,))
    assert response["Location"] == where
    assert "HW-016-1" in text_of(engineer.get(where))
    assert "已到期" in text_of(gu.get(reverse("end-of-service")))
    words = {"impact": "无备件", "advice": "明年更换"}
    assert gu.post(where, words).status_code == 403
    assert engineer.post(where, {"impact": ""}).status_code == 422
    ticket = made(engineer.post(where, words))
    assert ticket.target_links.get().target == world.array
    assert "HW-016-1" in ticket.form.values["units"]
    user = User.objects.get(username="u-first_line")
    work(ticket, user)
    actions.advance(
        ticket, "resolve", user, timezone.now(), version=ticket.version,
        facts={"solution": "已通知"},
    )  # fmt: skip
    assert send(engineer, "ticket-advance", ticket, step="confirm").status_code == 403
    assert send(gu, "ticket-word", ticket, decision="暂缓").status_code == 302
    assert send(gu, "ticket-advance", ticket, step="confirm").status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == State.CONFIRMED


# ---- days of development


def test_days_are_booked_and_undone_and_too_many_are_flagged(engineer: Client) -> None:
    ticket = opened(
        engineer, "dev_effort", title="签约规则调整", channel="phone", demand_no="XQ-1",
        application="APP-10", basis="文件 12 号", demand="改规则", includes="开发", estimate="12.5",
    )  # fmt: skip
    person, today = Person.objects.get(), timezone.localdate()
    ask = {"person": person.pk, "date": str(today), "work": "编码"}
    assert send(engineer, "ticket-book", ticket, **ask, days="0").status_code == 422
    assert send(engineer, "ticket-book", ticket, **ask, days="31").status_code == 302
    assert "186.50" in text_of(engineer.get(reverse("effort")))
    first = Effort.objects.get()
    undone = {"effort": first.pk, "reason": "记错单"}
    assert send(engineer, "ticket-undo", ticket, **undone).status_code == 302
    assert send(engineer, "ticket-undo", ticket, **undone).status_code == 422
    assert sum(row.days for row in Effort.objects.all()) == Decimal(0)
    for _ in range(8):
        send(engineer, "ticket-book", ticket, **ask, days="31")
    text = text_of(engineer.get(reverse("effort")))
    assert "▲ 30.50" in text
    assert "须双方决定，不得默认计费" in text
    assert "招标文件未写（A23）" in text


# ---- data changes


def draft(engineer: Client, **more: Any) -> Ticket:
    return made(send(engineer, "data-change-new", **{**REPORT, **more}))


def window() -> dict[str, str]:
    now = timezone.localtime(timezone.now())
    return {
        "window_start": (now - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
        "window_end": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
    }


def step(client: Client, ticket: Ticket, name: str, **facts: Any) -> Any:
    return send(client, "ticket-data-step", ticket, step=name, **facts)


def executing(engineer: Client, gu: Client) -> Ticket:
    ticket = draft(engineer)
    for client, name, facts in (
        (engineer, "apply", {}), (gu, "review", {}), (gu, "approve", window()),
        (engineer, "back_up", {"backup_ref": "BK-1"}),
        (engineer, "execute", {"session_ref": "BH-1"}),
    ):  # fmt: skip
        response = step(client, ticket, name, **facts)
        assert response.status_code == 302, (name, text_of(response))
    return ticket


def test_other_rows_than_expected_are_refused_on_the_page_and_only_rolled_back(
    engineer: Client, gu: Client
) -> None:
    ticket = executing(engineer, gu)
    refused = step(engineer, ticket, "finish", actual_rows="40", images_ref="IMG-1")
    assert refused.status_code == 422
    assert "实际 40 行，预期 1 行：不一致，须回滚" in text_of(refused)
    last = entries("ticket", ticket.number).first()
    assert last is not None
    assert (last.action, last.succeeded) == ("ticket.finish", False), "the attempt is on record"
    assert (
        step(engineer, ticket, "roll_back", actual_rows="40", reason="行数不符").status_code == 302
    )
    ticket.refresh_from_db()
    assert ticket.state == State.ROLLED_BACK
    assert "已按规定回滚" in page(engineer, ticket)
    assert verify_chain().intact


def test_the_page_says_who_may_not_before_he_fills_anything_in(
    engineer: Client, gu: Client
) -> None:
    ticket = executing(engineer, gu)
    step(engineer, ticket, "finish", actual_rows="1", images_ref="IMG-1")
    text = page(engineer, ticket)
    assert "复核须由执行人以外的人作出" in text
    assert step(engineer, ticket, "check").status_code == 422
    assert step(gu, ticket, "check").status_code == 403


def test_the_provider_does_not_approve_by_a_crafted_form(engineer: Client, gu: Client) -> None:
    ticket = draft(engineer)
    step(engineer, ticket, "apply")
    assert step(engineer, ticket, "review").status_code == 403
    assert step(engineer, ticket, "no-such-step").status_code == 403
    ticket.refresh_from_db()
    assert ticket.state == State.APPLIED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"script": ""}, "请填写脚本"), ({"rollback_script": ""}, "请填写回滚脚本"),
        ({"count_query": "DELETE FROM doc"}, "须为 SELECT 查询"),
        ({"expected_rows": "-1"}, "error"), ({"expected_rows": "许多"}, "预期行数须为整数"),
        ({"correction": "可冲正，不应改库"}, "改走业务冲正"), ({"unit": ""}, "请填写申请单位"),
        ({"purpose": "extract"}, "请填写销毁期限"),
        ({"purpose": "extract", "expires_on": "2026-12-31"}, "请填写取数字段"),
        ({"application": "APP-99"}, "error"), ({"purpose": "drop"}, "error"),
        ({"script": "x" * 100_001}, "error"), ({"expected_rows": "9" * 30}, "error"),
    ],
)  # fmt: skip
def test_a_report_with_faults_is_told(engineer: Client, changed: dict[str, Any], said: str) -> None:
    response = send(engineer, "data-change-new", **{**REPORT, **changed})
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Ticket.objects.exists()


def test_an_extraction_says_what_for_and_when_it_is_destroyed(engineer: Client) -> None:
    more = {
        "purpose": "extract", "fields_wanted": "机构、科室、人次", "masking": "姓名隐去",
        "medium": "加密光盘", "expires_on": "2026-12-31", "rollback_script": "",
    }  # fmt: skip
    refused = send(engineer, "data-change-new", **{**REPORT, **more})
    assert "提取数据须填写取数用途" in text_of(refused)
    ticket = draft(engineer, **more, use="统计公报")
    held = DataChange.objects.get(ticket=ticket)
    assert (held.fields, held.expires_on) == ("机构、科室、人次", date(2026, 12, 31))
    assert send(
        engineer, "ticket-data-destruction", ticket, destruction_ref="XH-1"
    ).status_code == 302  # fmt: skip
    assert "XH-1" in page(engineer, ticket)


def test_a_draft_is_edited_until_it_is_applied_for(engineer: Client) -> None:
    ticket = draft(engineer)
    where = reverse("data-change-edit", args=(ticket.number,))
    assert "UPDATE doc SET dept = 2" in text_of(engineer.get(where))
    sent = {**REPORT, "cause": "接口重复", "title": "换个题目", "version": ticket.version}
    assert engineer.post(where, sent).status_code == 302
    held = DataChange.objects.get(ticket=ticket)
    assert held.cause == "接口重复"
    assert held.ticket.title == "更正科室代码", "the ticket's own lines stay"
    assert engineer.post(where, sent).status_code == 422, "the version is old"
    step(engineer, ticket, "apply")
    assert engineer.post(where, {**sent, "version": ticket.version + 1}).status_code == 422


def test_the_printed_form_has_every_signature_and_no_frame_of_ours(engineer: Client) -> None:
    ticket = draft(engineer)
    text = text_of(engineer.get(reverse("data-change-print", args=(ticket.number,))))
    for who in (
        "单位负责人（签章）",
        "信息中心审核",
        "信息中心批准（盖章）",
        "执行人",
        "复核人",
        "申请人验证",
        "归档号",
    ):
        assert who in text
    assert "doc，id=7" in text
    assert engineer.get(reverse("data-change-print", args=("GD-2026-99999",))).status_code == 404


def test_what_is_fixed_three_times_is_offered_as_a_problem_once(
    engineer: Client, gu: Client
) -> None:
    for _ in range(3):
        draft(engineer)
    text = text_of(engineer.get(reverse("data-changes")))
    assert "反复修改，疑为缺陷" in text
    assert "建问题单" not in text_of(gu.get(reverse("data-changes")))
    asked = {"system": "APP-10", "cause": "录入错误"}
    assert send(engineer, "data-change-problem", **{**asked, "cause": "别的"}).status_code == 422
    problem = made(send(engineer, "data-change-problem", **asked))
    assert problem.kind == Kind.PROBLEM
    assert len(problem.form.values["incidents"].split()) == 3
    assert send(engineer, "data-change-problem", **asked).status_code == 422
    assert problem.number in text_of(engineer.get(reverse("data-changes")))
    assert "录入错误" in text_of(engineer.get(reverse("data-change-months")))


@pytest.mark.parametrize("month", ["", "2026-13", "0001-01", "9999-12", "x", "2026-1'", "2099-12"])
def test_any_month_can_be_asked_for(engineer: Client, month: str) -> None:
    assert engineer.get(reverse("data-change-months"), {"month": month}).status_code == 200


def test_the_list_is_filtered(engineer: Client) -> None:
    ticket = draft(engineer)
    where = reverse("data-changes")
    assert ticket.number in text_of(engineer.get(where, {"q": "录入 PACS", "state": "draft"}))
    assert "没有符合条件" in text_of(engineer.get(where, {"q": "没有的", "purpose": "extract"}))


@pytest.mark.parametrize("name", [
    "ticket-new", "data-changes", "data-change-new", "data-change-months", "end-of-service",
    "end-of-service-new", "effort",
])  # fmt: skip
def test_those_who_have_no_desk_do_not_see_it(world: World, sign_in: SignIn, name: str) -> None:
    for role in ("visitor", "institution", "audit_admin"):
        assert sign_in(role).get(reverse(name)).status_code == 403
