"""The SQL part of the district: a database for each registered one, all in one server."""

import asyncio
import secrets
from contextlib import suppress

import psycopg
from psycopg import AsyncConnection, sql

from jingwei.region import network
from jingwei.region.database import schema
from jingwei.region.database.scenes import Closed, LockWait, ManySessions, Scene, TablespaceFull
from jingwei.region.database.server import PostgresServer
from jingwei.region.fault_names import FaultName
from jingwei.region.line.proxy import TcpProxy
from jingwei.region.line.weather import Weather
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

_FILL_SECONDS = 600.0
_FAULTS = (
    FaultName.TABLESPACE_96, FaultName.DB_SESSIONS, FaultName.DB_LOCK_WAIT, FaultName.DB_DOWN,
)  # fmt: skip


class DatabasePart(Part):
    """The PostgreSQL of the district with its databases, roles and scenes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._things = stage.speaking("sql")
        self._password = secrets.token_urlsafe(18)
        self._server: PostgresServer | None = None
        self._scenes: dict[tuple[str, FaultName], Scene] = {}
        self._filling: asyncio.Task[None] | None = None

    async def start(self) -> list[Endpoint]:
        """Start the server and make the databases; without databases there is no server."""
        if not self._things:
            return []
        stage = self._stage
        self._server = PostgresServer(
            stage.folder,
            network.cellar(stage.addresses[self._things[0].key]),
            stage.port("sql"),
            secrets.token_urlsafe(18),
        )
        await self._server.start()
        async with await self._connect(self._server) as admin:
            await schema.create_roles(admin, self._password)
            for thing in self._things:
                await self._create(self._server, admin, thing)
        place = self._server.place
        for thing in self._things:
            stage.gate(thing, "sql", lambda *outer: TcpProxy(outer, place, Weather()))
        self._filling = asyncio.create_task(self._keep_filled(self._server))
        return [self._endpoint(thing) for thing in self._things]

    async def follow(self, thing: Thing) -> None:
        """Begin and end scenes as the thing's faults ask. Raises psycopg's errors."""
        if self._server is None or thing not in self._things:
            return
        for fault in _FAULTS:
            scene = self._scenes.get((thing.key, fault))
            if thing.has(fault) and scene is None:
                scene = self._scene(self._server, thing, fault)
                self._scenes[thing.key, fault] = scene
                await scene.begin()
            elif scene is not None and not thing.has(fault):
                await scene.end()
                del self._scenes[thing.key, fault]

    async def stop(self) -> None:
        """Stop the server; scenes end with it."""
        if self._filling is not None:
            self._filling.cancel()
            with suppress(asyncio.CancelledError):
                await self._filling
            self._filling = None
        for scene in self._scenes.values():
            with suppress(psycopg.Error):
                await scene.end()
        self._scenes.clear()
        if self._server is not None:
            await self._server.stop()
            self._server = None

    def _endpoint(self, thing: Thing) -> Endpoint:
        return self._stage.endpoint(
            thing,
            "sql",
            settings={"engine": "postgresql", "database": database_of(thing)},
            secrets={"user": schema.MONITOR, "password": self._password},
        )

    async def _create(self, server: PostgresServer, admin: AsyncConnection, thing: Thing) -> None:
        name = database_of(thing)
        await admin.execute(
            sql.SQL("CREATE DATABASE {} CONNECTION LIMIT {}").format(
                sql.Identifier(name), sql.Literal(schema.CONNECTION_LIMIT)
            )
        )
        spaces = (f"{name}_data", f"{name}_index")
        async with await self._connect(server, name) as database:
            await schema.create_tables(database)
            for space in spaces:
                await self._create_tablespace(server, database, space)
            await schema.move_to_tablespaces(database, *spaces)
            for space in spaces:
                percent = thing.constant(space, 42, 64)
                await database.execute(
                    "INSERT INTO ops.tablespace_quota"
                    " VALUES (%s, pg_tablespace_size(%s) * 100 / %s)",
                    (space, space, percent),
                )

    @staticmethod
    async def _create_tablespace(
        server: PostgresServer, database: AsyncConnection, name: str
    ) -> None:
        await asyncio.to_thread(server.make_tablespace_folder, name)
        await database.execute(
            sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(
                sql.Identifier(name), sql.Literal(str(server.tablespaces / name))
            )
        )

    @staticmethod
    async def _connect(server: PostgresServer, database: str = "postgres") -> AsyncConnection:
        return await AsyncConnection.connect(**server.conninfo(database), autocommit=True)

    def _scene(self, server: PostgresServer, thing: Thing, fault: FaultName) -> Scene:
        name = database_of(thing)
        admin = server.conninfo(name)
        worker = {**admin, "user": schema.WORKER, "password": self._password}
        if fault is FaultName.DB_DOWN:
            return Closed(server.conninfo(), name)
        if fault is FaultName.TABLESPACE_96:
            return TablespaceFull(admin, f"{name}_data")
        if fault is FaultName.DB_SESSIONS:
            return ManySessions(worker)
        return LockWait(admin, worker)

    async def _keep_filled(self, server: PostgresServer) -> None:
        """A region that runs over midnight has the new day's rows too."""
        while True:
            await asyncio.sleep(_FILL_SECONDS)
            for thing in self._things:
                with suppress(psycopg.Error):
                    async with await self._connect(server, database_of(thing)) as database:
                        await database.execute("SELECT biz.fill(current_date)")


def database_of(thing: Thing) -> str:
    """The name of a thing's database: its key in what SQL calls an identifier."""
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in thing.key.lower())
    return f"jw_{plain}"
