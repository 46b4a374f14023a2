"""Oracle by python-oracledb in thin mode: no Oracle client is needed on this machine.

Proven against a TNS responder of ours as far as it reaches (port, unknown service, refusals, a
server that dies); what follows the login is unproven here.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.sql_answer import Answer, Known
from jingwei.terms import Reason

PORT = 1521


def ask(
    place: net.Place,
    port: int,
    database: str,
    query: str,
    secrets: Mapping[str, str],
    *,
    max_rows: int,
    seconds: float,
) -> Answer:
    """Connect, query in a read-only transaction, close; blocks. Raises ProbeError.

    `database` is the service name; "SID:ORCL" asks for a SID.
    """
    import oracledb  # noqa: PLC0415 - 0.2 s, only where there is such a database

    if not database:  # content names no database: the endpoint does
        raise ProbeError("端点没有给出 Oracle 的服务名（设置 database）", Reason.COLLECTOR)
    sid = database[4:] if database.upper().startswith("SID:") else ""
    try:
        params: Any = oracledb.ConnectParams(
            host=place.ip, port=port or PORT, tcp_connect_timeout=seconds, retry_count=0,
            **({"sid": sid} if sid else {"service_name": database}),
        )  # fmt: skip
        connection = oracledb.connect(
            user=secrets.get("user") or secrets.get("username") or "",
            password=secrets.get("password", ""), params=params,
        )  # fmt: skip
    except (oracledb.Error, OSError, ValueError) as error:
        raise oracle_error(error) from None
    try:
        connection.call_timeout = max(100, int(seconds * 900))  # milliseconds
        cursor = connection.cursor()
        cursor.execute("set transaction read only")
        cursor.execute(query.strip().rstrip(";"))
        columns = tuple(column[0].lower() for column in cursor.description or ())
        return Answer(columns, [tuple(row) for row in cursor.fetchmany(max_rows + 1)])
    except (oracledb.Error, OSError, ValueError) as error:
        raise oracle_error(error) from None
    finally:
        _close(connection)


def _close(connection: Any) -> None:
    with suppress(Exception):  # a server that is gone hears no goodbye
        connection.close()


# Error codes of Oracle (Database Error Messages) and of the thin driver (DPY).
_CODES: dict[str, Known] = {
    "ORA-01017": (Reason.REFUSED, "登录被拒绝：用户或口令不对"),
    "ORA-28000": (Reason.REFUSED, "登录被拒绝：账号已锁定"),
    "ORA-28001": (Reason.REFUSED, "登录被拒绝：口令已过期"),
    "ORA-01045": (Reason.REFUSED, "登录被拒绝：账号没有 CREATE SESSION 权限"),
    "ORA-01034": (Reason.REFUSED, "数据库实例没有启动"),
    "ORA-01033": (Reason.REFUSED, "数据库正在启动或关闭，不接受连接"),
    "ORA-00018": (Reason.REFUSED, "数据库会话数已满"),
    "ORA-00020": (Reason.REFUSED, "数据库进程数已满"),
    "ORA-12514": (Reason.REFUSED, "监听器没有该服务：服务名不对，或实例没有注册"),
    "DPY-6001": (Reason.REFUSED, "监听器没有该服务：服务名不对，或实例没有注册"),
    "ORA-12505": (Reason.REFUSED, "监听器没有该 SID"),
    "DPY-6003": (Reason.REFUSED, "监听器没有该 SID"),
    "DPY-6000": (Reason.REFUSED, "监听器拒绝连接"),
    "DPY-4026": (Reason.REFUSED, "监听器拒绝连接"),
    "DPY-3010": (Reason.PROTOCOL, "数据库版本过旧：thin 方式只支持 12.1 及以上"),
    "DPY-3015": (Reason.REFUSED, "账号的口令校验方式过旧（10G），请重设口令"),
    "ORA-00942": (Reason.REFUSED, "没有查询权限，或没有该表或视图"),
    "ORA-01031": (Reason.REFUSED, "没有查询权限"),
    "ORA-01456": (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
    "ORA-16000": (Reason.PROTOCOL, "查询试图写入，已被拒绝"),
    "DPY-4024": (Reason.TIMEOUT, "查询超过时限，已取消"),
    "ORA-00054": (Reason.TIMEOUT, "等锁超过时限"),
}


def oracle_error(error: Exception) -> ProbeError:
    """An error of Oracle or its driver in words. Pure."""
    line = " ".join(str(error).split())[:200]
    codes = re.findall(r"\b(?:ORA|DPY)-\d{4,5}", line)
    for code in codes:
        if code in _CODES:
            reason, message = _CODES[code]
            return ProbeError(message, reason)
    lowered = line.lower()
    if "refused" in lowered:
        return ProbeError("连接被拒绝：端口没有服务", Reason.REFUSED)
    if "timed out" in lowered or "timeout" in lowered:
        return ProbeError("数据库没有在时限内应答", Reason.TIMEOUT)
    if any(code.startswith("ORA-") for code in codes):
        return ProbeError(f"查询出错（{codes[0]}）：{line}")
    return ProbeError(f"对方中途断开，或不是 Oracle：{line}")
