"""Page wall."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def wall(request: Request) -> HttpResponse:
    """wall."""
    return render(request, "web/base.html")


urlpatterns = [path("wall/", wall, name="wall")]
