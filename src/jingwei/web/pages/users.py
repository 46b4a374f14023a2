"""Page users."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def users(request: Request) -> HttpResponse:
    """users."""
    return render(request, "web/base.html")


urlpatterns = [path("users/", users, name="users")]
