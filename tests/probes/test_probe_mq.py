"""mq: RabbitMQ's management API as documents and over HTTP, and a real broker on demand."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from probe_peers import HOME, ask, babbles, free_port, hangs, resets, tcp_peer, values
from probe_servers import needs, running

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.mq import MqOptions, nodes_read, queues_read
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "rabbit-secret"}
NODE = {"name": "rabbit@a", "running": True, "mem_used": 90_000_000, "mem_alarm": False,
        "disk_free": 5_000_000_000, "disk_free_alarm": False, "partitions": []}  # fmt: skip
QUEUES = [
    {"name": "hl7.in", "messages": 7, "messages_ready": 5, "messages_unacknowledged": 2,
     "consumers": 1, "state": "running", "head_message_timestamp": 1000},
    {"name": "hl7.dead", "messages": 0, "messages_ready": 0, "messages_unacknowledged": 0,
     "consumers": 0, "state": "idle", "head_message_timestamp": None},
    {"name": "amq.gen-xyz", "messages": 3, "consumers": 1},
]  # fmt: skip


@asynccontextmanager
async def broker(pages: dict[str, Any], status: str = "200 OK") -> AsyncIterator[int]:
    """The management API as a page for each path."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1].split("?")[0]
        body = pages.get(path)
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        line = status if path in pages else "404 Not Found"
        writer.write(f"HTTP/1.1 {line}\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)
        await writer.drain()

    async with tcp_peer(serve) as port:
        yield port


PAGES = {
    "/api/overview": {"rabbitmq_version": "3.10.8"},
    "/api/nodes": [NODE],
    "/api/queues/%2F": QUEUES,
}


def test_nodes_and_queues_are_read_on_both_loops() -> None:
    async def main() -> None:
        async with broker(PAGES) as port:
            seen = values(await ask("mq", port, USER))
        assert seen.pop("mq.time") > 0
        assert seen.pop("mq.oldest[hl7.in]") > 1e9
        assert seen == {
            "mq.version": "3.10.8",
            "mq.node.running[rabbit@a]": True,
            "mq.node.memory_alarm[rabbit@a]": False,
            "mq.node.disk_alarm[rabbit@a]": False,
            "mq.node.memory[rabbit@a]": 90_000_000,
            "mq.node.disk[rabbit@a]": 5_000_000_000,
            "mq.node.partitions[rabbit@a]": 0,
            "mq.queues": 2,
            "mq.depth[hl7.in]": 7,
            "mq.ready[hl7.in]": 5,
            "mq.unacked[hl7.in]": 2,
            "mq.consumers[hl7.in]": 1,
            "mq.state[hl7.in]": "running",
            "mq.depth[hl7.dead]": 0,
            "mq.ready[hl7.dead]": 0,
            "mq.unacked[hl7.dead]": 0,
            "mq.consumers[hl7.dead]": 0,
            "mq.state[hl7.dead]": "idle",
            "mq.oldest[hl7.dead]": 0,
            "mq.messages": 7,
        }

    asyncio.run(main())
    uvloop.run(main())


async def test_refusals_and_nonsense_are_told(closed_port: int) -> None:
    assert (await ask("mq", closed_port, USER)).reason is Reason.REFUSED
    for pages, status, reason, said in (
        (PAGES, "401 Unauthorized", Reason.REFUSED, "口令不对"),
        (PAGES, "500 Oops", Reason.PROTOCOL, "状态码 500"),
        ({}, "200 OK", Reason.PROTOCOL, "没有该虚拟主机"),
        ({**PAGES, "/api/nodes": "<html>"}, "200 OK", Reason.PROTOCOL, "不是 JSON"),
        ({**PAGES, "/api/nodes": {"error": "x"}}, "200 OK", Reason.PROTOCOL, "不是列表"),
        ({**PAGES, "/api/nodes": []}, "200 OK", Reason.PROTOCOL, "没有列出节点"),
    ):
        async with broker(pages, status) as port:
            outcome = await ask("mq", port, USER)
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome
        assert "rabbit-secret" not in outcome.error
    for handler, expected in ((hangs, Reason.TIMEOUT), (resets, Reason.PROTOCOL),
                              (babbles, Reason.PROTOCOL)):  # fmt: skip
        async with tcp_peer(handler) as port:
            outcome = await ask("mq", port, USER, timeout=0.5)
        assert outcome.reason is expected, outcome


def test_a_stopped_node_s_last_words_are_no_news() -> None:
    readings = nodes_read([NODE, {**NODE, "name": "rabbit@b", "running": False}])
    seen = {one.key: one.value for one in readings}
    assert seen["mq.node.running[rabbit@b]"] is False
    assert "mq.node.memory[rabbit@b]" not in seen


def test_the_age_of_the_first_message_comes_from_its_stamp() -> None:
    seen = {one.key: one.value for one in queues_read(QUEUES, MqOptions(), 1090.0)}
    assert seen["mq.oldest[hl7.in]"] == 90
    ahead = {one.key: one.value for one in queues_read(QUEUES, MqOptions(), 900.0)}
    assert ahead["mq.oldest[hl7.in]"] == 0
    unstamped = [{**QUEUES[0], "head_message_timestamp": None}]
    keys = {one.key for one in queues_read(unstamped, MqOptions(), 1090.0)}
    assert "mq.oldest[hl7.in]" not in keys


def test_queues_are_chosen_by_name_and_too_many_are_told() -> None:
    only = queues_read(QUEUES, MqOptions(queues=("hl7.*",), skip=("*.dead",)), 0.0)
    assert [one.value for one in only if one.name == "mq.queues"] == [1]
    with pytest.raises(ProbeError, match="超过上限 1"):
        queues_read(QUEUES, MqOptions(most=1), 0.0)


def test_an_empty_virtual_host_is_refused() -> None:
    with pytest.raises(OptionError, match="不能为空"):
        parse_options(find("mq"), {"vhost": ""})


@pytest.fixture(scope="module")
def rabbit(public_folder: Path) -> Iterator[int]:
    """RabbitMQ with its management plugin: slow to start, so only where it is asked for."""
    if not os.environ.get("JINGWEI_TEST_RABBITMQ"):
        pytest.skip("RabbitMQ takes 15 s to start: set JINGWEI_TEST_RABBITMQ=1 to ask a real one")
    needs("rabbitmq-server", "rabbitmq-server")
    command = needs("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
    home, port, web, dist = public_folder / "rabbit", free_port(), free_port(), free_port()
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    (home / "plugins").write_text("[rabbitmq_management].\n")
    (home / "rabbit.conf").write_text(
        f"listeners.tcp.1 = {HOME}:{port}\nmanagement.tcp.ip = {HOME}\n"
        f"management.tcp.port = {web}\nloopback_users = none\n"
    )
    where = {
        "HOME": str(home), "RABBITMQ_NODENAME": f"jw{port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(home / "db"), "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbit.conf"), "RABBITMQ_DIST_PORT": str(dist),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"), "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_PID_FILE": str(home / "pid"),
    }  # fmt: skip

    async def once() -> bool:
        guest = {"user": "guest", "password": "guest"}
        return (await ask("mq", web, guest, timeout=3)).answered

    with running([command], lambda: asyncio.run(once()), most=90, environment=where, nobody=True,
                 folder=home):  # fmt: skip
        yield web


async def test_a_real_broker_tells_its_node_and_refuses_a_wrong_password(rabbit: int) -> None:
    seen = values(await ask("mq", rabbit, {"user": "guest", "password": "guest"}, timeout=8))
    assert any(key.startswith("mq.node.running") and value for key, value in seen.items())
    assert seen["mq.queues"] == 0
    wrong = await ask("mq", rabbit, {"user": "guest", "password": "no"}, timeout=8)
    assert wrong.reason is Reason.REFUSED
