"""Every (kind, vendor, model) of the register: what is asked of it, on whose word, and what is not.

A model that only its kind's general file speaks of must be in the list below with the reason; a
vendor that publishes nothing must say so where people look, on the unit's page.
"""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from jingwei.checks.content import (
    DeviceModel,
    Routine,
    TargetFacts,
    limits_of,
    load_devices,
    load_routine,
    models_for,
    templates_for,
    unchecked_reason,
)
from jingwei.region.plan import SECURITY_KINDS, protocols_of
from jingwei.terms import Peer

CONTENT = Path(__file__).resolve().parents[2] / "content"
# Kinds whose one file is for what the register has, by a standard or the maker's own MIB: SW-MIB
# for both FC switches, UPS-MIB (RFC 1628) for SANTAK, Liebert's for the air conditioners.
BY_KIND = {"fc-switch", "ups", "crac"}
UNPUBLISHED = (
    "Sangfor", "Topsec", "NSFOCUS", "360 Legendsec", "Legendsec", "Leadsec", "Venustech",
    "DBAPPSecurity", "NETPOWER", "AsiaInfo / Sugon", "Ruijie",
)  # fmt: skip


@pytest.fixture(scope="module")
def devices() -> list[DeviceModel]:
    return load_devices(CONTENT / "devices")


@pytest.fixture(scope="module")
def daily() -> Routine:
    return load_routine(CONTENT / "routines/daily.toml")


def families() -> dict[tuple[str, str, str], TargetFacts]:
    """Each distinct (kind, vendor, model) of the register, with its first unit."""
    with (CONTENT / "contracts/jingan-2022/assets.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = list(csv.DictReader(f))
    found: dict[tuple[str, str, str], TargetFacts] = {}
    for row in rows:
        facts = TargetFacts(
            f"{row['asset_id']}-1", row["kind"], row["vendor"], row["model"], row["role"],
            row["zone"],
        )  # fmt: skip
        found.setdefault((facts.kind, facts.vendor, facts.model), facts)
    return found


def spoken(facts: TargetFacts) -> tuple[str, ...]:
    """The protocols the miniature region gives it."""
    return protocols_of(Peer(facts.key, facts.kind, facts.key, facts.vendor, facts.model))


def test_the_register_has_the_families_this_page_speaks_of() -> None:
    assert len(families()) == 47
    vendors = {facts.vendor for facts in families().values() if facts.kind in SECURITY_KINDS}
    assert vendors == {*UNPUBLISHED, "Huawei", "DPtech"}


@pytest.mark.parametrize("family", families().values(), ids=lambda facts: facts.key)
def test_each_model_is_asked_or_says_why_for_every_item_of_its_sheet(
    family: TargetFacts, devices: list[DeviceModel], daily: Routine
) -> None:
    protocols = spoken(family)
    asked = {check.item for check in templates_for(devices, family, protocols)}
    owed = [
        item
        for item in daily.items
        if item.mode == "automatic"
        and not item.until
        and (family.kind in item.kinds or family.key in item.keys)
    ]
    for item in owed:
        reason = unchecked_reason(devices, family, item.id, protocols)
        assert (item.id in asked) != bool(reason), (item.id, reason)
    if family.kind == "kvm":
        assert owed == []  # people switch through its ports
    else:
        assert asked & {item.id for item in owed}, "nothing of its sheet is really asked"


def test_only_kinds_of_one_make_and_switches_and_arrays_of_none_stop_at_the_general_file(
    devices: list[DeviceModel],
) -> None:
    """Whoever adds a model to the register learns here that nobody wrote content for it."""
    general = defaultdict(set)
    for (kind, vendor, model), facts in families().items():
        found = [one for one in models_for(devices, facts) if one.match]
        if found and not any(m.match and (m.match.vendors or m.match.models) for m in found):
            general[kind].add((vendor, model))
    assert set(general) == BY_KIND


def test_every_file_names_its_source_and_every_rule_its_reason(
    devices: list[DeviceModel],
) -> None:
    assert [model.id for model in devices if not model.source or not model.label] == []
    assert [
        (check.id, rule.label)
        for model in devices
        for check in model.checks
        for rule in check.rules
        if not check.source or not rule.why
    ] == []
    assert [w.item for model in devices for w in model.unchecked if len(w.reason) < 8] == []


@pytest.mark.parametrize("vendor", UNPUBLISHED)
def test_a_vendor_that_publishes_nothing_is_said_to_and_still_asked(
    vendor: str, devices: list[DeviceModel]
) -> None:
    units = [f for f in families().values() if f.vendor == vendor and f.kind in SECURITY_KINDS]
    assert units
    for facts in units:
        said = limits_of(devices, facts)
        assert all(word in said for word in ("MIB", "HTTPS", "TCP", "syslog")), said
        probes = {check.probe for check in templates_for(devices, facts, ("https", "tcp"))}
        assert probes & {"http", "tcp"}
        assert {c.probe for c in templates_for(devices, facts, ("tcp",))} >= {"tcp"}
        word = unchecked_reason(devices, facts, "security.load", ("https", "tcp", "snmp"))
        assert word is not None
        assert "MIB" in word


def test_who_publishes_enough_has_no_limits(devices: list[DeviceModel]) -> None:
    said = {
        facts.vendor: limits_of(devices, facts)
        for facts in families().values()
        if facts.vendor not in UNPUBLISHED
    }
    assert set(said.values()) == {""}


def test_huawei_firewalls_and_detectors_are_asked_for_their_load(
    devices: list[DeviceModel], daily: Routine
) -> None:
    item = daily.item("security.load")
    assert item is not None
    units = [f for f in families().values() if f.vendor == "Huawei" and f.kind in SECURITY_KINDS]
    assert sorted(facts.model for facts in units) == ["IPS6515E", "NIP6620", "USG5150"]
    for facts in units:
        checks = [c.id for c in templates_for(devices, facts, spoken(facts)) if c.item == item.id]
        assert checks == ["security-huawei.load"]
        assert facts.key in item.keys
