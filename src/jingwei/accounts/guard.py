"""The triggers by which the database itself refuses to change or delete what is only added to.

Each room names its append-only tables in `guarded` of its app config; a migration of that room
sets the triggers. A later migration that rebuilds such a table on SQLite (AlterField) drops them:
it must end with `stand`, and a test fails when it does not. Who owns the database can drop them
too; `jingwei doctor` tells, and the next start sets them again and says so in the chain.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

Execute = Callable[[str], object]
_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)",
}


@dataclass(frozen=True, slots=True)
class Guarded:
    """One append-only table. `keys` are its unique columns beside `id`: on SQLite an INSERT OR
    REPLACE deletes whatever holds the same key, and no delete trigger hears of it.

    `name` begins the names of its triggers, the table's own name when empty.
    """

    table: str
    keys: tuple[tuple[str, ...], ...] = ()
    key: str = "id"
    what: str = "记录"
    name: str = ""

    @property
    def prefix(self) -> str:
        """What the names of its triggers begin with."""
        return self.name or self.table


AUDIT = Guarded("accounts_auditentry", key="sequence", what="审计记录", name="audit")


def everywhere() -> tuple[Guarded, ...]:
    """The append-only tables of every room."""
    return tuple(each for room in apps.get_app_configs() for each in getattr(room, "guarded", ()))


def missing() -> tuple[str, ...]:
    """The tables of which a trigger is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        there = set(cursor.fetchall())
    return tuple(
        each.table
        for each in everywhere()
        if not {(name, each.table) for name in _names(each, connection.vendor)} <= there
    )


def stands() -> bool:
    """Whether every trigger of every room is there."""
    return not missing()


def stand(execute: Execute, vendor: str, tables: Iterable[Guarded] | None = None) -> None:
    """Set the triggers, with whatever runs a statement on a database of that vendor.

    Of every room; a migration names its own tables.
    """
    for each in everywhere() if tables is None else tables:
        lift(execute, vendor, (each,))
        for statement in _SET[vendor](each):
            execute(statement)


def lift(execute: Execute, vendor: str, tables: Iterable[Guarded] | None = None) -> None:
    """Take them away: only ever to migrate back, and between tests."""
    for each in everywhere() if tables is None else tables:
        if vendor == "sqlite":
            for name in _names(each, vendor):
                execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            execute(f"DROP TRIGGER IF EXISTS {each.prefix}_no_change ON {each.table}")
            execute(f"DROP FUNCTION IF EXISTS {each.prefix}_is_append_only()")


def _names(each: Guarded, vendor: str) -> tuple[str, ...]:
    ends = ("no_update", "no_delete", "no_replace") if vendor == "sqlite" else ("no_change",)
    return tuple(f"{each.prefix}_{end}" for end in ends)


def _sqlite(each: Guarded) -> tuple[str, ...]:
    table = each.table
    held = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "  # noqa: S608 - names of ours
        + " AND ".join(f"{column} = NEW.{column}" for column in columns)
        + ")"
        for columns in ((each.key,), *each.keys)
    )
    refuse = f"SELECT RAISE(ABORT, '{each.what}只可追加，不可"
    update, delete, replace = _names(each, "sqlite")
    return (
        f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} BEGIN {refuse}修改'); END",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} BEGIN {refuse}删除'); END",
        f"CREATE TRIGGER {replace} BEFORE INSERT ON {table} WHEN {held} BEGIN {refuse}替换'); END",
    )


def _postgresql(each: Guarded) -> tuple[str, ...]:
    function = f"{each.prefix}_is_append_only()"
    return (
        f"""
        CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{each.what}只可追加，不可修改或删除'
                USING ERRCODE = 'restrict_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER {each.prefix}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {each.table}
        FOR EACH STATEMENT EXECUTE FUNCTION {function}
        """,
    )


_SET: dict[str, Callable[[Guarded], tuple[str, ...]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
