"""The shipped content over the whole register: every item at every target has a check or a reason.

The register is the tender's own: 172 units of 54 rows, 25 applications, the databases and rooms.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jingwei import probes
from jingwei.checks.content import (
    CheckTemplate,
    DeviceModel,
    Item,
    Routine,
    TargetFacts,
    load_devices,
    load_routine,
    models_for,
    templates_for,
    unchecked_reason,
)
from jingwei.checks.content.matching import specificity
from jingwei.region.plan import protocols_of
from jingwei.terms import Peer, Result


@dataclass(frozen=True)
class Shipped:
    """All that ships."""

    devices: list[DeviceModel]
    daily: Routine
    targets: list[TargetFacts]


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    folder = Path(__file__).resolve().parents[2] / "content"
    contract = folder / "contracts" / "jingan-2022"
    targets = [
        TargetFacts(
            f"{row['asset_id']}-{number}",
            row["kind"],
            vendor=row["vendor"],
            model=row["model"],
            role=row["role"],
            zone=row["zone"],
        )
        for row in rows(contract / "assets.csv")
        for number in range(1, int(row["quantity"]) + 1)
    ]
    targets += [
        TargetFacts(row["app_id"], "application") for row in rows(contract / "applications.csv")
    ]
    targets += [
        TargetFacts(row["code"], "database", engine=row["engine"])
        for row in rows(contract / "databases.csv")
    ]
    targets += [TargetFacts(row["code"], "room") for row in rows(contract / "rooms.csv")]
    return Shipped(
        load_devices(folder / "devices"), load_routine(folder / "routines/daily.toml"), targets
    )


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def spoken(facts: TargetFacts) -> tuple[str, ...]:
    """What a target speaks in the miniature region."""
    peer = Peer(facts.key, facts.kind, facts.key, vendor=facts.vendor, model=facts.model)
    return protocols_of(peer)


def planned(shipped: Shipped) -> Iterator[tuple[Item, TargetFacts]]:
    """Every automatic item at every target that checks (not a later room) must answer."""
    for item in shipped.daily.items:
        for facts in shipped.targets:
            if (
                item.mode == "automatic"
                and not item.until
                and (facts.kind in item.kinds or facts.key in item.keys)
            ):
                yield item, facts


def test_the_register_is_whole(shipped: Shipped) -> None:
    kinds = [facts.kind for facts in shipped.targets]
    assert len([kind for kind in kinds if kind not in ("application", "database", "room")]) == 172
    assert kinds.count("application") == 25


def test_every_item_at_every_target_has_a_check_or_says_why_not(shipped: Shipped) -> None:
    checked, reasons = 0, set()
    for item, facts in planned(shipped):
        protocols = spoken(facts)
        checks = [
            check
            for check in templates_for(shipped.devices, facts, protocols)
            if check.item == item.id
        ]
        reason = unchecked_reason(shipped.devices, facts, item.id, protocols)
        assert bool(checks) != bool(reason), (item.id, facts)
        checked += bool(checks)
        reasons |= {reason} if reason else set()
    assert checked > 500
    # In the region nothing is unchecked for want of an endpoint: only for want of a probe or a MIB.
    assert [reason for reason in reasons if "未登记" in reason or "没有可用的" in reason] == []


def test_no_reason_is_the_fallback_one_even_without_endpoints(shipped: Shipped) -> None:
    for item, facts in planned(shipped):
        reason = unchecked_reason(shipped.devices, facts, item.id, ())
        assert reason is not None
        assert reason != "该型号没有可用的自动检查", (item.id, facts)


def test_one_dead_thing_is_one_abnormal_item(shipped: Shipped) -> None:
    """Of all checks at one target and protocol at most one item calls silence abnormal."""
    for facts in shipped.targets:
        checks = templates_for(shipped.devices, facts, spoken(facts))
        for protocol in {check.protocol for check in checks}:
            loud = {
                check.item
                for check in checks
                if check.protocol == protocol and check.on_error is Result.ABNORMAL
            }
            assert len(loud) <= 1, (facts.key, protocol, loud)


def test_every_machine_that_speaks_has_a_check_that_calls_its_silence_abnormal(
    shipped: Shipped,
) -> None:
    silent = set()
    for facts in shipped.targets:
        checks = templates_for(shipped.devices, facts, spoken(facts))
        if not any(check.on_error is Result.ABNORMAL for check in checks):
            silent.add(facts.kind if facts.kind in ("kvm", "room") else facts.model)
    # A room's gateway is not the room; KVM is looked at by people.
    assert silent == {"kvm", "room"}


def test_two_models_never_tie_for_a_target(shipped: Shipped) -> None:
    for facts in shipped.targets:
        ranks = [specificity(m.match) for m in models_for(shipped.devices, facts) if m.match]
        assert len(ranks) == len(set(ranks)), (facts, ranks)


def test_every_kind_of_the_register_matches_a_model_or_is_looked_at_by_people(
    shipped: Shipped,
) -> None:
    unmatched = {f.kind for f in shipped.targets if not models_for(shipped.devices, f)}
    assert unmatched == {"kvm"}


def test_every_model_is_for_something_in_the_register_or_says_its_engine(
    shipped: Shipped,
) -> None:
    used = {m.id for facts in shipped.targets for m in models_for(shipped.devices, facts)}
    spare = {m.id for m in shipped.devices if m.match} - used
    engines = ("kingbase", "mariadb", "mysql", "opengauss", "oracle", "sqlserver")
    assert spare == {f"database.{engine}" for engine in engines}


def all_checks(shipped: Shipped) -> list[CheckTemplate]:
    """Every check of the content once."""
    found = {check.id: check for model in shipped.devices for check in model.checks}
    return list(found.values())


def test_every_rule_says_why(shipped: Shipped) -> None:
    silent = [
        (check.id, rule.id)
        for check in all_checks(shipped)
        for rule in check.rules
        if not rule.why or not rule.label
    ]
    assert silent == []


def test_every_check_speaks_the_protocol_of_its_probe(shipped: Shipped) -> None:
    for check in all_checks(shipped):
        asked = probes.find(check.probe).protocol
        assert check.protocol == asked or (check.probe, check.protocol) == ("http", "https")


def test_every_check_ends_well_within_the_twenty_seconds_of_a_daily_run(
    shipped: Shipped,
) -> None:
    assert [c.id for c in all_checks(shipped) if c.timeout * (c.retries + 1) > 15] == []


def test_every_check_fits_the_columns_of_its_row(shipped: Shipped) -> None:
    for check in all_checks(shipped):
        assert len(f"HW-000-00:{check.id}") <= 128
        assert len(check.label) <= 100
        assert len(check.source) <= 100
