"""What every template may use."""

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """The frame of a page."""
    return {}
