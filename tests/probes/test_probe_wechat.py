"""wechat: tokens and templates of both kinds; return codes are readings, secrets stay inside."""

import json
from typing import Any

import pytest
from probe_pages import Asked, behaves_badly, pages
from probe_peers import ask, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.terms import Reason

ACCOUNT = {"app_id": "wx-test-account", "app_secret": "wechat-secret-9"}
TOKEN = {"access_token": "68_TOKEN", "expires_in": 7200}


def official(request: Asked) -> Any:
    """The token interface as it judges what it is sent."""
    given = json.loads(request.body)
    right = (given["appid"], given["secret"]) == tuple(ACCOUNT.values())
    return TOKEN if right else {"errcode": 40125, "errmsg": "invalid appsecret"}


def templates(request: Asked) -> Any:
    if "access_token=68_TOKEN" not in request.path:
        return {"errcode": 40001, "errmsg": "invalid credential"}
    return {"template_list": [{"template_id": "T-1"}, {"template_id": "T-2"}]}


OFFICIAL = {
    "/cgi-bin/stable_token": official, "/cgi-bin/template/get_all_private_template": templates,
}  # fmt: skip


async def test_an_account_gets_a_token_and_its_template_stands() -> None:
    async with pages(OFFICIAL) as peer:
        outcome = await ask("wechat", peer.port, ACCOUNT, scheme="http", template="T-2")
    seen = values(outcome)
    assert seen.pop("wechat.token.time") > 0
    assert seen.pop("wechat.list.time") > 0
    assert seen == {
        "wechat.errcode": "0",
        "wechat.expires": 7200,
        "wechat.list.errcode": "0",
        "wechat.count": 2,
        "wechat.present": True,
    }
    assert [one.method for one in peer.asked] == ["POST", "GET"]
    assert json.loads(peer.asked[0].body)["grant_type"] == "client_credential"


async def test_a_template_that_is_gone_and_a_wrong_secret_are_readings() -> None:
    async with pages(OFFICIAL) as peer:
        gone = values(await ask("wechat", peer.port, ACCOUNT, scheme="http", template="T-9"))
        wrong = {**ACCOUNT, "app_secret": "wrong-secret"}
        refused = values(await ask("wechat", peer.port, wrong, scheme="http"))
    assert gone["wechat.present"] is False
    assert refused["wechat.errcode"] == "40125"
    assert "wechat.count" not in refused


async def test_a_quota_that_is_used_up_is_a_reading() -> None:
    used = {**OFFICIAL, "/cgi-bin/template/get_all_private_template": {"errcode": 45009}}
    async with pages(used) as peer:
        seen = values(await ask("wechat", peer.port, ACCOUNT, scheme="http", template="T-1"))
    assert (seen["wechat.errcode"], seen["wechat.list.errcode"]) == ("0", "45009")
    assert "wechat.present" not in seen


async def test_wecom_is_asked_for_its_agents_through_a_proxy() -> None:
    table = {
        "/proxy/cgi-bin/gettoken": {"errcode": 0, **TOKEN},
        "/proxy/cgi-bin/agent/list": {"errcode": 0, "agentlist": [{"agentid": 1000002}]},
    }
    async with pages(table) as peer:
        seen = values(await ask("wechat", peer.port, ACCOUNT, scheme="http", kind="wecom",
                                base="/proxy/", agent=1000002))  # fmt: skip
    assert (seen["wechat.count"], seen["wechat.present"]) == (1, True)
    assert peer.asked[0].path.startswith("/proxy/cgi-bin/gettoken?corpid=wx-test-account&")


async def test_without_an_account_it_is_our_side_that_cannot_ask() -> None:
    async with pages(OFFICIAL) as peer:
        outcome = await ask("wechat", peer.port, {"app_id": "wx"}, scheme="http")
    assert outcome.reason is Reason.COLLECTOR
    assert "app_secret" in outcome.error
    assert peer.asked == []


async def test_nonsense_is_told_without_the_secret(closed_port: int) -> None:
    for page, said in (
        (b"<html>captive portal</html>", "不是 JSON"),
        ({"hello": 1}, "没有 access_token"),
        ((502, b"bad gateway"), "状态码 502"),
        ([], "没有 access_token"),
    ):
        async with pages({"/cgi-bin/stable_token": page}) as peer:
            outcome = await ask("wechat", peer.port, ACCOUNT, scheme="http")
        assert (outcome.reason, said in outcome.error) == (Reason.PROTOCOL, True), outcome
        assert "wechat-secret-9" not in outcome.error
    await behaves_badly("wechat", ACCOUNT, closed_port)


@pytest.mark.parametrize(
    ("given_options", "said"),
    [
        ({"kind": "wecom", "template": "T-1"}, "没有消息模板"),
        ({"agent": 7}, "没有 AgentId"),
        ({"base": "cgi"}, "应以 / 开头"),
    ],
)
def test_options_of_the_other_kind_are_refused(given_options: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find("wechat"), given_options)
