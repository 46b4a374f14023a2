"""redis: a real redis-server with its replica, and peers that misbehave."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from probe_peers import HOME, ask, babbles, closes, free_port, hangs, resets, says, tcp_peer, values
from probe_servers import listens, needs, running

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.redis import read_info, refusal
from jingwei.terms import Reason

SECRET = {"password": "watch-secret-7"}


@pytest.fixture(scope="module")
def server(public_folder: Path) -> Iterator[int]:
    """redis-server with a password and a few keys."""
    command, port = needs("redis-server", "redis-server"), free_port()
    given = ["--port", str(port), "--bind", HOME, "--save", "", "--dir", str(public_folder),
             "--requirepass", SECRET["password"], "--maxmemory", "64mb"]  # fmt: skip
    with running([command, *given], lambda: listens(port)):
        with socket.create_connection((HOME, port)) as pipe:
            pipe.sendall(b"AUTH watch-secret-7\r\nRPUSH jobs a b c\r\nSET note x\r\n")
            assert pipe.recv(100).startswith(b"+OK")
        yield port


def test_a_real_server_tells_its_role_memory_and_queues_on_both_loops(server: int) -> None:
    lengths = [
        {"key": "jobs", "reading": "queue.depth", "instance": "jobs"},
        {"key": "nobody", "reading": "queue.depth", "instance": "nobody"},
    ]

    async def main() -> None:
        seen = values(await ask("redis", server, SECRET, lengths=lengths))
        assert seen["redis.role"] == "master"
        assert 0 < seen["redis.ping"] < 3000
        assert seen["redis.memory.limit"] == 64 * 1024 * 1024
        assert seen["redis.memory"] > 0
        assert seen["redis.clients"] >= 1
        assert seen["redis.replicas"] == 0
        assert seen["redis.save"] == "ok"
        assert seen["redis.keys[db0]"] == 2
        assert (seen["queue.depth[jobs]"], seen["queue.depth[nobody]"]) == (3, 0)

    asyncio.run(main())
    uvloop.run(main())


async def test_a_wrong_or_a_missing_password_is_refused_and_never_shown(server: int) -> None:
    wrong = await ask("redis", server, {"password": "not-this-one"})
    missing = await ask("redis", server)
    assert (wrong.reason, missing.reason) == (Reason.REFUSED, Reason.REFUSED)
    assert wrong.error == "登录被拒绝：用户或口令不对"
    assert missing.error == "登录被拒绝：需要口令"
    assert "not-this-one" not in wrong.error


async def test_a_replica_whose_master_is_gone_says_its_link_is_down(
    server: int, public_folder: Path
) -> None:
    command, port = needs("redis-server", "redis-server"), free_port()
    given = ["--port", str(port), "--bind", HOME, "--save", "", "--dir", str(public_folder),
             "--replicaof", HOME, str(free_port())]  # fmt: skip
    with running([command, *given], lambda: listens(port)):
        seen = values(await ask("redis", port))
    assert seen["redis.role"] == "slave"
    assert seen["redis.link"] == "down"
    assert "redis.memory.limit" not in seen


async def test_a_refusing_hanging_resetting_or_babbling_peer(closed_port: int) -> None:
    refused = await ask("redis", closed_port)
    assert (refused.reason, refused.error) == (Reason.REFUSED, "连接被拒绝：端口没有服务")
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reason.PROTOCOL),
        (says(b"+PONG\r\n$999999999\r\n"), Reason.PROTOCOL),
        (says(b"+PONG\r\n$50\r\nhalf"), Reason.PROTOCOL),
        (says(b"+NOPE\r\n"), Reason.PROTOCOL),
        (says(b"-LOADING Redis is loading the dataset in memory\r\n"), Reason.REFUSED),
        (says(b"x" * 100_000 + b"\r\n"), Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("redis", port, timeout=0.5)
        assert outcome.reason is reason, outcome


def test_a_replication_with_a_stuck_member_is_read_out_of_info() -> None:
    told = (
        "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"
        "slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0\r\n"
        "slave1:ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=31\r\n"
        "aof_enabled:1\r\naof_last_write_status:err\r\nmaxmemory:0\r\n"
    )
    seen = {reading.key: reading.value for reading in read_info(told)}
    assert seen == {
        "redis.role": "master",
        "redis.replicas": 2,
        "redis.aof": "err",
        "redis.replica.state[10.0.0.2:6379]": "online",
        "redis.replica.lag[10.0.0.2:6379]": 0,
        "redis.replica.state[10.0.0.3:6379]": "wait_bgsave",
        "redis.replica.lag[10.0.0.3:6379]": 31,
    }


def test_info_that_names_no_role_is_no_redis() -> None:
    with pytest.raises(ProbeError, match="没有角色"):
        read_info("# Server\r\nredis_version:7\r\n")


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("NOPERM this user has no permissions", Reason.REFUSED, "没有执行该命令的权限"),
        ("ERR max number of clients reached", Reason.REFUSED, "连接数已满"),
        ("ERR invalid password", Reason.REFUSED, "口令不对"),
        ("ERR unknown command", Reason.PROTOCOL, "Redis 报错"),
    ],
)
def test_errors_of_redis_in_words(text: str, reason: Reason, said: str) -> None:
    error = refusal(text)
    assert error.reason is reason
    assert said in error.message


def test_a_key_without_a_name_is_refused() -> None:
    with pytest.raises(OptionError, match="不能为空"):
        parse_options(find("redis"), {"lengths": [{"key": "", "reading": "x"}]})
