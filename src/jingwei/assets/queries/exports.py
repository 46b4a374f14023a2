"""The register as tables of plain values: what exports write and imports compare with."""

from collections.abc import Callable, Collection
from datetime import date

from django.db.models import Model, QuerySet

from jingwei.assets.models import (
    Application,
    AssetRow,
    Endpoint,
    Institution,
    Person,
    Unit,
)
from jingwei.assets.queries.warranty import warranty
from jingwei.assets.tables import kinds
from jingwei.assets.tables.cells import Value
from jingwei.assets.tables.columns import Table

Record = dict[str, Value]


def records(table: Table, as_of: date | None = None) -> dict[str, Record]:
    """Every record of a table by its key, in register order.

    `as_of` fills the derived read-only columns of units; without it they are blank.
    """
    found = _READERS[table.name](as_of)
    return {table.key_of(record): record for record in found}


def export_table(
    table: Table, as_of: date, keys: Collection[str] | None = None
) -> tuple[list[str], list[list[str]]]:
    """Headers and rows of text to write to a file; `keys` narrows, in the order given."""
    known = records(table, as_of)
    chosen = known if keys is None else {key: known[key] for key in keys if key in known}
    rows = [
        [column.cells.show(record.get(column.name)) for column in table.columns]
        for record in chosen.values()
    ]
    return [column.title for column in table.columns], rows


def _plain(item: Model, table: Table, **more: Value) -> Record:
    """The fields of a model that a table names as they are."""
    fields = {field.name for field in item._meta.concrete_fields}
    record: Record = {
        column.name: getattr(item, column.name)
        for column in table.columns
        if column.name in fields and column.name not in more
    }
    return record | more


def _hardware(as_of: date | None) -> list[Record]:
    rows = AssetRow.objects.select_related("site")
    return [_plain(row, kinds.HARDWARE, site=row.site.name) for row in rows]


def _units(as_of: date | None) -> list[Record]:
    found: QuerySet[Unit] = Unit.objects.select_related(
        "row__site", "institution", "rack__room"
    ).prefetch_related("cords")
    return [unit_record(unit, as_of) for unit in found]


def unit_record(unit: Unit, as_of: date | None = None) -> Record:
    """One unit as a record of `tables.kinds.UNITS`."""
    known = warranty(unit.row, as_of) if as_of else None
    return _plain(
        unit,
        kinds.UNITS,
        row=unit.row.code,
        name=unit.row.name,
        kind=unit.row.kind,
        vendor=unit.row.vendor_cn,
        site=unit.row.site.name,
        zone=unit.row.zone,
        tender=unit.row.tender_status,
        warranty=known.derived if known else "",
        warranty_end=known.ends if known else None,
        institution=unit.institution.code if unit.institution else "",
        room=unit.rack.room.code if unit.rack else "",
        rack=unit.rack.name if unit.rack else "",
        cords=[f"{cord.pdu}@{cord.feed}" if cord.feed else cord.pdu for cord in unit.cords.all()],
    )


def _applications(as_of: date | None) -> list[Record]:
    found = Application.objects.select_related("system").prefetch_related(
        "covered_institutions__institution"
    )
    return [application_record(one) for one in found]


def application_record(application: Application) -> Record:
    """One application as a record of `tables.kinds.APPLICATIONS`; ended coverage is left out."""
    return _plain(
        application,
        kinds.APPLICATIONS,
        system=application.system.number,
        system_name=application.system.name,
        institutions=sorted(
            one.institution.code
            for one in application.covered_institutions.all()
            if one.valid_to is None
        ),
    )


def _institutions(as_of: date | None) -> list[Record]:
    return [_plain(one, kinds.INSTITUTIONS) for one in Institution.objects.all()]


def _endpoints(as_of: date | None) -> list[Record]:
    found = Endpoint.objects.select_related("target", "credential").order_by(
        "target__order", "target__key", "protocol"
    )
    return [endpoint_record(one) for one in found]


def endpoint_record(endpoint: Endpoint) -> Record:
    """One endpoint as a record of `tables.kinds.ENDPOINTS`: the credential's name, no secret."""
    return _plain(
        endpoint,
        kinds.ENDPOINTS,
        target=endpoint.target.key,
        label=endpoint.target.label,
        credential=endpoint.credential.name if endpoint.credential else "",
    )


def _people(as_of: date | None) -> list[Record]:
    return [_plain(one, kinds.PEOPLE) for one in Person.objects.all()]


_READERS: dict[str, Callable[[date | None], list[Record]]] = {
    "hardware": _hardware,
    "units": _units,
    "applications": _applications,
    "institutions": _institutions,
    "endpoints": _endpoints,
    "people": _people,
}
