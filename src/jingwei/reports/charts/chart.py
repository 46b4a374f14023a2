"""A chart as what it says: labels, series, limits. Writers decide what it looks like."""

from dataclasses import dataclass
from math import isfinite
from typing import ClassVar, Literal

MISSING = "—"  # what stands where nobody knows a value


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, one a label. None: nobody knows it; it is drawn as a gap, never as 0."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A value that must not be passed: a line across the chart, with its words."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side, bars upon each other, or lines over the same labels.

    `unit` is that of every value; `places` are the decimals printed; `axis` fixes the lowest and
    the highest value drawn (a share between 99 and 100), else it begins at 0. `note` says what is
    missing and why. Raises ValueError for values that no such chart can show.
    """

    kind: ClassVar[str] = "chart"
    form: Literal["bar", "stacked", "line"]
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    limits: tuple[Limit, ...] = ()
    axis: tuple[float, float] | None = None
    places: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if not self.labels or not self.series:
            raise ValueError(f"图“{self.title}”没有数据")
        for each in self.series:
            if len(each.values) != len(self.labels):
                raise ValueError(
                    f"图“{self.title}”的“{each.name}”有 {len(each.values)} 个值，"
                    f"应为 {len(self.labels)} 个"
                )
        if not all(isfinite(value) for value in self.known):
            raise ValueError(f"图“{self.title}”中有不是数的值")
        if self.form == "stacked" and any(value < 0 for value in self.known):
            raise ValueError(f"图“{self.title}”中有负值，不能堆叠")

    @property
    def known(self) -> tuple[float, ...]:
        """Every value somebody knows."""
        return tuple(v for each in self.series for v in each.values if v is not None)

    def shown(self, value: float | None) -> str:
        """A value as text, with the decimals of the chart; "—" where nobody knows it."""
        return MISSING if value is None else f"{value:.{self.places}f}"

    @property
    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """The same numbers to read: titles, and a row a label."""
        titles = ("", *(f"{each.name}（{self.unit}）" for each in self.series))
        rows = tuple(
            (label, *(self.shown(each.values[place]) for each in self.series))
            for place, label in enumerate(self.labels)
        )
        return titles, rows
