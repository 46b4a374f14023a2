"""Stories that are told at the same time are told in the order of their moments."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from jingwei.run.year.clockwork import Story, run
from jingwei.terms import SHANGHAI

START = datetime(2023, 1, 1, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)


def story(name: str, hours: tuple[int, ...], told: list[str]) -> Story:
    for hour in hours:
        yield START + hour * HOUR
        told.append(f"{name}{hour}")


def test_steps_come_by_their_moments() -> None:
    told: list[str] = []
    run([story("a", (1, 4), told), story("b", (2, 3), told)], START + 9 * HOUR)
    assert told == ["a1", "b2", "b3", "a4"]


def test_at_one_moment_who_was_given_first_goes_first() -> None:
    told: list[str] = []
    run([story("a", (1, 1), told), story("b", (1,), told)], START + 9 * HOUR)
    assert told == ["a1", "a1", "b1"]


def test_nothing_happens_after_the_end() -> None:
    told: list[str] = []
    run([story("a", (1, 2, 3), told)], START + 2 * HOUR)
    assert told == ["a1", "a2"]


def test_no_stories_and_stories_without_steps_are_over_at_once() -> None:
    def silent() -> Iterator[datetime]:
        yield from ()

    told: list[str] = []
    run([], START)
    run([story("a", (), told)], START)
    assert told == []
    assert list(silent()) == []
