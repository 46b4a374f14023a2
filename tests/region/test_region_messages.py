"""SMS gateways and WeChat of the region, by bytes and documents of the test's own making."""

import hashlib
import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from region_process import Where

from jingwei.region import control
from jingwei.region.fault_names import FaultName
from jingwei.region.services.wechat import TEMPLATE, WeChat
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request
from jingwei.terms import Endpoint, Peer

AT = 1123093000  # MMDDHHMMSS
KEY = "APP-25"


@contextmanager
def line(endpoint: Endpoint) -> Iterator[socket.socket]:
    """A TCP connection to a gateway."""
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as pipe:
        yield pipe


def heard(pipe: socket.socket) -> bytes:
    """One frame; b"" when the gateway hung up."""
    raw = pipe.recv(4)
    while raw and len(raw) < struct.unpack("!I", raw[:4].ljust(4, b"\0"))[0]:
        raw += pipe.recv(4096)
    return raw


def frame(command: int, body: bytes = b"", sequence: bytes = b"\0\0\0\7") -> bytes:
    return struct.pack("!II", 8 + len(sequence) + len(body), command) + sequence + body


def proof(endpoint: Endpoint, zeros: int) -> bytes:
    user, password = endpoint.secrets["user"].encode(), endpoint.secrets["password"].encode()
    return hashlib.md5(user + bytes(zeros) + password + f"{AT:010d}".encode()).digest()


def cmpp_connect(endpoint: Endpoint, version: int = 0x20, secret: bytes = b"") -> bytes:
    user = endpoint.secrets["user"].encode()
    known = secret or proof(endpoint, 9)
    return frame(1, user.ljust(6, b"\0") + known + bytes([version]) + struct.pack("!I", AT))


def smgp_login(endpoint: Endpoint) -> bytes:
    user = endpoint.secrets["user"].encode().ljust(8, b"\0")
    body = user + proof(endpoint, 7) + b"\0" + struct.pack("!I", AT) + b"\x30"
    return frame(1, body)


def sgip_bind(endpoint: Endpoint, kind: int = 1, password: str = "") -> bytes:
    user = endpoint.secrets["user"].encode().ljust(16, b"\0")
    secret = (password or endpoint.secrets["password"]).encode().ljust(16, b"\0")
    return frame(1, bytes([kind]) + user + secret + bytes(8), bytes(12))


def test_cmpp_lets_in_answers_the_test_and_the_goodbye(where: Where) -> None:
    endpoint = where(KEY, "cmpp")
    with line(endpoint) as pipe:
        pipe.sendall(cmpp_connect(endpoint))
        met = heard(pipe)
        assert met[:12] == struct.pack("!III", 30, 0x80000001, 7)
        secret = endpoint.secrets["password"].encode()
        assert met[12:13] == b"\0"
        assert met[13:29] == hashlib.md5(b"\0" + proof(endpoint, 9) + secret).digest()
        pipe.sendall(frame(8))
        assert heard(pipe) == struct.pack("!III", 13, 0x80000008, 7) + b"\0"
        pipe.sendall(frame(2))
        assert heard(pipe) == struct.pack("!III", 12, 0x80000002, 7)
        assert heard(pipe) == b""


def test_cmpp_3_answers_with_four_octets_of_status(where: Where) -> None:
    endpoint = where(KEY, "cmpp")
    with line(endpoint) as pipe:
        pipe.sendall(cmpp_connect(endpoint, 0x30, b"x" * 16))
        met = heard(pipe)
    assert (len(met), met[12:16], met[-1]) == (33, bytes([0, 0, 0, 3]), 0x30)


@pytest.mark.parametrize("protocol", ["cmpp", "sgip", "smgp"])
def test_who_is_not_let_in_is_hung_up_on_and_so_is_who_submits(where: Where, protocol: str) -> None:
    endpoint = where(KEY, protocol)
    counter = bytes(12 if protocol == "sgip" else 4)
    hello = {"cmpp": cmpp_connect, "smgp": smgp_login, "sgip": sgip_bind}[protocol](endpoint)
    with line(endpoint) as pipe:
        pipe.sendall(frame(8 if protocol == "cmpp" else 4, b"", counter))
        assert heard(pipe) == b""
    with line(endpoint) as pipe:
        pipe.sendall(hello)
        assert heard(pipe)
        pipe.sendall(frame({"cmpp": 4, "sgip": 3, "smgp": 2}[protocol], bytes(120), counter))
        assert heard(pipe) == b""
    with line(endpoint) as pipe:
        pipe.sendall(b"\xff" * 64)
        assert pipe.recv(64) == b""


def test_sgip_says_why_it_does_not_bind(where: Where, region: Path) -> None:
    endpoint = where(KEY, "sgip")

    def result(sent: bytes) -> int:
        with line(endpoint) as pipe:
            pipe.sendall(sent)
            return heard(pipe)[20]

    assert result(sgip_bind(endpoint)) == 0
    assert result(sgip_bind(endpoint, password="no")) == 1
    assert result(sgip_bind(endpoint, kind=2)) == 4
    assert result(frame(1, b"short", bytes(12))) == 5
    control.fault(region, "sms-full", KEY)
    assert result(sgip_bind(endpoint)) == 3
    control.heal(region)
    assert result(sgip_bind(endpoint)) == 0


def test_a_silent_gateway_still_lets_in(where: Where, region: Path) -> None:
    endpoint = where(KEY, "smgp")
    control.fault(region, "sms-silent", KEY)
    with line(endpoint) as pipe:
        pipe.sendall(smgp_login(endpoint))
        assert heard(pipe)[12:16] == bytes(4)
        pipe.sendall(frame(4))
        pipe.settimeout(0.3)
        with pytest.raises(TimeoutError):
            heard(pipe)


def test_wechat_gives_a_token_and_templates_and_says_no_with_codes(
    where: Where, region: Path
) -> None:
    endpoint = where(KEY, "wechat")
    place = f"http://{endpoint.address}:{endpoint.port}/cgi-bin"
    with httpx.Client(trust_env=False) as client:

        def token(secret: str) -> dict[str, object]:
            wanted = {"appid": endpoint.secrets["app_id"], "secret": secret}
            found: dict[str, object] = client.post(f"{place}/stable_token", json=wanted).json()
            return found

        assert token(endpoint.secrets["app_secret"])["expires_in"] == 7200
        assert token("no")["errcode"] == 40125
        listed = client.get(f"{place}/template/get_all_private_template").json()
        assert [row["template_id"] for row in listed["template_list"]] == [TEMPLATE]
        assert client.get(f"{place}/message/template/send").status_code == 404
        control.fault(region, "wechat-quota", KEY)
        listed = client.get(f"{place}/template/get_all_private_template").json()
        assert listed["errcode"] == 45009


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("GET", b"", 43002),
        ("POST", b"{", 47001),
        ("POST", b"[]", 40013),
        ("POST", b'{"appid": "other"}', 40013),
        ("POST", b'{"appid": "wx1", "secret": 7}', 40125),
        ("POST", b'{"appid": "wx1", "secret": "s"}', 0),
    ],
)
def test_wechat_names_what_is_wrong_with_a_request(method: str, body: bytes, code: int) -> None:
    site = WeChat(Thing(Peer(KEY, "application", "x")), app_id="wx1", app_secret="s")
    said = json.loads(site(Request(method, "/cgi-bin/stable_token", {}, body)).body)
    assert said.get("errcode", 0) == code


def test_a_refused_secret_is_the_fault_s_and_goes_with_it() -> None:
    thing = Thing(Peer(KEY, "application", "x"))
    site = WeChat(thing, app_id="wx1", app_secret="s")
    asked = Request("POST", "/cgi-bin/stable_token", {}, b'{"appid": "wx1", "secret": "s"}')
    thing.switch_on(FaultName.WECHAT_REFUSED)
    assert json.loads(site(asked).body)["errcode"] == 40125
    thing.switch_off(FaultName.WECHAT_REFUSED)
    assert "access_token" in json.loads(site(asked).body)
