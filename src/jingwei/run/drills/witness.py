"""Business data in a drill's database: a row every few seconds, and which one was kept.

The region's business account (it shares its password with the monitoring one) writes the rows; they
live and die with the private region.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg

from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.queries.drills import DATA_KEPT
from jingwei.region.database.schema import WORKER
from jingwei.terms import Endpoint, Result

_SECONDS = 3
_MARK = "DRILL"


class Witness:
    """Writes while the database lets it; says afterwards what is still there."""

    def __init__(self, key: str, endpoints: Iterable[Endpoint]) -> None:
        """Raises LookupError when the region plays no such database."""
        found = next((e for e in endpoints if e.key == key and e.protocol == "sql"), None)
        if found is None:
            raise LookupError(f"演练区域没有数据库 {key}")
        self._key = key
        self._conninfo: dict[str, Any] = {
            "host": found.address, "port": found.port, "user": WORKER,
            "password": found.secrets["password"], "dbname": str(found.settings["database"]),
            "connect_timeout": _SECONDS, "options": f"-c statement_timeout={_SECONDS * 1000}",
        }  # fmt: skip
        self._taken: list[datetime] = []  # rows the database said it has

    def write(self, at: datetime) -> bool:
        """One row of business data; False when the database did not take it."""
        try:
            with psycopg.connect(**self._conninfo) as connection:
                connection.execute(
                    "INSERT INTO biz.visit (test_id, institution, visited_at)"
                    " SELECT %s, min(code), %s FROM biz.institution",
                    (_MARK, at),
                )
        except psycopg.Error:
            return False
        self._taken.append(at)
        return True

    def kept(self, fault_at: datetime, now: datetime) -> Read:
        """The last row from before the fault that is there now: its instant, and whether rows the
        database had acknowledged are gone.
        """
        taken = max((at for at in self._taken if at <= fault_at), default=None)
        try:
            with psycopg.connect(**self._conninfo) as connection:
                row = connection.execute(
                    "SELECT max(visited_at) FROM biz.visit WHERE test_id = %s AND visited_at <= %s",
                    (_MARK, fault_at),
                ).fetchone()
        except psycopg.Error as error:
            return self._unknown(now, f"恢复后读不到业务数据：{type(error).__name__}")
        found: datetime | None = row[0] if row else None
        if found is None:
            return self._unknown(now, "故障前没有写入成功的业务数据，无从比较")
        lost = taken is not None and found < taken
        words = "已确认写入的数据丢失" if lost else "已确认写入的数据全部保住"
        result = Result.ABNORMAL if lost else Result.NORMAL
        return Read(found, self._key, DATA_KEPT, result, words)

    def _unknown(self, now: datetime, why: str) -> Read:
        return Read(now, self._key, DATA_KEPT, Result.UNCHECKED, why)
