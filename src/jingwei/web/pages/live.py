"""The client's live page: by its link, without a login; state, clocks, story, no numbers."""

import re
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from jingwei.emergency import queries
from jingwei.web.access import open_to_all
from jingwei.web.pages.emergency_page import context_of
from jingwei.web.pages.tracking import private

# Mobile and fixed-line numbers, and identity cards: somebody may have typed one into a record.
_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")


@never_cache
@require_GET
@open_to_all
def live(request: HttpRequest, token: str) -> HttpResponse:
    """The page; it keeps itself fresh."""
    return private(render(request, "web/emergency/live.html", _context(token)))


@never_cache
@require_GET
@open_to_all
def live_now(request: HttpRequest, token: str) -> HttpResponse:
    """The part that moves."""
    return private(render(request, "web/emergency/_now.html", _context(token)))


def _context(token: str) -> dict[str, object]:
    event = queries.by_token(token)
    if event is None:
        raise Http404("链接无效，请向服务台核对")
    context = context_of(event, timezone.now())
    context["lines"] = [
        replace(line, text=masked(line.text), reason=masked(line.reason))
        for line in context["lines"]
    ]
    return context | {"live": True, "token": token, "public": True}


def masked(text: str) -> str:
    """`text` with telephone and identity numbers reduced to their ends: 138****1234."""
    return _NUMBERS.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", text)


urlpatterns = [
    path("live/<slug:token>/", live, name="live"),
    path("live/<slug:token>/now/", live_now, name="live-now"),
]
