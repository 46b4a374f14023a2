"""Applications: the list, one application with its coverage, editing it."""

from dataclasses import replace

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jingwei.accounts.roles import May
from jingwei.assets import actions, queries, words
from jingwei.assets.models import Application, Institution
from jingwei.assets.queries import ApplicationFilter
from jingwei.assets.queries.exports import application_record
from jingwei.assets.tables import kinds
from jingwei.terms import Result
from jingwei.web.access import Request, requires
from jingwei.web.once import once
from jingwei.web.pages.assets_forms import RecordForm, edit_page
from jingwei.web.pages.assets_lists import filters, heads
from jingwei.web.pages.assets_states import STATES, about, keys_in, states
from jingwei.web.paging import paginate

_EDITED = (
    "name",
    "coverage",
    "institutions",
    "core",
    "core_basis",
    "function",
    "interfaces",
    "must_prove",
    "emergency_note",
    "notes",
    "valid_to",
)
_HEADS = (("code", "应用号"), ("name", "名称"), ("system", "所属系统"), ("coverage", "覆盖范围"))
_ROWS = 30  # the tender's 25 on one page


def wanted(request: Request) -> ApplicationFilter:
    """What the query string of the list asks for."""
    asked = request.GET
    found = ApplicationFilter(
        text=asked.get("q", "").strip()[:100],
        coverage=asked.get("coverage", ""),
        core=asked.get("core", ""),
        institution=asked.get("institution", ""),
        retired=asked.get("retired") == "1",
        sort=asked.get("sort", "code"),
    )
    state = asked.get("state", "")
    if state not in {value for value, _ in STATES}:
        return found
    every = queries.applications(found, request.day).values_list("code", flat=True)
    return replace(found, codes=keys_in(state, request.as_of, every))


@requires(May.SEE_ASSETS)
def applications(request: Request) -> HttpResponseBase:
    """The list of applications."""
    asked = request.GET
    page = paginate(request, queries.applications(wanted(request), request.day), _ROWS)
    known = states(request.as_of, [one.code for one in page])
    offered = [
        ("coverage", "覆盖范围", list(words.COVERAGE.items())),
        ("core", "核心", [(str(v), str(w)) for v, w in Application.Core.choices]),
        ("institution", "机构", list(Institution.objects.values_list("code", "name"))),
        ("state", "状态", STATES),
    ]
    context = {
        "page": page,
        "lines": [
            {
                "application": one,
                "coverage": words.coverage_label(one.coverage),
                "state": known.get(one.code, Result.UNCHECKED),
            }
            for one in page
        ],
        "heads": heads(_HEADS, asked.get("sort", "code")),
        **filters(asked, offered, more=("institution",)),
    }
    return render(request, "web/assets/applications.html", context)


@requires(May.SEE_ASSETS)
def application(request: Request, code: str) -> HttpResponseBase:
    """One application with all that is known of it."""
    found = _find(code)
    context = {
        "application": found,
        "coverage": words.coverage_label(found.coverage),
        "covered": queries.covered(found, request.day),
        "about": about(found.target, request.as_of, (("applications", found.code),)),
        "endpoints": queries.endpoints(found.target),
        "retired": found.valid_to is not None and found.valid_to <= request.day,
    }
    return render(request, "web/assets/application.html", context)


def _find(code: str) -> Application:
    found = Application.objects.select_related("system", "target").filter(code=code).first()
    if found is None:
        raise Http404(f"台账里没有应用 {code}")
    return found


@requires(May.EDIT_ASSETS)
@once
def edit(request: Request, code: str) -> HttpResponseBase:
    """Changes what is known of one application."""
    found = _find(code)
    form = RecordForm(
        kinds.APPLICATIONS,
        _EDITED,
        application_record(found),
        {},
        request.POST or None,
        prefix="application",
    )
    return edit_page(
        request,
        form,
        actions.edit_application,
        code=code,
        label=found.name,
        note="“覆盖机构代码”填机构代码，可在机构页查到；招标文件的原文不在此改。",
        within=("应用系统", "applications"),
        back=reverse("application", args=[code]),
    )
