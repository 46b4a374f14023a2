"""Institutions, rooms and databases: short lists."""

from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from jingwei.assets.models import Database, Institution, Rack, Room, Unit
from jingwei.assets.pinyin import initials


def institutions(
    as_of: date, *, text: str = "", area: str = "", kind: str = "", retired: bool = False
) -> list[Institution]:
    """Institutions with `unit_count` and `application_count`; found by name, code or initials."""
    open_coverage = Q(covered_by__valid_to__isnull=True) | Q(covered_by__valid_to__gt=as_of)
    open_unit = Q(units__valid_to__isnull=True) | Q(units__valid_to__gt=as_of)
    found = Institution.objects.annotate(
        unit_count=Count("units", filter=open_unit, distinct=True),
        application_count=Count("covered_by", filter=open_coverage, distinct=True),
    )
    if not retired:
        found = found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))
    if area:
        found = found.filter(area=area)
    if kind:
        found = found.filter(kind=kind)
    listed: list[Institution] = list(found)
    for word in text.lower().split():
        listed = [
            one
            for one in listed
            if word in one.name.lower() or word in one.code.lower() or word in initials(one.name)
        ]
    return listed


def rooms(as_of: date) -> QuerySet[Room]:
    """Machine rooms with their racks, each with its units as of a date from the top down."""
    mounted = (
        Unit.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))
        .select_related("row")
        .prefetch_related("cords")
        .order_by("-rack_u", "row__row_no", "number")
    )
    racks = Rack.objects.prefetch_related(Prefetch("units", queryset=mounted))
    return Room.objects.select_related("site", "target").prefetch_related(
        Prefetch("racks", queryset=racks)
    )


def databases(as_of: date) -> QuerySet[Database]:
    """Databases in use as of a date, with host and target."""
    return Database.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of)).select_related(
        "host__row", "target"
    )
