"""cmpp, sgip, smgp: the frames of the specifications, a peer of each, and peers that misbehave."""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import ask, babbles, calm, closes, hangs, resets, says, tcp_peer, values

from jingwei.probes import OptionError, find, parse_options, sms
from jingwei.region.fault_names import FaultName
from jingwei.region.services.gateway import USERS, SmsGateway
from jingwei.region.thing import Thing
from jingwei.terms import Peer, Reason

SECRET = "gateway-key"
ALL = ("cmpp", "sgip", "smgp")


def login(protocol: str, password: str = SECRET) -> dict[str, str]:
    return {"user": USERS[protocol], "password": password}


@asynccontextmanager
async def gateway(protocol: str, *faults: str) -> AsyncIterator[int]:
    """A carrier's gateway with these faults; yields its port."""
    thing = Thing(Peer("APP-25", "application", "短信平台"))
    for fault in faults:
        thing.switch_on(fault)
    async with tcp_peer(SmsGateway(thing, protocol, SECRET).converse) as port:
        yield port


def test_each_gateway_lets_in_and_answers_on_both_loops() -> None:
    async def main() -> None:
        seen = {}
        for protocol in ALL:
            async with gateway(protocol) as port:
                seen |= values(await ask(protocol, port, login(protocol)))
        times = [seen.pop(key) for key in tuple(seen) if isinstance(seen[key], float)]
        assert len(times) == 6
        assert all(took > 0 for took in times)
        assert seen == {
            "cmpp.version": "2.0", "cmpp.proven": True,
            "smgp.version": "3.0", "smgp.proven": True,
        }  # fmt: skip

    asyncio.run(main())
    uvloop.run(main())


async def test_cmpp_3_has_a_status_of_four_octets() -> None:
    async with gateway("cmpp") as port:
        seen = values(await ask("cmpp", port, login("cmpp"), version="3.0"))
    assert (seen["cmpp.version"], seen["cmpp.proven"]) == ("3.0", True)


@pytest.mark.parametrize(
    ("protocol", "said"),
    [("cmpp", "状态 3）：认证错"), ("sgip", "状态 1）：账号、口令"), ("smgp", "状态 21）：认证错")],
)
async def test_a_wrong_password_is_a_refusal_and_is_not_told(protocol: str, said: str) -> None:
    async with gateway(protocol) as port:
        outcome = await ask(protocol, port, login(protocol, "wrong-secret"))
        stranger = await ask(protocol, port, {"user": "nobody", "password": SECRET})
    assert (outcome.reason, said in outcome.error) == (Reason.REFUSED, True), outcome
    assert "wrong-secret" not in outcome.error
    assert stranger.reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("protocol", "fault", "reason", "said"),
    [
        ("cmpp", FaultName.SMS_REFUSED, Reason.REFUSED, "状态 3"),
        ("sgip", FaultName.SMS_FULL, Reason.REFUSED, "连接数超过限制"),
        ("smgp", FaultName.SMS_SILENT, Reason.TIMEOUT, "网关不应答链路检测（Active_Test）"),
    ],
)
async def test_a_fault_of_the_gateway_says_which_step_failed(
    protocol: str, fault: FaultName, reason: Reason, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "PATIENCE", 0.3)
    async with gateway(protocol, fault) as port:
        outcome = await ask(protocol, port, login(protocol))
    assert (outcome.reason, said in outcome.error) == (reason, True), outcome


@pytest.mark.parametrize("protocol", ALL)
async def test_silence_resets_and_nonsense_are_told_apart(protocol: str, closed_port: int) -> None:
    assert (await ask(protocol, closed_port, login(protocol))).reason is Reason.REFUSED
    huge = struct.pack("!II", 0x7FFFFFFF, 0x80000001) + bytes(64)
    short = struct.pack("!III", 12, 0x80000001, 1) + bytes(8)
    for peer, expected in (
        (hangs, Reason.TIMEOUT), (resets, Reason.PROTOCOL), (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL), (says(huge), Reason.PROTOCOL),
        (says(b"\0\0"), Reason.PROTOCOL), (says(short), Reason.PROTOCOL),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reason.PROTOCOL),
    ):  # fmt: skip
        async with tcp_peer(peer) as port:
            outcome = await ask(protocol, port, login(protocol), timeout=0.6)
        assert outcome.reason is expected, (peer, outcome)
        assert SECRET not in outcome.error


@pytest.mark.parametrize("protocol", ALL)
async def test_without_a_login_or_with_an_impossible_one_nobody_is_asked(protocol: str) -> None:
    for secrets, said in (
        ({}, "没有为该目标配置 user 与 password"),
        ({"user": "静安", "password": "x"}, "只能是英文与数字"),
        ({"user": "1" * 17, "password": "x"}, "个字符"),
    ):
        outcome = await ask(protocol, 9, secrets)
        assert (outcome.reason, said in outcome.error) == (Reason.COLLECTOR, True), outcome
    long = await ask("sgip", 9, {"user": "u", "password": "x" * 17})
    assert "不超过 16 个字节" in long.error


async def test_what_a_gateway_delivers_meanwhile_is_passed_over_and_never_acknowledged() -> None:
    """A delivered message that we confirmed would be lost to the application it belongs to."""
    heard: list[int] = []

    async def delivers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(12):
            length, command, sequence = struct.unpack("!III", head)
            heard.append(command)
            body = await reader.readexactly(length - 12)
            writer.write(struct.pack("!III", 20, 0x5, 900 + sequence) + bytes(8))  # a delivery
            said = b""
            if command == 1:
                said = bytes(1) + hashlib.md5(b"\0" + body[6:22] + SECRET.encode()).digest() + b" "
            elif command == 8:
                said = b"\0"
            answer = struct.pack("!III", 12 + len(said), command | 0x80000000, sequence)
            writer.write(answer + said)

    async with tcp_peer(delivers) as port:
        seen = values(await ask("cmpp", port, login("cmpp")))
    assert heard == [1, 8, 2]  # no 0x80000005, and nothing submitted (4)
    assert seen["cmpp.proven"] is True


async def test_a_gateway_that_only_delivers_is_given_up() -> None:
    flood = struct.pack("!III", 20, 0x5, 7) + bytes(8)
    async with tcp_peer(says(flood * 60)) as port:
        outcome = await ask("cmpp", port, login("cmpp"))
    assert "连发 50 帧而无应答" in outcome.error


async def test_a_gateway_that_does_not_know_the_secret_is_not_believed() -> None:
    met = struct.pack("!III", 30, 0x80000001, 1) + bytes(17) + b"\x20"
    active = struct.pack("!III", 13, 0x80000008, 2) + b"\0"
    async with tcp_peer(says(met, active)) as port:
        seen = values(await ask("cmpp", port, login("cmpp")))
    assert seen["cmpp.proven"] is False


def test_the_authenticator_is_the_specification_s() -> None:
    """MD5 of account, nine zeros, secret and ten digits: one in January begins with a zero."""
    expected = hashlib.md5(b"901234" + bytes(9) + b"key" + b"0105080910").digest()
    assert sms.digest(b"901234", 9, b"key", 105080910) == expected


@pytest.mark.parametrize("node", ["", "-1", "4294967296", "三", "1.5"])
def test_a_source_node_is_a_32_bit_number(node: str) -> None:
    with pytest.raises(OptionError, match="应为数字"):
        parse_options(find("sgip"), {"node": node})


@calm
@given(body=st.binary(max_size=64))
def test_any_login_is_answered_by_the_peer_without_an_error(body: bytes) -> None:
    thing = Thing(Peer("APP-25", "application", "短信平台"))
    for protocol in ALL:
        let_in, said = SmsGateway(thing, protocol, SECRET).login(body)
        assert not let_in
        assert said


async def test_a_fault_is_one_carrier_s_and_the_others_go_on() -> None:
    for protocol in ("cmpp", "sgip"):
        async with gateway(protocol, FaultName.SMS_SILENT) as port:
            assert (await ask(protocol, port, login(protocol))).answered
    for protocol in ("sgip", "smgp"):
        async with gateway(protocol, FaultName.SMS_REFUSED) as port:
            assert (await ask(protocol, port, login(protocol))).answered
