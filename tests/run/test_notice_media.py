"""Each medium against a real server on loopback: what is sent, what each answer means."""

import asyncio
import base64
import hmac
import time
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from notice_peers import AT, Decide, Gateway, closed_port, gateway, hangs, parcel, resets, says

from jingwei.desk import webhook as signatures
from jingwei.desk.models import Medium
from jingwei.run.notices import sending
from jingwei.run.notices.parcel import Answer, cut

KEY = "abcd-1234-efgh-5678"
SECRET = "SEC0123456789abcdef"


def send(medium: Medium, address: dict[str, str], **more: Any) -> Answer:
    """One attempt."""
    return asyncio.run(sending.send(medium, address, parcel(**more), AT))


def address_at(medium: Medium, base: str, **more: str) -> dict[str, str]:
    """A whole address that leads to a gateway of the test's."""
    known = {
        Medium.WECOM: {"base": base, "key": KEY},
        Medium.DINGTALK: {"base": base, "token": KEY, "secret": SECRET},
        Medium.FEISHU: {"base": base, "token": KEY, "secret": SECRET},
        Medium.WEBHOOK: {"url": f"{base}/in/{KEY}", "secret": SECRET},
        Medium.SMS: {
            "url": f"{base}/sms?app={KEY}", "way": "POST", "type": "application/json",
            "template": '{"to": "{phone}", "say": "{text}"}', "header": "Authorization",
            "token": SECRET, "success": '"code":0', "phones": "13900000001,13900000002",
        },
    }  # fmt: skip
    return {**known[medium], **more}


YES = {
    Medium.WECOM: b'{"errcode":0,"errmsg":"ok"}',
    Medium.DINGTALK: b'{"errcode":0,"errmsg":"ok"}',
    Medium.FEISHU: b'{"code":0,"msg":"success"}',
    Medium.WEBHOOK: b"",
    Medium.SMS: b'{"code":0}',
}
HTTP = list(YES)


@pytest.mark.parametrize("medium", HTTP)
def test_a_yes_is_a_yes(medium: Medium) -> None:
    with gateway(says(YES[medium])) as peer:
        answer = send(medium, address_at(medium, peer.base))
    assert answer.ok, answer.detail


@pytest.mark.parametrize("medium", HTTP)
@pytest.mark.parametrize(
    ("decide", "expected"),
    [
        (says({"errcode": 93000, "code": 19001, "msg": "invalid"}, 400), "HTTP 400"),
        (says(b"<html>busy</html>", 500), "HTTP 500"),
        (says(b"", 301, Location="http://127.0.0.1:9/elsewhere"), "已拒绝"),
        (says(b"", 307, Location="/elsewhere"), "已拒绝"),
        (resets, "网关没有应答|连接中断"),
    ],
)
def test_a_no_is_a_no(medium: Medium, decide: Decide, expected: str) -> None:
    with gateway(decide) as peer:
        answer = send(medium, address_at(medium, peer.base))
        asked = len(peer.requests)
    assert not answer.ok
    assert any(each in answer.detail for each in expected.split("|")), answer.detail
    numbers = 2 if medium is Medium.SMS and expected == "HTTP 400" else 1
    assert asked == numbers  # a redirect is not followed


@pytest.mark.parametrize("medium", [Medium.WECOM, Medium.DINGTALK, Medium.FEISHU])
@pytest.mark.parametrize("body", [b'{"errcode":93000,"code":19021}', b"{}", b"[]", b"ok", b""])
def test_http_200_alone_is_no_yes_from_a_bot(medium: Medium, body: bytes) -> None:
    with gateway(says(body)) as peer:
        assert not send(medium, address_at(medium, peer.base)).ok


@pytest.mark.parametrize(
    ("medium", "body", "minutes"),
    [
        (Medium.WECOM, b'{"errcode":45009}', 1),
        (Medium.DINGTALK, b'{"errcode":130101}', 10),
        (Medium.FEISHU, b'{"code":11232}', 1),
    ],
)
def test_a_bot_that_is_asked_too_often_is_left_alone_for_a_while(
    medium: Medium, body: bytes, minutes: int
) -> None:
    with gateway(says(body)) as peer:
        answer = send(medium, address_at(medium, peer.base))
    assert (answer.ok, answer.wait) == (False, timedelta(minutes=minutes))


@pytest.mark.parametrize(("given", "seconds"), [("120", 120), ("soon", None), ("-5", None)])
def test_429_says_how_long_to_wait(given: str, seconds: int | None) -> None:
    with gateway(says(b"", 429, Retry_After=given)) as peer:
        answer = send(Medium.WEBHOOK, address_at(Medium.WEBHOOK, peer.base))
    assert answer.wait == (timedelta(seconds=seconds) if seconds else None)


@pytest.mark.parametrize("medium", HTTP)
def test_a_gateway_that_hangs_is_given_up(medium: Medium, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    monkeypatch.setattr("jingwei.run.notices.sms.EACH", 0.3)
    with gateway(hangs) as peer:
        started = time.monotonic()
        answer = send(medium, address_at(medium, peer.base))
        assert time.monotonic() - started < 2
    assert not answer.ok
    assert "没有应答" in answer.detail


@pytest.mark.parametrize("medium", HTTP)
def test_a_port_nobody_listens_on_is_told_in_words(medium: Medium) -> None:
    answer = send(medium, address_at(medium, f"http://127.0.0.1:{closed_port()}"))
    assert not answer.ok
    assert "连接不上" in answer.detail or "网关没有应答" in answer.detail


@pytest.mark.parametrize("medium", HTTP)
def test_a_gateway_that_repeats_our_secrets_does_not_get_them_into_the_log(
    medium: Medium,
) -> None:
    def echo(request: Any, _: Any) -> tuple[int, dict[str, str], bytes]:
        said = f"no: {request.path} {request.headers} {SECRET} {KEY}"
        return 403, {}, said.encode()

    with gateway(echo) as peer:
        answer = send(medium, address_at(medium, peer.base))
    assert KEY not in answer.detail
    assert SECRET not in answer.detail
    assert "HTTP 403" in answer.detail


def one(peer: Gateway) -> Any:
    """The only request."""
    (request,) = peer.requests
    return request


def test_wecom_gets_text_under_its_key() -> None:
    with gateway(says(YES[Medium.WECOM])) as peer:
        send(Medium.WECOM, address_at(Medium.WECOM, peer.base + "/relay/"), body="长" * 3000)
        request = one(peer)
    assert request.path == f"/relay/cgi-bin/webhook/send?key={KEY}"
    content = request.json["text"]["content"]
    assert content.startswith("【已超时】GD-2026-00001 到场超时\n长")
    assert content.endswith("2026-03-02 09:30")
    assert len(content.encode()) <= 2048


def test_dingtalk_is_signed_as_its_maker_says() -> None:
    with gateway(says(YES[Medium.DINGTALK])) as peer:
        send(Medium.DINGTALK, address_at(Medium.DINGTALK, peer.base))
        query = parse_qs(urlsplit(one(peer).path).query)
    moment = str(int(AT.timestamp() * 1000))
    mac = hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), sha256).digest()
    assert query == {
        "access_token": [KEY], "timestamp": [moment], "sign": [base64.b64encode(mac).decode()],
    }  # fmt: skip


def test_feishu_is_signed_as_its_maker_says() -> None:
    with gateway(says(YES[Medium.FEISHU])) as peer:
        send(Medium.FEISHU, address_at(Medium.FEISHU, peer.base))
        request = one(peer)
    moment = str(int(AT.timestamp()))
    mac = hmac.new(f"{moment}\n{SECRET}".encode(), digestmod=sha256).digest()
    assert request.path == f"/open-apis/bot/v2/hook/{KEY}"
    assert request.json["timestamp"] == moment
    assert request.json["sign"] == base64.b64encode(mac).decode()
    assert "PACS 打不开" in request.json["content"]["text"]


@pytest.mark.parametrize("medium", [Medium.DINGTALK, Medium.FEISHU])
def test_a_bot_without_a_secret_is_not_signed(medium: Medium) -> None:
    with gateway(says(YES[medium])) as peer:
        assert send(medium, address_at(medium, peer.base, secret="")).ok
        request = one(peer)
    assert b"sign" not in request.body
    assert "sign" not in request.path


def test_a_webhook_is_signed_and_named() -> None:
    with gateway(says(b"", 204)) as peer:
        assert send(Medium.WEBHOOK, address_at(Medium.WEBHOOK, peer.base)).ok
        request = one(peer)
    assert signatures.verify(request.headers["Jingwei-Signature"], request.body, SECRET, AT)
    assert request.headers["Idempotency-Key"] == request.json["id"] == "jw-7-1"
    assert request.json["data"] == {"ticket": "GD-2026-00001"}
    assert request.json["at"] == "2026-03-02T01:30:00+00:00"


def test_an_sms_gateway_gets_its_template_filled_and_escaped() -> None:
    title = '引号" 反斜\\ {phone} 与换行'
    with gateway(says(YES[Medium.SMS])) as peer:
        answer = send(Medium.SMS, address_at(Medium.SMS, peer.base), title=title)
        sent = [request.json for request in peer.requests]
        headers = peer.requests[0].headers
    assert answer.ok
    assert [each["to"] for each in sent] == ["13900000001", "13900000002"]
    assert title in sent[0]["say"]
    assert headers["Authorization"] == SECRET


def test_an_sms_gateway_may_be_asked_by_get() -> None:
    with gateway(says(YES[Medium.SMS])) as peer:
        url = f"{peer.base}/s?m={{phone}}&c={{title}}"
        send(Medium.SMS, address_at(Medium.SMS, peer.base, url=url, way="GET"), title="甲&乙")
        query = parse_qs(urlsplit(peer.requests[0].path).query)
    assert query == {"m": ["13900000001"], "c": ["甲&乙"]}


def test_who_got_the_message_is_not_told_again() -> None:
    def second_fails(request: Any, _: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b'{"code":7}' if b"0002" in request.body else b'{"code":0}'

    with gateway(second_fails) as peer:
        address = address_at(Medium.SMS, peer.base)
        first = send(Medium.SMS, address)
        assert (first.ok, len(first.reached)) == (False, 1)
        assert "1/2" in first.detail
        send(Medium.SMS, address, reached=frozenset(first.reached))
        told = [request.json["to"] for request in peer.requests]
    assert told == ["13900000001", "13900000002", "13900000002"]


def test_an_endless_answer_is_read_only_so_far() -> None:
    with gateway(says(b"x" * 5_000_000, 500)) as peer:
        answer = send(Medium.WEBHOOK, address_at(Medium.WEBHOOK, peer.base))
    assert len(answer.detail) < 300


@pytest.mark.parametrize("most", range(0, 40, 3))
def test_cut_text_fits_and_is_never_half_a_character(most: int) -> None:
    text = cut("静安区PACS系统打不开", most)
    assert len(text.encode()) <= max(most, 3)
    assert "\ufffd" not in text


def test_one_person_is_called_by_the_bot_of_his_group() -> None:
    sent = {}
    for medium, who in (
        (Medium.WECOM, "wangwei"), (Medium.DINGTALK, "13900000001"), (Medium.FEISHU, "ou_7d8a"),
    ):  # fmt: skip
        with gateway(says(YES[medium])) as peer:
            assert send(medium, address_at(medium, peer.base, mention=who)).ok
            sent[medium] = one(peer).json
    assert sent[Medium.WECOM]["text"]["mentioned_list"] == ["wangwei"]
    assert sent[Medium.DINGTALK]["at"] == {"atMobiles": ["13900000001"]}
    assert sent[Medium.DINGTALK]["text"]["content"].endswith("@13900000001")
    assert sent[Medium.FEISHU]["content"]["text"].startswith('<at user_id="ou_7d8a"></at> 【')


def test_without_a_phone_number_dingtalk_is_given_the_users_id() -> None:
    with gateway(says(YES[Medium.DINGTALK])) as peer:
        send(Medium.DINGTALK, address_at(Medium.DINGTALK, peer.base, mention="manager01"))
        assert one(peer).json["at"] == {"atUserIds": ["manager01"]}


def test_what_a_caller_wrote_calls_nobody_in_the_group() -> None:
    with gateway(says(YES[Medium.FEISHU])) as peer:
        body = 'PACS <at user_id="all">所有人</at>'
        send(Medium.FEISHU, address_at(Medium.FEISHU, peer.base), body=body)
        assert "<at" not in one(peer).json["content"]["text"]
