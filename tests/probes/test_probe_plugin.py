"""plugin: real executables in an allowed folder, what they leave behind, and what they say."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import HOME, ask, calm, hangs, tcp_peer, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.plugin import FOLDER, Datum, beyond, performance, split
from jingwei.terms import Outcome, Reason

SAYS = "#!/bin/sh\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The allowed folder."""
    home = tmp_path / "plugins"
    home.mkdir()
    monkeypatch.setenv("JINGWEI_PLUGINS", str(home))
    return home


def plugin(folder: Path, body: str, name: str = "check_it") -> Path:
    file = folder / name
    file.write_text(SAYS + body)
    file.chmod(0o755)
    return file


async def asked(**options: Any) -> Outcome:
    return await ask("plugin", None, plugin="check_it", timeout=8, **options)


def test_state_words_and_numbers_are_read_on_both_loops(folder: Path) -> None:
    plugin(folder, "echo \"DISK 警告 - 8 % free | '/data'=92%;85;95;0;100 load=0.5;;\"\nexit 1\n")

    async def main() -> None:
        rows = [{"label": "/data", "reading": "disk.used", "unit": "%"}]
        seen = values(await asked(readings=rows))
        assert seen.pop("plugin.time") > 0
        assert seen == {
            "plugin.state": "warning",
            "plugin.text": "DISK 警告 - 8 % free",
            "plugin.beyond[/data]": "warn",
            "disk.used": 92,
        }

    asyncio.run(main())
    uvloop.run(main())


@pytest.mark.parametrize(
    ("code", "word"), [(0, "ok"), (1, "warning"), (2, "critical"), (3, "unknown")]
)
async def test_each_exit_code_has_its_word(folder: Path, code: int, word: str) -> None:
    plugin(folder, f"echo x\nexit {code}\n")
    assert values(await asked())["plugin.state"] == word


@pytest.mark.parametrize(
    ("body", "said"),
    [("exit 4\n", "退出码 4"), ("exit 127\n", "退出码 127"), ("kill -9 $$\n", "被信号 9 结束")],
)
async def test_a_code_that_is_none_is_our_fault(folder: Path, body: str, said: str) -> None:
    plugin(folder, body)
    outcome = await asked()
    assert outcome.reason is Reason.COLLECTOR
    assert said in outcome.error


async def test_no_shell_no_environment_and_no_password_in_the_arguments(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "leak")
    plugin(folder, 'echo "$# $1 $2 [$SECRET_OF_OURS] [$JINGWEI_USER] ${#JINGWEI_PASSWORD}"\n')
    outcome = await ask(
        "plugin", 99, {"user": "watcher", "password": "pw-12345"}, plugin="check_it",
        arguments=["{address}:{port}", "; rm -rf / $(id)"], timeout=8,
    )  # fmt: skip
    assert values(outcome)["plugin.text"] == f"2 {HOME}:99 ; rm -rf / $(id) [] [watcher] 8"


async def test_a_plugin_that_takes_too_long_dies_with_its_children(folder: Path) -> None:
    note = folder / "child"
    plugin(folder, f"sleep 60 &\necho $! > {note}\nsleep 60\n")
    outcome = await ask("plugin", None, plugin="check_it", timeout=0.7)
    assert outcome.reason is Reason.TIMEOUT
    assert "子进程已被结束" in outcome.error
    await _gone(int(note.read_text()))


async def test_a_child_that_outlives_its_plugin_is_ended_too(folder: Path) -> None:
    note = folder / "child"
    plugin(folder, f"sleep 60 >/dev/null &\necho $! > {note}\necho done\n")
    assert values(await asked())["plugin.text"] == "done"
    await _gone(int(note.read_text()))


def _ended(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


async def _gone(pid: int) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if _ended(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("a child of the plugin still runs")


async def test_a_flood_of_words_is_cut_and_told(folder: Path) -> None:
    plugin(folder, "exec yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")
    outcome = await asked()
    assert "超过" in outcome.error


async def test_only_trusted_files_of_the_allowed_folder_are_run(folder: Path) -> None:
    missing = await asked()
    assert missing.reason is Reason.COLLECTOR
    assert str(folder) in missing.error
    outside = folder.parent / "evil"
    outside.write_text(SAYS)
    outside.chmod(0o755)
    (folder / "check_it").symlink_to(outside)
    assert "之外" in (await asked()).error
    (folder / "check_it").unlink()
    plugin(folder, "echo x\n").chmod(0o777)
    assert "他人改写" in (await asked()).error
    (folder / "check_it").chmod(0o644)
    assert "不能运行" in (await asked()).error


@pytest.mark.parametrize("name", ["../check", "/bin/sh", "a b", "", ".hidden", "x" * 200, "a\n"])
def test_a_path_is_no_plugin(name: str) -> None:
    with pytest.raises(OptionError, match="文件名"):
        parse_options(find("plugin"), {"plugin": name})


@pytest.mark.skipif(
    not Path(FOLDER, "check_tcp").exists(),
    reason="needs check_tcp (Debian package monitoring-plugins-basic)",
)
async def test_a_real_plugin_of_the_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JINGWEI_PLUGINS", raising=False)
    rows = [{"label": "time", "reading": "tcp.time", "unit": "s"}]
    given = {"plugin": "check_tcp", "arguments": ["-H", "{address}", "-p", "{port}"]}
    async with tcp_peer(hangs) as port:
        seen = values(await ask("plugin", port, timeout=8, readings=rows, **given))
    assert seen["plugin.state"] == "ok"
    assert 0 <= seen["tcp.time"] < 5
    closed = values(await ask("plugin", 1, timeout=8, **given))
    assert closed["plugin.state"] == "critical"


@pytest.mark.parametrize(
    ("limits", "value", "word"),
    [
        (("10", "20"), 10, "none"), (("10", "20"), 11, "warn"), (("10", "20"), 21, "crit"),
        (("10", "20"), -1, "crit"), (("10:", ""), 9, "warn"), (("~:10", ""), -99, "none"),
        (("5:10", ""), 4, "warn"), (("@5:10", ""), 7, "warn"), (("@5:10", ""), 11, "none"),
        (("", ""), 1e9, "none"), (("nonsense", "1..2"), 5, "none"),
    ],
)  # fmt: skip
def test_ranges_are_read_as_the_guidelines_say(
    limits: tuple[str, str], value: float, word: str
) -> None:
    assert beyond(Datum("x", value, "", *limits)) == word


def test_performance_data_over_several_lines_and_unknown_values() -> None:
    words, data = split("OK | a=1;2;3\nmore words\nlong | 'it''s b'=2.5s c=U\nd=4c")
    assert words == "OK"
    assert [(one.label, one.value, one.unit) for one in performance(data)] == [
        ("a", 1, ""), ("it's b", 2.5, "s"), ("d", 4, "c"),
    ]  # fmt: skip
    assert split("") == ("", "")


@calm
@given(st.text(max_size=300))
def test_no_words_break_the_reading_of_performance_data(text: str) -> None:
    _, data = split(text)
    assert all(isinstance(one.value, float) for one in performance(data))
