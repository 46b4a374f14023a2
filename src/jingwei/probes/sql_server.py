"""SQL Server by python-tds (TDS 7.4): one batch that only reads, rolled back whatever it did.

Proven against a TDS peer of ours (login, refusals, result sets, errors) and no real server.
"""

import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from jingwei.probes import net
from jingwei.probes.errors import ProbeError, by_words
from jingwei.probes.sql_answer import Answer, Known
from jingwei.terms import Reason

PORT = 1433
# A TDS batch may hold several statements, with nothing between them, and there is no read-only
# transaction: a batch with one of these words, outside texts and remarks, is not sent.
_CHANGING = re.compile(
    r"\b(insert|update|delete|merge|drop|alter|create|truncate|exec|execute|into|grant|revoke|deny"
    r"|commit|rollback|save|begin|kill|shutdown|backup|restore|dbcc|bulk|use|set|waitfor"
    r"|openrowset|openquery|opendatasource|reconfigure|checkpoint|print|raiserror|declare|go)\b",
    re.IGNORECASE,
)
_LITERALS = re.compile(
    r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.S
)


def changing(query: str) -> str:
    """The first word of a batch that could change something; "" when it only reads. Pure."""
    found = _CHANGING.search(_LITERALS.sub(" ", query))
    return found.group().lower() if found else ""


def ask(
    place: net.Place,
    port: int,
    database: str,
    query: str,
    secrets: Mapping[str, str],
    *,
    tls: Literal["prefer", "require", "off"],
    max_rows: int,
    seconds: float,
) -> Answer:
    """Connect, query, roll back, close; blocks. Raises ProbeError."""
    # Imported late: only where there is such a database.
    import pytds  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    try:  # a socket of ours: the driver asks a closed port again and again until time is up
        opened = socket.create_connection((place.ip, port or PORT), timeout=seconds)
    except OSError as error:
        raise server_error(error) from None
    try:
        connection: Any = pytds.connect(
            dsn=place.ip, sock=opened, database=database or None,
            user=secrets.get("user") or secrets.get("username") or "",
            password=secrets.get("password", ""), appname="jingwei", readonly=True,
            timeout=seconds, login_timeout=seconds, autocommit=False, use_mars=False,
            disable_connect_retry=True,
            **_encryption(tls),
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the driver lets errors of any kind out
        opened.close()
        raise server_error(error) from None
    try:
        cursor = connection.cursor()
        cursor.execute(f"set lock_timeout {max(100, int(seconds * 900))}")
        cursor.execute(query)
        columns = tuple(column[0] for column in cursor.description or ())
        rows = [tuple(row) for row in cursor.fetchmany(max_rows + 1)] if columns else []
        connection.rollback()
        return Answer(columns, rows)
    except Exception as error:  # noqa: BLE001 - as above
        raise server_error(error) from None
    finally:
        _close(connection, opened)


def _close(connection: Any, opened: socket.socket) -> None:
    with suppress(Exception):  # a server that is gone hears no goodbye
        connection.close()
    opened.close()


def _encryption(tls: str) -> dict[str, Any]:
    """python-tds encrypts only with a file of authorities; without one it cannot."""
    if tls != "require":
        return {}
    import ssl  # noqa: PLC0415

    cafile = ssl.get_default_verify_paths().cafile
    if not cafile:
        raise ProbeError("本机没有 CA 证书文件，不能要求加密", Reason.COLLECTOR)
    return {"cafile": cafile, "validate_host": False}


# Error numbers of SQL Server (sys.messages).
_NUMBERS: dict[int, Known] = {
    18456: (Reason.REFUSED, "登录被拒绝：用户或口令不对，或账号停用"),
    18452: (Reason.REFUSED, "登录被拒绝：服务器只允许 Windows 身份验证"),
    18470: (Reason.REFUSED, "登录被拒绝：账号已停用"),
    18486: (Reason.REFUSED, "登录被拒绝：账号已锁定"),
    18487: (Reason.REFUSED, "登录被拒绝：口令已过期"),
    18488: (Reason.REFUSED, "登录被拒绝：口令须先修改"),
    4060: (Reason.REFUSED, "登录被拒绝：没有该库，或无权使用"),
    4064: (Reason.REFUSED, "登录被拒绝：默认库打不开"),
    17809: (Reason.REFUSED, "数据库连接数已满"),
    17142: (Reason.REFUSED, "数据库已暂停，不接受连接"),
    229: (Reason.REFUSED, "没有查询权限"),
    297: (Reason.REFUSED, "没有查询权限"),
    300: (Reason.REFUSED, "没有查询权限（需 VIEW SERVER STATE）"),
    916: (Reason.REFUSED, "账号无权使用该库"),
    1222: (Reason.TIMEOUT, "等锁超过时限，已由服务器取消"),
    1205: (Reason.PROTOCOL, "查询在死锁中被服务器取消"),
    3906: (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
    3924: (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
}


_WORDS = (
    ("refused", Reason.REFUSED, "连接被拒绝：端口没有服务"),
    ("timed out", Reason.TIMEOUT, "数据库没有在时限内应答"),
    ("timeouterror", Reason.TIMEOUT, "数据库没有在时限内应答"),
    ("login failed", *_NUMBERS[18456]),
    ("loginerror", *_NUMBERS[18456]),
    ("encrypt", Reason.REFUSED, "对方只接受加密连接：把“加密”设为 require"),
)


def server_error(error: Exception) -> ProbeError:
    """An error of SQL Server or its driver in words. Pure."""
    if isinstance(error, ProbeError):
        return error
    number = getattr(error, "number", 0) or getattr(error, "msg_no", 0) or 0
    said = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    line = " ".join(said.split())[:200]
    if number in _NUMBERS:
        reason, message = _NUMBERS[number]
        return ProbeError(message, reason)
    known = by_words(f"{type(error).__name__} {line}", _WORDS)
    if known is not None:
        return known
    if number:
        return ProbeError(f"查询出错（{number}）：{line}")
    return ProbeError(f"对方中途断开，或不是 SQL Server：{line or type(error).__name__}")
