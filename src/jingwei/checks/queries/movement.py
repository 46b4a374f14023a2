"""How a reading moved: against yesterday, and within the week before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jingwei.checks.models import DailySummary, Series
from jingwei.checks.queries.history import recent_days
from jingwei.rules import units


@dataclass(frozen=True, slots=True)
class Movement:
    """One number of today beside the days before. `yesterday`, `low`, `high` are None if none."""

    value: float
    unit: str
    yesterday: float | None
    low: float | None
    high: float | None

    @property
    def text(self) -> str:
        """ "较昨日 +0.4 ℃，近 7 日 21.3–24.0 ℃"; empty when there is nothing to compare with."""
        parts = []
        if self.yesterday is not None:
            change = round(self.value - self.yesterday, 2)
            sign = "+" if change > 0 else ""
            shown = "持平" if change == 0 else sign + units.shown(change, self.unit)
            parts.append(f"较昨日{'' if change == 0 else ' '}{shown}")
        if self.low is not None and self.high is not None:
            low, high = units.number(round(self.low, 2)), units.shown(self.high, self.unit)
            parts.append(f"近 7 日 {low}–{high}" if self.low != self.high else f"近 7 日 {high}")
        return "，".join(parts)


def movement(value: float, unit: str, week: Sequence[DailySummary], on: date) -> Movement:
    """Compare a value with the summaries of the seven days before `on`. Pure."""
    yesterday = [day.mean for day in week if day.date == on - timedelta(days=1)]
    lows = [day.minimum for day in week if day.minimum is not None]
    highs = [day.maximum for day in week if day.maximum is not None]
    return Movement(
        value,
        unit,
        yesterday[0] if yesterday else None,
        min(lows, default=None),
        max(highs, default=None),
    )


def trend(series: Series, value: float, on: date) -> str:
    """The trend of one value, as a sheet prints it; "" without history."""
    return trends({series.pk: (value, series.unit)}, on)[series.pk]


def trends(values: Mapping[int, tuple[float, str]], on: date) -> dict[int, str]:
    """series id → trend text for many (value, unit) at once: a query per 400 series."""
    weeks = recent_days(values, on)
    return {
        pk: movement(value, unit, weeks.get(pk, []), on).text
        for pk, (value, unit) in values.items()
    }


def series_ids(check_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """(check id, reading key) → series id, of the named checks."""
    found = Series.objects.filter(check_ref_id__in=list(check_ids))
    rows = found.values_list("id", "check_ref_id", "name", "instance")
    return {
        (check, f"{name}[{instance}]" if instance else name): pk
        for pk, check, name, instance in rows
    }
