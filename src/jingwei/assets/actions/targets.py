"""Targets follow what they stand for: a label, a kind, an end date, a place in the order."""

from jingwei.assets import words
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import Application, AssetRow, Database, Room, Site, Target, Unit
from jingwei.assets.pinyin import initials

_AFTER_UNITS = 1_000_000_000
_UNITS_A_ROW = 10_000


def of_unit(unit: Unit, row: AssetRow) -> Target:
    """The target of a unit, not saved. Lists follow the tender's rows."""
    label = row.name if row.quantity == 1 else f"{row.name} #{unit.number}"
    return Target(
        key=unit.code,
        kind=row.kind,
        label=label[:200],
        unit=unit,
        order=row.row_no * _UNITS_A_ROW + unit.number,
        valid_to=unit.valid_to,
    )


def of_application(application: Application) -> Target:
    """The target of an application, not saved."""
    return Target(
        key=application.code,
        kind="application",
        label=application.name,
        application=application,
        order=_AFTER_UNITS + application.row_no,
        valid_to=application.valid_to,
    )


def of_database(database: Database, number: int) -> Target:
    """The target of a database, not saved."""
    return Target(
        key=database.code,
        kind="database",
        label=database.name,
        database=database,
        order=_AFTER_UNITS + 100_000 + number,
    )


def of_room(room: Room, number: int) -> Target:
    """The target of a room, not saved."""
    return Target(
        key=room.code,
        kind="room",
        label=room.name,
        room=room,
        order=_AFTER_UNITS + 200_000 + number,
    )


def of_site(site: Site, number: int) -> Target:
    """The target of a site, not saved."""
    return Target(
        key=site.code,
        kind="site",
        label=site.name,
        site=site,
        order=_AFTER_UNITS + 300_000 + number,
    )


def follow(wanted: Target) -> None:
    """Saves a target, new or changed, under its key.

    Raises RefusedError when the key already stands for another thing: its checks, endpoints and
    history must not pass to a namesake.
    """
    found = Target.objects.filter(key=wanted.key).first()
    if found is not None and _stands_for(found) != _stands_for(wanted):
        word = words.kind_label(found.kind)
        raise RefusedError("编号", f"{wanted.key} 已是{word}“{found.label}”的编号，请换一个")
    Target.objects.update_or_create(
        key=wanted.key,
        defaults={
            "kind": wanted.kind,
            "label": wanted.label,
            "order": wanted.order,
            "valid_to": wanted.valid_to,
            "unit": wanted.unit,
            "application": wanted.application,
        },
    )


def _stands_for(target: Target) -> tuple[int | None, ...]:
    return (
        target.unit_id,
        target.application_id,
        target.database_id,
        target.room_id,
        target.site_id,
    )


def unit_pinyin(unit: Unit, row: AssetRow) -> str:
    """The initials a unit is found by: its name, use, institution and place."""
    parts = [row.name, row.role, unit.location]
    if unit.institution is not None:
        parts.insert(1, unit.institution.name)
    spellings = [initials(part).split() for part in parts if part]
    likely = [one[0] for one in spellings if one]
    others = [other for one in spellings for other in one[1:]]
    return " ".join([*likely, *others])[:200]
