"""ntp: a real chronyd, servers that are wrong, and answers as bytes."""

import asyncio
import math
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from hypothesis import assume, example, given
from hypothesis import strategies as st
from probe_peers import HOME, ask, calm, free_port, values
from probe_servers import needs, running

from jingwei.probes.errors import ProbeError
from jingwei.probes.ntp import read_answer
from jingwei.terms import Reason

EPOCH = 2_208_988_800
Answer = Callable[[bytes], bytes | None]


def stamp(seconds: float) -> bytes:
    """An NTP timestamp; beyond 2036 it wraps, as on the wire."""
    whole = math.floor(seconds)
    return struct.pack(
        ">II", (whole + EPOCH) % 2**32, min(int((seconds - whole) * 2**32), 2**32 - 1)
    )


def packet(
    question: bytes = bytes(48), *, ahead: float = 0.0, stratum: int = 2, leap: int = 0,
    reference: bytes = b"\x0a\x01\x02\x03", mode: int = 4, now: float | None = None,
) -> bytes:  # fmt: skip
    """What a server whose clock is `ahead` seconds answers."""
    at = (time.time() if now is None else now) + ahead
    head = struct.pack(
        ">BBbbII4s", leap << 6 | 4 << 3 | mode, stratum, 6, -20, 655, 1310, reference
    )
    return head + stamp(at - 60) + question[40:48] + stamp(at) + stamp(at)


@asynccontextmanager
async def clock(answer: Answer) -> AsyncIterator[int]:
    """A UDP server on loopback that answers by `answer`."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            said = answer(data)
            if said is not None:
                self.transport.sendto(said, addr)  # type: ignore[attr-defined]

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=(HOME, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def chrony(public_folder: Path) -> Iterator[int]:
    """chronyd that serves its own machine's clock and never sets it."""
    command, port = needs("chronyd", "chrony"), free_port()
    home = public_folder / "chrony"
    home.mkdir(mode=0o777)
    conf = home / "chrony.conf"
    conf.write_text(
        f"port {port}\nallow all\nlocal stratum 3\nbindaddress {HOME}\ncmdport 0\n"
        f"pidfile {home}/pid\nbindcmdaddress /\n"
    )
    answers = _answers(port)
    with running([command, "-d", "-x", "-U", "-f", conf], answers):
        yield port


def _answers(port: int) -> Callable[[], bool]:
    async def once() -> bool:
        return (await ask("ntp", port, timeout=0.3)).answered

    return lambda: asyncio.run(once())


def test_a_real_server_on_this_machine_is_hardly_off_on_both_loops(chrony: int) -> None:
    async def main() -> None:
        seen = values(await ask("ntp", chrony, samples=3))
        assert abs(seen["ntp.offset"]) < 0.1
        assert seen["ntp.offset.size"] == abs(seen["ntp.offset"])
        assert seen["ntp.stratum"] == 3
        assert seen["ntp.leap"] == "none"
        assert seen["ntp.delay"] >= 0

    asyncio.run(main())
    uvloop.run(main())


@pytest.mark.parametrize("ahead", [3.25, -7.5, 0.0])
async def test_a_clock_that_is_wrong_is_wrong_by_so_much(ahead: float) -> None:
    async with clock(lambda question: packet(question, ahead=ahead)) as port:
        seen = values(await ask("ntp", port))
    assert seen["ntp.offset"] == pytest.approx(ahead, abs=0.05)
    assert seen["ntp.reference"] == "10.1.2.3"
    assert seen["ntp.age"] == pytest.approx(60, abs=0.1)


async def test_an_unsynchronised_server_says_so() -> None:
    async with clock(lambda question: packet(question, leap=3, stratum=16)) as port:
        seen = values(await ask("ntp", port))
    assert (seen["ntp.leap"], seen["ntp.stratum"]) == ("unsynchronised", 16)


async def test_a_kiss_of_death_is_a_refusal() -> None:
    async with clock(lambda question: packet(question, stratum=0, reference=b"RATE")) as port:
        outcome = await ask("ntp", port)
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "时间服务器不给时间：请求过于频繁"


async def test_answers_that_are_not_ours_are_passed_over(closed_port: int) -> None:
    for wrong in (lambda _: packet(), lambda _: b"short", lambda _: None):
        async with clock(wrong) as port:
            outcome = await ask("ntp", port, timeout=0.3)
        assert outcome.reason is Reason.TIMEOUT
    refused = await ask("ntp", closed_port, timeout=1)
    assert refused.reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (packet(mode=3), "不是 NTP 服务器"),
        (packet(stratum=0, reference=b"DENY"), "拒绝服务"),
        (packet(stratum=0, reference=b"\xff\x00\x01\x02"), "代码"),
        (packet()[:40] + bytes(8), "没有时间"),
    ],
    ids=["client", "kiss of death", "unreadable code", "no time"],
)
def test_an_answer_without_a_time_is_told(raw: bytes, said: str) -> None:
    with pytest.raises(ProbeError, match=said):
        read_answer(raw, 0.0, 0.0)


def test_a_radio_clock_is_named_by_its_code() -> None:
    sample = read_answer(packet(stratum=1, reference=b"GPS\x00", now=1e9), 1e9, 1e9)
    assert sample.reference == "GPS"


@calm
@example(now=1.0, ahead=0.0, trip=1.9999999998835847)
@given(st.floats(1.0, 8e9), st.floats(-1e6, 1e6), st.floats(0.0, 5.0))
def test_offset_and_delay_are_found_in_every_era(now: float, ahead: float, trip: float) -> None:
    """A symmetric path: the offset is exact whatever the delay, also after 2036 and 2172."""
    raw = packet(now=now + trip / 2, ahead=ahead)
    assume(raw[32:40].strip(b"\x00") and raw[40:48].strip(b"\x00"))  # an era's first instant
    sample = read_answer(raw, now, now + trip)
    assert sample.offset == pytest.approx(ahead, abs=0.01)
    assert sample.delay == pytest.approx(trip, abs=0.01)
