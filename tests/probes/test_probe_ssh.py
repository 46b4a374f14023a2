"""ssh.command: a real SSH server (asyncssh's own), its host key, and which commands may be sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, ask, babbles, calm, closes, hangs, resets, tcp_peer, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.ssh import TextReading, read_text
from jingwei.probes.ssh_commands import refused
from jingwei.terms import Outcome, Reason

USER = {"user": "watcher", "password": "watch-secret"}
HOST, OTHER, OLD = (
    asyncssh.generate_private_key("ssh-ed25519"),
    asyncssh.generate_private_key("ssh-ed25519"),
    asyncssh.generate_private_key("ssh-rsa", key_size=2048),
)
MINE = asyncssh.generate_private_key("ssh-ed25519")
DF = "Filesystem  Size Use%\n/dev/sda1  50G  42% /\n/dev/sdb1 2T 91% /data 盘\n"


class Login(asyncssh.SSHServer):
    """Takes one user by password or by key; counts what was tried."""

    tried: list[str]

    def __init__(self, tried: list[str]) -> None:
        self.tried = tried

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.tried.append(password)
        return (username, password) == ("watcher", "watch-secret")

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == MINE.public_data


async def answers(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """What each command says."""
    if process.command == "uptime":
        process.stdout.write(b"up 3 days\n")
        process.exit(0)
    elif process.command == "df -h":
        process.stdout.write(DF.encode())
        process.stderr.write(b"df: /mnt: Permission denied\n")
        process.exit(1)
    elif process.command == "vmstat 1":
        while True:
            process.stdout.write(b"x" * 60_000)
            await process.stdout.drain()
    elif process.command == "free":
        await asyncio.sleep(60)
    else:
        process.exit(127)


@asynccontextmanager
async def server(
    *keys: asyncssh.SSHKey, tried: list[str] | None = None, **given: Any
) -> AsyncIterator[int]:
    """An SSH server on a free port of loopback."""
    heard = [] if tried is None else tried
    listener = await asyncssh.create_server(
        lambda: Login(heard), HOME, 0, server_host_keys=list(keys or (HOST,)),
        process_factory=answers, encoding=None, **given,
    )  # fmt: skip
    try:
        yield listener.get_port()
    finally:
        listener.close()
        await listener.wait_closed()


def line(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


async def asked(port: int, secrets: dict[str, str] = USER, **options: Any) -> Outcome:
    given = {"command": "uptime", "host_key": [HOST.get_fingerprint()], "timeout": 8, **options}
    return await ask("ssh.command", port, secrets, **given)


def test_a_command_s_words_become_readings_on_both_loops() -> None:
    pattern = r"^\S+\s+\S+\s+(?P<value>\d+)% (?P<instance>/\S*)"
    rows = [{"pattern": pattern, "reading": "disk.used", "unit": "%"}]

    async def main() -> None:
        async with server() as port:
            seen = values(await asked(port, command="df -h", readings=rows))
        assert seen.pop("ssh.time") > 0
        assert seen.pop("ssh.size") > len(DF)
        assert seen == {"ssh.exit": 1, "disk.used[/]": 42, "disk.used[/data]": 91}

    asyncio.run(main())
    uvloop.run(main())


async def test_a_key_logs_in_where_no_password_is_given() -> None:
    pem = MINE.export_private_key("openssh", passphrase="key-secret").decode()
    async with server() as port:
        good = await asked(port, {"user": "watcher", "key": pem, "passphrase": "key-secret"})
        locked = await asked(port, {"user": "watcher", "key": pem})
        broken = await asked(port, {"user": "watcher", "key": "no key"})
        nobody = await asked(port, {"user": "watcher"})
    assert values(good)["ssh.exit"] == 0
    for outcome in (locked, broken, nobody):
        assert outcome.reason is Reason.COLLECTOR
    assert "私钥读不出" in locked.error
    assert "没有登记 SSH 账号" in nobody.error


async def test_an_unknown_or_a_changed_host_key_ends_it_before_the_password_is_sent() -> None:
    tried: list[str] = []
    async with server(tried=tried) as port:
        unknown = await asked(port, host_key=[])
        changed = await asked(port, host_key=[OTHER.get_fingerprint(), line(OTHER)])
    assert (unknown.reason, changed.reason) == (Reason.REFUSED, Reason.REFUSED)
    assert "没有登记" in unknown.error
    assert "与登记的不符" in changed.error
    for outcome in (unknown, changed):
        assert HOST.get_fingerprint() in outcome.error
    assert tried == []


async def test_of_several_host_keys_the_registered_kind_is_asked_for() -> None:
    async with server(OLD, HOST) as port:
        for key in (line(OLD), line(HOST), HOST.get_fingerprint()):
            outcome = await asked(port, host_key=[key])
            if key.startswith("ssh-"):
                assert outcome.answered, outcome.error
    async with server(HOST) as port:
        other = await asked(port, host_key=[line(OLD)])
    assert other.reason is Reason.REFUSED
    assert "没有登记的那种公钥" in other.error


async def test_a_wrong_password_is_refused_once_and_never_shown() -> None:
    tried: list[str] = []
    async with server(tried=tried) as port:
        outcome = await asked(port, {"user": "watcher", "password": "wrong-one"})
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "登录被拒绝：用户、口令或密钥不对"
    assert tried == ["wrong-one"]


async def test_old_equipment_is_asked_only_when_old_algorithms_are_allowed() -> None:
    old = {"encryption_algs": ["aes128-cbc"]}
    async with server(OLD, **old) as port:
        strict = await asked(port, host_key=[line(OLD)])
        loose = await asked(port, host_key=[line(OLD)], legacy=True)
    assert (strict.reason, "旧设备" in strict.error) == (Reason.REFUSED, True)
    assert loose.answered, loose.error


async def test_a_flood_is_cut_and_a_command_that_hangs_is_left() -> None:
    async with server() as port:
        flood = await asked(port, command="vmstat 1")
        hung = await asked(port, command="free", timeout=1)
        strange = values(await asked(port, command="lsblk"))
    assert "超过" in flood.error
    assert hung.reason is Reason.TIMEOUT
    assert strange["ssh.exit"] == 127


async def test_a_refusing_hanging_resetting_or_babbling_peer(closed_port: int) -> None:
    assert (await asked(closed_port)).reason is Reason.REFUSED
    for handler, reasons in (
        (hangs, {Reason.TIMEOUT}),
        (resets, {Reason.PROTOCOL}),
        (closes, {Reason.PROTOCOL}),
        (babbles, {Reason.PROTOCOL}),
    ):
        async with tcp_peer(handler) as port:
            outcome = await asked(port, timeout=0.7)
        assert outcome.reason in reasons, outcome


async def test_a_cancelled_question_leaves_no_task_behind() -> None:
    async with server() as port:
        before = asyncio.all_tasks()
        task = asyncio.ensure_future(asked(port, command="free"))
        await asyncio.sleep(0.4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(100):
            left = {one for one in asyncio.all_tasks() - before if "jingwei/probes" in repr(one)}
            if not left:
                break
            await asyncio.sleep(0.02)
        assert left == set()


@pytest.mark.parametrize(
    "command",
    [
        "", "  ", "reboot", "rm -rf /", "uptime; reboot", "df && reboot", "df | sh", "df > /etc/x",
        "df `id`", "df $(id)", "cat /etc/shadow", "cat /proc/../etc/shadow", "cat /proc/1/environ",
        "ss -K dst 10.0.0.1", "ss -tK", "date 010100002026", "date -s x", "hostname evil", "df\nid",
        "systemctl stop sshd", "systemctl restart x", "display x\x00", "uptime " + "a" * 600,
        "sudo df", "show run | include x", "esxcli vm process kill", "ipmitool sel clear",
        "show 'a'", "ｄｆ", "sha256sum /dev/zero", "sha256sum /srv/a /proc/kcore", "sha256sum",
        "sha256sum /srv/../dev/zero", "sha256sum -c /srv/list", "sha256sum /srv",
        "sha256sum //dev/sda", "sha256sum /./dev/zero",
    ],
)  # fmt: skip
def test_what_could_change_something_is_not_sent(command: str) -> None:
    assert refused(command)
    with pytest.raises(OptionError) as told:
        parse_options(find("ssh.command"), {"command": command})
    assert told.value.field == "command"


@pytest.mark.parametrize(
    "command",
    [
        "uptime", "df -hP", "free -m", "cat /proc/meminfo", "chronyc -n tracking", "ntpq -pn",
        "display cpu-usage", "display device manuinfo", "show version", "multipath -ll", "date -u",
        "systemctl is-active sshd", "crsctl stat res -t", "esxcli storage core path list",
        "cat /proc/net/bonding/bond0", "ipmitool sdr elist", "switchshow", "hostname", "date +%s",
    ],
)  # fmt: skip
def test_what_only_tells_may_be_sent(command: str) -> None:
    assert refused(command) == ""


def test_a_district_may_allow_more_in_a_file(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "commands"
    file.write_text("# ours\n/opt/tools/state( --brief)?\n\n")
    assert refused("/opt/tools/state --brief")
    monkeypatch.setenv("JINGWEI_SSH_COMMANDS", str(file))
    assert refused("/opt/tools/state --brief") == ""
    assert refused("/opt/tools/state --brief; id")
    monkeypatch.setenv("JINGWEI_SSH_COMMANDS", str(tmp_path / "none"))
    assert refused("/opt/tools/state --brief")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("host_key", {"host_key": ["SHA256:short"]}),
        ("host_key", {"host_key": ["ssh-rsa AAAAB3NzaC1yc2E="]}),
        ("host_key", {"host_key": ["ssh-ed25519 ####"]}),
        ("readings.1.pattern", {"readings": [{"pattern": "(", "reading": "x"}]}),
        ("readings.1.pattern", {"readings": [{"pattern": "no group", "reading": "x"}]}),
    ],
)
def test_what_can_not_be_used_is_refused_by_its_name(field: str, given: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as told:
        parse_options(find("ssh.command"), {"command": "uptime", **given})
    assert told.value.field == field


@calm
@given(st.text(max_size=200))
def test_no_output_breaks_the_reading(text: str) -> None:
    item = TextReading(pattern=r"(\d+)% (?P<instance>\S+)", reading="x", unit="%")
    assert all(one.unit == "%" for one in read_text(item, text))
