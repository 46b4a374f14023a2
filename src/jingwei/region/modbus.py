"""Room sensors by Modbus TCP (Modbus Application Protocol 1.1b3; TCP guide 1.0b).

Input registers (function 4): 0 temperature x10 signed, 1 humidity x10. Discrete inputs
(function 2): 0 to 3 leak points; 8 all air conditioners of the room run; 9 and up each of them.
Other functions, addresses and units are answered with the standard's exceptions.

Our own responder, because it reads live values at the moment of asking and a simulator with
its own data store would have to be written to all the time.
"""

import asyncio
import struct
from collections.abc import Sequence

from jingwei.region.fault_names import FaultName
from jingwei.region.line.door import TcpDoor
from jingwei.region.plan import cracs_of_room
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

UNIT = 1
_READ_DISCRETE, _READ_INPUT = 2, 4
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE, _NO_TARGET = 1, 2, 3, 0x0B
_LEAK_POINTS = 4
_FIRST_CRAC = 8
_WET_POINT = 2
_HOT, _HUMID = 29.4, 82.0
_UNCOOLED = (25.6, 26.6)
# A value that stands still for hours is a broken sensor: after a while these wander a little too.
_STEADY_SECONDS, _WANDER = 600.0, 0.2


class RoomSensors:
    """What the sensors of one room say."""

    def __init__(self, room: Thing, cracs: Sequence[Thing]) -> None:
        self._room = room
        self._cracs = cracs

    def registers(self) -> list[int]:
        """The input registers as unsigned 16 bit numbers."""
        return [round(self.temperature() * 10) & 0xFFFF, round(self.humidity() * 10) & 0xFFFF]

    def inputs(self) -> list[bool]:
        """The discrete inputs."""
        leak = self._room.has(FaultName.ROOM_LEAK)
        wet = [leak and point == _WET_POINT for point in range(_LEAK_POINTS)]
        running = [not crac.has(FaultName.CRAC_OFF) for crac in self._cracs]
        unused = [False] * (_FIRST_CRAC - _LEAK_POINTS)
        return [*wet, *unused, all(running), *running]

    def temperature(self) -> float:
        """Degrees Celsius: 21 to 24; 29.4 when hot; a room that lost an air conditioner warms."""
        if self._room.has(FaultName.ROOM_HOT):
            return self._bent(FaultName.ROOM_HOT, _HOT)
        if any(crac.has(FaultName.CRAC_OFF) for crac in self._cracs):
            return self._room.wave("uncooled", *_UNCOOLED)
        return self._room.wave("temperature", 21, 24)

    def humidity(self) -> float:
        """Per cent relative humidity: 45 to 55, or 82 when humid."""
        if self._room.has(FaultName.ROOM_HUMID):
            return self._bent(FaultName.ROOM_HUMID, _HUMID)
        return self._room.wave("humidity", 45, 55)

    def _bent(self, fault: FaultName, value: float) -> float:
        fresh = self._room.seconds_of(fault) < _STEADY_SECONDS
        return value if fresh else value + self._room.wave(fault, -_WANDER, _WANDER)


class ModbusPart(Part):
    """One listener for each room."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for each."""
        peers = [thing.peer for thing in self._stage.things]
        things = {thing.key: thing for thing in self._stage.things}
        endpoints = []
        for room in self._stage.speaking("modbus"):
            cracs = [things[key] for key in cracs_of_room(room.key, peers)]
            bus = _Bus(RoomSensors(room, cracs))
            self._stage.gate(room, "modbus", lambda *place, bus=bus: TcpDoor(bus.converse, *place))
            endpoints.append(self._stage.endpoint(room, "modbus", settings={"unit_id": UNIT}))
        return endpoints


class _Bus:
    """The Modbus side of one room; each request reads the sensors."""

    def __init__(self, sensors: RoomSensors) -> None:
        self._sensors = sensors

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        while True:
            transaction, protocol, length, unit = struct.unpack(
                ">HHHB", await reader.readexactly(7)
            )
            if protocol != 0 or not 2 <= length <= 254:
                return  # no Modbus: what follows cannot be understood either
            answer = respond(self._sensors, unit, await reader.readexactly(length - 1))
            writer.write(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
            await writer.drain()


def respond(sensors: RoomSensors, unit: int, request: bytes) -> bytes:
    """The response PDU to a request PDU."""
    function = request[0]
    if unit != UNIT:
        return _exception(function, _NO_TARGET)
    if function not in {_READ_DISCRETE, _READ_INPUT}:
        return _exception(function, _ILLEGAL_FUNCTION)
    if len(request) != 5:
        return _exception(function, _ILLEGAL_VALUE)
    first, count = struct.unpack(">HH", request[1:])
    if not 1 <= count <= (125 if function == _READ_INPUT else 2000):
        return _exception(function, _ILLEGAL_VALUE)
    values = sensors.registers() if function == _READ_INPUT else sensors.inputs()
    if first + count > len(values):
        return _exception(function, _ILLEGAL_ADDRESS)
    asked = values[first : first + count]
    if function == _READ_INPUT:
        data = struct.pack(f">{count}H", *asked)
    else:
        bits = sum(1 << position for position, on in enumerate(asked) if on)
        data = bits.to_bytes((count + 7) // 8, "little")
    return bytes((function, len(data))) + data


def _exception(function: int, code: int) -> bytes:
    return bytes((function | 0x80, code))
