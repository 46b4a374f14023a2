"""sql for SQL Server and Oracle: a TDS peer and a TNS responder, as far as they reach."""

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from probe_peers import ask, babbles, closes, hangs, resets, says, tcp_peer, values
from tds_peer import Table, TdsError, tds_server

from jingwei.checks.content import CheckTemplate, load_devices
from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.sql_oracle import oracle_error
from jingwei.probes.sql_server import changing, server_error
from jingwei.rules.judge import judge
from jingwei.terms import Reason, Result

USER = {"user": "watcher", "password": "watch-secret"}
DEVICES = Path(__file__).resolve().parents[2] / "content" / "devices"
CHECKS: dict[str, CheckTemplate] = {
    check.id: check for model in load_devices(DEVICES) for check in model.checks
}
N, T, A = Result.NORMAL, Result.ATTENTION, Result.ABNORMAL


def one(_: str) -> Table:
    """select 1"""
    return ("n",), ((1,),)


# ---- SQL Server


async def test_rows_of_every_kind_become_readings_and_the_batch_is_rolled_back() -> None:
    def answer(_: str) -> Table:
        return ("name", "used", "share"), (("主库", 7, 1.5), ("备库", None, 2.0))

    with tds_server(answer) as peer:
        outcome = await ask(
            "sql", peer.port, USER, timeout=10, engine="sqlserver", instance="name",
            query="select name, used, share from t",
            readings=[{"column": "used", "reading": "db.used", "unit": "count"},
                      {"column": "share", "reading": "db.share", "unit": "%"}],
        )  # fmt: skip
    seen = values(outcome)
    assert seen.pop("sql.time") > 0
    assert seen == {
        "sql.rows": 2, "db.used[主库]": 7, "db.share[主库]": 1.5, "db.share[备库]": 2.0,
    }  # fmt: skip
    assert peer.transactions == ["begin", "rollback"]
    assert peer.batches[0].startswith("set lock_timeout")
    assert peer.batches[1] == "select name, used, share from t"


async def test_a_wrong_password_is_refused_and_never_shown() -> None:
    with tds_server(one) as peer:
        outcome = await ask(
            "sql", peer.port, USER | {"password": "wrong-secret"}, engine="sqlserver",
            query="select 1 as n", timeout=10,
        )  # fmt: skip
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "登录被拒绝：用户或口令不对，或账号停用"


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (229, Reason.REFUSED, "没有查询权限"),
        (300, Reason.REFUSED, "VIEW SERVER STATE"),
        (1222, Reason.TIMEOUT, "等锁超过时限"),
        (208, Reason.PROTOCOL, "查询出错（208）：Invalid object name"),
    ],
)
async def test_an_error_of_the_server_is_told_in_words(
    number: int, reason: Reason, words: str
) -> None:
    def answer(_: str) -> Table:
        raise TdsError(number, "Invalid object name 'x'.")

    with tds_server(answer) as peer:
        outcome = await ask(
            "sql", peer.port, USER, engine="sqlserver", query="select 1 as n", timeout=10
        )
    assert outcome.reason is reason
    assert words in outcome.error


async def test_a_server_that_hangs_up_in_the_middle_is_no_answer() -> None:
    def answer(_: str) -> Table:
        raise EOFError

    with tds_server(answer) as peer:
        outcome = await ask(
            "sql", peer.port, USER, engine="sqlserver", query="select 1 as n", timeout=10
        )
    assert outcome.reason in {Reason.PROTOCOL, Reason.TIMEOUT}
    assert outcome.readings == ()


@pytest.mark.parametrize("engine", ["sqlserver", "oracle"])
async def test_a_refusing_hanging_resetting_or_babbling_server(
    engine: str, closed_port: int
) -> None:
    asked: dict[str, Any] = {"engine": engine, "query": "select 1 as n", "database": "HIS"}
    refused = await ask("sql", closed_port, USER, **asked)
    assert refused.reason is Reason.REFUSED, refused
    for handler, reasons in (
        (hangs, {Reason.TIMEOUT}),
        (resets, {Reason.PROTOCOL, Reason.REFUSED, Reason.TIMEOUT}),
        (closes, {Reason.PROTOCOL, Reason.REFUSED, Reason.TIMEOUT}),
        (babbles, {Reason.PROTOCOL, Reason.REFUSED, Reason.TIMEOUT}),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("sql", port, USER, timeout=1.5, **asked)
        assert outcome.reason in reasons, (handler, outcome)
        assert "watch-secret" not in outcome.error


CANNED: dict[str, tuple[Table, Result]] = {
    "sqlserver.connection": ((("name", "state_desc"), (("HIS", "ONLINE"),)), N),
    "sqlserver.sessions": ((("sessions", "session_limit"), ((90, 100),)), A),
    "sqlserver.tablespace": ((("volume", "free", "total"), (("D:\\", 10, 100),)), T),
    "sqlserver.tempdb": ((("free", "total"), ((50, 100),)), N),
    "sqlserver.files": ((("name", "size", "most"), (("HIS/data2", 96, 100),)), T),
    "sqlserver.locks": ((("blocked", "longest"), ((301, 0),)), A),
    "sqlserver.replication": ((("name", "health"), (("HIS @ B", "NOT_HEALTHY"),)), A),
    "sqlserver.archive": (
        (("name", "model", "full_age", "log_age"), (("HIS", "FULL", 3, 25),)), A,
    ),
    "sqlserver.logwait": ((("name", "wait"), (("HIS", "REPLICATION"),)), T),
    "sqlserver.health": ((("suspect", "checked"), ((0, 8),)), T),
    "sqlserver.jobs": ((("failed",), ((0,),)), N),
    "sqlserver.accounts": ((("expiring",), ((1,),)), T),
    "sqlserver.services": (
        (("name", "status", "startup", "account"), (("SQL Server Agent", 1, 2, "own"),)), A,
    ),
}  # fmt: skip


def test_every_check_of_sql_server_is_asked_of_the_peer() -> None:
    assert set(CANNED) == {name for name in CHECKS if name.startswith("sqlserver.")}


@pytest.mark.parametrize("name", sorted(CANNED))
async def test_a_check_of_sql_server_is_sent_read_and_judged(name: str) -> None:
    table, verdict = CANNED[name]
    check = CHECKS[name]
    with tds_server(lambda _: table) as peer:
        outcome = await ask("sql", peer.port, USER, timeout=10, **check.options)
    assert outcome.reason is None, outcome.error
    assert judge(check.rules, outcome.readings, {}, datetime.now(UTC)).seen is verdict
    assert peer.batches[1] == check.options["query"]


async def test_a_server_without_replicas_is_normal() -> None:
    check = CHECKS["sqlserver.replication"]
    with tds_server(lambda _: (("name", "health"), ())) as peer:
        outcome = await ask("sql", peer.port, USER, timeout=10, **check.options)
    assert judge(check.rules, outcome.readings, {}, datetime.now(UTC)).seen is N


@pytest.mark.parametrize(
    "query",
    [
        "select 1 update t set x = 1",
        "select 1; drop table t",
        "with a as (select 1 x) delete from a",
        "select * into copy from t",
        "select 1 exec xp_cmdshell 'dir'",
        "select * from openrowset('a', 'b', 'c')",
        "select 1 WAITFOR delay '1:00'",
    ],
)
def test_a_batch_that_could_change_something_is_not_sent(query: str) -> None:
    assert changing(query)
    with pytest.raises(OptionError, match="SQL Server 的查询不能含"):
        parse_options(find("sql"), {"engine": "sqlserver", "query": query})


@pytest.mark.parametrize(
    "query",
    [
        "select 'drop table t' as a", "select [update] from t", 'select "delete" from t',
        "select 1 -- drop table\n", "select 1 /* exec */", "select backupset, updated_at from t",
    ],
)  # fmt: skip
def test_words_in_texts_names_and_remarks_are_no_statement(query: str) -> None:
    assert changing(query) == ""


def test_an_error_without_a_number_says_whose_it_is() -> None:
    assert server_error(OSError("Connection refused")).reason is Reason.REFUSED
    assert server_error(TimeoutError("timed out")).reason is Reason.TIMEOUT
    assert "不是 SQL Server" in str(server_error(ValueError("odd")))


# ---- Oracle


def tns_refusal(code: int) -> bytes:
    """A listener's REFUSE packet."""
    stack = f"(ERROR_STACK=(ERROR=(CODE={code})(EMFI=4)))"
    data = f"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR={code}){stack})".encode()
    body = struct.pack(">BBH", 34, 0, len(data)) + data
    return struct.pack(">HHBBH", len(body) + 8, 0, 4, 0, 0) + body


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (12514, "监听器没有该服务"),
        (12505, "监听器没有该 SID"),
        (12528, "监听器拒绝连接"),
    ],
)
async def test_a_listener_that_does_not_know_the_service_says_so(code: int, words: str) -> None:
    database = "SID:ORCL" if code == 12505 else "HIS"
    async with tcp_peer(says(tns_refusal(code))) as port:
        outcome = await ask(
            "sql", port, USER, engine="oracle", query="select 1 as n from dual",
            database=database, timeout=10,
        )  # fmt: skip
    assert outcome.reason is Reason.REFUSED, outcome
    assert words in outcome.error


async def test_without_a_service_name_nobody_is_asked() -> None:
    async with tcp_peer(hangs) as port:
        outcome = await ask("sql", port, USER, engine="oracle", query="select 1 from dual")
    assert outcome.reason is Reason.COLLECTOR
    assert "服务名" in outcome.error


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("ORA-01017: invalid username/password; logon denied", Reason.REFUSED, "用户或口令不对"),
        ("ORA-28000: The account is locked.", Reason.REFUSED, "已锁定"),
        ("ORA-01034: ORACLE not available", Reason.REFUSED, "没有启动"),
        ("ORA-00942: table or view does not exist", Reason.REFUSED, "没有查询权限"),
        ("ORA-01456: may not perform insert inside a READ ONLY transaction", Reason.PROTOCOL,
         "已被拒绝"),
        ("DPY-4024: call timeout of 900 ms exceeded", Reason.TIMEOUT, "超过时限"),
        ("DPY-3010: connections to this database server version are not supported",
         Reason.PROTOCOL, "12.1"),
        ("ORA-00904: invalid identifier", Reason.PROTOCOL, "查询出错（ORA-00904）"),
        ("something else", Reason.PROTOCOL, "不是 Oracle"),
    ],
)  # fmt: skip
def test_oracle_errors_are_sorted(text: str, reason: Reason, words: str) -> None:
    found = oracle_error(ValueError(text))
    assert found.reason is reason
    assert words in str(found)


def test_every_oracle_check_is_one_reading_statement_that_reads_its_columns() -> None:
    mine = [check for name, check in CHECKS.items() if name.startswith("oracle.")]
    assert len(mine) == 10
    for check in mine:
        options = parse_options(find("sql"), dict(check.options) | {"database": "HIS"})
        for column in [item.column for item in options.readings]:
            assert column in options.query, (check.id, column)
        assert ";" not in options.query
