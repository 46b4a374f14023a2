"""Importing a file: read, compare, write all or nothing, and name every bad row.

A dry run does exactly what the import would, in a transaction that is rolled back.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jingwei.accounts.actions import one_writer
from jingwei.accounts.models import User
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.actions.save import Change, save
from jingwei.assets.queries.exports import records
from jingwei.assets.tables import columns, kinds, reading
from jingwei.assets.tables.problems import RowError, UnreadableError


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do when `dry_run`. With errors nothing is written.

    `changes` are the records created or updated; `ignored` the read-only columns left aside.
    `moved_on`: not what was agreed to any more, so nothing was written.
    """

    table: str
    label: str
    dry_run: bool
    rows: int
    created: int
    updated: int
    unchanged: int
    errors: tuple[RowError, ...]
    changes: tuple[Change, ...] = ()
    ignored: tuple[str, ...] = ()
    format: str = ""
    encoding: str = ""
    moved_on: bool = False

    @property
    def written(self) -> bool:
        """Whether the register changed."""
        wrote = not (self.dry_run or self.errors or self.moved_on)
        return wrote and bool(self.changes)

    @property
    def digest(self) -> str:
        """What a confirmation agrees to: every change with its before and after."""
        return digest(self.changes)


def digest(changes: Iterable[Change]) -> str:
    """SHA-256 over every change with its before and after: what was agreed to is what is done."""
    rows = [(one.key, one.created, one.fields) for one in changes]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


class _Rollback(Exception):  # noqa: N818 - a signal, not an error
    """Undoes a dry run."""


def import_file(
    data: bytes,
    *,
    table: str | None = None,
    dry_run: bool,
    actor: User | str,
    now: datetime,
    reason: str = "",
    origin: str = "",
    agreed: str = "",
) -> Imported:
    """Imports an XLSX or CSV file into one table, by default the one its header names.

    `agreed` is the digest of the dry run that was confirmed: when the register has moved on since,
    so that something else would be written, nothing is. Raises UnreadableError when the file as a
    whole can't be read.
    """
    grid = reading.read(data)
    tables = kinds.TABLES if table is None else (_table(table),)
    found, at = columns.recognise(grid, tables)
    errors: list[RowError] = []
    head = columns.header(grid, found, at, errors)
    rows = columns.records(grid, head, found, errors)
    if not rows and not errors:
        raise UnreadableError("表头下面没有数据行")
    changes: list[Change] = []
    unchanged, moved_on = 0, False
    try:
        with transaction.atomic():
            one_writer()
            current = records(found)
            for row in rows:
                try:
                    with transaction.atomic():
                        change = save(
                            found,
                            row.values,
                            actor=actor,
                            now=now,
                            reason=reason,
                            origin=origin,
                            current=current,
                        )
                except RefusedError as error:
                    errors.append(RowError(row.row, error.field, error.message))
                    continue
                if change is None:
                    unchanged += 1
                else:
                    changes.append(change)
            moved_on = bool(agreed) and not errors and digest(changes) != agreed
            if errors or dry_run or moved_on:
                raise _Rollback
    except _Rollback:
        pass
    created = sum(1 for change in changes if change.created)
    return Imported(
        table=found.name,
        label=found.label,
        dry_run=dry_run,
        rows=len(grid.rows) - at - 1,
        created=created,
        updated=len(changes) - created,
        unchanged=unchanged,
        errors=tuple(sorted(errors, key=lambda error: error.row)),
        changes=tuple(changes),
        ignored=head.ignored,
        format=grid.format,
        encoding=grid.encoding,
        moved_on=moved_on,
    )


def _table(name: str) -> columns.Table:
    try:
        return kinds.table(name)
    except KeyError as error:
        known = "、".join(one.name for one in kinds.TABLES)
        raise UnreadableError(f"没有名为“{name}”的台账，应为 {known} 之一") from error
