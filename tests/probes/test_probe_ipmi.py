"""ipmi: the region's controller, Debian's ipmi_sim, and what is no controller at all."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, ask, free_port, values

from jingwei.probes import ProbeError
from jingwei.probes.ipmi import health, refusal, understood
from jingwei.probes.ipmi_session import facts
from jingwei.region.bmc.controller import Controller
from jingwei.region.bmc.sensors import Sensor, sensors
from jingwei.region.fault_names import FaultName
from jingwei.region.line.door import UdpDoor
from jingwei.region.thing import Thing
from jingwei.terms import Outcome, Peer, Reason

LOGIN = {"user": "watcher", "password": "bmc-secret"}
SERVER = Peer("HW-010-1", "server", "ThinkServer", "Lenovo", "ThinkServer RD640")
ALL = ["power", "thermal", "memory", "drives", "chassis", "log"]


@asynccontextmanager
async def answering(reply: Callable[[bytes], bytes | None]) -> AsyncIterator[int]:
    port = free_port()
    door = UdpDoor(reply, HOME, port)
    await door.open()
    try:
        yield port
    finally:
        await door.close()


async def asked(reply: Callable[[bytes], bytes | None], **more: Any) -> Outcome:
    async with answering(reply) as port:
        secrets, seconds = more.pop("secrets", LOGIN), more.pop("timeout", 10)
        return await ask("ipmi", port, secrets, timeout=seconds, **more)


def by_instance(outcome: Outcome, name: str) -> dict[str, Any]:
    return {r.instance: r.value for r in outcome.readings if r.name == name}


async def test_a_healthy_server_is_read_whole() -> None:
    found = await asked(Controller(Thing(SERVER), **LOGIN).reply, what=ALL)
    assert set(by_instance(found, "ipmi.psu.health")) == {"PSU1 Status", "PSU2 Status"}
    words = {r.value for r in found.readings if r.name.endswith(".health")}
    assert words == {"ok"}
    assert 15 <= by_instance(found, "ipmi.temperature")["Inlet Temp"] <= 30
    whole = values(found)
    assert whole["ipmi.power_on"] is True
    assert [whole[f"ipmi.{n}_fault"] for n in ("power", "cooling", "drive")] == [False] * 3
    assert (whole["ipmi.log.entries"], whole["ipmi.log.full"]) == (12, False)


@pytest.mark.parametrize(
    ("fault", "reading", "part", "word"),
    [
        (FaultName.PSU_LOST, "ipmi.psu.health", "PSU2 Status", "critical"),
        (FaultName.FAN_FAILED, "ipmi.fan.health", "FAN3", "critical"),
        (FaultName.MEMORY_ECC, "ipmi.memory.health", "DIMM3", "warning"),
        (FaultName.SERVER_DISK_PRE_FAIL, "ipmi.drive.health", "HDD2", "warning"),
    ],
)
async def test_a_fault_shows_at_its_own_sensor_only(
    fault: FaultName, reading: str, part: str, word: str
) -> None:
    thing = Thing(SERVER)
    thing.switch_on(fault)
    found = await asked(Controller(thing, **LOGIN).reply, what=ALL[:4])
    bad = {(r.name, r.instance): r.value for r in found.readings
           if r.name.endswith(".health") and r.value != "ok"}  # fmt: skip
    assert list(bad) == [(reading, part)]
    assert bad[reading, part] == word


@pytest.mark.parametrize(
    ("secrets", "said"),
    [({**LOGIN, "password": "wrong"}, "拒绝登录"), ({**LOGIN, "user": "nobody"}, "拒绝登录")],
)
async def test_a_wrong_login_is_refused_and_says_so(secrets: dict[str, str], said: str) -> None:
    found = await asked(Controller(Thing(SERVER), **LOGIN).reply, secrets=secrets)
    assert found.reason is Reason.REFUSED
    assert said in found.error


async def test_without_an_account_nothing_is_asked_and_it_is_our_fault() -> None:
    heard: list[bytes] = []
    found = await asked(heard.append, secrets={})
    assert found.reason is Reason.COLLECTOR
    assert heard == []


async def test_what_is_no_controller_is_a_silence_in_the_end() -> None:
    nonsense = (lambda _: None, lambda _: b"\x00" * 30, lambda packet: packet)
    for found in await asyncio.gather(*(asked(reply) for reply in nonsense)):
        assert found.reason is Reason.TIMEOUT
        assert "没有应答" in found.error


async def test_a_controller_that_falls_silent_after_the_login_is_told() -> None:
    controller = Controller(Thing(SERVER), **LOGIN)

    def reply(packet: bytes) -> bytes | None:
        return None if packet[5:6] == b"\xc0" else controller.reply(packet)

    found = await asked(reply, timeout=3)
    assert found.reason is Reason.TIMEOUT


async def test_several_controllers_are_asked_at_once_a_dead_one_among_them() -> None:
    things = [Thing(SERVER, seed=n) for n in range(6)]
    async with (
        answering(Controller(things[0], **LOGIN).reply) as a,
        answering(Controller(things[1], **LOGIN).reply) as b,
        answering(Controller(things[2], **LOGIN).reply) as c,
        answering(lambda _: None) as dead,
    ):
        found = await asyncio.gather(
            *(ask("ipmi", port, LOGIN, timeout=10) for port in (a, dead, b, c, a, b))
        )
    assert [outcome.answered for outcome in found] == [True, False, True, True, True, True]


def sensor(name: str, **more: Any) -> Any:
    plain = {"type": "Fan", "unavailable": 0, "health": 0, "value": None, "units": ""}
    return SimpleNamespace(name=name, **{**plain, **more})


def controller(*found: Any, answer: Any = None) -> Any:
    """A controller of the library's shape, for what no peer can be brought to say."""
    return SimpleNamespace(
        get_sensor_data=lambda: iter(found), raw_command=lambda netfn, command: answer
    )


FANS = {"ipmi.fan.health"}


def test_a_sensor_that_cannot_be_read_has_no_reading_and_is_never_healthy() -> None:
    said = facts(controller(sensor("FAN1\0", unavailable=1), sensor("FAN2\0")), True, [])
    found = list(understood({"session": True, **said}, FANS, []))
    assert [r.instance for r in found] == ["FAN2"]


@pytest.mark.parametrize("code", [0xC1, 0xCB])
def test_a_command_the_controller_does_not_know_gives_no_reading(code: int) -> None:
    said = facts(
        controller(answer={"code": code, "error": "Invalid", "data": b""}), False, [[0, 1]]
    )
    assert list(understood({"session": True, **said}, set(), ["chassis"])) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"code": 0xD4, "error": "Insufficient privilege", "data": b""}, "Insufficient privilege"),
        ({"code": 0, "data": b"\x21"}, "应答太短"),
    ],
)
def test_a_command_that_fails_is_an_error_and_not_a_healthy_chassis(answer: Any, said: str) -> None:
    found = facts(controller(answer=answer), False, [[0, 1]])
    with pytest.raises(ProbeError, match=f"chassis 失败：{said}"):
        list(understood({"session": True, **found}, set(), ["chassis"]))


def test_an_endless_list_of_sensors_is_cut_off_and_told() -> None:
    said = facts(controller(*(sensor(f"FAN{n}") for n in range(501))), True, [])
    with pytest.raises(ProbeError, match="more than 500"):
        list(understood({"session": True, **said}, FANS, []))


def test_a_session_that_breaks_half_way_has_no_readings_at_all() -> None:
    said = {"session": True, "commands": [], "sensors": [], "error": "Session no longer connected"}
    with pytest.raises(ProbeError, match="已登录，但读取失败"):
        list(understood(said, FANS, []))


@given(st.integers(0, 7))
def test_the_worst_of_a_sensors_states_counts(level: int) -> None:
    order = ["ok", "warning", "critical", "failed"]
    worst = max((n + 1 for n in range(3) if level >> n & 1), default=0)
    assert health(level) == order[worst]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("timeout", Reason.TIMEOUT), ("", Reason.TIMEOUT),
        ("Incorrect password provided", Reason.REFUSED),
        ("Insufficient resources to create a session", Reason.REFUSED),
    ],
)  # fmt: skip
def test_why_there_is_no_session_is_told_apart(said: str, reason: Reason) -> None:
    assert refusal(said).reason is reason


SIMULATOR = shutil.which("ipmi_sim")


def commands(found: list[Sensor]) -> str:
    """What makes ipmi_sim play these sensors (ipmi_sim_cmd(5))."""
    mask = "0" * 15
    lines = [
        "mc_setbmc 0x20",
        "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x4a66 0xf02",
        "sel_enable 0x20 1000 0x0a",
    ]
    for one in found:
        where = f"0x20 0 {one.number}"
        lines.append(f"sensor_add {where} {one.type} {1 if one.analogue else 0x6F}")
        lines += [f"sensor_set_value {where} {one.value} 0"] * one.analogue
        lines += [f"sensor_set_bit {where} {n} 1 0" for n in range(8) if one.state >> n & 1]
        scanning = "no-scanning" if one.name == "DIMM4" else "scanning"
        lines.append(
            f"sensor_set_event_support {where} enable {scanning} per-state"
            f" {mask} {mask} {mask} {mask}"
        )
        record = " ".join(f"0x{byte:02x}" for byte in one.record(one.number))
        lines.append(f"main_sdr_add 0x20 {record}")
    return "\n".join([*lines, "mc_enable 0x20", ""])


# RMCP and Get Channel Authentication Capabilities (IPMI 2.0, 13.1.3 and 22.13): asked by anybody.
HELLO = bytes.fromhex("0600ff07 00 00000000 00000000 09 2018c8 8100388e04 b5".replace(" ", ""))


def answers(port: int, seconds: float) -> bool:
    """Whether a controller says hello there in that time."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.connect((HOME, port))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(OSError):  # refused, or nothing yet
                asking.send(HELLO)
                return bool(asking.recv(1024))
            time.sleep(0.05)
    return False


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Debian's ipmi_sim with the sensors of a server that lost a power supply."""
    thing = Thing(SERVER)
    thing.switch_on(FaultName.PSU_LOST)
    (folder / "state").mkdir(parents=True)
    (folder / "lan.conf").write_text(
        f'name "jingwei"\nset_working_mc 0x20\n  startlan 1\n    addr {HOME} {port}\n'
        "    priv_limit admin\n    allowed_auths_admin md5\n"
        "    guid a123456789abcdefa123456789abcdef\n  endlan\n"
        f'  user 2 true "{LOGIN["user"]}" "{LOGIN["password"]}" admin 10 md5\n'
    )
    (folder / "sim.emu").write_text(commands(sensors(thing)))
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [str(SIMULATOR), "-c", "lan.conf", "-f", "sim.emu", "-s", "state"], cwd=folder,
            stdin=subprocess.PIPE, stdout=said, stderr=said,
        )  # fmt: skip


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The port of a simulator that says hello, and where it takes commands.

    One that stays silent after its start is started anew.
    """
    if SIMULATOR is None:
        pytest.skip("openipmi is not installed")
    said = []
    for attempt in range(4):
        folder, port = tmp_path / str(attempt), free_port()
        process = started(folder, port)
        assert process.stdin is not None
        try:
            if answers(port, 20):
                yield port, process.stdin.fileno()
                return
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(10)
        said.append((process.returncode, (folder / "said").read_text(errors="replace")[-500:]))
    pytest.fail(f"ipmi_sim never answered: {said}")


@pytest.mark.peers
async def test_a_real_simulator_is_read_with_its_faults(
    simulator: tuple[int, int],
) -> None:
    port, console = simulator
    found = await ask("ipmi", port, LOGIN, timeout=30, what=ALL)
    assert found.error == ""
    assert by_instance(found, "ipmi.psu.health") == {"PSU1 Status": "ok", "PSU2 Status": "critical"}
    assert set(by_instance(found, "ipmi.memory.health")) == {"DIMM1", "DIMM2", "DIMM3"}
    assert values(found)["ipmi.power_on"] is False
    assert by_instance(found, "ipmi.fan.health")["FAN1"] == "ok"
    os.write(console, b"sensor_set_bit 0x20 0 3 1 1 0\n")
    until = time.monotonic() + 30
    while by_instance(found, "ipmi.fan.health").get("FAN1") != "critical":
        assert time.monotonic() < until, found
        found = await ask("ipmi", port, LOGIN, timeout=30, what=["thermal"])
    wrong = await ask("ipmi", port, {**LOGIN, "password": "wrong"}, timeout=30)
    assert wrong.reason is Reason.REFUSED
