"""The triggers by which the database itself refuses to change or delete an audit entry.

Set by migration 0002. A later migration that rebuilds the table on SQLite (AlterField) drops them:
it must end with `stand`. Who owns the database can drop them too; `jingwei doctor` tells, and the
next start sets them again and says so in the chain.
"""

from collections.abc import Callable

from django.db import connection

GUARDS = {
    "sqlite": (
        """
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON accounts_auditentry
        BEGIN SELECT RAISE(ABORT, '审计记录只可追加，不可修改'); END
        """,
        """
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON accounts_auditentry
        BEGIN SELECT RAISE(ABORT, '审计记录只可追加，不可删除'); END
        """,
        # INSERT OR REPLACE deletes without firing the delete trigger.
        """
        CREATE TRIGGER audit_no_replace BEFORE INSERT ON accounts_auditentry
        WHEN EXISTS (SELECT 1 FROM accounts_auditentry WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, '审计记录只可追加，不可替换'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '审计记录只可追加，不可修改或删除' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
        """,
    ),
}
LIFT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_no_update",
        "DROP TRIGGER IF EXISTS audit_no_delete",
        "DROP TRIGGER IF EXISTS audit_no_replace",
    ),
    "postgresql": (
        "DROP TRIGGER IF EXISTS audit_no_change ON accounts_auditentry",
        "DROP FUNCTION IF EXISTS audit_is_append_only()",
    ),
}
_COUNT = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_no_%'"
    " AND tbl_name = 'accounts_auditentry'",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_no_change'"
    " AND tgenabled IN ('O', 'A')",
}
_EXPECTED = {"sqlite": 3, "postgresql": 1}


def stands() -> bool:
    """Whether every trigger is there."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT[connection.vendor])
        return bool(cursor.fetchone()[0] == _EXPECTED[connection.vendor])


def stand(execute: Callable[[str], object], vendor: str) -> None:
    """Set the triggers, with whatever runs a statement on a database of that vendor."""
    lift(execute, vendor)
    for statement in GUARDS[vendor]:
        execute(statement)


def lift(execute: Callable[[str], object], vendor: str) -> None:
    """Take them away: only ever to migrate back, and between tests."""
    for statement in LIFT[vendor]:
        execute(statement)
