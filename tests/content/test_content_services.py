"""The thresholds of services: queues, caches, JVMs, directories, clocks, names, UPS software."""

from datetime import datetime
from pathlib import Path

import pytest

from jingwei.checks.content import CheckTemplate, TargetFacts, load_devices, templates_for
from jingwei.rules.judge import judge
from jingwei.terms import SHANGHAI, Reading, Result

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
N, T, A, U = Result.NORMAL, Result.ATTENTION, Result.ABNORMAL, Result.UNCHECKED
DEVICES = load_devices(Path(__file__).resolve().parents[2] / "content" / "devices")
CHECKS: dict[str, CheckTemplate] = {one.id: one for model in DEVICES for one in model.checks}


def queue(
    depth: int = 0, consumers: int = 1, oldest: float = 0, *, disk: bool = False, parted: int = 0
) -> list[Reading]:
    """One node, one queue."""
    return [
        Reading("mq.node.running", True, "", "rabbit@a"),
        Reading("mq.node.memory_alarm", False, "", "rabbit@a"),
        Reading("mq.node.disk_alarm", disk, "", "rabbit@a"),
        Reading("mq.node.partitions", parted, "count", "rabbit@a"),
        Reading("mq.depth", depth, "count", "hl7.in"),
        Reading("mq.consumers", consumers, "count", "hl7.in"),
        Reading("mq.oldest", oldest, "s", "hl7.in"),
    ]


def cache(
    memory: int = 50, clients: int = 10, state: str = "online", lag: int = 0, save: str = "ok"
) -> list[Reading]:
    """A master with one replica."""
    return [
        Reading("redis.ping", 3, "ms"),
        Reading("redis.memory", memory, "B"),
        Reading("redis.memory.limit", 100, "B"),
        Reading("redis.clients", clients, "count"),
        Reading("redis.clients.limit", 100, "count"),
        Reading("redis.replica.state", state, "", "10.0.0.2:6379"),
        Reading("redis.replica.lag", lag, "s", "10.0.0.2:6379"),
        Reading("redis.save", save),
    ]


def jvm(live: int, busy: int = 10) -> list[Reading]:
    """A JVM of 100 bytes and 100 threads."""
    return [
        Reading("heap.live", live, "B"),
        Reading("heap.limit", 100, "B"),
        Reading("threads.busy", busy, "count", "http-nio-8080"),
        Reading("threads.limit", 100, "count", "http-nio-8080"),
    ]


def clock(offset: float, stratum: int = 2, leap: str = "none") -> list[Reading]:
    """A time server."""
    return [
        Reading("ntp.offset.size", offset, "s"),
        Reading("ntp.stratum", stratum, "count"),
        Reading("ntp.leap", leap),
    ]


def name(code: str = "NOERROR", answers: int = 1, *, right: bool = True) -> list[Reading]:
    """A name server's answer."""
    return [
        Reading("dns.code", code),
        Reading("dns.answers", answers, "count"),
        Reading("dns.expected", right),
        Reading("dns.time", 2, "ms"),
    ]


@pytest.mark.parametrize(
    ("check", "readings", "verdict"),
    [
        ("service.queue", queue(), N),
        ("service.queue", queue(consumers=0), N),  # nothing waits for the consumer that is not
        ("service.queue", queue(1, consumers=0), A),
        ("service.queue", queue(1000), N),
        ("service.queue", queue(1001), T),
        ("service.queue", queue(5000), T),
        ("service.queue", queue(5001), A),
        ("service.queue", queue(5, oldest=300), N),
        ("service.queue", queue(5, oldest=301), T),
        ("service.queue", queue(5, oldest=601), A),
        ("service.queue", queue(disk=True), A),
        ("service.queue", queue(parted=1), A),
        ("service.queue", [Reading("mq.node.running", False, "", "rabbit@a")], A),
        ("service.queue", [], A),
        ("service.cache", cache(), N),
        ("service.cache", cache(memory=80), N),
        ("service.cache", cache(memory=81), T),
        ("service.cache", cache(memory=96), A),
        ("service.cache", cache(clients=81), A),
        ("service.cache", cache(state="wait_bgsave"), A),
        ("service.cache", cache(lag=60), T),
        ("service.cache", cache(lag=61), A),
        ("service.cache", cache(save="err"), T),
        ("service.cache", [Reading("redis.ping", 3, "ms"), Reading("redis.link", "down")], A),
        ("service.cache", [Reading("redis.ping", 3, "ms")], N),  # an old Redis says little
        ("service.cache", [], A),
        ("service.runtime", jvm(75), N),
        ("service.runtime", jvm(76), T),
        ("service.runtime", jvm(86), A),
        ("service.runtime", jvm(10, busy=81), A),
        ("service.runtime", [], A),
        ("service.directory", [Reading("ldap.bind", 9, "ms")], N),
        ("service.directory", [Reading("ldap.bind", 3001, "ms")], T),
        (
            "service.directory",
            [Reading("ldap.bind", 9, "ms"), Reading("ldap.entries", 0, "count")],
            A,
        ),
        ("service.time", clock(0.5), N),
        ("service.time", clock(0.51), T),
        ("service.time", clock(1.01), A),
        ("service.time", clock(0, stratum=16), A),
        ("service.time", clock(0, leap="unsynchronised"), A),
        ("service.time", clock(0, leap="insert"), N),
        ("service.names", name(), N),
        ("service.names", name("NXDOMAIN", 0), A),
        ("service.names", name(right=False), A),
        ("host.clock", [Reading("clock.offset", 1.1, "s"), Reading("clock.leap", "normal")], A),
        ("host.clock", [Reading("clock.offset", 0, "s"), Reading("clock.leap", "normal")], N),
        (
            "host.clock",
            [Reading("clock.offset", 0, "s"), Reading("clock.leap", "unsynchronised")],
            A,
        ),
        (
            "host.files",
            [Reading("canary", "whole", "", "a"), Reading("canary", "whole", "", "b")],
            N,
        ),
        (
            "host.files",
            [Reading("canary", "whole", "", "a"), Reading("canary", "gone", "", "b")],
            T,
        ),
        ("host.files", [Reading("canary", "e3b0c442", "", "a")], A),
        ("host.files", [], U),
        ("message.cmpp", [Reading("cmpp.login", 9, "ms"), Reading("cmpp.active", 9, "ms")], N),
        ("message.cmpp", [Reading("cmpp.login", 9, "ms")], A),
        ("message.sgip", [Reading("sgip.login", 3001, "ms"), Reading("sgip.unbind", 9, "ms")], T),
        (
            "message.smgp",
            [
                Reading("smgp.login", 9, "ms"),
                Reading("smgp.active", 9, "ms"),
                Reading("smgp.proven", False),
            ],
            T,
        ),
        ("message.wechat", [Reading("wechat.errcode", "0")], N),
        ("message.wechat", [Reading("wechat.errcode", "40125")], A),
        (
            "message.wechat",
            [Reading("wechat.errcode", "0"), Reading("wechat.list.errcode", "45009")],
            A,
        ),
        (
            "message.wechat",
            [Reading("wechat.errcode", "0"), Reading("wechat.present", False)],
            A,
        ),
        ("message.wechat", [], A),
        ("nut.software", [Reading("nut.status", "OB DISCHRG LB")], N),  # read: that is all
        ("nut.software", [], A),
        ("nut.output", [Reading("nut.source", "line")], N),
        ("nut.output", [Reading("nut.source", "boost")], T),
        ("nut.output", [Reading("nut.source", "battery")], A),
        ("nut.load", [Reading("nut.load", 80, "%")], T),
        ("nut.load", [Reading("nut.load", 81, "%")], A),
        ("nut.battery", [Reading("nut.battery", "replace")], A),
        (
            "nut.battery",
            [Reading("nut.battery", "normal"), Reading("nut.charge", 79, "%")],
            A,
        ),
    ],
)
def test_a_service_is_judged_as_its_standard_says(
    check: str, readings: list[Reading], verdict: Result
) -> None:
    assert judge(CHECKS[check].rules, readings, {}, NOW).seen is verdict


def test_a_ups_with_a_card_of_its_own_is_not_judged_twice() -> None:
    facts = TargetFacts("HW-002-1", "ups", vendor="SANTAK")
    both = {check.id for check in templates_for(DEVICES, facts, ["snmp", "nut"])}
    assert both == {"ups.output", "ups.load", "ups.battery", "nut.software"}
    alone = {check.id for check in templates_for(DEVICES, facts, ["nut"])}
    assert alone == {"nut.output", "nut.load", "nut.battery", "nut.software"}


def test_only_registered_services_are_asked() -> None:
    facts = TargetFacts("APP-09", "application")
    plain = {check.id for check in templates_for(DEVICES, facts, ["http"])}
    assert not {one for one in plain if one.startswith("service.")}
    more = {check.id for check in templates_for(DEVICES, facts, ["http", "mq", "ldap"])}
    assert more - plain == {"service.queue", "service.directory"}
