"""Pages of about twenty rows."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS = 20


def paginate(
    request: HttpRequest, rows: "QuerySet[Any] | Sequence[Any]", per: int = ROWS
) -> "Page[Any]":
    """The page `?page=` asks for; nonsense gives the first, too far gives the last.

    The page has `shown`: page numbers for `web/_pager.html`, 0 for a gap.
    """
    paginator = Paginator(rows, per)
    page = paginator.get_page(request.GET.get("page"))
    page.shown = shown(page.number, paginator.num_pages)  # type: ignore[attr-defined]
    return page


def shown(here: int, last: int) -> list[int]:
    """First, last and two on either side; 0 where numbers are left out."""
    wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    numbers: list[int] = []
    for number in wanted:
        if numbers and number - numbers[-1] == 2:
            numbers.append(number - 1)
        elif numbers and number - numbers[-1] > 2:
            numbers.append(0)
        numbers.append(number)
    return numbers
