"""One cause behind many symptoms: a table of small worlds, and laws that hold in any world."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.cause import ALTERNATIVES, KINDS, SILENCING, Causes, Fault, Need, upstream

UPS_A, UPS_B, CORE_A, CORE_B, ACCESS, ARRAY, HOST_A, HOST_B, DB, APP = range(1, 11)
WORLD: Mapping[int, Sequence[Need]] = {
    CORE_A: [Need(UPS_A, "power"), Need(UPS_B, "power")],
    CORE_B: [Need(UPS_A, "power"), Need(UPS_B, "power")],
    ACCESS: [Need(UPS_A, "power"), Need(CORE_A, "network"), Need(CORE_B, "network")],
    ARRAY: [Need(UPS_A, "power"), Need(UPS_B, "power"), Need(ACCESS, "network")],
    HOST_A: [Need(UPS_A, "power"), Need(ACCESS, "network"), Need(ARRAY, "storage")],
    HOST_B: [Need(UPS_B, "power"), Need(ACCESS, "network"), Need(ARRAY, "storage")],
    DB: [Need(HOST_A, "host"), Need(HOST_B, "host"), Need(ARRAY, "storage")],
    APP: [Need(HOST_A, "host"), Need(HOST_B, "host"), Need(DB, "database")],
}
EVERYTHING = KINDS


def causes(**broken: Mapping[str, Fault]) -> Causes:
    return Causes(WORLD, {globals()[name]: kinds for name, kinds in broken.items()})


def test_without_a_fault_nobody_has_lost_anything() -> None:
    world = causes()
    assert all(world.lost(target) == {} for target in WORLD)
    assert world.root(APP, EVERYTHING) is None


def test_a_dead_access_switch_is_the_cause_of_every_silence_behind_it() -> None:
    fault = Fault(10, 77)
    world = causes(ACCESS={"network": fault})
    for target in (ARRAY, HOST_A, HOST_B):
        assert world.root(target, SILENCING) == fault
    assert world.root(APP, {"database"}) == fault, "its hosts are out of reach, so its database is"
    assert world.root(CORE_A, SILENCING) is None, "what is above it is not behind it"


def test_one_of_two_core_switches_explains_nothing_both_do() -> None:
    first, second = Fault(10, 1), Fault(20, 2)
    assert causes(CORE_A={"network": first}).root(ACCESS, SILENCING) is None
    both = causes(CORE_A={"network": first}, CORE_B={"network": second})
    assert both.root(ACCESS, SILENCING) == first, "the earlier fault is the likelier cause"


def test_the_cause_is_followed_to_the_bottom_and_not_to_the_next_symptom() -> None:
    ups, silent_host, silent_db = Fault(30, 1), Fault(5, 2), Fault(6, 3)
    world = causes(
        UPS_A={"power": ups}, HOST_A={"host": silent_host}, HOST_B={"host": Fault(7, 4)},
        DB={"database": silent_db},
    )  # fmt: skip
    assert world.root(HOST_A, SILENCING) == ups, "seen later, and yet the cause"
    assert world.root(ACCESS, SILENCING) == ups
    assert world.root(HOST_B, SILENCING) == ups, "fed by the other UPS, behind the dead switch"
    assert world.root(APP, {"database"}) == ups


def test_storage_is_lost_through_a_fault_of_the_array_but_not_of_its_management_network() -> None:
    fault = Fault(1, 9)
    assert causes(ARRAY={"storage": fault}).root(HOST_A, {"storage"}) == fault
    assert causes(ACCESS={"network": fault}).root(HOST_A, {"storage"}) is None
    assert causes(ACCESS={"network": fault}).root(DB, {"host"}) == fault


def test_a_dead_database_explains_its_application_and_not_its_host() -> None:
    fault = Fault(1, 9)
    world = causes(DB={"database": fault})
    assert world.root(APP, {"database"}) == fault
    assert world.root(APP, SILENCING) is None, "an application that is silent for another reason"
    assert world.root(HOST_A, EVERYTHING) is None


def test_a_kind_the_fault_does_not_break_is_not_lost() -> None:
    assert causes(UPS_A={"network": Fault(1, 1)}).root(HOST_A, EVERYTHING) is None


def test_an_application_needs_all_its_databases_of_the_rest_one_is_enough() -> None:
    assert {"power", "network", "host", "storage"} == ALTERNATIVES
    either = {1: [Need(2, "database"), Need(3, "database")]}
    assert Causes(either, {2: {"database": Fault(1, 1)}}).root(1, EVERYTHING) is not None


@pytest.mark.parametrize("start", [1, 2, 3])
def test_a_circle_of_needs_ends(start: int) -> None:
    circle = {1: [Need(2, "host")], 2: [Need(3, "host")], 3: [Need(1, "host")]}
    fault = Fault(1, 5)
    assert Causes(circle, {}).root(start, EVERYTHING) is None
    assert Causes(circle, {start % 3 + 1: {"host": fault}}).root(start, EVERYTHING) == fault


def test_what_is_upstream_of_an_application() -> None:
    assert upstream(APP, WORLD) == {
        HOST_A, HOST_B, DB, ARRAY, ACCESS, CORE_A, CORE_B, UPS_A, UPS_B,
    }  # fmt: skip
    assert upstream(UPS_A, WORLD) == set()
    assert upstream(1, {1: [Need(2, "host")], 2: [Need(1, "host")]}) == {2}


# -- laws

KIND = st.sampled_from(KINDS)
FAULTS = st.builds(Fault, st.floats(0, 100), st.integers(1, 999))
BROKEN = st.dictionaries(st.integers(1, 10), st.dictionaries(KIND, FAULTS, max_size=3), max_size=4)


@given(BROKEN)
def test_a_cause_is_always_one_of_the_faults_and_lies_upstream(
    broken: dict[int, dict[str, Fault]],
) -> None:
    world = Causes(WORLD, broken)
    for target in WORLD:
        root = world.root(target, EVERYTHING)
        above = [f for one in upstream(target, WORLD) for f in broken.get(one, {}).values()]
        assert root is None or root in above


@given(BROKEN)
def test_the_order_of_asking_does_not_matter(broken: dict[int, dict[str, Fault]]) -> None:
    forward, backward = Causes(WORLD, broken), Causes(WORLD, broken)
    down = {target: dict(forward.lost(target)) for target in WORLD}
    up = {target: dict(backward.lost(target)) for target in reversed(list(WORLD))}
    assert down == up


@given(BROKEN, st.integers(1, 10), KIND, FAULTS)
def test_one_fault_more_never_gives_anything_back(
    broken: dict[int, dict[str, Fault]], target: int, kind: str, more: Fault
) -> None:
    before = Causes(WORLD, broken)
    worse = {**broken, target: {**broken.get(target, {}), kind: more}}
    after = Causes(WORLD, worse)
    for one in WORLD:
        assert set(before.lost(one)) <= set(after.lost(one))


@given(
    st.dictionaries(
        st.integers(1, 8),
        st.lists(st.builds(Need, st.integers(1, 8), KIND), max_size=4),
        max_size=8,
    ),
    BROKEN,
)
def test_any_graph_even_a_tangled_one_gives_an_answer(
    needs: dict[int, list[Need]], broken: dict[int, dict[str, Fault]]
) -> None:
    world = Causes(needs, broken)
    for target in range(1, 9):
        root = world.root(target, EVERYTHING)
        assert root is None or any(root in kinds.values() for kinds in broken.values())
