"""vsphere: a whole inventory in one question, sessions given back, and peers that misbehave.

Proven once on the govmomi simulator too (decision 0019): that needs a Go compiler, so it is no
test.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from probe_pages import behaves_badly
from probe_peers import HOME, Authority, ask, babbles, free_port, hangs, says, tcp_peer, values

from jingwei.probes import find
from jingwei.probes.errors import ProbeError
from jingwei.probes.vsphere import datastores_read, hosts_read, machines_read, read, wanted
from jingwei.probes.vsphere_session import Seen
from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Listener, Request, Response
from jingwei.region.web.vsphere import VsphereFace
from jingwei.terms import Peer, Reason

LOGIN = {"user": "watcher", "password": "esx-<secret>&"}
Site = Callable[[Request], Response]


def host() -> tuple[Thing, VsphereFace]:
    thing = Thing(Peer("HW-010-1", "server", "RD640", "Lenovo", "ThinkServer RD640"))
    return thing, VsphereFace(thing, **LOGIN)


@asynccontextmanager
async def served(site: Site, **more: Any) -> AsyncIterator[int]:
    port = free_port()
    listener = Listener(site, HOME, port, **more)
    await listener.open()
    try:
        yield port
    finally:
        await listener.close()


def swapped(face: VsphereFace, name: str, answer: Response | Callable[[bytes], bytes]) -> Site:
    """The face, but one operation answers otherwise."""

    def site(request: Request) -> Response:
        said = face(request)
        if f"<{name} ".encode() not in request.body:
            return said
        if isinstance(answer, Response):
            return answer
        return Response(said.status, answer(said.body), said.content_type, said.headers)

    return site


def fault(kind: str, status: int = 500) -> Response:
    body = (
        '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><e:Fault>'
        "<faultcode>ServerFaultCode</faultcode><faultstring>no way</faultstring><detail>"
        f'<{kind}Fault xmlns="urn:vim25" xsi:type="{kind}"/></detail></e:Fault>'
        "</e:Body></e:Envelope>"
    )
    return Response(status, body.encode(), "text/xml")


async def asked(port: int, secrets: dict[str, str] = LOGIN, **more: Any) -> Any:
    return await ask("vsphere", port, secrets, **{"scheme": "http", **more})


async def test_one_session_reads_everything_and_is_given_back() -> None:
    _, face = host()
    heard: list[bytes] = []

    def site(request: Request) -> Response:
        heard.append(request.body)
        return face(request)

    async with served(site) as port:
        seen = values(await asked(port))
    name = "hw-010-1.region.test"
    assert seen["vsphere.version"] == "6.5.0"
    assert seen["vsphere.build"] == "5969303"
    assert (seen["vsphere.hosts"], seen["vsphere.hosts.connected"]) == (1, 1)
    assert seen["vsphere.hosts.maintenance"] == 0
    assert seen[f"vsphere.host.status[{name}]"] == "green"
    assert 4 <= seen[f"vsphere.host.cpu[{name}]"] <= 41
    assert 30 <= seen[f"vsphere.host.memory[{name}]"] <= 70
    assert seen[f"vsphere.host.sensors_bad[{name}]"] == 0
    assert (seen["vsphere.vms"], seen["vsphere.vms.on"], seen["vsphere.vms.tools_down"]) == (
        6,
        5,
        0,
    )
    assert seen["vsphere.vms.should_run"] == 0
    assert (seen["vsphere.datastores"], seen["vsphere.datastores.inaccessible"]) == (2, 0)
    shares = [seen[f"vsphere.datastore.used[{one}]"] for one in ("datastore1", "vm-data")]
    assert seen["vsphere.datastores.fullest"] == max(shares)
    assert "vsphere.alarms" not in seen  # an ESXi keeps none: that is not zero
    assert face.sessions == 0
    assert len(heard) == 5  # content, login, view, properties, logout: never one for each machine


async def test_every_fault_of_a_host_shows_in_its_own_reading() -> None:
    name = "hw-010-1.region.test"
    for one, key, value in (
        (FaultName.HOST_ALARM, f"vsphere.host.status[{name}]", "red"),
        (FaultName.VM_DOWN, "vsphere.vms.should_run", 1),
        (FaultName.DATASTORE_FULL, "vsphere.datastores.fullest", 97.2),
        (FaultName.FAN_FAILED, f"vsphere.host.sensors_bad[{name}]", 1),
    ):
        thing, face = host()
        async with served(face) as port:
            before = values(await asked(port))
            thing.switch_on(one)
            after = values(await asked(port))
        assert (before[key] != value, after[key]) == (True, value), one


async def test_a_wrong_password_is_refused_once_and_never_shown() -> None:
    _, face = host()
    async with served(face) as port:
        outcome = await asked(port, {"user": "watcher", "password": "nearly"})
    assert (outcome.reason, outcome.attempts) == (Reason.REFUSED, 1)
    assert outcome.error == "登录被拒绝：用户或口令不对，或账号已锁定"
    assert "nearly" not in outcome.error


async def test_without_an_account_it_is_our_side_that_cannot_ask() -> None:
    for secrets in ({}, {"user": "watcher"}, {"password": "x"}):
        outcome = await asked(1, secrets)
        assert (outcome.reason, "账号" in outcome.error) == (Reason.COLLECTOR, True)


async def test_what_the_host_refuses_is_told_and_the_session_given_back() -> None:
    for operation, answer, reason, said in (
        ("CreateContainerView", fault("NoPermission"), Reason.REFUSED, "只读角色"),
        ("RetrievePropertiesEx", fault("NotAuthenticated"), Reason.REFUSED, "会话"),
        ("RetrievePropertiesEx", fault("RuntimeFault"), Reason.PROTOCOL, "RuntimeFault：no way"),
        ("RetrievePropertiesEx", Response.html("busy", 503), Reason.PROTOCOL, "503"),
        ("RetrievePropertiesEx", Response.html("not xml"), Reason.PROTOCOL, "不是 SOAP"),
    ):
        _, face = host()
        async with served(swapped(face, operation, answer)) as port:
            outcome = await asked(port)
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome
        assert face.sessions == 0, operation


async def test_a_property_nobody_may_read_is_no_count_of_zero() -> None:
    _, face = host()
    lacking = (
        b"<missingSet><path>name</path><fault><fault xsi:type='NoPermission'/>"
        b"<localizedMessage>no</localizedMessage></fault></missingSet></objects>"
    )
    site = swapped(
        face, "RetrievePropertiesEx", lambda body: body.replace(b"</objects>", lacking, 1)
    )
    async with served(site) as port:
        outcome = await asked(port)
    assert (outcome.reason, "只读角色" in outcome.error) == (Reason.REFUSED, True), outcome
    assert face.sessions == 0


async def test_what_a_host_does_not_tell_has_no_reading() -> None:
    _, face = host()

    def only_the_name(body: bytes) -> bytes:
        for path in (b"runtime.", b"guest.", b"summary.", b"config.", b"overall"):
            body = body.replace(b"<name>" + path, b"<name>x." + path)
        return body

    async with served(swapped(face, "RetrievePropertiesEx", only_the_name)) as port:
        seen = values(await asked(port))
    del seen["vsphere.time"], seen["vsphere.version"], seen["vsphere.build"]
    assert seen == {"vsphere.hosts": 1, "vsphere.vms": 6, "vsphere.datastores": 2}


async def test_an_inventory_of_several_pages_is_read_whole_and_a_huge_one_not_at_all() -> None:
    _, face = host()
    pages = 0

    def site(request: Request) -> Response:
        nonlocal pages
        pages += b"ContinueRetrievePropertiesEx " in request.body
        body = request.body.replace(b"<maxObjects>250<", b"<maxObjects>4<")
        return face(Request(request.method, request.path, request.headers, body))

    async with served(site) as port:
        seen = values(await asked(port))
        assert (seen["vsphere.vms"], seen["vsphere.datastores"], pages) == (6, 2, 2)
        outcome = await asked(port, most=5)
    assert outcome.error == "清单超过上限 5 个对象，不取部分结果"
    assert face.sessions == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a/>",
        b"<html><body>router</body></html>",
        b"{}",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
        "<a>小</a>".encode("utf-16"),
        b"<" * 100_000,
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
    ],
)
async def test_what_is_no_vsphere_is_said_to_be_none(body: bytes) -> None:
    async with served(lambda _: Response(200, body, "text/xml")) as port:
        outcome = await asked(port)
    assert outcome.reason is Reason.PROTOCOL, outcome
    assert "不是" in outcome.error, outcome


async def test_other_web_servers_compressed_and_cut_answers_are_told() -> None:
    async with served(lambda _: Response.html("nothing here", 404)) as port:
        outcome = await asked(port)
    assert (outcome.reason, "404" in outcome.error) == (Reason.PROTOCOL, True), outcome
    packed = Response(200, b"<a/>", "text/xml", {"Content-Encoding": "gzip"})
    async with served(lambda _: packed) as port:
        outcome = await asked(port)
    assert (outcome.reason, "不是 SOAP" in outcome.error) == (Reason.PROTOCOL, True), outcome
    for cut in (
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<soapenv:Env",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n<soapenv:Env",
    ):
        async with tcp_peer(says(cut)) as port:
            outcome = await asked(port)
        assert outcome.reason is Reason.PROTOCOL, outcome


async def test_an_endless_answer_is_given_up_by_size_and_by_time() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"

    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(head)
        while True:
            writer.write(b"<" + b" " * 1_000_000)
            await writer.drain()

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(head)
        while True:
            writer.write(b"<")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with tcp_peer(floods) as port:
        outcome = await asked(port, timeout=10)
    assert (outcome.reason, "16777216" in outcome.error) == (Reason.PROTOCOL, True), outcome
    async with tcp_peer(drips) as port:
        outcome = await asked(port, timeout=0.6)
    assert outcome.reason is Reason.TIMEOUT, outcome
    assert outcome.took < 1.5


async def test_dead_silent_and_foreign_ports_are_told_apart(closed_port: int) -> None:
    await behaves_badly("vsphere", LOGIN, closed_port)


async def test_a_host_that_falls_silent_after_the_login_still_gets_its_session_back() -> None:
    _, face = host()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            headers = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = {k.lower(): v for k, _, v in (row.partition(": ") for row in headers[1:])}
            body = await reader.readexactly(int(pairs["content-length"]))
            if b"<CreateContainerView " in body:
                await asyncio.sleep(60)
            said = face(Request("POST", "/sdk", pairs, body))
            more = "".join(f"{k}: {v}\r\n" for k, v in said.headers.items())
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Length: {len(said.body)}\r\n{more}\r\n".encode()
            )
            writer.write(said.body)
            await writer.drain()

    async with tcp_peer(slow) as port:
        outcome = await asked(port, timeout=1)
        assert outcome.reason is Reason.TIMEOUT, outcome
        for _ in range(40):
            if not face.sessions:
                break
            await asyncio.sleep(0.05)
    assert face.sessions == 0


async def test_over_tls_the_certificate_is_checked_before_the_password_leaves(
    authority: Authority,
) -> None:
    _, face = host()
    heard: list[bytes] = []

    def site(request: Request) -> Response:
        heard.append(request.body)
        return face(request)

    context = authority.issue("esxi", ["esxi.test", HOME]).server_context()
    async with served(site, context=context) as port:
        outcome = await asked(port, scheme="https")
        assert (outcome.reason, "证书不可信" in outcome.error) == (Reason.PROTOCOL, True), outcome
        wrong = await asked(port, scheme="https", host="other.test", ca_file=str(authority.file))
        assert "证书不可信" in wrong.error
        assert heard == []
        for more in ({"verify": False}, {"ca_file": str(authority.file)}):
            assert values(await asked(port, scheme="https", **more))["vsphere.hosts"] == 1
    async with tcp_peer(babbles) as port:
        outcome = await asked(port, scheme="https")
    assert (outcome.reason, "TLS" in outcome.error) == (Reason.PROTOCOL, True), outcome
    async with tcp_peer(hangs) as port:
        outcome = await asked(port, scheme="https", timeout=0.5)
    assert outcome.reason is Reason.TIMEOUT, outcome


def seen(alarms: bool = True, **rows: Any) -> Seen:
    return Seen(SimpleNamespace(version="8.0.2", build=""), alarms, rows)


def test_an_alarm_of_a_host_and_of_its_data_center_is_one_alarm() -> None:
    one, other = SimpleNamespace(key="a-1"), SimpleNamespace(key="a-2")
    rows = {
        "HostSystem": [{"id": "h", "triggeredAlarmState": [one]}],
        "Datacenter": [{"id": "d", "triggeredAlarmState": [one, other]}],
    }
    found = {reading.key: reading.value for reading in read(seen(**rows), ["alarm"])}
    assert found == {"vsphere.version": "8.0.2", "vsphere.alarms": 2}


def test_seeing_no_host_at_all_is_an_error_and_no_zero() -> None:
    with pytest.raises(ProbeError, match="看不到任何主机"):
        read(seen(HostSystem=[], Datacenter=[]), ["alarm"])


def test_a_host_that_is_gone_has_a_state_and_no_load() -> None:
    row = {
        "id": "h", "name": "a", "runtime.connectionState": "notResponding",
        "overallStatus": "gray", "summary.hardware.cpuMhz": 1000,
        "summary.hardware.numCpuCores": 1, "summary.quickStats.overallCpuUsage": 500,
    }  # fmt: skip
    found = {reading.key: reading.value for reading in hosts_read([row, {"id": "i", "name": "b"}])}
    assert found["vsphere.hosts.connected"] == 0
    assert found["vsphere.host.connection[a]"] == "notResponding"
    assert not [key for key in found if "cpu" in key or "[b]" in key]


def test_templates_are_no_machines_and_the_unconfigured_start_of_a_host_judges_nothing() -> None:
    rows = [
        {"id": "1", "runtime.powerState": "poweredOff", "summary.config.template": True},
        {"id": "2", "runtime.powerState": "poweredOff"},
        {"id": "3", "runtime.powerState": "poweredOn"},
    ]
    off = SimpleNamespace(defaults=SimpleNamespace(enabled=False), powerInfo=[])
    found = {one.key: one.value for one in machines_read(rows, [{"config.autoStart": off}])}
    assert found == {"vsphere.vms": 2, "vsphere.vms.on": 1}


def test_a_datastore_nobody_reaches_has_no_share_and_equal_names_stay_apart() -> None:
    def store(key: str, free: int, accessible: bool) -> dict[str, Any]:
        return {
            "id": key, "name": "datastore1", "summary.capacity": 1000, "summary.freeSpace": free,
            "summary.accessible": accessible,
        }  # fmt: skip

    rows = [store("ds-1", 250, True), store("ds-2", 0, False), store("ds-3", 900, True)]
    found = {reading.key: reading.value for reading in datastores_read(rows)}
    assert found == {
        "vsphere.datastores": 3, "vsphere.datastores.inaccessible": 1,
        "vsphere.datastores.fullest": 75.0, "vsphere.datastore.used[datastore1 ds-1]": 75.0,
        "vsphere.datastore.used[datastore1 ds-3]": 10.0,
    }  # fmt: skip


def test_only_what_is_wanted_is_asked_and_every_part_says_what_it_needs() -> None:
    assert set(wanted(["datastore"])) == {"Datastore"}
    paths = wanted(["host", "vm", "alarm"])["HostSystem"]
    assert len(paths) == len(set(paths))
    assert {"config.autoStart", "triggeredAlarmState", "overallStatus"} <= set(paths)
    assert find("vsphere").default_port == 443
