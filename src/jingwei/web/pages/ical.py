"""Subscribed calendars: the page with one's own addresses, and what a calendar program fetches."""

from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.terms import SHANGHAI
from jingwei.web import feed_sources as _feed_sources  # noqa: F401 - adds its calendars
from jingwei.web import feeds
from jingwei.web.access import Request, open_to_all, requires
from jingwei.web.pages.tracking import private


@never_cache
@require_GET
@requires(May.SEE_DESK)
def page(request: Request) -> HttpResponse:
    """The addresses of this person: whoever holds one reads his calendar."""
    mine = feeds.token(request.user)
    lines = [
        (feed.name, request.build_absolute_uri(reverse("ical-feed", args=(mine, feed.key))))
        for feed in feeds.offered()
    ]
    return private(render(request, "web/roster/ical.html", {"lines": lines}))


@never_cache
@require_GET
@open_to_all
def subscribed(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """One calendar: a month back, four ahead."""
    user, feed = feeds.reader(token), feeds.feed(key)
    if user is None or feed is None:
        raise Http404("日历地址无效：改过密码后须重新订阅")
    now = timezone.now()
    today = now.astimezone(SHANGHAI).date()
    entries = feed.ask(user, today - feeds.BACK, today + feeds.AHEAD)
    body = feeds.written(feed.name, entries, "jingwei", now)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{key}.ics"'
    return private(response)


urlpatterns = [
    path("calendars/", page, name="ical"),
    path("calendars/<str:token>/<slug:key>.ics", subscribed, name="ical-feed"),
]
