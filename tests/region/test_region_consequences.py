"""Who suffers through whom, reckoned by the region in its own way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.region.consequences import Gone, Plight, plights
from jingwei.rules import cause
from jingwei.terms import Need

DARK, STUCK = Plight(dark=True), Plight(stuck=True)

# A room: two UPS, two core switches, an access switch, a fabric, servers, a database, two systems.
ROOM = [
    Need("CORE-1", "UPS-1", "power"), Need("CORE-2", "UPS-2", "power"),
    Need("ACCESS", "CORE-1", "network"), Need("ACCESS", "CORE-2", "network"),
    Need("ACCESS", "UPS-1", "power"), Need("ACCESS", "UPS-2", "power"),
    Need("HOST", "ACCESS", "network"), Need("HOST", "ARRAY", "storage"),
    Need("ARRAY", "FABRIC", "storage"), Need("DB", "HOST", "host"),
    Need("EHR", "DB", "database"), Need("PORTAL", "EHR", "application"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ({"UPS-1": Gone.POWER}, {"CORE-1": DARK}),
        ({"CORE-1": Gone.NETWORK}, {}),
        (
            {"ACCESS": Gone.NETWORK},
            {"HOST": DARK, "DB": DARK, "EHR": STUCK, "PORTAL": STUCK},
        ),
        ({"HOST": Gone.HOST}, {"DB": DARK, "EHR": STUCK, "PORTAL": STUCK}),
        (
            {"FABRIC": Gone.STORAGE},
            {"ARRAY": STUCK, "HOST": STUCK, "DB": DARK, "EHR": STUCK, "PORTAL": STUCK},
        ),
        ({"DB": Gone.DATABASE}, {"EHR": STUCK, "PORTAL": STUCK}),
        ({"EHR": Gone.APPLICATION}, {"PORTAL": STUCK}),
        ({"PORTAL": Gone.APPLICATION}, {}),
        ({}, {}),
    ],
)
def test_a_fault_reaches_those_who_have_nothing_else_to_lean_on(
    broken: dict[str, Gone], expected: dict[str, Plight]
) -> None:
    assert plights(ROOM, {key: frozenset({gone}) for key, gone in broken.items()}) == expected


def test_both_of_a_pair_take_what_one_alone_does_not() -> None:
    found = plights(ROOM, {key: frozenset({Gone.POWER}) for key in ("UPS-1", "UPS-2")})
    assert found["ACCESS"] == found["HOST"] == DARK
    assert found["EHR"] == STUCK


KEYS = "ABCDEF"
NEEDS = st.lists(
    st.builds(
        Need, st.sampled_from(KEYS), st.sampled_from(KEYS), st.sampled_from(list(map(str, Gone)))
    ).filter(lambda need: need.dependent < need.giver),
    max_size=12,
)
BROKEN = st.dictionaries(
    st.sampled_from(KEYS), st.frozensets(st.sampled_from(list(Gone)), min_size=1), max_size=3
)


@given(NEEDS, BROKEN)
def test_outward_from_the_faults_and_back_from_the_symptoms_meet(
    needs: list[Need], broken: dict[str, frozenset[Gone]]
) -> None:
    """Two reckonings that share no code: every plight has a cause, every cause a plight."""
    number = {key: place for place, key in enumerate(KEYS)}
    graph: dict[int, list[cause.Need]] = {}
    for need in needs:
        held = graph.setdefault(number[need.dependent], [])
        held.append(cause.Need(number[need.giver], need.kind))
    faults = {
        number[key]: {str(kind): cause.Fault(0.0, number[key]) for kind in kinds}
        for key, kinds in broken.items()
    }
    reckoned = cause.Causes(graph, faults)
    found = plights(needs, broken)
    for key in KEYS:
        assert bool(reckoned.lost(number[key])) == (key in found), key
