"""The register as the tender lists it, from `content/contracts/<name>`; runs at every start.

Only what is missing is made: what people have changed since stays theirs. Placements, cords,
coverage and dependencies are samples and are only attached to what this very run made.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from jingwei.accounts.actions import record
from jingwei.accounts.models import User
from jingwei.assets.actions import targets
from jingwei.assets.models import (
    Application,
    AssetRow,
    Coverage,
    Database,
    Dependency,
    Institution,
    PowerCord,
    Rack,
    Room,
    Site,
    System,
    Target,
    Unit,
    Vendor,
)
from jingwei.assets.pinyin import initials
from jingwei.assets.tables import columns, kinds, reading
from jingwei.assets.tables.cells import month_of
from jingwei.assets.tables.problems import RowError, UnreadableError


class SeedError(Exception):
    """Content that can't be loaded: file, row and what was expected."""


@dataclass(slots=True)
class Seeded:
    """How many of each were made by this run; zeros when nothing was missing."""

    rows: int = 0
    units: int = 0
    applications: int = 0
    institutions: int = 0
    databases: int = 0
    dependencies: int = 0
    targets: int = 0

    @property
    def anything(self) -> bool:
        """Whether this run made anything."""
        return any(getattr(self, field.name) for field in fields(self))


@transaction.atomic
def seed(folder: Path, *, actor: User | str = "系统", now: datetime | None = None) -> Seeded:
    """Makes what the register lacks of a contract folder's lists. Idempotent.

    Raises SeedError naming file and row; then nothing is written.
    """
    made = Seeded()
    sites = _places(folder)
    institutions = _institutions(folder, made)
    _hardware(folder, sites, institutions, made)
    _applications(folder, institutions, made)
    _databases(folder, made)
    fresh = _targets()
    made.targets = len(fresh)
    _dependencies(folder, fresh, made)
    if made.anything:
        record(
            actor,
            "register.seed",
            kind="register",
            key=folder.name,
            after={field.name: getattr(made, field.name) for field in fields(made)},
            now=now or timezone.now(),
        )
    return made


def _places(folder: Path) -> dict[str, Site]:
    for _, cells in _read(folder / "sites.csv"):
        Site.objects.get_or_create(code=cells["code"], defaults={"name": cells["name"]})
    for row, cells in _read(folder / "rooms.csv"):
        site = Site.objects.filter(code=cells["site"]).first()
        if site is None:
            raise SeedError(f"rooms.csv 第 {row} 行 site：没有站点 {cells['site']}")
        defaults = {"name": cells["name"], "site": site, "sample": cells["sample"] == "yes"}
        Room.objects.get_or_create(code=cells["code"], defaults=defaults)
    rooms = {room.code: room for room in Room.objects.all()}
    for _, cells in _read(folder / "racks.csv"):
        Rack.objects.get_or_create(
            room=rooms[cells["room"]],
            name=cells["name"],
            defaults={"height": int(cells["height"])},
        )
    return {site.name: site for site in Site.objects.all()}


def _institutions(folder: Path, made: Seeded) -> dict[str, Institution]:
    known = set(Institution.objects.values_list("code", flat=True))
    fresh = [
        Institution(
            code=cells["code"],
            name=cells["name"],
            area=cells["area"],
            kind=cells["kind"],
            sample=cells["sample"] == "yes",
        )
        for _, cells in _read(folder / "institutions.csv")
        if cells["code"] not in known
    ]
    made.institutions = len(Institution.objects.bulk_create(fresh))
    return {one.code: one for one in Institution.objects.all()}


def _hardware(
    folder: Path, sites: dict[str, Site], institutions: dict[str, Institution], made: Seeded
) -> None:
    known = set(AssetRow.objects.values_list("code", flat=True))
    fresh: list[AssetRow] = []
    for entry in _table(folder / "assets.csv", kinds.HARDWARE):
        values = dict(entry.values)
        if values["code"] in known:
            continue
        site = sites.get(str(values.pop("site")))
        if site is None:
            raise SeedError(f"assets.csv 第 {entry.row} 行 site：应为 {'、'.join(sites)} 之一")
        row = AssetRow(site=site, purchase_month=month_of(str(values["purchase_raw"])), **values)
        row.pinyin = initials(f"{row.name}{row.role}")
        fresh.append(row)
    if not fresh:
        return
    made.rows = len(AssetRow.objects.bulk_create(fresh))
    vendors = sorted({row.vendor_cn for row in fresh if row.vendor_cn})
    Vendor.objects.bulk_create([Vendor(name=name) for name in vendors], ignore_conflicts=True)
    _units(folder, {row.code: row for row in AssetRow.objects.all()}, fresh, institutions, made)


def _units(
    folder: Path,
    rows: dict[str, AssetRow],
    fresh: list[AssetRow],
    institutions: dict[str, Institution],
    made: Seeded,
) -> None:
    samples = {cells["unit"]: cells for _, cells in _read(folder / "units.csv")}
    racks = {(rack.room.code, rack.name): rack for rack in Rack.objects.select_related("room")}
    units: list[Unit] = []
    for row in (rows[one.code] for one in fresh):
        for number in range(1, row.quantity + 1):
            code = f"{row.code}-{number}"
            sample = samples.get(code, {})
            unit = Unit(
                code=code,
                row=row,
                number=number,
                institution=institutions.get(sample.get("institution", "")),
                rack=racks.get((sample.get("room", ""), sample.get("rack", ""))),
                rack_u=int(sample["u"]) if sample.get("u") else None,
                location=sample.get("location", ""),
                notes=sample.get("notes", ""),
            )
            unit.pinyin = targets.unit_pinyin(unit, row)
            units.append(unit)
    made.units = len(Unit.objects.bulk_create(units))
    cords: list[PowerCord] = []
    for unit in Unit.objects.filter(row__in=[rows[one.code].pk for one in fresh]):
        wanted = samples.get(unit.code, {}).get("cords", "")
        for number, text in enumerate(filter(None, wanted.split(";")), start=1):
            pdu, _, feed = text.partition("@")
            cords.append(PowerCord(unit=unit, number=number, pdu=pdu, feed=feed))
    PowerCord.objects.bulk_create(cords)


def _applications(folder: Path, institutions: dict[str, Institution], made: Seeded) -> None:
    known = set(Application.objects.values_list("code", flat=True))
    covering: list[tuple[str, list[str]]] = []
    for entry in _table(folder / "applications.csv", kinds.APPLICATIONS):
        values = dict(entry.values)
        if values["code"] in known:
            continue
        system, _ = System.objects.get_or_create(
            number=int(str(values.pop("system"))), defaults={"name": str(values["system_name"])}
        )
        del values["system_name"]
        application = Application(system=system, **values)
        application.pinyin = initials(application.name)
        application.save()
        covering.append((application.code, _covered(application.coverage, institutions)))
    made.applications = len(covering)
    applications = Application.objects.in_bulk([code for code, _ in covering], field_name="code")
    Coverage.objects.bulk_create(
        Coverage(application=applications[code], institution=institutions[institution])
        for code, codes in covering
        for institution in codes
    )


def _covered(coverage: str, institutions: dict[str, Institution]) -> list[str]:
    """Which institutions a coverage word means: "hospital-l2:8;chc:15" takes the first so many."""
    listed = sorted(institutions.values(), key=lambda one: one.code)
    areas = {"jingan-north": Institution.Area.NORTH, "jingan-south": Institution.Area.SOUTH}
    if coverage == "district-all":
        return [one.code for one in listed]
    if coverage in areas:
        return [one.code for one in listed if one.area == areas[coverage]]
    found: list[str] = []
    for part in coverage.split(";"):
        kind, colon, count = part.partition(":")
        if colon:
            found += [one.code for one in listed if one.kind == kind][: int(count)]
    return found


def _databases(folder: Path, made: Seeded) -> None:
    known = set(Database.objects.values_list("code", flat=True))
    hosts = Unit.objects.in_bulk(field_name="code")
    fresh = [
        Database(
            code=cells["code"],
            name=cells["name"],
            engine=cells["engine"],
            host=hosts.get(cells["host"]),
            sample=cells["sample"] == "yes",
        )
        for _, cells in _read(folder / "databases.csv")
        if cells["code"] not in known
    ]
    made.databases = len(Database.objects.bulk_create(fresh))


def _targets() -> set[str]:
    """Makes the targets that are missing and returns their keys."""
    known = set(Target.objects.values_list("key", flat=True))
    wanted = [
        *(targets.of_unit(unit, unit.row) for unit in Unit.objects.select_related("row")),
        *(targets.of_application(one) for one in Application.objects.all()),
        *(targets.of_database(one, n) for n, one in enumerate(Database.objects.all(), start=1)),
        *(targets.of_room(one, n) for n, one in enumerate(Room.objects.all(), start=1)),
        *(targets.of_site(one, n) for n, one in enumerate(Site.objects.all(), start=1)),
    ]
    fresh = [target for target in wanted if target.key not in known]
    Target.objects.bulk_create(fresh)
    return {target.key for target in fresh}


def _dependencies(folder: Path, fresh: set[str], made: Seeded) -> None:
    if not fresh:
        return
    known = Target.objects.in_bulk(field_name="key")
    wanted: list[Dependency] = []
    for row, cells in _read(folder / "dependencies.csv"):
        ends = cells["dependent"], cells["needs"]
        for key in ends:
            if key not in known:
                raise SeedError(f"dependencies.csv 第 {row} 行：登记里没有 {key}")
        if cells["kind"] not in Dependency.Kind.values:
            raise SeedError(
                f"dependencies.csv 第 {row} 行 kind：应为 {'、'.join(Dependency.Kind.values)} 之一"
            )
        if fresh.intersection(ends):
            wanted.append(
                Dependency(
                    dependent=known[ends[0]],
                    needs=known[ends[1]],
                    kind=cells["kind"],
                    sample=cells["sample"] == "yes",
                )
            )
    made.dependencies = len(Dependency.objects.bulk_create(wanted, ignore_conflicts=True))


def _table(path: Path, table: columns.Table) -> list[columns.Record]:
    errors: list[RowError] = []
    try:
        grid = reading.read(_bytes(path))
        _, at = columns.recognise(grid, (table,))
    except UnreadableError as error:
        raise SeedError(f"{path.name}：{error}") from error
    head = columns.header(grid, table, at, errors)
    rows = columns.records(grid, head, table, errors)
    if errors:
        first = errors[0]
        raise SeedError(f"{path.name} 第 {first.row} 行 {first.field}：{first.message}")
    return rows


def _read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = _bytes(path).decode("utf-8-sig")
    for row, cells in enumerate(csv.DictReader(text.splitlines(), strict=True), start=2):
        if None in cells or None in cells.values():
            raise SeedError(f"{path.name} 第 {row} 行：列数与表头不符")
        yield row, cells


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SeedError(f"读不到合同台账 {path}：{error.strerror}") from error
