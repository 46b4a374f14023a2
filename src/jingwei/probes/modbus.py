"""Modbus TCP: registers and bits of sensors, air conditioners, UPS cards (MBAP, port 502)."""

import logging
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import net, values
from jingwei.probes.attempt import time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

# Modbus application protocol v1.1b3, section 7.
_EXCEPTIONS = {
    1: "不支持该功能码",
    2: "没有该地址",
    3: "数量或数值不合法",
    4: "设备故障",
    5: "已受理，仍在处理",
    6: "设备忙",
    10: "网关没有通路",
    11: "网关后的设备没有应答",
}
_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}


@dataclass(frozen=True, kw_only=True)
class Read:
    """One value to read."""

    reading: str = values.reading_name()
    address: int = option(label="地址", minimum=0, maximum=65535, help="从 0 起")
    kind: Literal["input", "holding", "coil", "discrete"] = option("holding", label="类别")
    type: Literal["int16", "uint16", "int32", "uint32", "float32"] = option(
        "int16", label="数据类型", help="coil、discrete 总是 bool"
    )
    word_order: Literal["big", "little"] = option("big", label="字序", help="32 位值高字在前")
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()
    instance: str = option("", label="实例")

    @property
    def is_bit(self) -> bool:
        """Whether it is a single bit."""
        return self.kind in ("coil", "discrete")

    @property
    def count(self) -> int:
        """Registers (or bits) it takes."""
        return 1 if self.is_bit else struct.calcsize(_FORMATS[self.type]) // 2


@dataclass(frozen=True, kw_only=True)
class ModbusOptions:
    """Options of `modbus`."""

    port: int = port(502)
    unit_id: int = option(1, label="站号", minimum=0, maximum=255)
    read: tuple[Read, ...] = option(label="读取")

    def __post_init__(self) -> None:
        """Refuse a question that asks nothing."""
        if not self.read:
            raise OptionError("read", "至少读取一项")


@probe(
    "modbus",
    label="Modbus TCP",
    options=ModbusOptions,
    silence="地址不通、站号不对，或网关后的设备不应答",
)
async def modbus(target: Target, options: ModbusOptions) -> list[Reading]:
    """逐项读取寄存器或位，只读不写。设备没有的地址不给读数；一个都没有则为协议错误。"""
    # Imported late: it takes a quarter of a second, and many districts have none.
    from pymodbus.client import AsyncModbusTcpClient  # noqa: PLC0415
    from pymodbus.exceptions import ModbusException  # noqa: PLC0415

    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # we report; it need not
    place = await net.reachable(target.address, options.port)
    # The frame's clock ends the question; the library's is only a second line behind it.
    client = AsyncModbusTcpClient(
        place.ip, port=options.port, timeout=time_left() + 1, retries=0, reconnect_delay=0
    )
    try:
        if not await client.connect():
            raise ProbeError("连接被拒绝：端口没有服务", Reason.REFUSED)
        return await _read_all(client, options)
    except ModbusException as error:
        raise ProbeError(f"对方中途断开，或应答不是 Modbus：{error}") from None
    finally:
        client.close()


async def _read_all(client: Any, options: ModbusOptions) -> list[Reading]:
    readings, refused = [], ""
    for item in options.read:
        ask = {
            "input": client.read_input_registers,
            "holding": client.read_holding_registers,
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
        }[item.kind]
        answer = await ask(item.address, count=item.count, device_id=options.unit_id)
        if answer.isError():
            code = answer.exception_code
            refused = _EXCEPTIONS.get(code, f"异常码 {code}")
            continue
        raw = answer.bits[0] if item.is_bit else number(item, answer.registers)
        reading = values.made(item, raw, item.instance)
        if reading is not None:
            readings.append(reading)
    return values.at_least_one(readings, f"设备拒绝读取：{refused or '没有有效数值'}")


def number(item: Read, registers: Sequence[int]) -> int | float:
    """The number in 16-bit registers, in the declared type and word order. Pure.

    Raises ProbeError when the device sent fewer registers than asked.
    """
    if len(registers) < item.count:
        raise ProbeError("应答的寄存器数量不足")
    words = list(registers[: item.count])
    if item.word_order == "little":
        words.reverse()
    packed = struct.pack(f">{item.count}H", *words)
    found: int | float = struct.unpack(_FORMATS[item.type], packed)[0]
    return found
