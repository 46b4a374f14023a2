"""A district to play years in, and years that hold only what a test is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

from django.db import transaction

from jingwei.region.year import Year
from jingwei.run.year import Difference, compare, play
from jingwei.run.year.stage import Stage

_LISTS = {each.name for each in fields(Year)} - {"seed", "close", "truth", "cases"}


def only(year: Year, *names: str, **facts: Any) -> Year:
    """The year with these of its facts and no others; `facts` are given anew."""
    empty = dict.fromkeys(_LISTS - set(names), ())
    return replace(year, **{**empty, **facts})


@contextmanager
def played(year: Year) -> Iterator[Stage]:
    """The year played, and undone afterwards."""
    with transaction.atomic():
        try:
            yield play(year)
        finally:
            transaction.set_rollback(True)


def differences(year: Year) -> dict[str, Difference]:
    """What the platform makes of a year otherwise than its truth says, by obligation."""
    with played(year) as stage:
        return {each.obligation: each for each in compare(stage.contract, year)}
