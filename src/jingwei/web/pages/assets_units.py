"""Units: the list, one unit, editing it and the row it belongs to."""

from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jingwei.accounts.roles import May
from jingwei.assets import actions, queries
from jingwei.assets.models import Institution, Room, Unit
from jingwei.assets.queries import UnitFilter, Warranty
from jingwei.assets.queries.exports import records, unit_record
from jingwei.assets.tables import kinds
from jingwei.assets.words import kind_label
from jingwei.checks.queries import limits_of
from jingwei.terms import Result
from jingwei.web.access import Request, requires
from jingwei.web.once import once
from jingwei.web.pages.assets_forms import RecordForm, edit_page
from jingwei.web.pages.assets_lists import filters, heads
from jingwei.web.pages.assets_states import STATES, about, keys_in, states
from jingwei.web.paging import paginate

_EDITED = (
    "serial",
    "institution",
    "room",
    "rack",
    "rack_u",
    "cords",
    "location",
    "notes",
    "valid_to",
)
_ROW_EDITED = (
    "name",
    "quantity",
    "purchase_raw",
    "warranty_years",
    "vendor",
    "vendor_cn",
    "model",
    "kind",
    "role",
    "zone",
    "channels",
    "discharges_per_year",
    "notes",
)
_FILTERS = (
    ("site", "站点"),
    ("kind", "种类"),
    ("vendor", "厂商"),
    ("tender", "招标文件"),
    ("warranty", "推算保修"),
    ("zone", "区域"),
    ("institution", "机构"),
)
_MORE = ("site", "vendor", "tender", "zone", "institution")
_HEADS = (
    ("code", "设备号"),
    ("name", "名称型号"),
    ("kind", "种类"),
    ("vendor", "厂商"),
    ("location", "位置"),
    ("tender", "招标文件"),
    ("warranty", "推算保修"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: the unit, its warranty, its kind in words, its state."""

    unit: Unit
    warranty: Warranty
    kind: str
    state: Result


def wanted(request: HttpRequest) -> UnitFilter:
    """What the query string of the list asks for, its state filter aside."""
    asked = request.GET
    return UnitFilter(
        text=asked.get("q", "").strip()[:100],
        site=asked.get("site", ""),
        kind=asked.get("kind", ""),
        vendor=asked.get("vendor", ""),
        tender=asked.get("tender", ""),
        warranty=asked.get("warranty", ""),
        zone=asked.get("zone", ""),
        institution=asked.get("institution", ""),
        retired=asked.get("retired") == "1",
        sort=asked.get("sort", "code"),
    )


def in_state(request: Request, found: UnitFilter) -> UnitFilter:
    """The same filter narrowed to the state the query string asks for."""
    state = request.GET.get("state", "")
    if state not in {value for value, _ in STATES}:
        return found
    every = queries.units(found, request.day).values_list("code", flat=True)
    codes = keys_in(state, request.as_of, every)
    return replace(found, codes=codes)


@requires(May.SEE_ASSETS)
def units(request: Request) -> HttpResponseBase:
    """The list of units: filters and order in the URL, twenty a page, ticks to export."""
    found = in_state(request, wanted(request))
    page = paginate(request, queries.units(found, request.day))
    known = states(request.as_of, [unit.code for unit in page])
    lines = [
        Line(
            unit=unit,
            warranty=queries.warranty(unit.row, request.day),
            kind=kind_label(unit.row.kind),
            state=known.get(unit.code, Result.UNCHECKED),
        )
        for unit in page
    ]
    asked = request.GET
    choices = queries.choices()
    offered = [(name, label, choices[name]) for name, label in _FILTERS]
    context = {
        "page": page,
        "lines": lines,
        "heads": heads(_HEADS, asked.get("sort", "code")),
        **filters(asked, [*offered, ("state", "状态", STATES)], more=_MORE),
    }
    return render(request, "web/assets/units.html", context)


@requires(May.SEE_ASSETS)
def unit(request: Request, code: str) -> HttpResponseBase:
    """One unit with all that is known of it."""
    found = _find(code)
    log = (("units", found.code), ("hardware", found.row.code))
    context = {
        "unit": found,
        "row": found.row,
        "kind": kind_label(found.row.kind),
        "warranty": queries.warranty(found.row, request.day),
        "about": about(found.target, request.as_of, log),
        "endpoints": queries.endpoints(found.target),
        "limits": limits_of(found.target),
        "cords": found.cords.all(),
        "siblings": found.row.units.exclude(pk=found.pk).order_by("number"),
        "one_pdu": found.row.kind == "server" and len({c.pdu for c in found.cords.all()}) < 2,
        "retired": found.valid_to is not None and found.valid_to <= request.day,
    }
    return render(request, "web/assets/unit.html", context)


def _find(code: str) -> Unit:
    found = queries.unit(code)
    if found is None:
        raise Http404(f"台账里没有设备 {code}")
    return found


@requires(May.EDIT_ASSETS)
@once
def edit(request: Request, code: str) -> HttpResponseBase:
    """Changes what is known of one unit; the reason goes to the change log."""
    found = _find(code)
    options = {
        "institution": [(one.code, one.name) for one in Institution.objects.all()],
        "room": [(one.code, one.name) for one in Room.objects.all()],
    }
    form = RecordForm(
        kinds.UNITS, _EDITED, unit_record(found), options, request.POST or None, prefix="unit"
    )
    return edit_page(
        request,
        form,
        actions.edit_unit,
        code=code,
        label=found.target.label,
        note="停用的设备不再检查，记录保留；增减台数请改“资产行”的数量。",
        within=("设备台账", "units"),
        back=reverse("unit", args=[code]),
    )


@requires(May.EDIT_ASSETS)
@once
def edit_row(request: Request, code: str) -> HttpResponseBase:
    """Changes one row of the hardware list; the tender's own wording is not editable here."""
    found = queries.row_of(code)
    if found is None:
        raise Http404(f"台账里没有资产 {code}")
    form = RecordForm(
        kinds.HARDWARE,
        _ROW_EDITED,
        records(kinds.HARDWARE)[code],
        {},
        request.POST or None,
        prefix="row",
    )
    note = f"本行共 {found.quantity} 台，改动对每一台都有效。招标文件的原文和状态不在此改。"
    return edit_page(
        request,
        form,
        actions.edit_row,
        code=code,
        label=found.name,
        note=note,
        within=("设备台账", "units"),
        back=reverse("unit", args=[f"{code}-1"]),
    )
