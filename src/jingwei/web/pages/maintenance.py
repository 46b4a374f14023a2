"""Page maintenance."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def maintenance(request: Request) -> HttpResponse:
    """maintenance."""
    return render(request, "web/base.html")


urlpatterns = [path("maintenance/", maintenance, name="maintenance")]
