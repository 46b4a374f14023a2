"""The scale of a chart: round numbers from below the lowest value to above the highest."""

from dataclasses import dataclass
from math import ceil, floor, log10

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_WANTED = 5  # lines across a chart


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high` in steps; `places` are the decimals its numbers need."""

    low: float
    high: float
    step: float
    places: int

    def at(self, value: float) -> float:
        """How far up a value lies, 0 at the bottom and 1 at the top; never outside."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    @property
    def ticks(self) -> tuple[float, ...]:
        """The values a line is drawn for, the lowest first."""
        count = round((self.high - self.low) / self.step)
        return tuple(round(self.low + place * self.step, 10) for place in range(count + 1))


def scale(lowest: float, highest: float) -> Scale:
    """The scale that holds both, with some five round steps."""
    if highest <= lowest:
        highest = lowest + 1
    rough = (highest - lowest) / _WANTED
    power = 10.0 ** floor(log10(rough))
    step = power * next(each for each in _ROUND if each * power >= rough * (1 - 1e-9))
    low, high = floor(lowest / step + 1e-9) * step, ceil(highest / step - 1e-9) * step
    places = next((each for each in range(7) if abs(round(step, each) - step) < step * 1e-6), 6)
    return Scale(round(low, 10), round(high, 10), step, places)
