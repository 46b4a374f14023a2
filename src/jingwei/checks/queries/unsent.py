"""Observations that were not yet written to a remote Prometheus, one of each series at a time."""

from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from jingwei.checks.models import Observation, Series


@dataclass(frozen=True, slots=True)
class Unsent:
    """The next observation of a series; `value` is None where no number came."""

    series: int
    check: str
    target: str
    name: str
    instance: str
    unit: str
    epoch: int
    value: float | None


def begun() -> bool:
    """Whether anything ever went out."""
    return Series.objects.filter(pushed__isnull=False).exists()


def unsent(most: int) -> list[Unsent]:
    """The first observation after its place of at most so many series.

    Never two of one series: a receiver takes the newest sample of a series again and refuses any
    before it, so a request of one each can be repeated.
    """
    after = Observation.objects.filter(
        series_id=OuterRef("pk"), epoch__gt=Coalesce(OuterRef("pushed"), 0)
    ).order_by("epoch")
    rows = (
        Series.objects.annotate(
            next_epoch=Subquery(after.values("epoch")[:1]),
            next_value=Subquery(after.values("value")[:1]),
            check_key=F("check_ref__key"),
            target_key=F("check_ref__target__key"),
        )
        .filter(next_epoch__isnull=False)
        .order_by("pk")
    )
    found = rows.values_list(
        "id", "check_key", "target_key", "name", "instance", "unit", "next_epoch", "next_value"
    )
    return [Unsent(*row) for row in found[:most]]
