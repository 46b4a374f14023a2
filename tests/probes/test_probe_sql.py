"""sql: a real PostgreSQL from a wheel, a real MariaDB, and databases that misbehave."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
import uvloop
from probe_databases import as_root, mariadb_server, postgresql_server
from probe_peers import (
    as_rows,
    ask,
    babbles,
    closes,
    hangs,
    resets,
    samples,
    tcp_peer,
    values,
)

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.sql import Answer, judged, mysql_error, plain, postgresql_error
from jingwei.terms import Reason

# (`jingwei.probes.sql` names the module; the package also holds a probe of that name.)
sql_module = sys.modules["jingwei.probes.sql"]
USER = {"user": "watcher", "password": "watch-secret"}
SPACES = {
    "query": "select name, used_percent, state from tablespaces order by name",
    "instance": "name",
    "readings": [
        {"column": "used_percent", "reading": "db.tablespace.used", "unit": "%"},
        {"column": "state", "reading": "db.tablespace.state", "states": {"1": "online"}},
    ],
}


@pytest.fixture(scope="module")
def postgresql(public_folder: Path) -> Iterator[int]:
    """PostgreSQL on loopback, with a reading user."""
    with postgresql_server(public_folder / "pg") as (port, where):
        _prepare_postgresql(where)
        yield port


def _prepare_postgresql(where: str) -> None:
    admin = psycopg.connect(where, autocommit=True)
    with admin:
        admin.execute("create role watcher login password 'watch-secret'")
        admin.execute("create table tablespaces (name text, used_percent numeric, state int)")
        admin.execute("insert into tablespaces values ('数据', 96.5, 1), ('索引', 40, 2)")
        admin.execute("create table closed (x int)")
        admin.execute("grant select, insert on tablespaces to watcher")
        admin.execute("grant create, usage on schema public to watcher")


def test_a_query_gives_a_reading_per_row_on_both_loops(postgresql: int) -> None:
    async def main() -> None:
        outcome = await ask("sql", postgresql, USER, database="postgres", timeout=10, **SPACES)
        seen = values(outcome)
        assert seen.pop("sql.time") > 0
        assert seen == {
            "sql.rows": 2,
            "db.tablespace.used[数据]": 96.5,
            "db.tablespace.used[索引]": 40,
            "db.tablespace.state[数据]": "online",
            "db.tablespace.state[索引]": 2,
        }

    asyncio.run(main())
    uvloop.run(main())


async def test_no_rows_is_a_count_of_zero(postgresql: int) -> None:
    query = "select name from tablespaces where used_percent > 99"
    seen = values(await ask("sql", postgresql, USER, query=query))
    assert seen["sql.rows"] == 0


@pytest.mark.parametrize(
    ("query", "reason", "said"),
    [
        (
            "with w as (insert into tablespaces values ('x', 1, 1) returning 1) select * from w",
            Reason.PROTOCOL,
            "写入",
        ),
        ("select 1; drop table tablespaces", Reason.PROTOCOL, "查询出错"),
        ("select 1; commit; create table evil (x int)", Reason.PROTOCOL, "查询出错"),
        ("select nonsense from nowhere", Reason.PROTOCOL, "查询出错（42P01）"),
        ("select * from closed", Reason.REFUSED, "没有查询权限"),
        ("select pg_sleep(30)", Reason.TIMEOUT, "时限"),
        ("select generate_series(1, 100000)", Reason.PROTOCOL, "超过 1000 行"),
    ],
)
async def test_a_query_that_must_not_or_cannot_run_is_stopped(
    postgresql: int, query: str, reason: Reason, said: str
) -> None:
    outcome = await ask("sql", postgresql, USER, query=query, timeout=2)
    assert outcome.reason is reason, outcome
    assert said in outcome.error
    still = values(await ask("sql", postgresql, USER, query="select count(*) from tablespaces"))
    assert still["sql.rows"] == 1


async def test_show_is_a_query_too(postgresql: int) -> None:
    seen = values(
        await ask(
            "sql",
            postgresql,
            USER,
            query="show max_connections",
            readings=[{"column": "max_connections", "reading": "db.max", "unit": "count"}],
        )
    )
    assert seen["db.max"] > 0


@pytest.mark.parametrize(
    ("secrets", "more", "said"),
    [
        ({"user": "watcher", "password": "wrong-secret"}, {}, "密码"),
        ({"user": "stranger", "password": "wrong-secret"}, {}, "密码"),
        (USER, {"database": "nowhere"}, "没有该库"),
    ],
)
async def test_a_refused_login_is_told_without_the_password(
    postgresql: int, secrets: dict[str, str], more: dict[str, Any], said: str
) -> None:
    outcome = await ask("sql", postgresql, secrets, query="select 1", **more)
    assert outcome.reason is Reason.REFUSED, outcome
    assert said in outcome.error
    assert "secret" not in outcome.error


async def test_a_column_that_is_not_there_is_named(postgresql: int) -> None:
    outcome = await ask(
        "sql",
        postgresql,
        USER,
        query="select 1 as a, 2 as b",
        readings=[{"column": "c", "reading": "x"}],
    )
    assert outcome.reason is Reason.PROTOCOL
    assert outcome.error == "查询结果没有列 c，有：a、b"


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
async def test_a_refusing_hanging_resetting_or_babbling_database(
    engine: str, closed_port: int
) -> None:
    asked = {"engine": engine, "query": "select 1"}
    refused = await ask("sql", closed_port, USER, **asked)
    assert refused.reason is Reason.REFUSED, refused
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            started = time.monotonic()
            outcome = await ask("sql", port, USER, timeout=0.7, **asked)
        assert time.monotonic() - started < 1.5
        if engine == "mysql" and handler in (resets, closes, babbles):
            # a MySQL server speaks first: these wait for a word that never comes
            assert outcome.reason in (Reason.TIMEOUT, Reason.PROTOCOL), outcome
        else:
            assert outcome.reason is reason, (handler.__name__, outcome)


# -- MariaDB


@pytest.fixture(scope="module")
def mariadb(public_folder: Path) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """Debian's MariaDB as an unprivileged user on a high port."""
    with mariadb_server(public_folder / "mariadb", "--skip-log-bin") as (port, process):
        _prepare_mariadb(port)
        yield port, process


def _prepare_mariadb(port: int) -> None:
    admin = as_root(port)
    with admin, admin.cursor() as cursor:
        cursor.execute("create database his character set utf8mb4")
        cursor.execute(
            "create table his.tablespaces (name text, used_percent decimal(5,1), state int)"
        )
        cursor.execute("insert into his.tablespaces values ('数据', 96.5, 1), ('索引', 40, 2)")
        cursor.execute("create user watcher identified by 'watch-secret'")
        cursor.execute("grant all on his.* to watcher")


@pytest.mark.peers
async def test_mariadb_answers_the_same_query(
    mariadb: "tuple[int, subprocess.Popen[bytes]]",
) -> None:
    port, _ = mariadb
    seen = values(
        await ask("sql", port, USER, engine="mysql", database="his", timeout=10, **SPACES)
    )
    assert seen["db.tablespace.used[数据]"] == 96.5
    assert seen["db.tablespace.state[数据]"] == "online"
    assert seen["sql.rows"] == 2


@pytest.mark.peers
@pytest.mark.parametrize(
    ("query", "reason", "said"),
    [
        ("select 1; drop table tablespaces", Reason.PROTOCOL, "查询出错（1064）"),
        ("select nonsense from nowhere", Reason.PROTOCOL, "查询出错（1146）"),
        ("select * from mysql.user", Reason.REFUSED, "没有查询权限"),
        ("select sleep(30)", Reason.TIMEOUT, "时限"),
        ("select seq from seq_1_to_5000000", Reason.PROTOCOL, "超过 1000 行"),
    ],
)
async def test_mariadb_stops_what_must_not_or_cannot_run(
    mariadb: "tuple[int, subprocess.Popen[bytes]]", query: str, reason: Reason, said: str
) -> None:
    outcome = await ask(
        "sql", mariadb[0], USER, engine="mysql", database="his", query=query, timeout=3
    )
    assert outcome.reason is reason, outcome
    assert said in outcome.error


@pytest.mark.peers
async def test_mariadb_refuses_a_wrong_password_and_a_missing_database(
    mariadb: "tuple[int, subprocess.Popen[bytes]]",
) -> None:
    asked = {"engine": "mysql", "query": "select 1"}
    wrong = await ask("sql", mariadb[0], {**USER, "password": "no-secret"}, **asked)
    missing = await ask("sql", mariadb[0], USER, database="nowhere", **asked)
    assert wrong.reason is Reason.REFUSED
    assert "secret" not in wrong.error
    assert missing.reason is Reason.REFUSED


@pytest.mark.peers
async def test_a_frozen_mariadb_is_a_timeout_in_time(
    mariadb: "tuple[int, subprocess.Popen[bytes]]",
) -> None:
    port, process = mariadb
    process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        outcome = await ask("sql", port, USER, engine="mysql", query="select 1", timeout=0.6)
        assert time.monotonic() - started < 1.5
    finally:
        process.send_signal(signal.SIGCONT)
    assert outcome.reason is Reason.TIMEOUT


@pytest.mark.peers
@pytest.mark.parametrize(
    "query",
    [
        "insert into tablespaces values ('x', 1, 1)",
        "drop table tablespaces",
        "create table e (x int)",
    ],
)
async def test_mariadb_itself_refuses_to_write_for_us(
    mariadb: "tuple[int, subprocess.Popen[bytes]]", query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the option check is stepped around: the session alone must hold
    monkeypatch.setattr(sql_module, "READING", re.compile(""))
    outcome = await ask(
        "sql", mariadb[0], USER, engine="mysql", database="his", query=query, timeout=3
    )
    assert outcome.reason is Reason.PROTOCOL
    assert outcome.error == "查询试图写入，已被拒绝"
    still = await ask(
        "sql", mariadb[0], USER, engine="mysql", database="his", query="select 1 from tablespaces"
    )
    assert values(still)["sql.rows"] == 2


# -- pure


@pytest.mark.parametrize(
    "query",
    ["insert into t values (1)", "drop table t", "set global x = 1", "commit", "kill 5",
     "/*! drop table t */", "-- select\ndelete from t", "selects", "call p()"],
)  # fmt: skip
def test_what_is_no_reading_statement_is_refused_before_it_is_sent(query: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_options(find("sql"), {"query": query})
    assert caught.value.field == "query"


@pytest.mark.parametrize(
    "query",
    ["select 1", "  SELECT\n1", "-- 表空间\nselect 1", "/* a */ (select 1)",
     "with a as (select 1) select * from a", "show max_connections", "values (1)",
     "explain select 1"],
)  # fmt: skip
def test_a_reading_statement_may_be_asked(query: str) -> None:
    assert parse_options(find("sql"), {"query": query}).query == query


@pytest.mark.parametrize(("name", "sample"), samples("sql"))
def test_recorded_result_sets_give_the_expected_readings(name: str, sample: Any) -> None:
    options = parse_options(find("sql"), {"query": "select 1", **sample["options"]})
    answer = Answer(tuple(sample["columns"]), [tuple(row) for row in sample["rows"]])
    assert as_rows(judged(options, answer)) == sample["readings"], name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("96.5"), 96.5),
        (Decimal("40"), 40),
        (Decimal("NaN"), None),
        (timedelta(minutes=2), 120.0),
        (datetime(2026, 11, 23, 8, 30, tzinfo=UTC), "2026-11-23 08:30:00+00:00"),
        (date(2026, 11, 23), "2026-11-23"),
        (True, True),
        (None, None),
        ((1, 2), "(1, 2)"),
    ],
)
def test_a_drivers_values_become_plain_ones(value: Any, shown: Any) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("state", "text", "reason"),
    [
        ("28P01", "", Reason.REFUSED),
        ("57014", "canceling statement", Reason.TIMEOUT),
        ("42601", "syntax error", Reason.PROTOCOL),
        (None, "FATAL:  sorry, too many clients already", Reason.REFUSED),
        (None, "connection timeout expired", Reason.TIMEOUT),
        (None, "server closed the connection unexpectedly", Reason.PROTOCOL),
    ],
)
def test_postgresql_errors_are_sorted(state: str | None, text: str, reason: Reason) -> None:
    assert postgresql_error(state, text).reason is reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (pymysql.OperationalError(1045, "Access denied"), Reason.REFUSED),
        (pymysql.OperationalError(1040, "Too many connections"), Reason.REFUSED),
        (pymysql.OperationalError(1969, "exceeded"), Reason.TIMEOUT),
        (pymysql.OperationalError(2013, "Lost connection (timed out)"), Reason.TIMEOUT),
        (pymysql.OperationalError(2013, "Lost connection"), Reason.PROTOCOL),
        (pymysql.ProgrammingError(1064, "syntax"), Reason.PROTOCOL),
        (ValueError("odd"), Reason.PROTOCOL),
    ],
)
def test_mysql_errors_are_sorted(error: Exception, reason: Reason) -> None:
    assert mysql_error(error).reason is reason


def test_too_many_rows_are_no_partial_truth() -> None:
    options = parse_options(find("sql"), {"query": "select 1", "max_rows": 2})
    with pytest.raises(ProbeError, match="超过 2 行"):
        judged(options, Answer(("a",), [(1,), (2,), (3,)]))
