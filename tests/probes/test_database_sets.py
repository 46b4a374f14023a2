"""The shipped check sets of databases on real ones: PostgreSQL from its wheel, Debian's MariaDB.

What speaks the PostgreSQL protocol (KingbaseES, openGauss) is asked on PostgreSQL: its queries run,
which says nothing of the views of the real thing.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from probe_databases import as_root, mariadb_server, patiently, postgresql_server, told
from probe_peers import HOME, ask

from jingwei.checks.content import CheckTemplate, load_devices
from jingwei.rules.judge import judge, judge_outcome
from jingwei.rules.verdict import Judgement
from jingwei.terms import Outcome, Result

USER = {"user": "watcher", "password": "watch-secret"}
N, T, A = Result.NORMAL, Result.ATTENTION, Result.ABNORMAL
MODELS = {model.id: model for model in load_devices(Path(__file__).parents[2] / "content/devices")}
Seen = dict[str, Judgement]


def checks_of(model: str) -> list[CheckTemplate]:
    """The checks of one model."""
    return list(MODELS[model].checks)


async def sheet(model: str, port: int, *only: str, database: str = "") -> Seen:
    """What the checks of a model say, each sampled twice where it judges growth."""
    found: Seen = {}
    for check in checks_of(model):
        if only and check.id not in only:
            continue
        memory: Any = {}
        for _ in range(2):
            outcome = await asked(check, port, database)
            seen = judge_outcome(check.rules, outcome, memory, datetime.now(UTC), check.on_error)
            memory = seen.memory
            if not seen.sample_again:
                break
        found[check.id] = seen
    return found


async def asked(check: CheckTemplate, port: int, database: str) -> Outcome:
    """One answer to one check."""
    options = dict(check.options) | ({"database": database} if database else {})
    return await ask("sql", port, USER, timeout=15, **options)


def words(seen: Seen) -> dict[str, str]:
    """Verdicts as words, with what was read where they are not normal."""
    return {
        name: f"{one.seen.value} {one.reading_text} {one.reason}".strip()
        for name, one in seen.items()
        if one.seen is not N
    }


# ---- PostgreSQL


@pytest.fixture(scope="module")
def postgresql(public_folder: Path) -> Iterator[tuple[int, str]]:
    """PostgreSQL with a monitoring role, archiving, and a table of limits."""
    settings = ("archive_mode=on", "wal_level=replica")
    with postgresql_server(public_folder / "pg-sets", *settings) as (port, where):
        with psycopg.connect(where, autocommit=True) as admin:
            admin.execute("create role watcher login password 'watch-secret'")
            admin.execute("grant pg_monitor to watcher")
            admin.execute("alter system set archive_command = '/bin/true'")
            admin.execute("select pg_reload_conf()")
            admin.execute("create schema ops")
            admin.execute("create view ops.tablespace_usage as select 'd' as name, 40 used_percent")
            admin.execute("grant usage on schema ops to watcher")
            admin.execute("grant select on ops.tablespace_usage to watcher")
        yield port, where


async def test_a_healthy_postgresql_is_normal_in_every_check(postgresql: tuple[int, str]) -> None:
    seen = await sheet("database.postgresql", postgresql[0])
    assert len(seen) == len(checks_of("database.postgresql")) == 9
    assert words(seen) == {}


async def test_a_slot_nobody_reads_and_an_account_about_to_expire_are_told(
    postgresql: tuple[int, str],
) -> None:
    port, where = postgresql
    with psycopg.connect(where, autocommit=True) as admin:
        admin.execute("select pg_create_physical_replication_slot('old_standby', true)")
        admin.execute("create role leaving login valid until '2999-01-01'")
        admin.execute("do $$ begin execute format('alter role leaving valid until %L', "
                      "now() + interval '14 days'); end $$")  # fmt: skip
        try:
            told_ = await sheet(
                "database.postgresql", port, "postgresql.replication", "postgresql.accounts"
            )
        finally:
            admin.execute("select pg_drop_replication_slot('old_standby')")
            admin.execute("drop role leaving")
    assert {name: one.seen for name, one in told_.items()} == {
        "postgresql.replication": T,
        "postgresql.accounts": T,
    }


async def test_an_archive_command_that_begins_to_fail_is_abnormal(
    postgresql: tuple[int, str],
) -> None:
    port, where = postgresql
    [check] = [one for one in checks_of("database.postgresql") if one.id == "postgresql.archive"]
    first = judge(check.rules, (await asked(check, port, "")).readings, {}, datetime.now(UTC))
    with psycopg.connect(where, autocommit=True) as admin:
        admin.execute("alter system set archive_command = '/bin/false'")
        admin.execute("select pg_reload_conf()")
        admin.execute("create table moved (x int)")
        admin.execute("insert into moved values (1)")
        admin.execute("select pg_switch_wal()")
        failed = "select failed_count from pg_stat_archiver"
        until = time.monotonic() + 20
        while admin.execute(failed).fetchone() == (0,) and time.monotonic() < until:
            admin.execute("select pg_sleep(0.2)")
        outcome = await asked(check, port, "")
        admin.execute("alter system set archive_command = '/bin/true'")
        admin.execute("select pg_reload_conf()")
    second = judge(check.rules, outcome.readings, first.memory, datetime.now(UTC))
    assert first.seen is not A
    assert second.seen is A


async def test_a_blocked_session_and_an_idle_transaction_are_measured(
    postgresql: tuple[int, str],
) -> None:
    port, where = postgresql
    with psycopg.connect(where) as holder, psycopg.connect(where) as other:
        holder.execute("lock table pg_catalog.pg_description in access exclusive mode")
        other.execute("set lock_timeout = '20s'")
        pid = other.info.backend_pid

        def wait() -> None:
            other.execute("lock table pg_catalog.pg_description")

        waiter = threading.Thread(target=wait)
        waiter.start()
        try:
            blocked = f"select pg_blocking_pids({pid}) <> '{{}}'"
            until = time.monotonic() + 10
            while not holder.execute(blocked).fetchone()[0]:  # type: ignore[index]
                assert time.monotonic() < until
            await asyncio.sleep(1.1)
            for model in ("postgresql", "kingbase", "opengauss"):
                [check] = [c for c in checks_of(f"database.{model}") if c.id == f"{model}.locks"]
                outcome = await asked(check, port, "postgres")
                read = {one.name: one.value for one in outcome.readings}
                assert 1 < float(read["lock.wait"]) < 30, (model, outcome.error)
        finally:
            holder.rollback()
            waiter.join(20)


@pytest.mark.parametrize("engine", ["kingbase", "opengauss"])
async def test_what_speaks_the_protocol_is_asked_by_queries_that_run(
    postgresql: tuple[int, str], engine: str
) -> None:
    seen = await sheet(f"database.{engine}", postgresql[0], database="postgres")
    assert len(seen) == 5
    assert words(seen) == {}


# ---- MariaDB


Pair = tuple[int, int]


@pytest.fixture(scope="module")
def mariadb(public_folder: Path) -> Iterator[Pair]:
    """A source and its replica."""
    settings = ("--log-bin=binlog", "--sync-binlog=1", "--binlog-expire-logs-seconds=604800")
    with (
        mariadb_server(public_folder / "md-source", "--server-id=1", *settings) as (source, _),
        mariadb_server(public_folder / "md-replica", "--server-id=2", *settings) as (replica, _),
    ):
        with closing(as_root(source)) as admin:
            told(admin, "create user copier identified by 'copy-secret'",
                 "grant replication slave on *.* to copier")  # fmt: skip
        for port in (source, replica):
            with closing(as_root(port)) as admin:
                told(
                    admin,
                    "create or replace user watcher identified by 'watch-secret'",
                    "grant process, replication slave admin, binlog monitor on *.* to watcher",
                    "grant replica monitor on *.* to watcher",
                    "grant select on mysql.global_priv to watcher",
                )
        with closing(as_root(replica)) as admin:
            told(
                admin,
                f"change master to master_host='{HOME}', master_port={source}, "
                "master_user='copier', master_password='copy-secret', master_use_gtid=slave_pos",
                "set global gtid_slave_pos='0-1-2'",
                "start slave",
            )
        yield source, replica


def patient_rows(port: int, good: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the replica's state is as wanted."""
    until = time.monotonic() + 20
    with closing(as_root(port)) as admin:
        while time.monotonic() < until:
            with admin.cursor() as cursor:
                cursor.execute("show replica status")
                names = [column[0] for column in cursor.description]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            if rows and good(rows[0]):
                return
            time.sleep(0.2)
    raise AssertionError(rows)


@pytest.mark.peers
async def test_a_healthy_mariadb_is_normal_in_every_check(mariadb: Pair) -> None:
    source, replica = mariadb
    patient_rows(replica, lambda row: row["Slave_SQL_Running"] == "Yes")
    patient_rows(replica, lambda row: row["Slave_IO_Running"] == "Yes")
    for port in (source, replica):
        seen = await sheet("database.mariadb", port)
        assert len(seen) == 7
        assert words(seen) == {}


@pytest.mark.peers
async def test_a_stopped_replica_is_abnormal_and_a_source_has_no_upstream(mariadb: Pair) -> None:
    source, replica = mariadb
    with closing(as_root(replica)) as admin:
        told(admin, "stop slave sql_thread")
        try:
            stopped = await sheet("database.mariadb", replica, "mariadb.replication")
        finally:
            told(admin, "start slave")
    assert stopped["mariadb.replication"].seen is A
    assert "重放线程 停止" in stopped["mariadb.replication"].reading_text
    alone = await sheet("database.mariadb", source, "mariadb.replication")
    assert alone["mariadb.replication"].seen is N


@pytest.mark.peers
async def test_a_password_about_to_expire_and_a_lazy_binlog_are_told(mariadb: Pair) -> None:
    source, _ = mariadb
    with closing(as_root(source)) as admin:
        told(admin, "set global sync_binlog = 0",
             "create user leaving identified by 'x' password expire interval 10 day")  # fmt: skip
        try:
            seen = await sheet("database.mariadb", source, "mysql.archive", "mariadb.accounts")
        finally:
            told(admin, "set global sync_binlog = 1", "drop user leaving")
    assert {name: one.seen for name, one in seen.items()} == {
        "mysql.archive": T,
        "mariadb.accounts": T,
    }


@pytest.mark.peers
async def test_a_new_deadlock_is_told_once(mariadb: Pair) -> None:

    source, _ = mariadb
    [check] = [one for one in checks_of("database.mariadb") if one.id == "mysql.health"]
    before = judge(check.rules, (await asked(check, source, "")).readings, {}, datetime.now(UTC))
    with closing(as_root(source)) as admin:
        told(admin, "create database jam", "create table jam.t (id int primary key, n int)",
             "insert into jam.t values (1, 0), (2, 0)")  # fmt: skip
        with closing(as_root(source)) as other:
            for one, row in ((admin, 1), (other, 2)):
                told(one, "begin", f"update jam.t set n = 1 where id = {row}")
            failures: list[Exception] = []

            def cross(connection: Any, row: int) -> None:
                try:
                    told(connection, f"update jam.t set n = 2 where id = {row}")
                except pymysql.OperationalError as error:
                    failures.append(error)

            waiter = threading.Thread(target=cross, args=(admin, 2))
            waiter.start()
            await asyncio.sleep(0.3)
            cross(other, 1)
            waiter.join(20)
            told(other, "rollback")
        told(admin, "rollback", "drop database jam")
    assert [error.args[0] for error in failures] == [1213]
    outcome = await asked(check, source, "")
    after = judge(check.rules, outcome.readings, before.memory, datetime.now(UTC))
    assert after.seen is T
    again = judge(
        check.rules, (await asked(check, source, "")).readings, after.memory, datetime.now(UTC)
    )
    assert again.seen is N


def test_a_server_that_never_comes_is_told() -> None:
    assert patiently(lambda: 7, OSError) == 7


# ---- what no server was at hand for


@pytest.mark.parametrize("engine", ["oracle", "sqlserver", "mysql"])
def test_every_item_of_a_database_is_checked_or_says_why_not(engine: str) -> None:
    model = MODELS[f"database.{engine}"]
    items = {check.item for check in model.checks} | {word.item for word in model.unchecked}
    items -= {"db.tablespace"} if engine == "mysql" else set()
    assert {item for item in items if item.startswith("db.")} >= {
        "db.connection", "db.sessions", "db.locks", "db.replication", "db.archive", "db.health",
        "db.jobs", "db.accounts",
    }  # fmt: skip
