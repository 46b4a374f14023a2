"""nut: a real upsd with dummy-ups, and peers that misbehave."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop
from probe_peers import HOME, ask, babbles, closes, free_port, hangs, resets, says, tcp_peer, values
from probe_servers import needs, running

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.nut import read_variables
from jingwei.terms import Reason

DEVICE = """ups.status: OL CHRG
battery.charge: 96
battery.runtime: 1620
ups.load: 41.5
ups.mfr: "静安 UPS"
input.voltage: 229.8
"""


@pytest.fixture(scope="module")
def upsd(public_folder: Path) -> Iterator[int]:
    """upsd with one dummy UPS."""
    server, port = needs("upsd", "nut-server"), free_port()
    driver = needs("dummy-ups", "nut-server")
    home = public_folder / "nut"
    home.mkdir()
    (home / "ups.conf").write_text(f"[room]\ndriver = dummy-ups\nport = {home}/room.dev\n")
    (home / "room.dev").write_text(DEVICE)
    (home / "upsd.conf").write_text(f"LISTEN {HOME} {port}\n")
    (home / "upsd.users").write_text("")
    for file in home.iterdir():
        file.chmod(0o644)
    home.chmod(0o777)
    user = ["-u", "root"] if os.getuid() == 0 else []
    where = {"NUT_CONFPATH": str(home), "NUT_STATEPATH": str(home), "NUT_ALTPIDPATH": str(home)}
    with (
        running([driver, "-D", "-a", "room", *user], lambda: any(home.glob("dummy-ups-*")),
                environment=where),
        running([server, "-F", *user], _answers(port), environment=where),
    ):  # fmt: skip
        yield port


def _answers(port: int) -> Callable[[], bool]:
    async def once() -> bool:
        return (await ask("nut", port, timeout=1)).answered

    return lambda: asyncio.run(once())


def test_a_real_upsd_tells_source_charge_runtime_and_load_on_both_loops(upsd: int) -> None:
    async def main() -> None:
        seen = values(await ask("nut", upsd, timeout=8))
        assert seen.pop("nut.time") > 0
        assert seen == {
            "nut.status": "OL CHRG",
            "nut.source": "line",
            "nut.battery": "normal",
            "nut.overload": False,
            "nut.charge": 96.0,
            "nut.runtime": 1620.0,
            "nut.load": 41.5,
            "nut.input": 229.8,
        }

    asyncio.run(main())
    uvloop.run(main())


async def test_a_ups_there_is_not_is_named(upsd: int) -> None:
    outcome = await ask("nut", upsd, ups="attic")
    assert (outcome.reason, outcome.error) == (Reason.PROTOCOL, "没有这台 UPS，核对 ups 选项")


async def test_a_refusing_hanging_resetting_or_babbling_peer(closed_port: int) -> None:
    assert (await ask("nut", closed_port)).reason is Reason.REFUSED
    listed = b'BEGIN LIST UPS\nUPS a "x"\nUPS b "y"\nEND LIST UPS\n'
    for handler, reason, said in (
        (hangs, Reason.TIMEOUT, "没有应答"),
        (resets, Reason.PROTOCOL, "断开"),
        (closes, Reason.PROTOCOL, "断开"),
        (babbles, Reason.PROTOCOL, "不是 NUT"),
        (says(listed), Reason.PROTOCOL, "应指明 UPS 名（选项 ups），对方有：a、b"),
        (says(b"BEGIN LIST UPS\nEND LIST UPS\n"), Reason.PROTOCOL, "对方有：无"),
        (says(b"ERR ACCESS-DENIED\n"), Reason.REFUSED, "不允许本机访问"),
        (says(b"ERR DATA-STALE\n"), Reason.PROTOCOL, "失去联系"),
        (says(b'BEGIN LIST UPS\nUPS a "half\n'), Reason.PROTOCOL, "引号不成对"),
        (says(b"BEGIN LIST UPS\nnonsense\n"), Reason.PROTOCOL, "不是 NUT"),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("nut", port, timeout=0.5)
        assert outcome.reason is reason, outcome
        assert said in outcome.error


@pytest.mark.parametrize(
    ("status", "source", "battery"),
    [
        ("OB DISCHRG", "battery", "normal"),
        ("OB LB", "battery", "low"),
        ("OL BYPASS", "bypass", "normal"),
        ("OL RB CHRG", "line", "replace"),
        ("FSD OB LB", "shutdown", "low"),
        ("OFF", "off", "normal"),
        ("CAL", "unknown", "normal"),
    ],
)
def test_the_flags_say_where_the_power_comes_from(status: str, source: str, battery: str) -> None:
    seen = {one.name: one.value for one in read_variables({"ups.status": status})}
    assert (seen["nut.source"], seen["nut.battery"]) == (source, battery)


def test_words_where_numbers_should_be_give_no_reading_and_no_status_an_error() -> None:
    seen = read_variables({"ups.status": "OL", "ups.load": "n/a", "ups.alarm": "Replace battery!"})
    names = {one.name: one.value for one in seen}
    assert "nut.load" not in names
    assert names["nut.alarm"] == "Replace battery!"
    with pytest.raises(ProbeError, match=r"ups\.status"):
        read_variables({"ups.load": "4"})
    with pytest.raises(ProbeError, match="还没有 UPS 的数据"):
        read_variables({"ups.status": "WAIT"})


def test_a_name_that_is_another_command_is_refused() -> None:
    with pytest.raises(OptionError, match="只能含"):
        parse_options(find("nut"), {"ups": "a\nSET VAR a b c"})
