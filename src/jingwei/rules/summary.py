"""A day of one series in seven numbers: the evidence that outlives the observations."""

from dataclasses import dataclass, replace

from jingwei.rules.state import is_bad
from jingwei.terms import Result


@dataclass(frozen=True, slots=True)
class Summary:
    """How often a reading was seen, how often bad or 未检, and the extent of its values."""

    count: int = 0
    bad: int = 0
    unchecked: int = 0
    valued: int = 0
    minimum: float | None = None
    maximum: float | None = None
    total: float = 0
    last: float | None = None

    @property
    def mean(self) -> float | None:
        """The mean of the values that were numbers."""
        if not self.valued or self.minimum is None or self.maximum is None:
            return None
        # Rounding may carry a mean of equal values beyond them by one bit.
        return min(max(self.total / self.valued, self.minimum), self.maximum)


def fold(summary: Summary, result: Result, value: float | None) -> Summary:
    """Take in one observation; `value` is None for words and for what was not read."""
    counted = replace(
        summary,
        count=summary.count + 1,
        bad=summary.bad + is_bad(result),
        unchecked=summary.unchecked + (result is Result.UNCHECKED),
    )
    if value is None:
        return counted
    low = value if summary.minimum is None else min(summary.minimum, value)
    high = value if summary.maximum is None else max(summary.maximum, value)
    return replace(
        counted,
        valued=summary.valued + 1,
        minimum=low,
        maximum=high,
        total=summary.total + value,
        last=value,
    )
