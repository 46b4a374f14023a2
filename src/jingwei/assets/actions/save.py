"""One record, created or changed: compared, written, audited. Pages and imports both come here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from jingwei.accounts.actions import one_writer, record
from jingwei.accounts.models import User
from jingwei.assets.actions import applications, endpoints, hardware, people, units
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.actions.seen import refuse_moved
from jingwei.assets.queries.exports import Record, records
from jingwei.assets.tables import kinds
from jingwei.assets.tables.cells import Value
from jingwei.assets.tables.columns import Table, blank

_WRITERS: dict[str, Callable[[str, dict[str, Value], bool], None]] = {
    "hardware": hardware.write,
    "units": units.write,
    "applications": applications.write,
    "institutions": people.write_institution,
    "endpoints": endpoints.write,
    "people": people.write_person,
}
_NOT_SET: tuple[Value, ...] = ("", None, [], {}, False)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record: field header, before and after, as people read them."""

    key: str
    created: bool
    fields: tuple[tuple[str, str, str], ...]


@transaction.atomic
def save(
    table: Table,
    values: Mapping[str, Value],
    *,
    actor: User | str,
    now: datetime,
    reason: str = "",
    origin: str = "",
    current: Mapping[str, Record] | None = None,
) -> Change | None:
    """Creates or changes one record; fields that aren't given stay. None: nothing to change.

    `current` saves reading the register again. Raises RefusedError naming the field.
    """
    one_writer()
    known = records(table) if current is None else current
    if table is kinds.HARDWARE:
        values = hardware.named(values)
    key = table.key_of(dict(values))
    found = known.get(key)
    changes = {
        column.name: values[column.name]
        for column in table.columns
        if column.name in values
        and not column.read_only
        and (found is None or found.get(column.name) != values[column.name])
    }
    if found is not None and not changes:
        return None
    for column in table.columns:
        if column.beside in changes and column.name in values:
            changes[column.name] = values[column.name]
    for column in table.columns:
        given = changes if column.name in changes else (found or {})
        if column.needed and blank(given.get(column.name)):
            missing = found is None and column.name not in values
            why = "新登记时必须有此列" if missing else "不能为空"
            raise RefusedError(column.header, why)
    try:
        with transaction.atomic():
            _WRITERS[table.name](key, changes, found is not None)
    except IntegrityError as error:
        raise RefusedError(table.key_headers, f"{key} 与已有登记冲突") from error
    change = _change(table, key, changes, found)
    record(
        actor,
        f"{table.name}.{'create' if change.created else 'change'}",
        kind=table.name,
        key=key,
        before=None if change.created else {field: before for field, before, _ in change.fields},
        after={field: after for field, _, after in change.fields},
        reason=reason,
        address=origin,
        now=now,
    )
    return change


def _change(table: Table, key: str, changes: dict[str, Value], found: Record | None) -> Change:
    fields = []
    for name, value in changes.items():
        column = table.column(name)
        if found is None and value in _NOT_SET:
            continue
        before = column.cells.show(found.get(name)) if found is not None else ""
        fields.append((column.header, before, column.cells.show(value)))
    return Change(key, found is None, tuple(fields))


def edit_unit(
    code: str,
    values: Mapping[str, Value],
    *,
    actor: User | str,
    now: datetime,
    reason: str,
    origin: str = "",
    seen: Mapping[str, str] | None = None,
) -> Change | None:
    """Changes a unit: serial, institution, room, rack, rack_u, cords, location, notes, valid_to.

    `seen` are the marks of what the form showed: MovedOnError when somebody else changed it.
    """
    return _edit(kinds.UNITS, code, values, actor, now, reason, origin, seen)


def edit_row(
    code: str,
    values: Mapping[str, Value],
    *,
    actor: User | str,
    now: datetime,
    reason: str,
    origin: str = "",
    seen: Mapping[str, str] | None = None,
) -> Change | None:
    """Changes a row of the hardware list; raising `quantity` adds units. `seen` as of a unit."""
    return _edit(kinds.HARDWARE, code, values, actor, now, reason, origin, seen)


def edit_application(
    code: str,
    values: Mapping[str, Value],
    *,
    actor: User | str,
    now: datetime,
    reason: str,
    origin: str = "",
    seen: Mapping[str, str] | None = None,
) -> Change | None:
    """Changes an application. `seen` as of a unit."""
    return _edit(kinds.APPLICATIONS, code, values, actor, now, reason, origin, seen)


@transaction.atomic
def _edit(
    table: Table,
    code: str,
    values: Mapping[str, Value],
    actor: User | str,
    now: datetime,
    reason: str,
    origin: str,
    seen: Mapping[str, str] | None,
) -> Change | None:
    one_writer()
    known = records(table)
    if code not in known:
        raise RefusedError(table.key_headers, f"登记里没有 {code}")
    refuse_moved(table, seen or {}, known[code])
    if not reason.strip():
        raise RefusedError("修改原因", "不能为空，它会写进变更记录")
    return save(
        table,
        {**values, "code": code},
        actor=actor,
        now=now,
        reason=reason.strip(),
        origin=origin,
        current=known,
    )
