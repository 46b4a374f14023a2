"""Text that a spreadsheet would run as a formula: quoted on the way out, bare on the way in."""

import re

# White space alone runs nothing: quoted, an empty row would come back as one that holds something.
_RUNS = r"(?:[=+\-@]|[\t\r]\s*\S)"
_DANGEROUS = re.compile(f"'*{_RUNS}")
_ESCAPED = re.compile(f"'+{_RUNS}")


def neutral(text: str) -> str:
    """The text with a quote before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain(text: str) -> str:
    """The inverse of `neutral`."""
    return text[1:] if _ESCAPED.match(text) else text
