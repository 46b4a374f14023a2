"""redfish: a JSON tree over HTTP and TLS, old schemas and new, and controllers that break."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from probe_peers import (
    HOME,
    SAMPLES,
    Authority,
    as_rows,
    ask,
    babbles,
    closes,
    hangs,
    resets,
    samples,
    says,
    tcp_peer,
    values,
)

from jingwei.probes.errors import ProbeError
from jingwei.probes.redfish import Source, collect, judged, named
from jingwei.terms import Reason

LOGIN = {"user": "monitor", "password": "moni-secret"}
ALL = ("system", "power", "thermal", "drives", "memory")


class Bmc:
    """A controller: serves a tree, wants a login, may close after every answer."""

    def __init__(self, tree: dict[str, Any], *, keep: int = 1000) -> None:
        self.tree = copy.deepcopy(tree)
        self.keep = keep
        self.sessions: set[str] = set()
        self.connections = 0
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self.keep):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            method, path, _ = lines[0].split(" ")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.asked.append(f"{method} {path}")
            status, more, document = self._answer(method, path, headers, body)
            payload = json.dumps(document).encode()
            answer = [f"HTTP/1.1 {status} X", f"Content-Length: {len(payload)}", *more, "", ""]
            writer.write("\r\n".join(answer).encode() + payload)
            await writer.drain()

    def _answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[str], Any]:
        if method == "POST":
            login = json.loads(body)
            if login != {"UserName": LOGIN["user"], "Password": LOGIN["password"]}:
                return 401, [], {"error": {}}
            self.sessions.add("tok1")
            place = f"https://{HOME}/redfish/v1/SessionService/Sessions/1"
            return 201, ["X-Auth-Token: tok1", f"Location: {place}"], {}
        if method == "DELETE":
            self.sessions.clear()
            return 204, [], {}
        basic = "basic bw9uaxrvcjptb25plxnly3jlda=="
        known = headers.get("authorization") == basic
        if not known and headers.get("x-auth-token") not in self.sessions:
            return 401, [], {"error": {}}
        resource = self.tree.get(path.rstrip("/") or "/")
        return (200, [], resource) if resource is not None else (404, [], {"error": {}})


def tree(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "redfish" / f"{name}.json").read_text("utf-8"))
    return dict(found["tree"])


@asynccontextmanager
async def bmc(name: str = "new-schema", **how: Any) -> AsyncIterator[tuple[int, Bmc]]:
    made = Bmc(tree(name), **how)
    async with tcp_peer(made.serve) as port:
        yield port, made


def test_a_server_gives_the_health_of_its_parts_on_both_loops() -> None:
    async def main() -> None:
        async with bmc() as (port, made):
            outcome = await ask("redfish", port, LOGIN, scheme="http")
        seen = values(outcome)
        assert seen["redfish.system.health"] == "OK"
        assert seen["redfish.psu.health[PSU2]"] == "Critical"
        assert seen["redfish.drive.predicted_failure[Disk 1]"] is True
        assert seen["redfish.temperature[Inlet]"] == 24
        assert made.connections == 1, "one connection is enough"

    asyncio.run(main())
    uvloop.run(main())


async def test_only_the_wanted_parts_are_walked() -> None:
    async with bmc() as (port, made):
        seen = values(await ask("redfish", port, LOGIN, scheme="http", what=["power"]))
    assert {key.split("[")[0] for key in seen} == {"redfish.psu.health", "redfish.psu.state"}
    assert not any("Systems" in path for path in made.asked)


async def test_a_controller_that_closes_after_each_answer_is_asked_again() -> None:
    async with bmc(keep=1) as (port, made):
        seen = values(await ask("redfish", port, LOGIN, scheme="http", timeout=10))
    assert seen["redfish.system.health"] == "OK"
    assert made.connections >= len(made.asked)


async def test_a_session_is_opened_used_and_given_back() -> None:
    async with bmc() as (port, made):
        seen = values(await ask("redfish", port, LOGIN, scheme="http", auth="session"))
    assert seen["redfish.power_state"] == "On"
    assert made.asked[0] == "POST /redfish/v1/SessionService/Sessions"
    assert made.asked[-1] == "DELETE /redfish/v1/SessionService/Sessions/1"
    assert not made.sessions


async def test_a_session_is_given_back_even_when_the_walk_fails() -> None:
    async with bmc() as (port, made):
        made.tree["/redfish/v1/Systems"] = ["no resource"]
        outcome = await ask("redfish", port, LOGIN, scheme="http", auth="session")
    assert outcome.reason is Reason.PROTOCOL
    assert not made.sessions, "controllers have few session slots"


@pytest.mark.parametrize("auth", ["basic", "session"])
async def test_a_wrong_password_is_refused_and_not_shown(auth: str) -> None:
    async with bmc() as (port, _):
        outcome = await ask(
            "redfish", port, {**LOGIN, "password": "other-secret"}, scheme="http", auth=auth
        )
    assert outcome.reason is Reason.REFUSED
    assert "other-secret" not in outcome.error


async def test_a_self_signed_controller_is_read_unless_it_must_be_trusted(
    authority: Authority,
) -> None:
    pair = authority.issue("bmc", [HOME], self_signed=True)
    made = Bmc(tree("new-schema"))
    async with tcp_peer(made.serve, pair.server_context()) as port:
        read = await ask("redfish", port, LOGIN, timeout=10)
        strict = await ask("redfish", port, LOGIN, verify=True)
    assert values(read)["redfish.psu.health[PSU1]"] == "OK"
    assert strict.reason is Reason.PROTOCOL


async def test_a_tree_without_the_wanted_parts_is_a_protocol_error() -> None:
    async with bmc() as (port, made):
        made.tree = {"/redfish/v1": {"Systems": {"@odata.id": "/redfish/v1/Systems"}}}
        outcome = await ask("redfish", port, LOGIN, scheme="http")
        made.tree = {}
        nothing = await ask("redfish", port, LOGIN, scheme="http")
    assert outcome.reason is Reason.PROTOCOL
    assert nothing.error == "该地址没有 Redfish 服务"


async def test_a_tree_that_never_ends_is_stopped() -> None:
    endless = {"Members": [{"@odata.id": "/redfish/v1/Systems/1"}] * 1000}
    async with bmc() as (port, made):
        made.tree["/redfish/v1/Systems"] = endless
        outcome = await ask("redfish", port, LOGIN, scheme="http", what=["system"], timeout=20)
    assert outcome.reason is Reason.PROTOCOL
    assert "已停止" in outcome.error


async def test_a_collection_that_links_to_itself_is_read_once() -> None:
    async with bmc() as (port, made):
        made.tree["/redfish/v1/Systems"]["Members@odata.nextLink"] = "/redfish/v1/Systems"
        seen = values(await ask("redfish", port, LOGIN, scheme="http", what=["system"]))
    assert seen == {"redfish.system.health": "OK", "redfish.power_state": "On"}


async def test_a_link_that_is_no_path_is_not_followed() -> None:
    async with bmc() as (port, made):
        made.tree["/redfish/v1"]["Systems"] = {"@odata.id": "http://evil.example/x y"}
        outcome = await ask("redfish", port, LOGIN, scheme="http", what=["system"])
    assert outcome.reason is Reason.PROTOCOL
    assert "资源路径" in outcome.error


async def test_a_refusing_hanging_resetting_or_babbling_controller(closed_port: int) -> None:
    asked = {"scheme": "http"}
    assert (await ask("redfish", closed_port, LOGIN, **asked)).reason is Reason.REFUSED
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<xml>"), Reason.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"), Reason.PROTOCOL),
        (says(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"), Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("redfish", port, LOGIN, timeout=0.5, **asked)
        assert outcome.reason is reason, outcome


class Recorded(Source):
    """Resources out of a sample."""

    def __init__(self, resources: dict[str, Any]) -> None:
        self.resources = resources

    async def get(self, path: str) -> Any:
        return self.resources.get(path.rstrip("/"))


@pytest.mark.parametrize(("name", "sample"), samples("redfish"))
async def test_recorded_trees_give_the_expected_readings(name: str, sample: Any) -> None:
    found = judged(await collect(Recorded(sample["tree"]), ALL))
    assert as_rows(found) == sample["readings"], name


async def test_a_missing_root_is_no_redfish() -> None:
    with pytest.raises(ProbeError, match="没有 Redfish 服务"):
        await collect(Recorded({}), ALL)


def test_rows_are_named_by_what_tells_them_apart() -> None:
    same = {"Name": "HpeServerPowerSupply"}
    assert [name for _, name in named([{**same, "MemberId": "0"}, {**same, "MemberId": "1"}])] == [
        "0",
        "1",
    ]
    assert [name for _, name in named([{"Name": "PSU1"}, {"Name": "PSU2"}])] == ["PSU1", "PSU2"]
    assert [name for _, name in named([same, same])] == ["1", "2"]
    disks = [
        {"Name": "Disk", "Id": "0", "Storage": "A"},
        {"Name": "Disk", "Id": "0", "Storage": "B"},
    ]
    assert [name for _, name in named(disks)] == ["A/0", "B/0"]
    assert named([]) == []
