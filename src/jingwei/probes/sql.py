"""SQL: one read-only query against any of the usual databases; the query is content."""

import re
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from jingwei.probes import net, sql_oracle, sql_server, values
from jingwei.probes.attempt import Threads, time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import tls_context
from jingwei.probes.options import OptionError, option
from jingwei.probes.sql_answer import Answer, Known
from jingwei.terms import Reading, Reason, Target

# What a query may begin with, comments skipped. (`/*!` is no comment to MySQL: it is run.) The
# server's own read-only transaction holds as well; but SET, KILL and CALL pass that.
READING = re.compile(
    r"(\s|\(|--[^\n]*(\n|$)|/\*(?!!)(.|\n)*?\*/)*(select|with|show|values|table|explain)\b",
    re.IGNORECASE,
)
_THREADS = Threads("mysql", 16)
_SERVER_THREADS = Threads("sqlserver", 16)
_ORACLE_THREADS = Threads("oracle", 16)
_PORTS = {
    "postgresql": 5432, "mysql": 3306, "sqlserver": 1433, "oracle": 1521, "kingbase": 54321,
    "opengauss": 5432,
}  # fmt: skip
# These speak the PostgreSQL protocol: the database asked when none is named.
_POSTGRES_LIKE = {"postgresql": "postgres", "kingbase": "test", "opengauss": "postgres"}


@dataclass(frozen=True, kw_only=True)
class ColumnReading:
    """One column of the answer, as a reading per row."""

    column: str = option(label="列名")
    reading: str = values.reading_name()
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()


@dataclass(frozen=True, kw_only=True)
class SqlOptions:
    """Options of `sql`."""

    engine: Literal["postgresql", "mysql", "sqlserver", "oracle", "kingbase", "opengauss"] = option(
        "postgresql",
        label="数据库",
        help="mysql 含 MariaDB；kingbase 为人大金仓，opengauss 含 GaussDB",
    )
    port: int = option(
        0, label="端口", minimum=0, maximum=65535,
        help="0 为默认：5432（openGauss 同）、MySQL 3306、SQL Server 1433、Oracle 1521、金仓 54321",
    )  # fmt: skip
    database: str = option("", label="库名", help="Oracle 为服务名，SID 写作 SID:ORCL")
    query: str = option(label="查询", help="一条只读语句")
    readings: tuple[ColumnReading, ...] = option((), label="读数")
    instance: str = option("", label="实例列", help="给每行命名的列")
    tls: Literal["prefer", "require", "off"] = option("prefer", label="加密")
    max_rows: int = option(1000, label="行数上限", minimum=1, maximum=1000)

    def __post_init__(self) -> None:
        """Refuse a question that asks nothing."""
        if not self.query.strip():
            raise OptionError("query", "不能为空")
        if not READING.match(self.query):
            raise OptionError("query", "应为一条只读语句：select、with、show、values、explain 开头")
        word = sql_server.changing(self.query) if self.engine == "sqlserver" else ""
        if word:
            raise OptionError("query", f"SQL Server 的查询不能含 {word}：一批语句没有只读事务可挡")


@probe(
    "sql",
    label="数据库查询",
    options=SqlOptions,
    readings={
        "sql.time": ("ms", "连接并完成查询用时"),
        "sql.rows": ("count", "查询返回的行数"),
    },
    secrets=("user", "password"),
    silence="地址不通，或数据库不应答",
)
async def sql(target: Target, options: SqlOptions) -> list[Reading]:
    """在只读事务中执行一条查询，服务器端限时；超过行数上限为错误，不取部分结果。

    账号仍应只授予查询权限：只读事务挡不住有副作用的函数。SQL Server 没有只读事务：含写入字样的
    语句不发出，执行后一律回滚。SQL Server 只在自制的 TDS 对端上、Oracle 只在到登录为止的 TNS 对端
    上验证过；金仓与 openGauss 使用 PostgreSQL 协议，只在 PostgreSQL 上验证过。
    """
    place = await net.reachable(target.address, options.port or _PORTS[options.engine])
    started = time.perf_counter()
    answer = await _answered(place, options, target.secrets)
    took = time.perf_counter() - started
    return [Reading("sql.time", took * 1000, "ms"), *judged(options, answer)]


async def _answered(place: net.Place, options: SqlOptions, secrets: Mapping[str, str]) -> Answer:
    """The query's answer from whichever database it is."""
    if options.engine in _POSTGRES_LIKE:
        return await _postgresql(place, options, secrets)
    left = time_left()
    if options.engine == "mysql":
        return await _THREADS.call(lambda: _mysql(place, options, secrets, left))
    where = (place, options.port, options.database, options.query, secrets)
    rows = options.max_rows
    if options.engine == "sqlserver":
        return await _SERVER_THREADS.call(
            lambda: sql_server.ask(*where, tls=options.tls, max_rows=rows, seconds=left)
        )
    return await _ORACLE_THREADS.call(lambda: sql_oracle.ask(*where, max_rows=rows, seconds=left))


def judged(options: SqlOptions, answer: Answer) -> list[Reading]:
    """Readings of a result set. Pure. Raises ProbeError for missing columns or too many rows."""
    if len(answer.rows) > options.max_rows:
        raise ProbeError(f"查询返回超过 {options.max_rows} 行，请在查询中加条件")
    places = {name: index for index, name in enumerate(answer.columns)}
    wanted = [item.column for item in options.readings]
    for column in [*wanted, *([options.instance] if options.instance else [])]:
        if column not in places:
            shown = "、".join(answer.columns) or "无"
            raise ProbeError(f"查询结果没有列 {column}，有：{shown}")
    readings = [Reading("sql.rows", len(answer.rows), "count")]
    for row in answer.rows:
        instance = _named(row[places[options.instance]]) if options.instance else ""
        for item in options.readings:
            reading = values.made(item, plain(row[places[item.column]]), instance)
            if reading is not None:
                readings.append(reading)
    return readings


def plain(value: Any) -> Any:
    """A driver's value as a number, text, bool or None. Intervals become seconds."""
    if isinstance(value, Decimal):
        return (int(value) if value == value.to_integral_value() else float(value)) if (
            value.is_finite()
        ) else None  # fmt: skip
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime | date):
        return value.isoformat(*([" "] if isinstance(value, datetime) else []))
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    return str(value)


def _named(value: Any) -> str:
    shown = plain(value)
    return values.text_of(shown) if isinstance(shown, bytes) else str(shown)


# -- PostgreSQL


async def _postgresql(place: net.Place, options: SqlOptions, secrets: Mapping[str, str]) -> Answer:
    import psycopg  # noqa: PLC0415 - a missing libpq must not stop the other probes

    left = time_left()
    milliseconds = max(100, int(left * 900))  # the server gives up first, and says so
    try:
        connection = await psycopg.AsyncConnection.connect(
            host=place.ip,
            port=options.port or _PORTS[options.engine],
            dbname=options.database or _POSTGRES_LIKE[options.engine],
            user=secrets.get("user") or secrets.get("username") or "postgres",
            password=secrets.get("password", ""),
            passfile="/dev/null",  # never the passwords of whoever runs us
            sslmode={"off": "disable"}.get(options.tls, options.tls),
            connect_timeout=max(2, round(left)),
            application_name="jingwei",
            client_encoding="UTF8",
            options=f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
        )
        try:
            return await _selected(connection, options)
        finally:
            await connection.close()
    except psycopg.Error as error:
        raise postgresql_error(error.sqlstate, str(error)) from None


async def _selected(connection: Any, options: SqlOptions) -> Answer:
    await connection.set_read_only(True)
    rows = []
    cursor = connection.cursor()
    # stream() sends the extended protocol: the server itself refuses a second statement.
    async for row in cursor.stream(options.query):
        rows.append(row)
        if len(rows) > options.max_rows:
            break
    columns = tuple(column.name for column in cursor.description or ())
    return Answer(columns, rows)


# SQLSTATE (appendix A of the PostgreSQL manual) -> whose fault, and in words.
_POSTGRESQL: dict[str, Known] = {
    "28000": (Reason.REFUSED, "登录被拒绝：用户不对，或不允许本机连接"),
    "28P01": (Reason.REFUSED, "登录被拒绝：用户或密码不对"),
    "3D000": (Reason.REFUSED, "登录被拒绝：没有该库"),
    "42501": (Reason.REFUSED, "没有查询权限"),
    "53300": (Reason.REFUSED, "数据库连接数已满"),
    "57P03": (Reason.REFUSED, "数据库正在启动或恢复，不接受连接"),
    "57014": (Reason.TIMEOUT, "查询超过时限，已由服务器取消"),
    "55P03": (Reason.TIMEOUT, "等锁超过时限，已由服务器取消"),
    "25006": (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
}
# A failed connection has no SQLSTATE, only libpq's words (they are not translated there).
_LIBPQ: dict[str, Known] = {
    "authentication failed": _POSTGRESQL["28P01"],
    "no password supplied": _POSTGRESQL["28P01"],
    "no pg_hba.conf entry": _POSTGRESQL["28000"],
    "does not exist": (Reason.REFUSED, "登录被拒绝：没有该库或该用户"),
    "too many clients": _POSTGRESQL["53300"],
    "the database system is": _POSTGRESQL["57P03"],
    "Connection refused": (Reason.REFUSED, "连接被拒绝：端口没有服务"),
    "authentication method 10 not supported": (
        Reason.REFUSED,
        "openGauss 的 sha256 登录方式不受支持：监控账号应以 password_encryption_type=1 重设口令",
    ),
    "timeout expired": (Reason.TIMEOUT, "没有在时限内建立连接"),
    "timed out": (Reason.TIMEOUT, "没有在时限内建立连接"),
}


def postgresql_error(state: str | None, text: str) -> ProbeError:
    """A PostgreSQL error in words. Pure."""
    line = " ".join(text.split())[:200]
    if state:
        reason, message = _POSTGRESQL.get(state, (Reason.PROTOCOL, f"查询出错（{state}）：{line}"))
        return ProbeError(message, reason)
    for words, (reason, message) in _LIBPQ.items():
        if words in line:
            return ProbeError(message, reason)
    return ProbeError(f"对方中途断开，或不是 PostgreSQL：{line}")


# -- MySQL and MariaDB


def _mysql(
    place: net.Place, options: SqlOptions, secrets: Mapping[str, str], seconds: float
) -> Answer:
    """Connect, query, close; blocks. Raises ProbeError."""
    import pymysql  # noqa: PLC0415 - only where there is such a database

    whole = max(1, round(seconds))
    context: ssl.SSLContext | None = tls_context(False) if options.tls == "require" else None
    try:
        connection: Any = pymysql.connect(
            host=place.ip,
            port=options.port or _PORTS["mysql"],
            user=secrets.get("user") or secrets.get("username") or "",
            password=secrets.get("password", ""),
            database=options.database or None,
            charset="utf8mb4",
            connect_timeout=whole,
            read_timeout=whole,
            write_timeout=whole,
            ssl=context,
            ssl_disabled=options.tls == "off",
            local_infile=False,
        )
    except (pymysql.Error, UnicodeError, IndexError, ValueError) as error:
        raise mysql_error(error) from None
    try:
        return _fetched(connection, options, seconds)
    except (pymysql.Error, UnicodeError, IndexError, ValueError) as error:
        raise mysql_error(error) from None
    finally:
        connection.close()


def _fetched(connection: Any, options: SqlOptions, seconds: float) -> Answer:
    limit = max(0.1, seconds * 0.9)  # the server gives up first, and says so
    cursor = connection.cursor()
    if "mariadb" in connection.get_server_info().lower():
        cursor.execute(f"SET SESSION max_statement_time={limit:.3f}")
    else:
        cursor.execute(f"SET SESSION max_execution_time={int(limit * 1000)}")
    cursor.execute(f"SET SESSION sql_select_limit={options.max_rows + 1}")
    # The session and not only the transaction: DROP TABLE would commit and so end the latter.
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.execute("START TRANSACTION READ ONLY")
    cursor.execute(options.query)
    columns = tuple(column[0] for column in cursor.description or ())
    rows: Iterable[Sequence[Any]] = cursor.fetchmany(options.max_rows + 1) if columns else ()
    return Answer(columns, [tuple(row) for row in rows])


# Error numbers of MySQL and MariaDB.
_MYSQL: dict[int, Known] = {
    1045: (Reason.REFUSED, "登录被拒绝：用户或密码不对"),
    1698: (Reason.REFUSED, "登录被拒绝：用户或密码不对"),
    1044: (Reason.REFUSED, "登录被拒绝：用户无权使用该库"),
    1130: (Reason.REFUSED, "登录被拒绝：不允许本机连接"),
    1049: (Reason.REFUSED, "登录被拒绝：没有该库"),
    1142: (Reason.REFUSED, "没有查询权限"),
    1143: (Reason.REFUSED, "没有查询权限"),
    1227: (Reason.REFUSED, "没有查询权限"),
    1040: (Reason.REFUSED, "数据库连接数已满"),
    1203: (Reason.REFUSED, "数据库连接数已满"),
    1129: (Reason.REFUSED, "本机因错误过多被数据库封禁"),
    1205: (Reason.TIMEOUT, "等锁超过时限，已由服务器取消"),
    1969: (Reason.TIMEOUT, "查询超过时限，已由服务器取消"),
    3024: (Reason.TIMEOUT, "查询超过时限，已由服务器取消"),
    1792: (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
}


def mysql_error(error: Exception) -> ProbeError:
    """A MySQL error in words. Pure."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    line = " ".join(str(error.args[1] if len(error.args) > 1 else error).split())[:200]
    cause = getattr(error, "original_exception", None)
    if code in _MYSQL:
        reason, message = _MYSQL[code]
        return ProbeError(message, reason)
    if isinstance(cause, ConnectionRefusedError):
        return ProbeError("连接被拒绝：端口没有服务", Reason.REFUSED)
    if isinstance(cause, TimeoutError) or "timed out" in line:
        return ProbeError("数据库没有在时限内应答", Reason.TIMEOUT)
    if 0 < code < 2000 or code > 3000:  # 2000 to 2999 are the client's own
        return ProbeError(f"查询出错（{code}）：{line}")
    return ProbeError(f"对方中途断开，或不是 MySQL：{line}")
