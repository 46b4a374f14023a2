"""winrm: a host that speaks NTLM and hides its messages, its refusals, and what is no WinRM."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, ask, babbles, closes, free_port, hangs, resets, tcp_peer, values

from jingwei.probes import OptionError, ProbeError, find, parse_options
from jingwei.probes.winrm import WinRmOptions, complaint, script, understood
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
    assert "只允许 Kerberos" in found.error


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


def test_words_of_the_error_stream_are_one_line() -> None:
    assert complaint(b"Access is\r\n denied.") == "Access is denied."
    assert complaint(b"") == "没有说明"
    assert len(complaint(b"x" * 999)) == 300
