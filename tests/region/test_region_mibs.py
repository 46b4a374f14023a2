"""What each fault bends in the agents, object by object; every other object stays as it was."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.region.faults.catalogue import FAULTS
from jingwei.region.mibs import objects_of
from jingwei.region.plan import Family, family_of, protocols_of
from jingwei.region.snmp import ber
from jingwei.region.snmp.ber import Oid
from jingwei.region.thing import Thing
from jingwei.terms import Peer

AT = 1_795_430_000.0
PEERS = {
    Family.ILO5: ("server", "HPE", "DL380 Gen10"),
    Family.PROLIANT: ("server", "HP", "DL580 G7"),
    Family.IMM: ("server", "Lenovo", "x3650 M5"),
    Family.THINKSERVER: ("server", "Lenovo", "ThinkServer RD640"),
    Family.PLAIN_SERVER: ("server", "Sugon", "I620"),
    Family.H3C_SWITCH: ("switch", "H3C", "S5130"),
    Family.HUAWEI_SWITCH: ("switch", "Huawei", "S5720"),
    Family.PLAIN_SWITCH: ("switch", "Ruijie", "S2910"),
    Family.BROCADE: ("fc-switch", "Brocade", "6510"),
    Family.OCEANSTOR: ("storage", "Huawei", "OceanStor 5300"),
    Family.UPS: ("ups", "Emerson", "NXr"),
    Family.LIEBERT: ("crac", "Liebert", "PEX"),
    Family.HUAWEI_SECURITY: ("firewall", "Huawei", "USG6000"),
    Family.DPTECH: ("waf", "DPtech", "WAF3000"),
    Family.PLAIN_SECURITY: ("ids", "NSFOCUS", "NIDS"),
}
SNMP_FAMILIES = list(PEERS)
CPQ = "1.3.6.1.4.1.232"
IMM = "1.3.6.1.4.1.2.3.51.3.1"
H3C = "1.3.6.1.4.1.25506.2.6.1.1.1.1"
HUAWEI = "1.3.6.1.4.1.2011.5.25.31.1.1"
FC = "1.3.6.1.4.1.1588.2.1.1.1.6.2.1"
ARRAY = "1.3.6.1.4.1.34774.4.1.23"
UPS = "1.3.6.1.2.1.33.1"
CRAC = "1.3.6.1.4.1.476.1.42.3.4.3"
HR = "1.3.6.1.2.1.25"


class Bent(NamedTuple):
    """One object: healthy, and with the fault. None: not looked at."""

    oid: str
    healthy: int | str | None
    ill: int | str | None


# Fault, family -> the objects it bends; a trailing dot is a whole column.
TABLE: dict[tuple[str, Family], list[Bent]] = {
    ("server-disk-pre-fail", Family.PROLIANT): [Bent(f"{CPQ}.3.2.5.1.1.6.0.1", 2, 4)],
    ("psu-lost", Family.PROLIANT): [
        Bent(f"{CPQ}.6.2.9.1.0", 2, 3), Bent(f"{CPQ}.6.2.9.3.1.4.0.2", 2, 4),
    ],
    ("fan-failed", Family.PROLIANT): [
        Bent(f"{CPQ}.6.2.6.1.0", 2, 3), Bent(f"{CPQ}.6.2.6.4.0", 2, 3),
        Bent(f"{CPQ}.6.2.6.7.1.9.", None, None),
    ],
    ("memory-ecc", Family.PROLIANT): [Bent(f"{CPQ}.6.2.14.4.0", 2, 3)],
    ("server-disk-pre-fail", Family.IMM): [Bent(f"{IMM}.12.2.1.3.2", "Normal", "Warning")],
    ("psu-lost", Family.IMM): [Bent(f"{IMM}.11.2.1.6.2", "Normal", "Critical")],
    ("fan-failed", Family.IMM): [
        Bent(f"{IMM}.3.2.1.3.3", None, "offline"), Bent(f"{IMM}.3.2.1.10.3", "Normal", "Critical"),
    ],
    ("memory-ecc", Family.IMM): [
        Bent(f"{IMM}.4.1.0", 255, 4), Bent(f"{IMM}.5.21.1.8.3", "Normal", "Warning"),
    ],
    ("cpu-high", Family.PLAIN_SERVER): [
        Bent(f"{HR}.3.3.1.2.", None, None), Bent("1.3.6.1.4.1.2021.", None, None),
    ],
    ("filesystem-full", Family.THINKSERVER): [
        Bent(f"{HR}.2.3.1.6.32", None, 255_328_256), Bent("1.3.6.1.4.1.2021.9.1.9.2", None, 97),
    ],
    ("switch-cpu-high", Family.H3C_SWITCH): [Bent(f"{H3C}.6.11", None, None)],
    ("switch-psu-lost", Family.H3C_SWITCH): [Bent(f"{H3C}.19.22", 2, 51)],
    ("switch-fan-failed", Family.H3C_SWITCH): [Bent(f"{H3C}.19.31", 2, 41)],
    ("uplink-down", Family.H3C_SWITCH): [Bent("1.3.6.1.2.1.2.2.1.8.50", 1, 2)],
    ("switch-cpu-high", Family.HUAWEI_SWITCH): [Bent(f"{HUAWEI}.1.1.5.67108867", None, None)],
    ("switch-psu-lost", Family.HUAWEI_SWITCH): [Bent(f"{HUAWEI}.18.1.6.0.2", 1, 2)],
    ("switch-fan-failed", Family.HUAWEI_SWITCH): [Bent(f"{HUAWEI}.10.1.7.0.1", 1, 2)],
    ("uplink-down", Family.HUAWEI_SWITCH): [Bent("1.3.6.1.2.1.2.2.1.8.50", 1, 2)],
    ("fc-port-down", Family.BROCADE): [Bent(f"{FC}.3.3", 6, 4), Bent(f"{FC}.4.3", 1, 2)],
    ("fc-port-errors", Family.BROCADE): [Bent(f"{FC}.22.4", 3, None)],
    ("controller-degraded", Family.OCEANSTOR): [Bent(f"{ARRAY}.5.2.1.2.2.48.66", 1, 5)],
    ("pool-91", Family.OCEANSTOR): [Bent(f"{ARRAY}.4.2.1.9.1.48", None, None)],
    ("disk-pre-fail", Family.OCEANSTOR): [Bent(f"{ARRAY}.5.1.1.2.1.51", 1, 3)],
    ("ups-on-battery", Family.UPS): [
        Bent(f"{UPS}.2.4.0", 100, None), Bent(f"{UPS}.3.3.1.3.1", None, 0),
        Bent(f"{UPS}.4.1.0", 3, 5), Bent(f"{UPS}.6.1.0", 0, 1),
    ],
    ("ups-no-output", Family.UPS): [Bent(f"{UPS}.4.1.0", 3, 2)],
    ("ups-overload", Family.UPS): [
        Bent(f"{UPS}.4.4.1.5.1", None, 88), Bent(f"{UPS}.6.1.0", 0, 1),
    ],
    ("ups-battery-low", Family.UPS): [
        Bent(f"{UPS}.2.1.0", 2, 3), Bent(f"{UPS}.2.3.0", None, 6),
        Bent(f"{UPS}.2.4.0", 100, None), Bent(f"{UPS}.6.1.0", 0, 1),
    ],
    ("crac-off", Family.LIEBERT): [
        Bent(f"{CRAC}.1.0", 1, 2), Bent(f"{CRAC}.2.0", 1, 2), Bent(f"{CRAC}.7.0", None, None),
        Bent(f"{CRAC}.9.0", None, 0),
    ],
    ("crac-alarm", Family.LIEBERT): [Bent(f"{CRAC}.8.0", 2, 1)],
    ("firewall-cpu-high", Family.HUAWEI_SECURITY): [
        Bent(f"{HUAWEI}.1.1.5.67108867", None, None),
    ],
    ("adc-cpu-high", Family.DPTECH): [Bent("1.3.6.1.4.1.31648.3.15.3.0", None, None)],
}  # fmt: skip
SILENT = {"server-hang", "access-switch-down", "firewall-down", "fabric-down", "storage-down"}


def peer(of: Family) -> Peer:
    kind, vendor, model = PEERS[of]
    return Peer("HW-900-1", kind, model, vendor, model)


def thing(of: Family, seconds: float = 600.0) -> Thing:
    """It was switched on, and then so long went by on a clock that stands still."""
    now = [AT]
    made = Thing(peer(of), clock=lambda: now[0])
    now[0] += seconds
    return made


def said(made: Thing) -> dict[Oid, bytes]:
    """Every object of its agent as it goes over the wire."""
    return {oid: value() if callable(value) else value for oid, value in objects_of(made)}


def plain(encoded: bytes) -> int | str:
    tag, content, _ = ber.read(encoded, 0)
    return content.decode() if tag == ber.OCTET_STRING else int.from_bytes(content, "big")


def under(oid: Oid, place: str) -> bool:
    wanted = ber.parse_oid(place.rstrip("."))
    return oid[: len(wanted)] == wanted if place.endswith(".") else oid == wanted


@pytest.mark.parametrize("of", SNMP_FAMILIES)
def test_the_model_belongs_to_its_family_and_speaks_snmp(of: Family) -> None:
    assert family_of(peer(of)) is of
    assert "snmp" in protocols_of(peer(of))


@pytest.mark.parametrize("of", SNMP_FAMILIES)
def test_no_object_stands_twice_and_each_says_something(of: Family) -> None:
    names = [oid for oid, _ in objects_of(thing(of))]
    assert len(names) == len(set(names))
    assert all(len(value) >= 2 for value in said(thing(of)).values())


@pytest.mark.parametrize(("fault", "of"), list(TABLE), ids=str)
def test_a_fault_bends_these_objects_and_no_other(fault: str, of: Family) -> None:
    made = thing(of)
    healthy = said(made)
    made.switch_on(fault)
    ill = said(made)
    assert set(ill) == set(healthy)
    changed = {oid for oid in healthy if healthy[oid] != ill[oid]}
    stray = [oid for oid in changed if not any(under(oid, b.oid) for b in TABLE[fault, of])]
    assert stray == []
    for bent in TABLE[fault, of]:
        assert any(under(oid, bent.oid) for oid in changed), bent.oid
        name = ber.parse_oid(bent.oid.rstrip("."))
        for wanted, found in ((bent.healthy, healthy), (bent.ill, ill)):
            if wanted is not None:
                assert plain(found[name]) == wanted


@pytest.mark.parametrize(
    ("fault", "of"),
    [("switch-cpu-high", Family.H3C_SWITCH), ("switch-cpu-high", Family.HUAWEI_SWITCH),
     ("adc-cpu-high", Family.DPTECH), ("firewall-cpu-high", Family.HUAWEI_SECURITY),
     ("cpu-high", Family.PLAIN_SERVER)],
)  # fmt: skip
@given(st.floats(0, 86_400 * 30))
def test_a_busy_processor_is_over_ninety_percent_at_any_hour(
    fault: str, of: Family, later: float
) -> None:
    made = thing(of, later)
    first = ber.parse_oid(TABLE[fault, of][0].oid.rstrip("."))
    busy = [plain(value) for oid, value in said(made).items() if oid[: len(first)] == first]
    assert all(isinstance(value, int) and value < 90 for value in busy)
    made.switch_on(fault)
    busy = [plain(value) for oid, value in said(made).items() if oid[: len(first)] == first]
    assert busy
    assert all(isinstance(value, int) and 90 < value <= 100 for value in busy)


def of_this(fault: str) -> list[Family]:
    (spec,) = [each for each in FAULTS if each.name == fault]
    return [of for of in SNMP_FAMILIES if spec.where(peer(of))]


def test_a_fault_of_silence_bends_nothing_that_is_said() -> None:
    for fault in SILENT:
        for of in of_this(fault):
            made = thing(of)
            healthy = said(made)
            made.switch_on(fault)
            assert said(made) == healthy, (fault, of)


def test_every_fault_an_agent_can_have_is_in_the_table_for_one_family_at_least() -> None:
    known = {fault for fault, _ in TABLE} | SILENT
    possible = {str(each.name) for each in FAULTS if of_this(each.name)}
    other = {name for name in possible - known if not bends(name)}
    assert possible - known == other


def bends(fault: str) -> bool:
    """Whether any agent says anything else while it is on."""
    for of in of_this(fault):
        made = thing(of)
        healthy = said(made)
        made.switch_on(fault)
        if said(made) != healthy:
            return True
    return False


@given(
    st.sampled_from(list(TABLE)), st.integers(0, 10_000), st.floats(0, 86_400 * 30),
    st.floats(0, 86_400),
)  # fmt: skip
def test_the_end_of_a_fault_restores_what_would_have_been_without_it(
    row: tuple[str, Family], seed: int, before: float, lasting: float
) -> None:
    fault, of = row
    now = [AT]
    ill, well = (Thing(peer(of), seed=seed, clock=lambda: now[0]) for _ in range(2))
    now[0] += before
    ill.switch_on(fault)
    now[0] += lasting
    ill.switch_off(fault)
    assert said(ill) == said(well)
