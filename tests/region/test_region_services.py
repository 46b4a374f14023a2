"""The services of the region by the bytes of their protocols: logins, nonsense, faults."""

import asyncio
import base64
import hashlib
import importlib
import json
import socket
import struct
import time
import urllib.error
import urllib.request
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from region_process import Where

from jingwei.region import control
from jingwei.region.fault_names import FaultName
from jingwei.region.line.door import TcpDoor
from jingwei.region.services.cache import Cache
from jingwei.region.services.clock import TimeServer
from jingwei.region.services.directory import elements, packed, parsed
from jingwei.region.services.exporter import Exporter
from jingwei.region.services.names import WRONG, NameServer
from jingwei.region.services.shell import Shell, host_key
from jingwei.region.services.upsd import Upsd
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request
from jingwei.terms import Endpoint, Peer

NOW = 1_795_430_000.0


def thing(key: str = "APP-02", kind: str = "application", vendor: str = "") -> Thing:
    """A thing that stands still at one moment."""
    return Thing(Peer(key, kind, f"{key} of the test", vendor), clock=lambda: NOW)


def said(endpoint: Endpoint, sent: bytes, ends: bytes = b"\r\n") -> bytes:
    """What a TCP service answers until `ends`, or all of it when it hangs up."""
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as pipe:
        pipe.sendall(sent)
        heard = b""
        while not heard.endswith(ends):
            piece = pipe.recv(4096)
            if not piece:
                return heard
            heard += piece
        return heard


def asked_by_udp(endpoint: Endpoint, sent: bytes) -> bytes:
    """What a UDP service answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as pipe:
        pipe.settimeout(5)
        pipe.sendto(sent, (endpoint.address, endpoint.port))
        return pipe.recv(4096)


# ---- Redis


def test_redis_lets_nobody_in_without_the_password_and_survives_nonsense(where: Where) -> None:
    endpoint = where("APP-02", "redis")
    assert said(endpoint, b"*1\r\n$4\r\nPING\r\n").startswith(b"-NOAUTH")
    wrong = b"*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n"
    assert said(endpoint, wrong).startswith(b"-WRONGPASS")
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"*99999\r\n", b"*1\r\n$99999999\r\n", b"\0\0\r\n"):
        assert said(endpoint, nonsense) == b""
    password = endpoint.secrets["password"].encode()
    right = b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n*1\r\n$4\r\nPING\r\n" % (len(password), password)
    assert said(endpoint, right, b"PONG\r\n") == b"+OK\r\n+PONG\r\n"


def test_a_broken_replica_falls_behind_with_time() -> None:
    one = thing()
    cache = Cache(one, "x")
    assert "state=online,offset=1,lag=0" in cache.info()
    one.switch_on(FaultName.REDIS_REPLICA_BROKEN)
    one.clock = lambda: NOW + 60
    assert "state=wait_bgsave,offset=1,lag=960" in cache.info()
    assert cache.answer(["FLUSHALL"]).startswith("-ERR unknown command")
    assert cache.answer(["LLEN", "jobs"]).startswith(":")


# ---- RabbitMQ


def queues(endpoint: Endpoint, password: str) -> Any:
    """The queues the broker tells of."""
    login = base64.b64encode(f"{endpoint.secrets['user']}:{password}".encode()).decode()
    address = f"http://{endpoint.address}:{endpoint.port}/api/queues/%2F"
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def test_a_growing_queue_has_lost_its_consumers_and_grows(where: Where, region: Path) -> None:
    endpoint = where("APP-01", "mq")
    password = endpoint.secrets["password"]
    [healthy, dead] = queues(endpoint, password)
    assert (healthy["consumers"], dead["messages"], dead["head_message_timestamp"]) == (2, 0, None)
    control.fault(region, "queue-growing")
    [growing, _] = queues(endpoint, password)
    assert growing["consumers"] == 0
    assert growing["messages"] >= 5200
    assert time.time() - growing["head_message_timestamp"] > 1490
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        queues(endpoint, "wrong")
    refused.value.close()


# ---- LDAP


@pytest.fixture
def ldap() -> Any:
    """ldap3, which asks pyasn1 for names that this calls deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("ldap3")


def test_a_real_ldap_client_finds_the_accounts_and_a_wrong_password_is_refused(
    where: Where, region: Path, ldap: Any
) -> None:
    endpoint = where("APP-05", "ldap")
    server = ldap.Server(endpoint.address, endpoint.port, get_info=ldap.NONE)

    def bound(password: str) -> Any:
        connection = ldap.Connection(server, endpoint.secrets["user"], password)
        connection.bind()
        return connection

    connection = bound(endpoint.secrets["password"])
    base = str(endpoint.settings["base"])
    connection.search(base, "(objectClass=*)")
    assert len(connection.entries) == 24
    connection.search(base, "(objectClass=*)", size_limit=5)
    assert (connection.result["result"], len(connection.entries)) == (4, 5)
    connection.search("dc=elsewhere", "(objectClass=*)")
    assert connection.result["description"] == "noSuchObject"
    connection.unbind()
    control.fault(region, "directory-refuses")
    for password in ("wrong", endpoint.secrets["password"]):
        refused = bound(password)
        assert refused.result["description"] == "invalidCredentials"
        refused.unbind()


def test_the_directory_hangs_up_on_nonsense(where: Where) -> None:
    endpoint = where("APP-05", "ldap")
    for nonsense in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x03\x04\x01\x00",
    ):
        assert said(endpoint, nonsense) == b""


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_whatever_is_packed_is_found_again_and_nonsense_is_a_value_error(body: bytes) -> None:
    assert elements(packed(0x30, body) + packed(0x04, b"x")) == [(0x30, body), (0x04, b"x")]
    try:
        number, _ = parsed(body)
    except ValueError:
        return
    assert number >= 0


# ---- NUT


def test_upsd_lists_its_one_ups_and_names_what_it_does_not_know() -> None:
    one = thing("HW-002-1", "ups", "SANTAK")
    upsd = Upsd(one)
    assert upsd.answer(["LIST", "UPS"]).splitlines()[1] == 'UPS ups "HW-002-1 of the test"'
    assert upsd.answer(["GET", "VAR", "ups", "ups.status"]) == 'VAR ups ups.status "OL"'
    assert upsd.answer(["GET", "VAR", "ups", "no.such"]) == "ERR VAR-NOT-SUPPORTED"
    assert upsd.answer(["LIST", "VAR", "other"]) == "ERR UNKNOWN-UPS"
    assert upsd.answer(["SHUTDOWN"]) == upsd.answer([]) == "ERR UNKNOWN-COMMAND"
    one.switch_on(FaultName.UPS_ON_BATTERY)
    one.switch_on(FaultName.UPS_BATTERY_LOW)
    facts = upsd.variables()
    assert (facts["ups.status"], facts["input.voltage"]) == ("OB DISCHRG LB", "0.0")
    assert float(facts["battery.charge"]) == 24
    one.switch_on(FaultName.UPS_DATA_STALE)
    assert upsd.answer(["LIST", "VAR", "ups"]) == "ERR DATA-STALE"


def test_upsd_says_goodbye_over_its_port(where: Where) -> None:
    assert said(where("HW-002-1", "nut"), b"LOGOUT\n", b"Goodbye\n") == b"OK Goodbye\n"


# ---- NTP and DNS


def test_a_faulty_clock_is_ahead_and_what_is_no_question_gets_no_answer() -> None:
    one = thing("HW-044-1", "load-balancer", "DPtech")
    server = TimeServer(one, now=lambda: NOW)
    question = bytes([0x23]) + bytes(39) + struct.pack(">II", 7, 9)
    answer = server.reply(question)
    assert answer is not None
    assert (answer[0], answer[1], answer[24:32]) == (0x24, 2, question[40:48])
    one.switch_on(FaultName.TIME_OFFSET)
    ahead = server.reply(question)
    assert ahead is not None
    seconds = [struct.unpack(">I", found[40:44])[0] for found in (answer, ahead)]
    assert seconds[1] - seconds[0] == 3
    assert server.reply(b"") is None
    assert server.reply(bytes([0x24]) + bytes(47)) is None


@pytest.mark.parametrize("before", [1e-10, 1e-7, 1e-3, 0.5])
def test_a_clock_just_before_a_second_does_not_tell_the_next_one(before: float) -> None:
    """Adding the epoch of 1900 rounds such a time up; its fraction stayed, and it was 1 s ahead."""
    at = 2.0 - before
    one = thing("HW-044-1", "load-balancer", "DPtech")
    answer = TimeServer(one, now=lambda: at).reply(bytes([0x23]) + bytes(47))
    assert answer is not None
    whole, part = struct.unpack(">II", answer[40:48])
    assert whole - 2_208_988_800 + part / 2**32 == pytest.approx(at, abs=1e-6)


def test_names_are_told_over_udp_and_tcp_and_unknown_ones_do_not_exist(where: Where) -> None:
    endpoint = where("HW-044-1", "dns")
    name, right = str(endpoint.settings["name"]), str(endpoint.settings["expect"])
    question = dns.message.make_query(name, "A")
    for raw in (
        asked_by_udp(endpoint, question.to_wire()),
        said(endpoint, question.to_wire(prepend_length=True), right_end(right))[2:],
    ):
        [found] = dns.message.from_wire(raw).answer
        assert [record.to_text() for record in found] == [right]
    other = dns.message.make_query("nobody.elsewhere", "A")
    answer = dns.message.from_wire(asked_by_udp(endpoint, other.to_wire()))
    assert answer.rcode() == dns.rcode.NXDOMAIN


def right_end(address: str) -> bytes:
    """The last bytes of an answer with this address."""
    return socket.inet_aton(address)


def test_a_wrong_answer_is_nobodys_address_and_other_types_have_none() -> None:
    one = thing("HW-044-1", "load-balancer", "DPtech")
    server = NameServer(one, {"a.test": "10.0.0.1"})
    one.switch_on(FaultName.DNS_WRONG_ANSWER)
    raw = server.reply(dns.message.make_query("A.Test", "A").to_wire())
    assert raw is not None
    assert dns.message.from_wire(raw).answer[0][0].to_text() == WRONG
    other = server.reply(dns.message.make_query("a.test", dns.rdatatype.MX).to_wire())
    assert other is not None
    assert (dns.message.from_wire(other).answer, other[3] & 15) == ([], 0)
    assert server.reply(b"\0" * 5) is None


# ---- exporter, shell, doors


def test_a_full_heap_stays_full_after_collection() -> None:
    one = thing("APP-03")
    exporter = Exporter(one)

    def live() -> float:
        rows = dict(
            row.rsplit(" ", 1) for row in exporter.exposition().splitlines() if row[0] != "#"
        )
        return float(rows["jvm_gc_live_data_size_bytes"]) / float(
            rows["jvm_gc_max_data_size_bytes"]
        )

    assert live() < 0.6
    one.switch_on(FaultName.HEAP_FULL)
    assert live() > 0.93
    assert exporter(Request("GET", "/metrics", {})).status == 404


def test_a_shell_tells_and_does_nothing_else() -> None:
    one = thing("HW-005-1", "server", "Lenovo")
    key = host_key()
    assert str(key.get_fingerprint()).startswith("SHA256:")
    shell = Shell(one, "127.0.0.1", 1, key=key, user="watch", password="x")
    code, text = shell.answer("chronyc -n tracking")
    assert code == 0
    assert "Leap status     : Normal" in text
    assert shell.answer("rm -rf /")[0] == 127
    decoys = "sha256sum /srv/share/.jingwei/ledger.xlsx /srv/share/.jingwei/roster.docx"
    code, text = shell.answer(decoys)
    whole = hashlib.sha256(b"jingwei canary\n").hexdigest()
    assert (code, [line.split()[0] for line in text.splitlines()]) == (0, [whole, whole])
    one.switch_on(FaultName.FILES_REWRITTEN)
    code, text = shell.answer(decoys)
    assert (code, whole in text) == (1, False)
    assert text.splitlines()[1].endswith("roster.docx: No such file or directory")
    one.switch_off(FaultName.FILES_REWRITTEN)
    assert "No such file" in shell.answer("sha256sum /etc/hosts")[1]
    one.switch_on(FaultName.CLOCK_OFFSET)
    assert "System time     : 3.200000000 seconds fast" in shell.answer("chronyc -n tracking")[1]
    one.switch_on(FaultName.SERVER_HANG)
    assert shell.hung


async def test_closing_a_door_cuts_a_conversation_that_goes_on() -> None:
    heard = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        heard.set()
        await reader.readexactly(1)

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    door = TcpDoor(listen, "127.0.0.1", port)
    await door.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"x")
    await asyncio.wait_for(heard.wait(), 5)
    await door.close()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
