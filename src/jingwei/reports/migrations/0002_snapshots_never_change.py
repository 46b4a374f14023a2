"""The database itself refuses to change what a report says, or to take back a signature.

A later migration that rebuilds the table on SQLite (AlterField) drops the trigger with it: repeat
`GUARDS` there. tests/reports/test_frozen.py looks whether it stands.
"""

from django.db import migrations

FIXED = ("kind", "period_start", "period_end", "number", "version", "reason", "snapshot", "sha256")
_SAME_SQLITE = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)
_SAME_POSTGRESQL = " OR ".join(
    f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED if name != "snapshot"
)
GUARDS = {
    "sqlite": (
        f"""
        CREATE TRIGGER report_fixed BEFORE UPDATE ON reports_report
        WHEN {_SAME_SQLITE}
          OR (OLD.state IN ('signed', 'returned') AND NEW.state <> OLD.state)
          OR (OLD.state <> 'draft' AND NEW.state = 'draft')
        BEGIN SELECT RAISE(ABORT, '报告版本只可新增，内容不可修改，签收不可撤回'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION report_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {_SAME_POSTGRESQL} OR OLD.snapshot::text IS DISTINCT FROM NEW.snapshot::text
               OR (OLD.state IN ('signed', 'returned') AND NEW.state <> OLD.state)
               OR (OLD.state <> 'draft' AND NEW.state = 'draft') THEN
                RAISE EXCEPTION '报告版本只可新增，内容不可修改，签收不可撤回'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER report_fixed BEFORE UPDATE ON reports_report
        FOR EACH ROW EXECUTE FUNCTION report_is_fixed()
        """,
    ),
}
LIFT = {
    "sqlite": ("DROP TRIGGER IF EXISTS report_fixed",),
    "postgresql": (
        "DROP TRIGGER IF EXISTS report_fixed ON reports_report",
        "DROP FUNCTION IF EXISTS report_is_fixed()",
    ),
}


def put(apps, editor):
    """Set the guard."""
    for statement in GUARDS[editor.connection.vendor]:
        editor.execute(statement)


def lift(apps, editor):
    """Take the guard away: only ever when migrating back."""
    for statement in LIFT[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    """What a report says is fixed by trigger."""

    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
