"""Scenarios choose where it hurts most; a region with needs plays the consequences."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jingwei.region import RegionError, faults, scenarios
from jingwei.region.consequences import Plight
from jingwei.region.district import District
from jingwei.region.fault_names import FaultName
from jingwei.terms import Endpoint, Need, Peer

SWITCHES = [Peer(key, "switch", key, "H3C", "S5560") for key in ("SW-1", "SW-2", "SW-3")]
SERVERS = [Peer(key, "server", key, "联想", "x3650 M5") for key in ("S-1", "S-2", "S-3")]
UPSES = [Peer(key, "ups", key, "APC", "SURT") for key in ("UPS-1", "UPS-2")]
APPS = [Peer(key, "application", key) for key in ("APP-08", "APP-09")]
PEERS = [*SWITCHES, *SERVERS, *UPSES, *APPS]
NEEDS = [
    Need("S-1", "SW-1", "network"), Need("S-2", "SW-2", "network"), Need("S-3", "SW-2", "network"),
    Need("S-1", "UPS-1", "power"), Need("S-1", "UPS-2", "power"),
    Need("S-2", "UPS-1", "power"), Need("S-2", "UPS-2", "power"),
    Need("APP-08", "S-2", "host"), Need("APP-09", "APP-08", "application"),
]  # fmt: skip


def test_the_switch_that_hurts_most_is_taken() -> None:
    assert scenarios.steps("core-switch-down", PEERS, NEEDS) == [("access-switch-down", "SW-2")]


def test_where_no_single_one_hurts_the_pair_is_taken() -> None:
    found = scenarios.steps("power-loss", PEERS, NEEDS)
    assert found == [("ups-no-output", "UPS-1"), ("ups-no-output", "UPS-2")]


def test_without_needs_a_scenario_is_its_fault_alone() -> None:
    assert scenarios.steps("host-down", PEERS, []) == [("server-hang", "S-1")]


def test_rewritten_files_are_the_cause_and_the_load_their_symptom() -> None:
    server = Peer("HW-005-1", "server", "共享", "Lenovo", "ThinkServer RD650")
    found = scenarios.steps("ransomware-like-file-changes", [server], [])
    assert found == [("files-rewritten", "HW-005-1"), ("cpu-high", "HW-005-1")]


def test_the_scenarios_of_the_issue_are_there() -> None:
    assert set(scenarios.SCENARIOS) >= {
        "core-switch-down", "power-loss", "storage-controller", "ransomware-like-file-changes",
        "exchange-stopped",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "nonsense", "Core-Switch-Down", "x" * 5000])
def test_an_unknown_scenario_is_refused_with_the_names_there_are(name: str) -> None:
    with pytest.raises(RegionError, match="core-switch-down"):
        scenarios.steps(name, PEERS, NEEDS)


@pytest.mark.parametrize("name", ["fabric-down", "database-down", "cooling-lost"])
def test_a_scenario_without_its_things_says_what_is_missing(name: str) -> None:
    with pytest.raises(RegionError, match="没有"):
        scenarios.steps(name, PEERS, NEEDS)


def test_every_scenario_names_faults_there_are() -> None:
    for name in ("core-switch-down", "power-loss", "host-down"):
        for fault, target in scenarios.steps(name, PEERS, NEEDS):
            assert target in faults.find(fault).spec(PEERS).targets


@pytest.fixture
async def district(tmp_path: Path) -> AsyncIterator[District]:
    async with District(tmp_path, PEERS, seed=3, needs=NEEDS) as made:
        yield made


def plights(district: District) -> dict[str, Plight]:
    return {key: one.plight for key, one in district._things.items() if one.plight != Plight()}


async def answers(endpoint: Endpoint, patience: float = 0.4) -> bool:
    """Whether a TCP port accepts; silence is not a refusal."""
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    except TimeoutError:
        return False
    writer.transport.abort()
    return True


async def health(endpoint: Endpoint) -> bytes:
    reader, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return (await reader.readline()).split()[1]
    finally:
        writer.transport.abort()


def web(district: District, key: str) -> Endpoint:
    return next(one for one in district._endpoints if (one.key, one.protocol) == (key, "http"))


async def test_a_scenario_darkens_what_hangs_on_it_and_healing_lights_it_again(
    district: District,
) -> None:
    assert await health(web(district, "APP-09")) == b"200"
    told = await district.scenario("core-switch-down")
    assert told["affected"] == 4
    assert set(plights(district)) == {"S-2", "S-3", "APP-08", "APP-09"}
    assert not await answers(web(district, "APP-08"))
    assert await health(web(district, "APP-09")) == b"500", "its partner is out of reach"
    await district.heal()
    assert plights(district) == {}
    assert await health(web(district, "APP-08")) == b"200"
    assert await health(web(district, "APP-09")) == b"200"


async def test_one_of_two_feeds_darkens_nobody(district: District) -> None:
    await district.fault(FaultName.UPS_NO_OUTPUT, "UPS-1")
    assert plights(district) == {}
    await district.fault(FaultName.UPS_NO_OUTPUT, "UPS-2")
    assert set(plights(district)) == {"S-1", "S-2", "APP-08", "APP-09"}
    await district.heal(FaultName.UPS_NO_OUTPUT, "UPS-1")
    assert plights(district) == {}


async def test_a_hung_server_still_has_its_management_controller(tmp_path: Path) -> None:
    peers = [Peer("S-9", "server", "S-9", "HPE", "DL380 Gen10")]
    async with District(tmp_path, peers) as made:
        await made.fault(FaultName.SERVER_HANG, "S-9")
        redfish = next(one for one in made._endpoints if one.protocol == "redfish")
        assert await answers(redfish)
        snmp = next(one for one in made._endpoints if one.protocol == "snmp")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.3)
            asking.connect((snmp.address, snmp.port))
            asking.send(b"anything")
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(asking.recv, 100)


async def test_an_unknown_scenario_changes_nothing(district: District) -> None:
    with pytest.raises(RegionError):
        await district.answer("scenario", {"name": "nonsense"})
    assert district.status()["faults"] == []
