"""Names of sheets: what a workbook allows, each once."""

import re

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LONGEST = 31  # characters a workbook allows for a sheet's name
_RESERVED = frozenset({"history"})  # a workbook keeps it for itself


def clean(text: str, spare: str = "表") -> str:
    """`text` as a sheet's name; `spare` where nothing of it is left."""
    made = _FORBIDDEN.sub(" ", " ".join(text.split()))[:_LONGEST].strip("' ")
    return spare if not made or made.casefold() in _RESERVED else made


def unique(text: str, taken: set[str], spare: str = "表") -> str:
    """`text` as a name nobody has yet, whatever its case; it is put among the `taken`."""
    name = clean(text, spare)
    number = 1
    while name.casefold() in taken:
        number += 1
        tail = f" ({number})"
        name = clean(text, spare)[: _LONGEST - len(tail)].rstrip() + tail
    taken.add(name.casefold())
    return name
