"""The region's management controllers: what they say, whom they let in, and what they ignore."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.region.bmc.controller import Controller
from jingwei.region.bmc.sensors import DRIVE, FAN, MEMORY, SUPPLY, TEMPERATURE, sensors
from jingwei.region.bmc.session import SUITE_3, Sessions
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import Family, family, protocols_for
from jingwei.region.thing import Thing
from jingwei.terms import Peer

SERVER = Peer("HW-010-1", "server", "ThinkServer", "Lenovo", "ThinkServer RD640")
LOGIN = {"user": "watcher", "password": "bmc-secret"}
CAPABILITIES = b"\x06\x00\xff\x07" + bytes(9) + b"\x09\x20\x18\xc8\x81\x04\x38\x8e\x04\xb1"


def thing(*faults: FaultName) -> Thing:
    made = Thing(SERVER, clock=lambda: 1_795_430_000.0)
    for fault in faults:
        made.switch_on(fault)
    return made


def states(made: Thing) -> dict[str, tuple[int, int]]:
    return {sensor.name: (sensor.state, sensor.value) for sensor in sensors(made)}


def test_every_kind_of_part_has_sensors_with_numbers_of_their_own() -> None:
    found = sensors(thing())
    assert {sensor.type for sensor in found} == {TEMPERATURE, FAN, SUPPLY, MEMORY, DRIVE}
    assert [sensor.number for sensor in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    ("fault", "name", "state"),
    [
        (FaultName.PSU_LOST, "PSU2 Status", 0b11),
        (FaultName.FAN_FAILED, "FAN3", 0b10),
        (FaultName.MEMORY_ECC, "DIMM3", 0b1),
        (FaultName.SERVER_DISK_PRE_FAIL, "HDD2", 0b101),
    ],
)
def test_a_fault_bends_one_sensor_and_its_end_mends_it(
    fault: FaultName, name: str, state: int
) -> None:
    healthy, made = states(thing()), thing(fault)
    bent = states(made)
    assert bent[name][0] == state
    assert {n: s for n, s in bent.items() if n != name} == {
        n: s for n, s in healthy.items() if n != name
    }
    made.switch_off(fault)
    assert states(made) == healthy


def test_a_failed_fan_stands_still() -> None:
    assert states(thing())["FAN3"][1] > 0
    assert states(thing(FaultName.FAN_FAILED))["FAN3"][1] == 0


def test_a_record_has_the_length_its_head_says_and_ends_with_the_name() -> None:
    for sensor in sensors(thing()):
        record = sensor.record(7)
        assert record[:3] == b"\x07\x00\x51"
        assert record[3] == (1 if sensor.analogue else 2)
        assert len(record) == record[4] + 5
        assert record.endswith(sensor.name.encode())


def test_only_the_servers_without_a_better_controller_speak_ipmi() -> None:
    assert family("server", "Lenovo", "ThinkServer RD640") is Family.THINKSERVER
    assert protocols_for("server", "Lenovo", "ThinkServer RD640") == ("snmp", "ipmi")
    assert "ipmi" not in protocols_for("server", "Lenovo", "SR650")


def test_the_first_question_is_answered_without_a_session() -> None:
    answer = Controller(thing(), **LOGIN).reply(CAPABILITIES)
    assert answer is not None
    assert answer[:4] == b"\x06\x00\xff\x07"
    assert answer[20:24] == b"\x00\x01\x80\x04"  # done, channel 1, IPMI 2.0, users have names


def opened(sessions: Sessions, theirs: bytes = b"\x01\x02\x03\x04") -> bytes:
    answer = sessions.open(b"\x05\x00\x00\x00" + theirs + SUITE_3)
    assert answer[:2] == b"\x05\x00"
    return answer[8:12]


def first(ours: bytes, user: bytes) -> bytes:
    return b"\x06\x00\x00\x00" + ours + b"N" * 16 + b"\x14\x00\x00" + bytes([len(user)]) + user


def test_another_cipher_suite_is_refused() -> None:
    asked = b"\x05\x00\x00\x00\x01\x02\x03\x04" + SUITE_3.replace(b"\x01", b"\x03")
    assert Sessions(**LOGIN).open(asked)[1] == 0x11


def test_an_unknown_user_and_a_wrong_proof_are_refused() -> None:
    sessions = Sessions(**LOGIN)
    ours = opened(sessions)
    stranger = sessions.first(first(ours, b"nobody"))
    assert stranger is not None
    assert stranger[1] == 0x0D
    known = sessions.first(first(ours, b"watcher"))
    assert known is not None
    assert known[1] == 0
    proof = sessions.second(b"\x07\x00\x00\x00" + ours + bytes(20))
    assert proof is not None
    assert proof[1] == 0x0F


def test_a_session_that_was_never_opened_is_not_answered() -> None:
    sessions = Sessions(**LOGIN)
    assert sessions.first(first(b"\x00" * 4, b"watcher")) is None
    assert sessions.second(b"\x07\x00\x00\x00" + bytes(24)) is None
    assert sessions.heard(b"\x06\x00\xff\x07\x06\xc0" + bytes(60)) is None


def test_the_oldest_session_makes_room() -> None:
    sessions = Sessions(**LOGIN)
    oldest = opened(sessions)
    for number in range(16):
        opened(sessions, number.to_bytes(4, "little"))
    assert sessions.first(first(oldest, b"watcher")) is None


@given(st.binary(max_size=80))
def test_nonsense_is_never_answered_and_never_breaks_the_controller(packet: bytes) -> None:
    controller: Any = Controller(thing(), **LOGIN)
    head = b"\x06\x00\xff\x07"
    for given_ in (packet, head + packet, head + b"\x06\x10" + packet, head + b"\x06\x12" + packet):
        answer = controller.reply(given_)
        assert answer is None or answer[:4] == head
