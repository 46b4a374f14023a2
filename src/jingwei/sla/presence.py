"""How many people are there at any moment: an exact sweep over intervals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` (exclusive) exactly so many are there."""

    start: datetime
    end: datetime
    there: int


Interval = tuple[datetime, datetime]


def stretches(
    there: Iterable[tuple[object, datetime, datetime]], start: datetime, end: datetime
) -> list[Stretch]:
    """[start, end) cut wherever somebody comes or goes, with how many different people are there.

    `there` names who is there from when to when; overlapping entries of one person count once.
    Neighbouring stretches with the same number are joined.
    """
    inside = [(who, max(a, start), min(b, end)) for who, a, b in there if a < end and b > start]
    edges = sorted({start, end, *(a for _, a, _ in inside), *(b for _, _, b in inside)})
    found: list[Stretch] = []
    for low, high in pairwise(edges):
        number = len({who for who, a, b in inside if a <= low and high <= b})
        if found and found[-1].there == number:
            found[-1] = Stretch(found[-1].start, high, number)
        else:
            found.append(Stretch(low, high, number))
    return found


def without(whole: Interval, gaps: Iterable[Interval]) -> list[Interval]:
    """What is left of an interval when others are taken out of it."""
    left: list[Interval] = []
    start, end = whole
    for low, high in sorted(gaps):
        if high <= start or low >= end:
            continue
        if low > start:
            left.append((start, low))
        start = max(start, high)
    if start < end:
        left.append((start, end))
    return left


def too_few(found: Sequence[Stretch], needed: int) -> list[Stretch]:
    """The stretches in which fewer are there than are needed."""
    return [each for each in found if each.there < needed]
