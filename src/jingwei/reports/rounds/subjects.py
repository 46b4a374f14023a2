"""What a report about rounds is asked for: a period and, for some kinds, one object of it.

"2026-Q1" is the whole quarter, "2026-Q1/HW-046-1" one unit in it, "2026-Q1/SITE-2" one site.
"""

import re
from datetime import datetime

from jingwei.contract.models import Contract
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic import spans
from jingwei.reports.periodic.spans import Span

_KEPT = re.compile(r"[^0-9A-Za-z]+")
_LONGEST = 60


def split(subject: str) -> tuple[str, str]:
    """The period and the object, "" for all of them."""
    period, _, scope = subject.strip().partition("/")
    return period.strip(), scope.strip().upper()


def find(kind: str, subject: str, now: datetime, *, scoped: bool = False) -> tuple[
    Contract, Span, str
]:  # fmt: skip
    """The contract, the days and the object. `kind` is that of `spans`.

    Raises ReportError: written otherwise, no such period, an object where the kind takes none.
    """
    period, scope = split(subject)
    held, span = spans.find(kind, period, now)
    if "/" in subject and not scoped:
        raise ReportError(f"这类报告不分对象，报告期“{subject[:30]}”应写成 {spans.shape(kind)}")
    if "/" in subject and not scope:
        raise ReportError(f"“{subject[:30]}”的“/”之后应写设备号或站点号，如 {period}/HW-046-1")
    return held, span, scope


def plain(text: str) -> str:
    """A ticket's number as it was given, without what no database can look for."""
    return re.sub(r"[^0-9A-Za-z-]", "", text)[:_LONGEST]


def number(code: str, subject: str) -> str:
    """The number of a report: JAWS-<class>-<period>[-<object>]-01, for any text that was given."""
    parts = (_KEPT.sub("", part)[:_LONGEST] for part in split(subject))
    return "-".join(["JAWS", code, *(part for part in parts if part), "01"])
