"""What belongs to a ticket, from its page: the maker, other devices, findings, the same fault
elsewhere, basics put right; and the list of tickets.
"""

from typing import Any

import pytest
from django.urls import reverse
from ticket_making import Desk, ago, fault, make_desk, send, signed_in, text_of, typed
from web_making import World

from jingwei.accounts.models import AuditEntry
from jingwei.assets.models import Target, Vendor
from jingwei.desk.models import EventKind, SupportLevel, Ticket
from jingwei.terms.incident import Instant


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def page(desk: Desk, ticket: Ticket | None = None) -> str:
    number = (ticket or desk.ticket).number
    return text_of(signed_in(desk.wang).get(reverse("ticket", args=[number])))


def walk(desk: Desk, *steps: str) -> None:
    for step in steps:
        assert send(signed_in(desk.wang), desk.ticket, "advance", step=step).status_code == 302


def test_escalation_names_the_makers_hotline(world: World, desk: Desk) -> None:
    row = world.array.unit.row  # type: ignore[union-attr]
    row.vendor_cn = "华为"
    row.save()
    Vendor.objects.create(name="华为", hotline="400-822-9999")
    ticket = fault(desk.wang, desk.north, desk.pacs, target=world.array)
    assert "400-822-9999" in page(desk, ticket=ticket)
    send(signed_in(desk.wang), ticket, "escalate", level="maker", reason="双控故障，召唤原厂")
    assert ticket.level == SupportLevel.MAKER
    down = send(signed_in(desk.wang), ticket, "escalate", level="second", reason="降回")
    assert down.status_code == 422
    assert "一线 → 原厂" in page(desk, ticket=ticket)


def test_other_targets_and_findings_are_linked(world: World, desk: Desk) -> None:
    wang = signed_in(desk.wang)
    assert send(wang, desk.ticket, "link", target="HW-016-1 华为").status_code == 302
    twice = send(wang, desk.ticket, "link", target="hw-016-1")
    assert "已关联本工单" in text_of(twice)
    unknown = send(wang, desk.ticket, "link", target="HW-999-9")
    assert unknown.status_code == 422
    assert send(wang, desk.ticket, "finding", finding=world.finding.pk).status_code == 302
    assert "机房温度 29.4 ℃" in page(desk)
    assert send(wang, desk.ticket, "finding", finding=2**61).status_code == 422
    assert Target.objects.get(key="HW-016-1").ticket_links.count() == 1


def test_similar_faults_at_several_hospitals_are_merged_from_the_page(desk: Desk) -> None:
    other = fault(desk.wang, desk.south, desk.pacs, title="PACS 片子调不出")
    shown = page(desk)
    assert "可能是同一故障" in shown
    response = send(
        signed_in(desk.wang), desk.ticket, "merge", pick=[f"{other.number}:{other.version}"]
    )
    other.refresh_from_db()
    assert response.status_code == 302
    assert other.parent == desk.ticket
    assert "同一故障（1 家）" in page(desk)
    send(signed_in(desk.wang), other, "ungroup", reason="是网络的问题")
    assert other.parent is None


def test_a_merge_of_what_somebody_changed_meanwhile_merges_none(desk: Desk) -> None:
    others = [fault(desk.wang, desk.south, desk.pacs) for _ in range(2)]
    picks = [f"{one.number}:{one.version}" for one in others]
    send(signed_in(desk.li), others[1], "take")
    response = send(signed_in(desk.wang), desk.ticket, "merge", pick=picks)
    assert response.status_code == 422
    assert "已被他人修改，请看过后再归入" in text_of(response)
    assert desk.ticket.children.count() == 0


@pytest.mark.parametrize("pick", ["", "GD-1999-00001:1", "GD-1999-00001:x", "a\0b:1", "x" * 300])
def test_a_merge_of_nothing_known_is_refused(desk: Desk, pick: str) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "merge", pick=pick)
    assert response.status_code == 422


def test_grouping_under_a_number_that_is_none_says_so(desk: Desk) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "group", parent="GD-1999-00001")
    assert "没有单号为 GD-1999-00001 的工单" in text_of(response)
    itself = send(signed_in(desk.wang), desk.ticket, "group", parent=desk.ticket.number)
    assert "工单不能归入自己" in text_of(itself)


def test_one_tap_makes_a_ticket_of_a_finding_and_a_second_is_refused(
    world: World, desk: Desk
) -> None:
    wang = signed_in(desk.wang)
    where = reverse("ticket-from-finding", args=[world.finding.pk])
    assert "建故障单" in text_of(wang.get(reverse("finding", args=[world.finding.pk])))
    made = wang.post(where, {"severity": "degraded"})
    ticket = Ticket.objects.get(finding_links__finding=world.finding)
    assert made["Location"] == reverse("ticket", args=[ticket.number])
    assert ticket.number in text_of(wang.get(reverse("finding", args=[world.finding.pk])))
    again = wang.post(where, {"severity": "degraded"})
    assert again.status_code == 422
    assert f"该发现已有工单 {ticket.number}" in text_of(again)
    assert wang.post(where, {"severity": "worst"}).status_code == 422
    assert signed_in(desk.gu).post(where, {"severity": "degraded"}).status_code == 403


def test_closing_with_a_finding_still_red_asks_for_the_reason(world: World, desk: Desk) -> None:
    wang = signed_in(desk.wang)
    send(wang, desk.ticket, "finding", finding=world.finding.pk)
    walk(desk, "accept", "start")
    send(wang, desk.ticket, "remote", remote="yes", reason="远程重启")
    send(wang, desk.ticket, "instant", instant="restored")
    send(wang, desk.ticket, "advance", step="resolve", solution="重启")
    send(signed_in(desk.gu), desk.ticket, "advance", step="confirm")
    bare = send(wang, desk.ticket, "advance", step="close")
    assert bare.status_code == 422
    assert "尚有 1 个关联发现未恢复，关闭须写明原因" in text_of(bare)
    assert send(
        wang, desk.ticket, "advance", step="close", reason="温度由另单处理"
    ).status_code == 302  # fmt: skip


def grouped(desk: Desk) -> Ticket:
    """Another hospital's report of the same fault, under the first."""
    child = fault(desk.wang, desk.south, desk.pacs)
    send(signed_in(desk.wang), child, "group", parent=desk.ticket.number)
    return child


def test_a_restoration_is_written_for_all_hospitals_at_once(desk: Desk) -> None:
    child = grouped(desk)
    assert "归入的 1 张一并记录" in page(desk)
    send(signed_in(desk.wang), desk.ticket, "instant", instant="restored", children="on")
    restored = [one.events.get(instant=Instant.RESTORED).at for one in (desk.ticket, child)]
    assert restored[0] == restored[1]


def test_an_arrival_is_each_places_own(desk: Desk) -> None:
    child = grouped(desk)
    send(signed_in(desk.wang), desk.ticket, "instant", instant="arrived", children="on")
    assert not child.events.filter(instant=Instant.ARRIVED).exists()


def test_what_a_child_knows_already_stays(desk: Desk) -> None:
    child = grouped(desk)
    send(signed_in(desk.wang), child, "instant", instant="diagnosed")
    before = child.events.get(instant=Instant.DIAGNOSED).at
    send(signed_in(desk.wang), desk.ticket, "instant", instant="diagnosed", children="on")
    assert child.events.get(instant=Instant.DIAGNOSED).at == before


def test_what_a_child_refuses_is_written_for_none(desk: Desk) -> None:
    child = grouped(desk)
    when = typed(ago(60))
    occurred = {"instant": "occurred", "at": typed(ago(5))}
    assert send(signed_in(desk.wang), child, "instant", **occurred).status_code == 422
    assert send(
        signed_in(desk.wang), child, "instant", instant="occurred", at=typed(ago(20))
    ).status_code == 302  # fmt: skip
    response = send(
        signed_in(desk.wang), desk.ticket, "instant", instant="detected", at=when, children="on"
    )
    assert response.status_code == 422
    assert f"{child.number}：发现时间不能早于发生时间" in text_of(response)
    assert not desk.ticket.events.filter(instant=Instant.DETECTED).exists()


def basics(desk: Desk, **more: str) -> dict[str, str]:
    ticket = desk.ticket
    return {
        "title": ticket.title, "text": ticket.text, "institution": "H-1 市北医院",
        "application": "APP-20", "target": "", "site": "SITE-1", "reporter": "陈医生",
        "phone": "021-5555", "reason": "听错了", **more,
    }  # fmt: skip


def test_what_was_heard_wrong_is_put_right_with_a_reason(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    assert 'value="H-1 市北医院"' in page(desk)
    response = send(wang, desk.ticket, "amend", **basics(desk, institution="H-2", phone="8899"))
    assert response.status_code == 302
    assert (desk.ticket.institution, desk.ticket.phone) == (desk.south, "8899")
    assert desk.ticket.title == "PACS 调不出片子"
    said = desk.ticket.events.get(kind=EventKind.FORM)
    assert said.value == ("更正基本信息：机构 市北医院 → 静安区中心医院；联系电话 021-5555 → 8899")
    assert said.reason == "听错了"
    assert AuditEntry.objects.filter(action="ticket.form").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "没有改动任何内容"), ({"title": ""}, "请填写标题"),
        ({"phone": "1", "reason": ""}, "请填写更正原因"), ({"institution": "医院"}, "可能是"),
        ({"target": "HW-999-9"}, "登记里没有"), ({"title": "a\0b"}, "空字符"),
    ],
)  # fmt: skip
def test_a_bad_correction_changes_nothing(desk: Desk, given: dict[str, str], said: str) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "amend", **basics(desk, **given))
    assert response.status_code == 422
    assert said in text_of(response)
    desk.ticket.refresh_from_db()
    assert desk.ticket.phone == "021-5555"
    assert desk.ticket.version == 1


def test_a_page_of_a_past_day_says_that_it_shows_the_present(desk: Desk) -> None:
    client = signed_in(desk.wang)
    for where in (reverse("tickets"), reverse("ticket", args=[desk.ticket.number])):
        assert "不随截至日期变化" in text_of(client.get(f"{where}?as_of=2026-01-01"))
        assert "不随截至日期变化" not in text_of(client.get(where))


def rows(response: Any) -> str:
    return text_of(response).split("<tbody>")[-1].split("</tbody>")[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=调不出", True), ("q=市北", True), ("q=sbyy", True), ("q=021-5555", True),
        ("q=陈医生 PACS", True), ("q=没有这回事", False), ("kind=incident", True),
        ("kind=change", False), ("state=new", True), ("state=closed", False),
        ("institution=H-1", True), ("institution=H-2", False), ("severity=outage", True),
        ("severity=no_impact", False), ("whose=mine", False), ("show=all", True),
        ("kind=nonsense", True), ("page=999", True),
    ],
)  # fmt: skip
def test_the_list_filters_by_everything(desk: Desk, query: str, found: bool) -> None:
    response = signed_in(desk.wang).get(f"{reverse('tickets')}?{query}")
    assert response.status_code == 200
    assert (desk.ticket.number in rows(response)) == found


def test_the_list_finds_what_was_worked_and_its_clock_turns(desk: Desk) -> None:
    send(signed_in(desk.wang), desk.ticket, "work", text="更换了光模块")
    response = signed_in(desk.wang).get(f"{reverse('tickets')}?q=光模块")
    assert desk.ticket.number in rows(response)
    assert "data-due=" in rows(response)
    assert "web/clocks.js" in text_of(response)


def test_the_list_asks_the_same_number_of_questions_for_ten_tickets(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for _ in range(9):
        fault(desk.wang, desk.south, desk.pacs)
    client = signed_in(desk.wang)
    client.get(reverse("tickets"))
    with django_assert_max_num_queries(25):
        client.get(reverse("tickets"))
