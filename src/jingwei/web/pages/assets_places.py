"""Institutions, machine rooms, databases, and what may be registered twice."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from jingwei.accounts.roles import May
from jingwei.assets import queries
from jingwei.assets.models import Institution
from jingwei.terms import Result
from jingwei.web.access import Request, requires
from jingwei.web.pages.assets_lists import filters
from jingwei.web.pages.assets_states import states
from jingwei.web.paging import paginate


@requires(May.SEE_ASSETS)
def institutions(request: Request) -> HttpResponseBase:
    """The institutions the platform serves."""
    asked = request.GET
    found = queries.institutions(
        request.day,
        text=asked.get("q", ""),
        area=asked.get("area", ""),
        kind=asked.get("kind", ""),
        retired=asked.get("retired") == "1",
    )
    offered = [
        ("area", "片区", [(str(v), str(w)) for v, w in Institution.Area.choices]),
        ("kind", "类型", [(str(v), str(w)) for v, w in Institution.Kind.choices]),
    ]
    context = {
        "page": paginate(request, found, 30),
        "samples": sum(1 for one in found if one.sample),
        **filters(asked, offered),
    }
    return render(request, "web/assets/institutions.html", context)


@requires(May.SEE_ASSETS)
def rooms(request: Request) -> HttpResponseBase:
    """Machine rooms with their racks from the top down, and the state of what stands there."""
    found = list(queries.rooms(request.day))
    known = states(request.as_of)
    context = {
        "rooms": [
            {
                "room": room,
                "state": known.get(room.code, Result.UNCHECKED),
                "racks": [
                    {
                        "rack": rack,
                        "units": [
                            {"unit": unit, "state": known.get(unit.code, Result.UNCHECKED)}
                            for unit in rack.units.all()
                        ],
                    }
                    for rack in room.racks.all()
                ],
            }
            for room in found
        ]
    }
    return render(request, "web/assets/rooms.html", context)


@requires(May.SEE_ASSETS)
def databases(request: Request) -> HttpResponseBase:
    """Databases, their hosts and states."""
    known = states(request.as_of)
    context = {
        "lines": [
            {"database": one, "state": known.get(one.code, Result.UNCHECKED)}
            for one in queries.databases(request.day)
        ]
    }
    return render(request, "web/assets/databases.html", context)


@requires(May.SEE_ASSETS)
def duplicates(request: Request) -> HttpResponseBase:
    """What may be registered twice: for a person to look at, never merged."""
    return render(request, "web/assets/duplicates.html", {"found": queries.suspected_duplicates()})
