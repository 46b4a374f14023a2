"""The register in numbers."""

from collections import Counter
from datetime import date

from django.db.models import Count, Q

from jingwei.assets.models import (
    Application,
    AssetRow,
    Database,
    Endpoint,
    Institution,
    Room,
    Site,
    System,
    Target,
)
from jingwei.assets.queries.warranty import IN, OUT, month_end


def summary(
    as_of: date, *, start: date | None = None, end: date | None = None
) -> dict[str, int | str | dict[str, int] | None]:
    """Counts as of a date; what ended before it doesn't count.

    `start` and `end` (inclusive) are the service period; without them what depends on it is None:
    `lapsed_before_start_units` and `lapses_during_service_units` count units the tender calls
    保内 whose warranty ends before or within the period.
    """
    alive = Q(units__valid_to__isnull=True) | Q(units__valid_to__gt=as_of)
    rows = list(AssetRow.objects.annotate(alive=Count("units", filter=alive)))
    units: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for row in rows:
        ends = month_end(row.purchase_month, row.warranty_years)
        kinds[row.kind] += row.alive
        units["all"] += row.alive
        units[f"tender {row.tender_status}"] += row.alive
        units["in"] += row.alive if as_of <= ends else 0
        units["disagree"] += row.alive if (as_of <= ends) != (row.tender_status == IN) else 0
        if row.tender_status == IN and start and end:
            units["before"] += row.alive if ends < start else 0
            units["during"] += row.alive if start <= ends <= end else 0
    open_ended = Q(valid_to__isnull=True) | Q(valid_to__gt=as_of)
    return {
        "as_of": as_of.isoformat(),
        "rows": len(rows),
        "units": units["all"],
        "tender_in_warranty_units": units[f"tender {IN}"],
        "tender_out_of_warranty_units": units[f"tender {OUT}"],
        "in_warranty_units": units["in"],
        "out_of_warranty_units": units["all"] - units["in"],
        "warranty_disagrees_units": units["disagree"],
        "lapsed_before_start_units": units["before"] if start and end else None,
        "lapses_during_service_units": units["during"] if start and end else None,
        "period_start": start.isoformat() if start else None,
        "period_end": end.isoformat() if end else None,
        "applications": Application.objects.filter(open_ended).count(),
        "systems": System.objects.count(),
        "institutions": Institution.objects.filter(open_ended).count(),
        "sample_institutions": Institution.objects.filter(open_ended, sample=True).count(),
        "sites": Site.objects.count(),
        "rooms": Room.objects.count(),
        "databases": Database.objects.filter(open_ended).count(),
        "targets": Target.objects.filter(open_ended).count(),
        "endpoints": Endpoint.objects.count(),
        "demo_endpoints": Endpoint.objects.filter(demo=True).count(),
        "kinds": dict(sorted(kinds.items())),
    }
