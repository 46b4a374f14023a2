"""The database itself refuses to change or delete an audit entry.

A later migration that rebuilds the table on SQLite (AlterField) drops the triggers with it: repeat
`GUARDS` there. tests/accounts/test_append_only.py and `jingwei doctor` look whether they stand.
"""

from django.db import migrations

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


def put(apps, editor):
    """Set the guards."""
    for statement in GUARDS[editor.connection.vendor]:
        editor.execute(statement)


def lift(apps, editor):
    """Take the guards away: only ever when migrating back."""
    for statement in LIFT[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    """Append-only by trigger."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
