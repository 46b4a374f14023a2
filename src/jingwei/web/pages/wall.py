"""大屏: 1920x1080, read from across a room. Fed by server-sent events, else by polling."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May
from jingwei.checks import queries
from jingwei.checks.models import Series
from jingwei.web import wallview
from jingwei.web.access import Request, requires
from jingwei.web.pages.checks import limits_of

MOST_STREAMS = 6  # each holds one of the server's 16 threads; further screens poll
STREAM_SECONDS = 300.0  # then the browser reconnects: a dead screen never keeps its thread
BEAT_SECONDS = 5.0
_places = threading.BoundedSemaphore(MOST_STREAMS)


@require_GET
@requires(May.SEE_WALL)
def wall(request: Request) -> HttpResponse:
    """The screen, filled at once; it keeps itself fresh."""
    return render(request, "web/wall/wall.html", {"wall": _now()})


@require_GET
@requires(May.SEE_WALL)
def data(request: Request) -> HttpResponse:
    """The moving part, for screens that poll."""
    return HttpResponse(_fragment(_now()), headers={"Cache-Control": "no-store"})


@require_GET
@requires(May.SEE_WALL)
def stream(request: Request) -> HttpResponseBase:
    """Server-sent events: `wall` with the new fragment when something changed, else `alive`."""
    del request
    if not _places.acquire(blocking=False):
        return HttpResponse("大屏连接数已满，改为轮询", status=503, headers={"Retry-After": "60"})
    return StreamingHttpResponse(
        Stream(),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@require_GET
@requires(May.SEE_WALL)
def climate(request: Request) -> HttpResponse:
    """The last 24 hours of the rooms' temperatures: only series the wall itself names."""
    now = timezone.now()
    start = now - timedelta(hours=24)
    wanted = request.GET.get("series", "").split(",")
    rooms = [room for room in _now().rooms if str(room.series_id) in wanted]
    limits = []
    if rooms:
        series = Series.objects.select_related("check_ref").get(pk=rooms[0].series_id)
        limits = limits_of(series)
    lines = [
        {"points": [[point.epoch * 1000, point.value] for point in past.points]}
        for past in (
            queries.history(Series.objects.get(pk=room.series_id), start, now, now=now)
            for room in rooms
        )
    ]
    return JsonResponse({
        "start": int(start.timestamp() * 1000), "end": int(now.timestamp() * 1000),
        "limits": limits, "lines": lines,
    })  # fmt: skip


class Stream:
    """The events of one screen. Gives its place back when the answer is closed, however it ends."""

    def __init__(self) -> None:
        self.events = _events()
        self.open = True

    def __iter__(self) -> Iterator[bytes]:
        return self.events

    def close(self) -> None:
        """Called by Django when the answer is over or the screen is gone."""
        if self.open:
            self.open = False
            _places.release()


def _events() -> Iterator[bytes]:
    ends = time.monotonic() + STREAM_SECONDS
    last = ""
    yield b"retry: 3000\n\n"
    while time.monotonic() < ends:
        html = _fragment(_now())
        if html != last:
            last = html
            yield _event("wall", {"html": html})
        else:
            yield _event("alive", {})
        time.sleep(BEAT_SECONDS)


def _event(name: str, payload: dict[str, str]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def _now() -> wallview.Wall:
    now = timezone.now()
    return wallview.wall(now, timezone.localdate(now))


def _fragment(found: wallview.Wall) -> str:
    return render_to_string("web/wall/_wall.html", {"wall": found})


urlpatterns = [
    path("wall/", wall, name="wall"),
    path("wall/data/", data, name="wall-data"),
    path("wall/data/climate/", climate, name="wall-climate"),
    path("wall/stream/", stream, name="wall-stream"),
]
