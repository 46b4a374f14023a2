"""A port behind a line that is dead, shut, slow, lossy, cut or half open, as a caller finds it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from jingwei.region.fault_names import FaultName
from jingwei.region.line import Gate, Weather, weather_of
from jingwei.region.line.door import TcpDoor, UdpDoor

PLACE, INNER = "127.77.1.9", "127.77.101.9"
SOON = 0.4  # seconds: far more than loopback takes, far less than a stall


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data)
        await writer.drain()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as asked:
        asked.bind((PLACE, 0))
        return int(asked.getsockname()[1])


@pytest.fixture
async def gate() -> AsyncIterator[tuple[Gate, int]]:
    port = free_port()
    made = Gate(lambda a, p: TcpDoor(echo, a, p), PLACE, INNER, port, protocol="echo")
    yield made, port
    await made.close()


@pytest.fixture
async def udp() -> AsyncIterator[tuple[Gate, int]]:
    port = free_port(socket.SOCK_DGRAM)
    made = Gate(
        lambda a, p: UdpDoor(lambda data: data[::-1], a, p),
        PLACE,
        INNER,
        port,
        protocol="echo",
        udp=True,
    )
    yield made, port
    await made.close()


async def ask(port: int, text: bytes = b"hello", patience: float = SOON) -> bytes:
    """What a caller gets. Raises what the network says, TimeoutError for silence."""
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(PLACE, port)
        try:
            writer.write(text)
            await writer.drain()
            return await reader.readexactly(len(text))
        finally:
            writer.transport.abort()


async def ask_udp(port: int, text: bytes = b"abc", patience: float = SOON) -> bytes:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        await loop.sock_connect(asking, (PLACE, port))
        await loop.sock_sendall(asking, text)
        async with asyncio.timeout(patience):
            return await loop.sock_recv(asking, 100)


async def took(question: Callable[[], Awaitable[bytes]]) -> float:
    started = time.monotonic()
    await question()
    return time.monotonic() - started


async def test_an_open_gate_answers(gate: tuple[Gate, int]) -> None:
    await gate[0].answer()
    assert await ask(gate[1]) == b"hello"


async def test_a_shut_gate_refuses(gate: tuple[Gate, int]) -> None:
    await gate[0].answer()
    await gate[0].shut()
    with pytest.raises(ConnectionRefusedError):
        await ask(gate[1])


async def test_behind_a_dead_line_there_is_silence_and_no_refusal(gate: tuple[Gate, int]) -> None:
    await gate[0].answer()
    await gate[0].vanish()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await ask(gate[1], patience=0.2)
    await gate[0].answer()
    assert await ask(gate[1]) == b"hello"


async def test_who_talks_while_the_line_dies_is_cut(gate: tuple[Gate, int]) -> None:
    await gate[0].answer()
    reader, writer = await asyncio.open_connection(PLACE, gate[1])
    await gate[0].vanish()
    writer.write(b"x")
    try:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    finally:
        writer.transport.abort()


async def test_a_slow_line_is_slow_both_ways(gate: tuple[Gate, int]) -> None:
    await gate[0].suffer(Weather(delay=0.15))
    assert await took(lambda: ask(gate[1], patience=2)) >= 0.3


async def test_a_reset_line_cuts_what_was_asked(gate: tuple[Gate, int]) -> None:
    await gate[0].suffer(Weather(reset_after=0))
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await ask(gate[1])


async def test_a_hanging_line_accepts_and_says_nothing(gate: tuple[Gate, int]) -> None:
    await gate[0].suffer(Weather(stall_after=0))
    async with asyncio.timeout(SOON):
        _, writer = await asyncio.open_connection(PLACE, gate[1])
        writer.transport.abort()
    with pytest.raises(TimeoutError):
        await ask(gate[1])


async def test_a_half_open_line_ends_in_the_middle_without_an_end(gate: tuple[Gate, int]) -> None:
    await gate[0].suffer(Weather(stall_after=3))
    reader, writer = await asyncio.open_connection(PLACE, gate[1])
    try:
        writer.write(b"hello")
        async with asyncio.timeout(SOON):
            assert await reader.readexactly(3) == b"hel"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
    finally:
        writer.transport.abort()


async def test_a_lossy_line_stalls_tcp_and_loses_no_byte(gate: tuple[Gate, int]) -> None:
    await gate[0].suffer(Weather(loss=1.0, stall=0.1))
    assert await took(lambda: ask(gate[1], patience=2)) >= 0.2


async def test_the_same_weather_again_cuts_nobody(gate: tuple[Gate, int]) -> None:
    await gate[0].answer()
    reader, writer = await asyncio.open_connection(PLACE, gate[1])
    await gate[0].answer()
    writer.write(b"x")
    async with asyncio.timeout(SOON):
        assert await reader.readexactly(1) == b"x"
    writer.transport.abort()


async def test_datagrams_pass_an_open_gate(udp: tuple[Gate, int]) -> None:
    await udp[0].answer()
    assert await ask_udp(udp[1]) == b"cba"


async def test_datagrams_vanish_without_a_refusal(udp: tuple[Gate, int]) -> None:
    await udp[0].vanish()
    with pytest.raises(TimeoutError):
        await ask_udp(udp[1], patience=0.2)


async def test_datagrams_to_a_shut_port_are_refused(udp: tuple[Gate, int]) -> None:
    await udp[0].answer()
    await udp[0].shut()
    with pytest.raises(ConnectionRefusedError):
        await ask_udp(udp[1])


async def test_datagrams_come_late_over_a_slow_line(udp: tuple[Gate, int]) -> None:
    await udp[0].suffer(Weather(delay=0.1))
    assert await took(lambda: ask_udp(udp[1], patience=2)) >= 0.2
    assert await ask_udp(udp[1], b"xy", patience=2) == b"yx"


@pytest.mark.parametrize("weather", [Weather(loss=1.0), Weather(stall_after=0)])
async def test_datagrams_are_lost_on_a_lossy_or_hanging_line(
    udp: tuple[Gate, int], weather: Weather
) -> None:
    await udp[0].suffer(weather)
    with pytest.raises(TimeoutError):
        await ask_udp(udp[1], patience=0.3)


def test_the_newest_fault_makes_the_weather() -> None:
    assert weather_of((), "http") is None
    assert weather_of((FaultName.APP_500,), "http") is None
    faults = (FaultName.LINE_SLOW, FaultName.LINE_RESET)
    assert weather_of(faults, "http") == Weather(reset_after=0)


def test_slow_names_are_no_slow_line_for_others() -> None:
    assert weather_of((FaultName.DNS_SLOW,), "https") is None
    assert weather_of((FaultName.DNS_SLOW,), "dns") is not None
