"""Page audit."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from jingwei.web.access import Request, requires


@requires(None)
def audit(request: Request) -> HttpResponse:
    """audit."""
    return render(request, "web/base.html")


urlpatterns = [path("audit/", audit, name="audit")]
