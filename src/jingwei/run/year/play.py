"""A year of facts played through the rooms' actions, each at its own moment."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction

from jingwei.region.year import Year
from jingwei.region.year.days import FIRST, at
from jingwei.run.year import clockwork, daily, faults, people, requests
from jingwei.run.year.clockwork import Story
from jingwei.run.year.stage import Stage, raise_stage


def play(year: Year, *, thorough: bool = False) -> Stage:
    """Play a year into the empty database of a prepared installation, up to its close.

    All or nothing. `thorough` answers every place of the daily sheet, as a real installation
    does; else two of each item. Raises OccupiedError.
    """
    with transaction.atomic():
        stage = raise_stage(at(FIRST, 0) - timedelta(days=1))
        daily.write_runs(year.runs, thorough=thorough)
        daily.write_readings(year.readings)
        clockwork.run(_stories(stage, year), year.close)
    return stage


# In this order: what others are about goes first.
_TELLERS: tuple[tuple[str, Callable[[Stage, Any], Story]], ...] = (
    ("settled", people.settled), ("findings", daily.finding), ("faults", faults.fault),
    ("emergencies", faults.event), ("drills", faults.drill), ("requests", requests.request),
    ("changes", requests.change), ("data_changes", requests.data_change),
    ("notices", requests.notice), ("done", people.duty), ("papers", people.paper),
    ("present", people.present), ("leaves", people.leave),
    ("replacements", people.replacement), ("guards", people.guard),
)  # fmt: skip


def _stories(stage: Stage, year: Year) -> Iterator[Story]:
    for name, tell in _TELLERS:
        for fact in getattr(year, name):
            yield tell(stage, fact)
