"""Page endpoints."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def endpoints(request: Request) -> HttpResponse:
    """endpoints."""
    return render(request, "web/base.html")


urlpatterns = [path("endpoints/", endpoints, name="endpoints")]
