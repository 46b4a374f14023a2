"""What the database itself refuses: to change what a report says, or to take back a step.

A migration that rebuilds `reports_report` on SQLite (AlterField) drops its triggers with it: it
must end with `stand`. tests/reports/test_report_life.py looks whether they stand.
"""

from collections.abc import Callable

from django.db import connection

from jingwei.accounts.guard import Guarded
from jingwei.reports.life import FOLLOWS

GUARDED = (
    Guarded("reports_reportstep", what="报告流转"),
    Guarded("reports_reportfile", (("report_id", "format"),), what="报告定稿文件"),
    Guarded("reports_reportstatement", what="报告填写内容"),
    Guarded("reports_reporttemplate", (("kind", "version"),), what="报告模板"),
)
FIXED = ("kind", "period_start", "period_end", "number", "version", "reason", "snapshot", "sha256")
NAMES = ("report_fixed", "report_kept")
_SAID = "报告版本只可新增，内容不可修改，签收不可撤回"
_KEPT = "已提交的报告不可删除"
_MOVES = " OR ".join(
    f"(OLD.state = '{before}' AND NEW.state = '{after}')"
    for before, those in FOLLOWS.items()
    for after in those
)
_SAME_SQLITE = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)
_SAME_POSTGRESQL = " OR ".join(
    f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED if name != "snapshot"
)
_SET = {
    "sqlite": (
        f"""
        CREATE TRIGGER report_fixed BEFORE UPDATE ON reports_report
        WHEN {_SAME_SQLITE} OR NOT (OLD.state = NEW.state OR {_MOVES})
        BEGIN SELECT RAISE(ABORT, '{_SAID}'); END
        """,
        f"""
        CREATE TRIGGER report_kept BEFORE DELETE ON reports_report WHEN OLD.state <> 'draft'
        BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION report_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {_SAME_POSTGRESQL} OR OLD.snapshot::text IS DISTINCT FROM NEW.snapshot::text
               OR NOT (OLD.state = NEW.state OR {_MOVES}) THEN
                RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE FUNCTION report_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state <> 'draft' THEN
                RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        END $$
        """,
        """
        CREATE TRIGGER report_fixed BEFORE UPDATE ON reports_report
        FOR EACH ROW EXECUTE FUNCTION report_is_fixed()
        """,
        """
        CREATE TRIGGER report_kept BEFORE DELETE ON reports_report
        FOR EACH ROW EXECUTE FUNCTION report_is_kept()
        """,
    ),
}
_LIFT = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS {name}" for name in NAMES),
    "postgresql": (
        *(f"DROP TRIGGER IF EXISTS {name} ON reports_report" for name in NAMES),
        "DROP FUNCTION IF EXISTS report_is_fixed()",
        "DROP FUNCTION IF EXISTS report_is_kept()",
    ),
}
_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')",
}


def stand(execute: Callable[[str], object], vendor: str) -> None:
    """Set both triggers of the table of reports."""
    lift(execute, vendor)
    for statement in _SET[vendor]:
        execute(statement)


def lift(execute: Callable[[str], object], vendor: str) -> None:
    """Take them away: only ever to migrate back."""
    for statement in _LIFT[vendor]:
        execute(statement)


def missing() -> tuple[str, ...]:
    """The triggers of the table of reports that are not there."""
    with connection.cursor() as cursor:
        cursor.execute(_THERE[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return tuple(name for name in NAMES if name not in there)
