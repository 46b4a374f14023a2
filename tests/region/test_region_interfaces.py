"""DICOM, HL7 and Modbus, by real clients: pynetdicom, a raw socket, pymodbus."""

import asyncio
import socket
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from region_process import Where

from jingwei.region import control
from jingwei.region.mllp import acknowledge
from jingwei.region.modbus import RoomSensors, respond
from jingwei.region.thing import Thing
from jingwei.terms import SHANGHAI, Endpoint, Peer

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)


# ---- DICOM


def associate(endpoint: Endpoint, title: str = "", calling: str = "JINGWEI") -> AE:
    entity = AE(ae_title=calling)
    entity.add_requested_context(Verification)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 5
    return entity.associate(
        endpoint.address, endpoint.port, ae_title=title or str(endpoint.settings["ae_title"])
    )


@pytest.mark.parametrize(("key", "title"), [("APP-10", "PACSN"), ("APP-11", "PACSS")])
def test_a_pacs_answers_an_echo_under_its_own_title(where: Where, key: str, title: str) -> None:
    endpoint = where(key, "dicom")
    assert endpoint.settings["ae_title"] == title
    association = associate(endpoint)
    assert association.is_established
    assert association.send_c_echo().Status == 0x0000
    association.release()


def test_a_pacs_rejects_a_title_that_is_not_its_own(where: Where) -> None:
    association = associate(where("APP-10", "dicom"), title="OTHER")
    assert association.is_rejected
    assert association.acceptor.primitive.diagnostic == 7


def test_a_pacs_that_lost_its_list_rejects_our_title_and_only_that_one(
    where: Where, region: Path
) -> None:
    control.fault(region, "pacs-refuses-ae", "APP-10")
    association = associate(where("APP-10", "dicom"))
    assert association.is_rejected
    assert association.acceptor.primitive.diagnostic == 3
    other = associate(where("APP-11", "dicom"))
    assert other.is_established
    other.release()
    control.heal(region)
    again = associate(where("APP-10", "dicom"))
    assert again.is_established
    again.release()


# ---- HL7


def message(control_id: str = "MSG0001", charset: str = "UNICODE UTF-8", name: str = "测试") -> str:
    header = f"MSH|^~\\&|JINGWEI|OPS|HIP|JA|20261123083000||ADT^A01|{control_id}|P|2.5.1"
    return f"{header}||||||{charset}\rPID|1||TEST-000001||{name}\r"


def send(endpoint: Endpoint, *bodies: bytes, timeout: float = 5.0) -> list[bytes]:
    answers = []
    with socket.create_connection((endpoint.address, endpoint.port), timeout=timeout) as wire:
        for body in bodies:
            wire.sendall(b"\x0b" + body + b"\x1c\r")
            answer = b""
            while not answer.endswith(b"\x1c\r"):
                part = wire.recv(4096)
                assert part, "the connection ended"
                answer += part
            answers.append(answer[1:-2])
    return answers


def test_messages_are_acknowledged_one_after_the_other(where: Where) -> None:
    endpoint = where("APP-01", "mllp")
    answers = send(endpoint, message("A1").encode(), message("A2").encode())
    assert [answer.split(b"\r")[1] for answer in answers] == [b"MSA|AA|A1", b"MSA|AA|A2"]
    header = answers[0].decode().split("|")
    assert header[2:6] == ["HIP", "JA", "JINGWEI", "OPS"]
    assert header[8] == "ACK^A01"


def test_a_hung_interface_takes_the_message_and_never_answers(where: Where, region: Path) -> None:
    endpoint = where("APP-01", "mllp")
    control.fault(region, "mllp-hang", "APP-01")
    with pytest.raises(TimeoutError):
        send(endpoint, message().encode(), timeout=0.4)
    assert send(where("APP-02", "mllp"), message().encode())
    control.heal(region)
    assert send(endpoint, message().encode())


def test_chinese_in_another_character_set_is_read_by_its_own_name() -> None:
    body = message(charset="GB 18030-2000").encode("gb18030")
    assert b"MSA|AA|MSG0001" in acknowledge(body, NOW)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (message(name="测试").encode("gb18030"), b"MSA|AE|MSG0001|"),
        (message(charset="EBCDIC").encode(), b"MSA|AE|MSG0001|"),
        (message(control_id="").encode(), b"MSA|AR||"),
        (b"PID|1||TEST\r", b"MSA|AR||"),
        (b"", b"MSA|AR||"),
    ],
)
def test_what_cannot_be_accepted_is_answered_with_its_reason(body: bytes, code: bytes) -> None:
    assert code in acknowledge(body, NOW)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_message_breaks_the_interface(body: bytes) -> None:
    assert acknowledge(b"MSH|" + body, NOW).startswith(b"MSH|")


# ---- Modbus


@pytest.fixture
def room(where: Where) -> ModbusTcpClient:
    endpoint = where("ROOM-01", "modbus")
    client = ModbusTcpClient(endpoint.address, port=endpoint.port, timeout=3)
    assert client.connect()
    yield client
    client.close()


def climate(room: ModbusTcpClient) -> tuple[float, float]:
    temperature, humidity = room.read_input_registers(0, count=2, device_id=1).registers
    return temperature / 10, humidity / 10


def inputs(room: ModbusTcpClient) -> list[bool]:
    return room.read_discrete_inputs(0, count=11, device_id=1).bits[:11]


def test_a_healthy_room_is_cool_and_dry_and_its_air_conditioners_run(room: ModbusTcpClient) -> None:
    temperature, humidity = climate(room)
    assert 21 <= temperature <= 24
    assert 45 <= humidity <= 55
    assert inputs(room) == [False] * 8 + [True] * 3


def test_a_hot_a_humid_and_a_wet_room(room: ModbusTcpClient, region: Path) -> None:
    control.fault(region, "room-hot", "ROOM-01")
    assert climate(room)[0] == 29.4
    control.fault(region, "room-humid", "ROOM-01")
    assert climate(room)[1] == 82
    control.fault(region, "room-leak", "ROOM-01")
    assert inputs(room)[:4] == [False, False, True, False]
    control.heal(region)
    assert climate(room)[0] <= 24
    assert not any(inputs(room)[:4])


def test_a_room_whose_air_conditioner_is_off_says_so(
    room: ModbusTcpClient, where: Where, region: Path
) -> None:
    control.fault(region, "crac-off", "HW-001-2")
    assert inputs(room)[8:] == [False, True, False]
    assert 24 < climate(room)[0] < 27
    other = where("ROOM-02", "modbus")
    with ModbusTcpClient(other.address, port=other.port) as second:
        assert second.read_discrete_inputs(8, count=1, device_id=1).bits[0]


@pytest.mark.parametrize(
    ("request_", "unit", "code"),
    [
        (bytes.fromhex("0300000001"), 1, 1),
        (bytes.fromhex("0400020001"), 1, 2),
        (bytes.fromhex("04ffff0001"), 1, 2),
        (bytes.fromhex("0400000000"), 1, 3),
        (bytes.fromhex("04000000"), 1, 3),
        (bytes.fromhex("0400000001"), 9, 0x0B),
    ],
)
def test_what_is_not_there_is_answered_with_the_exception_of_the_standard(
    request_: bytes, unit: int, code: int
) -> None:
    sensors = RoomSensors(Thing(Peer("ROOM-01", "room", "")), [])
    assert respond(sensors, unit, request_) == bytes((request_[0] | 0x80, code))


def test_a_hot_room_is_steady_at_first_and_wanders_later() -> None:
    clock = [1_700_000_000.0]
    room = Thing(Peer("ROOM-01", "room", ""), clock=lambda: clock[0])
    sensors = RoomSensors(room, [])
    room.switch_on("room-hot")

    def seen(first: int, last: int) -> set[float]:
        found = set()
        for seconds in range(first, last, 50):
            clock[0] = 1_700_000_000.0 + seconds
            found.add(round(sensors.temperature(), 1))
        return found

    early, late = seen(0, 600), seen(1000, 9000)
    assert early == {29.4}
    assert len(late) > 1
    assert min(late) >= 29.2


def test_what_is_no_modbus_ends_the_connection(where: Where) -> None:
    endpoint = where("ROOM-01", "modbus")
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert wire.recv(64) == b""


def test_many_clients_ask_at_once(where: Where) -> None:
    endpoint = where("ROOM-01", "modbus")

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
        writer.write(bytes.fromhex("00070000000601 04 00000002".replace(" ", "")))
        answer = await reader.readexactly(13)
        writer.close()
        return answer[:2]

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(ask() for _ in range(50)))

    assert asyncio.run(all_of_them()) == [b"\x00\x07"] * 50
