"""A thing's values wander inside their limits, repeat, and forget a fault at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.region.thing import Thing
from jingwei.terms import Peer

PEER = Peer("HW-001-1", "ups", "UPS")


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@settings(deadline=None)
@given(st.floats(0, 4e9), st.integers(0, 99), st.text(max_size=8))
def test_a_wave_stays_inside_its_limits(now: float, seed: int, name: str) -> None:
    thing = Thing(PEER, seed=seed, clock=lambda: now)
    assert 20.999999 <= thing.wave(name, 21, 24) <= 24.000001
    assert 3 <= thing.constant(name, 3, 7) <= 7


def test_a_wave_moves_with_time_and_repeats_with_its_seed() -> None:
    clock = Clock()
    one, same, other = (Thing(PEER, seed=seed, clock=clock) for seed in (1, 1, 2))
    first = one.wave("load", 30, 55)
    assert first == same.wave("load", 30, 55)
    assert first != other.wave("load", 30, 55)
    clock.now += 300
    assert abs(one.wave("load", 30, 55) - first) > 0.1


def test_a_fault_is_on_until_it_is_switched_off() -> None:
    clock = Clock()
    thing = Thing(PEER, clock=clock)
    assert thing.seconds_of("psu-lost") == 0
    thing.switch_on("psu-lost")
    clock.now += 60
    thing.switch_on("psu-lost")
    assert thing.faults == ("psu-lost",)
    assert thing.seconds_of("psu-lost") == 60
    thing.switch_off("psu-lost")
    thing.switch_off("psu-lost")
    assert not thing.has("psu-lost")


def test_counters_grow_with_time() -> None:
    clock = Clock()
    thing = Thing(PEER, clock=clock)
    before = thing.counter("octets", 100.0)
    clock.now += 10
    assert thing.counter("octets", 100.0) - before == 1000
    assert thing.uptime() >= 20 * 86_400
