"""modbus: a real Modbus TCP server, and registers read by their type."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import (
    HOME,
    as_rows,
    ask,
    babbles,
    calm,
    closes,
    hangs,
    resets,
    samples,
    says,
    tcp_peer,
    values,
)
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from jingwei.probes import find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.modbus import Read, number
from jingwei.probes.values import made
from jingwei.terms import Reason

TEMPERATURE = {"reading": "room.temperature", "kind": "input", "address": 0,
               "unit": "°C", "scale": 0.1}  # fmt: skip


@asynccontextmanager
async def sensor() -> AsyncIterator[int]:
    """A room sensor: 29.4 °C and 55.1 % in tenths, a leak bit, a float and a 32 bit counter."""
    registers = DataType.REGISTERS
    power = list(struct.unpack(">2H", struct.pack(">f", 3.25)))
    device = SimDevice(
        id=1,
        simdata=(
            [SimData(0, values=[False, True], datatype=DataType.BITS)],
            [SimData(0, values=[True, False], datatype=DataType.BITS)],
            [SimData(0, values=[*power, 1, 0, 0xFFF6], datatype=registers)],
            [SimData(0, values=[294, 551], datatype=registers)],
        ),
    )
    server = ModbusTcpServer(device, address=(HOME, 0))
    await server.listen()
    try:
        yield server.transport.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()
        await asyncio.sleep(0.02)


async def test_a_room_sensor_gives_degrees_humidity_and_leak() -> None:
    read = [
        TEMPERATURE,
        {"reading": "room.humidity", "kind": "input", "address": 1, "unit": "%", "scale": 0.1},
        {"reading": "room.leak", "kind": "discrete", "address": 0},
        {"reading": "room.door", "kind": "coil", "address": 1,
         "states": {"true": "open", "false": "closed"}},
        {"reading": "power", "address": 0, "type": "float32", "unit": "W"},
        {"reading": "runs", "address": 2, "type": "uint32", "word_order": "little"},
        {"reading": "offset", "address": 4, "type": "int16", "instance": "s1"},
    ]  # fmt: skip
    async with sensor() as port:
        seen = values(await ask("modbus", port, read=read))
    assert seen == {
        "room.temperature": 29.4,
        "room.humidity": 55.1,
        "room.leak": True,
        "room.door": "open",
        "power": 3.25,
        "runs": 1,
        "offset[s1]": -10,
    }


async def test_an_address_the_device_lacks_gives_no_reading_and_none_at_all_an_error() -> None:
    missing = {"reading": "x", "kind": "input", "address": 900}
    async with sensor() as port:
        seen = values(await ask("modbus", port, read=[missing, TEMPERATURE]))
        nothing = await ask("modbus", port, read=[missing])
        other = await ask("modbus", port, read=[TEMPERATURE], unit_id=9, timeout=1)
    assert seen == {"room.temperature": 29.4}
    assert nothing.reason is Reason.PROTOCOL
    assert nothing.error == "设备拒绝读取：没有该地址"
    assert not other.answered


async def test_a_refusing_hanging_resetting_or_babbling_gateway(closed_port: int) -> None:
    refused = await ask("modbus", closed_port, read=[TEMPERATURE])
    assert refused.reason is Reason.REFUSED
    for handler, reasons in (
        (hangs, {Reason.TIMEOUT}),
        (resets, {Reason.PROTOCOL, Reason.TIMEOUT}),
        (closes, {Reason.PROTOCOL, Reason.TIMEOUT}),
        (babbles, {Reason.PROTOCOL, Reason.TIMEOUT}),
        (says(b"\x00\x01\x00\x00\x00\x03\x01"), {Reason.PROTOCOL, Reason.TIMEOUT}),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("modbus", port, read=[TEMPERATURE], timeout=0.4)
        assert outcome.reason in reasons, outcome


def test_it_works_the_same_on_uvloop() -> None:
    async def main() -> None:
        async with sensor() as port:
            seen = values(await ask("modbus", port, read=[TEMPERATURE]))
            assert seen == {"room.temperature": 29.4}

    uvloop.run(main())


@pytest.mark.parametrize(("name", "sample"), samples("modbus"))
def test_recorded_registers_give_the_expected_readings(name: str, sample: Any) -> None:
    options = parse_options(find("modbus"), {"read": sample["read"]})
    readings = [
        made(item, number(item, registers), item.instance)
        for item, registers in zip(options.read, sample["registers"], strict=True)
    ]
    assert as_rows([reading for reading in readings if reading]) == sample["readings"], name


def test_too_few_registers_are_told() -> None:
    with pytest.raises(ProbeError, match="数量不足"):
        number(Read(reading="x", address=0, type="int32"), [1])


_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I"}


@calm
@given(st.sampled_from(sorted(_FORMATS)), st.sampled_from(["big", "little"]), st.data())
def test_a_number_written_in_registers_is_read_back(
    kind: Any, order: Any, data: st.DataObject
) -> None:
    bits = 16 if "16" in kind else 32
    low = 0 if kind.startswith("u") else -(2 ** (bits - 1))
    value = data.draw(st.integers(low, low + 2**bits - 1))
    packed = struct.pack(_FORMATS[kind], value)
    words = list(struct.unpack(f">{bits // 16}H", packed))
    if order == "little":
        words.reverse()
    assert number(Read(reading="x", address=0, type=kind, word_order=order), words) == value
