"""A small path into a JSON document: `a.b`, `a[0].b`, `a["key.with.dots"]`. Nothing more."""

import re
from typing import Any

_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]*)"\]')


class PathError(ValueError):
    """The path cannot be read; the message is Chinese."""


def compiled(path: str) -> tuple[str, ...]:
    """The steps of a path. A leading `$` is allowed. Raises PathError."""
    rest = path.removeprefix("$")
    steps = []
    while rest:
        match = _STEP.match(rest)
        if match is None:
            raise PathError(f"JSON 路径无法理解：{path!r}，应如 a.b[0].c")
        steps.append(next(group for group in match.groups() if group is not None))
        rest = rest[match.end() :]
    if not steps:
        raise PathError("JSON 路径不能为空")
    return tuple(steps)


def value_at(document: Any, steps: tuple[str, ...]) -> Any:
    """What the steps lead to; None when there is nothing."""
    for step in steps:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list):
            document = document[int(step)] if step.isdigit() and int(step) < len(document) else None
        else:
            return None
    return document
