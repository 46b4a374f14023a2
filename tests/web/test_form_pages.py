"""Forms on the pages: choose, fill in, send, sign, fit, book; data changes; notices of an end."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from form_making import made, opened, page, send, text_of
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.assets.models import AssetRow, Institution, Person
from jingwei.desk import actions
from jingwei.desk.forms import FORMS
from jingwei.desk.models import (
    Effort,
    EndOfService,
    InstitutionContact,
    Kind,
    Receipt,
    SparePart,
    State,
    Ticket,
)

FILE = {
    "title": "下发药品目录", "channel": "phone", "file": "药品目录 2026.2", "content": "代码表",
    "ordered_by": "信息中心 顾", "institutions": ["I-1", "I-2"], "way": "前置机目录",
}  # fmt: skip


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    Person.objects.create(name="王磊", line="first")
    Institution.objects.create(code="I-2", name="江宁社区", area="S", kind="chc")
    return sign_in("first_line", full_name="王磊")


@pytest.fixture
def gu(world: World, sign_in: SignIn) -> Client:
    return sign_in("client_approver", full_name="顾主任")


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


@pytest.mark.parametrize("name", [
    "ticket-new", "data-changes", "data-change-new", "data-change-months", "end-of-service",
    "end-of-service-new", "effort",
])  # fmt: skip
def test_those_who_have_no_desk_do_not_see_it(world: World, sign_in: SignIn, name: str) -> None:
    for role in ("visitor", "institution", "audit_admin"):
        assert sign_in(role).get(reverse(name)).status_code == 403


@pytest.mark.parametrize(
    "odd", ["9" * 30, "a\0b", "\ud83d\ude00" * 3000, "-1", "<script>", "\u202e"]
)
def test_odd_input_is_answered_never_a_crash(engineer: Client, odd: str) -> None:
    odd = odd.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    effort = opened(
        engineer, "dev_effort", title="调整", channel="phone", demand_no="1", application="APP-10",
        basis="a", demand="b", includes="开发", estimate="1",
    )  # fmt: skip
    fault = spare(engineer)
    for name, ticket, data in (
        ("ticket-book", effort, {"person": odd, "date": odd, "days": odd, "work": odd}),
        ("ticket-undo", effort, {"effort": odd, "reason": odd}),
        ("ticket-part", fault, part(target=odd, part_name=odd, serial_in=odd, origin=odd)),
        ("ticket-fill", fault, {"target": odd, "stopped": odd, "warranty": odd}),
        ("ticket-send", fault, {"institutions": odd, "way": odd, "at": odd}),
        ("ticket-receipt", fault, {"institution": odd, "receiver": odd, "at": odd}),
        ("ticket-data-step", fault, {"step": odd, "actual_rows": odd}),
    ):
        response = send(engineer, name, ticket, **data)
        assert response.status_code in (403, 422), name
        assert "<script>" not in text_of(response).replace("<script src", "")
    for where in ("data-changes", "data-change-months", "ticket-new", "end-of-service-new"):
        asked = engineer.get(reverse(where), {"q": odd, "maker": odd, "month": odd})
        assert asked.status_code == (400 if "\0" in odd else 200), where
    assert engineer.get(f"/end-of-service/{'9' * 30}/").status_code == 404
