"""domain.md section 9, line by line: which reading of which check answers each usual item.

What no read-only query can answer stands here too, with who answers it instead.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jingwei.checks.content import DeviceModel, load_devices
from jingwei.rules.judge import judge
from jingwei.terms import Reading, Result

DEVICES = Path(__file__).resolve().parents[2] / "content" / "devices"
MODELS: dict[str, DeviceModel] = {model.id: model for model in load_devices(DEVICES)}
N, T, A = Result.NORMAL, Result.ATTENTION, Result.ABNORMAL
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

ASKED: dict[str, dict[str, str]] = {
    "oracle": {
        "instance OPEN": "oracle.connection db.status",
        "db role": "oracle.connection db.role",
        "listener": "oracle.connection sql.time",
        "ARCHIVELOG on": "oracle.archive archive.mode",
        "tablespace with autoextend": "oracle.tablespace tablespace.used",
        "undo/temp": "oracle.tablespace tablespace.used",
        "ASM usable": "oracle.asm asm.used",
        "FRA usable": "oracle.archive fra.percent",
        "alert log ORA-": "oracle.health alerts",
        "sessions & processes": "oracle.sessions sessions.percent",
        "blockers": "oracle.locks lock.wait",
        "invalid objects": "oracle.health objects.invalid",
        "unusable indexes": "oracle.health indexes.unusable",
        "scheduler failures": "oracle.jobs jobs.failed",
        "RMAN last full": "oracle.archive backup.age",
        "no failed piece": "oracle.archive backup.failed",
        "Data Guard gap": "oracle.replication replication.gaps",
        "apply lag": "oracle.replication replication.behind",
        "RAC nodes": "oracle.connection db.nodes_down",
        "account/password expiry": "oracle.accounts accounts.expiring",
    },
    "sqlserver": {
        "database ONLINE": "sqlserver.connection db.status",
        "recovery model": "sqlserver.archive recovery.model",
        "log_reuse_wait": "sqlserver.logwait log.wait",
        "file growth": "sqlserver.files file.grown",
        "disk": "sqlserver.tablespace volume.used",
        "suspect_pages": "sqlserver.health pages.suspect",
        "last full": "sqlserver.archive backup.age",
        "last log backup": "sqlserver.archive backup.log_age",
        "last good CHECKDB": "sqlserver.health checkdb.age",
        "Agent job failures": "sqlserver.jobs jobs.failed",
        "AlwaysOn/mirroring": "sqlserver.replication replication.health",
        "blocking": "sqlserver.locks lock.wait",
        "tempdb": "sqlserver.tempdb tempdb.used",
        "service accounts": "sqlserver.services service.account",
    },
    "mysql": {
        "ping": "mysql.connection sql.time",
        "Threads_connected/max_connections": "mysql.sessions sessions.percent",
        "replication IO running": "mysql.replication replication.io",
        "replication SQL running": "mysql.replication replication.sql",
        "lag": "mysql.replication replication.behind",
        "binlog kept": "mysql.archive binlog.kept",
        "error log": "mysql.errors log.errors",
        "long trx": "mysql.locks transaction.longest",
        "InnoDB deadlocks": "mysql.errors deadlocks",
    },
    "mariadb": {
        "ping": "mysql.connection sql.time",
        "Threads_connected/max_connections": "mysql.sessions sessions.percent",
        "replication IO running": "mariadb.replication replication.io",
        "replication SQL running": "mariadb.replication replication.sql",
        "lag": "mariadb.replication replication.behind",
        "binlog kept": "mysql.archive binlog.kept",
        "long trx": "mysql.locks transaction.longest",
        "InnoDB deadlocks": "mysql.health deadlocks",
    },
    "postgresql": {
        "pg_isready": "postgresql.connection sql.time",
        "connections": "postgresql.sessions sessions.percent",
        "idle in transaction": "postgresql.locks transaction.idle",
        "replication lag": "postgresql.replication replication.lag",
        "retained WAL of slots": "postgresql.replication slot.retained",
        "archiver failed_count delta": "postgresql.archive archive.failed",
        "datfrozenxid age": "postgresql.health xid.age",
        "disk": "postgresql.tablespace tablespace.used",
        "autovacuum": "postgresql.jobs autovacuum",
    },
}
ELSEWHERE = {
    "sqlserver: errorlog severity >= 17, 825": "only xp_readerrorlog reads it: taken in as syslog",
    "oracle: crsctl stat res -t": "a shell's: ssh.command; the nodes are asked by GV$INSTANCE",
    "mysql, mariadb: binlog disk": "no view sums SHOW BINARY LOGS: the host's file systems",
    "mariadb: error log": "no table holds it: taken in as syslog",
    "mysql, postgresql: backup": "a dump is outside the database: the item backup.run, heartbeats",
}


@pytest.mark.parametrize(
    ("engine", "usual", "answer"),
    [(engine, usual, answer) for engine, found in ASKED.items() for usual, answer in found.items()],
)
def test_a_usual_item_is_judged_by_a_rule_of_the_set(engine: str, usual: str, answer: str) -> None:
    name, reading = answer.split()
    checks = {check.id: check for check in MODELS[f"database.{engine}"].checks}
    assert name in checks, usual
    assert reading in {rule.reading for rule in checks[name].rules}, usual


def test_no_usual_item_is_both_asked_and_left_to_others() -> None:
    left = {
        (engine.strip(), usual)
        for line in ELSEWHERE
        for engines, usual in [line.split(": ", 1)]
        for engine in engines.split(",")
    }
    assert not left & {(engine, usual) for engine, found in ASKED.items() for usual in found}
    assert {engine for engine, _ in left} <= set(ASKED)


def seen(model: str, check: str, *readings: Reading) -> Result:
    """The verdict of one check of a set on these readings."""
    [found] = [one for one in MODELS[model].checks if one.id == check]
    return judge(found.rules, readings, {}, NOW).seen


def rows(number: int) -> Reading:
    """How many rows a query gave."""
    return Reading("sql.rows", number, "count")


def grown(size: int) -> list[Reading]:
    """A file of at most 1000 pages."""
    return [
        rows(1),
        Reading("file.size", size, "count", "HIS/data2"),
        Reading("file.limit", 1000, "count", "HIS/data2"),
    ]


def service(status: str, startup: str = "automatic", account: str = "own") -> list[Reading]:
    """One Windows service."""
    name = "SQL Server Agent (MSSQLSERVER)"
    return [
        Reading("service.status", status, "", name),
        Reading("service.startup", startup, "", name),
        Reading("service.account", account, "", name),
    ]


def test_a_file_that_cannot_grow_further_is_told_and_none_with_a_limit_is_normal() -> None:
    def files(readings: list[Reading]) -> Result:
        return seen("database.sqlserver", "sqlserver.files", *readings)

    assert files([rows(0)]) is N
    assert files(grown(949)) is N
    assert files(grown(950)) is T
    assert files([]) is A


@pytest.mark.parametrize(
    ("readings", "verdict"),
    [
        (service("running"), N),
        (service("stopped"), A),
        (service("paused"), A),
        (service("starting"), T),
        (service("stopped", "manual"), N),
        (service("stopped", "disabled"), N),
        (service("running", account="system"), T),
    ],
)
def test_a_service_that_starts_by_itself_must_run_and_not_as_the_system(
    readings: list[Reading], verdict: Result
) -> None:
    assert seen("database.sqlserver", "sqlserver.services", *readings) is verdict


def test_errors_in_the_log_of_mysql_are_told_and_deadlocks_still_are() -> None:
    [check] = [one for one in MODELS["database.mysql"].checks if one.item == "db.health"]

    def log(errors: int, deadlocks: int) -> list[Reading]:
        return [
            Reading("log.errors", errors, "count"),
            Reading("deadlocks", deadlocks, "count"),
            Reading("lock.timeouts", 0, "count"),
        ]

    first = judge(check.rules, log(0, 3), {}, NOW)
    assert judge(check.rules, log(0, 3), first.memory, NOW).seen is N
    assert judge(check.rules, log(1, 3), first.memory, NOW).seen is T
    assert judge(check.rules, log(0, 4), first.memory, NOW).seen is T
