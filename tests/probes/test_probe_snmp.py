"""snmp: a tiny responder written from the RFCs, and the real snmpd of Debian for v3."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from ber_agent import Agent
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, as_rows, ask, calm, samples, values

from jingwei.probes import find, parse_options
from jingwei.probes.snmp import Column, column_readings, row_names
from jingwei.probes.values import text_of, valued
from jingwei.terms import Reason

PUBLIC = {"community": "public"}
UPS = "1.3.6.1.2.1.33.1"
STORE = "1.3.6.1.4.1.34774.4.1.23.5.1.1"

TREE: dict[str, int | bytes] = {
    f"{UPS}.2.1.0": 2,
    f"{UPS}.2.4.0": 100,
    f"{UPS}.4.1.0": 3,
    "1.3.6.1.4.1.476.1.42.3.4.1.3.3.1.3.1": 294,
    f"{STORE}.1.1": b"0.0",
    f"{STORE}.1.2": b"0.1",
    f"{STORE}.2.1": 1,
    f"{STORE}.2.2": 3,
    f"{STORE}.4.1": "静安 CTE0.0".encode(),
    f"{STORE}.4.2": "静安 CTE0.1".encode(),
    f"{STORE}.11.1": 31,
    f"{STORE}.11.2": 44,
}
HEALTH = {"1": "normal", "2": "fault", "3": "pre-fail", "5": "degraded"}
CHARGE = {"reading": "ups.charge", "oid": f"{UPS}.2.4.0", "unit": "%"}


@asynccontextmanager
async def agent(tree: dict[str, int | bytes] | None = None, **how: Any) -> AsyncIterator[int]:
    """A v2c agent over a tree; yields its port."""
    loop = asyncio.get_running_loop()
    made = Agent(tree if tree is not None else TREE, **how)
    transport, _ = await loop.create_datagram_endpoint(lambda: made, local_addr=(HOME, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


def test_get_walk_and_table_on_both_loops() -> None:
    async def main() -> None:
        async with agent() as port:
            outcome = await ask(
                "snmp",
                port,
                PUBLIC,
                get=[
                    CHARGE,
                    {"reading": "ups.source", "oid": f".{UPS}.4.1.0",
                     "states": {"3": "normal", "5": "battery"}},
                    {"reading": "room.temperature", "unit": "°C", "scale": 0.1, "instance": "r1",
                     "oid": "1.3.6.1.4.1.476.1.42.3.4.1.3.3.1.3.1"},
                    {"reading": "nothing", "oid": "1.3.6.1.4.1.99999.1.0"},
                ],
                walk=[{"reading": "disk.temperature", "oid": f"{STORE}.11", "unit": "°C"}],
                table=[{
                    "label_oid": f"{STORE}.4",
                    "columns": [{"reading": "disk.health", "oid": f"{STORE}.2", "states": HEALTH}],
                }],
            )  # fmt: skip
        assert values(outcome) == {
            "ups.charge": 100,
            "ups.source": "normal",
            "room.temperature[r1]": 29.4,
            "disk.temperature[1]": 31,
            "disk.temperature[2]": 44,
            "disk.health[静安 CTE0.0]": "normal",
            "disk.health[静安 CTE0.1]": "pre-fail",
        }

    asyncio.run(main())
    uvloop.run(main())


async def test_only_the_wanted_rows_are_read() -> None:
    table = {
        "label_oid": f"{STORE}.1",
        "only": r"\.1$",
        "columns": [{"reading": "disk.health", "oid": f"{STORE}.2"}],
    }
    async with agent() as port:
        seen = values(await ask("snmp", port, PUBLIC, table=[table]))
    assert seen == {"disk.health[0.1]": 3}


async def test_more_objects_than_fit_one_request_are_asked_in_several() -> None:
    tree: dict[str, int | bytes] = {f"1.3.6.1.4.1.9.{n}.0": n for n in range(1, 51)}
    get = [{"reading": "n", "oid": oid, "instance": oid.split(".")[-2]} for oid in tree]
    async with agent(tree, most=20) as port:
        seen = values(await ask("snmp", port, PUBLIC, get=get))
    assert len(seen) == 50
    assert seen["n[50]"] == 50


async def test_a_device_that_has_nothing_asked_for_is_a_protocol_error() -> None:
    async with agent() as port:
        outcome = await ask(
            "snmp", port, PUBLIC, get=[{"reading": "x", "oid": "1.3.6.1.4.1.99999.1.0"}]
        )
    assert outcome.reason is Reason.PROTOCOL
    assert outcome.error == "设备没有任何所问的 SNMP 对象"


async def test_a_wrong_community_is_silence_and_says_so_without_naming_it() -> None:
    async with agent() as port:
        outcome = await ask(
            "snmp", port, {"community": "wrong-community"}, timeout=0.3, get=[CHARGE]
        )
    assert outcome.reason is Reason.TIMEOUT
    assert "团体字" in outcome.error
    assert "wrong-community" not in outcome.error


async def test_an_agent_that_walks_in_circles_is_stopped() -> None:
    async with agent(circle=True) as port:
        outcome = await ask(
            "snmp", port, PUBLIC, timeout=2, walk=[{"reading": "x", "oid": f"{STORE}.2"}]
        )
    assert not outcome.answered
    assert outcome.reason in (Reason.PROTOCOL, Reason.TIMEOUT)


async def test_a_table_that_never_ends_is_stopped() -> None:
    tree: dict[str, int | bytes] = {f"1.3.6.1.4.1.9.1.{n}": n for n in range(1, 200)}
    walk = [{"reading": "x", "oid": "1.3.6.1.4.1.9.1"}]
    async with agent(tree) as port:
        outcome = await ask("snmp", port, PUBLIC, walk=walk, max_rows=50)
        whole = await ask("snmp", port, PUBLIC, walk=walk, max_rows=199)
    assert outcome.reason is Reason.PROTOCOL
    assert "超过 50 行" in outcome.error
    assert len(values(whole)) == 199


@pytest.mark.parametrize("noise", [b"", b"\x30", b"\x30\x82\xff\xff", b"hello", b"\x00" * 64])
async def test_garbage_is_no_answer(noise: bytes) -> None:
    async with agent(noise=noise) as port:
        outcome = await ask("snmp", port, PUBLIC, timeout=0.3, get=[CHARGE])
    assert outcome.reason in (Reason.PROTOCOL, Reason.TIMEOUT)


async def test_nobody_there_is_silence(closed_port: int) -> None:
    outcome = await ask("snmp", closed_port, PUBLIC, timeout=0.3, get=[CHARGE])
    assert outcome.reason in (Reason.TIMEOUT, Reason.REFUSED)


@pytest.mark.parametrize(
    ("version", "secrets", "said"),
    [
        ("2c", {}, "没有为该目标配置 SNMP 团体字"),
        ("3", {}, "没有为该目标配置 SNMP v3 用户"),
        ("3", {"user": "ops", "priv_key": "privpass123"}, "需要同时配置认证密钥"),
        ("3", {"user": "o", "auth_key": "authpass", "auth_protocol": "ROT13"}, "认证算法应为"),
        (
            "3",
            {"user": "o", "auth_key": "authpass", "priv_key": "p", "priv_protocol": "X"},
            "加密算法应为",
        ),
    ],
)
async def test_missing_or_odd_credentials_are_our_fault(
    version: str, secrets: dict[str, str], said: str
) -> None:
    outcome = await ask("snmp", 161, secrets, version=version, get=[CHARGE])
    assert outcome.reason is Reason.COLLECTOR
    assert said in outcome.error


async def test_many_agents_at_once_are_each_read_right() -> None:
    async with agent() as port:
        outcomes = await asyncio.gather(
            *(ask("snmp", port, PUBLIC, get=[CHARGE], timeout=5) for _ in range(100))
        )
    assert all(values(outcome) == {"ups.charge": 100} for outcome in outcomes)


# -- pure


@pytest.mark.parametrize(("name", "sample"), samples("snmp"))
def test_recorded_columns_give_the_expected_readings(name: str, sample: Any) -> None:
    options = parse_options(find("snmp"), {"table": [sample["table"]]})
    (table,) = options.table
    labels = {index: text.encode() for index, text in sample["labels"].items()}
    names = row_names(labels)
    readings = []
    for column in table.columns:
        readings += column_readings(column, sample["columns"][column.oid], names, table.only)
    assert as_rows(readings) == sample["readings"], name


def test_two_rows_of_one_name_stay_two() -> None:
    assert row_names({"1": b"eth0", "2": b"eth0", "3": b"lo", "4": b""}) == {
        "1": "eth0.1",
        "2": "eth0.2",
        "3": "lo",
    }


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"CTE0.0\x00\x00", "CTE0.0"),
        ("静安".encode(), "静安"),
        ("静安".encode("gb18030"), "静安"),
        (b"\x00\x1b\x21\x0a\x0b\x0c", "00:1b:21:0a:0b:0c"),
        (b"", ""),
    ],
)
def test_device_text_is_shown_readably(raw: bytes, shown: str) -> None:
    assert text_of(raw) == shown


@pytest.mark.parametrize(
    ("raw", "unit", "scale", "value"),
    [
        (294, "°C", 0.1, 29.4),
        (b"29.4", "°C", 1.0, 29.4),
        (b"29.4 C", "°C", 1.0, 29.4),
        (b"96%", "%", 1.0, 96.0),
        (b"online", "", 1.0, "online"),
        (b"not a number", "°C", 1.0, "not a number"),
        (2**63, "B", 1.0, 2**63),
        (True, "", 1.0, True),
        (float("nan"), "W", 1.0, None),
        (None, "", 1.0, None),
        ([1], "", 1.0, None),
    ],
)
def test_raw_values_are_scaled_and_numbers_in_text_are_read(
    raw: Any, unit: str, scale: float, value: Any
) -> None:
    column = Column(reading="x", oid="1.3.6", unit=unit, scale=scale)
    assert valued(column, raw) == value


@calm
@given(st.binary(max_size=64))
def test_any_bytes_become_printable_text(raw: bytes) -> None:
    shown = text_of(raw)
    assert all(char.isprintable() or char in "\t\r\n" for char in shown)


# -- the real snmpd


SNMPD = shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin")


@pytest.fixture(scope="module")
def snmpd_process(public_folder: Path) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """Debian's snmpd as an unprivileged user on a high port, with v3 users."""
    if SNMPD is None:
        pytest.skip("snmpd is not installed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOME, 0))
        port = taken.getsockname()[1]
    folder = public_folder / "snmpd"
    (folder / "state").mkdir(parents=True)
    for path in (folder, folder / "state"):
        path.chmod(0o777)
    config = folder / "snmpd.conf"
    config.write_text(
        "rocommunity public\n"
        'createUser ops SHA "authpass123" AES "privpass123"\n'
        'createUser md5 MD5 "authpass123"\n'
        'createUser strong SHA-256 "authpass123" AES "privpass123"\n'
        "rouser ops priv\nrouser md5 auth\nrouser strong priv\n"
        "sysLocation 静安机房\n",
        encoding="utf-8",
    )
    config.chmod(0o644)
    command = [SNMPD, "-f", "-C", "-c", str(config), "-Lf", "/dev/null", "-I", "-smux"]
    process = subprocess.Popen(
        [*command, f"udp:{HOME}:{port}"],
        env={"SNMP_PERSISTENT_DIR": str(folder / "state"), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user="nobody",
        group="nogroup",
        extra_groups=[],
    )
    try:
        _await_snmpd(port)
        yield port, process
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def snmpd(snmpd_process: "tuple[int, subprocess.Popen[bytes]]") -> int:
    """The port of the running snmpd."""
    return snmpd_process[0]


def _await_snmpd(port: int) -> None:
    until = time.monotonic() + 15
    name = [{"reading": "n", "oid": "1.3.6.1.2.1.1.5.0"}]
    while time.monotonic() < until:
        if asyncio.run(ask("snmp", port, PUBLIC, get=name, timeout=0.5)).answered:
            return
    pytest.fail("snmpd did not start")


LOCATION = [{"reading": "location", "oid": "1.3.6.1.2.1.1.6.0"}]
AUTH_PRIV = {
    "user": "ops",
    "auth_key": "authpass123",
    "priv_key": "privpass123",
    "auth_protocol": "SHA",
    "priv_protocol": "AES",
}


@pytest.mark.peers
async def test_snmpd_answers_v2c_with_get_and_its_interface_table(snmpd: int) -> None:
    interfaces = "1.3.6.1.2.1.2.2.1"
    outcome = await ask(
        "snmp",
        snmpd,
        PUBLIC,
        get=LOCATION,
        table=[{
            "label_oid": f"{interfaces}.2",
            "columns": [{"reading": "if.status", "oid": f"{interfaces}.8",
                         "states": {"1": "up", "2": "down"}}],
        }],
    )  # fmt: skip
    seen = values(outcome)
    assert seen["location"] == "静安机房"
    assert seen["if.status[lo]"] == "up"


@pytest.mark.peers
@pytest.mark.parametrize(
    "secrets",
    [
        AUTH_PRIV,
        {"user": "md5", "auth_key": "authpass123", "auth_protocol": "MD5"},
        {**AUTH_PRIV, "user": "strong", "auth_protocol": "SHA-256"},
    ],
    ids=["SHA and AES128", "MD5 without privacy", "SHA256 and AES128"],
)
def test_snmpd_answers_v3_on_both_loops(snmpd: int, secrets: dict[str, str]) -> None:
    async def main() -> None:
        outcome = await ask("snmp", snmpd, secrets, version="3", get=LOCATION)
        assert values(outcome) == {"location": "静安机房"}

    asyncio.run(main())
    uvloop.run(main())


@pytest.mark.peers
@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        ({"user": "stranger"}, {Reason.REFUSED}),
        ({"auth_key": "wrongpass123"}, {Reason.REFUSED}),
        ({"priv_key": "wrongpass123"}, {Reason.TIMEOUT, Reason.REFUSED}),
    ],
)
async def test_snmpd_refuses_a_stranger_and_no_key_is_shown(
    snmpd: int, wrong: dict[str, str], reasons: set[Reason]
) -> None:
    secrets = {**AUTH_PRIV, **wrong}
    outcome = await ask("snmp", snmpd, secrets, version="3", get=LOCATION, timeout=1)
    assert outcome.reason in reasons
    assert "pass123" not in outcome.error


@pytest.mark.peers
async def test_a_stopped_snmpd_is_a_timeout_and_recovers(
    snmpd_process: "tuple[int, subprocess.Popen[bytes]]",
) -> None:
    port, process = snmpd_process
    process.send_signal(signal.SIGSTOP)
    try:
        outcome = await ask("snmp", port, PUBLIC, get=LOCATION, timeout=0.4)
    finally:
        process.send_signal(signal.SIGCONT)
    assert outcome.reason is Reason.TIMEOUT
    assert (await ask("snmp", port, PUBLIC, get=LOCATION)).answered
