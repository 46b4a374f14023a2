"""The shipped thresholds against what devices really answer, good and bad, at their limits.

Each case is (check id, item word, readings, verdict). The normal words come from daily.toml's
`standard` and domain.md sections 7 and 9; limits are inclusive where the words say 以内 or 含端点.
"""

from datetime import datetime
from pathlib import Path

import pytest

from jingwei.checks.content import CheckTemplate, load_devices
from jingwei.rules.judge import judge
from jingwei.terms import SHANGHAI, Reading, Result

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
N, T, A, U, X = (
    Result.NORMAL,
    Result.ATTENTION,
    Result.ABNORMAL,
    Result.UNCHECKED,
    Result.NOT_APPLICABLE,
)
_CHECKS: dict[str, CheckTemplate] = {}
NONE = 2_147_483_647  # what a Huawei entity without a sensor says


def check(name: str) -> CheckTemplate:
    """One shipped check."""
    if not _CHECKS:
        folder = Path(__file__).resolve().parents[2] / "content" / "devices"
        for model in load_devices(folder):
            _CHECKS.update({one.id: one for one in model.checks})
    return _CHECKS[name]


def words(name: str, *values: str) -> list[Reading]:
    """States, one for each instance from 1."""
    return [Reading(name, value, "", str(number)) for number, value in enumerate(values, 1)]


def page(status: int = 200, took: float = 40, body: str | None = "UP") -> list[Reading]:
    """A health page."""
    found = [Reading("http.status", status), Reading("http.time", took, "ms")]
    return found + ([Reading("app.status", body)] if body else [])


def room(value: float, name: str = "temperature", running: bool = True) -> list[Reading]:
    """A room's sensor and its cooling."""
    unit = "°C" if name == "temperature" else "%"
    return [Reading(f"room.{name}", value, unit), Reading("cooling.running", running)]


def host(idle: float = 80, free: float = 40, blocks: float = 50) -> list[Reading]:
    """A host agent."""
    return [
        Reading("cpu.idle", idle, "%"),
        Reading("memory.total", 100, "MB"),
        Reading("memory.available", free, "MB"),
        Reading("filesystem.size", 100, "count", "/data"),
        Reading("filesystem.blocks_used", blocks, "count", "/data"),
    ]


def oceanstor_pool(free: float, health: str = "normal", running: str = "online") -> list[Reading]:
    """A pool of 1000 MB."""
    return [
        Reading("pool.health", health, "", "P"),
        Reading("pool.running", running, "", "P"),
        Reading("pool.total", 1000, "MB", "P"),
        Reading("pool.free", free, "MB", "P"),
    ]


def disk(health: str, running: str = "online") -> list[Reading]:
    """One disk of an array."""
    return named("CTE0.3", {"disk.health": health, "disk.running": running})


def named(instance: str, states: dict[str, str]) -> list[Reading]:
    """Several states of one instance."""
    return [Reading(name, state, "", instance) for name, state in states.items()]


def hl7(ack: str, took: float) -> list[Reading]:
    """What the interface engine answered to the test message."""
    found = [Reading("mllp.ack", ack), Reading("mllp.time", took, "ms")]
    return [*found, Reading("mllp.control_match", True)]


def supplies(health: str, state: str) -> list[Reading]:
    """Two power supplies, of which the second may be bad."""
    bad = words("redfish.psu.health", "OK", *([health] if health else []))
    return [*bad, *words("redfish.psu.state", "Enabled", state)]


def drives(health: str, predicted: bool) -> list[Reading]:
    """Two drives, of which the second may be bad."""
    found = words("redfish.drive.health", "OK", health)
    return [*found, Reading("redfish.drive.predicted_failure", predicted, "", "2")]


def board(cpu: float, memory: float = 50, no_sensor: int = 65535) -> list[Reading]:
    """A switch: its board measures, its fan has no sensor and says so."""
    return [
        Reading("cpu.used", cpu, "%", "Board"),
        Reading("memory.used", memory, "%", "Board"),
        Reading("cpu.used", 0, "%", "FAN"),
        Reading("temperature", no_sensor, "°C", "FAN"),
    ]


def tls(days: float, name: bool = True, chain: bool = True) -> list[Reading]:
    """A certificate."""
    found = [Reading("tls.days_left", days, "d"), Reading("tls.name_match", name)]
    return [*found, Reading("tls.chain_valid", chain)]


def sessions(used: int) -> list[Reading]:
    """Sessions of at most 100."""
    return [Reading("sessions.used", used, "count"), Reading("sessions.limit", 100, "count")]


def entity(status: str) -> list[Reading]:
    """One entity of a switch."""
    return [Reading("entity.status", status, "", "PSU 2")]


def crac(system: str, cooling: str = "on", fan: str = "on") -> list[Reading]:
    """An air conditioner."""
    found = [Reading("crac.system", system), Reading("crac.cooling", cooling)]
    return [*found, Reading("crac.fan", fan)]


CASES: list[tuple[str, list[Reading], Result]] = [
    ("app.health", page(), N),
    ("app.health", page(500, body=None), A),
    ("app.health", page(500, body="DOWN"), A),
    ("app.health", page(body="DOWN"), A),
    ("app.health", page(took=2999), N),
    ("app.health", page(took=3000), A),
    ("app.login", [Reading("http.status", 200), Reading("http.body_match", True)], N),
    ("app.login", [Reading("http.status", 200), Reading("http.body_match", False)], A),
    ("app.login", [Reading("http.status", 500), Reading("http.body_match", False)], A),
    ("app.certificate", tls(300), N),
    ("app.certificate", tls(30.1), N),
    ("app.certificate", tls(30), T),
    ("app.certificate", tls(7), T),
    ("app.certificate", tls(5), A),
    ("app.certificate", tls(-1, chain=False), A),
    ("app.certificate", tls(300, name=False), T),
    ("app.certificate", tls(300, chain=False), T),
    ("app.dicom", [Reading("echo.time", 20, "ms")], N),
    ("app.hl7", hl7("AA", 5000), N),
    ("app.hl7", hl7("AE", 20), A),
    ("app.hl7", hl7("AA", 5001), A),
    ("postgresql.sessions", sessions(55), N),
    ("postgresql.sessions", sessions(80), T),
    ("postgresql.sessions", sessions(81), A),
    ("postgresql.tablespace", [Reading("tablespace.used", 84.9, "%", "phis")], N),
    ("postgresql.tablespace", [Reading("tablespace.used", 85, "%", "phis")], T),
    ("postgresql.tablespace", [Reading("tablespace.used", 96.2, "%", "phis")], A),
    ("postgresql.tablespace", [Reading("sql.rows", 0, "count")], U),
    ("postgresql.locks", [Reading("lock.wait", 0, "s"), Reading("transaction.idle", 0, "s")], N),
    ("postgresql.locks", [Reading("lock.wait", 300, "s"), Reading("transaction.idle", 0, "s")], T),
    ("postgresql.locks", [Reading("lock.wait", 420, "s"), Reading("transaction.idle", 0, "s")], A),
    ("postgresql.locks", [Reading("lock.wait", 0, "s"), Reading("transaction.idle", 700, "s")], T),
    ("mysql.locks", [Reading("lock.wait", 420, "s"), Reading("transaction.longest", 420, "s")], A),
    ("server.online", [Reading("system.uptime", 120.4, "d")], N),
    ("server.online", [Reading("system.uptime", 0.2, "d")], T),
    ("server.load", host(), N),
    ("server.load", host(idle=15), T),
    ("server.load", host(idle=3), A),
    ("server.load", host(blocks=84), N),
    ("server.load", host(blocks=97.4), A),
    ("server.load", host(free=10), T),
    ("redfish.power", supplies("OK", "Enabled"), N),
    ("redfish.power", supplies("Critical", "UnavailableOffline"), A),
    ("redfish.power", supplies("", "Absent"), T),
    ("redfish.thermal", words("redfish.fan.health", "OK", "Critical"), A),
    ("redfish.memory", words("redfish.memory.health", "OK", "Warning"), A),
    ("redfish.drives", drives("OK", False), N),
    ("redfish.drives", drives("Warning", True), A),
    ("proliant.disk", [*words("disk.status", "ok", "pre-fail"), *words("array.status", "ok")], A),
    ("proliant.disk", [*words("disk.status", "ok"), *words("array.status", "rebuilding")], T),
    ("proliant.power", words("psu.condition", "ok", "failed"), A),
    ("imm.memory", words("memory.health", "Normal", "Warning"), A),
    ("imm.disk", words("disk.health", "Normal", "Warning"), A),
    ("h3c.hardware", entity("normal"), N),
    ("h3c.hardware", entity("absent"), N),
    ("h3c.hardware", entity("psu-error"), A),
    ("huawei.hardware", named("1", {"fan.state": "normal", "psu.state": "not-supply"}), A),
    ("h3c.load", board(79), N),
    ("h3c.load", board(80), T),
    ("h3c.load", board(95), A),
    ("security-huawei.load", board(79, no_sensor=NONE), N),
    ("security-huawei.load", board(80, no_sensor=NONE), T),
    ("security-huawei.load", board(40, 90, NONE), A),
    ("security-huawei.load", [], U),
    ("dptech.load", [Reading("cpu.used", 94, "%"), Reading("memory.used", 50, "%")], A),
    ("security.online.https", [Reading("http.status", 401), Reading("http.time", 40, "ms")], N),
    ("security.online.https", [Reading("http.status", 503), Reading("http.time", 40, "ms")], A),
    ("security.syslog", [Reading("syslog.age", 1, "h")], N),
    ("security.syslog", [Reading("syslog.age", 1.1, "h")], T),
    ("security.syslog", [Reading("syslog.age", 24.1, "h")], A),
    ("security.syslog", [], U),
    ("oceanstor.disk", disk("normal"), N),
    ("oceanstor.disk", disk("pre-fail"), A),
    ("oceanstor.disk", disk("normal", "reconstruction"), T),
    ("oceanstor.pool", oceanstor_pool(201), N),
    ("oceanstor.pool", oceanstor_pool(200), T),
    ("oceanstor.pool", oceanstor_pool(84), A),
    ("oceanstor.pool", oceanstor_pool(500, health="degraded"), A),
    ("oceanstor.controller", named("0B", {"controller.health": "degraded"}), A),
    ("ups.output", [Reading("ups.source", "normal")], N),
    ("ups.output", [Reading("ups.source", "battery")], A),
    ("ups.output", [Reading("ups.source", "bypass")], A),
    ("ups.load", [Reading("ups.load", 70, "%", "1")], N),
    ("ups.load", [Reading("ups.load", 80, "%", "1")], T),
    ("ups.load", [Reading("ups.load", 88, "%", "1")], A),
    ("ups.battery", [Reading("battery.status", "normal"), Reading("battery.charge", 80, "%")], N),
    ("ups.battery", [Reading("battery.status", "normal"), Reading("battery.charge", 79, "%")], A),
    ("ups.battery", [Reading("battery.status", "low"), Reading("battery.charge", 90, "%")], A),
    ("crac.cooling", crac("on"), N),
    ("crac.cooling", crac("on", cooling="off"), T),
    ("crac.cooling", crac("standby", "off", "off"), T),
    ("crac.cooling", crac("off", "off", "off"), A),
    ("crac.cooling", crac("on", fan="off"), A),
    ("crac.alarm", [Reading("crac.alarm", "clear")], N),
    ("crac.alarm", [Reading("crac.alarm", "alarm")], A),
    ("room.temperature", room(18), N),
    ("room.temperature", room(27), N),
    ("room.temperature", room(28), T),
    ("room.temperature", room(29.4), A),
    ("room.temperature", room(29.4, running=False), X),
    ("room.temperature", room(85), U),
    ("room.temperature", room(-127), U),
    ("room.temperature", room(0), U),
    ("room.humidity", room(35, "humidity"), N),
    ("room.humidity", room(75, "humidity"), N),
    ("room.humidity", room(75.1, "humidity"), A),
    ("room.humidity", room(0, "humidity"), U),
    ("room.leak", [Reading("room.leak", False, "", "1")], N),
    ("room.leak", [Reading("room.leak", False, "", "1"), Reading("room.leak", True, "", "2")], A),
]  # fmt: skip


@pytest.mark.parametrize(("name", "readings", "result"), CASES)
def test_the_shipped_thresholds_say_what_the_sheet_says(
    name: str, readings: list[Reading], result: Result
) -> None:
    judged = judge(check(name).rules, readings, {}, NOW)
    assert judged.seen is result, (judged.reading_text, judged.reason)


def test_a_failing_disk_reads_as_an_engineer_would_say_it() -> None:
    judged = judge(check("oceanstor.disk").rules, disk("pre-fail"), {}, NOW)
    assert judged.reading_text == "磁盘 CTE0.3 状态 预失效（pre-fail）"
    assert judged.threshold_text == "正常"


def test_a_hot_room_reads_with_the_contracts_own_range() -> None:
    judged = judge(check("room.temperature").rules, room(29.4), {}, NOW)
    assert judged.reading_text == "机房温度 29.4 ℃"
    assert judged.threshold_text == "18–28 ℃"


def fc_port(crc: int, status: str = "online", admin: str = "online") -> list[Reading]:
    """A port of an FC switch."""
    return [
        Reading("switch.status", "online"),
        Reading("port.status", status, "", "port3"),
        Reading("port.admin", admin, "", "port3"),
        Reading("port.crc_errors", crc, "count", "port3"),
    ]


def test_crc_errors_are_judged_by_their_growth() -> None:
    rules = check("fc.port").rules
    first = judge(rules, fc_port(3), {}, NOW)
    assert (first.seen, first.sample_again) == (U, True)
    quiet = judge(rules, fc_port(3), first.memory, NOW)
    assert quiet.seen is N
    noisy = judge(rules, fc_port(1203), quiet.memory, NOW)
    assert noisy.seen is A
    assert noisy.reading_text == "端口 port3 CRC 误码 +1200"
    assert judge(rules, fc_port(3), noisy.memory, NOW).sample_again


def test_only_ports_that_are_switched_on_are_judged() -> None:
    rules = check("fc.port").rules
    down = judge(rules, fc_port(0, "offline"), {}, NOW)
    assert down.seen is A
    unused = judge(rules, fc_port(0, "offline", "offline"), {}, NOW)
    assert unused.seen is N
    assert not unused.sample_again


def uplink(errors: int, status: str = "up") -> list[Reading]:
    """An uplink of a switch."""
    return [
        Reading("port.status", status, "", "上联2"),
        Reading("port.in_errors", errors, "count", "上联2"),
        Reading("port.out_errors", 0, "count", "上联2"),
    ]


@pytest.mark.parametrize(
    ("after", "status", "result"), [(5, "up", N), (6, "up", T), (200, "up", A), (5, "down", A)]
)
def test_an_uplink_must_be_up_and_free_of_new_errors(
    after: int, status: str, result: Result
) -> None:
    rules = check("switch.port").rules
    memory = judge(rules, uplink(5), {}, NOW).memory
    assert judge(rules, uplink(after, status), memory, NOW).seen is result
