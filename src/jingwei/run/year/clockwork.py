"""Playing many stories at once in the order of their moments, as a year happens.

A story is a generator: it yields the moment of its next step and goes on when that has come.
"""

import heapq
from collections.abc import Generator, Iterable
from datetime import datetime

Story = Generator[datetime, None, None]


def run(stories: Iterable[Story], until: datetime) -> None:
    """Play all of them up to a moment; what would come later does not happen.

    Of two steps at the same moment the story that was given first goes first.
    """
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        _wait(waiting, number, story)
    while waiting:
        at, number, story = heapq.heappop(waiting)
        if at > until:
            return
        _wait(waiting, number, story)


def _wait(waiting: list[tuple[datetime, int, Story]], number: int, story: Story) -> None:
    at = next(story, None)
    if at is not None:
        heapq.heappush(waiting, (at, number, story))
