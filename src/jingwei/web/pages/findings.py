"""Page findings."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def findings(request: Request) -> HttpResponse:
    """findings."""
    return render(request, "web/base.html")


urlpatterns = [path("findings/", findings, name="findings")]
