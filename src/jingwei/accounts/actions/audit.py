"""Appending to the audit chain: one link at a time, whoever writes and on whichever database."""

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from jingwei.accounts import chain, guard
from jingwei.accounts.mask import masked, masked_text
from jingwei.accounts.models import AuditEntry, User

SYSTEM = "系统"  # the actor of what nobody asked for: start, schedule, seeding
COMMAND_LINE = "命令行"  # the actor of what was typed on the machine itself

_LOCK = 0x6A77_6175  # PostgreSQL's advisory lock of the chain: "jwau"
_LOG = logging.getLogger("jingwei.audit")


def record(
    actor: User | str,
    action: str,
    *,
    kind: str = "",
    key: str = "",
    before: Any = None,
    after: Any = None,
    reason: str = "",
    address: str = "",
    succeeded: bool = True,
    now: datetime,
) -> AuditEntry:
    """Append one link: who did what to which object, from where, and whether it succeeded.

    `action` is dotted ("finding.acknowledge"), `kind` and `key` name the object, `before` and
    `after` are what changed (JSON-like; secrets are masked by name). `now` must be aware. Call it
    inside the transaction of the change itself and last in it: on PostgreSQL the chain stays
    locked until that transaction ends. Texts that are too long are cut and end in "…".
    """
    if now.tzinfo is None:
        raise ValueError(f"审计时间缺少时区：{now.isoformat()}")
    with transaction.atomic():
        one_writer()
        last = AuditEntry.objects.order_by("-sequence").values_list("sequence", "hash").first()
        sequence, previous = last or (0, chain.GENESIS)
        fields = {
            "sequence": sequence + 1,
            "at": now,
            "actor": _cut(actor.username if isinstance(actor, User) else actor, 150),
            "address": _cut(address, 64),
            "action": _cut(action, 64),
            "kind": _cut(kind, 64),
            "object_key": _cut(key, 128),
            "succeeded": succeeded,
            "before": chain.plain(masked(before)),
            "after": chain.plain(masked(after)),
            "reason": _cut(masked_text(reason), 4000),
            "previous_hash": previous,
        }
        entry = AuditEntry(**fields, hash=chain.digest(fields))
        entry.save(force_insert=True)
        transaction.on_commit(lambda: _witness(entry))
    return entry


@transaction.atomic
def restore_guard(now: datetime) -> bool:
    """Set the triggers again that refuse to change a fact; True when some were missing.

    Somebody or something took them away, so the chain says when they came back, and where.
    """
    gone = guard.missing()
    if not gone:
        return False
    with connection.cursor() as cursor:
        tables = [each for each in guard.everywhere() if each.table in gone]
        guard.stand(cursor.execute, connection.vendor, tables)
    record(
        SYSTEM,
        "audit.guard_restored",
        kind="audit",
        succeeded=False,
        reason=f"防止修改只可追加的记录的触发器曾缺失，已重建：{'、'.join(gone)}",
        now=now,
    )
    return True


def one_writer() -> None:
    """Nobody else writes audited facts until this transaction ends.

    SQLite has one writer from BEGIN IMMEDIATE on; PostgreSQL is told to have one here. Call it
    before reading what is then changed, or two writers lose each other's fields.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _witness(entry: AuditEntry) -> None:
    """Each link's hash also goes to the log file: a chain rewritten as a whole can't match it."""
    _LOG.info(
        "审计 %s %s %s", entry.sequence, entry.actor, entry.action, extra={"audit_hash": entry.hash}
    )


def _cut(text: str, length: int) -> str:
    text = str(chain.plain(str(text)))
    return text if len(text) <= length else text[: length - 1] + "…"
