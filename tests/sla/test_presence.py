"""How many are there: the sweep against a count of every minute."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jingwei.sla.presence import Stretch, stretches, too_few, without
from jingwei.terms import SHANGHAI

ZERO = datetime(2023, 1, 16, 8, 0, tzinfo=SHANGHAI)
END = ZERO + timedelta(minutes=60)


def minute(number: int) -> datetime:
    return ZERO + timedelta(minutes=number)


INTERVALS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-10, 70), st.integers(1, 40)), max_size=8
)


@given(INTERVALS)
def test_the_sweep_says_at_every_minute_what_counting_says(
    rows: list[tuple[int, int, int]],
) -> None:
    there = [(who, minute(low), minute(low + length)) for who, low, length in rows]
    found = stretches(there, ZERO, END)
    assert found[0].start == ZERO
    assert found[-1].end == END
    for number in range(60):
        counted = len({who for who, low, high in there if low <= minute(number) < high})
        said = [each.there for each in found if each.start <= minute(number) < each.end]
        assert said == [counted]


@given(INTERVALS)
def test_neighbouring_stretches_differ(rows: list[tuple[int, int, int]]) -> None:
    there = [(who, minute(low), minute(low + length)) for who, low, length in rows]
    found = stretches(there, ZERO, END)
    assert all(a.there != b.there for a, b in pairwise(found))


@given(st.lists(st.tuples(st.integers(-10, 70), st.integers(0, 40)), max_size=6))
def test_what_is_left_and_what_is_taken_out_make_the_whole(gaps: list[tuple[int, int]]) -> None:
    spans = [(minute(low), minute(low + length)) for low, length in gaps]
    left = without((ZERO, END), spans)
    for number in range(60):
        taken = any(low <= minute(number) < high for low, high in spans)
        kept = any(low <= minute(number) < high for low, high in left)
        assert kept is not taken


def test_one_person_named_twice_is_one() -> None:
    found = stretches([(1, ZERO, END), (1, minute(10), minute(20))], ZERO, END)
    assert found == [Stretch(ZERO, END, 1)]


def test_too_few_are_the_stretches_below_what_is_needed() -> None:
    found = stretches([(1, ZERO, minute(30)), (2, ZERO, END)], ZERO, END)
    assert too_few(found, 2) == [Stretch(minute(30), END, 1)]
    assert too_few(found, 1) == []
