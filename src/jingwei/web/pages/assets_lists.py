"""What the register's lists share: filters, and heads to sort by."""

from collections.abc import Sequence

from django.http import QueryDict


def filters(
    asked: QueryDict, wanted: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
) -> list[dict[str, object]]:
    """The selects of a filter card from (parameter, label, options) and what is chosen now."""
    return [
        {"name": name, "label": label, "options": options, "chosen": asked.get(name, "")}
        for name, label, options in wanted
    ]


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
