"""storage.unity: instances of every kind as Unisphere lists them; what is none of it is told."""

from typing import Any

import pytest
from probe_pages import behaves_badly, pages
from probe_peers import ask, values

from jingwei.probes.errors import ProbeError
from jingwei.probes.rest import Answer
from jingwei.probes.unity import alerts_read, parts_read
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "unity-secret"}


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"@base": "https://array/api", "entries": [{"content": row} for row in rows]}


def one(name: str, health: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "health": {"value": health}, **more}


PAGES: dict[str, Any] = {
    "/api/types/storageProcessor/instances": listed(one("SP A", 5), one("SP B", 20)),
    "/api/types/pool/instances": listed(one("P1", 5, sizeTotal=1000, sizeFree=200)),
    "/api/types/disk/instances": listed(one("DAE 0_1", 5), one("DAE 0_2", 10)),
    "/api/types/powerSupply/instances": listed(one("PS A", 5)),
    "/api/types/fan/instances": listed(one("Fan 1", 7)),
    "/api/types/battery/instances": listed(one("BBU A", 0)),
    "/api/types/alert/instances": listed(
        {"id": "a1", "severity": 2, "state": 1}, {"id": "a2", "severity": 2, "state": 2},
        {"id": "a3", "severity": 4, "state": 1},
    ),
}  # fmt: skip


async def test_every_part_is_read_with_the_login_and_the_header_unity_asks_for() -> None:
    async with pages(PAGES) as peer:
        outcome = await ask("storage.unity", peer.port, USER, scheme="http")
    seen = values(outcome)
    assert seen.pop("unity.time") > 0
    assert seen == {
        "controller.health[SP A]": "normal",
        "controller.health[SP B]": "fault",
        "pool.health[P1]": "normal",
        "pool.total[P1]": 1000,
        "pool.free[P1]": 200,
        "disk.health[DAE 0_1]": "normal",
        "disk.health[DAE 0_2]": "degraded",
        "power.health[PS A]": "normal",
        "fan.health[Fan 1]": "ok-but",
        "battery.health[BBU A]": "unknown",
        "alert.critical": 1,
    }
    assert all(one.headers["x-emc-rest-client"] == "true" for one in peer.asked)
    assert all(one.headers["authorization"].startswith("Basic ") for one in peer.asked)


async def test_only_the_parts_that_are_wanted_are_asked() -> None:
    async with pages(PAGES) as peer:
        seen = values(await ask("storage.unity", peer.port, USER, scheme="http", parts=["disk"]))
    assert [one.path.split("?")[0] for one in peer.asked] == ["/api/types/disk/instances"]
    assert set(seen) == {"unity.time", "disk.health[DAE 0_1]", "disk.health[DAE 0_2]"}


async def test_refusals_and_nonsense_are_told(closed_port: int) -> None:
    kind = "/api/types/storageProcessor/instances"
    for page, reason, said in (
        ((401, b"<html>"), Reason.REFUSED, "账号"),
        ((500, {"error": {}}), Reason.PROTOCOL, "状态码 500"),
        ((200, b"<html>Unisphere</html>"), Reason.PROTOCOL, "不是 JSON"),
        ((200, {"entries": ["x"]}), Reason.PROTOCOL, "不是 Unity"),
        ((200, {}), Reason.PROTOCOL, "不是 Unity"),
    ):
        async with pages({**PAGES, kind: page}) as peer:
            outcome = await ask("storage.unity", peer.port, USER, scheme="http")
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome
    await behaves_badly("storage.unity", USER, closed_port)


async def test_without_an_account_it_is_our_side_that_cannot_ask() -> None:
    async with pages(PAGES) as peer:
        outcome = await ask("storage.unity", peer.port, scheme="http")
    assert outcome.reason is Reason.COLLECTOR
    assert peer.asked == []


@pytest.mark.parametrize(
    ("health", "word"),
    [({"value": 30}, "non-recoverable"), ({"value": 99}, "code-99"), ({}, "unknown"),
     (None, "unknown"), ({"value": "5"}, "unknown")],
)  # fmt: skip
def test_a_health_nobody_knows_is_never_normal(health: Any, word: str) -> None:
    said = Answer(200, listed({"id": "x", "health": health}), 0.1)
    assert [reading.value for reading in parts_read("disk", said)] == [word]


def test_alerts_without_a_severity_do_not_count_and_no_list_is_an_error() -> None:
    assert alerts_read(Answer(200, listed({"id": "x"}), 0.1))[0].value == 0
    with pytest.raises(ProbeError):
        alerts_read(Answer(200, None, 0.1))
