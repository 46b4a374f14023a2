"""How far each series went out to a remote Prometheus."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jingwei.checks.models import Series

_AT_ONCE = 500


@transaction.atomic
def begin(since: datetime) -> None:
    """What was seen until `since` stays here: every series there is begins after it."""
    Series.objects.filter(pushed=None).update(pushed=int(since.timestamp()))


@transaction.atomic
def advance(places: Mapping[int, int]) -> None:
    """Series id → epoch of its newest observation that went out (or was refused for good)."""
    rows = [Series(pk=pk, pushed=epoch) for pk, epoch in places.items()]
    Series.objects.bulk_update(rows, ["pushed"], batch_size=_AT_ONCE)
