"""Page board."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def board(request: Request) -> HttpResponse:
    """board."""
    return render(request, "web/base.html")


urlpatterns = [path("", board, name="board")]
