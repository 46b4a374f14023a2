"""What the register's lists share: filters, and heads to sort by."""

from collections.abc import Sequence

from django.http import QueryDict


def filters(
    asked: QueryDict,
    wanted: Sequence[tuple[str, str, Sequence[tuple[str, str]]]],
    *,
    more: Sequence[str] = (),
) -> dict[str, object]:
    """What a filter card needs: its selects from (parameter, label, options), what is chosen now.

    Those named in `more` are folded away until one of them is set.
    """
    selects = [
        {
            "name": name,
            "label": label,
            "options": options,
            "chosen": asked.get(name, ""),
            "more": name in more,
        }
        for name, label, options in wanted
    ]
    opened = any(asked.get(name) for name in (*more, "retired"))
    return {"filters": selects, "asked": asked, "opened": opened}


def heads(wanted: Sequence[tuple[str, str]], sort: str) -> list[dict[str, str]]:
    """The heads of a table from (sort name, label): what a click sorts by, how it is sorted now."""
    return [
        {
            "label": label,
            "sort": f"-{name}" if sort == name else name,
            "css": "sorted" if sort == name else "sorted-down" if sort == f"-{name}" else "",
            "aria": "ascending" if sort == name else "descending" if sort == f"-{name}" else "none",
        }
        for name, label in wanted
    ]
