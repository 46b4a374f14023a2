"""The law of the region: healthy, nothing is abnormal; each fault alone makes one item abnormal.

Checked with the shipped checks and thresholds, the real probes and the real rules.
"""

from pathlib import Path

import pytest
from region_checking import Checker, bad
from region_peers import one_of_each

from jingwei.region import control, faults
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import family_of
from jingwei.terms import Result

PEERS = one_of_each()
QUIET = (
    FaultName.SERVER_HANG, FaultName.ACCESS_SWITCH_DOWN, FaultName.FIREWALL_DOWN,
    FaultName.STORAGE_DOWN, FaultName.FABRIC_DOWN, FaultName.MLLP_HANG, FaultName.LINE_HANG,
    FaultName.LINE_HALF_OPEN,
)  # fmt: skip


def cases() -> list[tuple[str, str, str]]:
    """Each fault at the first target of each family."""
    found = []
    by_key = {peer.key: peer for peer in PEERS}
    for spec in faults.available(PEERS):
        families = {}
        for target in spec.targets:
            families.setdefault(family_of(by_key[target]), target)
        found += [(spec.name, target, spec.item) for target in families.values()]
    return found


@pytest.fixture(scope="session")
def checker(shared_region: Path) -> Checker:
    content = Path(__file__).resolve().parents[2] / "content"
    return Checker(content / "devices", PEERS, control.endpoints(shared_region))


def test_in_a_healthy_district_everything_is_normal(checker: Checker, region: Path) -> None:
    sheet = checker.sheet()
    assert len(sheet) > 170
    odd = {key for (key, _), word in sheet.items() if word is not Result.NORMAL}
    # All at once is more than any day asks: what was slow by that is asked again by itself.
    again = checker.sheet(odd)
    assert {place: word for place, word in again.items() if word is not Result.NORMAL} == {}


@pytest.mark.parametrize(("name", "target", "item"), cases())
def test_a_fault_alone_makes_one_item_of_one_target_abnormal(
    checker: Checker, region: Path, name: str, target: str, item: str
) -> None:
    neighbours = {peer.key for peer in PEERS if peer.kind in {"room", "database", "crac"}}
    control.fault(region, name, target)
    patience = 1.0 if name in QUIET else 60.0
    found = bad(checker.sheet({target}, patience=patience))
    assert found == {(target, item): Result.ABNORMAL}
    assert bad(checker.sheet(neighbours - {target})) == {}
    control.heal(region)
    assert bad(checker.sheet({target})) == {}


def test_with_an_air_conditioner_off_the_room_is_not_judged(checker: Checker, region: Path) -> None:
    control.fault(region, "crac-off", "HW-001-1")
    sheet = checker.sheet({"ROOM-01", "ROOM-02"})
    assert sheet["ROOM-01", "room.temperature"] is Result.NOT_APPLICABLE
    assert sheet["ROOM-01", "room.humidity"] is Result.NOT_APPLICABLE
    assert sheet["ROOM-01", "room.leak"] is Result.NORMAL
    assert sheet["ROOM-02", "room.temperature"] is Result.NORMAL


def test_of_a_dead_switch_all_but_its_being_dead_is_unchecked(
    checker: Checker, region: Path
) -> None:
    control.fault(region, "access-switch-down", "HW-018-1")
    sheet = checker.sheet({"HW-018-1"}, patience=1.0)
    assert sheet.pop(("HW-018-1", "network.online")) is Result.ABNORMAL
    assert set(sheet.values()) == {Result.UNCHECKED}
    assert len(sheet) == 3
