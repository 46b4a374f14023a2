"""The district's databases, by psycopg as the monitoring role that the endpoints name."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from region_process import Where

from jingwei.region import control
from jingwei.terms import SHANGHAI

Query = Callable[..., list[tuple[Any, ...]]]

SESSIONS = """
SELECT count(*), (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
FROM pg_stat_activity WHERE datname = current_database()
"""
WAITS = """
SELECT pid, extract(epoch FROM now() - query_start), pg_blocking_pids(pid)
FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
IDLE = """
SELECT pid, extract(epoch FROM now() - xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
"""


def conninfo(where: Where, key: str) -> dict[str, Any]:
    endpoint = where(key, "sql")
    return {
        "host": endpoint.address,
        "port": endpoint.port,
        "dbname": endpoint.settings["database"],
        "user": endpoint.secrets["user"],
        "password": endpoint.secrets["password"],
        "connect_timeout": 5,
    }


@pytest.fixture
def query(where: Where) -> Iterator[Query]:
    connections: dict[str, psycopg.Connection] = {}

    def ask(key: str, statement: str) -> list[tuple[Any, ...]]:
        if key not in connections:
            connections[key] = psycopg.connect(**conninfo(where, key), autocommit=True)
        return connections[key].execute(statement).fetchall()

    yield ask
    for connection in connections.values():
        connection.close()


def test_each_registered_database_is_one_of_its_own(query: Query) -> None:
    names = [query(f"DB-0{n}", "SELECT current_database()")[0][0] for n in range(1, 5)]
    assert names == ["jw_db_01", "jw_db_02", "jw_db_03", "jw_db_04"]


def test_a_wrong_password_is_refused_as_postgresql_does(where: Where) -> None:
    wrong = {**conninfo(where, "DB-01"), "password": "wrong"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**wrong)
    unknown = {**conninfo(where, "DB-01"), "dbname": "no_such"}
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(**unknown)


def test_the_monitoring_role_reads_and_cannot_write(query: Query, where: Where) -> None:
    assert query("DB-01", "SELECT count(*) FROM biz.visit")[0][0] >= 3000
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        query("DB-01", "CREATE TABLE public.mine (n int)")
    query_after = "SET default_transaction_read_only = off"
    with psycopg.connect(**conninfo(where, "DB-01"), autocommit=True) as connection:
        connection.execute(query_after)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM biz.visit")


def test_there_are_rows_of_today_and_no_names(query: Query) -> None:
    today = datetime.now(SHANGHAI).date()
    uploads = query(
        "DB-02", "SELECT count(*), max(business_date), min(row_count) FROM biz.daily_upload"
    )
    assert uploads == [(24 * 6 * 14, today, uploads[0][2])]
    assert uploads[0][2] >= 0
    assert query("DB-02", "SELECT count(*) FROM biz.visit WHERE test_id NOT LIKE 'TEST-%'") == [
        (0,)
    ]
    assert query("DB-02", "SHOW timezone") == [("Asia/Shanghai",)]


def test_tablespaces_are_real_and_healthy_ones_have_room(query: Query) -> None:
    rows = query("DB-01", "SELECT name, used_bytes, used_percent FROM ops.tablespace_usage")
    assert {name for name, _, _ in rows} == {"jw_db_01_data", "jw_db_01_index"}
    for name, used, percent in rows:
        assert used == query("DB-01", f"SELECT pg_tablespace_size('{name}')")[0][0] > 100_000
        assert 40 <= percent <= 65


def test_a_full_tablespace_is_one_of_one_database(query: Query, region: Path) -> None:
    usage = "SELECT used_percent FROM ops.tablespace_usage ORDER BY name"
    before = [query(key, usage) for key in ("DB-01", "DB-02")]
    control.fault(region, "tablespace-96", "DB-01")
    data, index = query("DB-01", usage)
    assert 96 <= data[0] < 97
    assert [index] == before[0][1:]
    assert query("DB-02", usage) == before[1]
    control.heal(region)
    assert query("DB-01", usage) == before[0]


def test_leaked_sessions_come_near_the_limit_and_leave_room_for_us(
    query: Query, region: Path, where: Where
) -> None:
    used, limit = query("DB-01", SESSIONS)[0]
    assert used / limit < 0.2
    control.fault(region, "db-sessions", "DB-01")
    used, limit = query("DB-01", SESSIONS)[0]
    assert 0.9 < used / limit < 1
    psycopg.connect(**conninfo(where, "DB-01")).close()
    assert query("DB-02", SESSIONS)[0][0] == 1
    control.heal(region)
    for _ in range(50):
        if query("DB-01", SESSIONS)[0][0] == 1:
            break
    assert query("DB-01", SESSIONS)[0][0] <= 3


def test_a_blocked_transaction_is_really_blocked_and_looks_seven_minutes_old(
    query: Query, region: Path
) -> None:
    assert query("DB-01", WAITS) == []
    control.fault(region, "db-lock-wait", "DB-01")
    [(waiting, seconds, blockers)] = query("DB-01", WAITS)
    [(holding, idle)] = query("DB-01", IDLE)
    assert blockers == [holding]
    assert 420 <= seconds <= 480
    assert 420 <= idle <= 480
    real = "SELECT extract(epoch FROM now() - query_start) FROM pg_catalog.pg_stat_activity"
    assert query("DB-01", f"{real} WHERE pid = {waiting}")[0][0] < 60
    since = f"SELECT extract(epoch FROM now() - waitstart) FROM pg_locks WHERE pid = {waiting}"
    assert query("DB-01", f"{since} AND NOT granted")[0][0] >= 420
    assert query("DB-02", WAITS) == []
    control.heal(region)
    assert query("DB-01", WAITS) == query("DB-01", IDLE) == []


def test_trouble_can_come_and_go_again_and_again(query: Query, region: Path) -> None:
    for _ in range(3):
        control.fault(region, "db-lock-wait", "DB-03")
        assert control.fault(region, "db-lock-wait", "DB-03")["changed"] is False
        assert len(query("DB-03", WAITS)) == 1
        control.heal(region, target="DB-03")
        assert query("DB-03", WAITS) == []
