"""Syslog and traps in, over real sockets, into a real database: sorted, counted, healed."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from jingwei.assets.models import Endpoint, Target
from jingwei.checks.actions.events import Event
from jingwei.checks.content import ContentError
from jingwei.checks.content.events import EventRules, load_events
from jingwei.checks.models import Finding
from jingwei.probes import syslog
from jingwei.run.events.receive import Receivers, frame, split
from jingwei.run.events.storm import MOST_KINDS, Storm
from jingwei.terms import SHANGHAI, Result

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
CONTENT = Path(__file__).resolve().parents[2] / "content" / "events.toml"
RULES: EventRules = load_events(CONTENT)
FAILED = b"<86>Nov 23 08:30:01 web01 sshd[%d]: Failed password for root from 10.0.0.%d port %d ssh2"


def event(same: str = "a", **given: Any) -> Event:
    """One message."""
    known: dict[str, Any] = {
        "source": "syslog", "same": same, "about": (), "result": Result.ATTENTION,
        "title": same, "detail": "", "at": NOON, "counted": True,
    }  # fmt: skip
    return Event(**known | given)


# ---- putting together


def test_ten_thousand_of_one_kind_are_one_event_with_their_number() -> None:
    storm = Storm()
    for second in range(10_000):
        storm.add(event(at=NOON + timedelta(milliseconds=second)))
    [found] = storm.taken()
    assert (found.times, storm.heard) == (10_000, 10_000)
    assert found.at == NOON + timedelta(milliseconds=9_999)
    assert storm.taken() == []


def test_kinds_beyond_the_limit_are_counted_together_and_said_to_be() -> None:
    storm = Storm(most=3)
    for number in range(10):
        storm.add(event(str(number)))
    found = storm.taken()
    assert len(found) == 4
    assert sum(one.times for one in found) == 10
    assert "事件风暴" in found[-1].title
    assert MOST_KINDS == 500


def test_what_could_not_be_written_is_held_again_with_its_number() -> None:
    storm = Storm()
    storm.add(event(times=5))
    held = storm.taken()
    storm.add(event(times=2))
    storm.back(held)
    [found] = storm.taken()
    assert (found.times, storm.heard) == (7, 7)


def test_a_healing_stands_apart_from_what_it_heals() -> None:
    storm = Storm()
    storm.add(event(at=NOON))
    storm.add(event(at=NOON + timedelta(seconds=1), resolved=True))
    assert [one.resolved for one in storm.taken()] == [False, True]


# ---- rules


@pytest.mark.parametrize(
    ("line", "label", "result"),
    [
        ("<86>Nov 23 08:30:01 a sshd[1]: Failed password for x", "登录失败", Result.ATTENTION),
        ("<6>Nov 23 08:30:01 a kernel: Out of memory: Killed process 1 (java)",
         "内存耗尽，进程被杀", Result.ABNORMAL),
        ("<13>Nov 23 08:30:01 db oracle: ORA-00600: internal error", "Oracle 严重告警",
         Result.ABNORMAL),
        ("<12>Nov 23 08:30:01 waf: 发现 webshell 上传", "恶意代码或篡改告警", Result.ABNORMAL),
        ("<10>Nov 23 08:30:01 a app: broken", "严重日志", Result.ABNORMAL),
        ("<11>Nov 23 08:30:01 a app: broken", "错误日志", Result.ATTENTION),
    ],
)  # fmt: skip
def test_a_line_is_sorted_by_the_first_rule_that_fits(
    line: str, label: str, result: Result
) -> None:
    rule = RULES.of_line(syslog.parse(line.encode()))
    assert rule is not None
    assert (rule.label, rule.result) == (label, result)


@pytest.mark.parametrize("line", ["<14>a b: all is well", "<11>a app: syslog test please ignore"])
def test_what_no_rule_wants_is_left_out(line: str) -> None:
    assert RULES.of_line(syslog.parse(line.encode())) is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[[syslog]]\nmatch = "("\nlabel = "x"\nresult = "abnormal"\n', 2, "正则"),
        ('[[syslog]]\nmatch = "x"\nlabel = "x"\nresult = "bad"\n', 4, "可用：abnormal"),
        ('[[syslog]]\nmatch = "x"\nlabel = "x"\nlevel = "err"\n', 4, "没有 “level”"),
        ('[[syslog]]\nmatch = "x"\nfrom = "bad"\nlabel = "x"\n', 3, "可用：emerg"),
        ('[[trap]]\noid = "linkDown"\nlabel = "x"\nresult = "abnormal"\n', 2, "OID"),
        ('[[trap]]\noid = "1.3"\nlabel = "x"\nheals = true\nresult = "abnormal"\n', 5, "heals"),
        ("[trap]\n", 1, "写成"),
    ],
)
def test_a_mistake_in_the_rules_names_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "events.toml"
    path.write_text(text)
    with pytest.raises(ContentError, match=said) as caught:
        load_events(path)
    assert caught.value.line == line


@pytest.mark.parametrize("place", ["", "5514", ":5514", "host:", "host:x", "host:70000"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="地址:端口"):
        split(place)


def test_a_place_may_be_ipv6() -> None:
    assert split("[::1]:5514") == ("::1", 5514)


# ---- over sockets


@pytest.fixture
def place(transactional_db: None) -> Target:
    site = Target.objects.create(key="SITE-1", kind="site", label="永和路")
    switch = Target.objects.create(key="HW-018-1", kind="switch", label="接入交换机")
    Endpoint.objects.create(target=switch, protocol="snmp", address="127.0.0.7", port=161)
    return site


async def in_thread(work: Callable[[], None]) -> None:
    """As the worker does it."""
    from django.db import connections  # noqa: PLC0415

    def closing() -> None:
        try:
            work()
        finally:
            connections.close_all()

    await asyncio.to_thread(closing)


def served(act: Callable[[Receivers], None], **settings: Any) -> Receivers:
    """Let somebody send to our receivers, and stop them."""
    made: list[Receivers] = []

    async def main() -> None:
        stop = asyncio.Event()
        receivers = Receivers(
            RULES, lambda: datetime.now(SHANGHAI), in_thread,
            syslog_at="127.0.0.1:0", traps_at="127.0.0.1:0", **settings,
        )  # fmt: skip
        made.append(receivers)
        running = asyncio.create_task(receivers.run(stop))
        try:
            await asyncio.wait_for(receivers.ready.wait(), 10)
            await asyncio.to_thread(act, receivers)
        finally:
            stop.set()
            await running

    asyncio.run(main())
    return made[0]


def udp(place: tuple[str, int], *messages: bytes, source: str = "127.0.0.1") -> None:
    """Send datagrams, not faster than loopback takes them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as pipe:
        pipe.bind((source, 0))
        for number, message in enumerate(messages):
            pipe.sendto(message, place)
            if number % 100 == 99:
                time.sleep(0.01)


def test_ten_thousand_lines_are_one_finding_with_their_number(place: Target) -> None:
    lines = [FAILED % (n, n % 250, n) for n in range(10_000)]

    def act(receivers: Receivers) -> None:
        udp(receivers.places["syslog"], *lines)
        until = time.monotonic() + 30
        while receivers.storm.heard < 10_000 and time.monotonic() < until:
            time.sleep(0.05)

    assert served(act).storm.heard == 10_000
    found = Finding.objects.get()
    assert (found.times, found.item, found.result) == (10_000, "event.syslog", "attention")
    assert found.reading.startswith("登录失败：sshd: Failed password for root")
    assert found.target == place
    assert "主机 web01" in found.detail


def test_lines_over_tcp_come_with_and_without_counts(place: Target) -> None:
    def act(receivers: Receivers) -> None:
        broken = "<10>1 - h app - - - 磁盘阵列 broken".encode()
        with socket.create_connection(receivers.places["syslog"]) as pipe:
            pipe.sendall(b"%d %s" % (len(broken), broken))
            pipe.sendall(b"<10>Nov 23 08:30:01 h2 other: fell over\n")
        with socket.create_connection(receivers.places["syslog"]) as pipe:
            pipe.sendall(b"99999 x")  # nobody's count: hung up on
            assert pipe.recv(10) == b""
        until = time.monotonic() + 10
        while receivers.storm.heard < 2 and time.monotonic() < until:
            time.sleep(0.02)

    served(act)
    assert {found.reading for found in Finding.objects.all()} == {
        "严重日志：app: 磁盘阵列 broken",
        "严重日志：other: fell over",
    }


async def test_a_frame_ends_with_its_count_its_line_or_the_sender() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"5 <1>ab<13>line\n")
    reader.feed_eof()
    assert [await frame(reader), await frame(reader), await frame(reader)] == [
        b"<1>ab", b"<13>line\n", b"",
    ]  # fmt: skip
    broken = asyncio.StreamReader()
    broken.feed_data(b"12x <1>")
    with pytest.raises(ValueError, match="octet"):
        await frame(broken)


def trap(place: tuple[str, int], oid: str, index: int, community: str = "public") -> None:
    """Let net-snmp send a notification."""
    subprocess.run(
        ["snmptrap", "-v2c", "-c", community, f"udp:{place[0]}:{place[1]}", "", oid,
         f"1.3.6.1.2.1.2.2.1.1.{index}", "i", str(index)],
        check=True, timeout=20, capture_output=True,
    )  # fmt: skip


@pytest.mark.peers
def test_a_port_down_is_a_finding_and_up_heals_only_that_port(place: Target) -> None:
    down, up = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"

    def act(receivers: Receivers) -> None:
        at = receivers.places["trap"]
        for oid, index in ((down, 7), (down, 7), (down, 8), (up, 7), ("1.3.6.1.4.1.9.9", 1)):
            trap(at, oid, index)
        trap(at, down, 9, community="wrong")
        udp(at, b"nonsense")
        until = time.monotonic() + 10
        while receivers.refused < 2 and time.monotonic() < until:
            time.sleep(0.02)

    assert served(act, community="public").refused == 2
    rows = {found.reading: (found.times, found.closed_at) for found in Finding.objects.all()}
    assert set(rows) == {"端口断开 7", "端口断开 8"}
    assert rows["端口断开 7"][0] == 2
    assert rows["端口断开 7"][1] is not None
    assert rows["端口断开 8"][1] is None


def test_what_the_database_refuses_is_written_later(
    place: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [1]
    from jingwei.run.events import receive  # noqa: PLC0415

    whole = receive.take

    def take(events: Any, now: datetime) -> Any:
        if refusals:
            refusals.pop()
            raise DatabaseError("locked")
        return whole(events, now)

    monkeypatch.setattr(receive, "take", take)

    def act(receivers: Receivers) -> None:
        udp(receivers.places["syslog"], b"<10>Nov 23 08:30:01 h app: broken", source="127.0.0.7")
        until = time.monotonic() + 15
        while not Finding.objects.exists() and time.monotonic() < until:
            time.sleep(0.1)

    served(act)
    assert Finding.objects.get().target.key == "HW-018-1"
