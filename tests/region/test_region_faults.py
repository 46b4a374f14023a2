"""The catalogue of faults, without a running region."""

import tomllib
from pathlib import Path

import pytest
from region_peers import whole_district

from jingwei.region import RegionError, faults
from jingwei.region.fault_names import FaultName
from jingwei.terms import Peer


@pytest.fixture(scope="module")
def district() -> list[Peer]:
    return whole_district()


def test_every_name_has_a_fault_and_every_fault_a_target(district: list[Peer]) -> None:
    specs = faults.available(district)
    assert [spec.name for spec in specs] == [str(fault.name) for fault in faults.FAULTS]
    assert {spec.name for spec in specs} == {str(name) for name in FaultName}
    assert len(specs) >= 12
    assert all(spec.targets and spec.label and spec.repair for spec in specs)


def test_every_fault_names_an_item_of_the_daily_check_that_its_targets_have(
    district: list[Peer], content_folder: Path
) -> None:
    routine = tomllib.loads((content_folder / "routines" / "daily.toml").read_text())
    items = {item["id"]: item for item in routine["item"]}
    kinds = {peer.key: peer.kind for peer in district}
    for spec in faults.available(district):
        applies = items[spec.item]["applies"]
        for target in spec.targets:
            assert kinds[target] in applies.get("kinds", ()) or target in applies.get("keys", ())


def test_targets_are_in_the_order_people_count(district: list[Peer]) -> None:
    targets = faults.find("cpu-high").spec(district).targets
    assert targets.index("HW-014-2") < targets.index("HW-014-10")


def test_a_district_without_databases_has_no_faults_of_databases(district: list[Peer]) -> None:
    few = [peer for peer in district if peer.kind != "database"]
    assert not {spec.name for spec in faults.available(few)} & {"tablespace-96", "db-sessions"}
    with pytest.raises(RegionError, match="没有可注入故障 tablespace-96"):
        faults.resolve("tablespace-96", None, few)


def test_without_a_target_the_first_possible_one_is_taken(district: list[Peer]) -> None:
    spec, target = faults.resolve("disk-pre-fail", None, district)
    assert (spec.item, target) == ("storage.disk", "HW-016-1")


def test_an_unknown_fault_is_answered_with_the_names_there_are(district: list[Peer]) -> None:
    with pytest.raises(RegionError, match=r"没有名为 no-such 的故障.*disk-pre-fail.*room-hot"):
        faults.resolve("no-such", None, district)


def test_a_wrong_target_is_answered_with_the_possible_ones(district: list[Peer]) -> None:
    with pytest.raises(
        RegionError, match=r"不能注入到 APP-01。可用的对象：HW-016-1、HW-037-1、HW-049-1$"
    ):
        faults.resolve("disk-pre-fail", "APP-01", district)
    with pytest.raises(RegionError, match="等 74 个"):
        faults.resolve("cpu-high", "APP-01", district)


def test_servers_whose_drives_no_check_reads_cannot_lose_one(district: list[Peer]) -> None:
    targets = faults.find("server-disk-pre-fail").spec(district).targets
    assert not [target for target in targets if target.startswith("HW-014")]
    assert "HW-036-1" in targets


def test_the_how_to_names_every_fault_with_its_item(
    district: list[Peer], content_folder: Path
) -> None:
    page = content_folder.parent / "docs" / "how-to" / "use-the-miniature-region.md"
    lines = page.read_text().splitlines()
    for spec in faults.available(district):
        told = [line for line in lines if line.startswith(f"| `{spec.name}` | {spec.label} |")]
        assert len(told) == 1
        assert told[0].endswith(f"| `{spec.item}` |")
