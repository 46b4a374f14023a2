"""winrm: a host that speaks NTLM and hides its messages, its refusals, and what is no WinRM."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import spnego
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import (
    HOME,
    Authority,
    ask,
    babbles,
    closes,
    free_port,
    hangs,
    resets,
    says,
    tcp_peer,
    values,
)

from jingwei.probes import OptionError, ProbeError, find, parse_options
from jingwei.probes.winrm import WinRmOptions, complaint, script, understood
from jingwei.probes.winrm_line import Line
from jingwei.region.web.server import Listener, Request, Response
from jingwei.region.windows import wsman
from jingwei.region.windows.wsman import WsMan
from jingwei.terms import Reason

LOGIN = {"user": "watcher", "password": "windows-secret"}
SYSTEM = {"uptime": 12.5, "cpu": 7, "total": 1000, "free": 250, "reboot": False}
WHOLE = {
    "system": SYSTEM,
    "volumes": [{"name": "C:", "total": 200, "free": 50}, {"name": "E:", "total": None}],
    "machines": [
        {"name": "A", "state": "Running", "start": "StartIfRunning", "health": "Normal"},
        {"name": "B", "state": "Off", "start": "Start", "health": "Critical"},
        {"name": "C", "state": "Off", "start": "Nothing", "health": "NotApplicable"},
    ],
    "services": [{"name": "MSSQLSERVER", "state": "Running"}, {"name": "X", "state": "missing"}],
}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passwords that the peer's NTLM may accept."""
    (tmp_path / "ntlm").write_text(f":{LOGIN['user']}:{LOGIN['password']}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "ntlm"))


@asynccontextmanager
async def listening(site: Callable[[Request], Response]) -> AsyncIterator[int]:
    port = free_port()
    listener = Listener(site, HOME, port)
    await listener.open()
    try:
        yield port
    finally:
        await listener.close()


def saying(document: Any) -> WsMan:
    text = document if isinstance(document, str) else json.dumps(document)
    return WsMan(lambda _: text)


async def test_a_host_is_read_whole_over_an_encrypted_session() -> None:
    scripts: list[str] = []

    def answer(text: str) -> str:
        scripts.append(text)
        return json.dumps(WHOLE)

    async with listening(WsMan(answer)) as port:
        found = await ask(
            "winrm", port, LOGIN, timeout=8, what=["system", "volumes", "machines"],
            services=["MSSQLSERVER", "X"],
        )  # fmt: skip
    seen = values(found)
    assert (seen["windows.uptime"], seen["windows.cpu"]) == (12.5, 7)
    assert (seen["windows.memory"], seen["windows.reboot_pending"]) == (75, False)
    by = {(r.name, r.instance): r.value for r in found.readings}
    assert by["volume.used", "C:"] == 75
    assert ("volume.used", "E:") not in by
    assert by["service.state", "X"] == "missing"
    assert by["machine.replication", "B"] == "Critical"
    assert ("machine.replication", "C") not in by
    assert (seen["machines.total"], seen["machines.down"]) == (3, 1)
    assert scripts == [
        script(WinRmOptions(what=("system", "volumes", "machines"), services=("MSSQLSERVER", "X")))
    ]


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"user": "nobody"}, {"password": ""}])
async def test_a_wrong_login_is_refused_by_ntlm_itself(wrong: dict[str, str]) -> None:
    async with listening(saying(WHOLE)) as port:
        found = await ask("winrm", port, {**LOGIN, **wrong}, timeout=8)
    assert found.reason is Reason.REFUSED
    assert "拒绝登录" in found.error


async def test_a_host_that_offers_no_ntlm_refuses_and_says_so() -> None:
    def kerberos(_: Request) -> Response:
        return Response(401, headers={"WWW-Authenticate": "Kerberos"})

    async with listening(kerberos) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert found.reason is Reason.REFUSED
    assert found.error == "主机不提供 NTLM，只允许：Kerberos"


async def test_without_an_account_nothing_is_asked_and_it_is_our_fault() -> None:
    found = await ask("winrm", free_port(), {}, timeout=3)
    assert found.reason is Reason.COLLECTOR


async def test_a_shut_door_is_refused_in_the_kernels_words() -> None:
    found = await ask("winrm", free_port(), LOGIN, timeout=3)
    assert found.reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("peer", "reason"),
    [(hangs, Reason.TIMEOUT), (resets, Reason.PROTOCOL), (closes, Reason.PROTOCOL),
     (babbles, Reason.PROTOCOL)],
)  # fmt: skip
async def test_what_is_no_winrm_is_told_from_silence(peer: Any, reason: Reason) -> None:
    async with tcp_peer(peer) as port:
        found = await ask("winrm", port, LOGIN, timeout=3)
    assert found.reason is reason


async def test_another_page_under_the_address_is_no_winrm() -> None:
    async with listening(lambda _: Response.html("<h1>IIS</h1>", 404)) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert found.reason is Reason.REFUSED
    assert "404" in found.error


class Failing(WsMan):
    """A host whose PowerShell ends with an error, in its own stream and format."""

    def _body(self, name: str, message: str) -> str:
        if name != "Receive":
            return super()._body(name, message)
        words = '#< CLIXML\r\n<Objs><S S="Error">Get-VM : not recognized_x000D__x000A_</S></Objs>'
        error = base64.b64encode(words.encode()).decode()
        done = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"
        return (
            f'<Stream Name="stderr">{error}</Stream>'
            f'<CommandState State="{done}"><ExitCode>1</ExitCode></CommandState>'
        )


class Keeping(Failing):
    """Keeps what it was asked to do."""

    def __init__(self, *faulty: str) -> None:
        super().__init__(lambda _: "")
        self.asked: list[str] = []
        self._faulty = faulty

    def _body(self, name: str, message: str) -> str:
        self.asked.append(name)
        return FAULT if name in self._faulty else super()._body(name, message)


FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>"
    "<s:Reason><s:Text>Access is denied. </s:Text></s:Reason><s:Detail><f:WSManFault "
    'xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="5"/></s:Detail></s:Fault>'
)


def faulting(site: WsMan) -> Callable[[Request], Response]:
    """The same host; a fault has status 500, as SOAP has it."""

    def answer(request: Request) -> Response:
        response = site(request)
        told = isinstance(site, Keeping) and site.asked[-1:] == ["Create"]
        return replace(response, status=500) if told and response.status == 200 else response

    return answer


async def test_a_fault_of_the_host_is_told_in_its_words() -> None:
    async with listening(faulting(Keeping("Create"))) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert found.error == "WinRM 返回错误：Access is denied."
    assert found.reason is Reason.REFUSED


async def test_the_shell_is_closed_when_the_question_fails() -> None:
    site = Keeping()
    async with listening(site) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert "退出码 1" in found.error
    assert site.asked == ["Create", "Command", "Receive", "Signal", "Delete"]


async def test_an_answer_without_an_end_is_cut_off_in_size_and_in_time() -> None:
    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def trickles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1\r\nx\r\n")
            await asyncio.sleep(0.05)

    async with tcp_peer(floods) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert found.error == "应答超过 2097152 字节"
    line = Line(time.monotonic() + 0.3, 10_000)
    with requests.Session() as session:
        session.mount("http://", line)
        async with tcp_peer(trickles) as port:
            with pytest.raises(ProbeError, match="没有在时限内读完"):
                await asyncio.to_thread(session.get, f"http://{HOME}:{port}/", timeout=2)


class Plain(WsMan):
    """A host under TLS, where messages need no second cover."""

    def _heard(self, login: spnego.ContextProxy, request: Request) -> Response:
        said = self._done(request.body.decode()) if request.body else ""
        return Response(200, said.encode(), "application/soap+xml;charset=UTF-8")


async def test_over_https_the_certificate_is_checked_for_the_name_that_was_given(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    context = authority.issue("host", ["localhost"]).server_context()
    site, port = Plain(lambda _: json.dumps(WHOLE)), free_port()
    listener = Listener(site, HOME, port, context)
    await listener.open()
    try:
        trusted = {"scheme": "https", "ca_file": str(authority.file)}
        named = await ask("winrm", port, LOGIN, timeout=8, address="localhost", **trusted)
        other = await ask("winrm", port, LOGIN, timeout=8, **trusted)
        unknown = await ask("winrm", port, LOGIN, timeout=8, address="localhost", scheme="https")
        wrong = await ask(
            "winrm", port, {**LOGIN, "password": "x"}, timeout=8, address="localhost", **trusted
        )
    finally:
        await listener.close()
    assert values(named)["windows.cpu"] == 7
    for found in (other, unknown):
        assert found.reason is Reason.REFUSED
        assert "证书未通过校验" in found.error
    assert "拒绝登录" in wrong.error


async def test_an_error_of_powershell_is_told_in_its_words() -> None:
    async with listening(Failing(lambda _: "")) as port:
        found = await ask("winrm", port, LOGIN, timeout=8, what=["machines"])
    assert found.error == "查询出错（退出码 1）：Get-VM : not recognized"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{"system": {"upt', "不是 JSON"),
        ("[1]", "不是所要的"),
        ({"system": SYSTEM}, "缺少 volumes"),
        ({"system": {"uptime": "soon"}, "volumes": []}, "读不懂"),
        ({"system": SYSTEM, "volumes": {"name": 1}}, "读不懂"),
    ],
)
async def test_nonsense_and_cut_answers_have_no_readings(document: Any, said: str) -> None:
    async with listening(saying(document)) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert found.reason is Reason.PROTOCOL
    assert said in found.error
    assert found.readings == ()


async def test_a_flood_is_cut_off() -> None:
    async with listening(saying("x" * 1_100_000)) as port:
        found = await ask("winrm", port, LOGIN, timeout=8)
    assert "超过 1048576 字节" in found.error


def test_what_was_said_in_the_clear_is_never_answered() -> None:
    site = saying(WHOLE)
    assert site(Request("POST", "/wsman", {}, b"<Envelope/>", 1)).status == 401
    assert site(Request("GET", "/wsman", {}, b"", 1)).status == 404
    assert site(Request("POST", "/wsman", {"authorization": "Basic eDp5"}, b"", 1)).status == 401


def test_nonsense_instead_of_a_token_is_refused_and_forgotten() -> None:
    site = saying(WHOLE)
    for token in ("!!!", base64.b64encode(b"NTLMSSP\0nonsense").decode()):
        asked = Request("POST", "/wsman", {"authorization": f"Negotiate {token}"}, b"", 7)
        assert site(asked).status == 401
    assert site._logins == {}


def test_only_so_many_logins_are_remembered() -> None:
    site = saying(WHOLE)
    first = base64.b64encode(
        b"NTLMSSP\0\x01\0\0\0" + (0xE2088297).to_bytes(4, "little") + bytes(24)
    ).decode()
    for number in range(wsman._MOST + 5):
        site(Request("POST", "/wsman", {"authorization": f"Negotiate {first}"}, b"", number))
    assert len(site._logins) == wsman._MOST


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"what": []}, "至少给一项"),
        ({"services": ["a'; Stop-Computer; '"]}, "不是服务名"),
        ({"services": ["x" * 81]}, "不是服务名"),
        ({"services": [f"s{n}" for n in range(41)]}, "至多 40 个"),
        ({"what": ["delete"]}, "应为其中之一"),
    ],
)
def test_what_could_do_harm_is_refused_before_anything_is_sent(given_: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find("winrm"), given_)


def test_the_longest_question_fits_a_command_line_of_windows() -> None:
    names = tuple(f"{n:02}" + "s" * 30 for n in range(40))
    longest = script(WinRmOptions(what=("system", "volumes", "machines"), services=names))
    assert len(base64.b64encode(longest.encode("utf-16-le"))) < 8_000


@given(st.lists(st.from_regex(r"[A-Za-z0-9_.$ -]{1,20}", fullmatch=True), max_size=10))
def test_a_service_can_never_leave_its_quotes(names: list[str]) -> None:
    text = script(WinRmOptions(what=("system",), services=tuple(names)))
    quoted = ",".join(f"'{name}'" for name in names)
    assert (f"@({quoted})" in text) == bool(names)
    assert text.count("'") == script(WinRmOptions(what=("system",))).count("'") + (
        2 * len(names) + 2 if names else 0
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(raw: bytes) -> None:
    with pytest.raises(ProbeError, match="结果"):
        list(understood(raw, WinRmOptions()))


def test_a_host_without_ntlm_is_told_from_a_wrong_password() -> None:
    line = Line(0, 0)
    assert "口令不对" in line.refusal()
    for offered, said in (("Kerberos", "只允许：Kerberos"), ("Negotiate, Kerberos", "口令不对")):
        line.offered = offered
        assert said in line.refusal()


async def test_a_refusal_without_an_end_is_no_winrm() -> None:
    endless = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 9999999\r\n\r\n"
    async with tcp_peer(says(endless, b"x" * 9_999)) as port:
        found = await ask("winrm", port, LOGIN, timeout=3)
    assert "没有长度，或过长" in found.error


def test_what_clixml_hides_is_shown_again() -> None:
    raw = '#< CLIXML\r\n<Objs><S S="Error">a &lt;b&gt;_x000D__x000A__x4E2D_</S></Objs>'
    assert complaint(raw.encode()) == "a <b> 中"


def test_words_of_the_error_stream_are_one_line() -> None:
    assert complaint(b"Access is\r\n denied.") == "Access is denied."
    assert complaint(b"") == "没有说明"
    assert len(complaint(b"x" * 999)) == 300
