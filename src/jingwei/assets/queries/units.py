"""Units: the list with its filters, and one unit with everything around it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from jingwei.assets import words
from jingwei.assets.models import AssetRow, Institution, Site, Target, Unit
from jingwei.assets.queries.warranty import IN, OUT, warranty

SORTS: dict[str, tuple[str, ...]] = {
    "code": ("row__row_no", "number"),
    "name": ("row__pinyin", "row__row_no", "number"),
    "kind": ("row__kind", "row__row_no", "number"),
    "vendor": ("row__vendor_cn", "row__row_no", "number"),
    "site": ("row__site__code", "institution__code", "row__row_no", "number"),
    "location": ("rack__room__code", "rack__name", "rack_u", "row__row_no", "number"),
    "tender": ("row__tender_status", "row__row_no", "number"),
    "serial": ("serial", "row__row_no", "number"),
}
"""What the list can be sorted by; `warranty` is derived and sorted by rows."""

WARRANTY_FILTERS: dict[str, str] = {
    "in": "保内（推算）",
    "out": "过保（推算）",
    "disagree": "与招标文件不一致",
    "soon": "90 天内到期",
}
_SOON = 90


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """What to list. Blank means everything; `codes` narrows to units (a state, ticked rows)."""

    text: str = ""
    site: str = ""
    kind: str = ""
    vendor: str = ""
    tender: str = ""
    warranty: str = ""
    zone: str = ""
    institution: str = ""
    retired: bool = False
    sort: str = "code"
    codes: Collection[str] | None = None


def units(wanted: UnitFilter, as_of: date) -> QuerySet[Unit]:
    """The units that fit, in order, with row, site, institution, rack and target at hand."""
    found = Unit.objects.select_related(
        "row__site", "institution", "rack__room", "target"
    ).prefetch_related("cords")
    if not wanted.retired:
        found = found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))
    exact = {
        "row__site__code": wanted.site,
        "row__kind": wanted.kind,
        "row__vendor_cn": wanted.vendor,
        "row__tender_status": wanted.tender,
        "row__zone": wanted.zone,
        "institution__code": wanted.institution,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    for word in wanted.text.split():
        found = found.filter(_matches(word))
    if wanted.warranty:
        found = found.filter(row__in=_rows(wanted.warranty, as_of))
    if wanted.codes is not None:
        found = found.filter(code__in=wanted.codes)
    return _sorted(found, wanted.sort, as_of)


def unit(code: str) -> Unit | None:
    """One unit with what its page shows, or None."""
    return (
        Unit.objects.select_related("row__site", "institution", "rack__room", "target")
        .prefetch_related("cords")
        .filter(code=code)
        .first()
    )


def row_of(code: str) -> AssetRow | None:
    """One row of the hardware list, or None."""
    return AssetRow.objects.select_related("site").filter(code=code).first()


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter of the list offers: (value, word) pairs that occur."""
    rows = AssetRow.objects.values_list("kind", "vendor_cn", "zone")
    kinds = {kind for kind, _, _ in rows}
    return {
        "site": list(Site.objects.values_list("code", "name")),
        "kind": [(kind, word) for kind, word in words.KINDS.items() if kind in kinds],
        "vendor": [(v, v) for v in sorted({vendor for _, vendor, _ in rows if vendor})],
        "tender": list(words.TENDER_STATUS.items()),
        "warranty": list(WARRANTY_FILTERS.items()),
        "zone": [(z, z) for z in sorted({zone for _, _, zone in rows if zone})],
        "institution": list(Institution.objects.values_list("code", "name")),
    }


def _matches(word: str) -> Q:
    """Text anywhere, or pinyin initials: "wwfhq" finds 外网防火墙."""
    found = (
        Q(code__icontains=word)
        | Q(serial__icontains=word)
        | Q(location__icontains=word)
        | Q(row__name__icontains=word)
        | Q(row__model__icontains=word)
        | Q(row__vendor__icontains=word)
        | Q(row__vendor_cn__icontains=word)
        | Q(row__role__icontains=word)
        | Q(institution__name__icontains=word)
        | Q(target__in=Target.objects.filter(endpoints__address=word))
    )
    if word.isascii() and word.isalnum():
        found |= Q(pinyin__contains=word.lower())
    return found


def _rows(wanted: str, as_of: date) -> list[int]:
    """The rows whose warranty fits: judged in Python, not in two dialects of SQL."""
    fitting = []
    for row in AssetRow.objects.all():
        known = warranty(row, as_of)
        fits = {
            "in": known.derived == IN,
            "out": known.derived == OUT,
            "disagree": not known.agrees,
            "soon": 0 <= known.days_left <= _SOON,
        }
        if fits.get(wanted, True):
            fitting.append(row.pk)
    return fitting


def _sorted(found: QuerySet[Unit], sort: str, as_of: date) -> QuerySet[Unit]:
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name == "warranty":
        cases = [
            When(row=row.pk, then=Value(warranty(row, as_of).days_left))
            for row in AssetRow.objects.all()
        ]
        found = found.annotate(
            days_left=Case(*cases, default=Value(0), output_field=IntegerField())
        )
        order: tuple[str, ...] = ("days_left", "row__row_no", "number")
    else:
        order = SORTS.get(name, SORTS["code"])
    if descending:
        order = (f"-{order[0]}", *order[1:])
        if name == "code":
            order = ("-row__row_no", "-number")
    return found.order_by(*order)
