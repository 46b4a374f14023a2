"""Claiming due work: one UPDATE takes a lease, so two workers never take the same row.

A worker that dies leaves its leases to expire: the work falls due again. Nothing here is locked
for longer than the one statement.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from jingwei.checks.actions import columns
from jingwei.checks.models import CheckState, RoutineRun

# `skip` is PostgreSQL's SKIP LOCKED: workers do not queue for each other's rows. SQLite has one
# writer at a time anyway.
_CHECKS = """
UPDATE checks_checkstate SET leased_until = %s, leased_by = %s
WHERE check_ref_id IN (
    SELECT s.check_ref_id FROM checks_checkstate s
    JOIN checks_check c ON c.id = s.check_ref_id
    WHERE s.due <= %s AND (s.leased_until IS NULL OR s.leased_until <= %s) AND c.enabled
    ORDER BY s.due LIMIT %s {skip})
AND (leased_until IS NULL OR leased_until <= %s)
RETURNING check_ref_id, due
"""
_RUNS = """
UPDATE checks_routinerun SET leased_until = %s, leased_by = %s
WHERE id IN (
    SELECT r.id FROM checks_routinerun r
    WHERE r.due <= %s AND (r.leased_until IS NULL OR r.leased_until <= %s)
    ORDER BY r.due LIMIT %s {skip})
AND (leased_until IS NULL OR leased_until <= %s)
RETURNING id
"""


def claim_checks(worker: str, most: int, now: datetime, until: datetime) -> dict[int, datetime]:
    """Lease up to `most` checks due by `now` until `until`: id → due, the longest due first."""
    taken = _claim(_CHECKS, "FOR UPDATE OF s SKIP LOCKED", worker, most, now, until)
    dues = [(columns.moment(due) or now, pk) for pk, due in taken]
    return {pk: due for due, pk in sorted(dues)}


def claim_run(worker: str, now: datetime, until: datetime) -> int | None:
    """Lease one routine run that is due; its id, or None."""
    taken = _claim(_RUNS, "FOR UPDATE SKIP LOCKED", worker, 1, now, until)
    return taken[0][0] if taken else None


def _claim(
    statement: str, skip: str, worker: str, most: int, now: datetime, until: datetime
) -> list[tuple[Any, ...]]:
    if most <= 0:
        return []
    to_database = connection.ops.adapt_datetimefield_value
    low, high = to_database(now), to_database(until)
    clause = skip if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(skip=clause), [high, worker, low, low, most, low])
        return list(cursor.fetchall())


def release_checks(worker: str) -> int:
    """Give back every check this worker still holds, due at once for others; how many."""
    return CheckState.objects.filter(leased_by=worker, leased_until__isnull=False).update(
        leased_until=None, leased_by=""
    )


def holders() -> set[str]:
    """The names of the workers that hold a check."""
    held = CheckState.objects.filter(leased_until__isnull=False)
    return set(held.values_list("leased_by", flat=True).distinct())


def extend_run(run_id: int, worker: str, until: datetime) -> bool:
    """Keep a run's lease alive; False when another worker has it by now."""
    held = RoutineRun.objects.filter(pk=run_id, leased_by=worker)
    return bool(held.update(leased_until=until))


def release_run(run_id: int, worker: str, *, done: bool) -> None:
    """Give a run back: done, or due again for another worker."""
    held = RoutineRun.objects.filter(pk=run_id, leased_by=worker)
    if done:
        held.update(leased_until=None, leased_by="", due=None)
    else:
        held.update(leased_until=None, leased_by="")
