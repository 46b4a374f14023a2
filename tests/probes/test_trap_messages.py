"""SNMP notifications: those net-snmp's snmptrap sends, and what is none."""

import shutil
import socket
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME

from jingwei.probes.trap import NoTrapError, parse

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


def sent(*arguments: str, answer: bool = False) -> tuple[bytes, int]:
    """What snmptrap sends, and how it ended."""
    command = shutil.which("snmptrap")
    if command is None:
        pytest.skip("needs snmptrap (Debian package snmp)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HOME, 0))
        ear.settimeout(10)
        place = f"udp:{HOME}:{ear.getsockname()[1]}"
        where = [part.replace("AT", place) for part in arguments]
        process = subprocess.Popen(
            [command, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        raw, sender = ear.recvfrom(65_535)
        if answer:
            ear.sendto(parse(raw).confirm, sender)
        return raw, process.wait(15)


@pytest.mark.peers
def test_a_v2c_link_down_of_net_snmp_is_read() -> None:
    raw, _ = sent("-v2c", "-c", "public", "AT", "", "1.3.6.1.6.3.1.1.5.3",
                  f"{IF_INDEX}.7", "i", "7", "1.3.6.1.2.1.2.2.1.2.7", "s", "Ten-GE 1/0/7",
                  "1.3.6.1.4.1.9.9.1.0", "x", "00ff10", "1.3.6.1.4.1.9.9.2.0", "a", "10.1.2.3",
                  "1.3.6.1.4.1.9.9.3.0", "o", "1.3.6.1.2.1.1")  # fmt: skip
    found = parse(raw)
    assert (found.community, found.oid, found.agent) == ("public", "1.3.6.1.6.3.1.1.5.3", "")
    assert found.variables == (
        (f"{IF_INDEX}.7", 7),
        ("1.3.6.1.2.1.2.2.1.2.7", "Ten-GE 1/0/7"),
        ("1.3.6.1.4.1.9.9.1.0", "00ff10"),
        ("1.3.6.1.4.1.9.9.2.0", "10.1.2.3"),
        ("1.3.6.1.4.1.9.9.3.0", "1.3.6.1.2.1.1"),
    )
    assert found.confirm == b""


@pytest.mark.peers
@pytest.mark.parametrize(
    ("generic", "specific", "oid"),
    [("2", "0", "1.3.6.1.6.3.1.1.5.3"), ("6", "17", "1.3.6.1.4.1.2011.2.0.17")],
)
def test_a_v1_trap_names_its_agent_and_is_called_as_in_v2(
    generic: str, specific: str, oid: str
) -> None:
    raw, _ = sent("-v1", "-c", "secret", "AT", "1.3.6.1.4.1.2011.2", "10.1.2.3", generic, specific,
                  "", f"{IF_INDEX}.7", "i", "-7")  # fmt: skip
    found = parse(raw)
    assert (found.oid, found.agent, found.community) == (oid, "10.1.2.3", "secret")
    assert found.variables == ((f"{IF_INDEX}.7", -7),)


@pytest.mark.peers
def test_an_inform_is_satisfied_with_our_answer() -> None:
    raw, ended = sent("-v2c", "-Ci", "-c", "public", "-r0", "-t3", "AT", "", "1.3.6.1.6.3.1.1.5.1",
                      answer=True)  # fmt: skip
    assert parse(raw).oid == "1.3.6.1.6.3.1.1.5.1"
    assert ended == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x30", b"GET / HTTP/1.1\r\n\r\n", b"\x30\x84\xff\xff\xff\xff",
        bytes.fromhex("300c020103040670"),
        bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500"),
    ],
)  # fmt: skip
def test_what_is_no_notification_is_refused(raw: bytes) -> None:
    with pytest.raises(NoTrapError):
        parse(raw)


@given(st.binary(max_size=300))
def test_nonsense_is_refused_and_never_anything_else(raw: bytes) -> None:
    try:
        found = parse(raw)
    except NoTrapError:
        return
    assert found.oid
