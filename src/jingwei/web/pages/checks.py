"""Page checks."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def checks(request: Request) -> HttpResponse:
    """checks."""
    return render(request, "web/base.html")


urlpatterns = [path("checks/", checks, name="checks")]
