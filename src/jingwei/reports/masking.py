"""No telephone and no identity number of anybody stands in a report (reports.md section 0)."""

import re

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")


def masked(text: str) -> str:
    """`text` with mobile and identity numbers left out; the ticket's number leads to them."""
    return _MOBILE.sub("（手机号略）", _IDENTITY.sub("（证件号略）", text))
