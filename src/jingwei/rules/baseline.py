"""What is usual on such a day: the median of the same weekday in the weeks before.

A health district breathes weekly and stands still on holidays, so yesterday is a poor yardstick.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

# Makes the MAD of normally spread values comparable with their standard deviation.
_SCALE = 1.4826
LEAST_DAYS = 3  # fewer days are no baseline


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual value: `median`, its spread `mad` (scaled), and of how many days."""

    median: float
    mad: float
    days: int

    def deviation(self, value: float) -> float | None:
        """How far `value` is from usual, in percent of it; None when usual is 0."""
        return None if self.median == 0 else (value - self.median) / abs(self.median) * 100


def of(values: Collection[float]) -> Baseline | None:
    """The baseline of some days' values, or None when there are too few."""
    if len(values) < LEAST_DAYS:
        return None
    middle = median(values)
    spread = median(abs(value - middle) for value in values) * _SCALE
    return Baseline(middle, spread, len(values))


def same_weekday(
    history: Mapping[date, float],
    on: date,
    *,
    weeks: int = 8,
    skip: Collection[date] = frozenset(),
) -> Baseline | None:
    """The baseline for `on` from the same weekday of up to `weeks` weeks before.

    `skip` are days that are no such weekday: holidays, and weekends that worked. Their weeks are
    left out, not replaced. None when fewer than three days remain.
    """
    days = (on - timedelta(weeks=back) for back in range(1, weeks + 1))
    return of([history[day] for day in days if day in history and day not in skip])
