"""Applications: the list with its filters, and whom one covers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from jingwei.assets.models import Application, Coverage

SORTS: dict[str, tuple[str, ...]] = {
    "code": ("row_no",),
    "name": ("pinyin", "row_no"),
    "system": ("system__number", "row_no"),
    "coverage": ("coverage", "row_no"),
    "core": ("core", "row_no"),
}


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What to list. Blank means everything."""

    text: str = ""
    coverage: str = ""
    core: str = ""
    institution: str = ""
    retired: bool = False
    sort: str = "code"
    codes: Collection[str] | None = None


def applications(wanted: ApplicationFilter, as_of: date) -> QuerySet[Application]:
    """The applications that fit, in order; `covered` counts the institutions each covers."""
    covering = _open("covered_institutions__", as_of)
    found = Application.objects.select_related("system", "target").annotate(
        covered=Count("covered_institutions", filter=covering)
    )
    if not wanted.retired:
        found = found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))
    if wanted.coverage:
        found = found.filter(coverage=wanted.coverage)
    if wanted.core:
        found = found.filter(core=wanted.core)
    if wanted.institution:
        found = found.filter(
            pk__in=Coverage.objects.filter(
                _open("", as_of), institution__code=wanted.institution
            ).values("application")
        )
    for word in wanted.text.split():
        matches = (
            Q(code__icontains=word)
            | Q(short__icontains=word)
            | Q(name__icontains=word)
            | Q(system__name__icontains=word)
            | Q(function__icontains=word)
        )
        if word.isascii() and word.isalnum():
            matches |= Q(pinyin__contains=word.lower())
        found = found.filter(matches)
    if wanted.codes is not None:
        found = found.filter(code__in=wanted.codes)
    name, descending = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    first, *rest = SORTS.get(name, SORTS["code"])
    return found.order_by(f"-{first}" if descending else first, *rest)


def covered(application: Application, as_of: date) -> QuerySet[Coverage]:
    """The institutions an application covers as of a date, in order of their codes."""
    return (
        Coverage.objects.filter(_open("", as_of), application=application)
        .select_related("institution")
        .order_by("institution__code")
    )


def _open(path: str, as_of: date) -> Q:
    """Coverage that has begun and hasn't ended: the list counts what the page of one names."""
    begun = Q(**{f"{path}valid_from__isnull": True}) | Q(**{f"{path}valid_from__lte": as_of})
    going = Q(**{f"{path}valid_to__isnull": True}) | Q(**{f"{path}valid_to__gt": as_of})
    return begun & going
