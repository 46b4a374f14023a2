"""The vSphere API of the region's VMware hosts: who is let in, and what it refuses."""

import re

import pytest

from jingwei.region import faults
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import protocols_of
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response
from jingwei.region.web.vsphere import VsphereFace
from jingwei.region.web.vsphere_inventory import inventory
from jingwei.terms import Peer

NOW = 1_795_430_000.0
PEER = Peer("HW-010-1", "server", "RD640", "Lenovo", "ThinkServer RD640")


def host() -> tuple[Thing, VsphereFace]:
    thing = Thing(PEER, clock=lambda: NOW)
    return thing, VsphereFace(thing, user="watcher", password="p<&w")


def called(face: VsphereFace, operation: str, inside: str = "", cookie: str = "") -> Response:
    body = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<soapenv:Body><{operation} xmlns="urn:vim25">{inside}</{operation}></soapenv:Body>'
        "</soapenv:Envelope>"
    )
    return face(Request("POST", "/sdk", {"cookie": cookie}, body.encode()))


def logged_in(face: VsphereFace) -> str:
    login = "<userName>watcher</userName><password>p&lt;&amp;w</password>"
    answer = called(face, "Login", login)
    assert answer.status == 200
    return answer.headers["Set-Cookie"].partition(";")[0]


WANTED = (
    "<specSet><propSet><type>VirtualMachine</type><pathSet>runtime.powerState</pathSet></propSet>"
    "</specSet><options><maxObjects>{}</maxObjects></options>"
)


def test_who_it_is_is_told_to_everybody_and_what_it_holds_to_nobody() -> None:
    _, face = host()
    assert b"<version>6.5.0</version>" in called(face, "RetrieveServiceContent").body
    for operation in ("CreateContainerView", "RetrievePropertiesEx", "Logout", "PowerOffVM_Task"):
        answer = called(face, operation, cookie='vmware_soap_session="guess"')
        assert (answer.status, b"NotAuthenticated" in answer.body) == (500, True), operation


@pytest.mark.parametrize(
    "login", ["", "<userName>watcher</userName>", "<userName>x</userName><password>y</password>"]
)
def test_a_wrong_login_is_refused_as_a_host_refuses_it(login: str) -> None:
    _, face = host()
    answer = called(face, "Login", login)
    assert (answer.status, b"InvalidLoginFault" in answer.body) == (500, True)
    assert face.sessions == 0


def test_sessions_end_with_the_logout_and_are_few() -> None:
    _, face = host()
    cookies = [logged_in(face) for _ in range(16)]
    assert face.sessions == 16
    assert called(face, "Login", "<userName>watcher</userName><password>p&lt;&amp;w</password>")
    assert face.sessions == 16
    assert called(face, "Logout", cookie=cookies[0]).status == 200
    assert called(face, "RetrievePropertiesEx", cookie=cookies[0]).status == 500
    assert face.sessions == 15


def test_nothing_can_be_changed() -> None:
    _, face = host()
    answer = called(face, "PowerOffVM_Task", cookie=logged_in(face))
    assert (answer.status, b"NotSupported" in answer.body) == (500, True)


@pytest.mark.parametrize("body", [b"", b"<a", b"<a/>", b"\xff\xfe\x00"])
def test_what_is_no_soap_request_gets_a_fault(body: bytes) -> None:
    _, face = host()
    answer = face(Request("POST", "/sdk", {}, body))
    assert (answer.status, b"InvalidRequest" in answer.body) == (500, True)


def test_other_paths_and_methods_are_refused() -> None:
    _, face = host()
    statuses = [face(Request("GET", path, {})).status for path in ("/", "/ui", "/sdk")]
    assert statuses == [200, 404, 405]


def test_pages_hold_what_was_asked_and_a_token_works_once() -> None:
    _, face = host()
    cookie = logged_in(face)
    first = called(face, "RetrievePropertiesEx", WANTED.format(4), cookie).body.decode()
    token = re.search("<token>(.+?)</token>", first)
    assert token is not None
    given = f"<token>{token.group(1)}</token>"
    second = called(face, "ContinueRetrievePropertiesEx", given, cookie).body.decode()
    assert [text.count("<objects>") for text in (first, second)] == [4, 2]
    assert "<token>" not in second
    assert (first + second).count("poweredOn") == 5
    assert called(face, "ContinueRetrievePropertiesEx", given, cookie).status == 500
    everything = called(face, "RetrievePropertiesEx", WANTED.format("many"), cookie).body.decode()
    assert everything.count("<objects>") == 6
    assert "HostSystem" not in everything


def test_each_fault_bends_one_value_and_healing_brings_it_back() -> None:
    thing, _ = host()
    healthy = inventory(thing)
    for name in (FaultName.DATASTORE_FULL, FaultName.VM_DOWN, FaultName.HOST_ALARM):
        thing.switch_on(name)
        bent = [old.key for old, new in zip(healthy, inventory(thing), strict=True) if old != new]
        assert len(bent) == 1, name
        thing.switch_off(name)
    assert inventory(thing) == healthy


def test_only_the_vmware_hosts_speak_it_and_have_its_faults() -> None:
    other = Peer("HW-011-1", "server", "RD650", "Lenovo", "ThinkServer RD650")
    assert "vsphere" in protocols_of(PEER)
    assert "vsphere" not in protocols_of(other)
    targets = {spec.name: spec.targets for spec in faults.available([PEER, other])}
    for name in ("datastore-full", "vm-down", "host-alarm"):
        assert targets[name] == ("HW-010-1",)
    assert targets["filesystem-full"] == ("HW-011-1",)
