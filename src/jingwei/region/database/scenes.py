"""Trouble in a database, and its end: real locks, real sessions, a real shortage of space."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection, Error, sql

from jingwei.region.database.schema import CONNECTION_LIMIT
from jingwei.region.errors import RegionError

Conninfo = Mapping[str, Any]

_WAITED = timedelta(minutes=7)
_FULL_PERCENT = 96.3
_SESSIONS = CONNECTION_LIMIT - 5  # 92 %: the checks themselves must still get in
_AT_ONCE = 10


class Scene:
    """One fault at one database. `begin` when it goes on, `end` when it goes off."""

    async def begin(self) -> None:
        """Make the trouble. Raises psycopg's errors or `RegionError`."""
        raise NotImplementedError

    async def end(self) -> None:
        """Undo it exactly; harmless after a `begin` that failed half way."""
        raise NotImplementedError


class TablespaceFull(Scene):
    """The data tablespace's quota is so small that 96 % of it are used."""

    def __init__(self, admin: Conninfo, tablespace: str) -> None:
        self._admin = admin
        self._tablespace = tablespace
        self._quota: int | None = None

    async def begin(self) -> None:
        """Shrink the quota: what is used is what is really there."""
        async with await AsyncConnection.connect(**self._admin, autocommit=True) as connection:
            rows = await connection.execute(
                "SELECT quota_bytes, pg_tablespace_size(name) FROM ops.tablespace_quota"
                " WHERE name = %s",
                (self._tablespace,),
            )
            found = await rows.fetchone()
            if found is None:
                raise RegionError(f"表空间 {self._tablespace} 没有配额")
            self._quota, used = found
            await self._set(connection, int(used * 100 / _FULL_PERCENT))

    async def end(self) -> None:
        """Give the quota back."""
        if self._quota is None:
            return
        async with await AsyncConnection.connect(**self._admin, autocommit=True) as connection:
            await self._set(connection, self._quota)
        self._quota = None

    async def _set(self, connection: AsyncConnection, quota: int) -> None:
        await connection.execute(
            "UPDATE ops.tablespace_quota SET quota_bytes = %s WHERE name = %s",
            (quota, self._tablespace),
        )


class ManySessions(Scene):
    """A business system leaks connections until the database's limit is near."""

    def __init__(self, worker: Conninfo) -> None:
        self._worker = worker
        self._sessions: list[AsyncConnection] = []

    async def begin(self) -> None:
        """Open idle sessions."""
        for _ in range(0, _SESSIONS, _AT_ONCE):
            count = min(_AT_ONCE, _SESSIONS - len(self._sessions))
            opening = (
                AsyncConnection.connect(**self._worker, autocommit=True, application_name="his-web")
                for _ in range(count)
            )
            self._sessions += await asyncio.gather(*opening)

    async def end(self) -> None:
        """Close them."""
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            await session.close()


class Closed(Scene):
    """The database takes no connection and every session in it is cut; its data stays.

    `server` is the connection to another database of the same server.
    """

    def __init__(self, server: Conninfo, name: str) -> None:
        self._server = server
        self._name = name

    async def begin(self) -> None:
        """Shut the door, then put everybody out."""
        await self._allow(False)
        async with await AsyncConnection.connect(**self._server, autocommit=True) as admin:
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_catalog.pg_stat_activity"
                " WHERE datname = %s",
                (self._name,),
            )

    async def end(self) -> None:
        """Open the door."""
        await self._allow(True)

    async def _allow(self, yes: bool) -> None:
        async with await AsyncConnection.connect(**self._server, autocommit=True) as admin:
            await admin.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                    sql.Identifier(self._name), sql.Literal(yes)
                )
            )


class LockWait(Scene):
    """One transaction holds a row and idles; another waits for it."""

    def __init__(self, admin: Conninfo, worker: Conninfo) -> None:
        self._admin = admin
        self._worker = worker
        self._sessions: list[AsyncConnection] = []
        self._waiting: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Lock, wait, and let both look seven minutes old."""
        holder = await self._open("his-charge")
        await self._touch(holder)
        waiter = await self._open("his-refund")
        self._waiting = asyncio.create_task(self._touch(waiter))
        pids = [session.info.backend_pid for session in (holder, waiter)]
        async with await AsyncConnection.connect(**self._admin, autocommit=True) as admin:
            for pid in pids:
                await admin.execute("INSERT INTO ops.scene VALUES (%s, %s)", (pid, _WAITED))
            for _ in range(250):
                rows = await admin.execute("SELECT cardinality(pg_blocking_pids(%s))", (pids[1],))
                if (blocked := await rows.fetchone()) and blocked[0]:
                    return
                await asyncio.sleep(0.02)
        raise RegionError("没有形成阻塞，请重试")

    async def end(self) -> None:
        """Let the waiter go first, then the holder; nothing they did is kept."""
        sessions, self._sessions = self._sessions, []
        if not sessions:
            return
        pids = [session.info.backend_pid for session in sessions]
        async with await AsyncConnection.connect(**self._admin, autocommit=True) as admin:
            await admin.execute("SELECT pg_terminate_backend(unnest(%s::int[]), 2000)", (pids,))
            await admin.execute("DELETE FROM ops.scene WHERE pid = ANY(%s)", (pids,))
        if self._waiting is not None:
            with suppress(Error):
                await self._waiting
            self._waiting = None
        for session in sessions:
            await session.close()

    async def _open(self, name: str) -> AsyncConnection:
        session = await AsyncConnection.connect(**self._worker, application_name=name)
        self._sessions.append(session)
        return session

    @staticmethod
    async def _touch(session: AsyncConnection) -> None:
        statement = sql.SQL("UPDATE biz.settlement SET state = 'paying' WHERE id = 1")
        await session.execute(statement)
