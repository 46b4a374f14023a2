"""系统状态: is everything running, what version, how to connect; health for a load balancer."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, connection
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

import jingwei
from jingwei.accounts import actions as accounts
from jingwei.accounts import queries as people
from jingwei.accounts.roles import May
from jingwei.assets import queries as assets
from jingwei.calendars import queries as calendars
from jingwei.checks import queries
from jingwei.checks.models import CheckState
from jingwei.contract import queries as contracts
from jingwei.web import tokens
from jingwei.web.access import Request, address_of, open_to_all, requires
from jingwei.web.api import api, describe, problem

STALE_SECONDS = 15 * 60


@require_GET
@requires(May.SEE_BOARD)
def about(request: Request) -> HttpResponse:
    """What runs, what it knows, and since when."""
    now = timezone.now()
    seen = last_seen()
    rows = queries.check_status()
    context = {
        "version": jingwei.__version__,
        "database": connection.vendor,
        "seen": seen,
        "stale": seen is None or (now - seen).total_seconds() > STALE_SECONDS,
        "overdue": queries.overdue(now),
        "counts": queries.status_counts(rows),
        "checks": len(rows),
        "register": assets.summary(request.day),
        "contract": contracts.current(request.day),
        "calendar": calendars.coverage(),
        "guarded": people.guarded(),
        "keep_days": settings.JINGWEI_OBSERVATION_DAYS,
    }
    return render(request, "web/about.html", context)


@require_POST
@requires(None)
def token(request: Request) -> HttpResponse:
    """An API token for oneself, read-only unless asked to write; shown once, void with a new
    password."""
    write = request.POST.get("scope") == "write"
    made = tokens.make(request.user, write=write)
    accounts.record(
        request.user, "api.add", kind="user", key=request.user.username,
        after={"scope": "write" if write else "read"}, address=address_of(request),
        now=timezone.now(),
    )  # fmt: skip
    messages.warning(
        request,
        format_html(
            '{}接口令牌（一年有效，只显示这一次，改密码即作废）：<b class="secret mono">{}</b>',
            "读写" if write else "只读", made,
        ),
    )  # fmt: skip
    return redirect("api-docs")


@require_GET
@requires(None)
def docs(request: Request) -> HttpResponse:
    """The API's own documentation, made from its OpenAPI schema."""
    schema: dict[str, Any] = api.get_openapi_schema()
    return render(request, "web/api.html", {"schema": schema, "groups": describe.groups(schema)})


@open_to_all
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Nothing of the interface is under this address: told as it tells everything."""
    del request, rest
    return problem.response(problem.Problem(404, "接口没有这个地址"))


@require_GET
@open_to_all
def health(request: HttpRequest) -> HttpResponseBase:
    """For a load balancer or watchdog: 200 while the database answers; says when checks last ran.

    No login, so nothing but times.
    """
    del request
    try:
        seen = last_seen()
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    age = None if seen is None else int((timezone.now() - seen).total_seconds())
    fresh = age is not None and age <= STALE_SECONDS
    return JsonResponse({"ok": True, "database": True, "worker": fresh, "last_check_seconds": age})


def last_seen() -> Any:
    """When a worker last stored an answer; None when none ever did."""
    return CheckState.objects.aggregate(last=Max("last_at"))["last"]


urlpatterns = [
    path("about/", about, name="about"),
    path("about/token/", token, name="api-token"),
    path("healthz", health, name="health"),
    path("api/docs", docs, name="api-docs"),
    path("api/", api.urls),
    path("api/<path:rest>", csrf_exempt(unknown), name="api-unknown"),
]
