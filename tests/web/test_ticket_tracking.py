"""The caller's page: what it tells, what it never tells, and a message box that holds."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from ticket_making import Desk, make_desk, send, signed_in, text_of

from jingwei.accounts.models import AuditEntry
from jingwei.desk.models import EventKind, Ticket, TicketEvent
from jingwei.web.once import new_key


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def where(ticket: Ticket) -> str:
    return reverse("tracking", args=[ticket.token])


def say(ticket: Ticket, text: str, **more: Any) -> Any:
    return Client().post(where(ticket), {"text": text, **more})


def test_a_stranger_with_the_link_sees_number_state_and_next_promise(desk: Desk) -> None:
    shown = text_of(Client().get(where(desk.ticket)))
    assert desk.ticket.number in shown
    assert "已登记，等待工程师受理" in shown
    assert "接下来：<b>电话响应</b>" in shown
    assert "报修" in shown


def test_it_tells_no_names_no_work_and_no_internal_reason(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    send(wang, desk.ticket, "take")
    send(wang, desk.ticket, "work", text="内部：怀疑误操作")
    send(wang, desk.ticket, "escalate", level="second", reason="内部理由")
    send(wang, desk.ticket, "instant", instant="phone_responded")
    shown = text_of(Client().get(where(desk.ticket)))
    assert "电话响应" in shown
    for secret in ("王磊", "李强", "陈医生", "021-5555", "内部", "二线", "建议"):
        assert secret not in shown, secret


def test_no_search_engine_no_cache_and_no_other_site_learns_the_link(desk: Desk) -> None:
    response = Client().get(where(desk.ticket))
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("token", ["x", "a" * 500, "GD-2026-00001"])
def test_an_unknown_link_is_404_whatever_it_is(desk: Desk, token: str) -> None:
    assert Client().get(reverse("tracking", args=[token])).status_code == 404
    assert Client().get("/t/a%00b/").status_code in {400, 404}
    assert Client().post(reverse("tracking", args=[token]), {"text": "x"}).status_code == 404


def test_a_message_reaches_the_desk_and_is_escaped_everywhere(desk: Desk) -> None:
    response = say(desk.ticket, "又有<script>alert(1)</script>三个科室", name="护士长")
    assert response.status_code == 302
    said = desk.ticket.events.get(kind=EventKind.MESSAGE)
    assert said.by is None
    assert said.by_name == "护士长（跟踪链接）"
    for page in (
        text_of(Client().get(where(desk.ticket))),
        text_of(signed_in(desk.wang).get(reverse("ticket", args=[desk.ticket.number]))),
    ):
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
    entry = AuditEntry.objects.filter(action="ticket.message").get()
    assert entry.object_key == desk.ticket.number


def test_a_message_does_not_turn_the_engineers_page_stale(desk: Desk) -> None:
    seen = desk.ticket.version
    say(desk.ticket, "还没好")
    response = send(signed_in(desk.wang), desk.ticket, "advance", step="accept", version=seen)
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "请填写留言内容"), ("  ", "请填写留言内容"), ("长" * 10_000, "1000"), ("a\0b", "空字符")],
)
def test_a_bad_message_is_told_and_kept_in_the_box(desk: Desk, text: str, said: str) -> None:
    response = say(desk.ticket, text)
    assert response.status_code == 422
    assert said in text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert not TicketEvent.objects.filter(kind=EventKind.MESSAGE).exists()


def test_who_writes_too_fast_is_asked_to_call(desk: Desk) -> None:
    codes = [say(desk.ticket, f"第 {n} 条").status_code for n in range(5)]
    assert codes == [302, 302, 302, 422, 422]
    assert "留言过于频繁" in text_of(say(desk.ticket, "还有"))


def test_the_limit_is_the_tickets_not_the_browsers(desk: Desk) -> None:
    for n in range(3):
        say(desk.ticket, f"{n}")
    assert say(desk.ticket, "换一个浏览器").status_code == 422


def test_a_message_sent_twice_is_kept_once(desk: Desk) -> None:
    client, key = Client(), new_key()
    for _ in range(2):
        client.post(where(desk.ticket), {"text": "还没好", "once": key})
    assert desk.ticket.events.filter(kind=EventKind.MESSAGE).count() == 1


def test_an_ended_ticket_takes_no_message(desk: Desk) -> None:
    send(signed_in(desk.gu), desk.ticket, "advance", step="cancel", reason="误报")
    shown = text_of(Client().get(where(desk.ticket)))
    assert "已撤销" in shown
    assert "接下来" not in shown
    assert say(desk.ticket, "又坏了").status_code == 422


def test_a_message_without_the_csrf_token_is_refused(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(where(desk.ticket), {"text": "x"}).status_code == 403


def test_the_promise_moves_on_with_the_work(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    send(wang, desk.ticket, "instant", instant="phone_responded")
    assert "接下来：<b>工程师到场</b>" in text_of(Client().get(where(desk.ticket)))
    send(wang, desk.ticket, "instant", instant="arrived")
    assert "接下来：<b>排除故障</b>" in text_of(Client().get(where(desk.ticket)))
