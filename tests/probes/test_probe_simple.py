"""tcp, icmp, tls, heartbeat: against real loopback, and what each says when it cannot."""

import asyncio
import base64
import errno
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import (
    HOME,
    Authority,
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

from jingwei.probes import icmp as icmp_module
from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.heartbeat import HeartbeatOptions, age_reading, heard
from jingwei.probes.icmp import judged as judged_echoes
from jingwei.probes.tls import Seen, judged, matches
from jingwei.terms import SHANGHAI, Reason

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)

# -- tcp


async def test_a_listening_port_gives_its_connect_time() -> None:
    async with tcp_peer(hangs) as port:
        outcome = await ask("tcp", port)
    assert 0 < values(outcome)["connect.time"] < 1000
    assert outcome.readings[0].unit == "ms"


async def test_a_closed_port_is_refused(closed_port: int) -> None:
    outcome = await ask("tcp", closed_port)
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "连接被拒绝：端口没有服务"


async def test_a_full_backlog_is_silence_and_not_a_refusal() -> None:
    with socket.socket() as listener:
        listener.bind((HOME, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):  # nobody accepts: the kernel drops further SYNs
            pending = socket.socket()
            pending.setblocking(False)
            pending.connect_ex((HOME, port))
            waiting.append(pending)
        outcome = await ask("tcp", port, timeout=0.3)
        for pending in waiting:
            pending.close()
    assert outcome.reason is Reason.TIMEOUT
    assert "防火墙" in outcome.error


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
async def test_ipv6_is_asked_with_and_without_brackets() -> None:
    async with tcp_peer(hangs, host="::1") as port:
        for address in ("::1", "[::1]"):
            assert (await ask("tcp", port, address=address)).answered


async def test_an_unknown_name_is_our_fault_and_not_the_targets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(net.socket, "getaddrinfo", nothing)
    outcome = await ask("tcp", 80, address="no-such-host.example")
    assert outcome.reason is Reason.COLLECTOR


async def test_no_descriptor_left_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(net.socket, "socket", full)
    outcome = await ask("tcp", 80)
    assert outcome.reason is Reason.COLLECTOR
    assert "文件或连接过多" in outcome.error


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_two_hundred_connects_leave_no_descriptor_behind() -> None:
    async with tcp_peer(closes) as port:
        await ask("tcp", port)
        before = descriptors()
        for _ in range(20):
            outcomes = await asyncio.gather(*(ask("tcp", port) for _ in range(10)))
            assert all(outcome.answered for outcome in outcomes)
        await asyncio.sleep(0.05)
        after = descriptors()
    assert after <= before + 12  # the server side may still be closing a few


# -- icmp


def can_ping() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        return True
    return False


@pytest.mark.skipif(not can_ping(), reason="this machine may not send ICMP")
def test_loopback_answers_every_echo_on_both_loops() -> None:
    async def main() -> None:
        outcomes = await asyncio.gather(
            *(ask("icmp", None, address=f"127.1.0.{n}", count=2, interval=0.01) for n in range(20))
        )
        for outcome in outcomes:
            seen = values(outcome)
            assert seen["icmp.loss"] == 0
            assert 0 < seen["icmp.rtt"] <= seen["icmp.rtt_max"]

    asyncio.run(main())
    uvloop.run(main())


@pytest.mark.skipif(not can_ping(), reason="this machine may not send ICMP")
async def test_one_given_up_echo_does_not_disturb_the_others() -> None:
    # 240.0.0.1 is reserved and answers nobody; its question is cut short while others run.
    lost, *others = await asyncio.gather(
        ask("icmp", None, address="240.0.0.1", count=1, wait=2, timeout=0.05),
        *(ask("icmp", None, address=f"127.1.1.{n}", wait=2, interval=0.05) for n in range(5)),
    )
    assert lost.reason in (Reason.TIMEOUT, Reason.COLLECTOR)
    assert all(values(outcome)["icmp.loss"] == 0 for outcome in others)


async def test_not_being_allowed_to_ping_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Forbidden:
        async def ping(self, *_: Any) -> float:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(icmp_module, "_pinger", lambda wait: Forbidden())
    outcome = await ask("icmp", None)
    assert outcome.reason is Reason.COLLECTOR
    assert "ping_group_range" in outcome.error


@pytest.mark.parametrize(("name", "sample"), samples("icmp"))
def test_round_trips_become_loss_and_delay(name: str, sample: Any) -> None:
    assert as_rows(judged_echoes(sample["times"])) == sample["readings"], name


@calm
@given(st.lists(st.none() | st.floats(0, 5), min_size=1, max_size=50))
def test_loss_is_a_percentage_and_delay_needs_an_answer(times: list[float | None]) -> None:
    readings = {reading.name: reading.value for reading in judged_echoes(times)}
    assert 0 <= float(readings["icmp.loss"]) <= 100
    assert ("icmp.rtt" in readings) == any(time is not None for time in times)


# -- tls


async def test_a_good_certificate_is_valid_and_named(authority: Authority) -> None:
    pair = authority.issue("good", ["pacs.example", HOME], days=30)
    async with tcp_peer(hangs, pair.server_context()) as port:
        seen = values(await ask("tls", port, ca_file=str(authority.file)))
        named = values(
            await ask("tls", port, ca_file=str(authority.file), server_name="pacs.example")
        )
        other = values(
            await ask("tls", port, ca_file=str(authority.file), server_name="ris.example")
        )
    assert 29.9 < seen["tls.days_left"] <= 30
    assert seen["tls.chain_valid"] is True
    assert seen["tls.name_match"] is True
    assert seen["tls.issuer"] == "静安测试 CA"
    assert seen["tls.subject"] == "good"
    assert seen["tls.protocol"].startswith("TLSv1")
    assert "tls.chain_error" not in seen
    assert named["tls.name_match"] is True
    assert other["tls.name_match"] is False
    assert other["tls.chain_valid"] is True, "a wrong name is not a broken chain"


@pytest.mark.parametrize(
    ("label", "days", "self_signed", "said"),
    [
        ("expired", -5, False, "expired"),
        ("homemade", 100, True, "self-signed"),
    ],
)
def test_a_bad_certificate_is_still_read(
    authority: Authority, label: str, days: float, self_signed: bool, said: str
) -> None:
    pair = authority.issue(label, [HOME], days=days, self_signed=self_signed)

    async def main() -> None:
        async with tcp_peer(hangs, pair.server_context()) as port:
            seen = values(await ask("tls", port, ca_file=str(authority.file)))
        assert seen["tls.chain_valid"] is False
        assert said in seen["tls.chain_error"].replace("self signed", "self-signed")
        assert abs(seen["tls.days_left"] - days) < 0.1
        assert seen["tls.name_match"] is True

    asyncio.run(main())
    uvloop.run(main())


async def test_an_unknown_authority_breaks_the_chain_but_not_the_reading(
    authority: Authority,
) -> None:
    pair = authority.issue("inner", [HOME], days=10)
    async with tcp_peer(hangs, pair.server_context()) as port:
        seen = values(await ask("tls", port))
    assert seen["tls.chain_valid"] is False
    assert 9.9 < seen["tls.days_left"] <= 10


async def test_a_port_without_tls_is_told_by_how_it_behaves(closed_port: int) -> None:
    assert (await ask("tls", closed_port)).reason is Reason.REFUSED
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("tls", port, timeout=0.4)
        assert outcome.reason is reason, outcome


@pytest.mark.parametrize(("name", "sample"), samples("tls"))
def test_recorded_certificates_give_the_expected_readings(name: str, sample: Any) -> None:
    seen = Seen(base64.b64decode(sample["certificate"]), sample["protocol"], sample["took"])
    now = datetime.fromisoformat(sample["now"])
    readings = judged(seen, sample["name"], sample["chain_error"], now)
    assert as_rows(readings) == sample["readings"], name


def test_a_certificate_that_cannot_be_parsed_is_told() -> None:
    with pytest.raises(ProbeError, match="证书无法解析"):
        judged(Seen(b"\x30\x03\x02\x01\x01", "TLSv1.3", 0.1), HOME, "", datetime.now(UTC))


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (["pacs.jingan.example"], "PACS.jingan.example.", True),
        (["*.jingan.example"], "pacs.jingan.example", True),
        (["*.jingan.example"], "jingan.example", False),
        (["*.jingan.example"], "a.b.jingan.example", False),
        (["10.1.2.3"], "10.1.2.3", True),
        (["*.2.3"], "10.1.2.3", False),
        (["2001:db8::1"], "2001:DB8:0::1", True),
        ([], "pacs.jingan.example", False),
    ],
)
def test_names_match_as_rfc_9525_says(names: list[str], wanted: str, expected: bool) -> None:
    assert matches(names, wanted) is expected


# -- heartbeat


def test_a_heartbeat_is_as_old_as_its_last_call() -> None:
    age = age_reading(NOW - timedelta(minutes=90), NOW)
    assert (age.name, age.value, age.unit) == ("heartbeat.age", 5400.0, "s")
    assert age_reading(NOW + timedelta(seconds=3), NOW).value == 0


def test_a_late_call_is_overdue_and_a_missing_one_is_silence() -> None:
    options = HeartbeatOptions(every=3600, grace=600)
    fresh = heard(NOW - timedelta(seconds=4200), NOW, options)
    late = heard(NOW - timedelta(seconds=4201), NOW, options)
    never = heard(None, NOW, options)
    assert values(fresh)["heartbeat.overdue"] is False
    assert values(late)["heartbeat.overdue"] is True
    assert never.reason is Reason.TIMEOUT
    assert never.error == "从未收到心跳"
    assert not never.readings


async def test_a_heartbeat_cannot_be_asked_for() -> None:
    outcome = await ask("heartbeat", None)
    assert outcome.reason is Reason.COLLECTOR
