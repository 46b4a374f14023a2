"""The register as content lists it, made once and never undone."""

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions, queries
from jingwei.assets.actions import SeedError
from jingwei.assets.models import (
    Application,
    AssetRow,
    Coverage,
    Database,
    Dependency,
    Endpoint,
    Institution,
    PowerCord,
    Target,
    Unit,
)
from jingwei.assets.words import KINDS, TARGET_KINDS

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("register")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tenders_lists_are_there() -> None:
    assert AssetRow.objects.count() == 54
    assert Unit.objects.count() == 172
    assert Application.objects.count() == 25
    assert Application.objects.values("system").distinct().count() == 22


def test_a_row_has_as_many_units_as_its_quantity() -> None:
    for row in AssetRow.objects.prefetch_related("units"):
        assert [unit.code for unit in row.units.all()] == [
            f"{row.code}-{number}" for number in range(1, row.quantity + 1)
        ]


def test_the_tenders_wording_is_kept_verbatim(contract_folder: Path) -> None:
    rows = {row.code: row for row in AssetRow.objects.all()}
    for line in lines(contract_folder / "assets.csv"):
        row = rows[line["asset_id"]]
        assert row.name_raw == line["name_model_raw"]
        assert row.purchase_raw == line["purchase_raw"]
        assert row.tender_status == line["status"]
        assert row.category == line["category"]
    assert rows["HW-033"].name_raw.endswith(" ")
    assert rows["HW-009"].name_raw == r"外网服务器\n联想Lenovo-RD640"


def test_the_tenders_application_wording_is_kept_verbatim(contract_folder: Path) -> None:
    applications = {one.code: one for one in Application.objects.select_related("system")}
    for line in lines(contract_folder / "applications.csv"):
        one = applications[line["app_id"]]
        assert one.coverage_raw == line["coverage_raw"]
        assert one.must_prove == line["health_check_must_prove"]
        assert one.system.number == int(line["scope_item_no"])
        assert one.short == line["code"]


def test_seeding_again_makes_nothing_and_writes_nothing(contract_folder: Path) -> None:
    before = AuditEntry.objects.count()
    again = actions.seed(contract_folder, now=NOW)
    assert not again.anything
    assert AuditEntry.objects.count() == before
    assert Dependency.objects.count() == 524


def test_seeding_again_undoes_nothing_people_changed(contract_folder: Path) -> None:
    actions.edit_unit(
        "HW-005-1",
        {"serial": "SN-1", "cords": ["X-PDU@市电"]},
        actor="tester",
        now=NOW,
        reason="现场核对",
    )
    Dependency.objects.filter(dependent__key="HW-005-1").delete()
    actions.seed(contract_folder, now=NOW)
    unit = Unit.objects.get(code="HW-005-1")
    assert unit.serial == "SN-1"
    assert [cord.pdu for cord in unit.cords.all()] == ["X-PDU"]
    assert not Dependency.objects.filter(dependent__key="HW-005-1").exists()


def test_everything_that_can_be_checked_is_a_target_in_the_tenders_order() -> None:
    targets = list(Target.objects.all())
    assert len(targets) == 172 + 25 + 6 + 2 + 3
    assert [one.key for one in targets[:3]] == ["HW-001-1", "HW-001-2", "HW-002-1"]
    assert [one.kind for one in targets[172:]] == (
        ["application"] * 25 + ["database"] * 6 + ["room"] * 2 + ["site"] * 3
    )
    assert {one.kind for one in targets} <= set(TARGET_KINDS)
    assert set(AssetRow.objects.values_list("kind", flat=True)) <= set(KINDS)


def test_what_the_tender_does_not_name_is_marked_as_sample() -> None:
    assert Institution.objects.filter(sample=True).count() == 24
    assert all(one.name.startswith("示例") for one in Institution.objects.all())
    assert not Dependency.objects.filter(sample=False).exists()
    assert all(one.sample for one in queries.databases(date(2022, 11, 1)))
    placed = Unit.objects.filter(rack__isnull=False)
    assert all(unit.notes.startswith("示例") for unit in placed)


def test_coverage_follows_the_tenders_words() -> None:
    def covers(code: str) -> list[str]:
        return [
            one.institution.code
            for one in Coverage.objects.filter(application__code=code).select_related("institution")
        ]

    assert len(covers("APP-01")) == 24  # 全区
    assert len(covers("APP-04")) == 8 + 15
    assert len(covers("APP-08")) == 15
    assert len(covers("APP-13")) == 16
    assert covers("APP-05") == []  # the tender leaves it blank
    north = Institution.objects.filter(area="N").count()
    assert len(covers("APP-10")) == north == 12
    assert not set(covers("APP-10")) & set(covers("APP-11"))


def test_institution_devices_stand_at_institutions() -> None:
    at = Unit.objects.filter(row__site__code="SITE-3")
    assert at.filter(institution__isnull=True).count() == 0
    assert at.filter(row__code="HW-053").count() == 27
    assert at.filter(row__code="HW-053").values("institution").distinct().count() == 24
    assert at.filter(row__code="HW-054").values("institution").distinct().count() == 20


def test_every_server_of_the_data_centre_hangs_on_two_pdus() -> None:
    servers = Unit.objects.filter(row__kind="server", row__site__code="SITE-1")
    for unit in servers.prefetch_related("cords"):
        assert len({cord.pdu for cord in unit.cords.all()}) == 2, unit.code
    assert PowerCord.objects.exclude(pdu="").count() == PowerCord.objects.count()


def test_no_two_units_stand_in_the_same_place() -> None:
    assert [one for one in queries.suspected_duplicates() if one.kind == "place"] == []


def test_seeding_makes_no_endpoints() -> None:
    assert not Endpoint.objects.exists()
    assert not queries.demo_active()


def test_dependencies_name_power_network_host_storage_and_database() -> None:
    kinds = set(Dependency.objects.values_list("kind", flat=True))
    assert kinds == set(Dependency.Kind.values)
    needs = queries.needs(Target.objects.get(key="APP-10"))
    assert {(link.need, link.target.key) for link in needs} == {
        ("主机", "HW-008-1"),
        ("数据库", "DB-03"),
        ("应用", "APP-01"),
    }
    needed = queries.needed_by(Target.objects.get(key="DB-03"))
    assert [link.target.key for link in needed] == ["APP-10"]


def test_seeding_is_one_line_in_the_audit_chain() -> None:
    entry = AuditEntry.objects.get(action="register.seed")
    assert entry.after is not None
    assert entry.after["units"] == 172


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("assets.csv", "2013-01,3,2", "2013-01,三,2", "assets.csv 第 2 行 保修年限"),
        ("dependencies.csv", "HW-005-1,HW-003-1", "HW-005-9,HW-003-1", "dependencies.csv 第 2 行"),
        ("dependencies.csv", "HW-003-1,power", "HW-003-1,wish", "dependencies.csv 第 2 行 kind"),
        ("rooms.csv", "SITE-1", "SITE-9", "rooms.csv 第 2 行 site"),
        ("rooms.csv", "ROOM-01,", "ROOM-01,,,,", "rooms.csv 第 2 行：列数"),
    ],
)
def test_wrong_content_is_named_with_file_and_row_and_nothing_is_written(
    contract_folder: Path, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    folder = tmp_path / "contract"
    shutil.copytree(contract_folder, folder)
    text = (folder / file).read_bytes().decode()
    assert old in text
    (folder / file).write_bytes(text.replace(old, new, 1).encode())
    for model in (Dependency, Coverage, PowerCord, Target, Application):
        model.objects.all().delete()
    Unit.objects.update(institution=None)
    Database.objects.all().delete()
    Unit.objects.all().delete()
    AssetRow.objects.all().delete()
    with pytest.raises(SeedError, match=message):
        actions.seed(folder, now=NOW)
    assert not AssetRow.objects.exists()


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"sites\.csv"):
        actions.seed(tmp_path, now=NOW)
