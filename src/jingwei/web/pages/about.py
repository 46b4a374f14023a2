"""Page about."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def about(request: Request) -> HttpResponse:
    """about."""
    return render(request, "web/base.html")


urlpatterns = [path("about/", about, name="about")]
