"""Every read of the register."""

from jingwei.assets.queries.applications import ApplicationFilter, applications, covered
from jingwei.assets.queries.dependencies import Link, needed_by, needs, needs_of_all
from jingwei.assets.queries.duplicates import Suspicion, suspected_duplicates
from jingwei.assets.queries.endpoints import demo_active, endpoints, opened, secrets_of
from jingwei.assets.queries.exports import export_table, records
from jingwei.assets.queries.places import databases, institutions, rooms
from jingwei.assets.queries.summary import summary
from jingwei.assets.queries.units import UnitFilter, choices, row_of, unit, units
from jingwei.assets.queries.warranty import Warranty, month_end, warranty

__all__ = [
    "ApplicationFilter",
    "Link",
    "Suspicion",
    "UnitFilter",
    "Warranty",
    "applications",
    "choices",
    "covered",
    "databases",
    "demo_active",
    "endpoints",
    "export_table",
    "institutions",
    "month_end",
    "needed_by",
    "needs",
    "needs_of_all",
    "opened",
    "records",
    "rooms",
    "row_of",
    "secrets_of",
    "summary",
    "suspected_duplicates",
    "unit",
    "units",
    "warranty",
]
