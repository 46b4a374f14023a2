"""storage.oceanstor: a session, the parts, and the session given back whatever happens."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_pages import Asked, behaves_badly, pages
from probe_peers import ask, calm, values

from jingwei.probes.errors import ProbeError
from jingwei.probes.oceanstor import alarms_read, parts_read
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "ocean-secret"}
FINE = {"code": 0, "description": "0"}
DEVICE = "210235G6"
ROOT = f"/deviceManager/rest/{DEVICE}"


def told(*rows: dict[str, Any]) -> Any:
    """A list as the array tells it, to those who carry the token."""

    def page(request: Asked) -> Any:
        if request.headers.get("ibasetoken") != "token-1":
            return {"error": {"code": -401, "description": "no session"}}
        return {"data": list(rows), "error": FINE}

    return page


def session(request: Asked) -> Any:
    if request.method == "DELETE":
        return {"error": FINE}
    given = json.loads(request.body)
    if (given["username"], given["password"], given["scope"]) != (*USER.values(), "0"):
        return {"error": {"code": 1077987870, "description": "wrong password"}}
    return {"data": {"deviceid": DEVICE, "iBaseToken": "token-1"}, "error": FINE}


def row(name: str, health: str = "1", running: str = "27", **more: str) -> dict[str, str]:
    return {"ID": name, "LOCATION": name, "HEALTHSTATUS": health, "RUNNINGSTATUS": running, **more}


PAGES: dict[str, Any] = {
    "/deviceManager/rest/xxxxx/sessions": session,
    f"{ROOT}/sessions": session,
    f"{ROOT}/controller": told(row("CTE0.A"), row("CTE0.B", "2", "28")),
    f"{ROOT}/storagepool": told(
        row("Pool1", USERTOTALCAPACITY="2000", USERFREECAPACITY="500")
    ),
    f"{ROOT}/disk": told(row("CTE0.1", "3", TEMPERATURE="31"), row("CTE0.2", "9", "77")),
    f"{ROOT}/power": told(row("PSU0", running="1")),
    f"{ROOT}/fan": lambda request: {"error": FINE},
    f"{ROOT}/alarm/currentalarm": told({"level": "6"}, {"level": 3}, {"level": "5"}, {}),
}  # fmt: skip


async def test_every_part_is_read_and_the_session_is_given_back() -> None:
    async with pages(PAGES) as peer:
        outcome = await ask("storage.oceanstor", peer.port, USER, scheme="http")
    seen = values(outcome)
    assert seen.pop("oceanstor.time") > 0
    assert seen == {
        "controller.health[CTE0.A]": "normal",
        "controller.running[CTE0.A]": "online",
        "controller.health[CTE0.B]": "fault",
        "controller.running[CTE0.B]": "offline",
        "pool.health[Pool1]": "normal",
        "pool.running[Pool1]": "online",
        "pool.total[Pool1]": 1_024_000,
        "pool.free[Pool1]": 256_000,
        "disk.health[CTE0.1]": "pre-fail",
        "disk.running[CTE0.1]": "online",
        "disk.temperature[CTE0.1]": 31,
        "disk.health[CTE0.2]": "code-9",
        "disk.running[CTE0.2]": "code-77",
        "power.health[PSU0]": "normal",
        "power.running[PSU0]": "normal",
        "alert.critical": 2,
    }
    assert (peer.asked[-1].method, peer.asked[-1].path) == ("DELETE", f"{ROOT}/sessions")
    assert all("authorization" not in one.headers for one in peer.asked)


async def test_the_session_is_given_back_when_a_question_fails() -> None:
    broken = {**PAGES, f"{ROOT}/disk": {"error": {"code": 1073793460, "description": "busy"}}}
    async with pages(broken) as peer:
        outcome = await ask("storage.oceanstor", peer.port, USER, scheme="http")
    assert (outcome.reason, "1073793460：busy" in outcome.error) == (Reason.PROTOCOL, True)
    assert peer.asked[-1].method == "DELETE"


async def test_a_wrong_password_is_tried_once_and_never_told() -> None:
    async with pages(PAGES) as peer:
        wrong = {"user": "watcher", "password": "not-it-at-all"}
        outcome = await ask("storage.oceanstor", peer.port, wrong, scheme="http")
    assert (outcome.reason, outcome.attempts) == (Reason.REFUSED, 1)
    assert "not-it-at-all" not in outcome.error
    assert len(peer.asked) == 1


async def test_nonsense_is_told(closed_port: int) -> None:
    door = "/deviceManager/rest/xxxxx/sessions"
    for page, said in (
        ((503, b""), "状态码 503"),
        (b"<html>", "不是 JSON"),
        ({"data": {}}, "没有 error.code"),
        ({"data": {}, "error": FINE}, "没有设备号"),
        ({"data": {"deviceid": "../x", "iBaseToken": "t"}, "error": FINE}, "没有设备号"),
    ):
        async with pages({**PAGES, door: page}) as peer:
            outcome = await ask("storage.oceanstor", peer.port, USER, scheme="http")
        assert (outcome.reason, said in outcome.error) == (Reason.PROTOCOL, True), outcome
    await behaves_badly("storage.oceanstor", USER, closed_port)


async def test_without_an_account_it_is_our_side_that_cannot_ask() -> None:
    outcome = await ask("storage.oceanstor", 1, scheme="http")
    assert outcome.reason is Reason.COLLECTOR


@calm
@given(st.dictionaries(st.sampled_from(["level", "LEVEL", "HEALTHSTATUS", "TEMPERATURE"]),
                       st.none() | st.integers() | st.text(max_size=4)))  # fmt: skip
def test_no_row_breaks_the_reading(one: dict[str, Any]) -> None:
    document = {"data": [one], "error": FINE}
    assert alarms_read(document)[0].value in (0, 1)
    assert len(parts_read("disk", document)) >= 2


def test_data_that_is_no_list_is_an_error() -> None:
    with pytest.raises(ProbeError, match="不是列表"):
        parts_read("disk", {"data": {"ID": "1"}, "error": FINE})
